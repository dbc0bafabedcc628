/* Reading what the province answers: one member of a JSON object at a time, typed, bounded, copied into the arena. */
#ifndef READER_H
#define READER_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct json_object;

/**
 * reader_text(arena, object, name, limit):
 * Return a copy of the string ${name} of ${object}, or NULL if it is missing, no string, empty, longer than ${limit} bytes or
 * holds a control character.
 */
char *reader_text(struct arena *arena, struct json_object *object, const char *name, size_t limit);

/**
 * reader_lines(arena, object, name, limit):
 * The same for what may be laid out in lines: tabs, line feeds and carriage returns pass.
 */
char *reader_lines(struct arena *arena, struct json_object *object, const char *name, size_t limit);

/**
 * reader_token(arena, object, name):
 * The same for what may stand in a URL's path or query as it is: 1-128 characters of [A-Za-z0-9._~-].
 */
char *reader_token(struct arena *arena, struct json_object *object, const char *name);

/**
 * reader_time_ms(object, name):
 * Return the RFC 3339 time ${name} of ${object} in milliseconds since 1970, 0 if it is missing or none.
 */
int64_t reader_time_ms(struct json_object *object, const char *name);

/**
 * reader_date(arena, object, name):
 * Return the date ${name} of ${object} as "2020-03-01", also from "20200301", "2020年3月1日" and with a time behind; NULL if it
 * is missing or no day of the calendar.
 */
char *reader_date(struct arena *arena, struct json_object *object, const char *name);

/**
 * reader_list(object, name, n):
 * Return the array ${name} of ${object} and its length; NULL and 0 if it is missing or no array.
 */
struct json_object *reader_list(struct json_object *object, const char *name, size_t *n);

#endif
