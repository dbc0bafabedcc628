/* Hexadecimal digits, in either case. */
#ifndef HEX_H
#define HEX_H

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

#endif
