/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes captures as pcapng (draft-ietf-opsawg-pcapng): one section, an interface for each kind of
 * packet, times in nanoseconds. Each packet has its direction as the line sees it (inbound: from
 * the subscriber), a comment, and where a program has dropped it, that program's verdict. Pure:
 * blocks go into a buffer, which the caller empties. Numbers are in host order, as the format
 * allows.
 */
#ifndef MIRROR_PCAPNG_H
#define MIRROR_PCAPNG_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCAPNG_COMMENT_MAX 512 /* octets of a comment that are kept */

/* The interfaces of a capture. The first is always there. */
enum pcapng_interface {
	PCAPNG_IP,    /* customers' packets: link type RAW */
	PCAPNG_PPPOE, /* discovery and PPP: Ethernet */
	PCAPNG_RADIUS /* RAW */
};
#define PCAPNG_INTERFACES 3

enum pcapng_dropper { PCAPNG_PASSED, PCAPNG_DROPPED, PCAPNG_DROPPED_TC, PCAPNG_DROPPED_XDP };

struct pcapng_packet {
	enum pcapng_interface interface;
	enum pcapng_dropper dropped;
	uint64_t time;	     /* ns since 1970 */
	const uint8_t *data; /* from the IP header on, or the frame */
	uint32_t caplen;     /* octets there are */
	uint32_t len;	     /* octets the packet had */
	bool up;	     /* from the subscriber */
	const char *comment; /* UTF-8; NULL: none */
};

/* Section header and as many interfaces. @application: UTF-8. @snap: of IP; 0: no limit. */
void pcapng_begin(struct sbuf *out, const char *application, unsigned interfaces, uint32_t snap);
void pcapng_packet(struct sbuf *out, const struct pcapng_packet *p);
/* Statistics of PCAPNG_IP, at the end: how many were received, and lost on the way to us. */
void pcapng_end(struct sbuf *out, uint64_t time, uint64_t received, uint64_t lost);

#endif
