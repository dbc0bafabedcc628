/*
 * One class a purpose: identity numbers, contacts (phone, openid), licence data, the blind index, tokens, receipts. The cipher is
 * symmetric, so whoever seals can also open; the comments say what each really does with its key.
 */
#include "keys.h"

#include <stddef.h>
#include <string.h>

#define HOLDS(class) (1U << (unsigned)(class))

static const struct {
	const char *service;
	seal_set held;
} table[] = {
	/* Seals numbers and phones; fingerprints of idempotent bodies; hashes the codes that prove a phone. */
	{ "register", HOLDS(SEAL_IDENTITY) | HOLDS(SEAL_CONTACT) | HOLDS(SEAL_INDEX) | HOLDS(SEAL_TOKEN) },
	/* Seals a new phone; hashes the codes that prove one. */
	{ "session", HOLDS(SEAL_CONTACT) | HOLDS(SEAL_INDEX) | HOLDS(SEAL_TOKEN) },
	/* Seals openids and what WeChat lends us; binds the state to the browser. */
	{ "wechat", HOLDS(SEAL_CONTACT) | HOLDS(SEAL_INDEX) | HOLDS(SEAL_TOKEN) },
	/* Seals numbers for the look-up, a new phone, undo tokens for the outbox; hashes the codes that prove a phone. */
	{ "recover", HOLDS(SEAL_IDENTITY) | HOLDS(SEAL_CONTACT) | HOLDS(SEAL_INDEX) | HOLDS(SEAL_TOKEN) },
	/* Seals further children; opens numbers to ask the province about them. */
	{ "bind", HOLDS(SEAL_IDENTITY) | HOLDS(SEAL_INDEX) },
	/* Opens numbers to ask the province; seals and opens what it answers; signs receipts. */
	{ "license", HOLDS(SEAL_IDENTITY) | HOLDS(SEAL_LICENSE) | HOLDS(SEAL_INDEX) | HOLDS(SEAL_RECEIPT) },
	/* Seals the second guardian's number and phone; opens phones and licence data to prefill; fingerprints of submissions. */
	{ "enroll", HOLDS(SEAL_IDENTITY) | HOLDS(SEAL_CONTACT) | HOLDS(SEAL_LICENSE) | HOLDS(SEAL_INDEX) | HOLDS(SEAL_TOKEN) },
	/* Opens the addresses of messages. */
	{ "courier", HOLDS(SEAL_CONTACT) },
	/* The operator: finds accounts by number or phone, opens identity numbers. */
	{ "enrollctl", HOLDS(SEAL_IDENTITY) | HOLDS(SEAL_INDEX) },
};

seal_set
keys_of(const char *service)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(table[i].service, service) == 0)
			return table[i].held;
	return 0;
}
