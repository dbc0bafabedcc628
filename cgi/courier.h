/* What the files of courier share. */
#ifndef COURIER_H
#define COURIER_H

#include <stdbool.h>

#include "db.h"

/**
 * chain_audit(arena):
 * Chain all audit rows that can be chained now and write the head to audit_anchor_file when it is time. Returns false if the
 * database did not answer.
 */
bool chain_audit(struct arena *arena);

/**
 * deliver_outbox(arena):
 * Deliver the messages that are due, as many as one batch takes. Returns how many it took, -1 if the database did not answer.
 */
int deliver_outbox(struct arena *arena);

/**
 * texts_message(arena, template, detail, undo_token):
 * Return the text of ${template} for the parent, with ${detail} and the link of ${undo_token} (both may be NULL) in their
 * places; NULL if there is no such template or memory ends.
 */
char *texts_message(struct arena *arena, const char *template, const char *detail, const char *undo_token);

extern const struct door chain_door, take_door, settle_door;

#endif
