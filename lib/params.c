/*
 * One switch for what goes in, one for what comes out. Arrays are sent in PostgreSQL's binary form (array_recv: dimensions,
 * null flag, element type, then length and bytes of each element), so that nothing is ever quoted.
 */
#include "params.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"

/* Element types, from PostgreSQL's pg_type.dat: they are fixed. */
enum { OID_BYTEA = 17, OID_TEXT = 25, OID_UUID = 2950 };

struct cursor {
	uint8_t *at;
};

static void
put_int32(struct cursor *c, uint32_t value)
{
	uint32_t big = htonl(value);

	memcpy(c->at, &big, sizeof big);
	c->at += sizeof big;
}

static void
put_element(struct cursor *c, const void *data, size_t size)
{
	if (data == NULL) {
		put_int32(c, UINT32_MAX);
		return;
	}
	put_int32(c, (uint32_t)size);
	memcpy(c->at, data, size);
	c->at += size;
}

/* Make the binary array of ${n} elements; an empty one has no dimension. */
static bool
make_array(struct arena *arena, uint32_t element, const struct bytes *items, size_t n, struct bytes *out)
{
	size_t size = 20;
	bool has_null = false;
	struct cursor c;
	uint8_t *start;

	for (size_t i = 0; i < n; i++) {
		size += 4 + items[i].size;
		has_null = has_null || items[i].data == NULL;
	}
	if ((start = arena_alloc(arena, size)) == NULL)
		return false;
	c.at = start;
	put_int32(&c, n > 0);
	put_int32(&c, has_null);
	put_int32(&c, element);
	if (n > 0) {
		put_int32(&c, (uint32_t)n);
		put_int32(&c, 1);
	}
	for (size_t i = 0; i < n; i++)
		put_element(&c, items[i].data, items[i].size);
	*out = (struct bytes){ start, (size_t)(c.at - start) };
	return true;
}

/* The 16 bytes of a UUID's text; NULL if it is none. */
static uint8_t *
uuid_bytes(struct arena *arena, const char *text)
{
	uint8_t *bytes = arena_alloc(arena, 16);
	size_t n = 0;

	if (bytes == NULL || strlen(text) != 36)
		return NULL;
	for (size_t i = 0; i < 36;) {
		int high, low;

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i++] != '-')
				return NULL;
			continue;
		}
		high = hex_digit(text[i]);
		low = hex_digit(text[i + 1]);
		if (high < 0 || low < 0 || n == 16)
			return NULL;
		bytes[n++] = (uint8_t)(high << 4 | low);
		i += 2;
	}
	return n == 16 ? bytes : NULL;
}

static bool
bind_list(struct request *req, enum db_kind kind, const struct db_list *list, struct bytes *out)
{
	struct bytes *items;

	if (list->items == NULL) {
		*out = (struct bytes){ NULL, 0 };
		return true;
	}
	if ((items = arena_alloc(req->arena, (list->n + 1) * sizeof *items)) == NULL)
		return false;
	for (size_t i = 0; i < list->n; i++) {
		if (kind == DB_TEXTS) {
			items[i] = (struct bytes){ (const uint8_t *)list->items[i], strlen(list->items[i]) };
		} else {
			items[i] = (struct bytes){ uuid_bytes(req->arena, list->items[i]), 16 };
			if (items[i].data == NULL)
				return false;
		}
	}
	return make_array(req->arena, kind == DB_TEXTS ? OID_TEXT : OID_UUID, items, list->n, out);
}

static struct bytes
token_bytes(const struct token *token)
{
	return token->is_present ? (struct bytes){ token->hash, SEAL_HASH_SIZE } : (struct bytes){ NULL, 0 };
}

/* The peer's address goes to the doors as its blind index: the database counts by it and knows none. */
static bool
bind_address(struct request *req, struct bytes *out)
{
	uint8_t *index = arena_alloc(req->arena, SEAL_INDEX_SIZE);

	if (index == NULL || !seal_index("address", req->address != NULL ? req->address : "", index))
		return false;
	*out = (struct bytes){ index, SEAL_INDEX_SIZE };
	return true;
}

