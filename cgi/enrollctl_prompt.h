/* What the operator types at a prompt: numbers of people are never arguments, which every process on the machine can read. */
#ifndef ENROLLCTL_PROMPT_H
#define ENROLLCTL_PROMPT_H

#include <stdbool.h>

#include "bytes.h"

/* Whom the operator means: one of the two, the other's data NULL. */
struct prompt_person {
	struct bytes id_no_index, phone_index;
};

/**
 * prompt_person(question, is_phone_good, out):
 * Ask for an identity number (or a phone, if that is good as well) and give its blind index, in the command's arena. Returns
 * false after saying what is wrong.
 */
bool prompt_person(const char *question, bool is_phone_good, struct prompt_person *out);

/**
 * prompt_line(question):
 * Ask ${question} on standard error and read one line from standard input. Returns it without its end, in the command's arena;
 * NULL at the end of input or beyond 500 bytes.
 */
char *prompt_line(const char *question);

/**
 * prompt_is_sure(question):
 * Ask ${question}; only 是 is yes.
 */
bool prompt_is_sure(const char *question);

#endif
