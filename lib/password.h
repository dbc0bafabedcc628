/*
 * Passwords: the rule, and scrypt (RFC 7914) by OpenSSL's EVP_KDF in PHC strings "$scrypt$ln=15,r=8,p=3$salt$hash" (base64
 * without padding). Hashing is bounded: hash_slots at a time, hash_queue waiting, whoever comes beyond is STATUS_BUSY.
 */
#ifndef PASSWORD_H
#define PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

enum { PASSWORD_HASH_SIZE = 160 };

/**
 * password_check(password, avoid, n_avoid):
 * Judge ${password} (never folded): 8-64 printable ASCII, all four classes, the blank being a special sign; not common; not
 * containing any of the ${n_avoid} texts ${avoid} (phone, names, last six of a number; case, blanks and commas do not
 * decide; NULL entries and those of less than two characters are passed over). Returns NULL or the field error code:
 * required, too_short, too_long, format, weak, common.
 */
const char *password_check(const char *password, const char *const *avoid, size_t n_avoid);

/**
 * password_hash(password, deadline_ms, out):
 * Hash with the configured parameters and a fresh salt; waits for a slot until a second before ${deadline_ms}
 * (clock_monotonic_ms), so that who is told busy can still take a booking back. STATUS_OK, STATUS_BUSY or STATUS_INTERNAL.
 */
enum status password_hash(const char *password, int64_t deadline_ms, char out[static PASSWORD_HASH_SIZE]);

/**
 * password_verify(password, stored, costs, deadline_ms, is_right, is_outdated):
 * Compare in constant time with ${stored}, NULL for nobody's, which is never right. A wrong password pays the configured cost
 * and each of ${costs} ("ln=15,r=8,p=3 ln=14,r=8,p=5": what the hashes in use cost; NULL: no others), so that it takes the same
 * work whether ${stored} is nobody's, recent or outdated. ${is_outdated}: was it made with other parameters than the configured
 * ones? A password over 64 bytes is wrong without hashing. STATUS_OK, STATUS_BUSY, STATUS_INTERNAL.
 */
enum status password_verify(
    const char *password, const char *stored, const char *costs, int64_t deadline_ms, bool *is_right, bool *is_outdated);

#endif
