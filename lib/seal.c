/*
 * Keys live in one static table, written by seal_open_keys before threads start and only read afterwards; the OpenSSL
 * contexts are made for each call, so everything here may be called from any thread. The algorithms are fetched once,
 * because OpenSSL 3 looks them up anew at each implicit use.
 */
#include "seal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

enum { KEY_SIZE = 32, NONCE_SIZE = 12, TAG_SIZE = 16, HEAD_SIZE = 1 + NONCE_SIZE, KEY_IDS = 256, PLACE_SIZE = 160 };

struct keyring {
	uint8_t newest; /* 0: the class is not held */
	bool is_present[KEY_IDS];
	uint8_t keys[KEY_IDS][KEY_SIZE];
};

static struct keyring keyrings[SEAL_CLASSES];
static EVP_CIPHER *aes;
static EVP_MAC *hmac;

static const char *const class_names[SEAL_CLASSES] = {
	[SEAL_IDENTITY] = "identity",
	[SEAL_CONTACT] = "contact",
	[SEAL_LICENSE] = "license",
	[SEAL_INDEX] = "index",
	[SEAL_TOKEN] = "token",
	[SEAL_RECEIPT] = "receipt",
};

/* Read exactly one key from ${name} in the folder ${dir_fd}. */
static bool
read_key(int dir_fd, const char *name, uint8_t key[static KEY_SIZE])
{
	struct stat st;
	bool is_good = false;
	int fd;

	if (dir_fd < 0 || (fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC)) < 0) {
		log_event(LOG_ERROR, NULL, "key_unreadable", "%s: %s", name, strerror(errno));
		return false;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size != KEY_SIZE)
		log_event(LOG_ERROR, NULL, "key_size", "%s is not a file of %d bytes", name, KEY_SIZE);
	else if (read(fd, key, KEY_SIZE) != KEY_SIZE)
		log_event(LOG_ERROR, NULL, "key_unreadable", "%s: short read", name);
	else
		is_good = true;
	(void)close(fd);
	return is_good;
}

/* The id in "CLASS.ID", 1-255 without leading zeros; 0 if ${name} is none of ${class}. */
static uint8_t
key_id(const char *name, const char *class)
{
	size_t length = strlen(class);
	unsigned long id;
	char *end;

	if (strncmp(name, class, length) != 0 || name[length] != '.' || name[length + 1] < '1' || name[length + 1] > '9')
		return 0;
	id = strtoul(name + length + 1, &end, 10);
	return *end == '\0' && id < KEY_IDS ? (uint8_t)id : 0;
}

/* Take every key of ${class} that lies in ${dir}. */
static bool
load_class(DIR *dir, enum seal_class class)
{
	struct keyring *ring = &keyrings[class];
	struct dirent *entry;

	rewinddir(dir);
	while ((entry = readdir(dir)) != NULL) {
		uint8_t id = key_id(entry->d_name, class_names[class]);

		if (id == 0)
			continue;
		if (!read_key(dirfd(dir), entry->d_name, ring->keys[id]))
			return false;
		ring->is_present[id] = true;
		if (id > ring->newest)
			ring->newest = id;
	}
	if (ring->newest == 0)
		log_event(LOG_ERROR, NULL, "key_missing", "no key of class %s", class_names[class]);
	return ring->newest != 0;
}

bool
seal_open_keys(const char *dir_path, seal_set held)
{
	bool is_good = true;
	DIR *dir;

	if (aes == NULL)
		aes = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (hmac == NULL)
		hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (aes == NULL || hmac == NULL) {
		log_event(LOG_ERROR, NULL, "openssl", "AES-256-GCM or HMAC is missing");
		return false;
	}
	if (held == 0)
		return true;
	if ((dir = opendir(dir_path)) == NULL) {
		log_event(LOG_ERROR, NULL, "keys_dir", "%s: %s", dir_path, strerror(errno));
		return false;
	}
	for (unsigned class = 0; class < SEAL_CLASSES && is_good; class ++)
		if ((held & 1U << class) != 0)
			is_good = load_class(dir, (enum seal_class) class);
	(void)closedir(dir);
	return is_good;
}

/* The associated data: where the sealed value belongs. Returns its length, or 0 if it does not fit. */
static int
place_of(const char *place, const char *row, char out[static PLACE_SIZE])
{
	int length = snprintf(out, PLACE_SIZE, "%s:%s", place, row);

	return length > 0 && length < PLACE_SIZE ? length : 0;
}

static bool
encrypt(
    EVP_CIPHER_CTX *ctx, const uint8_t *key, const char *place, int place_size, const uint8_t *data, int size, uint8_t *sealed)
{
	int n;

	return EVP_EncryptInit_ex2(ctx, aes, key, sealed + 1, NULL) == 1 &&
	       EVP_EncryptUpdate(ctx, NULL, &n, (const uint8_t *)place, place_size) == 1 &&
	       EVP_EncryptUpdate(ctx, sealed + HEAD_SIZE, &n, data, size) == 1 &&
	       EVP_EncryptFinal_ex(ctx, sealed + HEAD_SIZE + n, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, sealed + HEAD_SIZE + size) == 1;
}

