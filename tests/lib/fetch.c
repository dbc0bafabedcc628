/* Outbound calls against a little server of our own that behaves as badly as asked. */
#include "fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "conf.h"

static char base[64], socket_path[64], folder[] = "/tmp/enroll-fetch-XXXXXX";
static char huge[70000];
static atomic_int n_connections, n_requests;

static void
send_all(int fd, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = send(fd, text, size, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		text += n;
		size -= (size_t)n;
	}
}

static void
answer(int fd, int status, const char *headers, const char *body)
{
	char text[8192];
	int n =
	    snprintf(text, sizeof text, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n%s", status, strlen(body), headers, body);

	send_all(fd, text, (size_t)n);
}

/* Answer one request by its path. Returns false if the connection ends. */
static bool
serve_one(int fd, const char *request)
{
	atomic_fetch_add(&n_requests, 1);
	if (strncmp(request, "GET /ok ", 8) == 0) {
		answer(fd, 200, "", "{\"a\":1}");
	} else if (strstr(request, " /echo ") != NULL) {
		answer(fd, 200, "", request);
	} else if (strncmp(request, "GET /slow ", 10) == 0) {
		usleep(400000);
		answer(fd, 200, "", "late");
	} else if (strncmp(request, "GET /redirect ", 14) == 0) {
		answer(fd, 302, "Location: /ok\r\n", "");
	} else if (strncmp(request, "GET /dated ", 11) == 0) {
		answer(fd, 200, "Date: Mon, 01 Jun 2026 01:00:00 GMT\r\n", "");
	} else if (strncmp(request, "GET http://elsewhere.invalid/ok ", 32) == 0) {
		answer(fd, 200, "", "by proxy");
	} else if (strncmp(request, "GET /500 ", 9) == 0) {
		answer(fd, 500, "", "broken");
	} else if (strncmp(request, "GET /truncate ", 14) == 0) {
		send_all(fd, "HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\nhalf", 44);
		return false;
	} else if (strncmp(request, "GET /huge ", 10) == 0) {
		send_all(fd, "HTTP/1.1 200 X\r\nConnection: close\r\n\r\n", 37);
		send_all(fd, huge, sizeof huge);
		return false;
	} else {
		return false;
	}
	return true;
}

/* Requests with their bodies are short here: what one read brings up to the expected end. */
static void *
serve_connection(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char request[4096];
	size_t size = 0;

	for (;;) {
		ssize_t n = recv(fd, request + size, sizeof request - 1 - size, 0);
		const char *end, *length;
		size_t body = 0;

		if (n <= 0)
			break;
		size += (size_t)n;
		request[size] = '\0';
		if ((end = strstr(request, "\r\n\r\n")) == NULL)
			continue;
		if ((length = strstr(request, "Content-Length: ")) != NULL)
			body = strtoul(length + 16, NULL, 10);
		if (strlen(end + 4) < body)
			continue;
		size = 0;
		if (!serve_one(fd, request))
			break;
	}
	(void)close(fd);
	return NULL;
}

static void *
accept_forever(void *arg)
{
	int listener = (int)(intptr_t)arg, fd;
	pthread_t thread;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		atomic_fetch_add(&n_connections, 1);
		if (pthread_create(&thread, NULL, serve_connection, (void *)(intptr_t)fd) == 0)
			(void)pthread_detach(thread);
	}
	return NULL;
}

static void
serve(int listener)
{
	pthread_t thread;

	assert_int_equal(listen(listener, 64), 0);
	assert_int_equal(pthread_create(&thread, NULL, accept_forever, (void *)(intptr_t)listener), 0);
	assert_int_equal(pthread_detach(thread), 0);
}

