/* Memory of one request: handlers allocate and never free. What was used is wiped when the request ends. */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena;

/**
 * arena_new(limit_bytes):
 * Return an arena that will hand out at most ${limit_bytes}, or NULL. The caller frees it with arena_free.
 */
struct arena *arena_new(size_t limit_bytes);

/**
 * arena_alloc(arena, size_bytes):
 * Return ${size_bytes} zeroed bytes, aligned for any type, or NULL beyond the limit. They live until arena_reset.
 */
void *arena_alloc(struct arena *arena, size_t size_bytes);

/**
 * arena_strndup(arena, text, length):
 * Return a NUL-terminated copy of the first ${length} bytes of ${text}, or NULL beyond the limit.
 */
char *arena_strndup(struct arena *arena, const char *text, size_t length);

/**
 * arena_strdup(arena, text):
 * Return a copy of ${text}, or NULL beyond the limit.
 */
char *arena_strdup(struct arena *arena, const char *text);

/**
 * arena_printf(arena, format, ...):
 * Return the formatted text, or NULL beyond the limit.
 */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * arena_reset(arena):
 * Wipe all that was handed out (OPENSSL_cleanse) and start anew.
 */
void arena_reset(struct arena *arena);

/**
 * arena_free(arena):
 * Wipe and release ${arena}; NULL is fine.
 */
void arena_free(struct arena *arena);

#endif
