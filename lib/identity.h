/*
 * Chinese identity numbers of 18 characters: GB 11643-1999 (residents), the residence permits of Hong Kong, Macao and
 * Taiwan (810000, 820000, 830000), and the foreigner's permanent-residence card of 2023 (GA 2102-2023: 9, province in
 * digits 2-3). Check character: ISO 7064 MOD 11-2.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <stdbool.h>

#include "clock.h"

struct identity {
	char number[19]; /* folded, upper-case X */
	struct date birth;
	bool is_female;
};

/**
 * identity_read(folded, today, out):
 * Judge ${folded} (see fold_number) on the Beijing date ${today} and fill ${out}. Returns NULL if it is right, otherwise
 * the field error code of the first fault: required, too_short, too_long, format, region, birth_date, checksum.
 */
const char *identity_read(const char *folded, struct date today, struct identity *out);

/**
 * identity_is_adult(identity, today):
 * Is the holder 18 years old or more on ${today}?
 */
bool identity_is_adult(const struct identity *identity, struct date today);

/**
 * identity_is_foreign_form(folded):
 * Does ${folded} look like another document's number (15 digits, H/M + digits, a passport)? Decides the words, not the code.
 */
bool identity_is_foreign_form(const char *folded);

#endif