/* A free port of this machine; ${listener} is bound to it. */
static in_port_t
bind_any(int *listener)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof any;

	assert_true((*listener = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	assert_int_equal(bind(*listener, (struct sockaddr *)&any, sizeof any), 0);
	assert_int_equal(getsockname(*listener, (struct sockaddr *)&any, &size), 0);
	return ntohs(any.sin_port);
}

static int
setup(void **state)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	int listener;

	memset(huge, 'x', sizeof huge);
	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	(void)snprintf(base, sizeof base, "http://127.0.0.1:%u", bind_any(&listener));
	serve(listener);
	assert_non_null(mkdtemp(folder));
	(void)snprintf(socket_path, sizeof socket_path, "%s/s", folder);
	(void)snprintf(local.sun_path, sizeof local.sun_path, "%s", socket_path);
	assert_true((listener = socket(AF_UNIX, SOCK_STREAM, 0)) >= 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&local, sizeof local), 0);
	serve(listener);
	return (*state = arena_new(16 << 20)) == NULL;
}

static int
teardown(void **state)
{
	char command[64];

	arena_free(*state);
	(void)snprintf(command, sizeof command, "rm -r '%s'", folder);
	return system(command);
}

static struct fetch_call
call_to(struct arena *arena, const char *counterpart, const char *path)
{
	return (struct fetch_call){
		.counterpart = counterpart, .method = "GET", .url = arena_printf(arena, "%s%s", base, path), .timeout_ms = 2000
	};
}

static enum fetch_result
get(struct arena *arena, const char *counterpart, const char *path)
{
	struct fetch_call call = call_to(arena, counterpart, path);

	return fetch_one(arena, &call);
}

static void
an_answer_arrives_whole_and_the_proxy_of_the_environment_is_not_asked(void **state)
{
	struct fetch_call call = call_to(*state, "plain", "/ok");

	assert_int_equal(fetch_one(*state, &call), FETCH_OK);
	assert_int_equal(call.http, 200);
	assert_int_equal(call.answer.size, 7);
	assert_string_equal((const char *)call.answer.data, "{\"a\":1}");
}

static void
their_clock_is_told(void **state)
{
	struct fetch_call call = call_to(*state, "plain", "/dated");

	assert_int_equal(fetch_one(*state, &call), FETCH_OK);
	assert_int_equal(call.date_s, 1780275600);
	call = call_to(*state, "plain", "/ok");
	assert_int_equal(fetch_one(*state, &call), FETCH_OK);
	assert_int_equal(call.date_s, 0);
}

/* The last test: from here on a proxy is configured. */
static void
the_configured_proxy_leads_outside_and_only_outside(void **state)
{
	struct fetch_call outside = {
		.counterpart = "outside", .method = "GET", .url = "http://elsewhere.invalid/ok", .timeout_ms = 2000
	};
	char path[] = "/tmp/enroll-proxy-XXXXXX", text[128];
	int fd = mkstemp(path), n = snprintf(text, sizeof text, "outbound_proxy = %s\n", base);

	assert_int_equal(write(fd, text, (size_t)n), n);
	assert_true(close(fd) == 0 && conf_open(path) && unlink(path) == 0);
	assert_int_equal(fetch_one(*state, &outside), FETCH_OK);
	assert_string_equal((const char *)outside.answer.data, "by proxy");
	assert_int_equal(get(*state, "plain", "/ok"), FETCH_OK);
}

static void
a_thread_asks_again_on_its_own_connection(void **state)
{
	int before;

	assert_int_equal(get(*state, "kept", "/ok"), FETCH_OK);
	before = atomic_load(&n_connections);
	for (int i = 0; i < 5; i++)
		assert_int_equal(get(*state, "kept", "/ok"), FETCH_OK);
	assert_int_equal(atomic_load(&n_connections), before);
}

