/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a line to the core past the stack: fast.h. The packet has passed all checks of up.h. */
#ifndef BPF_FAST_UP_H
#define BPF_FAST_UP_H

#include "bpf/fast.h"
#include "bpf/up.h"

/* @s: whose it is, NULL: by the flow. Behind a tree, the session must be shaped. */
static __always_inline bool fast_up_find(void *ctx, const struct pkt *p, struct fast *f,
					 const struct abi_session *s, __u32 slot, bool xdp,
					 struct fast_hop *hop)
{
	if (abi_config.fastpath == ABI_FAST_FLOWS) {
		f->flow = fast_flow(&f->key);
		if (!f->flow || (s && f->flow->slot != slot))
			return false;
		slot = f->flow->slot;
	}
	if (!s)
		s = fast_session(slot, f->ip4);
	else if (!fast_may(s, f->ip4))
		return false;
	if (!s || (f->flow && s->generation != f->flow->generation))
		return false;
	return fast_hop(ctx, f, xdp, hop);
}

/* At the access interface. Shaped ones have their tree before them. */
static __always_inline bool fast_up(void *ctx, const struct pkt *p, const struct up *up, bool xdp,
				    struct fast *f, struct fast_hop *hop)
{
	if (abi_config.fastpath == ABI_FAST_OFF)
		return false;
	if ((abi_config.trees && up->s->flags & ABI_SESSION_SHAPED_UP) ||
	    !fast_read(p, up->ip_off, up->pppoe.proto == PPP_PROTO_IP4, true, 0, 1, f) ||
	    !fast_up_find(ctx, p, f, up->s, up->slot, xdp, hop)) {
		fast_count(ABI_FAST_UP_SLOW, 1);
		return false;
	}
	return true;
}

#endif
