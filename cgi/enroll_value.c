/* Values that have a form of their own: days of the calendar, numbers of certificates. */
#include "enroll.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

bool
value_is_date(const char *text)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day, end = 0;

	if (strlen(text) != 10 || sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || end != 10)
		return false;
	if (year < 1900 || month < 1 || month > 12 || day < 1)
		return false;
	if (month == 2 && day == 29)
		return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return day <= lengths[month - 1];
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
