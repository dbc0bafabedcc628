/*
 * Sealing: personal data at rest. AES-256-GCM; the key's id in front, "table.column:row id" bound in as
 * associated data, so that a sealed value moved to another row does not open. Look-ups go by a blind index, HMAC-SHA-256
 * with a label a field. Layout: key id (1) nonce (12) ciphertext tag (16). Index: key version (1) HMAC (32).
 *
 * Keys are split by class; keys_dir holds CLASS.ID files of 32 raw bytes, the highest ID seals, all open. The class receipt
 * seals nothing: its files are seeds of Ed25519 keys, and the highest ID signs.
 */
#ifndef SEAL_H
#define SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "bytes.h"

enum seal_class { SEAL_IDENTITY, SEAL_CONTACT, SEAL_LICENSE, SEAL_INDEX, SEAL_TOKEN, SEAL_RECEIPT, SEAL_CLASSES };
enum { SEAL_INDEX_SIZE = 33, SEAL_HASH_SIZE = 32, SEAL_CODE_SIZE = 7, SEAL_SIGNATURE_SIZE = 64, SEAL_PUBLIC_SIZE = 32 };

/* What an executable holds: a bit (1u << class) for each. lib/keys.c has the one table that says who holds what. */
typedef unsigned seal_set;

/**
 * seal_open_keys(dir, held):
 * Load the newest and the older keys of each class in ${held} from ${dir}. Returns false (logged) if a class has none or
 * a file has another size. Call once, before threads start.
 */
bool seal_open_keys(const char *dir, seal_set held);

/**
 * seal_put(arena, class, place, row, text, out):
 * Seal ${text} for ${place} ("student.id_no") and ${row} (its UUID). Returns false if the class is not held or memory ends.
 */
bool seal_put(
    struct arena *arena, enum seal_class class, const char *place, const char *row, const char *text, struct bytes *out);

/**
 * seal_put_bytes(arena, class, place, row, data, out):
 * The same for ${data}, which may hold any bytes.
 */
bool seal_put_bytes(
    struct arena *arena, enum seal_class class, const char *place, const char *row, struct bytes data, struct bytes *out);

/**
 * seal_get(arena, class, place, row, sealed):
 * Return the text sealed for ${place} and ${row}, or NULL if it does not open (logged by place, never by value).
 */
char *seal_get(struct arena *arena, enum seal_class class, const char *place, const char *row, struct bytes sealed);

/**
 * seal_index(field, value, out):
 * Write the blind index of ${value} in ${field} ("id_no", "phone", "openid", "idempotency", "address").
 * Returns false if SEAL_INDEX is not held.
 */
bool seal_index(const char *field, const char *value, uint8_t out[static SEAL_INDEX_SIZE]);

/**
 * seal_fingerprint(label, data, out):
 * HMAC-SHA-256 of ${data} under the token key and ${label}, for idempotency and state tokens. Needs SEAL_TOKEN.
 */
bool seal_fingerprint(const char *label, struct bytes data, uint8_t out[static SEAL_HASH_SIZE]);

/**
 * seal_receipt_key(public_key):
 * Return the id of the key that signs, and write its public half; 0 if SEAL_RECEIPT is not held.
 */
uint8_t seal_receipt_key(uint8_t public_key[static SEAL_PUBLIC_SIZE]);

/**
 * seal_sign(data, out):
 * Sign ${data} with the newest key of SEAL_RECEIPT (Ed25519, RFC 8032). Returns false (logged) if that class is not held.
 */
bool seal_sign(struct bytes data, uint8_t out[static SEAL_SIGNATURE_SIZE]);

/**
 * seal_hash(data, out):
 * Plain SHA-256: how random tokens (cookies, one-time codes) are stored.
 */
void seal_hash(struct bytes data, uint8_t out[static SEAL_HASH_SIZE]);

/**
 * seal_token(out):
 * Write 256 random bits as 43 characters of base64url and a NUL.
 */
void seal_token(char out[static 44]);

/**
 * seal_code(out):
 * Write six random digits, each code as likely as any other, and a NUL.
 */
void seal_code(char out[static SEAL_CODE_SIZE]);

/**
 * seal_uuid(out):
 * Write a random UUID (version 4).
 */
void seal_uuid(char out[static 37]);

/**
 * seal_mask_id_no(arena, id_no):
 * Return the first and last character with 16 stars between: nothing that could be solved.
 */
char *seal_mask_id_no(struct arena *arena, const char *id_no);

#endif