static void
body_headers_and_method_are_sent(void **state)
{
	static const char *const headers[] = { "x-tif-nonce: abc", NULL };
	struct fetch_call call = call_to(*state, "echo", "/echo");
	const char *echo;

	call.method = "POST";
	call.headers = headers;
	call.body = "{\"k\":\"v\"}";
	assert_int_equal(fetch_one(*state, &call), FETCH_OK);
	echo = (const char *)call.answer.data;
	assert_memory_equal(echo, "POST /echo HTTP/1.1\r\n", 21);
	assert_non_null(strstr(echo, "\r\nx-tif-nonce: abc\r\n"));
	assert_non_null(strstr(echo, "\r\nContent-Type: application/json\r\n"));
	assert_null(strstr(echo, "Expect"));
	assert_non_null(strstr(echo, "\r\n\r\n{\"k\":\"v\"}"));

	call.body = NULL;
	assert_int_equal(fetch_one(*state, &call), FETCH_OK);
	assert_non_null(strstr((const char *)call.answer.data, "Content-Length: 0"));
	call.method = "DELETE";
	assert_int_equal(fetch_one(*state, &call), FETCH_OK);
	assert_memory_equal(call.answer.data, "DELETE /echo", 12);
}

static void
a_unix_socket_stands_for_the_host(void **state)
{
	struct fetch_call call = call_to(*state, "local", "/ok");

	call.url = "http://province.example/ok";
	call.unix_socket = socket_path;
	assert_int_equal(fetch_one(*state, &call), FETCH_OK);
	assert_int_equal(call.http, 200);
}

static void
redirects_are_answers_and_not_followed(void **state)
{
	struct fetch_call call = call_to(*state, "redirect", "/redirect");
	int before = atomic_load(&n_requests);

	assert_int_equal(fetch_one(*state, &call), FETCH_OK);
	assert_int_equal(call.http, 302);
	assert_int_equal(atomic_load(&n_requests), before + 1);
}

static void
what_is_late_cut_huge_or_nowhere_fails(void **state)
{
	struct fetch_call call = call_to(*state, "bad", "/slow");
	int64_t start = clock_monotonic_ms();

	call.timeout_ms = 100;
	assert_int_equal(fetch_one(*state, &call), FETCH_FAILED);
	assert_true(clock_monotonic_ms() - start < 350);
	assert_int_equal(get(*state, "bad", "/truncate"), FETCH_FAILED);
	assert_int_equal(get(*state, "bad", "/drop"), FETCH_FAILED);
	call = call_to(*state, "bad2", "/huge");
	call.limit_bytes = 50000;
	assert_int_equal(fetch_one(*state, &call), FETCH_FAILED);
	assert_null(call.answer.data);
	call.limit_bytes = 70000;
	assert_int_equal(fetch_one(*state, &call), FETCH_OK);
	assert_int_equal(call.answer.size, 70000);
	call.url = "http://127.0.0.1:1/";
	assert_int_equal(fetch_one(*state, &call), FETCH_FAILED);
	call.url = "file:///etc/passwd";
	assert_int_equal(fetch_one(*state, &call), FETCH_FAILED);
}

static void
five_failures_open_the_breaker_of_that_counterpart_alone(void **state)
{
	int before;

	for (int i = 0; i < 5; i++)
		assert_int_equal(get(*state, "ill", "/500"), FETCH_OK);
	before = atomic_load(&n_requests);
	assert_int_equal(get(*state, "ill", "/ok"), FETCH_BREAKER_OPEN);
	assert_int_equal(atomic_load(&n_requests), before);
	assert_int_equal(get(*state, "well", "/ok"), FETCH_OK);
}

static void
a_success_starts_the_count_anew(void **state)
{
	for (int i = 0; i < 12; i++)
		assert_int_equal(get(*state, "moody", i % 4 == 3 ? "/ok" : "/500"), FETCH_OK);
}

static void
many_calls_run_beside_each_other(void **state)
{
	struct fetch_call calls[40];
	int64_t start = clock_monotonic_ms();

	for (size_t i = 0; i < 40; i++)
		calls[i] = call_to(*state, "many", i < 8 ? "/slow" : "/ok");
	fetch_all(*state, calls, 40);
	for (size_t i = 0; i < 40; i++) {
		assert_int_equal(calls[i].result, FETCH_OK);
		assert_string_equal((const char *)calls[i].answer.data, i < 8 ? "late" : "{\"a\":1}");
	}
	assert_true(clock_monotonic_ms() - start < 1500);
	fetch_all(*state, NULL, 0);
}

