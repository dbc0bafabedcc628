/*
 * The code that proves a phone (phone_proof = sms): six random digits, sent to the number by SMS, good for one number and one
 * purpose. The database gets their HMAC under the token key, and one copy, sealed for the message, which only the courier opens.
 */
#ifndef PHONE_CODE_H
#define PHONE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "db.h"
#include "form.h"
#include "reply.h"
#include "request.h"
#include "seal.h"

/* A code on its way: what a sending door takes, and what it tells. */
struct phone_code {
	const char *phone;
	uint8_t phone_index[SEAL_INDEX_SIZE], hash[SEAL_HASH_SIZE];
	const char *outbox_id;
	struct bytes sealed_phone, token;

	const char *code;
	int64_t retry_after_s;
};

// clang-format off
/* The code in the parameters of a sending door: the last five, in this order. */
#define PHONE_CODE_FIELDS \
	{ DB_INDEX, offsetof(struct phone_code, phone_index) }, \
	{ DB_HASH, offsetof(struct phone_code, hash) }, \
	{ DB_UUID, offsetof(struct phone_code, outbox_id) }, \
	{ DB_BYTES, offsetof(struct phone_code, sealed_phone) }, \
	{ DB_BYTES, offsetof(struct phone_code, token) }

/* What a sending door tells. */
#define PHONE_CODE_OUT \
	{ DB_INT, offsetof(struct phone_code, retry_after_s) }

/* The field of a form that takes the code: the last of its table, see phone_code_fields. */
#define PHONE_CODE_FIELD(at) \
	{ .name = "phone_code", .rule = FORM_CODE, .offset = (at) }
// clang-format on

/**
 * phone_code_is_asked():
 * Must a number be proved (phone_proof = sms)?
 */
bool phone_code_is_asked(void);

/**
 * phone_code_fields(n):
 * Return how many of the ${n} fields of a form count, the last of which is PHONE_CODE_FIELD: where no proof is asked for, a
 * code is "unknown".
 */
size_t phone_code_fields(size_t n);

/**
 * phone_code_send(req, rep, purpose, door):
 * Answer a request {phone} for a code: make it for ${purpose} ("register", "account", "recover"), hand it to ${door} (a struct
 * phone_code in and out), answer 204. wrong_state where no proof is asked for.
 */
enum status phone_code_send(struct request *req, struct reply *rep, const char *purpose, const struct door *door);

/**
 * phone_code_hash(arena, purpose, phone, code, out):
 * Write what the doors know of ${code} to ${out}; nothing (null) where no proof is asked for. Returns false if the token key is
 * not held or memory ends.
 */
bool phone_code_hash(struct arena *arena, const char *purpose, const char *phone, const char *code, struct bytes *out);

/**
 * phone_code_wrong(req):
 * The door found the code wrong: say so at its field. Returns STATUS_VALIDATION_FAILED.
 */
enum status phone_code_wrong(struct request *req);

#endif
