/* A length beside its bytes, always. */
#ifndef BYTES_H
#define BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
	const uint8_t *data; /* NULL: absent, in SQL null */
	size_t size;
};

#endif
