/*
 * A reader of its own rather than a replacement of quotes, which breaks on the first apostrophe. What makes bare quotes safe
 * is that keys are plain words: a quote ends a value only where the object ends or "'KEY':" comes next, and a value in which
 * quotes stand beside the structure's own signs has lost its end, so that nothing of it is believed.
 */
#include "license_fields.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "hex.h"

enum { FIELDS_MAX = 200, DEPTH_MAX = 8, KEY_MAX = 64, VALUE_MAX = 1000 };

/* Where a text stands decides what may follow it. */
enum place { IN_OBJECT, IN_LIST };

struct cursor {
	const char *at;
	char key[KEY_MAX + 1], *value; /* room for any of them */
	struct json_object *seen;      /* the keys that came */
	unsigned depth;
};

/* A sign of the structure at ${at}, its full-width twin included: its length, 0 if it is not there. */
static size_t
sign_length(const char *at, char sign)
{
	uint32_t wide = 0xFF00U + (uint32_t)(unsigned char)sign - 0x20U;
	const char twin[] = { (char)(0xE0 | wide >> 12), (char)(0x80 | (wide >> 6 & 0x3F)), (char)(0x80 | (wide & 0x3F)), '\0' };

	if (*at == sign)
		return 1;
	return strncmp(at, twin, 3) == 0 ? 3 : 0;
}

/* Blanks, those of East Asia and a byte order mark included. */
static const char *
skip_blanks(const char *at)
{
	static const char *const blanks[] = { " ", "\t", "\r", "\n", "\xC2\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF" };

	for (size_t i = 0; i < sizeof blanks / sizeof *blanks;) {
		size_t length = strlen(blanks[i]);

		if (strncmp(at, blanks[i], length) == 0) {
			at += length;
			i = 0;
		} else {
			i++;
		}
	}
	return at;
}

/* Move behind ${sign} and the blanks around it. Returns false if it is not there. */
static bool
take(struct cursor *c, char sign)
{
	size_t length;

	c->at = skip_blanks(c->at);
	length = sign_length(c->at, sign);
	c->at = skip_blanks(c->at + length);
	return length > 0;
}

static bool
is_quote(char c)
{
	return c == '\'' || c == '"';
}

/* The length of the plain word at ${at}: letters, digits, _ and whatever is beyond ASCII. */
static size_t
word_length(const char *at)
{
	size_t n = 0;

	while ((unsigned char)at[n] >= 0x80 || (at[n] >= '0' && at[n] <= '9') || (at[n] >= 'A' && at[n] <= 'Z') ||
	       (at[n] >= 'a' && at[n] <= 'z') || at[n] == '_')
		n++;
	return n <= KEY_MAX ? n : 0;
}

/* Does a quoted key with its colon stand at ${at}? */
static bool
is_key(const char *at)
{
	size_t length = is_quote(*at) ? word_length(at + 1) : 0;

	return length > 0 && at[length + 1] == *at && sign_length(skip_blanks(at + length + 2), ':') > 0;
}

/* May an object or list that closes right before ${at} do so there, at ${depth}? */
static bool
is_closed(const char *at, unsigned depth)
{
	at = skip_blanks(at);
	return depth <= 1 ? *at == '\0' : sign_length(at, ',') + sign_length(at, '}') + sign_length(at, ']') > 0;
}

/* Is the quote at ${at} the end of its text? */
static bool
is_end(const char *at, enum place place, unsigned depth)
{
	const char *next = skip_blanks(at + 1);
	size_t length;

	if ((length = sign_length(next, place == IN_OBJECT ? '}' : ']')) > 0)
		return is_closed(next + length, depth);
	if ((length = sign_length(next, ',')) == 0)
		return false;
	next = skip_blanks(next + length);
	if (sign_length(next, place == IN_OBJECT ? '}' : ']') > 0)
		return true;
	return place == IN_LIST ? !is_key(next) : is_key(next);
}

