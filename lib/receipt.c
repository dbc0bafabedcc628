/*
 * Base32 and a line of fields are all there is to the form; everything is checked against the signature before a single field is
 * read, and then read strictly all the same.
 */
#include "receipt.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "SQHZ1:", alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", separators[] = "|;";

enum { PREFIX_SIZE = sizeof prefix - 1, N_FIELDS = 8 };

static const struct {
	char letter;
	const char *license;
} letters[RECEIPT_LICENSES_MAX] = { { 'h', "household_register" }, { 'r', "real_estate" }, { 'b', "birth_certificate" },
	{ 'i', "identity_credential" } };

/* Five bits a sign, the last filled up with zeros. */
static char *
encode(struct arena *arena, struct bytes data)
{
	char *text = arena_alloc(arena, PREFIX_SIZE + (data.size * 8 + 4) / 5 + 1), *out = text;
	unsigned bits = 0, held = 0;

	if (text == NULL)
		return NULL;
	memcpy(out, prefix, PREFIX_SIZE);
	out += PREFIX_SIZE;
	for (size_t i = 0; i < data.size; i++) {
		held = (held << 8 | data.data[i]) & 0xFFF;
		for (bits += 8; bits >= 5; bits -= 5)
			*out++ = alphabet[held >> (bits - 5) & 31];
	}
	if (bits > 0)
		*out++ = alphabet[held << (5 - bits) & 31];
	*out = '\0';
	return text;
}

/* The bytes behind the prefix. Each has one form only: no other sign, nothing left over. Returns false if it is not that. */
static bool
decode(struct arena *arena, const char *code, struct bytes *out)
{
	size_t length = strnlen(code, RECEIPT_CODE_MAX + 1);
	uint8_t *data = arena_alloc(arena, length + 1);
	unsigned bits = 0, held = 0;

	if (data == NULL || length > RECEIPT_CODE_MAX || strncmp(code, prefix, PREFIX_SIZE) != 0)
		return false;
	*out = (struct bytes){ data, 0 };
	for (const char *at = code + PREFIX_SIZE; *at != '\0'; at++) {
		const char *sign = strchr(alphabet, *at);

		if (sign == NULL)
			return false;
		held = (held << 5 | (unsigned)(sign - alphabet)) & 0xFFF;
		if ((bits += 5) >= 8) {
			bits -= 8;
			data[out->size++] = (uint8_t)(held >> bits);
		}
	}
	return bits < 5 && (held & ((1U << bits) - 1)) == 0;
}

/* "4****************2" as "4*2". */
static char *
shorten(struct arena *arena, const char *mask)
{
	char *text = arena_strdup(arena, mask), *out = text;

	for (; text != NULL && *mask != '\0'; mask++)
		if (*mask != '*' || out == text || out[-1] != '*')
			*out++ = *mask;
	if (text != NULL)
		*out = '\0';
	return text;
}

/* And back: an identity number has eighteen signs. */
static char *
lengthen(struct arena *arena, const char *text)
{
	const char *star = strchr(text, '*');

	return star == NULL ? arena_strdup(arena, text)
			    : arena_printf(arena, "%.*s****************%s", (int)(star - text), text, star + 1);
}

static bool
is_field(const char *text)
{
	return text != NULL && strpbrk(text, separators) == NULL;
}

/* The line with one person more; NULL if he does not fit in. */
static char *
add_person(struct arena *arena, const char *line, const struct receipt_person *person)
{
	char marks[RECEIPT_LICENSES_MAX + 1] = "", *id_no;
	size_t n = 0;

	if (line == NULL || !is_field(person->name) || !is_field(person->id_no) || person->n_licenses > RECEIPT_LICENSES_MAX)
		return NULL;
	for (size_t i = 0; i < RECEIPT_LICENSES_MAX; i++)
		for (size_t k = 0; k < person->n_licenses; k++)
			if (strcmp(letters[i].license, person->licenses[k]) == 0)
				marks[n++] = letters[i].letter;
	if (n != person->n_licenses || (id_no = shorten(arena, person->id_no)) == NULL)
		return NULL;
	return arena_printf(arena, "%s|%c%s;%s;%s", line, person->is_guardian ? 'G' : 'S', person->name, id_no, marks);
}

bool
receipt_sign(struct arena *arena, struct receipt *receipt, const char **payload, const char **code)
{
	uint8_t public_key[SEAL_PUBLIC_SIZE], *signed_bytes;
	size_t length;
	char *line;

	receipt->key_id = seal_receipt_key(public_key);
	if (receipt->key_id == 0 || !is_field(receipt->number) || !is_field(receipt->public_url) ||
	    !is_field(receipt->consent_version) || !is_field(receipt->consent_sha256) || receipt->n_persons > RECEIPT_PERSONS_MAX)
		return false;
	line = arena_printf(arena, "1|%u|%s|%s|%lld|%lld|%s|%s", receipt->key_id, receipt->number, receipt->public_url,
	    (long long)receipt->signed_s, (long long)receipt->expires_s, receipt->consent_version, receipt->consent_sha256);
	for (size_t i = 0; i < receipt->n_persons; i++)
		line = add_person(arena, line, &receipt->persons[i]);
	if (line == NULL)
		return false;
	length = strlen(line);
	if ((signed_bytes = arena_alloc(arena, length + SEAL_SIGNATURE_SIZE)) == NULL)
		return false;
	memcpy(signed_bytes, line, length);
	if (!seal_sign((struct bytes){ signed_bytes, length }, signed_bytes + length))
		return false;
	*payload = line;
	*code = encode(arena, (struct bytes){ signed_bytes, length + SEAL_SIGNATURE_SIZE });
	return *code != NULL && strlen(*code) <= RECEIPT_CODE_MAX;
}

