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
 * Return the sentence beside ${field} for the field error ${code}: the field's own if there is one, else the code's. A path
 * ("guardians[0].id_no") goes by its last part if it has no words of its own. Besides the contract's codes there is
 * "foreign_form": an identity number that is another document's (identity_is_foreign_form); what is sent is still its code;
 * and for "password" there is "format_sign", with a %s where the sign stands that no English keyboard gives.
 */
const char *words_field(const char *field, const char *code);

/**
 * words_missing(code):
 * Return the sentence for what a binding or authorization still lacks ("student_not_added" …).
 */
const char *words_missing(const char *code);

/**
 * words_sentence(name):
 * Return the sentence called ${name} in the table at the end of words.c: for req->detail, where the words of the code alone
 * would not say what to do; NULL (that is, the code's own) if there is none.
 */
const char *words_sentence(const char *name);

#endif
