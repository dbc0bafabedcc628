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

enum { LENGTH_MIN = 8, LENGTH_MAX = 64, SALT_SIZE = 16, COSTS_MAX = 4, RESERVE_MS = 1000 };

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

/* What decides of a name is neither its blanks nor its commas (see name_equal). */
static const char *
skip_blanks(const char *at)
{
	while (*at == ' ' || *at == ',')
		at++;
	return at;
}

/* Does ${text} contain ${part}, of at least two characters that decide, whatever the case, blanks and commas? */
static bool
contains(const char *text, const char *part)
{
	part = skip_blanks(part);
	if (*part == '\0' || *skip_blanks(part + 1) == '\0')
		return false;
	for (; *text != '\0'; text++) {
		const char *at = text, *wanted = part;

		while (*wanted != '\0' && tolower((unsigned char)*at) == tolower((unsigned char)*wanted)) {
			at = skip_blanks(at + 1);
			wanted = skip_blanks(wanted + 1);
		}
		if (*wanted == '\0')
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
		if (avoid[i] != NULL && contains(password, avoid[i]))
			return "weak";
	return common_passwords_has(password) ? "common" : NULL;
}

static bool
derive(const char *password, const struct scrypt_stored *salted, struct scrypt_cost cost, uint8_t hash[static SCRYPT_HASH_SIZE])
{
	return scrypt_derive((struct bytes){ (const uint8_t *)password, strlen(password) },
	    (struct bytes){ salted->salt, salted->salt_size }, cost, hash, SCRYPT_HASH_SIZE);
}

static struct scrypt_cost
configured_cost(void)
{
	return (struct scrypt_cost){ (unsigned)conf_number("scrypt_ln"), (unsigned)conf_number("scrypt_r"),
		(unsigned)conf_number("scrypt_p") };
}

static bool
is_same_cost(struct scrypt_cost a, struct scrypt_cost b)
{
	return a.ln == b.ln && a.r == b.r && a.p == b.p;
}

/* Who waits for a slot stops while there is time to hash and to ask the database, be it to take a booking back. */
static enum status
run(void (*work)(void *), void *job, int64_t deadline_ms)
{
	return hasher_run(work, job, deadline_ms - RESERVE_MS);
}

/* A new hash, as a job of a hashing thread. */
struct making {
	const char *password;
	struct scrypt_stored stored;
	bool is_done;
};

static void
make(void *argument)
{
	struct making *m = argument;

	m->is_done = derive(m->password, &m->stored, m->stored.cost, m->stored.hash);
}

enum status
password_hash(const char *password, int64_t deadline_ms, char out[static PASSWORD_HASH_SIZE])
{
	struct making m = { .password = password, .stored = { .cost = configured_cost(), .salt_size = SALT_SIZE } };
	enum status st;

	out[0] = '\0';
	/* What could never be verified is not made. */
	if (!scrypt_is_bearable(m.stored.cost) || RAND_bytes(m.stored.salt, SALT_SIZE) != 1)
		return STATUS_INTERNAL;
	st = run(make, &m, deadline_ms);
	if (st == STATUS_OK && (!m.is_done || !scrypt_format(&m.stored, out, PASSWORD_HASH_SIZE)))
		st = STATUS_INTERNAL;
	OPENSSL_cleanse(&m, sizeof m);
	return st;
}

/* One judgement, as a job of a hashing thread. */
struct judgement {
	const char *password;
	struct scrypt_stored known; /* nobody's: a salt and the configured cost */
	bool is_known;
	struct scrypt_cost costs[COSTS_MAX]; /* what a wrong password pays, each once */
	size_t n_costs;
	bool is_right, is_done;
};

/* Right: done at once. Wrong: all costs are paid, the one that judged included, in whatever order. */
static void
judge(void *argument)
{
	struct judgement *j = argument;
	uint8_t hash[SCRYPT_HASH_SIZE];

	j->is_done = derive(j->password, &j->known, j->known.cost, hash);
	j->is_right = j->is_done && j->is_known && CRYPTO_memcmp(hash, j->known.hash, sizeof hash) == 0;
	for (size_t i = 0; i < j->n_costs && j->is_done && !j->is_right; i++)
		if (!is_same_cost(j->costs[i], j->known.cost))
			j->is_done = derive(j->password, &j->known, j->costs[i], hash);
	OPENSSL_cleanse(hash, sizeof hash);
}

static void
add_cost(struct judgement *j, struct scrypt_cost cost)
{
	for (size_t i = 0; i < j->n_costs; i++)
		if (is_same_cost(j->costs[i], cost))
			return;
	if (j->n_costs < COSTS_MAX)
		j->costs[j->n_costs++] = cost;
}

enum status
password_verify(
    const char *password, const char *stored, const char *costs, int64_t deadline_ms, bool *is_right, bool *is_outdated)
{
	struct scrypt_cost wanted = configured_cost(), other;
	struct judgement j = {
		.password = password, .known = { .cost = wanted, .salt_size = SALT_SIZE }, .is_known = stored != NULL
	};
	enum status st;

	*is_right = *is_outdated = false;
	if (strlen(password) > LENGTH_MAX)
		return STATUS_OK;
	if (stored != NULL && !scrypt_parse(stored, &j.known))
		return STATUS_INTERNAL;
	add_cost(&j, wanted);
	while (costs != NULL && scrypt_take_cost(&costs, &other)) {
		add_cost(&j, other);
		costs += *costs == ' ';
	}
	st = run(judge, &j, deadline_ms);
	if (st == STATUS_OK && !j.is_done)
		st = STATUS_INTERNAL;
	*is_right = st == STATUS_OK && j.is_right;
	*is_outdated = !is_same_cost(j.known.cost, wanted);
	OPENSSL_cleanse(&j, sizeof j);
	return st;
}
