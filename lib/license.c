/*
 * Two rounds of calls, each beside each other: license/auth for every holder, then get_license for every licence wanted.
 * Documents belong to the holder by number, never by name. One that cannot be read is named; the others stand.
 */
#include "license.h"

#include <json-c/json.h>
#include <openssl/evp.h>
#include <string.h>

#include "conf.h"
#include "fold.h"
#include "license_access.h"
#include "license_fields.h"
#include "log.h"
#include "reader.h"

enum { PAGE_SIZE = 100, TEXT_MAX = 1000, FIELDS_BYTES_MAX = 64 * 1024 };

/* One licence to be fetched: for whom, and by what. */
struct wish {
	struct license_request *request;
	const char *type, *auth_code;
};

bool
license_open(void)
{
	return license_access_open();
}

const char *
license_failure_name(enum license_failure failure)
{
	static const char *const names[] = { "fetched", "consent_withdrawn", "license_not_held", "license_unreadable",
		"register_unavailable" };

	return names[failure];
}

/* The body of license/auth. */
static const char *
auth_body(struct arena *arena, const struct license_request *request)
{
	struct json_object *json = json_object_new_object();
	const char *body;

	json_object_object_add(json, "identity_number", json_object_new_string(request->holder_id_no));
	json_object_object_add(json, "service_item_code", json_object_new_string(conf_text("license_service_item_code")));
	json_object_object_add(json, "service_item_name", json_object_new_string(conf_text("license_service_item_name")));
	json_object_object_add(json, "biz_num", json_object_new_string(request->request_id));
	json_object_object_add(json, "request_id", json_object_new_string(request->request_id));
	json_object_object_add(json, "authorization_code", json_object_new_string(request->authorization_code));
	json_object_object_add(json, "page_size", json_object_new_int(PAGE_SIZE));
	json_object_object_add(json, "page_index", json_object_new_int(1));
	body = arena_strdup(arena, json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
	return body;
}

/* Our word for the licence of an item; NULL if it is none that we know. */
static const char *
type_of(struct arena *arena, struct json_object *item)
{
	static const struct {
		const char *type, *name;
	} known[] = { { "household_register", "户口簿" }, { "real_estate", "不动产权" }, { "birth_certificate", "出生医学证明" },
		{ "identity_credential", "身份电子凭证" } };
	const char *type = reader_text(arena, item, "license_type", TEXT_MAX), *name = reader_text(arena, item, "name", TEXT_MAX);

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if ((type != NULL && strcmp(type, known[i].type) == 0) || (name != NULL && strstr(name, known[i].name) != NULL))
			return known[i].type;
	return NULL;
}

/* Does an item belong to this holder, and is it in force? What says nothing of it passes. */
static bool
is_good(struct arena *arena, struct json_object *item, const char *holder_id_no)
{
	const char *number = reader_text(arena, item, "holder_identity_num", 100);
	const char *status = reader_text(arena, item, "license_status", 40);

	number = number != NULL ? fold_number(arena, number) : NULL;
	return (number == NULL || strcmp(number, holder_id_no) == 0) && (status == NULL || strcmp(status, "ISSUED") == 0);
}

static void
add_text(struct json_object *json, const char *name, const char *text)
{
	if (text != NULL)
		json_object_object_add(json, name, json_object_new_string(text));
}

/* data_fields is a text; some systems send the object itself. */
static struct json_object *
read_fields(struct arena *arena, struct json_object *data)
{
	const char *text = reader_lines(arena, data, "data_fields", FIELDS_BYTES_MAX);
	struct json_object *object;

	if (text == NULL && json_object_object_get_ex(data, "data_fields", &object) &&
	    json_object_is_type(object, json_type_object))
		text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	return text != NULL && strlen(text) <= FIELDS_BYTES_MAX ? license_fields_read(arena, text) : NULL;
}

/* Fill a document from get_license's data. */
static void
read_document(struct arena *arena, struct json_object *data, struct license_document *document)
{
	struct json_object *fields = read_fields(arena, data), *json;

	if (fields == NULL) {
		document->failure = LICENSE_UNREADABLE;
		log_event(LOG_WARNING, NULL, "license_unreadable", "%s: data_fields cannot be read", document->type);
		return;
	}
	document->number = reader_text(arena, data, "id_code", 200);
	if (document->number == NULL)
		document->number = reader_text(arena, fields, "ZZHM", 200);
	document->issued_on = reader_date(arena, data, "issue_date");
	if (document->issued_on == NULL)
		document->issued_on = reader_date(arena, fields, "FZRQ");
	json = json_object_new_object();
	add_text(json, "number", document->number);
	add_text(json, "holder_name", reader_text(arena, data, "holder_name", TEXT_MAX));
	add_text(json, "issuer", reader_text(arena, data, "issue_org_name", TEXT_MAX));
	add_text(json, "issued_on", document->issued_on);
	json_object_object_add(json, "fields", fields);
	document->json =
	    arena_strdup(arena, json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	document->failure = document->json != NULL ? LICENSE_OK : LICENSE_UNAVAILABLE;
	json_object_put(json);
}

/* Note what of an auth answer is to be fetched; returns how many wishes there are now. */
static size_t
plan(struct arena *arena, struct json_object *json, struct license_request *request, struct wish *wishes, size_t n)
{
	size_t n_items;
	struct json_object *items = reader_list(json, "data", &n_items);

	for (size_t i = 0; i < n_items && i < PAGE_SIZE; i++) {
		struct json_object *item = json_object_array_get_idx(items, i);
		const char *type = type_of(arena, item), *auth_code = reader_token(arena, item, "auth_code");

		if (type != NULL && auth_code != NULL && strstr(request->types, type) != NULL &&
		    is_good(arena, item, request->holder_id_no))
			wishes[n++] = (struct wish){ request, type, auth_code };
	}
	return n;
}

/* First round: which licences do the authorizations open? Returns the wishes, or none. */
static size_t
ask(struct arena *arena, struct license_request *requests, size_t n, struct wish *wishes)
{
	struct license_call *calls = arena_alloc(arena, (n + 1) * sizeof *calls);
	size_t n_wishes = 0;

	if (calls == NULL)
		return 0;
	for (size_t i = 0; i < n; i++)
		calls[i] = (struct license_call){
			.method = "POST", .target = "/license-app/v1/license/auth?", .body = auth_body(arena, &requests[i])
		};
	license_access_call(arena, calls, n);
	for (size_t i = 0; i < n; i++) {
		requests[i].failure = calls[i].failure;
		if (calls[i].failure == LICENSE_OK)
			n_wishes = plan(arena, calls[i].json, &requests[i], wishes, n_wishes);
		json_object_put(calls[i].json);
	}
	return n_wishes;
}

/* Second round: fetch them. A document belongs to its request's list. */
static void
get(struct arena *arena, const struct wish *wishes, size_t n)
{
	struct license_call *calls = arena_alloc(arena, (n + 1) * sizeof *calls);

	for (size_t i = 0; calls != NULL && i < n; i++)
		calls[i] = (struct license_call){ .method = "GET",
			.target = arena_printf(arena, "/license-app/v1/license/get_license?auth_code=%s&", wishes[i].auth_code) };
	if (calls != NULL)
		license_access_call(arena, calls, n);
	for (size_t i = 0; i < n; i++) {
		struct license_request *request = wishes[i].request;
		struct license_document *document = &request->documents[request->n_documents++];
		struct json_object *data = NULL;

		*document = (struct license_document){
			.type = wishes[i].type, .failure = LICENSE_UNAVAILABLE, .auth_code = wishes[i].auth_code
		};
		if (calls == NULL)
			continue;
		document->failure = calls[i].failure;
		if (calls[i].failure == LICENSE_OK && json_object_object_get_ex(calls[i].json, "data", &data))
			read_document(arena, data, document);
		else if (calls[i].failure == LICENSE_OK)
			document->failure = LICENSE_UNREADABLE;
		json_object_put(calls[i].json);
	}
}

void
license_fetch(struct arena *arena, struct license_request *requests, size_t n)
{
	struct wish *wishes = arena_alloc(arena, (n * PAGE_SIZE + 1) * sizeof *wishes);

	for (size_t i = 0; i < n; i++) {
		requests[i].failure = LICENSE_UNAVAILABLE;
		requests[i].n_documents = 0;
		requests[i].documents = arena_alloc(arena, PAGE_SIZE * sizeof *requests[i].documents);
		if (requests[i].documents == NULL)
			wishes = NULL;
	}
	if (wishes != NULL)
		get(arena, wishes, ask(arena, requests, n, wishes));
}

/* Base64 with its padding. Returns false if ${text} is not that. */
static bool
decode(struct arena *arena, const char *text, struct bytes *out)
{
	size_t length = strlen(text), padding = 0;
	uint8_t *data = arena_alloc(arena, length / 4 * 3 + 1);
	int n;

	while (padding < 2 && length > padding && text[length - 1 - padding] == '=')
		padding++;
	if (data == NULL || length == 0 || length % 4 != 0 || length > INT32_MAX ||
	    (n = EVP_DecodeBlock(data, (const unsigned char *)text, (int)length)) < 0)
		return false;
	*out = (struct bytes){ data, (size_t)n - padding };
	return true;
}

/* What kind of file is this, by its first bytes? An OFD file is a ZIP archive. NULL: none that we keep. */
static const char *
kind_of(struct bytes data)
{
	if (data.size > 5 && memcmp(data.data, "%PDF-", 5) == 0)
		return "pdf";
	if (data.size > 4 && memcmp(data.data, "PK\003\004", 4) == 0)
		return "ofd";
	return NULL;
}

bool
license_fetch_archive(struct arena *arena, const char *auth_code, size_t limit_bytes, struct license_archive *out)
{
	size_t text_max = limit_bytes / 3 * 4 + 4;
	/* Where archives fail, licences are fetched all the same. */
	struct license_call call = { .counterpart = "license_archive",
		.method = "GET",
		.target = arena_printf(arena, "/license-app/v1/license/archive?auth_code=%s&", auth_code),
		.limit_bytes = text_max + 4096 };
	struct json_object *data;
	const char *text = NULL;

	*out = (struct license_archive){ 0 };
	if (call.target == NULL)
		return false;
	license_access_call(arena, &call, 1);
	if (call.failure == LICENSE_OK && json_object_object_get_ex(call.json, "data", &data))
		text = reader_text(arena, data, "file_data", text_max);
	json_object_put(call.json);
	if (text != NULL && decode(arena, text, &out->data))
		out->kind = kind_of(out->data);
	if (out->kind == NULL)
		log_event(LOG_WARNING, NULL, "license_archive", "none that could be kept");
	return out->kind != NULL;
}