/* Cut the next field off ${rest}, which ends at ${separator}; NULL if there is none. */
static char *
cut(char **rest, char separator)
{
	char *field = *rest, *end;

	if (field == NULL)
		return NULL;
	end = strchr(field, separator);
	*rest = end != NULL ? end + 1 : NULL;
	if (end != NULL)
		*end = '\0';
	return field;
}

static bool
read_number(const char *text, int64_t max, int64_t *out)
{
	if (text[0] == '\0' || strlen(text) > 12 || text[strspn(text, "0123456789")] != '\0')
		return false;
	*out = strtoll(text, NULL, 10);
	return *out <= max;
}

static bool
read_person(struct arena *arena, char *text, struct receipt_person *out)
{
	char role = text[0], *rest = text + 1, *id_no, *marks;

	if (role != 'G' && role != 'S')
		return false;
	*out = (struct receipt_person){ .is_guardian = role == 'G', .name = cut(&rest, ';') };
	if ((id_no = cut(&rest, ';')) == NULL || (marks = cut(&rest, ';')) == NULL || rest != NULL)
		return false;
	out->id_no = lengthen(arena, id_no);
	for (; *marks != '\0'; marks++) {
		size_t i = 0;

		while (i < RECEIPT_LICENSES_MAX && letters[i].letter != *marks)
			i++;
		if (i == RECEIPT_LICENSES_MAX || out->n_licenses == RECEIPT_LICENSES_MAX)
			return false;
		out->licenses[out->n_licenses++] = letters[i].license;
	}
	return out->id_no != NULL;
}

static bool
read_payload(struct arena *arena, char *line, struct receipt *out)
{
	char *fields[N_FIELDS], *person;
	int64_t version, key_id;

	for (size_t i = 0; i < N_FIELDS; i++)
		if ((fields[i] = cut(&line, '|')) == NULL)
			return false;
	*out = (struct receipt){
		.number = fields[2], .public_url = fields[3], .consent_version = fields[6], .consent_sha256 = fields[7]
	};
	if (!read_number(fields[0], 1, &version) || !read_number(fields[1], UINT8_MAX, &key_id) ||
	    !read_number(fields[4], INT64_MAX, &out->signed_s) || !read_number(fields[5], INT64_MAX, &out->expires_s))
		return false;
	out->key_id = (uint8_t)key_id;
	for (; (person = cut(&line, '|')) != NULL; out->n_persons++)
		if (out->n_persons == RECEIPT_PERSONS_MAX || !read_person(arena, person, &out->persons[out->n_persons]))
			return false;
	return version == 1;
}

/* ${code} without the blanks and line feeds that copying brings in. */
static char *
without_blanks(struct arena *arena, const char *code)
{
	char *text = arena_strdup(arena, code), *out = text;

	for (; text != NULL && *code != '\0'; code++)
		if (strchr(" \t\r\n", *code) == NULL)
			*out++ = *code;
	if (text != NULL)
		*out = '\0';
	return text;
}

static bool
is_signed_by(const uint8_t *public_key, struct bytes data, const uint8_t *signature)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, public_key, SEAL_PUBLIC_SIZE);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool is_good = key != NULL && ctx != NULL && EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL) == 1 &&
		       EVP_DigestVerify(ctx, signature, SEAL_SIGNATURE_SIZE, data.data, data.size) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return is_good;
}

bool
receipt_verify(struct arena *arena, const char *code, const uint8_t public_key[static SEAL_PUBLIC_SIZE], struct receipt *receipt)
{
	struct bytes data;
	char *line;
	size_t length;

	if ((code = without_blanks(arena, code)) == NULL || !decode(arena, code, &data) || data.size <= SEAL_SIGNATURE_SIZE)
		return false;
	length = data.size - SEAL_SIGNATURE_SIZE;
	if (!is_signed_by(public_key, (struct bytes){ data.data, length }, data.data + length))
		return false;
	line = arena_strndup(arena, (const char *)data.data, length);
	return line != NULL && strlen(line) == length && read_payload(arena, line, receipt);
}

char *
receipt_key_pem(struct arena *arena, const uint8_t public_key[static SEAL_PUBLIC_SIZE])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, public_key, SEAL_PUBLIC_SIZE);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text, *pem = NULL;
	long size;

	if (key != NULL && bio != NULL && PEM_write_bio_PUBKEY(bio, key) == 1 && (size = BIO_get_mem_data(bio, &text)) > 0)
		pem = arena_strndup(arena, text, (size_t)size);
	BIO_free(bio);
	EVP_PKEY_free(key);
	return pem;
}

size_t
receipt_keys_read(struct bytes pem, uint8_t keys[][SEAL_PUBLIC_SIZE], size_t limit)
{
	BIO *bio = pem.size < INT32_MAX ? BIO_new_mem_buf(pem.data, (int)pem.size) : NULL;
	EVP_PKEY *key;
	size_t n = 0;

	while (bio != NULL && n < limit && (key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL)) != NULL) {
		size_t size = SEAL_PUBLIC_SIZE;

		if (EVP_PKEY_is_a(key, "ED25519") == 1 && EVP_PKEY_get_raw_public_key(key, keys[n], &size) == 1 &&
		    size == SEAL_PUBLIC_SIZE)
			n++;
		EVP_PKEY_free(key);
	}
	/* The end of the text is an error to OpenSSL, and must not be found by somebody else. */
	ERR_clear_error();
	BIO_free(bio);
	return n;
}
