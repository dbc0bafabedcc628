/* Names of people: what may be one, when two are the same, and how one is shown to strangers. */
#ifndef NAME_H
#define NAME_H

#include <stdbool.h>

#include "arena.h"

/**
 * name_check(folded):
 * Judge ${folded} (see fold_name). Returns NULL if it is right, else the field error code: required, too_long, format.
 * 1-50 code points; Han of every extension with U+00B7, or Latin letters with blank, hyphen, apostrophe, full stop, comma.
 */
const char *name_check(const char *folded);

/**
 * name_equal(a, b):
 * Are two folded names the same to a register? Case, blanks and comma do not decide.
 */
bool name_equal(const char *a, const char *b);

/**
 * name_mask(arena, folded):
 * Return 林*雨 for three or more code points (first and last kept), 林* for two, * for one; NULL beyond the arena's limit.
 */
char *name_mask(struct arena *arena, const char *folded);

#endif
