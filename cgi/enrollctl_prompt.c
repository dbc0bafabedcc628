/* The question goes to standard error, so that what a command prints can be kept without it. */
#include "enrollctl_prompt.h"

#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "enrollctl.h"
#include "fold.h"
#include "keys.h"
#include "phone.h"
#include "seal.h"

/* A scanned receipt is the longest line of all. */
enum { LINE_SIZE = 4200, ID_NO_LENGTH = 18 };

char *
prompt_line(const char *question)
{
	char line[LINE_SIZE];
	size_t length;

	(void)fputs(question, stderr);
	(void)fflush(stderr);
	if (fgets(line, sizeof line, stdin) == NULL)
		return NULL;
	length = strcspn(line, "\r\n");
	if (line[length] == '\0' && length == sizeof line - 1)
		return NULL;
	line[length] = '\0';
	return arena_strdup(operator_request()->arena, line);
}

bool
prompt_is_sure(const char *question)
{
	const char *answer = prompt_line(question);

	return answer != NULL && strcmp(answer, "是") == 0;
}

bool
prompt_person(const char *question, bool is_phone_good, struct prompt_person *out)
{
	struct arena *arena = operator_request()->arena;
	const char *typed = prompt_line(question), *number = typed != NULL ? fold_number(arena, typed) : NULL;
	uint8_t *index = arena_alloc(arena, SEAL_INDEX_SIZE);
	bool is_id_no = number != NULL && strlen(number) == ID_NO_LENGTH;

	if (number == NULL || index == NULL || (!is_id_no && (!is_phone_good || phone_check(number) != NULL))) {
		operator_fail(is_phone_good ? "应为 11 位手机号或 18 位身份证件号码。" : "应为 18 位身份证件号码。");
		return false;
	}
	if (!seal_open_keys(conf_text("keys_dir"), keys_of("enrollctl")) ||
	    !seal_index(is_id_no ? "id_no" : "phone", number, index)) {
		operator_fail("打不开密钥。请用 root 或运行本系统的用户执行，或检查配置项 keys_dir。");
		return false;
	}
	*(is_id_no ? &out->id_no_index : &out->phone_index) = (struct bytes){ index, SEAL_INDEX_SIZE };
	return true;
}
