/* Reading what a request carries in its query string, If-Match and cookies; the rest of it is filled by lib/server. */
#include "request.h"

#include <string.h>
#include <utf8proc.h>

#include "hex.h"

enum { TOKEN_LENGTH = 43 };

static bool
is_utf8(const unsigned char *text, size_t length)
{
	while (length > 0) {
		utf8proc_int32_t point;
		utf8proc_ssize_t n = utf8proc_iterate(text, (utf8proc_ssize_t)length, &point);

		if (n <= 0)
			return false;
		text += n;
		length -= (size_t)n;
	}
	return true;
}

/* Undo form encoding of ${length} bytes. Returns NULL if it is broken, holds a NUL, or is not UTF-8. */
static const char *
decode(struct arena *arena, const char *text, size_t length)
{
	unsigned char *out = arena_alloc(arena, length + 1);
	size_t n = 0;

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '%') {
			int high = i + 2 < length ? hex_digit(text[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(text[i + 2]) : -1;

			if (low < 0 || (high | low) == 0)
				return NULL;
			out[n++] = (unsigned char)(high << 4 | low);
			i += 2;
		} else {
			out[n++] = text[i] == '+' ? ' ' : (unsigned char)text[i];
		}
	}
	return is_utf8(out, n) ? (const char *)out : NULL;
}

const char *
request_query(const struct request *req, const char *name)
{
	const char *at = req->query, *found = NULL;
	size_t name_length = strlen(name), found_length = 0;

	/* Our own names need no encoding, so raw ones are compared. */
	while (*at != '\0') {
		size_t length = strcspn(at, "&");

		if (length > name_length && at[name_length] == '=' && strncmp(at, name, name_length) == 0) {
			if (found != NULL)
				return NULL;
			found = at + name_length + 1;
			found_length = length - name_length - 1;
		}
		at += length;
		at += *at == '&';
	}
	return found != NULL ? decode(req->arena, found, found_length) : NULL;
}

bool
request_if_match(const struct request *req, int64_t *version)
{
	const char *at = req->if_match;
	int64_t number = 0;
	unsigned digits = 0;

	if (at == NULL)
		return false;
	/* nginx weakens an ETag when it compresses; ours mean the same either way. */
	if (strncmp(at, "W/", 2) == 0)
		at += 2;
	if (*at++ != '"')
		return false;
	for (; *at >= '0' && *at <= '9' && digits < 18; at++, digits++)
		number = number * 10 + (*at - '0');
	if (digits == 0 || strcmp(at, "\"") != 0)
		return false;
	*version = number;
	return true;
}

const char *
request_uuid(const struct request *req, unsigned n)
{
	const char *text = n < REQUEST_PARAMS ? req->params[n] : NULL;

	if (text == NULL || strlen(text) != 36)
		return NULL;
	for (size_t i = 0; i < 36; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? text[i] != '-' : strchr("0123456789abcdefABCDEF", text[i]) == NULL)
			return NULL;
	}
	return text;
}

static bool
is_token(const char *text, size_t length)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	return length == TOKEN_LENGTH && strspn(text, alphabet) >= length;
}

void
request_cookie(const char *const *headers, size_t n, const char *name, struct token *token)
{
	size_t name_length = strlen(name), found_length = 0;
	const char *found = NULL;

	token->is_present = false;
	for (size_t i = 0; i < n; i++) {
		const char *at = headers[i];

		while (*(at += strspn(at, "; \t")) != '\0') {
			size_t length = strcspn(at, ";");
			const char *value = at + name_length + 1;

			if (length > name_length && at[name_length] == '=' && strncmp(at, name, name_length) == 0) {
				size_t value_length = length - name_length - 1;

				/* Two of one name: somebody may have planted one, so neither counts. */
				if (found != NULL && (value_length != found_length || memcmp(found, value, value_length) != 0))
					return;
				found = value;
				found_length = value_length;
			}
			at += length;
		}
	}
	if (found != NULL && is_token(found, found_length)) {
		seal_hash((struct bytes){ (const uint8_t *)found, found_length }, token->hash);
		token->is_present = true;
	}
}
