/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fast path's part of the daemon. What passes is decided packet by packet in the kernel
 * (bpf/fast.h); here is what the programs are told.
 *
 *	flow.c		pure: conntrack's connections as entries
 *	flows_sys.c	libnetfilter_conntrack: events, dumps, the liberal flag
 *	flows.c		which entries there are
 *	flows_share.c	and how many of each line
 *	changes_sys.c	routes, neighbours, links, addresses and rulesets have changed
 *	cores_sys.c	interfaces of the default routes
 *	fastpath.c	set up, generations, core interfaces
 *	fastpath_show.c	show fastpath, show flows, clear flows, fastpath
 *
 * A new ruleset makes a new generation at once: every flow goes through the stack until the rules of
 * now have let it through. Changes of routes and the like make one at most every 10 ms: the next hop
 * is asked again. All entries are the kernel's: they live through the daemon's death, and are
 * compared with conntrack by the next one (dump and reconcile), as they are when events are lost.
 */
#ifndef DAEMON_FASTPATH_H
#define DAEMON_FASTPATH_H

#include "base/siphash.h"
#include "daemon/changes.h"
#include "daemon/daemon.h"
#include "daemon/flows_door.h"

struct flows_stats {
	uint64_t events, dumped, added, deleted, lost, full;
	uint64_t kept[FLOW_REASON_COUNT]; /* with the stack, by why */
};

struct fastpath {
	struct daemon *d;
	struct abi_fast now;
	struct changes *changes;
	uint64_t bumped; /* when the routes' generation was made */
	struct timer routes_timer, cores_timer, rules_timer;
	char cores[160];    /* their names, for people; empty: none */
	unsigned core_count;
	bool told_no_core;
	/* flows.c */
	struct flows_door *door; /* NULL: mode routed, or no conntrack */
	struct timer dump_timer;
	struct flows_stats stats;
	uint64_t base; /* entries that were there at the start */
	uint64_t *seen; /* hashes of what the dump under way has confirmed */
	uint32_t seen_count, seen_max;
	bool dumping, again;
	/* flows_share.c */
	struct timer recount_timer;
	struct dp_flow_cursor recount_at;
	uint32_t *recount; /* by slot; NULL: none is under way */
	uint64_t recounted;
};

enum abi_fastpath fastpath_mode(const struct config *c);
int fastpath_setup(struct daemon *d);
void fastpath_teardown(struct daemon *d);

/* flows.c: -EPROTONOSUPPORT: no conntrack */
int flows_setup(struct fastpath *f);
void flows_teardown(struct fastpath *f);
void flows_dump(struct fastpath *f, uint64_t now); /* and reconcile */
uint64_t flows_clear(struct fastpath *f);	   /* entries that were deleted */
int flows_count(struct fastpath *f, uint64_t *ret_entries);

/* flows_share.c: a flow is counted by its entry upstream. */
void flows_share_init(struct fastpath *f);
void flows_share_fini(struct fastpath *f);
bool flows_share_full(struct fastpath *f, const struct session *s); /* it may have no more */
void flows_share_added(struct fastpath *f, const struct abi_flow_key *key, const struct abi_flow *w);
void flows_share_gone(struct fastpath *f, const struct abi_flow_key *key, const struct abi_flow *w);
void flows_share_zero(struct fastpath *f); /* all are about to be counted anew */

#endif
