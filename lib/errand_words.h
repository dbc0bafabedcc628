/* The words of an errand: the doors answer with codes and keys, the parent reads sentences. */
#ifndef ERRAND_WORDS_H
#define ERRAND_WORDS_H

#include "reply.h"
#include "request.h"

/**
 * errand_words(req, rep, text):
 * Answer 200 with the door's JSON ${text}, a sentence added to everything that is missing and a title to every step. Where
 * the register spells the name otherwise, both spellings are shown.
 */
enum status errand_words(struct request *req, struct reply *rep, const char *text);

/**
 * errand_event_words(req, rep, text):
 * The same for a list of events: {"events":[…]}, each with its title, and a sentence beside what is missing and each licence.
 */
enum status errand_event_words(struct request *req, struct reply *rep, const char *text);

#endif