/* Four (or two) hexadecimal digits; -1 if they are none. */
static int
read_unit(const char *at, int n)
{
	int unit = 0;

	for (int i = 0; i < n; i++) {
		int digit = hex_digit(at[i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* Append one code point as UTF-8. NULL for what is no character of a text. */
static char *
put_code_point(char *out, int c)
{
	utf8proc_ssize_t n;

	if (c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0xD800 && c < 0xE000) || !utf8proc_codepoint_valid(c))
		return NULL;
	n = utf8proc_encode_char(c, (utf8proc_uint8_t *)out);
	return n > 0 ? out + n : NULL;
}

/* \uXXXX, surrogate pairs included; moves ${at} behind it. NULL for what is no character. */
static char *
read_unicode(const char **at, char *out)
{
	int high = read_unit(*at + 2, 4), low;

	if (high < 0)
		return NULL;
	*at += 6;
	if (high < 0xD800 || high >= 0xDC00)
		return put_code_point(out, high);
	if ((*at)[0] != '\\' || (*at)[1] != 'u' || (low = read_unit(*at + 2, 4)) < 0xDC00 || low >= 0xE000)
		return NULL;
	*at += 6;
	return put_code_point(out, 0x10000 + ((high - 0xD800) << 10 | (low - 0xDC00)));
}

/* One escape, ${at} on its backslash; moves behind it. NULL if it is none. What breaks a line becomes a blank. */
static char *
read_escape(const char **at, char *out)
{
	char c = (*at)[1];

	if (c == 'u')
		return read_unicode(at, out);
	if (c == 'x') {
		int byte = read_unit(*at + 2, 2);

		*at += byte < 0 ? 0 : 4;
		return byte < 0 ? NULL : put_code_point(out, byte);
	}
	if (c != '\0' && strchr("nrt", c) != NULL)
		c = ' ';
	else if (c == '\0' || strchr("\\/'\"", c) == NULL)
		return NULL;
	*out++ = c;
	*at += 2;
	return out;
}

/* One of HTML's five entities, or a number's; moves ${at} behind it. NULL if it is none. */
static char *
read_entity(const char **at, char *out)
{
	static const struct {
		const char *name;
		char sign;
	} known[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' },
		{ "&#39;", '\'' }, { "&#x27;", '\'' }, { "&#34;", '"' } };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strncmp(*at, known[i].name, strlen(known[i].name)) == 0) {
			*at += strlen(known[i].name);
			*out++ = known[i].sign;
			return out;
		}
	return NULL;
}

/* One character of a text as it stands; moves ${at} behind it. NULL if it is none. */
static char *
read_plain(const char **at, char *out)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)*at, -1, &c);

	if (n <= 0)
		return NULL;
	*at += n;
	return put_code_point(out, strchr("\r\n\t", c) != NULL && c < 0x20 ? ' ' : c);
}

/* A key within a value, the end of one and its colon, or a comma between two texts: the value's own end has been lost. */
static bool
is_lost(const char *quote)
{
	const char *next = skip_blanks(quote + 1);
	size_t comma = sign_length(next, ',');

	return is_key(quote) || sign_length(next, ':') > 0 || (comma > 0 && is_quote(*skip_blanks(next + comma)));
}

/* The next sign of a value. NULL if the text is damaged here. */
static char *
read_sign(const char **at, char quote, enum place place, unsigned depth, char *out)
{
	char *read;

	if (**at == '\\')
		return (*at)[1] == quote && is_lost(*at + 1) ? NULL : read_escape(at, out);
	if (**at == '&' && (read = read_entity(at, out)) != NULL)
		return read;
	if (**at == quote) {
		const char *next = skip_blanks(*at + 1);
		bool is_doubled = (*at)[1] == quote && !is_end(*at + 1, place, depth);

		/* One quote too many right before the end: which is the end? */
		if (*next == quote && is_end(next, place, depth))
			return NULL;
		if (is_lost(*at) || (is_doubled && is_lost(*at + 1)))
			return NULL;
		*at += is_doubled;
	}
	return read_plain(at, out);
}

/* A key and its colon, into the room for it. */
static bool
read_key(struct cursor *c)
{
	size_t length;

	if (!is_key(c->at))
		return false;
	length = word_length(c->at + 1);
	memcpy(c->key, c->at + 1, length);
	c->key[length] = '\0';
	c->at += length + 2;
	return take(c, ':');
}

/* A text in either quote, into the room for it. Returns false if it does not end, or not where it should. */
static bool
read_text(struct cursor *c, enum place place)
{
	char quote = *c->at, *out = c->value;
	const char *at = c->at + 1;

	while (*at != '\0' && !(*at == quote && is_end(at, place, c->depth)))
		if ((out = read_sign(&at, quote, place, c->depth, out)) == NULL)
			return false;
	*out = '\0';
	c->at = at + 1;
	return *at == quote;
}

