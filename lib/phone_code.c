/* A code is made, hashed, sealed and wiped here; whether it is right, and how often it may be tried, only the doors know. */
#include "phone_code.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "words.h"

enum { TEXT_SIZE = 64 };

static const struct form_field send_fields[] = {
	{ .name = "phone", .rule = FORM_PHONE, .offset = offsetof(struct phone_code, phone) },
};

bool
phone_code_is_asked(void)
{
	return strcmp(conf_text("phone_proof"), "sms") == 0;
}

size_t
phone_code_fields(size_t n)
{
	return phone_code_is_asked() ? n : n - 1;
}

/* Six digits alone are solved in no time; the key is not in the database, and purpose and number keep a code in its row. */
static bool
hash(const char *purpose, const char *phone, const char *code, uint8_t out[static SEAL_HASH_SIZE])
{
	char text[TEXT_SIZE];
	int length = snprintf(text, sizeof text, "%s:%s:%s", purpose, phone, code);
	bool is_hashed = length > 0 && length < (int)sizeof text &&
			 seal_fingerprint("phone_code", (struct bytes){ (const uint8_t *)text, (size_t)length }, out);

	OPENSSL_cleanse(text, sizeof text);
	return is_hashed;
}

/* Draw a code and seal it, and the number, for the message that carries them. */
static bool
make(struct arena *arena, const char *purpose, struct phone_code *out)
{
	char code[SEAL_CODE_SIZE], id[37];
	bool is_made;

	seal_uuid(id);
	seal_code(code);
	out->outbox_id = arena_strdup(arena, id);
	is_made = out->outbox_id != NULL && seal_index("phone", out->phone, out->phone_index) &&
		  hash(purpose, out->phone, code, out->hash) &&
		  seal_put(arena, SEAL_CONTACT, "outbox.phone", id, out->phone, &out->sealed_phone) &&
		  seal_put(arena, SEAL_CONTACT, "outbox.token", id, code, &out->token);
	OPENSSL_cleanse(code, sizeof code);
	return is_made;
}

enum status
phone_code_send(struct request *req, struct reply *rep, const char *purpose, const struct door *door)
{
	struct phone_code code = { 0 };
	enum status st;

	if ((st = form_read(req, send_fields, sizeof send_fields / sizeof *send_fields, &code)) != STATUS_OK)
		return st;
	if (!phone_code_is_asked())
		return STATUS_WRONG_STATE;
	if (!make(req->arena, purpose, &code))
		return STATUS_INTERNAL;
	st = db_call(req, door, &code, &code);
	req->retry_after_s = (int)code.retry_after_s;
	if (st == STATUS_TOO_MANY_ATTEMPTS)
		req->detail = words_sentence("code_too_soon");
	return st == STATUS_OK ? reply_empty(rep) : st;
}

bool
phone_code_hash(struct arena *arena, const char *purpose, const char *phone, const char *code, struct bytes *out)
{
	uint8_t *hashed;

	*out = (struct bytes){ 0 };
	if (!phone_code_is_asked())
		return true;
	if ((hashed = arena_alloc(arena, SEAL_HASH_SIZE)) == NULL || !hash(purpose, phone, code, hashed))
		return false;
	*out = (struct bytes){ hashed, SEAL_HASH_SIZE };
	return true;
}

enum status
phone_code_wrong(struct request *req)
{
	return form_error(req, "phone_code", "checksum");
}
