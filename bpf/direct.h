/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes to a line, and in mode tc comes from one, without the hop between subs0 and subs0p,
 * which costs a packet a queue and a second receive. The pair is there for the trees, for
 * segmenting and for GRO: what is shaped and TCP pass it always, for all else it does nothing. That
 * the protocol decides keeps each flow in order.
 *
 * Downstream such packets are out of sight of who looks at subs0. Of a line with ABI_SESSION_SLOW
 * all take the hop.
 */
#ifndef BPF_DIRECT_H
#define BPF_DIRECT_H

#include "bpf/hook.h"

/* @shaped: ABI_SESSION_SHAPED_DOWN or _UP. */
static __always_inline bool is_direct(const struct abi_session *s, __u32 shaped,
				      const struct ip *ip)
{
	return !ip->tcp && !(s->flags & ((abi_config.trees ? shaped : 0) | ABI_SESSION_SLOW));
}

#endif
