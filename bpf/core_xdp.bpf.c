// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Downstream at a core interface with native XDP: what may go past the stack (fast.h) gets its
 * Ethernet, tags and PPPoE, and leaves by its session's port. All else passes untouched; shaped
 * lines' packets are core_tc's, behind.
 */
#define BPF_HOOK_XDP
#include "bpf/encap.h"
#include "bpf/fast_down.h"

static __always_inline int forward(struct xdp_md *ctx, __u32 frame_len, struct fast *f,
				   struct down *d)
{
	__u32 padding = frame_len - (f->ip_off + f->len);
	struct pkt p;

	if (padding && bpf_xdp_adjust_tail(ctx, -(int)padding))
		return drop(ABI_DROP_ERROR);
	p = hook_pkt(ctx);
	if (!rewrite(&p, f))
		return drop(ABI_DROP_ERROR);
	if (abi_config.fastpath == ABI_FAST_ROUTED && abi_config.mss_clamp &&
	    (f->ip4 ? !!parse_ip4(&p, f->ip_off, f->len, NULL, &d->ip)
		    : !!parse_ip6(&p, f->ip_off, f->len, NULL, &d->ip)))
		mss_clamp(ctx, &p, &d->ip, d->s->mtu, d->ip4);
	flow_count(f);
	fast_count(ABI_FAST_DOWN_FAST, 1);
	return encap(ctx, d);
}

SEC("xdp")
int core_xdp(struct xdp_md *ctx)
{
	struct pkt p = hook_pkt(ctx);
	struct fast f;
	struct down d;
	bool ip4;

	if (!core_is_for_us(&p, ctx->ingress_ifindex, &ip4) ||
	    !fast_read(&p, FAST_IP, ip4, true, 0, 1, &f) || !fast_down(&p, &f, &d) ||
	    fast_shaped_down(&d))
		return XDP_PASS;
	return forward(ctx, p.len, &f, &d);
}

char _license[] SEC("license") = "GPL";
