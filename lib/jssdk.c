/* WeChat fixes the algorithm: fields by name, joined, SHA-1. The ticket is a secret, so the text with it is wiped. */
#include "jssdk.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#include "hex.h"

_Static_assert(JSSDK_SIGNATURE_SIZE == 2 * SHA_DIGEST_LENGTH + 1, "SHA-1 in hexadecimal");

bool
jssdk_sign(struct arena *arena, const char *ticket, const char *nonce, int64_t timestamp_s, const char *url,
    char out[static JSSDK_SIGNATURE_SIZE])
{
	char *text =
	    arena_printf(arena, "jsapi_ticket=%s&noncestr=%s&timestamp=%lld&url=%s", ticket, nonce, (long long)timestamp_s, url);
	uint8_t digest[SHA_DIGEST_LENGTH];

	if (text == NULL)
		return false;
	(void)SHA1((const uint8_t *)text, strlen(text), digest);
	OPENSSL_cleanse(text, strlen(text));
	hex_write(digest, sizeof digest, out);
	return true;
}
