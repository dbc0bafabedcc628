/*
 * The link 这不是我, by which a change of password or phone is undone: one random token, of which the database gets the hash,
 * and a copy for each message that tells of the change, sealed for that message alone. Only the courier opens one.
 */
#ifndef UNDO_H
#define UNDO_H

#include <stdbool.h>
#include <stdint.h>

#include "db.h"
#include "seal.h"

/* Who can be told at most: one phone and three WeChats. */
enum { UNDO_COPIES = 4 };

struct undo {
	uint8_t token_hash[SEAL_HASH_SIZE];
	struct db_list outbox_ids;     /* the messages' rows, */
	struct db_blobs outbox_tokens; /* and the token sealed for each */
};

/* The link in the parameters of a door: the last three, in this order. */
// clang-format off
#define UNDO_FIELDS(at) \
	{ DB_HASH, (at) + offsetof(struct undo, token_hash) }, \
	{ DB_UUIDS, (at) + offsetof(struct undo, outbox_ids) }, \
	{ DB_BLOBS, (at) + offsetof(struct undo, outbox_tokens) }
// clang-format on

/**
 * undo_make(arena, undo):
 * Make a link into ${undo}; what it points to lies in the arena. Returns false if the contact key is not held or memory ends.
 */
bool undo_make(struct arena *arena, struct undo *undo);

#endif
