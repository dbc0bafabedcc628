/*
 * scrypt (RFC 7914) and the PHC string it is stored in: "$scrypt$ln=15,r=8,p=3$salt$hash". Used by lib/password, and by
 * enrollctl to measure.
 */
#ifndef SCRYPT_H
#define SCRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

enum { SCRYPT_SALT_MAX = 64, SCRYPT_HASH_SIZE = 32 };

/* The cost: N is 2 to the power of ln. */
struct scrypt_cost {
	unsigned ln, r, p;
};

struct scrypt_stored {
	struct scrypt_cost cost;
	uint8_t salt[SCRYPT_SALT_MAX], hash[SCRYPT_HASH_SIZE];
	size_t salt_size;
};

/**
 * scrypt_is_bearable(cost):
 * Is ${cost} within what is ever used here: ln 1-20, r 1-32, p 1-16, 256 MiB? A changed row must not stop the process.
 */
bool scrypt_is_bearable(struct scrypt_cost cost);

/**
 * scrypt_derive(password, salt, cost, out, size):
 * Write ${size} bytes derived from ${password} and ${salt} to ${out}. Takes 128 * N * r bytes of memory meanwhile. Returns
 * false (logged) if OpenSSL refuses the cost or memory ends.
 */
bool scrypt_derive(struct bytes password, struct bytes salt, struct scrypt_cost cost, uint8_t *out, size_t size);

/**
 * scrypt_format(stored, out, size):
 * Write ${stored} as a PHC string. Returns false if ${size} bytes are too few.
 */
bool scrypt_format(const struct scrypt_stored *stored, char *out, size_t size);

/**
 * scrypt_parse(text, stored):
 * Read a PHC string. Returns false if it is none, or if its cost is not bearable.
 */
bool scrypt_parse(const char *text, struct scrypt_stored *stored);

/**
 * scrypt_take_cost(text, cost):
 * Read "ln=15,r=8,p=3" at *${text} and move behind it. Returns false if there is none, or if it is not bearable.
 */
bool scrypt_take_cost(const char **text, struct scrypt_cost *cost);

#endif
