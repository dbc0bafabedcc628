/* Nothing here trusts the sender: what has the wrong type, size or signs is as good as missing. */
#include "reader.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "clock.h"

enum { TOKEN_MAX = 128, DATE_MAX = 40 };

/* The string ${name} of ${object}, without control characters but those of ${allowed}. */
static char *
read_string(struct arena *arena, struct json_object *object, const char *name, size_t limit, const char *allowed)
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
		if (text[i] == '\0' || (((unsigned char)text[i] < 0x20 || text[i] == 0x7F) && strchr(allowed, text[i]) == NULL))
			return NULL;
	return arena_strndup(arena, text, length);
}

char *
reader_text(struct arena *arena, struct json_object *object, const char *name, size_t limit)
{
	return read_string(arena, object, name, limit, "");
}

char *
reader_lines(struct arena *arena, struct json_object *object, const char *name, size_t limit)
{
	return read_string(arena, object, name, limit, "\t\n\r");
}

char *
reader_token(struct arena *arena, struct json_object *object, const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-";
	char *token = reader_text(arena, object, name, TOKEN_MAX);

	return token != NULL && token[strspn(token, allowed)] == '\0' ? token : NULL;
}

/*
 * Match ${at} against a pattern and move behind it: a run of one small letter is a number of at most so many digits, put into
 * ${numbers}; everything else stands for itself.
 */
static bool
match(const char **at, const char *pattern, int *numbers)
{
	const char *from = *at;

	while (*pattern != '\0') {
		char letter = *pattern;
		int number = 0, digits = 0;

		if (letter < 'a' || letter > 'z') {
			if (*from++ != *pattern++)
				return false;
			continue;
		}
		for (; *pattern == letter; pattern++)
			if (isdigit((unsigned char)*from)) {
				number = number * 10 + (*from++ - '0');
				digits++;
			}
		if (digits == 0)
			return false;
		*numbers++ = number;
	}
	*at = from;
	return true;
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

/* The minutes that "+08:00" or "Z" is ahead of UTC. Returns false for what is neither, or not the end. */
static bool
read_offset(const char *at, int64_t *minutes)
{
	int parts[2], sign = *at == '-' ? -1 : 1;

	*minutes = 0;
	if (strcmp(at, "Z") == 0)
		return true;
	if (*at != '+' && *at != '-')
		return false;
	at++;
	if (!match(&at, "hh:mm", parts) || *at != '\0')
		return false;
	*minutes = (int64_t)sign * (parts[0] * 60 + parts[1]);
	return true;
}

int64_t
reader_time_ms(struct json_object *object, const char *name)
{
	struct json_object *member;
	const char *at;
	int parts[6], ms;
	int64_t offset_minutes;
	struct tm t;

	if (!json_object_object_get_ex(object, name, &member) || !json_object_is_type(member, json_type_string))
		return 0;
	at = json_object_get_string(member);
	if (!match(&at, "yyyy-mm-ddThh:nn:ss", parts))
		return 0;
	ms = read_fraction(&at);
	if (!read_offset(at, &offset_minutes))
		return 0;
	t = (struct tm){ .tm_year = parts[0] - 1900,
		.tm_mon = parts[1] - 1,
		.tm_mday = parts[2],
		.tm_hour = parts[3],
		.tm_min = parts[4],
		.tm_sec = parts[5] };
	return ((int64_t)timegm(&t) - offset_minutes * 60) * 1000 + ms;
}

char *
reader_date(struct arena *arena, struct json_object *object, const char *name)
{
	static const char *const patterns[] = { "yyyy-mm-dd", "yyyy年mm月dd日", "yyyymmdd" };
	const char *text = reader_text(arena, object, name, DATE_MAX);

	for (size_t i = 0; text != NULL && i < sizeof patterns / sizeof *patterns; i++) {
		const char *at = text;
		int parts[3];

		if (match(&at, patterns[i], parts) && clock_is_day((struct date){ parts[0], parts[1], parts[2] }))
			return arena_printf(arena, "%04d-%02d-%02d", parts[0], parts[1], parts[2]);
	}
	return NULL;
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
