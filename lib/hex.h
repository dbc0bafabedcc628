/* Hexadecimal digits: read in either case, written in lower case. */
#ifndef HEX_H
#define HEX_H

#include <stddef.h>
#include <stdint.h>

/**
 * hex_digit(c):
 * The value of the digit ${c}, -1 if it is none.
 */
static inline int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/**
 * hex_write(data, size, out):
 * Write ${size} bytes as two digits each, and a NUL, into ${out} of 2 * ${size} + 1 bytes.
 */
static inline void
hex_write(const uint8_t *data, size_t size, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		*out++ = digits[data[i] >> 4];
		*out++ = digits[data[i] & 15];
	}
	*out = '\0';
}

#endif
