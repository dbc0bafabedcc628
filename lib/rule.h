/* The rules that a form's table names: one value, folded, judged and kept. Used by lib/form alone. */
#ifndef RULE_H
#define RULE_H

#include <stdbool.h>

#include "arena.h"
#include "form.h"

struct json_object;

struct rule_call {
	struct arena *arena;

	/* Filled. */
	const char *words;     /* words other than the code's own, or NULL */
	bool is_out_of_memory; /* stays true once it is */
};

/**
 * rule_apply(call, field, value, at):
 * Judge ${value} (not NULL) by ${field}'s rule and write it to ${at}. Returns NULL, or the code of its fault, when ${at} is
 * left as it was; empty texts are "required" for every rule.
 */
const char *rule_apply(struct rule_call *call, const struct form_field *field, struct json_object *value, void *at);

#endif
