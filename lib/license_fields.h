/*
 * data_fields: what stands inside a licence, as the e-license system writes it, a string holding JSON in single quotes:
 * "{'ZZHM':'…','CYRMC':'D\'ARCY ANN','ZZMC':'\"户口簿\"'}", and as its cousins write it: JSON in double quotes, Python's repr,
 * HTML entities for the quotes, a byte order mark, full-width separators, commas too many at the end.
 */
#ifndef LICENSE_FIELDS_H
#define LICENSE_FIELDS_H

#include "arena.h"

struct json_object;

/**
 * license_fields_read(arena, text):
 * Return an object of the fields in ${text} as strings (the caller puts it), or NULL if it cannot be read without a doubt: then
 * this one licence is named to the parent, and the others stand. A quote inside a value may be escaped, doubled or bare, as
 * long as it cannot be where the value ends. Numbers, true and false are taken by their text, null as "". Objects and lists
 * inside are passed over, and so are texts of more than 1,000 bytes (pictures). A key that comes twice, bytes that are no
 * UTF-8 and control characters make it unreadable.
 */
struct json_object *license_fields_read(struct arena *arena, const char *text);

#endif
