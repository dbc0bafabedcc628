/*
 * Folding: what a parent typed, brought to the one form that is judged, stored and looked up ("fold
 * first, then judge, then store what was judged"). Used on every endpoint alike, and on the province's answers.
 */
#ifndef FOLD_H
#define FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/**
 * fold_text(arena, text):
 * Return valid UTF-8 ${text} without invisible and direction marks, in Unicode NFC, without blanks at its ends; or NULL
 * beyond the arena's limit.
 */
char *fold_text(struct arena *arena, const char *text);

/**
 * fold_number(arena, text):
 * fold_text, then for identity numbers, phones and codes: every blank and dash gone, full-width digits and letters and
 * the Roman ten to ASCII, letters to upper case, one leading +86 or 0086 gone.
 */
char *fold_number(struct arena *arena, const char *text);

/**
 * fold_name(arena, text):
 * fold_text, then every dot that keyboards give between two Han to U+00B7, and the curly apostrophe of phones to the
 * straight one.
 */
char *fold_name(struct arena *arena, const char *text);

/**
 * fold_length(text):
 * Return the number of code points of valid UTF-8 ${text}.
 */
size_t fold_length(const char *text);

/**
 * fold_is_han(code_point):
 * Is ${code_point} a Han character that a name may hold: of every extension, U+3007 included, private use not?
 */
bool fold_is_han(int32_t code_point);

#endif
