/*
 * A reader of its own rather than a replacement of quotes, which breaks on the first apostrophe. A quote ends a text only
 * where a separator that fits follows it; so a bare apostrophe in a name, as careless systems send it, stays part of it.
 */
#include "license_fields.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "hex.h"

enum { FIELDS_MAX = 200 };

struct cursor {
	const char *at;
	char *key, *value; /* room for any of them */
};

static const char *
skip_blanks(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

/* The four digits behind \u; -1 if they are none. */
static int
read_unit(const char *at)
{
	int unit = 0;

	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(at[i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* Append one code point as UTF-8. */
static char *
put_code_point(char *out, int c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xC0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3F));
	} else if (c < 0x10000) {
		*out++ = (char)(0xE0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3F));
		*out++ = (char)(0x80 | (c & 0x3F));
	} else {
		*out++ = (char)(0xF0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3F));
		*out++ = (char)(0x80 | (c >> 6 & 0x3F));
		*out++ = (char)(0x80 | (c & 0x3F));
	}
	return out;
}

/* \uXXXX, surrogate pairs included; moves ${at} behind it. NULL for what is no character. */
static char *
read_unicode(const char **at, char *out)
{
	int high = read_unit(*at + 2), low;

	if (high <= 0 || (high >= 0xDC00 && high < 0xE000))
		return NULL;
	*at += 6;
	if (high < 0xD800 || high >= 0xE000)
		return put_code_point(out, high);
	if ((*at)[0] != '\\' || (*at)[1] != 'u' || (low = read_unit(*at + 2)) < 0xDC00 || low >= 0xE000)
		return NULL;
	*at += 6;
	return put_code_point(out, 0x10000 + ((high - 0xD800) << 10 | (low - 0xDC00)));
}

/* One escape, ${at} on its backslash; moves behind it. NULL if it is none. */
static char *
read_escape(const char **at, char *out)
{
	static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
	char c = (*at)[1];
	const char *known;

	if (c == 'u')
		return read_unicode(at, out);
	if (c == '\0')
		return NULL;
	if ((known = strchr(from, c)) != NULL)
		c = to[known - from];
	*out++ = c;
	*at += 2;
	return out;
}

/* Is this quote the end of a text? Of a key if a colon follows; of a value if the object ends or another key begins. */
static bool
is_end(const char *quote, bool is_key)
{
	const char *next = skip_blanks(quote + 1);

	if (is_key)
		return *next == ':';
	if (*next == '}')
		return *skip_blanks(next + 1) == '\0';
	if (*next != ',')
		return false;
	next = skip_blanks(next + 1);
	return *next == '\'' || *next == '"' || *next == '}';
}

/* A text in either quote, into its room. Returns false if it does not end. */
static bool
read_text(struct cursor *c, bool is_key)
{
	char quote = *c->at, *out = is_key ? c->key : c->value;
	const char *at = c->at + 1;

	if (quote != '\'' && quote != '"')
		return false;
	while (*at != '\0' && !(*at == quote && is_end(at, is_key))) {
		if (*at != '\\')
			*out++ = *at++;
		else if ((out = read_escape(&at, out)) == NULL)
			return false;
	}
	if (*at == '\0')
		return false;
	c->at = at + 1;
	*out = '\0';
	return true;
}

/* A number, true, false or null (which is ""). */
static bool
read_bare(struct cursor *c)
{
	size_t length = strspn(c->at, "+-.0123456789abcdefghijklmnopqrstuvwxyzE");

	memcpy(c->value, c->at, length);
	c->value[length] = '\0';
	if (strcmp(c->value, "null") == 0)
		c->value[0] = '\0';
	c->at += length;
	return length > 0;
}

/* "key": value; false if it is none. */
static bool
read_field(struct cursor *c, struct json_object *fields)
{
	bool is_quoted;

	if (!read_text(c, true))
		return false;
	c->at = skip_blanks(c->at);
	if (*c->at++ != ':')
		return false;
	c->at = skip_blanks(c->at);
	is_quoted = *c->at == '\'' || *c->at == '"';
	if (!(is_quoted ? read_text(c, false) : read_bare(c)))
		return false;
	json_object_object_add(fields, c->key, json_object_new_string(c->value));
	c->at = skip_blanks(c->at);
	return true;
}

static bool
read_fields(struct cursor *c, struct json_object *fields)
{
	c->at = skip_blanks(c->at);
	if (*c->at++ != '{')
		return false;
	c->at = skip_blanks(c->at);
	for (int n = 0; *c->at != '}'; n++) {
		if (n == FIELDS_MAX || !read_field(c, fields))
			return false;
		if (*c->at == ',')
			c->at = skip_blanks(c->at + 1);
		else if (*c->at != '}')
			return false;
	}
	return *skip_blanks(c->at + 1) == '\0';
}

struct json_object *
license_fields_read(struct arena *arena, const char *text)
{
	size_t room = strlen(text) + 1;
	struct cursor c = { text, arena_alloc(arena, room), arena_alloc(arena, room) };
	struct json_object *fields;

	if (c.key == NULL || c.value == NULL)
		return NULL;
	fields = json_object_new_object();
	if (read_fields(&c, fields))
		return fields;
	json_object_put(fields);
	return NULL;
}
