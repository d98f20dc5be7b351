/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a station that copies are sent to send them on, so that they come back by another way and
 * reach customers twice? It is asked: a packet to one of our subscribers' networks, as a copy is,
 * but with this process's number in it, and whatever interface has it next tells.
 */
#ifndef DAEMON_RETURNS_H
#define DAEMON_RETURNS_H

#include "base/addr.h"
#include "base/loop.h"

#include <stdbool.h>
#include <stddef.h>

#define RETURNS_ID	   8
#define RETURNS_PORT	   9			/* discard: RFC 863 */
#define RETURNS_MAGIC	   UINT32_C(0x62726173) /* "bras", where UDP's data begins */
#define RETURNS_PACKET_MAX 80

/* --- the packet: pure ------------------------------------------------------------------------ */

struct returns_id {
	uint8_t of[RETURNS_ID]; /* this process */
	uint16_t target;
};

struct returns_ends {
	bool ip6;
	uint32_t src4, dst4;
	struct ip6 src6, dst6;
};

/* Octets that it has; @buf holds RETURNS_PACKET_MAX. */
size_t returns_write(uint8_t *buf, const struct returns_ends *ends, const struct returns_id *id);
/* An IP packet, padding allowed behind it. -EBADMSG: no such one. */
int returns_parse(const uint8_t *buf, size_t len, struct returns_id *ret);

/* --- the door (returns_sys.c) ---------------------------------------------------------------- */

struct returns;
/* @ifindex, @from: where it came in, and from which station. */
typedef void returns_fn(void *arg, const struct returns_id *id, int ifindex,
			const struct mac *from);

/* Looks at all that comes in, at whatever interface, for as long as it is there. */
int returns_new(struct returns **ret, struct loop *loop, returns_fn *fn, void *arg);
void returns_free(struct returns *r);
int returns_send(struct returns *r, int ifindex, const struct mac *to, bool ip6,
		 const uint8_t *packet, size_t len);

#endif
