/* Passwords so common that whoever guesses tries them first. Used by lib/password alone. */
#ifndef COMMON_PASSWORDS_H
#define COMMON_PASSWORDS_H

#include <stdbool.h>

/**
 * common_passwords_has(password):
 * Is ${password}, whatever its case and without its signs, on the list?
 */
bool common_passwords_has(const char *password);

#endif
