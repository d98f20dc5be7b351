/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The value of a hexadecimal digit; -1: it is none. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

/* Lower case alone: for what has one way to be written. */
static inline int hex_lower(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline int hex_digit(char c)
{
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : hex_lower(c);
}

#endif
