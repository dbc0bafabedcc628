/*
 * enrollctl content publish: what parents read, written in Markdown, as sanitized HTML (libcmark without its "unsafe": raw HTML
 * and dangerous links are left out). The first line is "# Title {#slug}"; without {#slug} the file's name is the slug.
 */
#include "enrollctl.h"

#include <cmark.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 1 << 20, SLUG_LIMIT = 64 };

struct content_in {
	const char *kind, *slug, *title, *source, *html;
};

struct content_out {
	const char *code;
	const char *version;
	bool is_new;
};

static const struct db_field content_in_fields[] = {
	{ DB_TEXT, offsetof(struct content_in, kind) },
	{ DB_TEXT, offsetof(struct content_in, slug) },
	{ DB_TEXT, offsetof(struct content_in, title) },
	{ DB_TEXT, offsetof(struct content_in, source) },
	{ DB_TEXT, offsetof(struct content_in, html) },
};

static const struct db_field content_out_fields[] = {
	{ DB_TEXT, offsetof(struct content_out, version) },
	{ DB_BOOL, offsetof(struct content_out, is_new) },
};

const struct door content_publish_door = {
	.name = "operator_content_publish",
	.sql = "select * from enroll.operator_content_publish($1,$2,$3,$4,$5)",
	.in = content_in_fields,
	.n_in = sizeof content_in_fields / sizeof *content_in_fields,
	.out = content_out_fields,
	.n_out = sizeof content_out_fields / sizeof *content_out_fields,
	.code_offset = offsetof(struct content_out, code),
};

static bool
is_slug(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n > 0 && n <= SLUG_LIMIT && text[n] == '\0' && text[0] != '-';
}

/* "conf/sample/handbook.md" → "handbook". */
static char *
file_stem(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	return arena_strndup(arena, name, strcspn(name, "."));
}

/* Take title and slug out of the first line; what follows is the text. Returns NULL if there is no heading. */
static const char *
take_heading(struct arena *arena, const char *path, const char *text, struct content_in *in)
{
	size_t n = strcspn(text, "\n");
	char *line = arena_strndup(arena, text, n);
	char *mark;

	if (line == NULL || strncmp(line, "# ", 2) != 0)
		return NULL;
	line += 2;
	line[strcspn(line, "\r")] = '\0';
	in->slug = file_stem(arena, path);
	if ((mark = strstr(line, "{#")) != NULL && mark[strlen(mark) - 1] == '}') {
		in->slug = arena_strndup(arena, mark + 2, strlen(mark) - 3);
		*mark = '\0';
	}
	for (size_t end = strlen(line); end > 0 && line[end - 1] == ' '; end--)
		line[end - 1] = '\0';
	in->title = line;
	return line[0] != '\0' ? text + n : NULL;
}

/* Markdown to HTML, into the command's arena. */
static const char *
render(struct arena *arena, const char *markdown)
{
	char *html = cmark_markdown_to_html(markdown, strlen(markdown), CMARK_OPT_VALIDATE_UTF8);
	char *kept = html != NULL ? arena_strdup(arena, html) : NULL;

	free(html);
	return kept;
}

static int
publish(const char *kind, const char *path)
{
	struct arena *arena = operator_request()->arena;
	struct content_in in = { .kind = kind };
	struct content_out out = { 0 };
	struct bytes file;
	const char *text;
	enum status st;

	if (!operator_read_file(path, FILE_LIMIT, &file) || !operator_is_utf8(path, file))
		return EXIT_FAULT;
	in.source = (const char *)file.data;
	if (strncmp(in.source, "\xef\xbb\xbf", 3) == 0)
		in.source += 3;
	if ((text = take_heading(arena, path, in.source, &in)) == NULL)
		return operator_fail("%s 的第一行应为标题：# 标题 {#网址名称}", path);
	if (in.slug == NULL || !is_slug(in.slug))
		return operator_fail("%s 的网址名称只能用小写字母、数字和 -，最多 %d 个字符。", path, SLUG_LIMIT);
	if ((in.html = render(arena, text)) == NULL)
		return operator_fail("内存不足。");
	if ((st = db_call(operator_request(), &content_publish_door, &in, &out)) != STATUS_OK)
		return operator_unreachable(st);
	operator_say(
	    out.is_new ? "已发布 %s/%s《%s》，版本 %s" : "没有变化 %s/%s《%s》，版本 %s", kind, in.slug, in.title, out.version);
	return EXIT_DONE;
}

int
content_publish_command(int argc, char **argv)
{
	int rc = EXIT_DONE;

	if (argc < 2 || (strcmp(argv[0], "guide") != 0 && strcmp(argv[0], "policy") != 0 && strcmp(argv[0], "consent") != 0))
		return EXIT_USAGE;
	for (int i = 1; i < argc && rc == EXIT_DONE; i++)
		rc = publish(argv[0], argv[i]);
	return rc;
}
