#include "serving.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "server.h"

enum { SLOW_MS = 300, BIG_SIZE = 1024 * 1024 };

struct serving serving;

static char folder[64];
static int listener = -1;

/* The child's handler: tells what arrived. */
static void
serve(const void *context, struct request *req, struct reply *rep)
{
	(void)context;
	if (strcmp(req->path, "/slow") == 0)
		(void)usleep(SLOW_MS * 1000);
	if (strcmp(req->path, "/big") == 0) {
		char *data = arena_alloc(req->arena, BIG_SIZE);

		memset(data, 'x', BIG_SIZE);
		(void)reply_bytes(req, rep, "text/plain", (struct bytes){ (const uint8_t *)data, BIG_SIZE });
		return;
	}
	(void)reply_text(req, rep, 200,
	    arena_printf(req->arena, "%s %s ref=%s body=%zu:%.16s large=%d repeated=%d stale=%d session=%d x=%s", req->method,
		req->path, req->ref, req->body.size, req->body.size > 0 ? (const char *)req->body.data : "", req->is_too_large,
		req->has_repeated_header, req->is_stale, req->session.is_present,
		req->header(req, "HTTP_X_TIF_NONCE") != NULL ? req->header(req, "HTTP_X_TIF_NONCE") : "none"));
}

pid_t
serving_start(unsigned workers, rlim_t descriptors)
{
	const struct server server = { .socket = listener, .workers = workers, .timeout_ms = 5000, .serve = serve };
	sigset_t before;
	pid_t pid;

	/* A SIGTERM that comes before the server is up must not be lost, nor kill it. */
	(void)pthread_sigmask(SIG_BLOCK, NULL, &before);
	server_block_signals();
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0) {
		(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
		return pid;
	}
	if (descriptors > 0) {
		const struct rlimit limit = { descriptors, descriptors };

		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (freopen("/dev/null", "w", stderr) == NULL)
		exit(2);
	exit(server_run(&server) ? 0 : 1);
}

void
serving_stop(pid_t pid)
{
	int status;

	(void)kill(pid, SIGTERM);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int
serving_open(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/enroll-test-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(serving.path, sizeof serving.path, "%s/s", folder);
	listener = fastcgi_listen(serving.path);
	serving.pid = -1;
	return 0;
}

int
serving_close(void **state)
{
	(void)state;
	if (serving.pid > 0) {
		(void)kill(serving.pid, SIGKILL);
		(void)waitpid(serving.pid, NULL, 0);
	}
	(void)close(listener);
	(void)unlink(serving.path);
	(void)rmdir(folder);
	return 0;
}

struct fastcgi_out *
serving_request(struct fastcgi_out *out, bool is_kept, const char *method, const char *target, const char *const *more)
{
	out->size = 0;
	fastcgi_begin(out, is_kept);
	fastcgi_param(out, "REQUEST_METHOD", method);
	fastcgi_param(out, "PATH", target);
	fastcgi_param(out, "REF", "12345678");
	fastcgi_param(out, "PARAMS_END", "1");
	/* nginx sends the headers after its own parameters. */
	for (; more != NULL && *more != NULL; more += 2)
		fastcgi_param(out, more[0], more[1]);
	fastcgi_params_end(out);
	return out;
}

void
serving_expect(int fd, bool is_kept, const char *method, const char *const *more, const char *text)
{
	static struct fastcgi_out out;
	struct fastcgi_answer answer;

	fastcgi_stdin(serving_request(&out, is_kept, method, "/echo", more), NULL, 0, 1);
	assert_true(fastcgi_send(fd, &out));
	answer = fastcgi_receive(fd);
	assert_true(answer.is_whole);
	assert_int_equal(answer.http, 200);
	assert_non_null(strstr(answer.text, text));
	free(answer.text);
}
