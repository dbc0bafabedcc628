/* Mainland mobile numbers: 1[3-9] and nine digits, no list of ranges. */
#ifndef PHONE_H
#define PHONE_H

#include "arena.h"

/**
 * phone_check(folded):
 * Judge ${folded} (see fold_number). Returns NULL if it is right, else the field error code: required or format.
 */
const char *phone_check(const char *folded);

/**
 * phone_mask(arena, phone):
 * Return 138****5678 for a number that phone_check found right.
 */
char *phone_mask(struct arena *arena, const char *phone);

#endif
