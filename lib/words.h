/* Every text that a parent reads from C, in one file: what happened, what it means, what to press. */
#ifndef WORDS_H
#define WORDS_H

#include "status.h"

/**
 * words_detail(status):
 * Return the sentence for the parent that goes with ${status}.
 */
const char *words_detail(enum status status);

/**
 * words_title(status):
 * Return the short English title of the problem document.
 */
const char *words_title(enum status status);

/**
 * words_field(field, code):
 * Return the sentence beside ${field} for the field error ${code}: the field's own if there is one, else the code's.
 */
const char *words_field(const char *field, const char *code);

/**
 * words_missing(code):
 * Return the sentence for what a binding or authorization still lacks ("student_not_added" …).
 */
const char *words_missing(const char *code);

#endif
