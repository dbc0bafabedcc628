/* A FastCGI client of bare records: what nginx does, and what nginx never would. */
#ifndef SUPPORT_FASTCGI_H
#define SUPPORT_FASTCGI_H

#include <stdbool.h>
#include <stddef.h>

enum { FASTCGI_BUFFER = 256 * 1024 };

/* Bytes on their way to the server. */
struct fastcgi_out {
	unsigned char data[FASTCGI_BUFFER];
	size_t size;
};

struct fastcgi_answer {
	bool is_whole; /* STDOUT and END_REQUEST came */
	int http;
	char *text; /* headers and body, NUL-terminated; the caller frees */
	const char *body;
	size_t body_size;
};

/**
 * fastcgi_listen(path):
 * Return a listening Unix socket at ${path}.
 */
int fastcgi_listen(const char *path);

/**
 * fastcgi_connect(path):
 * Return a connection to ${path} with timeouts of some seconds.
 */
int fastcgi_connect(const char *path);

/**
 * fastcgi_begin(out, is_kept), fastcgi_param(out, name, value), fastcgi_params_end(out), fastcgi_stdin(out, data, size, step):
 * Append one request's records to ${out}; STDIN in records of at most ${step} bytes, then its end.
 */
void fastcgi_begin(struct fastcgi_out *out, bool is_kept);
void fastcgi_param(struct fastcgi_out *out, const char *name, const char *value);
void fastcgi_params_end(struct fastcgi_out *out);
void fastcgi_stdin(struct fastcgi_out *out, const char *data, size_t size, size_t step);

/**
 * fastcgi_send(fd, out):
 * Send all. Returns false if the other side closed before.
 */
bool fastcgi_send(int fd, const struct fastcgi_out *out);

/**
 * fastcgi_receive(fd):
 * Read one answer up to END_REQUEST or the connection's end.
 */
struct fastcgi_answer fastcgi_receive(int fd);

/**
 * fastcgi_is_closed(fd):
 * Has the other side closed, within two seconds?
 */
bool fastcgi_is_closed(int fd);

#endif
