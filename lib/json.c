/*
 * json-c takes more than JSON: duplicate keys, NaN, raw control characters, lone surrogates, trailing bytes. So a scanner of
 * our own walks the text first, with its own small stack instead of recursion, and what it passes goes to json-c.
 *
 * Keys are gathered while scanning and sorted at the end: neighbours that are equal are duplicates. Sorting has no bad
 * case that a hostile body could aim at, unlike a hash table.
 */
#include "json.h"

#include <json-c/json.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "hex.h"

enum { DEPTH_MAX = 32 };

struct key {
	size_t object; /* which of the text's objects it stands in */
	size_t start, size;
};

struct scanner {
	const uint8_t *at, *end;
	char *copy; /* the text again, for json-c, where \u0000 in a key is made harmless */
	const uint8_t *text;

	/* The open arrays and objects; for an object its number, for an array 0. */
	size_t stack[DEPTH_MAX];
	size_t depth, n_objects;

	uint8_t *unescaped; /* all keys, one after the other: never more bytes than the text */
	size_t unescaped_size;
	struct key *keys;
	size_t n_keys, keys_room;
};

static bool
take(struct scanner *s, uint8_t wanted)
{
	if (s->at == s->end || *s->at != wanted)
		return false;
	s->at++;
	return true;
}

static void
skip_blanks(struct scanner *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
		s->at++;
}

static bool
take_word(struct scanner *s, const char *word)
{
	size_t size = strlen(word);

	if ((size_t)(s->end - s->at) < size || memcmp(s->at, word, size) != 0)
		return false;
	s->at += size;
	return true;
}

static bool
take_digits(struct scanner *s)
{
	const uint8_t *start = s->at;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return s->at > start;
}

static bool
take_number(struct scanner *s)
{
	(void)take(s, '-');
	if (!take(s, '0') && !take_digits(s))
		return false;
	if (take(s, '.') && !take_digits(s))
		return false;
	if (take(s, 'e') || take(s, 'E')) {
		if (!take(s, '+'))
			(void)take(s, '-');
		return take_digits(s);
	}
	return true;
}

/* Keep one byte of a key; strings that are no keys are only looked at. */
static void
keep(struct scanner *s, bool is_key, uint32_t byte)
{
	if (is_key)
		s->unescaped[s->unescaped_size++] = (uint8_t)byte;
}

static void
keep_code_point(struct scanner *s, bool is_key, uint32_t c)
{
	if (is_key)
		s->unescaped_size += (size_t)utf8proc_encode_char((int32_t)c, s->unescaped + s->unescaped_size);
}

static bool
take_hex4(struct scanner *s, uint32_t *out)
{
	*out = 0;
	if (s->end - s->at < 4)
		return false;
	for (int i = 0; i < 4; i++, s->at++) {
		int digit = hex_digit((char)*s->at);

		if (digit < 0)
			return false;
		*out = *out << 4 | (uint32_t)digit;
	}
	return true;
}

/* After \u: four digits, and for a leading surrogate its other half. */
static bool
take_unicode(struct scanner *s, bool is_key)
{
	uint32_t c, low;

	if (!take_hex4(s, &c) || (c >= 0xDC00 && c <= 0xDFFF))
		return false;
	if (c >= 0xD800 && c <= 0xDBFF) {
		if (!take(s, '\\') || !take(s, 'u') || !take_hex4(s, &low) || low < 0xDC00 || low > 0xDFFF)
			return false;
		c = 0x10000 + ((c - 0xD800) << 10 | (low - 0xDC00));
	}
	/* json-c ends a key at a NUL, which would turn "phone\u0000" into "phone": give it U+FFFD instead. */
	if (c == 0 && is_key && s->copy != NULL)
		memcpy(s->copy + (s->at - 4 - s->text), "fffd", 4);
	keep_code_point(s, is_key, c);
	return true;
}

