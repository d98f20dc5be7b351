/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What daemon/mirror*.c share. Nobody else includes this. */
#ifndef DAEMON_MIRROR_PRIV_H
#define DAEMON_MIRROR_PRIV_H

#include "daemon/daemon.h"
#include "daemon/mirror.h"

#define MIRROR_EVERYBODY 1 /* the rule of those who have none of their own */

struct mirror_entry {
	char *user; /* NULL: free */
	struct mirror_rule rule;
	uint16_t more[ABI_MIRROR_TARGETS - 1]; /* rules of its targets behind the first; 0: none */
	bool part;			       /* this is one: another's number, without a user */
	uint64_t until; /* ns; 0: until it is taken back */
	int64_t ends;	/* the same by the clock on the wall, s since 1970; 0: not so */
	bool given;	/* by RADIUS: it ends with the user's last session */
};

struct mirror_target {
	struct net_link link; /* ifindex 0: not there */
	struct mac dst;
	bool resolved;
	const char *why;	  /* what is against it, or NULL */
	bool real;		  /* of a port: a station of its own is there */
	bool returns;		  /* it has sent on what it was asked with */
	bool heard;		  /* in this round */
	struct abi_tunnel tunnel; /* of a port: its Ethernet addresses alone */
};

struct mirror_skips;
struct neigh;
struct returns;

struct mirrors {
	struct daemon *d;
	struct neigh *neigh;
	struct mirror_entry entries[ABI_MIRROR_RULES]; /* the index is the rule's number */
	unsigned high;				       /* none at or beyond it */
	bool commanded;		       /* everybody's rule is not the configuration's */
	struct mirror_target *targets; /* of the configuration's ports */
	struct mirror_skips *skips;
	struct net_pair pair; /* of remote targets, and of rules that cut; ifindex 0: none */
	bool cuts;	      /* a rule has cut */
	bool looked;
	struct timer timer;
	struct returns *returns; /* while it is asked what comes back */
	uint64_t asked, ask;	 /* ns: then, and when again */
	uint8_t id[8];		 /* ours */
	char path[160];
};

/* mirror_port.c */
unsigned mirror_targets(const struct mirror_rule *r); /* how many: 1 at least */
/* Of its target number @i. */
unsigned mirror_target_of(const struct mirrors *m, const struct mirror_rule *r, unsigned i);
/* What of its targets is no port of [mirror], or NULL. */
const char *mirror_no_port(const struct config *c, const struct mirror_rule *r);
int mirror_program(struct mirrors *m, unsigned number, const struct mirror_entry *e);
void mirror_look(struct mirrors *m, bool first); /* ports, gateways, networks */

/* mirror_returns.c: whether stations that copies are sent to send them on to us */
int mirror_returns_init(struct mirrors *m);
void mirror_returns_fini(struct mirrors *m);
void mirror_returns_look(struct mirrors *m, uint64_t now); /* every few seconds */
void mirror_returns_soon(struct mirrors *m, unsigned target); /* its station is another one */

/* mirror_remote.c */
bool mirror_remote_wanted(const struct mirrors *m);
bool mirror_remote_look(struct mirrors *m, bool first); /* true: the devices are other ones now */
void mirror_remote_clear(struct daemon *d);
void mirror_remote_resolve(struct mirrors *m, unsigned target);
void mirror_remote_program(const struct mirrors *m, unsigned target, unsigned rule,
			   struct abi_mirror *a);

/* mirror.c: 0, or -errno; a line of the log for each change, with @by who made it */
int mirror_set(struct mirrors *m, const char *who, const struct mirror_rule *rule, const char *by,
	       bool given); /* -ENOSPC, -ETIME, -ERANGE */
/* -ENOENT: has none of his own */
int mirror_reset(struct mirrors *m, const char *who, const char *by);

#endif
