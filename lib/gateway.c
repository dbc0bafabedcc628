/*
 * The signature proves that the sender knows the token, and, with the time and a nonce that is good once, that it is no
 * recording. Whatever it accompanies proves nothing: the body is not in it.
 */
#include "gateway.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "seal.h"

enum { SKEW_S = 300, TIMESTAMP_MAX = 12, NONCE_MAX = 64, SIGNATURE_LENGTH = 2 * SHA256_DIGEST_LENGTH };

/* Write the signature in upper case. Returns false if memory ends. */
static bool
sign(struct arena *arena, const char *timestamp, const char *token, const char *nonce, char out[static SIGNATURE_LENGTH + 1])
{
	char *text = arena_printf(arena, "%s%s%s%s", timestamp, token, nonce, timestamp);
	uint8_t digest[SHA256_DIGEST_LENGTH];

	if (text == NULL)
		return false;
	(void)SHA256((const uint8_t *)text, strlen(text), digest);
	OPENSSL_cleanse(text, strlen(text));
	for (size_t i = 0; i < sizeof digest; i++) {
		out[2 * i] = "0123456789ABCDEF"[digest[i] >> 4];
		out[2 * i + 1] = "0123456789ABCDEF"[digest[i] & 15];
	}
	out[SIGNATURE_LENGTH] = '\0';
	return true;
}

const char *const *
gateway_sign(struct arena *arena, const char *paasid, const char *token, int64_t now_ms)
{
	const char **lines = (const char **)arena_alloc(arena, 5 * sizeof *lines);
	char nonce[37], signature[SIGNATURE_LENGTH + 1];
	char *timestamp = arena_printf(arena, "%lld", (long long)(now_ms / 1000));

	seal_uuid(nonce);
	if (lines == NULL || timestamp == NULL || !sign(arena, timestamp, token, nonce, signature))
		return NULL;
	lines[0] = arena_printf(arena, "x-tif-paasid: %s", paasid);
	lines[1] = arena_printf(arena, "x-tif-timestamp: %s", timestamp);
	lines[2] = arena_printf(arena, "x-tif-nonce: %s", nonce);
	lines[3] = arena_printf(arena, "x-tif-signature: %s", signature);
	for (size_t i = 0; i < 4; i++)
		if (lines[i] == NULL)
			return NULL;
	return lines;
}

/* Seconds since 1970 in plain digits, near enough to now. */
static bool
is_current(const char *timestamp, int64_t now_ms)
{
	size_t length = strlen(timestamp);
	int64_t age_s;

	if (length == 0 || length > TIMESTAMP_MAX || strspn(timestamp, "0123456789") != length)
		return false;
	age_s = now_ms / 1000 - strtoll(timestamp, NULL, 10);
	return age_s >= -SKEW_S && age_s <= SKEW_S;
}

static bool
is_nonce(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return length > 0 && length <= NONCE_MAX;
}

bool
gateway_verify(const struct request *req, const char *token, int64_t now_ms, const char **nonce)
{
	const char *paasid = req->header(req, "HTTP_X_TIF_PAASID"), *timestamp = req->header(req, "HTTP_X_TIF_TIMESTAMP");
	const char *given_nonce = req->header(req, "HTTP_X_TIF_NONCE"), *given = req->header(req, "HTTP_X_TIF_SIGNATURE");
	char wanted[SIGNATURE_LENGTH + 1], upper[SIGNATURE_LENGTH + 1];

	if (paasid == NULL || paasid[0] == '\0' || timestamp == NULL || given_nonce == NULL || given == NULL)
		return false;
	if (!is_current(timestamp, now_ms) || !is_nonce(given_nonce) || strlen(given) != SIGNATURE_LENGTH)
		return false;
	if (!sign(req->arena, timestamp, token, given_nonce, wanted))
		return false;
	for (size_t i = 0; i <= SIGNATURE_LENGTH; i++)
		upper[i] = (char)toupper((unsigned char)given[i]);
	*nonce = given_nonce;
	return CRYPTO_memcmp(wanted, upper, SIGNATURE_LENGTH) == 0;
}
