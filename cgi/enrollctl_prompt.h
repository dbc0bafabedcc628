/* What the operator types at a prompt: numbers of people are never arguments, which every process on the machine can read. */
#ifndef ENROLLCTL_PROMPT_H
#define ENROLLCTL_PROMPT_H

#include <stdbool.h>

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
