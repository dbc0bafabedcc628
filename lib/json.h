/*
 * Strict JSON (RFC 8259, and stricter): a pass of our own before json-c, which accepts duplicate keys, NaN, raw control
 * characters, lone surrogates and trailing bytes.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>

#include "bytes.h"

struct json_object;

/**
 * json_is_strict(text):
 * Is ${text} one well-formed JSON value in UTF-8: no duplicate keys, depth at most 32, no lone surrogates, no NaN, no
 * trailing bytes? An escaped \u0000 is well-formed.
 */
bool json_is_strict(struct bytes text);

/**
 * json_read(text):
 * Return the parsed value of strict ${text} (the caller puts it), or NULL. A string with \u0000 keeps its full length
 * (json_object_get_string_len), which callers refuse; a key with one carries U+FFFD in its place, so that it is no known key.
 */
struct json_object *json_read(struct bytes text);

#endif
