/*
 * A chain of chunks, filled from the front. The first chunk is kept over resets, so that an ordinary request costs no
 * malloc at all; what a large request needed beyond it goes back. Chunks are zero where nothing was handed out: made so by
 * calloc, and again by the wipe, which writes zeros.
 */
#include "arena.h"

#include <openssl/crypto.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 16 * 1024 };

struct chunk {
	struct chunk *next; /* made before this one */
	size_t used, size;
	alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct chunk *newest, *first;
	size_t given, limit; /* bytes, over all chunks */
};

static struct chunk *
chunk_new(size_t size)
{
	struct chunk *chunk = calloc(1, sizeof *chunk + size);

	if (chunk != NULL)
		chunk->size = size;
	return chunk;
}

struct arena *
arena_new(size_t limit_bytes)
{
	struct arena *arena = calloc(1, sizeof *arena);

	if (arena == NULL)
		goto err0;
	if ((arena->first = chunk_new(CHUNK_SIZE)) == NULL)
		goto err1;
	arena->newest = arena->first;
	arena->limit = limit_bytes;
	return arena;

err1:
	free(arena);
err0:
	return NULL;
}

void *
arena_alloc(struct arena *arena, size_t size_bytes)
{
	const size_t align = alignof(max_align_t);
	size_t size;
	struct chunk *chunk = arena->newest;
	void *out;

	if (size_bytes > arena->limit)
		return NULL;
	/* Even nothing gets an address of its own. */
	size = size_bytes == 0 ? align : (size_bytes + align - 1) / align * align;
	if (size > arena->limit - arena->given)
		return NULL;

	if (size > chunk->size - chunk->used) {
		if ((chunk = chunk_new(size > CHUNK_SIZE ? size : CHUNK_SIZE)) == NULL)
			return NULL;
		chunk->next = arena->newest;
		arena->newest = chunk;
	}
	out = chunk->data + chunk->used;
	chunk->used += size;
	arena->given += size;
	return out;
}

char *
arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *out = length < SIZE_MAX ? arena_alloc(arena, length + 1) : NULL;

	if (out != NULL)
		memcpy(out, text, length);
	return out;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *out = NULL;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length >= 0 && (out = arena_alloc(arena, (size_t)length + 1)) != NULL) {
		va_start(args, format);
		(void)vsnprintf(out, (size_t)length + 1, format, args);
		va_end(args);
	}
	return out;
}

void
arena_reset(struct arena *arena)
{
	while (arena->newest != NULL) {
		struct chunk *chunk = arena->newest;

		arena->newest = chunk->next;
		OPENSSL_cleanse(chunk->data, chunk->used);
		chunk->used = 0;
		if (chunk != arena->first)
			free(chunk);
	}
	arena->newest = arena->first;
	arena->given = 0;
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	arena_reset(arena);
	free(arena->first);
	free(arena);
}
