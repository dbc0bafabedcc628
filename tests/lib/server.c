/*
 * lib/server and lib/exchange over a real socket, with records made by hand: what is read, what is dropped, what is answered;
 * and a libfcgi whose inside is not what lib/exchange relies on is noticed here.
 */
#include "server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/serving.h"

static void
a_kept_connection_serves_one_request_after_the_other(void **state)
{
	int fd;

	(void)state;
	serving.pid = serving_start(1, 0);
	fd = fastcgi_connect(serving.path);
	for (int i = 0; i < 20; i++)
		serving_expect(fd, true, "GET", NULL, "GET /echo ref=12345678 body=0:");
	serving_expect(fd, false, "GET", NULL, "GET /echo");
	assert_true(fastcgi_is_closed(fd));
	(void)close(fd);
}

static void
a_body_is_read_whole_in_one_and_in_many_records(void **state)
{
	static const size_t sizes[] = { 1, 65535, 65536, 65537, 100000 }, steps[] = { 65535, 8192, 100, 1 };
	static struct fastcgi_out out;
	static char body[100000], wanted[64], length[16];
	int fd;

	(void)state;
	memset(body, 'b', sizeof body);
	serving.pid = serving_start(2, 0);
	fd = fastcgi_connect(serving.path);
	for (size_t i = 0; i < 5; i++)
		for (size_t s = 0; s < 4; s++) {
			/* Without a length too: so come chunked bodies. */
			const char *const more[] = { "CONTENT_LENGTH", s % 2 == 0 ? length : "", NULL };
			struct fastcgi_answer answer;

			if (sizes[i] / steps[s] > 10000)
				continue;
			(void)snprintf(length, sizeof length, "%zu", sizes[i]);
			fastcgi_stdin(serving_request(&out, true, "POST", "/echo", more), body, sizes[i], steps[s]);
			assert_true(fastcgi_send(fd, &out));
			answer = fastcgi_receive(fd);
			assert_true(answer.is_whole);
			if (sizes[i] > 65536)
				(void)snprintf(wanted, sizeof wanted, "body=0: large=1");
			else
				(void)snprintf(wanted, sizeof wanted, "body=%zu:b", sizes[i]);
			assert_non_null(strstr(answer.text, wanted));
			free(answer.text);
		}
	(void)close(fd);
}

static void
a_request_cut_off_is_dropped_and_the_next_one_is_served(void **state)
{
	static struct fastcgi_out out;
	const char *const more[] = { "CONTENT_LENGTH", "10", NULL };
	const char *const headers[] = { "HTTP_ORIGIN", "https://a.example", "HTTP_COOKIE", "a=b", NULL };
	int fd;

	(void)state;
	serving.pid = serving_start(1, 0);

	/* Parameters that end before nginx's last one. */
	fd = fastcgi_connect(serving.path);
	out.size = 0;
	fastcgi_begin(&out, true);
	fastcgi_param(&out, "REQUEST_METHOD", "GET");
	fastcgi_param(&out, "PATH", "/echo");
	fastcgi_params_end(&out);
	fastcgi_stdin(&out, NULL, 0, 1);
	assert_true(fastcgi_send(fd, &out));
	assert_true(fastcgi_is_closed(fd));
	(void)close(fd);

	/* A connection that ends within the parameters, at every place. */
	(void)serving_request(&out, true, "GET", "/echo", headers);
	for (size_t size = out.size - 1; size > 0; size--) {
		out.size = size;
		fd = fastcgi_connect(serving.path);
		assert_true(fastcgi_send(fd, &out));
		(void)shutdown(fd, SHUT_WR);
		assert_true(fastcgi_is_closed(fd));
		(void)close(fd);
	}

	/* A body shorter than announced. */
	fd = fastcgi_connect(serving.path);
	fastcgi_stdin(serving_request(&out, true, "POST", "/echo", more), "12345", 5, 5);
	assert_true(fastcgi_send(fd, &out));
	assert_true(fastcgi_is_closed(fd));
	(void)close(fd);

	fd = fastcgi_connect(serving.path);
	serving_expect(fd, false, "GET", NULL, "GET /echo");
	(void)close(fd);
}

static void
repeated_headers_age_and_cookies_are_seen(void **state)
{
	static const struct {
		const char *more[8];
		const char *text;
	} cases[] = {
		{ { "HTTP_ORIGIN", "http://a", NULL }, "repeated=0" },
		{ { "HTTP_ORIGIN", "http://a", "HTTP_ORIGIN", "http://a", NULL }, "repeated=1" },
		{ { "HTTP_ORIGIN", "http://a, http://b", NULL }, "repeated=1" },
		{ { "HTTP_IF_MATCH", "\"1\"", "HTTP_IF_MATCH", "\"2\"", NULL }, "repeated=1" },
		{ { "HTTP_IDEMPOTENCY_KEY", "12345678", "HTTP_IDEMPOTENCY_KEY", "12345678", NULL }, "repeated=1" },
		{ { "CONTENT_TYPE", "application/json, text/plain", NULL }, "repeated=1" },
		{ { "HTTP_CONTENT_TYPE", "a/b", "HTTP_CONTENT_TYPE", "c/d", NULL }, "repeated=1" },
		{ { "HTTP_X_TIF_NONCE", "abc", NULL }, "x=abc" },
		{ { "MSEC", "1000000000.000", NULL }, "stale=1" },
		{ { "MSEC", "99999999999.000", NULL }, "stale=0" },
		{ { "MSEC", "", NULL }, "stale=0" },
		{ { "HTTP_COOKIE", "a=b; __Host-session=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ", NULL }, "session=1" },
		{ { "HTTP_COOKIE", "__Host-session=short", NULL }, "session=0" },
		{ { "HTTP_COOKIE", "__Host-session=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ", "HTTP_COOKIE",
		      "__Host-session=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPR", NULL },
		    "session=0" },
	};
	int fd;

	(void)state;
	serving.pid = serving_start(1, 0);
	fd = fastcgi_connect(serving.path);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		serving_expect(fd, true, "GET", cases[i].more, cases[i].text);
	(void)close(fd);
}

static void
head_is_get_without_the_body(void **state)
{
	static struct fastcgi_out out;
	struct fastcgi_answer answer;
	int fd;

	(void)state;
	serving.pid = serving_start(1, 0);
	fd = fastcgi_connect(serving.path);
	fastcgi_stdin(serving_request(&out, false, "HEAD", "/big", NULL), NULL, 0, 1);
	assert_true(fastcgi_send(fd, &out));
	answer = fastcgi_receive(fd);
	assert_true(answer.is_whole);
	assert_non_null(strstr(answer.text, "Content-Length: 1048576\r\n"));
	assert_int_equal(answer.body_size, 0);
	free(answer.text);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVING(a_kept_connection_serves_one_request_after_the_other),
		WITH_SERVING(a_body_is_read_whole_in_one_and_in_many_records),
		WITH_SERVING(a_request_cut_off_is_dropped_and_the_next_one_is_served),
		WITH_SERVING(repeated_headers_age_and_cookies_are_seen),
		WITH_SERVING(head_is_get_without_the_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
