/* The anchor file, line by line: the heads of the audit chain that the courier carried out of the database. */
#ifndef ENROLLCTL_ANCHOR_H
#define ENROLLCTL_ANCHOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "seal.h"

struct anchor {
	FILE *file;
	long left_bytes; /* what is appended while we read belongs to the next time */
	size_t line;     /* of the file, from 1; 0: none read yet */
	int64_t seq;     /* of the chain; INT64_MAX after the last line */
	char time[40];
	uint8_t hash[SEAL_HASH_SIZE];
};

/**
 * anchor_open(anchor, path):
 * Open the file and read its first line. A file that does not exist is an empty one. Returns false if it is not readable or
 * the line is none of the courier's.
 */
bool anchor_open(struct anchor *anchor, const char *path);

/**
 * anchor_next(anchor):
 * Read the next line of another seq. Returns false if it is none of the courier's or out of order.
 */
bool anchor_next(struct anchor *anchor);

/**
 * anchor_close(anchor):
 * Close the file.
 */
void anchor_close(struct anchor *anchor);

#endif
