// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Downstream at subs0p in native XDP: the packet gets Ethernet, tags and PPPoE, and leaves by its
 * session's port. A veth with XDP receives no super-packets; one would be TOO_BIG.
 */
#define BPF_HOOK_XDP
#include "bpf/encap.h"
#include "bpf/mss.h"

SEC("xdp")
int peer_xdp(struct xdp_md *ctx)
{
	struct pkt p = hook_pkt(ctx);
	struct down d;
	int reason = down_check(&p, &d);

	if (reason != DOWN_OK)
		return down_drop_of(ctx, &p, &d, reason);
	mss_clamp(ctx, &p, &d.ip, d.s->mtu, d.ip4);
	return encap(ctx, &d);
}

char _license[] SEC("license") = "GPL";
