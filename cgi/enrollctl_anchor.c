/* A line is "TIME SEQ HASH". A courier that starts anew may write the same head again; that is one anchor. */
#include "enrollctl_anchor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 256, HASH_DIGITS = 2 * SEAL_HASH_SIZE };

/* Two hexadecimal digits a byte, exactly. */
static bool
read_hash(const char *text, uint8_t hash[static SEAL_HASH_SIZE])
{
	if (strspn(text, "0123456789abcdef") != HASH_DIGITS)
		return false;
	for (size_t i = 0; i < SEAL_HASH_SIZE; i++) {
		const char digits[3] = { text[2 * i], text[2 * i + 1], '\0' };

		hash[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return text[HASH_DIGITS] == '\0';
}

/* Read one line into ${anchor}. */
static bool
read_line(struct anchor *anchor)
{
	char line[LINE_SIZE], *time, *seq, *hash, *rest, *end;

	if (fgets(line, sizeof line, anchor->file) == NULL)
		return false;
	anchor->left_bytes -= (long)strlen(line);
	anchor->line++;
	if ((time = strtok_r(line, " ", &rest)) == NULL || (seq = strtok_r(NULL, " ", &rest)) == NULL ||
	    (hash = strtok_r(NULL, "\n", &rest)) == NULL || strlen(time) >= sizeof anchor->time)
		return false;
	memcpy(anchor->time, time, strlen(time) + 1);
	anchor->seq = strtoll(seq, &end, 10);
	return *end == '\0' && anchor->seq > 0 && read_hash(hash, anchor->hash);
}

bool
anchor_next(struct anchor *anchor)
{
	const struct anchor before = *anchor;

	do {
		if (anchor->left_bytes <= 0) {
			anchor->seq = INT64_MAX;
			return true;
		}
		if (!read_line(anchor) || anchor->seq < before.seq)
			return false;
	} while (anchor->seq == before.seq && memcmp(anchor->hash, before.hash, SEAL_HASH_SIZE) == 0);
	return anchor->seq != before.seq;
}

bool
anchor_open(struct anchor *anchor, const char *path)
{
	*anchor = (struct anchor){ 0 };
	anchor->file = fopen(path, "re");
	if (anchor->file == NULL && errno != ENOENT)
		return false;
	if (anchor->file == NULL)
		return anchor_next(anchor);
	if (fseek(anchor->file, 0, SEEK_END) != 0 || (anchor->left_bytes = ftell(anchor->file)) < 0 ||
	    fseek(anchor->file, 0, SEEK_SET) != 0)
		return false;
	return anchor_next(anchor);
}

void
anchor_close(struct anchor *anchor)
{
	if (anchor->file != NULL)
		(void)fclose(anchor->file);
}
