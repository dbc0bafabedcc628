/*
 * A line is made in a buffer on the stack and leaves in one write, so that lines of several threads, and of several
 * processes on one pipe, do not mix.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

enum { DETAIL_SIZE = 1001, LINE_SIZE = 6 * DETAIL_SIZE + 512 };

static const char *program_name = "enroll";

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARNING] = "warning",
	[LOG_ERROR] = "error",
};

void
log_open(const char *program)
{
	program_name = program;
}

/* Write ${text} to ${out} as the inside of a JSON string; ${out} holds six bytes for each of ${text}. */
static void
escape(const char *text, char *out)
{
	for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\') {
			*out++ = '\\';
			*out++ = (char)*c;
		} else if (*c < 0x20 || *c >= 0x7f) {
			/* Bytes beyond ASCII are shown as bytes: what is foreign here may not even be UTF-8. */
			out += snprintf(out, 7, "\\u%04x", *c);
		} else {
			*out++ = (char)*c;
		}
	}
	*out = '\0';
}

/* Write a line that begins as all do and goes on with ${rest}, a JSON object's inside and end. */
static void
write_line(enum log_level level, const char *ref, const char *event, const char *rest)
{
	char line[LINE_SIZE], time[30];
	int length;

	clock_rfc3339(clock_wall_ms(), time);
	length = snprintf(line, sizeof line,
	    "{\"time\":\"%s\",\"level\":\"%s\",\"program\":\"%s\",\"ref\":\"%.8s\",\"event\":\"%.64s\",%s}\n", time,
	    level_names[level], program_name, ref != NULL ? ref : "", event, rest);
	if (length > 0 && length < (int)sizeof line) {
		/* If even the log is gone there is nobody left to tell. */
		ssize_t written = write(STDERR_FILENO, line, (size_t)length);
		(void)written;
	}
}

void
log_event(enum log_level level, const char *ref, const char *event, const char *format, ...)
{
	char detail[DETAIL_SIZE], escaped[6 * DETAIL_SIZE], rest[6 * DETAIL_SIZE + 16];
	va_list args;

	va_start(args, format);
	if (vsnprintf(detail, sizeof detail, format, args) < 0)
		detail[0] = '\0';
	va_end(args);
	escape(detail, escaped);
	(void)snprintf(rest, sizeof rest, "\"detail\":\"%s\"", escaped);
	write_line(level, ref, event, rest);
}

void
log_request(const struct log_answer *answer)
{
	char rest[512], bounded[17], escaped[6 * sizeof bounded];

	/* The method is the client's word. */
	(void)snprintf(bounded, sizeof bounded, "%s", answer->method);
	escape(bounded, escaped);
	(void)snprintf(rest, sizeof rest,
	    "\"method\":\"%s\",\"path\":\"%.128s\",\"http\":%d,\"code\":\"%.32s\",\"waited_ms\":%ld,\"ms\":%ld,\"database_ms\":%"
	    "ld",
	    escaped, answer->pattern, answer->http, answer->code, answer->waited_ms, answer->spent_ms, answer->database_ms);
	write_line(LOG_INFO, answer->ref, "request", rest);
}
