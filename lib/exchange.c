/*
 * How libfcgi is made to serve connections that we accepted: a request whose listen_sock is -1 never accepts, and with ipcFd
 * set FCGX_Accept_r reads from there. keepConnection must be set before, else what is left of the last request would close
 * it; detached as well, else closing drains for up to two seconds. Both are cleared by libfcgi and set before every read.
 * tests/lib/server.c fails when a libfcgi changes any of this.
 *
 * STDIN is read to its end whatever the request is: an unread end record would begin the next one. A request that is cut off
 * within its parameters is handed on by libfcgi as if whole, so nginx sends PARAMS_END last.
 */
#include "exchange.h"

#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"

enum { COOKIE_HEADERS = 8 };

/* What we read of what nginx sends (nginx/fastcgi.conf). */
enum param {
	METHOD,
	PATH,
	QUERY,
	ADDRESS,
	MSEC,
	REF,
	CONTENT_LENGTH,
	CONTENT_TYPE,
	USER_AGENT,
	SEC_FETCH_SITE,
	PARAMS_END,
	/* From here on: headers that must be single. */
	ORIGIN,
	IF_MATCH,
	IDEMPOTENCY_KEY,
	HEADER_CONTENT_TYPE,
	PARAMS
};

static const char *const param_names[PARAMS] = {
	[METHOD] = "REQUEST_METHOD",
	[PATH] = "PATH",
	[QUERY] = "QUERY_STRING",
	[ADDRESS] = "REMOTE_ADDR",
	[MSEC] = "MSEC",
	[REF] = "REF",
	[CONTENT_LENGTH] = "CONTENT_LENGTH",
	[CONTENT_TYPE] = "CONTENT_TYPE",
	[USER_AGENT] = "HTTP_USER_AGENT",
	[SEC_FETCH_SITE] = "HTTP_SEC_FETCH_SITE",
	[PARAMS_END] = "PARAMS_END",
	[ORIGIN] = "HTTP_ORIGIN",
	[IF_MATCH] = "HTTP_IF_MATCH",
	[IDEMPOTENCY_KEY] = "HTTP_IDEMPOTENCY_KEY",
	[HEADER_CONTENT_TYPE] = "HTTP_CONTENT_TYPE",
};

struct params {
	const char *values[PARAMS]; /* the first of each */
	unsigned counts[PARAMS];
	const char *cookies[COOKIE_HEADERS];
	size_t n_cookies;
};

bool
exchange_setup(void)
{
	return FCGX_Init() == 0;
}

/* The value if ${entry} is "${name}=value", else NULL. */
static const char *
value_of(const char *entry, const char *name)
{
	size_t length = strlen(name);

	return strncmp(entry, name, length) == 0 && entry[length] == '=' ? entry + length + 1 : NULL;
}

static void
collect(char *const *envp, struct params *params)
{
	const char *value;

	for (; *envp != NULL; envp++) {
		if ((value = value_of(*envp, "HTTP_COOKIE")) != NULL) {
			if (params->n_cookies < COOKIE_HEADERS)
				params->cookies[params->n_cookies++] = value;
			continue;
		}
		for (size_t i = 0; i < PARAMS; i++)
			if ((value = value_of(*envp, param_names[i])) != NULL) {
				if (params->counts[i]++ == 0)
					params->values[i] = value;
				break;
			}
	}
}

/* Old nginx passes a repeated header twice, newer ones (1.23) join the values with a comma. */
static bool
has_repeated(const struct params *params)
{
	for (size_t i = ORIGIN; i < PARAMS; i++)
		if (params->counts[i] > 1 || (params->values[i] != NULL && strchr(params->values[i], ',') != NULL))
			return true;
	return false;
}

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* nginx's reference, or one of our own if it sent none. */
static void
set_ref(const char *given, char ref[static 9])
{
	unsigned char random[8] = { 0 };

	if (given != NULL && strlen(given) == 8 && strspn(given, "0123456789") == 8) {
		memcpy(ref, given, 9);
		return;
	}
	(void)RAND_bytes(random, sizeof random);
	for (size_t i = 0; i < 8; i++)
		ref[i] = (char)('0' + random[i] % 10);
	ref[8] = '\0';
}

/* How long ago nginx took the request up; it has waited for us since. */
static int64_t
age_ms(const char *msec)
{
	char *end;
	double began_s = strtod(or_empty(msec), &end);
	double age;

	if (began_s <= 0 || *end != '\0')
		return 0;
	age = (double)clock_wall_ms() - began_s * 1000;
	if (age < 0)
		return 0;
	return age < 1e9 ? (int64_t)age : (int64_t)1e9;
}

static const char *
header(const struct request *req, const char *cgi_name)
{
	const FCGX_Request *fcgi = req->fcgi;

	return FCGX_GetParam(cgi_name, fcgi->envp);
}

