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

/**
 * log_request(ref, method, pattern, http, spent_ms):
 * Write the one line of an answered request: its route's ${pattern}, never the path itself or its query.
 */
void log_request(const char *ref, const char *method, const char *pattern, int http, long spent_ms);

#endif
