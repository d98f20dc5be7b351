/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a telnet client sends (RFC 854, 855, 1073), made into keys for the line editor. It takes out
 * the commands of the protocol, gives every kind of line end as one CR, and lets through only what
 * the editor knows. It also bounds a line: libcli (1.10.7) completes a word into its buffer of 4096
 * octets without a look at what room is left, and a recalled line can be added to again and again.
 * Nor may it complete behind a '|': it reads the filter's argument, which is not there. What was
 * recalled may hold one.
 */
#ifndef CONSOLE_TELNET_H
#define CONSOLE_TELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TELNET_LINE_MAX	 1000 /* octets of a line; what comes above is dropped */
#define TELNET_TAB_MAX	 64   /* a completion may add so much */
#define TELNET_PIPES_MAX 4    /* filters of a line */

struct telnet_input {
	enum { TELNET_DATA, TELNET_IAC, TELNET_OPTION, TELNET_SUB, TELNET_SUB_IAC } state;
	uint8_t sub[8]; /* the beginning of a subnegotiation */
	unsigned sub_len;
	bool cr;	 /* the last octet was one */
	bool negotiated; /* it speaks telnet */
	unsigned len, longest, pipes;
	unsigned escape;
	uint16_t rows; /* its window's; 0: unknown */
};

/* Makes `len` octets into keys: at most as many. How many there are. */
size_t telnet_keys(struct telnet_input *t, const uint8_t *p, size_t len, uint8_t *keys);

#endif
