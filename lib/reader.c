/* Nothing here trusts the sender: what has the wrong type, size or signs is as good as missing. */
#include "reader.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TOKEN_MAX = 128 };

char *
reader_text(struct arena *arena, struct json_object *object, const char *name, size_t limit)
{
	struct json_object *member;
	const char *text;
	size_t length;

	if (!json_object_object_get_ex(object, name, &member) || !json_object_is_type(member, json_type_string))
		return NULL;
	text = json_object_get_string(member);
	length = (size_t)json_object_get_string_len(member);
	if (length == 0 || length > limit)
		return NULL;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
			return NULL;
	return arena_strndup(arena, text, length);
}

char *
reader_token(struct arena *arena, struct json_object *object, const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-";
	char *token = reader_text(arena, object, name, TOKEN_MAX);

	return token != NULL && token[strspn(token, allowed)] == '\0' ? token : NULL;
}

/* The milliseconds of "250" behind a point, whatever its length; moves ${at} behind the digits. */
static int
read_fraction(const char **at)
{
	int ms = 0, weight = 100;

	if (**at != '.')
		return 0;
	for ((*at)++; isdigit((unsigned char)**at); (*at)++) {
		ms += (**at - '0') * weight;
		weight /= 10;
	}
	return ms;
}

int64_t
reader_time_ms(struct json_object *object, const char *name)
{
	struct json_object *member;
	struct tm t = { 0 };
	const char *at;
	int used = 0, hours = 0, minutes = 0, ms;
	char sign;

	if (!json_object_object_get_ex(object, name, &member) || !json_object_is_type(member, json_type_string))
		return 0;
	at = json_object_get_string(member);
	if (sscanf(at, "%4d-%2d-%2dT%2d:%2d:%2d%n", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min, &t.tm_sec, &used) !=
	    6)
		return 0;
	at += used;
	ms = read_fraction(&at);
	if (strcmp(at, "Z") != 0) {
		if (sscanf(at, "%c%2d:%2d%n", &sign, &hours, &minutes, &used) != 3 || at[used] != '\0' ||
		    (sign != '+' && sign != '-'))
			return 0;
		if (sign == '-') {
			hours = -hours;
			minutes = -minutes;
		}
	}
	t.tm_year -= 1900;
	t.tm_mon -= 1;
	return ((int64_t)timegm(&t) - (hours * 60 + minutes) * 60) * 1000 + ms;
}

struct json_object *
reader_list(struct json_object *object, const char *name, size_t *n)
{
	struct json_object *member;

	*n = 0;
	if (!json_object_object_get_ex(object, name, &member) || !json_object_is_type(member, json_type_array))
		return NULL;
	*n = json_object_array_length(member);
	return member;
}
