/*
 * Folding works on code points. What nobody sees goes first, so that it can hide nothing from the rest (a variation selector
 * between a letter and its accent would keep NFC from joining them); blanks at the ends next; NFC last, which by its
 * definition also turns compatibility ideographs into the unified ones.
 */
#include "fold.h"

#include <string.h>
#include <utf8proc.h>

enum { CODE_ROMAN_TEN = 0x2169, CODE_SMALL_ROMAN_TEN = 0x2179, CODE_MINUS = 0x2212, CODE_MIDDLE_DOT = 0xB7 };

/* Format characters, and what Unicode calls default ignorable: variation selectors, joiners, fillers, tags. */
static bool
is_invisible(int32_t c)
{
	const utf8proc_property_t *property = utf8proc_get_property(c);

	return property->category == UTF8PROC_CATEGORY_CF || property->ignorable;
}

static bool
is_blank(int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP ||
	       (c >= '\t' && c <= '\r') || c == 0x85;
}

static bool
is_dash(int32_t c)
{
	return utf8proc_category(c) == UTF8PROC_CATEGORY_PD || c == CODE_MINUS;
}

/* Read one code point at ${text} of ${size} bytes; returns the bytes taken, 0 if they are no UTF-8. */
static size_t
next(const char *text, size_t size, int32_t *c)
{
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)size, c);

	return n > 0 ? (size_t)n : 0;
}

/* Copy ${text} without what is invisible and without blanks at the ends; NULL if it is no UTF-8 or memory ends. */
static char *
without_marks(struct arena *arena, const char *text, size_t size)
{
	char *out = arena_alloc(arena, size + 1);
	size_t used = 0, end = 0, n;
	int32_t c;

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < size; i += n) {
		if ((n = next(text + i, size - i, &c)) == 0)
			return NULL;
		if (is_invisible(c) || (used == 0 && is_blank(c)))
			continue;
		memcpy(out + used, text + i, n);
		used += n;
		if (!is_blank(c))
			end = used;
	}
	out[end] = '\0';
	return out;
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

static char *
compose(struct arena *arena, const char *text)
{
	/* Flags in an enum, as utf8proc wants them. NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange) */
	const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	const utf8proc_uint8_t *in = (const utf8proc_uint8_t *)text;
	utf8proc_ssize_t size = (utf8proc_ssize_t)strlen(text), n;
	utf8proc_int32_t *buffer;

	/* Ask how much room it takes; reencode writes its UTF-8 over the code points, and a NUL. */
	if ((n = utf8proc_decompose(in, size, NULL, 0, options)) < 0)
		return NULL;
	if ((buffer = arena_alloc(arena, ((size_t)n + 1) * sizeof *buffer)) == NULL)
		return NULL;
	if (utf8proc_decompose(in, size, buffer, n, options) != n || utf8proc_reencode(buffer, n, options) < 0)
		return NULL;
	return (char *)buffer;
}

char *
fold_text(struct arena *arena, const char *text)
{
	char *out = without_marks(arena, text, strlen(text));

	return out == NULL || is_ascii(out) ? out : compose(arena, out);
}

/* What a sign of a number is in ASCII; itself if it is nothing we know. */
static int32_t
to_ascii(int32_t c)
{
	if (c >= 0xFF01 && c <= 0xFF5E)
		c -= 0xFF01 - '!';
	if (c == CODE_ROMAN_TEN || c == CODE_SMALL_ROMAN_TEN)
		return 'X';
	return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

char *
fold_number(struct arena *arena, const char *text)
{
	char *out = fold_text(arena, text);
	size_t size, used = 0, n;
	int32_t c;

	if (out == NULL)
		return NULL;
	size = strlen(out);
	for (size_t i = 0; i < size; i += n) {
		if ((n = next(out + i, size - i, &c)) == 0)
			return NULL;
		if (is_blank(c) || is_dash(c))
			continue;
		/* What is written is never longer than what was read. */
		used += (size_t)utf8proc_encode_char(to_ascii(c), (utf8proc_uint8_t *)out + used);
	}
	out[used] = '\0';
	if (strncmp(out, "+86", 3) == 0)
		return out + 3;
	return strncmp(out, "0086", 4) == 0 ? out + 4 : out;
}

bool
fold_is_han(int32_t c)
{
	/* U+3007 is the zero of names and dates. Planes 2 and 3 are set aside for Han: extensions yet to come lie there. */
	return c == 0x3007 || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
	       (c >= 0x20000 && c <= 0x2FFFD) || (c >= 0x30000 && c <= 0x3FFFD);
}

/* The dots that keyboards give for U+00B7. */
static bool
is_dot(int32_t c)
{
	return c == CODE_MIDDLE_DOT || c == 0x2022 || c == 0x2027 || c == 0x30FB || c == 0xFF65 || c == 0xFF0E || c == '.';
}

static bool
is_apostrophe(int32_t c)
{
	return c == 0x2019 || c == 0x02BC || c == 0xFF07;
}

char *
fold_name(struct arena *arena, const char *text)
{
	char *in = fold_text(arena, text), *out;
	size_t size, used = 0, n;
	int32_t previous = 0, c, following;

	if (in == NULL)
		return NULL;
	/* An ASCII dot takes two bytes afterwards. */
	size = strlen(in);
	if ((out = arena_alloc(arena, 2 * size + 1)) == NULL)
		return NULL;
	for (size_t i = 0; i < size; i += n) {
		if ((n = next(in + i, size - i, &c)) == 0)
			return NULL;
		if (is_dot(c) && fold_is_han(previous) && next(in + i + n, size - i - n, &following) > 0 &&
		    fold_is_han(following))
			c = CODE_MIDDLE_DOT;
		else if (is_apostrophe(c))
			c = '\'';
		used += (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)out + used);
		previous = c;
	}
	return out;
}

size_t
fold_length(const char *text)
{
	size_t length = 0;

	for (; *text != '\0'; text++)
		length += ((unsigned char)*text & 0xC0) != 0x80;
	return length;
}
