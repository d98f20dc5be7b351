// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Downstream at subs0p in native XDP: the packet gets Ethernet, tags and PPPoE, and leaves by its
 * session's port. A veth with XDP receives no super-packets; one would be TOO_BIG.
 */
#define BPF_HOOK_XDP
#include "bpf/down.h"
#include "bpf/mss.h"

static __always_inline int push(struct xdp_md *ctx, const struct down *d, const __u32 tags)
{
	struct pkt p;
	__u16 *at;

	if (bpf_xdp_adjust_head(ctx, -(int)ENCAP_GROW(tags)))
		return drop(ABI_DROP_ERROR);
	p = hook_pkt(ctx);
	at = pkt_get(&p, 0, ENCAP_LEN(tags), NULL);
	if (!at)
		return drop(ABI_DROP_ERROR);
	encap_fill(at, d, tags);
	down_count(d);
	return bpf_redirect(d->port->ifindex, 0);
}

SEC("xdp")
int peer_xdp(struct xdp_md *ctx)
{
	struct pkt p = hook_pkt(ctx);
	struct mss_fix fix;
	struct down d;
	int reason = down_check(&p, &d);

	if (reason != DOWN_OK)
		return drop(reason);
	if (abi_config.mss_clamp && mss_find(&p, &d.ip, d.s->mtu, d.ip4, &fix))
		mss_write(&p, &fix);
	switch (encap_tags(&d)) {
	case 0:
		return push(ctx, &d, 0);
	case 1:
		return push(ctx, &d, 1);
	default:
		return push(ctx, &d, 2);
	}
}

char _license[] SEC("license") = "GPL";