/* Is ${text} a number as JSON writes it? */
static bool
is_number(const char *text)
{
	size_t n;

	text += *text == '-';
	n = strspn(text, "0123456789");
	if (n == 0 || (n > 1 && *text == '0'))
		return false;
	text += n;
	if (*text == '.') {
		if ((n = strspn(++text, "0123456789")) == 0)
			return false;
		text += n;
	}
	if (*text == 'e' || *text == 'E') {
		text += 1 + (text[1] == '+' || text[1] == '-');
		if ((n = strspn(text, "0123456789")) == 0)
			return false;
		text += n;
	}
	return *text == '\0';
}

/* A number, true, false or null (which is ""), as JSON and Python write them. */
static bool
read_bare(struct cursor *c)
{
	static const char *const words[] = { "true", "false", "True", "False" };
	size_t length = strspn(c->at, "+-.0123456789abcdefghijklmnopqrstuvwxyzEFNT");
	bool is_known;

	memcpy(c->value, c->at, length);
	c->value[length] = '\0';
	c->at += length;
	is_known = is_number(c->value);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		is_known = is_known || strcmp(c->value, words[i]) == 0;
	if (strcmp(c->value, "null") != 0 && strcmp(c->value, "None") != 0)
		return is_known;
	c->value[0] = '\0';
	return true;
}

static bool read_object(struct cursor *c, struct json_object *fields);

static bool read_list(struct cursor *c);

/* A value; ${is_text} says whether it is one to be passed on. */
static bool
read_value(struct cursor *c, enum place place, bool *is_text)
{
	*is_text = false;
	if (sign_length(c->at, '{') > 0)
		return read_object(c, NULL);
	if (sign_length(c->at, '[') > 0)
		return read_list(c);
	*is_text = true;
	return is_quote(*c->at) ? read_text(c, place) : read_bare(c);
}

/* A list, which is passed over. */
static bool
read_list(struct cursor *c)
{
	bool is_text;

	if (c->depth == DEPTH_MAX || !take(c, '['))
		return false;
	c->depth++;
	while (sign_length(c->at, ']') == 0) {
		if (!read_value(c, IN_LIST, &is_text))
			return false;
		if (!take(c, ',') && sign_length(c->at, ']') == 0)
			return false;
	}
	c->depth--;
	return take(c, ']');
}

/* "key": value. With ${fields} NULL it is passed over. */
static bool
read_field(struct cursor *c, struct json_object *fields)
{
	char key[KEY_MAX + 1];
	bool is_text;

	if (!read_key(c))
		return false;
	/* The room is used anew by an object inside. */
	memcpy(key, c->key, sizeof key);
	if (fields != NULL && json_object_object_get_ex(c->seen, key, NULL))
		return false;
	if (!read_value(c, IN_OBJECT, &is_text))
		return false;
	if (fields == NULL)
		return true;
	json_object_object_add(c->seen, key, NULL);
	if (is_text && strlen(c->value) <= VALUE_MAX)
		json_object_object_add(fields, key, json_object_new_string(c->value));
	return true;
}

static bool
read_object(struct cursor *c, struct json_object *fields)
{
	if (c->depth == DEPTH_MAX || !take(c, '{'))
		return false;
	c->depth++;
	for (int n = 0; sign_length(c->at, '}') == 0; n++) {
		if (n == FIELDS_MAX || !read_field(c, fields))
			return false;
		if (!take(c, ',') && sign_length(c->at, '}') == 0)
			return false;
	}
	c->depth--;
	return take(c, '}');
}

/* The text with its entities read, where even the quotes are written so; else as it is. NULL if memory ends. */
static const char *
without_entities(struct arena *arena, const char *text)
{
	const char *at = skip_blanks(text);
	char *read, *out, *next;

	at = skip_blanks(at + sign_length(at, '{'));
	if (*at != '&')
		return text;
	out = read = arena_alloc(arena, strlen(text) + 1);
	for (at = text; read != NULL && *at != '\0';) {
		if (*at == '&' && (next = read_entity(&at, out)) != NULL)
			out = next;
		else
			*out++ = *at++;
	}
	return read;
}

struct json_object *
license_fields_read(struct arena *arena, const char *text)
{
	struct cursor c = { .at = without_entities(arena, text), .value = arena_alloc(arena, strlen(text) + 1) };
	struct json_object *fields;
	bool is_read;

	if (c.at == NULL || c.value == NULL)
		return NULL;
	c.at = skip_blanks(c.at);
	c.seen = json_object_new_object();
	fields = json_object_new_object();
	is_read = read_object(&c, fields) && *c.at == '\0';
	json_object_put(c.seen);
	if (is_read)
		return fields;
	json_object_put(fields);
	return NULL;
}
