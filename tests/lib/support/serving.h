/* A server in a child process, as it is in life, on a socket of its own. For tests of lib/server and what it stands on. */
#ifndef SUPPORT_SERVING_H
#define SUPPORT_SERVING_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "fastcgi.h"

extern struct serving {
	char path[96]; /* of the socket */
	pid_t pid;     /* whoever serves; killed at the test's end */
} serving;

/**
 * serving_open(state), serving_close(state):
 * Make and remove the socket: cmocka's setup and teardown of one test.
 */
int serving_open(void **state);
int serving_close(void **state);

/**
 * serving_start(workers, descriptors):
 * Start a server; with ${descriptors} > 0 it may have no more than these. It tells at any path what arrived; /slow takes its
 * time first, /big answers a MiB.
 */
pid_t serving_start(unsigned workers, rlim_t descriptors);

/**
 * serving_stop(pid):
 * Send SIGTERM and see that it ends well.
 */
void serving_stop(pid_t pid);

/**
 * serving_request(out, is_kept, method, target, more):
 * Make a request's records up to the end of its parameters; ${more}: NAME, VALUE pairs up to NULL. Returns ${out}.
 */
struct fastcgi_out *serving_request(
    struct fastcgi_out *out, bool is_kept, const char *method, const char *target, const char *const *more);

/**
 * serving_expect(fd, is_kept, method, more, text):
 * Send a request without a body on ${fd} and see ${text} in the answer.
 */
void serving_expect(int fd, bool is_kept, const char *method, const char *const *more, const char *text);

#define WITH_SERVING(test) cmocka_unit_test_setup_teardown(test, serving_open, serving_close)

#endif
