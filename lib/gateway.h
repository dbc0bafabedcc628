/*
 * The province's gateway signature: the headers x-tif-paasid, x-tif-timestamp (seconds), x-tif-nonce and x-tif-signature, the
 * hex SHA-256 of timestamp + token + nonce + timestamp. It covers no body. Sent in upper case, read in either.
 */
#ifndef GATEWAY_H
#define GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "request.h"

/**
 * gateway_sign(arena, paasid, token, now_ms):
 * Return the four header lines for a call made at ${now_ms} (clock_wall_ms), and a NULL, as fetch takes them; or NULL if memory
 * ends.
 */
const char *const *gateway_sign(struct arena *arena, const char *paasid, const char *token, int64_t now_ms);

/**
 * gateway_verify(req, token, now_ms, nonce):
 * Do the headers of ${req} carry a signature by ${token}, at most 300 s from ${now_ms} (clock_wall_ms)? All four must be
 * there; a nonce is 1-64 visible characters. Fills ${nonce}, which the caller must see to be new.
 */
bool gateway_verify(const struct request *req, const char *token, int64_t now_ms, const char **nonce);

#endif
