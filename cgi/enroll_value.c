/* Values that have a form of their own: days of the calendar, numbers of certificates. */
#include "enroll.h"

#include <string.h>
#include <utf8proc.h>

#include "clock.h"

/* The number that ${n} digits at ${text} make. */
static int
digits(const char *text, size_t n)
{
	int value = 0;

	for (size_t i = 0; i < n; i++)
		value = 10 * value + (text[i] - '0');
	return value;
}

bool
value_is_date(const char *text)
{
	static const char form[] = "dddd-dd-dd";
	struct date date;

	for (size_t i = 0; i < sizeof form; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	date = (struct date){ digits(text, 4), digits(text + 5, 2), digits(text + 8, 2) };
	return date.year >= 1900 && clock_is_day(date);
}

char *
value_certificate(struct arena *arena, const char *folded)
{
	size_t size = strlen(folded);
	char *out = arena_alloc(arena, 3 * size + 1), *end = out;
	utf8proc_int32_t sign;
	utf8proc_ssize_t n;

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < size; i += (size_t)n) {
		if ((n = utf8proc_iterate((const utf8proc_uint8_t *)folded + i, -1, &sign)) <= 0)
			break;
		if (utf8proc_category(sign) == UTF8PROC_CATEGORY_ZS)
			continue;
		if (sign == '(' || sign == ')')
			sign += 0xFF00 - 0x20; /* to the full-width form */
		else if (sign >= 0xFF10 && sign <= 0xFF19)
			sign -= 0xFF10 - '0';
		end += utf8proc_encode_char(sign, (utf8proc_uint8_t *)end);
	}
	*end = '\0';
	return out;
}

bool
value_is_code(const char *text)
{
	return strlen(text) == 2 && strspn(text, "0123456789") == 2;
}
