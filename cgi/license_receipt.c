/*
 * The facts are the signing's and never change, and Ed25519 signs alike each time: so nothing is stored of a receipt, and the one
 * on paper is the one on the page. How the authorization stands now is said beside it, not in it.
 */
#include "license_receipt.h"

#include <json-c/json.h>
#include <string.h>

#include "conf.h"
#include "json.h"
#include "log.h"
#include "qr.h"
#include "receipt.h"
#include "words.h"

struct receipt_in {
	const char *id;
};

struct receipt_out {
	const char *code, *answer;
	int64_t signed_s, expires_s;
};

static const struct db_field in_fields[] = { { DB_SESSION, 0 }, { DB_UUID, offsetof(struct receipt_in, id) } };
static const struct db_field out_fields[] = { { DB_JSON, offsetof(struct receipt_out, answer) },
	{ DB_INT, offsetof(struct receipt_out, signed_s) }, { DB_INT, offsetof(struct receipt_out, expires_s) } };

const struct door authorization_receipt_door = { "authorization_receipt", "select * from enroll.authorization_receipt($1,$2)",
	in_fields, sizeof in_fields / sizeof *in_fields, out_fields, sizeof out_fields / sizeof *out_fields,
	offsetof(struct receipt_out, code) };

static const char *
member(struct json_object *object, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(object, name, &value) ? json_object_get_string(value) : "";
}

static void
read_person(struct json_object *json, struct receipt_person *out)
{
	struct json_object *licenses = json_object_object_get(json, "licenses");
	size_t n = json_object_array_length(licenses);

	*out = (struct receipt_person){ .is_guardian = strcmp(member(json, "role"), "guardian") == 0,
		.name = member(json, "name"),
		.id_no = member(json, "id_no") };
	for (; out->n_licenses < n && out->n_licenses < RECEIPT_LICENSES_MAX; out->n_licenses++)
		out->licenses[out->n_licenses] = json_object_get_string(json_object_array_get_idx(licenses, out->n_licenses));
}

/* The door's facts as what is to be signed. Texts still belong to ${answer}. */
static bool
read_facts(const struct receipt_out *out, struct json_object *answer, struct receipt *receipt)
{
	struct json_object *persons = json_object_object_get(answer, "persons"),
			   *consent = json_object_object_get(answer, "consent");
	size_t n = json_object_array_length(persons);

	*receipt = (struct receipt){ .number = member(answer, "number"),
		.public_url = conf_text("public_url"),
		.signed_s = out->signed_s,
		.expires_s = out->expires_s,
		.consent_version = member(consent, "version"),
		.consent_sha256 = member(consent, "sha256"),
		.n_persons = n };
	for (size_t i = 0; i < n && i < RECEIPT_PERSONS_MAX; i++)
		read_person(json_object_array_get_idx(persons, i), &receipt->persons[i]);
	return n <= RECEIPT_PERSONS_MAX;
}

static void
add(struct json_object *answer, const char *name, const char *text)
{
	(void)json_object_object_add(answer, name, json_object_new_string(text));
}

/* Sign, draw, and put it all into ${answer}. */
static enum status
sign(struct request *req, const struct receipt_out *out, struct json_object *answer)
{
	const char *payload, *code, *name = arena_printf(req->arena, "receipt_%s", member(answer, "status")), *title, *pem;
	uint8_t public_key[SEAL_PUBLIC_SIZE];
	struct receipt receipt;
	struct bytes picture;

	title = name != NULL ? words_sentence(name) : NULL;
	if (title == NULL || !read_facts(out, answer, &receipt) || !receipt_sign(req->arena, &receipt, &payload, &code) ||
	    !qr_svg(req->arena, code, "授权回执二维码", &picture) || seal_receipt_key(public_key) == 0 ||
	    (pem = receipt_key_pem(req->arena, public_key)) == NULL) {
		log_event(LOG_ERROR, req->ref, "receipt", "cannot be made");
		return STATUS_INTERNAL;
	}
	add(answer, "title", title);
	add(answer, "public_url", receipt.public_url);
	add(answer, "payload", payload);
	add(answer, "code", code);
	add(answer, "qr_svg", (const char *)picture.data);
	(void)json_object_object_add(answer, "key_id", json_object_new_int(receipt.key_id));
	add(answer, "public_key", pem);
	return STATUS_OK;
}

enum status
license_receipt(struct request *req, struct reply *rep)
{
	const struct receipt_in in = { request_uuid(req, 0) };
	struct receipt_out out = { 0 };
	struct json_object *answer;
	enum status st;

	if (in.id == NULL)
		return STATUS_NOT_FOUND;
	if ((st = db_call(req, &authorization_receipt_door, &in, &out)) != STATUS_OK)
		return st;
	if ((answer = json_read((struct bytes){ (const uint8_t *)out.answer, strlen(out.answer) })) == NULL)
		return STATUS_INTERNAL;
	if ((st = sign(req, &out, answer)) != STATUS_OK) {
		(void)json_object_put(answer);
		return st;
	}
	return reply_json(req, rep, 200, answer);
}
