/* Nobody holds a worker who should not, and nothing is lost at the end. */
#include "connections.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "support/serving.h"

enum { CLIENTS = 6, REQUESTS_EACH = 40 };

static void
silent_connections_hold_no_worker(void **state)
{
	int silent[200], fd;

	(void)state;
	serving.pid = serving_start(2, 0);
	for (size_t i = 0; i < 200; i++)
		silent[i] = fastcgi_connect(serving.path);
	for (size_t i = 0; i < 10; i++)
		serving_expect(silent[i], true, "GET", NULL, "GET /echo");
	fd = fastcgi_connect(serving.path);
	serving_expect(fd, false, "GET", NULL, "GET /echo");
	(void)close(fd);
	for (size_t i = 0; i < 200; i++)
		(void)close(silent[i]);
}

static void
dripping_connections_hold_a_worker_for_a_second_at_most(void **state)
{
	static struct fastcgi_out out;
	int dripping[2], fd;
	int64_t began_ms;
	pid_t dripper;

	(void)state;
	serving.pid = serving_start(2, 0);
	(void)serving_request(&out, true, "GET", "/echo", NULL);
	for (size_t i = 0; i < 2; i++)
		dripping[i] = fastcgi_connect(serving.path);
	if ((dripper = fork()) == 0) {
		for (size_t at = 0; at < out.size; at++) {
			for (size_t i = 0; i < 2; i++)
				(void)send(dripping[i], out.data + at, 1, MSG_NOSIGNAL);
			(void)usleep(50 * 1000);
		}
		_exit(0);
	}
	(void)usleep(200 * 1000);
	began_ms = clock_monotonic_ms();
	fd = fastcgi_connect(serving.path);
	serving_expect(fd, false, "GET", NULL, "GET /echo");
	assert_true(clock_monotonic_ms() - began_ms < 1500);
	(void)kill(dripper, SIGKILL);
	(void)waitpid(dripper, NULL, 0);
	(void)close(fd);
	for (size_t i = 0; i < 2; i++)
		(void)close(dripping[i]);
}

static void
whoever_does_not_read_the_answer_is_left(void **state)
{
	static struct fastcgi_out out;
	int deaf, fd;

	(void)state;
	serving.pid = serving_start(1, 0);
	deaf = fastcgi_connect(serving.path);
	fastcgi_stdin(serving_request(&out, true, "GET", "/big", NULL), NULL, 0, 1);
	assert_true(fastcgi_send(deaf, &out));
	(void)usleep(100 * 1000);
	fd = fastcgi_connect(serving.path);
	serving_expect(fd, false, "GET", NULL, "GET /echo");
	(void)close(fd);
	(void)close(deaf);
}

static void
without_descriptors_the_longest_idle_gives_way(void **state)
{
	int silent[60], fd;

	(void)state;
	serving.pid = serving_start(2, 48);
	for (size_t i = 0; i < 60; i++)
		silent[i] = fastcgi_connect(serving.path);
	fd = fastcgi_connect(serving.path);
	serving_expect(fd, false, "GET", NULL, "GET /echo");
	assert_true(fastcgi_is_closed(silent[0]));
	(void)close(fd);
	for (size_t i = 0; i < 60; i++)
		(void)close(silent[i]);
}

static void
an_idle_server_ends_within_a_tenth_of_a_second(void **state)
{
	int64_t best_ms = INT64_MAX;

	(void)state;
	/* The machine may be busy with something else: the best of three counts, up to the connection's end. */
	for (int i = 0; i < 3; i++) {
		int fd = fastcgi_connect(serving.path);
		int64_t began_ms, spent_ms;

		serving.pid = serving_start(4, 0);
		serving_expect(fd, true, "GET", NULL, "GET /echo");
		began_ms = clock_monotonic_ms();
		assert_int_equal(kill(serving.pid, SIGTERM), 0);
		assert_true(fastcgi_is_closed(fd));
		spent_ms = clock_monotonic_ms() - began_ms;
		if (spent_ms < best_ms)
			best_ms = spent_ms;
		serving_stop(serving.pid);
		serving.pid = -1;
		(void)close(fd);
	}
	assert_true(best_ms < 100);
}

static void
what_is_under_way_at_the_end_is_answered(void **state)
{
	static struct fastcgi_out out;
	struct fastcgi_answer answer;
	int slow, kept;

	(void)state;
	serving.pid = serving_start(2, 0);
	kept = fastcgi_connect(serving.path);
	serving_expect(kept, true, "GET", NULL, "GET /echo");
	slow = fastcgi_connect(serving.path);
	fastcgi_stdin(serving_request(&out, true, "GET", "/slow", NULL), NULL, 0, 1);
	assert_true(fastcgi_send(slow, &out));
	(void)usleep(50 * 1000);
	assert_int_equal(kill(serving.pid, SIGTERM), 0);
	(void)usleep(50 * 1000);

	/* A request that still comes on a kept connection is answered too, and that connection ends. */
	serving_expect(kept, true, "GET", NULL, "GET /echo");
	assert_true(fastcgi_is_closed(kept));
	answer = fastcgi_receive(slow);
	assert_true(answer.is_whole);
	assert_int_equal(answer.http, 200);
	free(answer.text);
	assert_int_equal(waitpid(serving.pid, NULL, 0), serving.pid);
	serving.pid = -1;
	(void)close(slow);
	(void)close(kept);
}

/* A process that makes one unkept connection a serving_request, and exits with the number of whole answers. */
static pid_t
start_client(void)
{
	static struct fastcgi_out out;
	int answered = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	for (int i = 0; i < REQUESTS_EACH; i++) {
		int fd = fastcgi_connect(serving.path);
		struct fastcgi_answer answer = { 0 };

		fastcgi_stdin(serving_request(&out, false, "POST", "/echo", NULL), "body", 4, 4);
		if (fastcgi_send(fd, &out))
			answer = fastcgi_receive(fd);
		answered += answer.is_whole && answer.http == 200 && strstr(answer.text, "body=4:body") != NULL;
		free(answer.text);
		(void)close(fd);
		(void)usleep(2000);
	}
	_exit(answered);
}

static void
restarts_under_load_lose_nothing(void **state)
{
	pid_t clients[CLIENTS];

	(void)state;
	serving.pid = serving_start(4, 0);
	for (size_t i = 0; i < CLIENTS; i++)
		clients[i] = start_client();
	for (int i = 0; i < 5; i++) {
		pid_t old = serving.pid;

		(void)usleep(20 * 1000);
		serving.pid = serving_start(4, 0);
		serving_stop(old);
	}
	for (size_t i = 0; i < CLIENTS; i++) {
		int status;

		assert_int_equal(waitpid(clients[i], &status, 0), clients[i]);
		assert_int_equal(WEXITSTATUS(status), REQUESTS_EACH);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVING(silent_connections_hold_no_worker),
		WITH_SERVING(dripping_connections_hold_a_worker_for_a_second_at_most),
		WITH_SERVING(whoever_does_not_read_the_answer_is_left),
		WITH_SERVING(without_descriptors_the_longest_idle_gives_way),
		WITH_SERVING(an_idle_server_ends_within_a_tenth_of_a_second),
		WITH_SERVING(what_is_under_way_at_the_end_is_answered),
		WITH_SERVING(restarts_under_load_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