static bool
take_escape(struct scanner *s, bool is_key)
{
	static const char escapes[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (s->at == s->end)
		return false;
	if (take(s, 'u'))
		return take_unicode(s, is_key);
	if (*s->at == '\0' || (found = strchr(escapes, *s->at)) == NULL)
		return false;
	s->at++;
	keep(s, is_key, (uint8_t)values[found - escapes]);
	return true;
}

/* One UTF-8 character beyond ASCII by RFC 3629: nothing overlong, no surrogates, nothing beyond U+10FFFF. */
static bool
take_utf8(struct scanner *s, bool is_key)
{
	uint8_t first = *s->at, low = 0x80, high = 0xBF;
	size_t more;

	if (first >= 0xC2 && first <= 0xDF)
		more = 1;
	else if (first >= 0xE0 && first <= 0xEF)
		more = 2;
	else if (first >= 0xF0 && first <= 0xF4)
		more = 3;
	else
		return false;
	if (first == 0xE0)
		low = 0xA0;
	else if (first == 0xED)
		high = 0x9F;
	else if (first == 0xF0)
		low = 0x90;
	else if (first == 0xF4)
		high = 0x8F;

	if ((size_t)(s->end - s->at) <= more)
		return false;
	keep(s, is_key, *s->at++);
	for (; more > 0; more--) {
		if (*s->at < low || *s->at > high)
			return false;
		keep(s, is_key, *s->at++);
		low = 0x80;
		high = 0xBF;
	}
	return true;
}

static bool
take_string(struct scanner *s, bool is_key)
{
	if (!take(s, '"'))
		return false;
	while (s->at < s->end) {
		uint8_t c = *s->at;

		if (c == '"') {
			s->at++;
			return true;
		}
		if (c < 0x20)
			return false;
		if (c == '\\') {
			s->at++;
			if (!take_escape(s, is_key))
				return false;
		} else if (c >= 0x80) {
			if (!take_utf8(s, is_key))
				return false;
		} else {
			keep(s, is_key, c);
			s->at++;
		}
	}
	return false;
}

/* A key of the innermost object, and its colon. */
static bool
take_key(struct scanner *s)
{
	size_t start = s->unescaped_size;

	if (s->n_keys == s->keys_room) {
		size_t room = s->keys_room == 0 ? 16 : 2 * s->keys_room;
		struct key *keys = realloc(s->keys, room * sizeof *keys);

		if (keys == NULL)
			return false;
		s->keys = keys;
		s->keys_room = room;
	}
	skip_blanks(s);
	if (!take_string(s, true))
		return false;
	s->keys[s->n_keys++] = (struct key){ s->stack[s->depth - 1], start, s->unescaped_size - start };
	skip_blanks(s);
	return take(s, ':');
}

/* Begin a value: a scalar is taken whole, an array or object is opened (is_open) up to its first member or its end. */
static bool
take_value(struct scanner *s, bool *is_open)
{
	bool is_object;

	*is_open = false;
	skip_blanks(s);
	if (s->at == s->end)
		return false;
	switch (*s->at) {
	case '"':
		return take_string(s, false);
	case 't':
		return take_word(s, "true");
	case 'f':
		return take_word(s, "false");
	case 'n':
		return take_word(s, "null");
	case '{':
	case '[':
		if (s->depth == DEPTH_MAX)
			return false;
		is_object = *s->at++ == '{';
		skip_blanks(s);
		if (take(s, is_object ? '}' : ']'))
			return true;
		s->stack[s->depth++] = is_object ? ++s->n_objects : 0;
		*is_open = true;
		return !is_object || take_key(s);
	default:
		return take_number(s);
	}
}

/* After a value: close what ends here; stop before the next value, or with nothing open. */
static bool
take_ends(struct scanner *s)
{
	while (s->depth > 0) {
		bool is_object = s->stack[s->depth - 1] != 0;

		skip_blanks(s);
		if (take(s, ','))
			return !is_object || take_key(s);
		if (!take(s, is_object ? '}' : ']'))
			return false;
		s->depth--;
	}
	return true;
}

static bool
scan(struct scanner *s)
{
	bool is_open;

	do {
		if (!take_value(s, &is_open))
			return false;
		if (!is_open && !take_ends(s))
			return false;
	} while (s->depth > 0);
	skip_blanks(s);
	return s->at == s->end;
}

static int
compare_keys(const void *left, const void *right, void *unescaped)
{
	const struct key *a = left, *b = right;
	const uint8_t *bytes = unescaped;

	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	return a->size == 0 ? 0 : memcmp(bytes + a->start, bytes + b->start, a->size);
}

static bool
has_duplicate_key(struct scanner *s)
{
	if (s->n_keys < 2)
		return false;
	qsort_r(s->keys, s->n_keys, sizeof *s->keys, compare_keys, s->unescaped);
	for (size_t i = 1; i < s->n_keys; i++)
		if (compare_keys(&s->keys[i - 1], &s->keys[i], s->unescaped) == 0)
			return true;
	return false;
}

/* Judge ${text}; ${copy} is NULL, or the text again, to be made fit for json-c. */
static bool
judge(struct bytes text, char *copy)
{
	struct scanner s = { .at = text.data, .text = text.data, .copy = copy };
	bool is_good;

	if (text.size == 0 || (s.unescaped = malloc(text.size)) == NULL)
		return false;
	s.end = text.data + text.size;
	is_good = scan(&s) && !has_duplicate_key(&s);
	OPENSSL_cleanse(s.unescaped, s.unescaped_size);
	free(s.unescaped);
	free(s.keys);
	return is_good;
}

bool
json_is_strict(struct bytes text)
{
	return judge(text, NULL);
}

struct json_object *
json_read(struct bytes text)
{
	struct json_object *value = NULL;
	struct json_tokener *tokener;
	char *copy;

	if (text.size == 0 || text.size > INT32_MAX || (copy = malloc(text.size + 1)) == NULL)
		goto err0;
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	if (!judge(text, copy))
		goto err1;
	if ((tokener = json_tokener_new_ex(DEPTH_MAX + 1)) == NULL)
		goto err1;

	/* With the NUL, so that a number at the end is known to be whole. */
	value = json_tokener_parse_ex(tokener, copy, (int)text.size + 1);
	json_tokener_free(tokener);

err1:
	/* Bodies hold passwords. */
	OPENSSL_cleanse(copy, text.size);
	free(copy);
err0:
	return value;
}