/* Bind what is binary; false in ${is_text} says that it was. */
static bool
bind_binary(struct request *req, const struct db_field *field, const void *at, struct bytes *out, bool *is_text)
{
	const struct db_blobs *blobs;

	*is_text = false;
	switch (field->kind) {
	case DB_SESSION:
		*out = token_bytes(&req->session);
		return true;
	case DB_DEVICE:
		*out = token_bytes(&req->device);
		return true;
	case DB_WECHAT:
		*out = token_bytes(&req->wechat);
		return true;
	case DB_ADDRESS:
		return bind_address(req, out);
	case DB_BYTES:
		*out = *(const struct bytes *)at;
		return true;
	case DB_HASH:
		*out = (struct bytes){ at, SEAL_HASH_SIZE };
		return true;
	case DB_INDEX:
		*out = (struct bytes){ at, SEAL_INDEX_SIZE };
		return true;
	case DB_UUIDS:
	case DB_TEXTS:
		return bind_list(req, field->kind, at, out);
	case DB_BLOBS:
		blobs = at;
		if (blobs->items == NULL) {
			*out = (struct bytes){ NULL, 0 };
			return true;
		}
		return make_array(req->arena, OID_BYTEA, blobs->items, blobs->n, out);
	case DB_REF:
	case DB_TEXT:
	case DB_UUID:
	case DB_INT:
	case DB_BOOL:
	case DB_JSON:
		*is_text = true;
		return true;
	}
	return false;
}

/* Bind what goes as text. */
static bool
bind_text(struct request *req, const struct db_field *field, const void *at, const char **out)
{
	switch (field->kind) {
	case DB_REF:
		*out = req->ref;
		return true;
	case DB_INT:
		*out = arena_printf(req->arena, "%lld", (long long)*(const int64_t *)at);
		return *out != NULL;
	case DB_BOOL:
		*out = *(const bool *)at ? "t" : "f";
		return true;
	default:
		*out = *(const char *const *)at;
		return true;
	}
}

bool
params_in(struct request *req, const struct door *door, const void *in, struct params *params)
{
	/* A door without a struct of its own takes all from the request. */
	static const struct db_list nothing;
	const char *from = in != NULL ? in : (const void *)&nothing;

	params->n = door->n_in;
	if (door->n_in > PARAMS_MAX)
		return false;
	for (size_t i = 0; i < door->n_in; i++) {
		const struct db_field *field = &door->in[i];
		const void *at = from + field->offset;
		struct bytes binary = { NULL, 0 };
		bool is_text;

		if (!bind_binary(req, field, at, &binary, &is_text))
			return false;
		params->lengths[i] = (int)binary.size;
		params->formats[i] = !is_text;
		params->values[i] = (const char *)binary.data;
		if (is_text && !bind_text(req, field, at, &params->values[i]))
			return false;
	}
	return true;
}

/* Decode bytea's text form, \x and two digits a byte. */
static bool
decode_bytes(struct arena *arena, const char *text, size_t length, struct bytes *out)
{
	size_t n;
	uint8_t *data;

	if (length < 2 || text[0] != '\\' || text[1] != 'x')
		return false;
	n = (length - 2) / 2;
	if ((data = arena_alloc(arena, n + 1)) == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(text[2 + 2 * i]), low = hex_digit(text[3 + 2 * i]);

		if (high < 0 || low < 0)
			return false;
		data[i] = (uint8_t)(high << 4 | low);
	}
	*out = (struct bytes){ data, n };
	return true;
}

bool
params_out(struct arena *arena, const struct db_field *field, const PGresult *result, int row, int column, void *out)
{
	void *at = (char *)out + field->offset;
	bool is_null = PQgetisnull(result, row, column) == 1;
	const char *text = PQgetvalue(result, row, column);
	size_t length = (size_t)PQgetlength(result, row, column);

	switch (field->kind) {
	case DB_TEXT:
	case DB_UUID:
	case DB_JSON:
		*(const char **)at = is_null ? NULL : arena_strndup(arena, text, length);
		return is_null || *(const char **)at != NULL;
	case DB_INT:
		*(int64_t *)at = is_null ? 0 : strtoll(text, NULL, 10);
		return true;
	case DB_BOOL:
		*(bool *)at = !is_null && text[0] == 't';
		return true;
	case DB_BYTES:
		*(struct bytes *)at = (struct bytes){ NULL, 0 };
		return is_null || decode_bytes(arena, text, length, (struct bytes *)at);
	default:
		return false;
	}
}
