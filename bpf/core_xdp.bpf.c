// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Downstream at a core interface with native XDP: what may go past the stack (fast.h) gets its
 * Ethernet, tags and PPPoE, and leaves by its session's port. All else passes untouched; shaped
 * lines' packets are core_tc's, behind. So are those that a veth hands over with their checksum still
 * to be made: a redirect would forget that.
 */
#define BPF_HOOK_XDP
#include "bpf/encap.h"
#include "bpf/fast_down.h"

/*
 * The pseudo header's sum in place of a checksum says that the rest of it is to be made, if the kernel's
 * word for that (CHECKSUM_PARTIAL), which XDP cannot read, says so too. A right one that looks the same
 * loses nothing by passing. Of what else may carry such a packet inside, none is let past.
 */
static __always_inline bool owes_sum(const struct pkt *p, const struct fast *f)
{
	const __u8 *proto = pkt_get(p, f->ip_off + (f->ip4 ? 9 : 6), 1, NULL);
	const __u16 *at;
	__u64 sum;

	if (!proto)
		return true;
	if (*proto == (f->ip4 ? 1 : 58)) /* ICMP's is always made */
		return false;
	if (*proto != 6 && *proto != 17)
		return true;
	at = pkt_get(p, f->l4_off + (*proto == 6 ? 16 : 6), 2, NULL);
	sum = bpf_htons(*proto) + bpf_htons(f->len - (f->l4_off - f->ip_off));
	for (int i = 0; i < 4; i++)
		sum += (__u64)f->key.src[i] + f->key.dst[i]; /* IPv4's are followed by zeros */
	sum = (sum >> 32) + (__u32)sum;
	for (int i = 0; i < 3; i++)
		sum = (sum >> 16) + (__u16)sum;
	return !at || !*at || *at == (__u16)sum;
}

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
	const struct abi_core *core = core_of(ctx->ingress_ifindex);
	struct pkt p = hook_pkt(ctx);
	struct fast f;
	struct down d;
	bool ip4;

	if (!core_is_for_us(&p, core, &ip4) || !fast_read(&p, FAST_IP, ip4, true, 0, 1, &f) ||
	    !fast_down(&p, &f, &d) || fast_shaped_down(&d) ||
	    (core->flags & ABI_CORE_OWES && owes_sum(&p, &f)))
		return XDP_PASS;
	return forward(ctx, p.len, &f, &d);
}

char _license[] SEC("license") = "GPL";
