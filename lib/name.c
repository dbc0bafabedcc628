/*
 * Two kinds of names: Han with U+00B7 between parts, and Latin as passports and permits print it. A name is one or the
 * other; what mixes them is a slip of the keyboard.
 */
#include "name.h"

#include <string.h>
#include <utf8proc.h>

#include "fold.h"

enum { LENGTH_MAX = 50, MIDDLE_DOT = 0xB7 };

static size_t
next(const char *text, int32_t *c)
{
	utf8proc_ssize_t n = *text == '\0' ? 0 : utf8proc_iterate((const utf8proc_uint8_t *)text, -1, c);

	return n > 0 ? (size_t)n : 0;
}

/* Letters of the Latin blocks: ASCII, Latin-1, Extended-A and -B, Extended Additional. */
static bool
is_latin(int32_t c)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return true;
	if ((c >= 0xC0 && c <= 0x24F) || (c >= 0x1E00 && c <= 0x1EFF))
		return c != 0xD7 && c != 0xF7;
	return false;
}

/* Han, with single dots between them. */
static bool
is_han_name(const char *text)
{
	bool is_dot_allowed = false;
	int32_t c;

	for (size_t n; (n = next(text, &c)) > 0; text += n) {
		if (fold_is_han(c))
			is_dot_allowed = true;
		else if (c == MIDDLE_DOT && is_dot_allowed)
			is_dot_allowed = false;
		else
			return false;
	}
	/* It ended in Han. */
	return *text == '\0' && is_dot_allowed;
}

static bool
is_latin_name(const char *text)
{
	bool has_letter = false;
	int32_t c;

	for (size_t n; (n = next(text, &c)) > 0; text += n) {
		if (is_latin(c))
			has_letter = true;
		else if (c >= 0x80 || strchr(" -'.,", c) == NULL)
			return false;
	}
	return *text == '\0' && has_letter;
}

const char *
name_check(const char *folded)
{
	if (folded[0] == '\0')
		return "required";
	if (fold_length(folded) > LENGTH_MAX)
		return "too_long";
	return is_han_name(folded) || is_latin_name(folded) ? NULL : "format";
}

/* The next code point that decides, in lower case; 0 at the end. */
static int32_t
next_deciding(const char **text)
{
	int32_t c;

	for (size_t n; (n = next(*text, &c)) > 0;) {
		*text += n;
		if (c != ',' && c != 0xFF0C && utf8proc_category(c) != UTF8PROC_CATEGORY_ZS)
			return utf8proc_tolower(c);
	}
	return 0;
}

bool
name_equal(const char *a, const char *b)
{
	int32_t left, right;

	do {
		left = next_deciding(&a);
		right = next_deciding(&b);
	} while (left == right && left != 0);
	return left == right;
}

char *
name_mask(struct arena *arena, const char *folded)
{
	size_t length = fold_length(folded), size = strlen(folded), first, last = size;
	char *out = arena_alloc(arena, size + 2);
	int32_t c;

	if (out == NULL)
		return NULL;
	if (length < 2) {
		out[0] = '*';
		return out;
	}
	/* Keep the first, and the last of three or more; a star for each between. */
	first = next(folded, &c);
	memcpy(out, folded, first);
	if (length == 2) {
		out[first] = '*';
		return out;
	}
	do
		last--;
	while (((unsigned char)folded[last] & 0xC0) == 0x80);
	memset(out + first, '*', length - 2);
	memcpy(out + first + length - 2, folded + last, size - last);
	return out;
}