static void *
fetch_often(void *counterpart)
{
	struct arena *arena = arena_new(4 << 20);
	size_t bad = 0;

	for (int i = 0; i < 20; i++)
		bad += get(arena, counterpart, "/ok") != FETCH_OK;
	arena_free(arena);
	return (void *)bad;
}

static void
threads_do_not_disturb_each_other(void **state)
{
	static char counterpart[] = "threads";
	pthread_t threads[4];
	void *bad;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, fetch_often, counterpart), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &bad), 0);
		assert_null(bad);
	}
}

/* openssl's own server with a certificate of ours for localhost. Returns its pid. */
static pid_t
start_tls(unsigned port)
{
	char command[512], accept_at[16];
	pid_t pid;

	(void)snprintf(command, sizeof command,
	    "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout k.pem -out c.pem "
	    "-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null",
	    folder);
	assert_int_equal(system(command), 0);
	(void)snprintf(accept_at, sizeof accept_at, "%u", port);
	if ((pid = fork()) == 0) {
		if (chdir(folder) == 0 && freopen("/dev/null", "w", stdout) != NULL && freopen("/dev/null", "w", stderr) != NULL)
			(void)execlp("openssl", "openssl", "s_server", "-accept", accept_at, "-key", "k.pem", "-cert", "c.pem",
			    "-www", NULL);
		_exit(127);
	}
	return pid;
}

static void
a_certificate_nobody_vouches_for_is_refused(void **state)
{
	struct fetch_call call = call_to(*state, "tls", "");
	const char *ca = arena_printf(*state, "%s/c.pem", folder);
	unsigned port;
	int listener;
	pid_t pid;

	port = bind_any(&listener);
	assert_int_equal(close(listener), 0);
	pid = start_tls(port);
	call.url = arena_printf(*state, "https://localhost:%u/", port);
	call.ca_file = ca;
	for (int i = 0; i < 50; i++) {
		call.counterpart = arena_printf(*state, "tls%d", i % 8);
		if (fetch_one(*state, &call) == FETCH_OK)
			break;
		usleep(100000);
	}
	assert_int_equal(call.result, FETCH_OK);
	assert_int_equal(call.http, 200);

	/* Vouched for, but not by whom the system trusts; and for another name. */
	call.ca_file = NULL;
	assert_int_equal(fetch_one(*state, &call), FETCH_FAILED);
	call.ca_file = ca;
	call.url = arena_printf(*state, "https://127.0.0.1:%u/", port);
	assert_int_equal(fetch_one(*state, &call), FETCH_FAILED);
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_arrives_whole_and_the_proxy_of_the_environment_is_not_asked),
		cmocka_unit_test(a_thread_asks_again_on_its_own_connection),
		cmocka_unit_test(body_headers_and_method_are_sent),
		cmocka_unit_test(a_unix_socket_stands_for_the_host),
		cmocka_unit_test(redirects_are_answers_and_not_followed),
		cmocka_unit_test(what_is_late_cut_huge_or_nowhere_fails),
		cmocka_unit_test(five_failures_open_the_breaker_of_that_counterpart_alone),
		cmocka_unit_test(a_success_starts_the_count_anew),
		cmocka_unit_test(many_calls_run_beside_each_other),
		cmocka_unit_test(threads_do_not_disturb_each_other),
		cmocka_unit_test(a_certificate_nobody_vouches_for_is_refused),
		cmocka_unit_test(their_clock_is_told),
		cmocka_unit_test(the_configured_proxy_leads_outside_and_only_outside),
	};

	return cmocka_run_group_tests_name("fetch", tests, setup, teardown);
}
