/*
 * A password is checked by its rule, or hashed by scrypt on one of the hashing threads; it is stored nowhere else and never
 * folded: what is typed at sign-in must be byte for byte what was typed at registration.
 */
#include "password.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

#include "bytes.h"
#include "common_passwords.h"
#include "conf.h"
#include "fold.h"
#include "hasher.h"
#include "scrypt.h"

enum { LENGTH_MIN = 8, LENGTH_MAX = 64, SALT_SIZE = 16 };

static bool
is_printable_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static bool
has_all_classes(const char *text)
{
	bool has_upper = false, has_lower = false, has_digit = false, has_sign = false;

	for (; *text != '\0'; text++) {
		if (*text >= 'A' && *text <= 'Z')
			has_upper = true;
		else if (*text >= 'a' && *text <= 'z')
			has_lower = true;
		else if (*text >= '0' && *text <= '9')
			has_digit = true;
		else
			has_sign = true;
	}
	return has_upper && has_lower && has_digit && has_sign;
}

/* Does ${text} contain ${part}, whatever the case? */
static bool
contains(const char *text, const char *part)
{
	size_t size = strlen(part);

	for (; *text != '\0'; text++) {
		size_t i = 0;

		while (i < size && tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
			i++;
		if (i == size)
			return true;
	}
	return false;
}

const char *
password_check(const char *password, const char *const *avoid, size_t n_avoid)
{
	size_t length = fold_length(password);

	if (length == 0)
		return "required";
	if (length < LENGTH_MIN)
		return "too_short";
	if (length > LENGTH_MAX)
		return "too_long";
	if (!is_printable_ascii(password))
		return "format";
	if (!has_all_classes(password))
		return "weak";
	for (size_t i = 0; i < n_avoid; i++)
		if (avoid[i] != NULL && strlen(avoid[i]) >= 2 && contains(password, avoid[i]))
			return "weak";
	return common_passwords_has(password) ? "common" : NULL;
}

/* One derivation, as a job of a hashing thread. */
struct derivation {
	const char *password;
	const uint8_t *salt;
	size_t salt_size;
	struct scrypt_cost cost;
	uint8_t hash[SCRYPT_HASH_SIZE];
	bool is_done;
};

static void
derive(void *argument)
{
	struct derivation *d = argument;
	struct bytes password = { (const uint8_t *)d->password, strlen(d->password) }, salt = { d->salt, d->salt_size };

	d->is_done = scrypt_derive(password, salt, d->cost, d->hash, sizeof d->hash);
}

static struct scrypt_cost
configured_cost(void)
{
	return (struct scrypt_cost){ (unsigned)conf_number("scrypt_ln"), (unsigned)conf_number("scrypt_r"),
		(unsigned)conf_number("scrypt_p") };
}

static enum status
run(struct derivation *d, int64_t deadline_ms)
{
	enum status st = hasher_run(derive, d, deadline_ms);

	return st == STATUS_OK && !d->is_done ? STATUS_INTERNAL : st;
}

enum status
password_hash(const char *password, int64_t deadline_ms, char out[static PASSWORD_HASH_SIZE])
{
	struct scrypt_stored stored = { .cost = configured_cost(), .salt_size = SALT_SIZE };
	struct derivation d = { .password = password, .salt = stored.salt, .salt_size = SALT_SIZE, .cost = stored.cost };
	enum status st;

	out[0] = '\0';
	if (RAND_bytes(stored.salt, SALT_SIZE) != 1)
		return STATUS_INTERNAL;
	if ((st = run(&d, deadline_ms)) == STATUS_OK) {
		memcpy(stored.hash, d.hash, sizeof stored.hash);
		if (!scrypt_format(&stored, out, PASSWORD_HASH_SIZE))
			st = STATUS_INTERNAL;
	}
	OPENSSL_cleanse(&d, sizeof d);
	OPENSSL_cleanse(&stored, sizeof stored);
	return st;
}

enum status
password_verify(const char *password, const char *stored, int64_t deadline_ms, bool *is_right, bool *is_outdated)
{
	struct scrypt_stored known = { .cost = configured_cost(), .salt_size = SALT_SIZE };
	struct scrypt_cost wanted = known.cost;
	struct derivation d;
	enum status st;

	*is_right = *is_outdated = false;
	if (strlen(password) > LENGTH_MAX)
		return STATUS_OK;
	/* Nobody's password costs what everybody's does. */
	if (stored != NULL && !scrypt_parse(stored, &known))
		return STATUS_INTERNAL;
	d = (struct derivation){ .password = password, .salt = known.salt, .salt_size = known.salt_size, .cost = known.cost };
	if ((st = run(&d, deadline_ms)) == STATUS_OK) {
		*is_right = CRYPTO_memcmp(d.hash, known.hash, sizeof d.hash) == 0 && stored != NULL;
		*is_outdated = known.cost.ln != wanted.ln || known.cost.r != wanted.r || known.cost.p != wanted.p;
	}
	OPENSSL_cleanse(&d, sizeof d);
	OPENSSL_cleanse(&known, sizeof known);
	return st;
}
