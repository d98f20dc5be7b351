/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes captures of IP packets as pcapng (draft-ietf-opsawg-pcapng): one section, one interface of
 * link type RAW, times in nanoseconds. Each packet has its direction as the line sees it (inbound:
 * from the subscriber) and a comment. Pure: blocks go into a buffer, which the caller empties.
 * Numbers are in host order, as the format allows.
 */
#ifndef MIRROR_PCAPNG_H
#define MIRROR_PCAPNG_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCAPNG_COMMENT_MAX 512 /* octets of a comment that are kept */

struct pcapng_packet {
	uint64_t time;	     /* ns since 1970 */
	const uint8_t *ip;   /* from the IP header on */
	uint32_t caplen;     /* octets there are */
	uint32_t len;	     /* octets the packet had */
	bool up;	     /* from the subscriber */
	const char *comment; /* UTF-8; NULL: none */
};

/* Section header and interface. @interface, @application: UTF-8. @snap: 0: no limit. */
void pcapng_begin(struct sbuf *out, const char *application, const char *interface, uint32_t snap);
void pcapng_packet(struct sbuf *out, const struct pcapng_packet *p);
/* Interface statistics, at the end: how many were received, and lost on the way to us. */
void pcapng_end(struct sbuf *out, uint64_t time, uint64_t received, uint64_t lost);

#endif
