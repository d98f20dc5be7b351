// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Upstream at an access interface with native XDP: a session's packet loses padding, PPPoE and
 * tags, and arrives on subs0 by way of subs0p. A redirect goes past the trees of subs0p, and XDP
 * cannot copy: a shaped or copied session's packet is labelled and passes on to access_shape.
 * Everything that is not a session's data passes untouched, to the tap or to the stack.
 *
 * An interface cannot hash inside PPPoE: all of it comes to one CPU. Where sessions are spread, that
 * one only reads whose a frame is; access_cpu does the rest on the session's CPU.
 */
#define BPF_HOOK_XDP
#include "bpf/access.h"

/* A line's frame with a label of its own would enter as any session's. */
static __always_inline bool is_forged(const struct pkt *p)
{
	const struct abi_label *l = pkt_get(p, 0, sizeof(*l), NULL);

	return l && label_is(l);
}

/* The CPU of the session, or the number of CPUs that are possible: here. Control frames stay. */
static __always_inline __u32 spread_cpu(const struct pkt *p)
{
	struct pppoe pppoe;
	struct frame f;

	if (parse_frame(p, 0, &f) || f.type != ETH_P_PPP_SES || parse_pppoe(p, f.off, &pppoe) ||
	    (pppoe.proto != PPP_PROTO_IP4 && pppoe.proto != PPP_PROTO_IP6))
		return abi_config.cpus;
	return abi_config.spread[abi_spread_index(f.src, pppoe.sid, abi_config.spread_count) &
				 (ABI_SPREAD_MAX - 1)];
}

/* One that is in no CPU's map (it went while the list changed) is done here. */
static __always_inline bool hand_over(__u32 cpu)
{
	struct abi_cpu_queue *q = bpf_map_lookup_elem(&cpu_queues, &cpu);

	if (!q || bpf_redirect_map(&cpu_map, cpu, XDP_PASS) != XDP_REDIRECT)
		return false;
	q->handed++;
	return true;
}

SEC("xdp")
int access_xdp(struct xdp_md *ctx)
{
	struct pkt p = hook_pkt(ctx);

	if (is_forged(&p))
		return drop(ABI_DROP_LABEL_FORGED);
	if (abi_config.spread_count && hand_over(spread_cpu(&p)))
		return XDP_REDIRECT;
	return access_frame(ctx);
}

char _license[] SEC("license") = "GPL";
