/* The form of a mainland mobile number has not changed since 1999; the ranges change each year, so no list of them. */
#include "phone.h"

#include <stddef.h>
#include <string.h>

const char *
phone_check(const char *folded)
{
	if (folded[0] == '\0')
		return "required";
	if (strlen(folded) != 11 || strspn(folded, "0123456789") != 11)
		return "format";
	return folded[0] == '1' && folded[1] >= '3' ? NULL : "format";
}

char *
phone_mask(struct arena *arena, const char *phone)
{
	return arena_printf(arena, "%.3s****%.4s", phone, phone + 7);
}
