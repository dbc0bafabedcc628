#include "fastcgi.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { BEGIN = 1, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };

static struct sockaddr_un
address_of(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	return address;
}

int
fastcgi_listen(const char *path)
{
	struct sockaddr_un address = address_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 511) != 0)
		abort();
	return fd;
}

int
fastcgi_connect(const char *path)
{
	struct sockaddr_un address = address_of(path);
	const struct timeval limit = { .tv_sec = 8 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
		abort();
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	return fd;
}

static void
append(struct fastcgi_out *out, const void *data, size_t size)
{
	if (size > sizeof out->data - out->size)
		abort();
	if (size > 0)
		memcpy(out->data + out->size, data, size);
	out->size += size;
}

static void
record(struct fastcgi_out *out, int type, const void *content, size_t size)
{
	const unsigned char header[8] = { 1, (unsigned char)type, 0, 1, (unsigned char)(size >> 8), (unsigned char)size, 0, 0 };

	append(out, header, sizeof header);
	append(out, content, size);
}

void
fastcgi_begin(struct fastcgi_out *out, bool is_kept)
{
	const unsigned char body[8] = { 0, 1, is_kept ? 1 : 0 };

	record(out, BEGIN, body, sizeof body);
}

static void
long_length(char *at, size_t length)
{
	at[0] = (char)(0x80 | length >> 24);
	at[1] = (char)(length >> 16);
	at[2] = (char)(length >> 8);
	at[3] = (char)length;
}

void
fastcgi_param(struct fastcgi_out *out, const char *name, const char *value)
{
	char content[4096];
	int size = 8 + snprintf(content + 8, sizeof content - 8, "%s%s", name, value);

	if (size >= (int)sizeof content)
		abort();
	/* Both lengths in their long form, which may stand for short texts as well. */
	long_length(content, strlen(name));
	long_length(content + 4, strlen(value));
	record(out, PARAMS, content, (size_t)size);
}

void
fastcgi_params_end(struct fastcgi_out *out)
{
	record(out, PARAMS, NULL, 0);
}

void
fastcgi_stdin(struct fastcgi_out *out, const char *data, size_t size, size_t step)
{
	while (size > 0) {
		size_t part = size < step ? size : step;

		record(out, STDIN, data, part);
		data += part;
		size -= part;
	}
	record(out, STDIN, NULL, 0);
}

bool
fastcgi_send(int fd, const struct fastcgi_out *out)
{
	size_t sent = 0;

	while (sent < out->size) {
		ssize_t n = send(fd, out->data + sent, out->size - sent, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		sent += (size_t)n;
	}
	return true;
}

static bool
receive_all(int fd, void *data, size_t size)
{
	return size == 0 || recv(fd, data, size, MSG_WAITALL) == (ssize_t)size;
}

struct fastcgi_answer
fastcgi_receive(int fd)
{
	struct fastcgi_answer answer = { 0 };
	unsigned char header[8];
	char content[65535 + 255], *body;
	size_t size = 0;

	while (!answer.is_whole && receive_all(fd, header, sizeof header)) {
		size_t length = (size_t)(header[4] << 8 | header[5]);

		if (!receive_all(fd, content, length + header[6]))
			break;
		if (header[1] == STDOUT && length > 0) {
			char *grown = realloc(answer.text, size + length + 1);

			if (grown == NULL)
				abort();
			answer.text = grown;
			memcpy(answer.text + size, content, length);
			size += length;
			answer.text[size] = '\0';
		}
		answer.is_whole = header[1] == END;
	}
	if (answer.text != NULL && strncmp(answer.text, "Status: ", 8) == 0 && (body = strstr(answer.text, "\r\n\r\n")) != NULL) {
		answer.http = (int)strtol(answer.text + 8, NULL, 10);
		answer.body = body + 4;
		answer.body_size = size - (size_t)(answer.body - answer.text);
	}
	return answer;
}

bool
fastcgi_is_closed(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;

	return poll(&p, 1, 2000) == 1 && recv(fd, &byte, 1, 0) <= 0;
}