bool
seal_put(struct arena *arena, enum seal_class class, const char *place, const char *row, const char *text, struct bytes *out)
{
	return seal_put_bytes(arena, class, place, row, (struct bytes){ (const uint8_t *)text, strlen(text) }, out);
}

bool
seal_put_bytes(
    struct arena *arena, enum seal_class class, const char *place, const char *row, struct bytes data, struct bytes *out)
{
	const struct keyring *ring = &keyrings[class];
	size_t size = data.size;
	char where[PLACE_SIZE];
	int where_size = place_of(place, row, where);
	bool is_good = false;
	EVP_CIPHER_CTX *ctx;
	uint8_t *sealed;

	if (ring->newest == 0 || where_size == 0 || size > INT_MAX / 2)
		goto err0;
	if ((sealed = arena_alloc(arena, HEAD_SIZE + size + TAG_SIZE)) == NULL)
		goto err0;
	if ((ctx = EVP_CIPHER_CTX_new()) == NULL)
		goto err0;

	/* A fresh nonce each time: 96 random bits are enough for 2^32 values a key. */
	sealed[0] = ring->newest;
	is_good = RAND_bytes(sealed + 1, NONCE_SIZE) == 1 &&
		  encrypt(ctx, ring->keys[ring->newest], where, where_size, data.data, (int)size, sealed);
	EVP_CIPHER_CTX_free(ctx);
	*out = (struct bytes){ sealed, HEAD_SIZE + size + TAG_SIZE };

err0:
	if (!is_good)
		log_event(LOG_ERROR, NULL, "seal_put", "cannot seal %s", place);
	return is_good;
}

static bool
decrypt(
    EVP_CIPHER_CTX *ctx, const uint8_t *key, const char *place, int place_size, const uint8_t *sealed, int size, uint8_t *text)
{
	uint8_t tag[TAG_SIZE];
	int n;

	memcpy(tag, sealed + HEAD_SIZE + size, TAG_SIZE);
	return EVP_DecryptInit_ex2(ctx, aes, key, sealed + 1, NULL) == 1 &&
	       EVP_DecryptUpdate(ctx, NULL, &n, (const uint8_t *)place, place_size) == 1 &&
	       EVP_DecryptUpdate(ctx, text, &n, sealed + HEAD_SIZE, size) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) == 1 && EVP_DecryptFinal_ex(ctx, text + n, &n) == 1;
}

char *
seal_get(struct arena *arena, enum seal_class class, const char *place, const char *row, struct bytes sealed)
{
	const struct keyring *ring = &keyrings[class];
	char where[PLACE_SIZE];
	int where_size = place_of(place, row, where);
	bool is_good = false;
	char *text = NULL;
	EVP_CIPHER_CTX *ctx;
	size_t size;

	if (sealed.data == NULL || sealed.size < HEAD_SIZE + TAG_SIZE || sealed.size > INT_MAX / 2 || where_size == 0)
		goto err0;
	if (ring->newest == 0 || !ring->is_present[sealed.data[0]])
		goto err0;
	size = sealed.size - HEAD_SIZE - TAG_SIZE;
	if ((text = arena_alloc(arena, size + 1)) == NULL)
		goto err0;
	if ((ctx = EVP_CIPHER_CTX_new()) == NULL)
		goto err0;
	is_good = decrypt(ctx, ring->keys[sealed.data[0]], where, where_size, sealed.data, (int)size, (uint8_t *)text);
	EVP_CIPHER_CTX_free(ctx);

	/* What did not prove itself is not shown to anybody. */
	if (!is_good)
		OPENSSL_cleanse(text, size);

err0:
	if (!is_good)
		log_event(LOG_ERROR, NULL, "seal_get", "%s does not open", place);
	return is_good ? text : NULL;
}

/* HMAC-SHA-256 of label, a zero byte and data: no label can be mistaken for the beginning of a value. */
static bool
mac(const uint8_t *key, const char *label, struct bytes data, uint8_t out[static SEAL_HASH_SIZE])
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end() };
	EVP_MAC_CTX *ctx;
	size_t written = 0;
	bool is_good;

	if ((ctx = EVP_MAC_CTX_new(hmac)) == NULL)
		return false;
	is_good = EVP_MAC_init(ctx, key, KEY_SIZE, params) == 1 &&
		  EVP_MAC_update(ctx, (const uint8_t *)label, strlen(label) + 1) == 1 &&
		  (data.size == 0 || EVP_MAC_update(ctx, data.data, data.size) == 1) &&
		  EVP_MAC_final(ctx, out, &written, SEAL_HASH_SIZE) == 1 && written == SEAL_HASH_SIZE;
	EVP_MAC_CTX_free(ctx);
	return is_good;
}

