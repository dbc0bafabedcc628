/* sd_notify's protocol is one datagram; libsystemd would be a library for these few lines. */
#include "notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

void
notify_send(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = path != NULL ? strlen(path) : 0;
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	int fd;

	if (length == 0)
		return;
	if (length >= sizeof address.sun_path) {
		log_event(LOG_ERROR, NULL, "notify", "NOTIFY_SOCKET is too long");
		return;
	}
	memcpy(address.sun_path, path, length);
	/* "@" in front stands for the NUL of an abstract socket. */
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, size) < 0)
		log_event(LOG_ERROR, NULL, "notify", "%s: %s", state, strerrordesc_np(errno));
	if (fd >= 0)
		(void)close(fd);
}

int64_t
notify_watchdog_ms(void)
{
	const char *text = getenv("WATCHDOG_USEC");
	char *end;
	long long usec;

	if (text == NULL)
		return 0;
	errno = 0;
	usec = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && usec > 0 ? usec / 2000 : 0;
}
