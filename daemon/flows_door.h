/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conntrack by libnetfilter_conntrack: events and dumps of TCP and UDP, read as they come. */
#ifndef DAEMON_FLOWS_DOOR_H
#define DAEMON_FLOWS_DOOR_H

#include "base/loop.h"
#include "daemon/flow.h"

struct flows_door;

struct flows_ops {
	/* It changed, or was found by a dump; or it is no more. @raw: for flows_door_liberal(). */
	void (*flow)(void *arg, uint64_t now, const struct flow_ct *ct, bool gone, void *raw);
	void (*lost)(void *arg, uint64_t now);		 /* events */
	void (*heard)(void *arg, uint64_t now);		 /* what came since is lost no more: dump */
	void (*dumped)(void *arg, uint64_t now, int rc); /* the dump has ended */
};

/* -EPROTONOSUPPORT: the kernel has no nf_conntrack_netlink; -EPERM. */
int flows_door_new(struct flows_door **ret, struct loop *loop, const struct flows_ops *ops,
		   void *arg);
void flows_door_free(struct flows_door *d);
/* All connections of both families are told of. -EALREADY: one is under way. */
int flows_door_dump(struct flows_door *d);
/* This TCP connection is not checked for its windows any more: some of its packets do not pass. */
int flows_door_liberal(struct flows_door *d, void *raw);

#endif