bool
seal_index(const char *field, const char *value, uint8_t out[static SEAL_INDEX_SIZE])
{
	const struct keyring *ring = &keyrings[SEAL_INDEX];

	if (ring->newest == 0)
		return false;
	out[0] = ring->newest;
	return mac(ring->keys[ring->newest], field, (struct bytes){ (const uint8_t *)value, strlen(value) }, out + 1);
}

bool
seal_fingerprint(const char *label, struct bytes data, uint8_t out[static SEAL_HASH_SIZE])
{
	const struct keyring *ring = &keyrings[SEAL_TOKEN];

	return ring->newest != 0 && mac(ring->keys[ring->newest], label, data, out);
}

uint8_t
seal_receipt_key(uint8_t public_key[static SEAL_PUBLIC_SIZE])
{
	const struct keyring *ring = &keyrings[SEAL_RECEIPT];
	size_t size = SEAL_PUBLIC_SIZE;
	EVP_PKEY *key;
	bool is_good;

	if (ring->newest == 0)
		return 0;
	key = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, ring->keys[ring->newest], KEY_SIZE);
	is_good = key != NULL && EVP_PKEY_get_raw_public_key(key, public_key, &size) == 1 && size == SEAL_PUBLIC_SIZE;
	EVP_PKEY_free(key);
	return is_good ? ring->newest : 0;
}

bool
seal_sign(struct bytes data, uint8_t out[static SEAL_SIGNATURE_SIZE])
{
	const struct keyring *ring = &keyrings[SEAL_RECEIPT];
	size_t size = SEAL_SIGNATURE_SIZE;
	EVP_MD_CTX *ctx = NULL;
	EVP_PKEY *key = NULL;
	bool is_good = false;

	if (ring->newest == 0)
		goto err0;
	if ((key = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, ring->keys[ring->newest], KEY_SIZE)) == NULL)
		goto err0;
	if ((ctx = EVP_MD_CTX_new()) == NULL)
		goto err1;
	is_good = EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL) == 1 &&
		  EVP_DigestSign(ctx, out, &size, data.data, data.size) == 1 && size == SEAL_SIGNATURE_SIZE;
	EVP_MD_CTX_free(ctx);

err1:
	EVP_PKEY_free(key);
err0:
	if (!is_good)
		log_event(LOG_ERROR, NULL, "seal_sign", "cannot sign");
	return is_good;
}

void
seal_hash(struct bytes data, uint8_t out[static SEAL_HASH_SIZE])
{
	(void)SHA256(data.size > 0 ? data.data : (const uint8_t *)"", data.size, out);
}

/* Without randomness nothing here is worth anything: better to end than to go on. */
static void
random_bytes(uint8_t *out, int size)
{
	if (RAND_bytes(out, size) == 1)
		return;
	log_event(LOG_ERROR, NULL, "no_randomness", "RAND_bytes failed");
	abort();
}

void
seal_token(char out[static 44])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint8_t raw[33] = { 0 };

	/* 32 bytes are 42 characters of 6 bits and one of 4; the 33rd byte only pads. */
	random_bytes(raw, 32);
	for (size_t i = 0; i < 43; i++) {
		size_t bit = i * 6, byte = bit / 8;
		unsigned pair = (unsigned)raw[byte] << 8 | (byte + 1 < sizeof raw ? raw[byte + 1] : 0U);

		out[i] = alphabet[pair >> (10 - bit % 8) & 63];
	}
	out[43] = '\0';
	OPENSSL_cleanse(raw, sizeof raw);
}

void
seal_code(char out[static SEAL_CODE_SIZE])
{
	const uint32_t codes = 1000000, fair = UINT32_MAX - UINT32_MAX % codes;
	uint32_t drawn;

	/* What lies beyond the last whole million would make small codes likelier. */
	do
		random_bytes((uint8_t *)&drawn, sizeof drawn);
	while (drawn >= fair);
	(void)snprintf(out, SEAL_CODE_SIZE, "%06u", drawn % codes);
	OPENSSL_cleanse(&drawn, sizeof drawn);
}

void
seal_uuid(char out[static 37])
{
	uint8_t raw[16];
	char *at = out;

	random_bytes(raw, sizeof raw);
	raw[6] = (uint8_t)((raw[6] & 0x0f) | 0x40);
	raw[8] = (uint8_t)((raw[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof raw; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		*at++ = "0123456789abcdef"[raw[i] >> 4];
		*at++ = "0123456789abcdef"[raw[i] & 15];
	}
	*at = '\0';
}

char *
seal_mask_id_no(struct arena *arena, const char *id_no)
{
	size_t length = strlen(id_no), first = 1, last = length;

	/* Whatever is no full number shows nothing at all. */
	if (length < 15)
		return arena_strdup(arena, "******************");

	/* A certificate's number may begin or end with Han: whole characters, not bytes. */
	while (first < length && ((unsigned char)id_no[first] & 0xC0) == 0x80)
		first++;
	do
		last--;
	while (last > first && ((unsigned char)id_no[last] & 0xC0) == 0x80);
	return arena_printf(arena, "%.*s****************%s", (int)first, id_no, id_no + last);
}
