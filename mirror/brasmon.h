/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is in front of each packet at a virtual port ([mirror] virtual, brasmon -d): for programs
 * that read it with libpcap. This file needs no other; it may be copied.
 *
 * A frame there is Ethernet of type 0x88b5 (IEEE 802, for local use): 48 octets as below, then the
 * packet. Version 1. A later version may only make it longer and give meaning to what is zero here:
 * read head_len, and pass over what you do not know. Numbers are in network order.
 */
#ifndef BRASMON_H
#define BRASMON_H

#include <stdint.h>

#define BRASMON_ETHERTYPE 0x88b5
#define BRASMON_VERSION	  1
#define BRASMON_HEAD_LEN  48

enum brasmon_kind {
	BRASMON_IP = 1,	    /* a customer's packet: from its IP header on */
	BRASMON_PPPOE = 2,  /* discovery, PPP: from its Ethernet header on */
	BRASMON_RADIUS = 3, /* from an IP header on that is made up */
};

enum brasmon_direction {
	BRASMON_UP = 1,	  /* from the subscriber; of RADIUS: to us */
	BRASMON_DOWN = 2, /* to the subscriber; from us */
};

struct brasmon_header {
	uint8_t dst[6];	  /* 02:b5:6d:6f:6e:00 */
	uint8_t src[6];	  /* 02:b5 and the slot */
	uint16_t type_be; /* BRASMON_ETHERTYPE */
	uint8_t version;
	uint8_t head_len; /* octets from the frame's first one to the packet */
	uint8_t kind;	  /* enum brasmon_kind */
	uint8_t direction;
	uint16_t verdict_be; /* 0: goes on; else it is dropped: BRASMON_REASONS, the first is 1 */
	uint16_t sid_be;     /* PPPoE's session id; 0: none, or not known */
	uint16_t zero;
	uint32_t slot_be;	/* of brasd: with the generation, which session of all times */
	uint32_t generation_be; /* 0: of no session */
	uint32_t len_be;	/* octets that the packet had */
	uint32_t caplen_be;	/* octets of it that follow */
	uint32_t time_be[2];	/* ns since 1970, high half first */
};

/* By number. Later versions may add to its end. */
#define BRASMON_REASONS                                                                            \
	"pppoe-malformed", "unknown-session", "wrong-mac", "ip-malformed", "spoofed-ip4",          \
		"spoofed-ip6", "ip4-multicast", "not-open", "no-session", "stale", "too-big",      \
		"link-local", "port-down", "control-rate", "discovery-rate", "label-forged",       \
		"mirror-return", "rate", "rogue-ra", "rogue-redirect", "rogue-dhcp6", "routed-nd", \
		"spoofed-nd", "spoofed-target", "ip6-fragment", "ip6-extension",                   \
		"local6-malformed", "dhcp6-rate", "error"

#endif
