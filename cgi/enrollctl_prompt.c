/* The question goes to standard error, so that what a command prints can be kept without it. */
#include "enrollctl_prompt.h"

#include <stdio.h>
#include <string.h>

#include "enrollctl.h"

enum { LINE_SIZE = 512 };

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
