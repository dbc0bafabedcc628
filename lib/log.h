/* One JSON line an event on standard error, for the operator, in English. Never a name, number, phone, secret or body. */
#ifndef LOG_H
#define LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/**
 * log_open(program):
 * Name the program that every later line carries. Call once, before threads start.
 */
void log_open(const char *program);

/**
 * log_event(level, ref, event, format, ...):
 * Write one line: time, level, program, ${ref} (the request's reference, or NULL), ${event} (a_short_name) and the
 * formatted detail. The detail is escaped and cut at 1000 bytes. SQLSTATEs, constraint names and errnos belong here;
 * anything a parent typed does not.
 */
void log_event(enum log_level level, const char *ref, const char *event, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

struct log_answer {
	const char *ref, *method;
	const char *pattern; /* the route's, never the path itself or its query */
	const char *code;    /* the contract's, "ok" */
	int http;
	long waited_ms, spent_ms, database_ms; /* from nginx to us, with us, of that in the database */
};

/**
 * log_request(answer):
 * Write the one line of an answered request.
 */
void log_request(const struct log_answer *answer);

#endif
