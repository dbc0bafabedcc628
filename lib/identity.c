/*
 * Two layouts share the 18 characters and the check character:
 *
 *   resident, and residence permits of Hong Kong, Macao and Taiwan
 *       region (6)  birth (8)  sequence (3, odd: male)  check
 *   foreigner's permanent residence card, GA 2102-2023
 *       9  province (2)  nationality (3)  birth (8)  sequence (3, odd: male)  check
 *
 * Of the region only the province is judged: counties are merged and renumbered while their people keep their numbers.
 */
#include "identity.h"

#include <stddef.h>
#include <string.h>

#include "fold.h"

enum { NUMBER_SIZE = 18, OLDEST_YEAR = 1900 };

/* GB/T 2260: the provinces, municipalities and autonomous regions whose police give out numbers. */
static const char *const provinces[] = { "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37",
	"41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71" };

/* The permits of 2018 carry these in full. */
static const char *const permits[] = { "810000", "820000", "830000" };

static bool
is_one_of(const char *text, size_t size, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(text, list[i], size) == 0)
			return true;
	return false;
}

static bool
is_region(const char *number)
{
	const char *province = number[0] == '9' ? number + 1 : number;

	if (is_one_of(province, 2, provinces, sizeof provinces / sizeof provinces[0]))
		return true;
	return is_one_of(number, 6, permits, sizeof permits / sizeof permits[0]);
}

static int
decimal(const char *text, size_t digits)
{
	int value = 0;

	for (size_t i = 0; i < digits; i++)
		value = value * 10 + (text[i] - '0');
	return value;
}

/* Is it a day of the calendar that has come? */
static bool
is_birth(struct date d, struct date today)
{
	if (d.year < OLDEST_YEAR || !clock_is_day(d))
		return false;
	if (d.year != today.year)
		return d.year < today.year;
	return d.month != today.month ? d.month < today.month : d.day <= today.day;
}

/* ISO 7064 MOD 11-2: the weight of a place is 2 to the number of places after it. */
static char
check_character(const char *number)
{
	int rest = 0;

	for (size_t i = 0; i < NUMBER_SIZE - 1; i++)
		rest = (rest + number[i] - '0') * 2 % 11;
	return "10X98765432"[rest];
}

const char *
identity_read(const char *folded, struct date today, struct identity *out)
{
	size_t length = fold_length(folded), digits = strspn(folded, "0123456789");
	struct date birth;

	if (length == 0)
		return "required";
	if (length != NUMBER_SIZE)
		return length < NUMBER_SIZE ? "too_short" : "too_long";
	if (digits < NUMBER_SIZE - 1 || (digits == NUMBER_SIZE - 1 && strcmp(folded + digits, "X") != 0))
		return "format";
	if (!is_region(folded))
		return "region";
	birth = (struct date){ decimal(folded + 6, 4), decimal(folded + 10, 2), decimal(folded + 12, 2) };
	if (!is_birth(birth, today))
		return "birth_date";
	if (check_character(folded) != folded[NUMBER_SIZE - 1])
		return "checksum";

	memcpy(out->number, folded, NUMBER_SIZE + 1);
	out->birth = birth;
	out->is_female = (folded[16] - '0') % 2 == 0;
	return NULL;
}

bool
identity_is_adult(const struct identity *identity, struct date today)
{
	const struct date *birth = &identity->birth;
	int years = today.year - birth->year;

	/* Not yet this year? Who is born on 29 February comes of age on 1 March. */
	if (today.month < birth->month || (today.month == birth->month && today.day < birth->day))
		years--;
	return years >= 18;
}

bool
identity_is_foreign_form(const char *folded)
{
	size_t length = strlen(folded), letters = strspn(folded, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	size_t digits = strspn(folded + letters, "0123456789");

	/* 15 digits: a number of before 2004. Three letters and 12 digits: a foreigner's card of before 2023. */
	if (length == 15 && letters + digits == length)
		return letters == 0 || letters == 3;

	/* H or M and 8 or 10 digits: a travel permit of Hong Kong and Macao. One to three letters and 6 to 9: a passport. */
	return letters >= 1 && letters <= 3 && digits >= 6 && digits <= 10 && letters + digits == length;
}
