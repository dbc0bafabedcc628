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
 * outbox_start():
 * Start the thread that delivers the outbox; without message_url there is none. Returns false if it could not be started.
 */
bool outbox_start(void);

/**
 * outbox_stop():
 * End that thread and wait for it: no longer than a call may take. What it had in hand is delivered again.
 */
void outbox_stop(void);

/**
 * texts_message(arena, template, detail, token):
 * Return the text of ${template} for the parent, with ${detail} and ${token}, which is a code or makes the link that undoes a
 * change (both may be NULL), in their places; NULL if there is no such template or memory ends.
 */
char *texts_message(struct arena *arena, const char *template, const char *detail, const char *token);

/**
 * figures_write(arena):
 * Write the figures for Prometheus to metrics_file, if there is one. Returns false (logged) if they could not be written.
 */
bool figures_write(struct arena *arena);

extern const struct door chain_door, anchor_door, take_door, settle_door, figures_door;

#endif
