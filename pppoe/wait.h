/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PADRs that wait for room. Inside the discovery server; not for others. */
#ifndef PPPOE_WAIT_H
#define PPPOE_WAIT_H

#include "base/hidx.h"
#include "pppoe/pppoe.h"

#include <sys/queue.h>

#ifndef PPPOE_WAIT_MAX /* a fuzz target fills less */
#define PPPOE_WAIT_MAX 4096
#endif
#define PPPOE_WAIT_FRAME   512 /* a longer one is dropped: its host asks again */
#define PPPOE_WAIT_QUEUES  64
#define PPPOE_WAIT_SHARE   8
#define PPPOE_WAIT_LONGEST (6 * NSEC_PER_SEC) /* pppd asks again after 5 */
#define PPPOE_WAIT_TICK	   (10 * NSEC_PER_MSEC)
#define PPPOE_WAIT_BATCH   64 /* in one tick, at most */

struct pppoe_packet;

struct pppoe_waiting {
	TAILQ_ENTRY(pppoe_waiting) link;
	uint64_t cookie_id, until;
	uint16_t port, len;
	uint8_t queue;
	uint8_t frame[PPPOE_WAIT_FRAME];
};
TAILQ_HEAD(pppoe_waiting_list, pppoe_waiting);

struct pppoe_wait {
	struct timer timer;
	struct pppoe_waiting *all;
	struct pppoe_waiting_list unused, queue[PPPOE_WAIT_QUEUES];
	struct hidx by_cookie;
	uint32_t high; /* of `all`: those from here on were never used */
	uint32_t count, in_queue[PPPOE_WAIT_QUEUES];
};

int pppoe_wait_init(struct pppoe_server *s);
void pppoe_wait_fini(struct pppoe_server *s);
/* Could a PADR of this line wait? */
bool pppoe_wait_room(const struct pppoe_server *s, const struct pppoe_line *line);
/* Do others of its line's queue wait before it? */
bool pppoe_wait_behind(const struct pppoe_server *s, const struct pppoe_line *line);
/* Puts it at its queue's end, or, if it waits already, in place of what came before it.
 * -EALREADY: so it is; -ENOSPC: there is no room to wait. */
int pppoe_wait_add(struct pppoe_server *s, const struct pppoe_packet *p, uint64_t cookie_id);

#endif
