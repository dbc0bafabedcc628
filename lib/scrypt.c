/*
 * The derivation is OpenSSL's. The string is the one that passlib and others read: base64 of the usual alphabet, without
 * padding.
 */
#include "scrypt.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

enum { LN_MAX = 20, R_MAX = 32, P_MAX = 16, MEMORY_MAX = 256 * 1024 * 1024, BASE64_SIZE = 4 * (SCRYPT_SALT_MAX / 3 + 1) + 1 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_KDF *kdf;

static void
fetch_kdf(void)
{
	kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
}

bool
scrypt_is_bearable(struct scrypt_cost cost)
{
	return cost.ln >= 1 && cost.ln <= LN_MAX && cost.r >= 1 && cost.r <= R_MAX && cost.p >= 1 && cost.p <= P_MAX &&
	       (UINT64_C(128) * cost.r << cost.ln) <= MEMORY_MAX;
}

bool
scrypt_derive(struct bytes password, struct bytes salt, struct scrypt_cost cost, uint8_t *out, size_t size)
{
	uint64_t n = UINT64_C(1) << cost.ln, memory = 128 * (uint64_t)cost.r * (n + cost.p + 2);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)password.data, password.size),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt.data, salt.size),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &cost.r),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &cost.p),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF_CTX *ctx;
	bool is_good = false;

	(void)pthread_once(&once, fetch_kdf);
	if (kdf != NULL && (ctx = EVP_KDF_CTX_new(kdf)) != NULL) {
		is_good = EVP_KDF_derive(ctx, out, size, params) == 1;
		EVP_KDF_CTX_free(ctx);
	}
	if (!is_good)
		log_event(LOG_ERROR, NULL, "scrypt", "ln=%u,r=%u,p=%u failed", cost.ln, cost.r, cost.p);
	return is_good;
}

/* Base64 without its padding. */
static void
encode(const uint8_t *data, size_t size, char out[static BASE64_SIZE])
{
	(void)EVP_EncodeBlock((uint8_t *)out, data, (int)size);
	out[strcspn(out, "=")] = '\0';
}

/* Decode ${length} characters of base64 without padding into ${out} of ${room} bytes; returns the size, 0 if it is none. */
static size_t
decode(const char *text, size_t length, uint8_t *out, size_t room)
{
	char padded[BASE64_SIZE];
	uint8_t data[BASE64_SIZE];
	size_t size = length / 4 * 3 + (length % 4 > 0 ? length % 4 - 1 : 0);

	if (length == 0 || length % 4 == 1 || size > room || length + 3 >= sizeof padded)
		return 0;
	memset(padded, '=', sizeof padded);
	memcpy(padded, text, length);
	/* OpenSSL takes blanks at the ends, we do not. */
	if (strspn(padded, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") != length)
		return 0;
	if (EVP_DecodeBlock(data, (const uint8_t *)padded, (int)((length + 3) / 4 * 4)) < 0)
		return 0;
	memcpy(out, data, size);
	return size;
}

bool
scrypt_format(const struct scrypt_stored *stored, char *out, size_t size)
{
	char salt[BASE64_SIZE], hash[BASE64_SIZE];
	int length;

	encode(stored->salt, stored->salt_size, salt);
	encode(stored->hash, SCRYPT_HASH_SIZE, hash);
	length =
	    snprintf(out, size, "$scrypt$ln=%u,r=%u,p=%u$%s$%s", stored->cost.ln, stored->cost.r, stored->cost.p, salt, hash);
	return length > 0 && (size_t)length < size;
}

/* Read "${name}NUMBER" at *${text}, 1 to ${max}. */
static bool
take_number(const char **text, const char *name, unsigned max, unsigned *out)
{
	size_t length = strlen(name);

	if (strncmp(*text, name, length) != 0)
		return false;
	*text += length;
	*out = 0;
	for (; **text >= '0' && **text <= '9'; (*text)++)
		if ((*out = *out * 10 + (unsigned)(**text - '0')) > max)
			return false;
	return *out > 0;
}

bool
scrypt_take_cost(const char **text, struct scrypt_cost *cost)
{
	return take_number(text, "ln=", LN_MAX, &cost->ln) && take_number(text, ",r=", R_MAX, &cost->r) &&
	       take_number(text, ",p=", P_MAX, &cost->p) && scrypt_is_bearable(*cost);
}

bool
scrypt_parse(const char *text, struct scrypt_stored *stored)
{
	static const char begin[] = "$scrypt$";
	const char *end;

	if (strncmp(text, begin, sizeof begin - 1) != 0)
		return false;
	text += sizeof begin - 1;
	if (!scrypt_take_cost(&text, &stored->cost) || *text != '$')
		return false;
	text++;
	if ((end = strchr(text, '$')) == NULL)
		return false;
	stored->salt_size = decode(text, (size_t)(end - text), stored->salt, sizeof stored->salt);
	return stored->salt_size > 0 && decode(end + 1, strlen(end + 1), stored->hash, sizeof stored->hash) == SCRYPT_HASH_SIZE;
}
