/*
 * The receipt of an authorization (授权回执): who allowed what for whom until when, signed with the platform's Ed25519 key, so
 * that paper proves it without the database. What is signed is one line of text, the payload:
 *   1|KEY|NUMBER|PUBLIC_URL|SIGNED|EXPIRES|CONSENT_VERSION|CONSENT_SHA256|PERSON|PERSON…
 * times in seconds since 1970, the consent's two fields empty where none was published, a PERSON "Gname;id_no;letters" (S for a
 * student), masks throughout, the run of stars in a number written as one, letters: h household_register, r real_estate,
 * b birth_certificate, i identity_credential. What a QR code carries, the code, is "SQHZ1:" and Base32 (RFC 4648, no padding) of
 * payload and 64-byte signature: a QR code's cheap signs only, and nothing that a keyboard's language could spoil.
 */
#ifndef RECEIPT_H
#define RECEIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "bytes.h"
#include "seal.h"

enum { RECEIPT_PERSONS_MAX = 20, RECEIPT_LICENSES_MAX = 4, RECEIPT_CODE_MAX = 4096 };

struct receipt_person {
	bool is_guardian;
	const char *name, *id_no;                   /* masks */
	const char *licenses[RECEIPT_LICENSES_MAX]; /* "household_register" … */
	size_t n_licenses;
};

struct receipt {
	uint8_t key_id; /* of the key that has signed */
	const char *number, *public_url;
	int64_t signed_s, expires_s;
	const char *consent_version, *consent_sha256; /* hexadecimal; "" where there is none */
	struct receipt_person persons[RECEIPT_PERSONS_MAX];
	size_t n_persons;
};

/**
 * receipt_sign(arena, receipt, payload, code):
 * Sign ${receipt} with the key that this executable holds; fills its key_id, the line that was signed and the QR code's text.
 * Returns false if no key is held, something does not fit into the line, or memory ends.
 */
bool receipt_sign(struct arena *arena, struct receipt *receipt, const char **payload, const char **code);

/**
 * receipt_verify(arena, code, public_key, receipt):
 * Does ${code} (blanks and line feeds in it do not count) carry a receipt that ${public_key}'s owner has signed? Then
 * ${receipt} is filled from it.
 */
bool receipt_verify(
    struct arena *arena, const char *code, const uint8_t public_key[static SEAL_PUBLIC_SIZE], struct receipt *receipt);

/**
 * receipt_key_pem(arena, public_key):
 * Return ${public_key} as a PEM file's text ("BEGIN PUBLIC KEY", RFC 8410), or NULL.
 */
char *receipt_key_pem(struct arena *arena, const uint8_t public_key[static SEAL_PUBLIC_SIZE]);

/**
 * receipt_keys_read(pem, keys, limit):
 * Read the Ed25519 public keys out of a PEM file's text, at most ${limit}. Returns how many there are.
 */
size_t receipt_keys_read(struct bytes pem, uint8_t keys[][SEAL_PUBLIC_SIZE], size_t limit);

#endif
