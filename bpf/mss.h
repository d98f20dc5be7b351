/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSS clamping: the Maximum Segment Size option (RFC 9293, section 3.7.1) of a SYN is lowered to
 * what fits the line, never raised. mss_walk() says what to write; how it is written is the
 * hook's, since an skb may owe its checksum to the hardware.
 */
#ifndef BPF_MSS_H
#define BPF_MSS_H

#include "bpf/hook.h"

#include <linux/tcp.h>

#define MSS_OPTIONS_MAX 40

struct mss_fix {
	__u32 off, csum_off;	  /* from the frame's start */
	__u16 from, to;		  /* as they lie in the frame */
	__u16 csum_from, csum_to; /* the same as the checksum sees them: swapped at an odd offset */
};

static __always_inline bool mss_option(const __u8 *opt, __u32 off, __u32 l4_off, __u16 limit,
				       struct mss_fix *ret)
{
	__u16 mss = opt[2] << 8 | opt[3];

	if (opt[1] != 4 || mss <= limit)
		return false;
	ret->off = off + 2;
	ret->csum_off = l4_off + 16;
	ret->from = bpf_htons(mss);
	ret->to = bpf_htons(limit);
	/* RFC 1071, section 2 (B): in an odd place the octets count in swapped order. */
	if ((off - l4_off) & 1) {
		ret->csum_from = __builtin_bswap16(ret->from);
		ret->csum_to = __builtin_bswap16(ret->to);
	} else {
		ret->csum_from = ret->from;
		ret->csum_to = ret->to;
	}
	return true;
}

static __always_inline bool mss_walk(const struct pkt *p, __u32 l4_off, __u32 len, __u16 limit,
				     struct mss_fix *ret)
{
	__u32 at = 0;
	int i;

	/* The option has 4 octets: one that begins later than 36 cannot be it. */
	for (i = 0; i <= MSS_OPTIONS_MAX - 4; i++) {
		__u32 off;
		const __u8 *opt;
		__u8 buf[4];

		if (at + 4 > len)
			return false;
		off = l4_off + sizeof(struct tcphdr) + at;
		opt = pkt_get(p, off, 4, buf);
		if (!opt || opt[0] == 0)
			return false;
		if (opt[0] == 2)
			return mss_option(opt, off, l4_off, limit, ret);
		if (opt[0] != 1 && opt[1] < 2)
			return false;
		at += opt[0] == 1 ? 1 : opt[1];
		opaque(at);
		at &= 0x1ff;
	}
	return false;
}

/* RFC 1624, equation 3. */
static __always_inline __u16 csum_replace(__u16 sum, __u16 from, __u16 to)
{
	__u32 v = (__u16)~sum + (__u16)~from + to;

	v = (v & 0xffff) + (v >> 16);
	v = (v & 0xffff) + (v >> 16);
	return ~v;
}

#ifdef BPF_HOOK_XDP
static __always_inline void mss_write(const struct pkt *p, const struct mss_fix *fix)
{
	__u8 *mss = pkt_get(p, fix->off, 2, NULL);
	__u16 *sum = pkt_get(p, fix->csum_off, 2, NULL);

	if (!mss || !sum)
		return;
	mss[0] = (__u8)(bpf_ntohs(fix->to) >> 8);
	mss[1] = (__u8)bpf_ntohs(fix->to);
	*sum = csum_replace(*sum, fix->csum_from, fix->csum_to);
}
#endif

#ifdef BPF_HOOK_TC
/* The helper leaves alone a checksum that is still to be filled in. */
static __always_inline int mss_write(struct __sk_buff *skb, const struct mss_fix *fix)
{
	if (bpf_l4_csum_replace(skb, fix->csum_off, fix->csum_from, fix->csum_to, 2))
		return -1;
	return bpf_skb_store_bytes(skb, fix->off, &fix->to, 2, 0);
}
#endif

/*
 * The walk through a SYN's options is a global function, so that the verifier makes it once and not
 * for each way that leads to it. 0, or -1: the packet could not be written.
 */
#ifdef BPF_HOOK_XDP
typedef struct xdp_md mss_ctx;
#define mss_clamp_at mss_clamp_at_xdp
__weak __noinline int mss_clamp_at(struct xdp_md *ctx, __u32 l4_off, __u32 len, __u32 limit)
{
	struct pkt p = hook_pkt(ctx);
	struct mss_fix fix;

	if (mss_walk(&p, l4_off, len, limit, &fix))
		mss_write(&p, &fix);
	return 0;
}
#endif

#ifdef BPF_HOOK_TC
typedef struct __sk_buff mss_ctx;
#define mss_clamp_at mss_clamp_at_tc
__weak __noinline int mss_clamp_at(struct __sk_buff *skb, __u32 l4_off, __u32 len, __u32 limit)
{
	struct pkt p = hook_pkt(skb, 0);
	struct mss_fix fix;

	return mss_walk(&p, l4_off, len, limit, &fix) ? mss_write(skb, &fix) : 0;
}
#endif

/* Not 0: the packet is spoiled. In tc, pointers into it are void afterwards. IP and TCP headers are 40
 * or 60 octets without options. */
static __always_inline int mss_clamp(mss_ctx *ctx, const struct pkt *p, const struct ip *ip, __u16 mtu,
				     bool ip4)
{
	__u16 overhead = ip4 ? 40 : 60;
	struct tcphdr buf;
	const struct tcphdr *tcp;
	__u32 len;

	if (!abi_config.mss_clamp || !ip->tcp || ip->l4_len < sizeof(*tcp) || mtu <= overhead)
		return 0;
	tcp = pkt_get(p, ip->l4_off, sizeof(*tcp), &buf);
	if (!tcp || !tcp->syn || tcp->doff < 5)
		return 0;
	len = tcp->doff * 4;
	if (len > ip->l4_len)
		return 0;
	return mss_clamp_at(ctx, ip->l4_off, len - sizeof(*tcp), mtu - overhead);
}

#endif
