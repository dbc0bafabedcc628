/*
 * data_fields: what stands inside a licence, as the e-license system writes it, a string holding JSON in single quotes:
 * "{'ZZHM':'…','CYRMC':'D\'ARCY ANN','ZZMC':'\"户口簿\"'}". Proper JSON in double quotes is understood too.
 */
#ifndef LICENSE_FIELDS_H
#define LICENSE_FIELDS_H

#include "arena.h"

struct json_object;

/**
 * license_fields_read(arena, text):
 * Return an object of the fields in ${text} as strings (the caller puts it), or NULL if it cannot be read: then this one
 * licence is named to the parent, and the others stand. Quotes inside a value may be escaped or, where no separator
 * follows, bare; numbers, true, false and null are taken by their text, null as "".
 */
struct json_object *license_fields_read(struct arena *arena, const char *text);

#endif
