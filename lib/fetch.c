/*
 * Everything goes through curl's multi interface, a single call too: its handle belongs to the thread and keeps the
 * connections, so that a worker that asks again asks on the same one. Answers grow in memory of our own, which is wiped, and
 * end in the caller's arena.
 */
#include "fetch.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "breaker.h"
#include "clock.h"
#include "conf.h"
#include "log.h"

enum { AT_ONCE_MAX = 32, LIMIT_DEFAULT = 1024 * 1024, ROOM_FIRST = 8 * 1024, POLL_MS = 1000, TIMEOUT_DEFAULT_MS = 3000 };

struct transfer {
	struct fetch_call *call;
	CURL *easy;
	struct curl_slist *headers;
	uint8_t *data;
	size_t size, room, limit;
	bool is_counted; /* has the breaker allowed it? */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t multi_key;
static bool is_ready;

static void
free_multi(void *multi)
{
	(void)curl_multi_cleanup(multi);
}

static void
setup(void)
{
	is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK && pthread_key_create(&multi_key, free_multi) == 0;
}

/* This thread's multi handle, made when it is first needed. */
static CURLM *
own_multi(void)
{
	CURLM *multi;

	(void)pthread_once(&once, setup);
	if (!is_ready)
		return NULL;
	if ((multi = pthread_getspecific(multi_key)) != NULL || (multi = curl_multi_init()) == NULL)
		return multi;
	if (curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)AT_ONCE_MAX) != CURLM_OK ||
	    pthread_setspecific(multi_key, multi) != 0) {
		(void)curl_multi_cleanup(multi);
		return NULL;
	}
	return multi;
}

/* Make room for ${size} bytes; what moves is wiped where it was. */
static bool
grow(struct transfer *t, size_t size)
{
	size_t room = t->room > 0 ? t->room : ROOM_FIRST;
	uint8_t *data;

	if (size <= t->room)
		return true;
	while (room < size)
		room *= 2;
	if ((data = malloc(room)) == NULL)
		return false;
	if (t->size > 0)
		memcpy(data, t->data, t->size);
	OPENSSL_cleanse(t->data, t->size);
	free(t->data);
	t->data = data;
	t->room = room;
	return true;
}

/* What curl calls for each piece; taking less than it has ends the transfer. */
static size_t
take(char *piece, size_t unit, size_t n, void *transfer)
{
	struct transfer *t = transfer;
	size_t size = unit * n;

	if (size > t->limit - t->size || !grow(t, t->size + size))
		return 0;
	memcpy(t->data + t->size, piece, size);
	t->size += size;
	return size;
}

static bool
add_header(struct transfer *t, const char *line)
{
	struct curl_slist *longer = curl_slist_append(t->headers, line);

	if (longer == NULL)
		return false;
	t->headers = longer;
	return true;
}

static bool
add_headers(struct transfer *t)
{
	const char *const *line = t->call->headers;

	/* No waiting for "100 Continue". */
	if (!add_header(t, "Expect:") || !add_header(t, "Accept: application/json"))
		return false;
	if (t->call->body != NULL && !add_header(t, "Content-Type: application/json"))
		return false;
	for (; line != NULL && *line != NULL; line++)
		if (!add_header(t, *line))
			return false;
	return true;
}

#define SET(option, value) (curl_easy_setopt(t->easy, (option), (value)) == CURLE_OK)

static bool
set_body(struct transfer *t)
{
	const char *method = t->call->method, *body = t->call->body;

	if (strcmp(method, "GET") == 0 && body == NULL)
		return true;
	/* A POST or PUT without a body says so by a length of 0. */
	if (body == NULL && strcmp(method, "DELETE") != 0)
		body = "";
	if (body != NULL && (!SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body)) || !SET(CURLOPT_POSTFIELDS, body)))
		return false;
	return SET(CURLOPT_CUSTOMREQUEST, method);
}

/* Nothing of this machine's own, the platform itself included, goes through the proxy. */
static bool
set_proxy(struct transfer *t)
{
	const char *proxy = conf_text("outbound_proxy"), *host = strstr(conf_text("public_url"), "://");
	char direct[512];

	if (proxy[0] == '\0')
		return SET(CURLOPT_PROXY, "") && SET(CURLOPT_NOPROXY, "*");
	host = host != NULL ? host + 3 : "";
	(void)snprintf(direct, sizeof direct, "localhost,127.0.0.1,::1,%.*s", (int)strcspn(host, ":/"), host);
	return SET(CURLOPT_PROXY, proxy) && SET(CURLOPT_NOPROXY, direct);
}

static bool
set_limits(struct transfer *t)
{
	/* 0 would mean "for ever" to curl. */
	long timeout_ms = t->call->timeout_ms > 0 ? t->call->timeout_ms : TIMEOUT_DEFAULT_MS;

	return SET(CURLOPT_TIMEOUT_MS, timeout_ms) && SET(CURLOPT_CONNECTTIMEOUT_MS, timeout_ms / 2 + 1) &&
	       SET(CURLOPT_NOSIGNAL, 1L) && SET(CURLOPT_FOLLOWLOCATION, 0L) && set_proxy(t) &&
	       SET(CURLOPT_PROTOCOLS_STR, "http,https") && SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->limit) &&
	       SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) && SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
	       SET(CURLOPT_SSL_VERIFYPEER, 1L) && SET(CURLOPT_SSL_VERIFYHOST, 2L);
}

