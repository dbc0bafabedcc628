/* Who holds which keys: the one table. A broken executable can open only what its work needs. */
#ifndef KEYS_H
#define KEYS_H

#include "seal.h"

/**
 * keys_of(service):
 * Return the key classes that the executable called ${service} holds; none for a name that stands not in the table.
 */
seal_set keys_of(const char *service);

#endif
