/*
 * Only passwords that pass the rule (8 signs, four classes) are ever looked up here, and well-known lists hold next to none of
 * those: people make them out of the well-known ones, by a capital letter and a sign or two. So a password is compared without
 * its case and its signs, as a whole: Wang@123456 is wang123456, 1qaz@WSX is 1qazwsx. The exact set is made when building, of
 * Debian's list and our own additions (common_passwords.cmake), and is part of the program.
 */
#include "common_passwords.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Sorted. */
static const char *const list[] = {
#include "common_passwords.inc"
};

static int
compare(const void *key, const void *entry)
{
	return strcmp(key, *(const char *const *)entry);
}

bool
common_passwords_has(const char *password)
{
	char plain[65]; /* longer ones are none */
	size_t size = 0;
	bool is_common;

	for (; *password != '\0'; password++) {
		if (!isalnum((unsigned char)*password))
			continue;
		if (size < sizeof plain - 1)
			plain[size++] = (char)tolower((unsigned char)*password);
	}
	plain[size] = '\0';
	is_common = bsearch(plain, (const void *)list, sizeof list / sizeof *list, sizeof *list, compare) != NULL;
	OPENSSL_cleanse(plain, sizeof plain);
	return is_common;
}