static void
fill(struct request *req, const struct params *params, long timeout_ms)
{
	const char *const *values = params->values;
	int64_t age = age_ms(values[MSEC]);

	set_ref(values[REF], req->ref);
	req->is_head = strcmp(or_empty(values[METHOD]), "HEAD") == 0;
	req->method = req->is_head ? "GET" : or_empty(values[METHOD]);
	req->path = or_empty(values[PATH]);
	req->query = or_empty(values[QUERY]);
	req->address = or_empty(values[ADDRESS]);
	/* nginx sends it empty when there was none. */
	req->content_type = or_empty(values[CONTENT_TYPE])[0] != '\0' ? values[CONTENT_TYPE] : NULL;
	req->origin = values[ORIGIN];
	req->sec_fetch_site = params->counts[SEC_FETCH_SITE] == 1 ? values[SEC_FETCH_SITE] : NULL;
	req->if_match = values[IF_MATCH];
	req->idempotency_key = values[IDEMPOTENCY_KEY];
	req->user_agent = values[USER_AGENT];
	req->has_repeated_header = has_repeated(params) || (req->content_type != NULL && strchr(req->content_type, ',') != NULL);
	req->is_stale = age > timeout_ms;
	req->deadline_ms = clock_monotonic_ms() + timeout_ms - age;
	request_cookie(params->cookies, params->n_cookies, "__Host-session", &req->session);
	request_cookie(params->cookies, params->n_cookies, "__Host-device", &req->device);
	request_cookie(params->cookies, params->n_cookies, "__Host-wechat", &req->wechat);
}

/* Read the body and STDIN's end. Returns false if it was cut off. */
static bool
read_body(FCGX_Stream *in, const char *declared, struct arena *arena, struct request *req)
{
	char rest[4096], *end;
	uint8_t *data;
	unsigned long length;
	size_t size = 0;
	int n, first = FCGX_GetChar(in);

	if (first != EOF) {
		if ((data = arena_alloc(arena, REQUEST_BODY_LIMIT + 1)) == NULL)
			return false;
		data[0] = (uint8_t)first;
		size = 1 + (size_t)FCGX_GetStr((char *)data + 1, REQUEST_BODY_LIMIT - 1, in);
		req->body = (struct bytes){ data, size };
		/* What is beyond the limit is counted, not kept. */
		while ((n = FCGX_GetStr(rest, sizeof rest, in)) > 0)
			size += (size_t)n;
	}
	if (FCGX_GetError(in) != 0)
		return false;

	/* Without a length (chunked) what came is what there is. */
	errno = 0;
	length = strtoul(or_empty(declared), &end, 10);
	if (declared != NULL && *declared != '\0' && (errno != 0 || *end != '\0' || length != size))
		return false;
	if (size > REQUEST_BODY_LIMIT) {
		req->is_too_large = true;
		req->body = (struct bytes){ NULL, 0 };
	}
	return true;
}

bool
exchange_read(struct exchange *exchange, int fd, struct arena *arena, long timeout_ms, struct request *req)
{
	FCGX_Request *fcgi = &exchange->fcgi;
	struct params params = { 0 };

	(void)FCGX_InitRequest(fcgi, -1, 0);
	fcgi->ipcFd = fd;
	fcgi->keepConnection = 1;
	fcgi->detached = 1;
	if (FCGX_Accept_r(fcgi) != 0)
		return false;

	*req = (struct request){ .arena = arena, .header = header, .fcgi = fcgi };
	if (FCGX_GetError(fcgi->in) != 0)
		goto err;
	collect(fcgi->envp, &params);
	if (params.values[PARAMS_END] == NULL || !read_body(fcgi->in, params.values[CONTENT_LENGTH], arena, req))
		goto err;
	fill(req, &params, timeout_ms);
	return true;

err:
	/* Nobody waits for an answer to half a request. */
	log_event(LOG_WARNING, NULL, "cut_off", "half a request was dropped");
	fcgi->detached = 1;
	FCGX_Free(fcgi, 1);
	return false;
}

/* The words beside a number in the status line; nginx passes on what we send, and some clients want them. */
static const char *
reason(int http)
{
	static const struct {
		int http;
		const char *words;
	} reasons[] = { { 200, "OK" }, { 201, "Created" }, { 204, "No Content" }, { 302, "Found" }, { 400, "Bad Request" },
		{ 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
		{ 409, "Conflict" }, { 413, "Content Too Large" }, { 415, "Unsupported Media Type" },
		{ 422, "Unprocessable Content" }, { 428, "Precondition Required" }, { 429, "Too Many Requests" },
		{ 500, "Internal Server Error" }, { 503, "Service Unavailable" } };

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].http == http)
			return reasons[i].words;
	return "Other";
}

bool
exchange_write(struct exchange *exchange, const struct request *req, const struct reply *rep, bool is_kept)
{
	FCGX_Request *fcgi = &exchange->fcgi;
	FCGX_Stream *out = fcgi->out;
	char head[160];

	(void)snprintf(head, sizeof head, "Status: %d %s\r\n", rep->http, reason(rep->http));
	(void)FCGX_PutS(head, out);
	for (unsigned i = 0; i < rep->n_headers; i++) {
		(void)FCGX_PutS(rep->headers[i].name, out);
		(void)FCGX_PutS(": ", out);
		(void)FCGX_PutS(rep->headers[i].value, out);
		(void)FCGX_PutS("\r\n", out);
	}
	if (rep->content_type != NULL) {
		(void)FCGX_PutS("Content-Type: ", out);
		(void)FCGX_PutS(rep->content_type, out);
		(void)FCGX_PutS("\r\n", out);
	}
	if (rep->http != 204) {
		(void)snprintf(head, sizeof head, "Content-Length: %zu\r\n", rep->body.size);
		(void)FCGX_PutS(head, out);
	}
	(void)FCGX_PutS("\r\n", out);
	if (!req->is_head && rep->body.size > 0)
		(void)FCGX_PutStr((const char *)rep->body.data, (int)rep->body.size, out);

	/* A failed write closes the connection in FCGX_Finish_r. */
	fcgi->keepConnection = fcgi->keepConnection && is_kept;
	fcgi->detached = 1;
	FCGX_Finish_r(fcgi);
	return fcgi->ipcFd >= 0;
}
