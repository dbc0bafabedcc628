#include "notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* A socket as systemd has one; "@" in front of the name: an abstract one. */
static int
listen_at(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, name, strlen(name));
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, size), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

static void
assert_receives(int fd, const char *state)
{
	char text[64];
	ssize_t length = recv(fd, text, sizeof text, 0);

	assert_int_equal(length, strlen(state));
	assert_memory_equal(text, state, strlen(state));
}

static void
a_state_is_one_datagram(void **state)
{
	char path[64], abstract[80];
	int fd;

	(void)state;
	(void)snprintf(path, sizeof path, "/tmp/enroll-notify-%d", (int)getpid());
	(void)snprintf(abstract, sizeof abstract, "@%s", path);
	fd = listen_at(path);
	notify_send("READY=1");
	assert_receives(fd, "READY=1");
	(void)close(fd);
	(void)unlink(path);

	fd = listen_at(abstract);
	notify_send("STOPPING=1");
	assert_receives(fd, "STOPPING=1");
	(void)close(fd);
}

static void
without_systemd_and_with_nobody_there_nothing_happens(void **state)
{
	static char endless[300];

	(void)state;
	(void)unsetenv("NOTIFY_SOCKET");
	notify_send("READY=1");
	(void)setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
	notify_send("READY=1");
	memset(endless, 'x', sizeof endless - 1);
	(void)setenv("NOTIFY_SOCKET", endless, 1);
	notify_send("READY=1");
}

static void
the_watchdog_is_told_twice_in_its_time(void **state)
{
	static const char *const none[] = { "", "0", "-1", "x", "5s", "99999999999999999999" };

	(void)state;
	(void)unsetenv("WATCHDOG_USEC");
	assert_int_equal(notify_watchdog_ms(), 0);
	(void)setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(notify_watchdog_ms(), 15000);
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		(void)setenv("WATCHDOG_USEC", none[i], 1);
		assert_int_equal(notify_watchdog_ms(), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_state_is_one_datagram),
		cmocka_unit_test(without_systemd_and_with_nobody_there_nothing_happens),
		cmocka_unit_test(the_watchdog_is_told_twice_in_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
