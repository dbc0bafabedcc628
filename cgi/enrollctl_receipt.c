/*
 * enrollctl receipt: the public key for whoever wants to verify receipts, and the verifying itself. A receipt says names and
 * numbers in masks, but it is a family's: its text comes from a file, standard input or a prompt, never from the command line.
 * Neither needs the database; with --key verifying needs nothing of this machine but the program.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "conf.h"
#include "enrollctl.h"
#include "enrollctl_prompt.h"
#include "receipt.h"

enum { KEYS_MAX = 64, FILE_LIMIT = 64 * 1024, BEIJING_S = 8 * 3600 };

struct public_keys {
	uint8_t keys[KEYS_MAX][SEAL_PUBLIC_SIZE];
	size_t n;
};

/* The public halves that lie in keys_dir (receipt.N.pub), as one text of PEM blocks; NULL after saying what is wrong. */
static char *
read_key_files(struct arena *arena)
{
	const char *dir = conf_text("keys_dir");
	char *text = arena_strdup(arena, "");
	bool is_any = false;

	for (int id = 255; id > 0 && text != NULL; id--) {
		const char *path = arena_printf(arena, "%s/receipt.%d.pub", dir, id);
		FILE *file = path != NULL ? fopen(path, "r") : NULL;
		struct bytes pem;

		if (file == NULL)
			continue;
		(void)fclose(file);
		if (!operator_read_file(path, FILE_LIMIT, &pem))
			return NULL;
		text = arena_printf(arena, "%s%s", text, (const char *)pem.data);
		is_any = true;
	}
	if (!is_any) {
		operator_fail(
		    "%s 里没有回执公钥（receipt.1.pub）。生成方法见 conf/README.md；在别的机器上验证，请用 --key 指定公钥文件。",
		    dir);
		return NULL;
	}
	return text;
}

int
receipt_key_command(int argc, char **argv)
{
	const char *pem;

	(void)argv;
	if (argc != 0)
		return EXIT_USAGE;
	if ((pem = read_key_files(operator_request()->arena)) == NULL)
		return EXIT_FAULT;
	(void)fputs(pem, stdout);
	return EXIT_DONE;
}

/* All of standard input, at most ${limit} bytes of it; NULL after saying what is wrong. */
static const char *
read_input(struct arena *arena, size_t limit)
{
	char *text = arena_alloc(arena, limit + 2);
	size_t n = text != NULL ? fread(text, 1, limit + 1, stdin) : 0;

	if (n > 0 && n <= limit)
		return text;
	operator_fail("没有读到回执，或内容超过 %zu KB。", limit / 1024);
	return NULL;
}

/* The receipt's text: from a file, from standard input ("-"), or typed at a prompt. */
static const char *
read_code(const char *path)
{
	struct arena *arena = operator_request()->arena;
	struct bytes file;
	const char *typed;

	if (path == NULL) {
		if ((typed = prompt_line("请扫描或粘贴回执二维码的内容（SQHZ1: 开头），回车结束：\n")) == NULL)
			operator_fail("没有读到回执。");
		return typed;
	}
	if (strcmp(path, "-") == 0)
		return read_input(arena, FILE_LIMIT);
	return operator_read_file(path, FILE_LIMIT, &file) ? (const char *)file.data : NULL;
}

/* "2026-11-27 13:33:25" on Beijing's clock. */
static const char *
moment(struct arena *arena, int64_t seconds)
{
	const time_t shifted = (time_t)(seconds + BEIJING_S);
	struct tm t;

	if (gmtime_r(&shifted, &t) == NULL)
		return "?";
	return arena_printf(
	    arena, "%04d-%02d-%02d %02d:%02d:%02d", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

static const char *
license_words(const char *license)
{
	static const struct {
		const char *license, *words;
	} known[] = { { "household_register", "居民户口簿" }, { "real_estate", "不动产权证" },
		{ "birth_certificate", "出生医学证明" }, { "identity_credential", "居民身份电子凭证" } };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].license, license) == 0)
			return known[i].words;
	return license;
}

static void
say_person(const struct receipt_person *person)
{
	(void)printf("%s  %s（%s）：", person->is_guardian ? "家长" : "孩子", person->name, person->id_no);
	for (size_t i = 0; i < person->n_licenses; i++)
		(void)printf("%s%s", i > 0 ? "、" : "", license_words(person->licenses[i]));
	(void)putchar('\n');
}

static void
say_receipt(const struct receipt *receipt)
{
	struct arena *arena = operator_request()->arena;
	bool is_over = receipt->expires_s * 1000 <= clock_wall_ms();

	operator_say("回执属实：签名对得上，内容没有改动。");
	operator_say("编号  %s", receipt->number);
	operator_say("平台  %s", receipt->public_url);
	operator_say("以下证照，家长同意平台取用：");
	for (size_t i = 0; i < receipt->n_persons; i++)
		say_person(&receipt->persons[i]);
	operator_say("签署  %s", moment(arena, receipt->signed_s));
	operator_say("有效至  %s%s", moment(arena, receipt->expires_s), is_over ? "（现已到期）" : "");
	if (receipt->consent_version[0] != '\0')
		operator_say("同意书  版本 %s，SHA-256 %s", receipt->consent_version, receipt->consent_sha256);
	operator_say("签名密钥  receipt.%u", receipt->key_id);
	operator_say("回执证明签署时的内容。之后家长有没有撤回，请在平台上查询。");
}

int
receipt_verify_command(int argc, char **argv)
{
	struct arena *arena = operator_request()->arena;
	const char *path = argc > 0 && strncmp(argv[0], "--", 2) != 0 ? argv[0] : NULL, *code;
	struct option_text options[] = { { "key", NULL } };
	int n_words = path != NULL ? 1 : 0;
	struct public_keys known;
	struct receipt receipt;
	struct bytes pem;

	if (!operator_options(argc - n_words, argv + n_words, options, 1))
		return EXIT_USAGE;
	if (options[0].value == NULL) {
		if ((pem.data = (const uint8_t *)read_key_files(arena)) == NULL)
			return EXIT_FAULT;
		pem.size = strlen((const char *)pem.data);
	} else if (!operator_read_file(options[0].value, FILE_LIMIT, &pem)) {
		return EXIT_FAULT;
	}
	if ((known.n = receipt_keys_read(pem, known.keys, KEYS_MAX)) == 0)
		return operator_fail("公钥文件里没有 Ed25519 公钥（PEM 格式，BEGIN PUBLIC KEY）。");
	if ((code = read_code(path)) == NULL)
		return EXIT_FAULT;
	for (size_t i = 0; i < known.n; i++)
		if (receipt_verify(arena, code, known.keys[i], &receipt)) {
			say_receipt(&receipt);
			return EXIT_DONE;
		}
	return operator_fail("回执不成立：不是本平台签发的，或者内容改动过、没有扫全。请重新扫描；还是不行，请不要采信。");
}