static bool
set_peer(struct transfer *t)
{
	const struct fetch_call *call = t->call;

	if (call->ca_file != NULL && call->ca_file[0] != '\0' && !SET(CURLOPT_CAINFO, call->ca_file))
		return false;
	if (call->unix_socket != NULL && call->unix_socket[0] != '\0' && !SET(CURLOPT_UNIX_SOCKET_PATH, call->unix_socket))
		return false;
	return SET(CURLOPT_URL, call->url) && SET(CURLOPT_USERAGENT, "enroll");
}

/* Make the handle of ${t}. What was made is released by end() in any case. */
static bool
prepare(struct transfer *t)
{
	t->limit = t->call->limit_bytes > 0 ? t->call->limit_bytes : LIMIT_DEFAULT;
	return (t->easy = curl_easy_init()) != NULL && add_headers(t) && set_peer(t) && set_limits(t) && set_body(t) &&
	       SET(CURLOPT_HTTPHEADER, t->headers) && SET(CURLOPT_WRITEFUNCTION, take) && SET(CURLOPT_WRITEDATA, t) &&
	       SET(CURLOPT_PRIVATE, t);
}

/* What their clock said, 0 if it did not. */
static int64_t
their_date(CURL *easy)
{
	struct curl_header *date;

	if (curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &date) != CURLHE_OK)
		return 0;
	return curl_getdate(date->value, NULL) > 0 ? curl_getdate(date->value, NULL) : 0;
}

/* Hand the answer to the caller's arena. */
static bool
deliver(struct arena *arena, struct transfer *t)
{
	uint8_t *copy = arena_alloc(arena, t->size + 1);

	t->call->date_s = their_date(t->easy);

	if (copy == NULL)
		return false;
	if (t->size > 0)
		memcpy(copy, t->data, t->size);
	t->call->answer = (struct bytes){ copy, t->size };
	return curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->call->http) == CURLE_OK;
}

/* Finish ${t} with curl's ${code}: result, breaker, log, and everything it held. */
static void
end(struct arena *arena, struct transfer *t, CURLcode code)
{
	struct fetch_call *call = t->call;

	if (code == CURLE_OK && !deliver(arena, t))
		code = CURLE_OUT_OF_MEMORY;
	call->result = code == CURLE_OK ? FETCH_OK : FETCH_FAILED;

	/* An answer that says "I am broken" is a failure of the counterpart too. */
	if (t->is_counted)
		breaker_report(call->counterpart, code == CURLE_OK && call->http < 500, clock_monotonic_ms());
	if (code != CURLE_OK)
		log_event(LOG_WARNING, NULL, "fetch_failed", "%s: %s", call->counterpart, curl_easy_strerror(code));
	else if (call->http >= 500)
		log_event(LOG_WARNING, NULL, "fetch_failed", "%s: HTTP %ld", call->counterpart, call->http);

	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	OPENSSL_cleanse(t->data, t->size);
	free(t->data);
}

/* Begin ${call} on ${multi}. Returns false if it has ended already. */
static bool
begin(struct arena *arena, CURLM *multi, struct fetch_call *call, struct transfer *t)
{
	*t = (struct transfer){ .call = call };
	call->http = 0;
	call->date_s = 0;
	call->answer = (struct bytes){ NULL, 0 };
	if (!breaker_allows(call->counterpart, clock_monotonic_ms())) {
		call->result = FETCH_BREAKER_OPEN;
		return false;
	}
	t->is_counted = true;
	if (multi != NULL && prepare(t) && curl_multi_add_handle(multi, t->easy) == CURLM_OK)
		return true;
	end(arena, t, CURLE_FAILED_INIT);
	return false;
}

/* Finish what has ended on ${multi}; returns how many did. */
static size_t
reap(struct arena *arena, CURLM *multi)
{
	size_t n = 0;
	int left;

	for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;) {
		CURLcode code = message->data.result;
		CURL *easy = message->easy_handle;
		char *transfer;

		if (message->msg != CURLMSG_DONE || curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer) != CURLE_OK)
			continue;
		(void)curl_multi_remove_handle(multi, easy);
		end(arena, (struct transfer *)transfer, code);
		n++;
	}
	return n;
}

void
fetch_all(struct arena *arena, struct fetch_call *calls, size_t n)
{
	CURLM *multi = own_multi();
	size_t begun = 0, running = 0;
	struct transfer *transfers;
	int n_curl;

	if ((transfers = calloc(n > 0 ? n : 1, sizeof *transfers)) == NULL) {
		log_event(LOG_ERROR, NULL, "fetch_memory", "%zu calls", n);
		for (size_t i = 0; i < n; i++)
			calls[i].result = FETCH_FAILED;
		return;
	}
	while (begun < n || running > 0) {
		/* The time of a call begins with it: so not more at once than may be under way. */
		while (begun < n && running < AT_ONCE_MAX) {
			running += begin(arena, multi, &calls[begun], &transfers[begun]);
			begun++;
		}
		if (running == 0)
			continue;
		(void)curl_multi_perform(multi, &n_curl);
		running -= reap(arena, multi);
		if (running > 0)
			(void)curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);
	}
	free(transfers);
}

enum fetch_result
fetch_one(struct arena *arena, struct fetch_call *call)
{
	fetch_all(arena, call, 1);
	return call->result;
}

size_t
fetch_room(const char *counterpart, size_t most)
{
	return breaker_room(counterpart, most, clock_monotonic_ms());
}
