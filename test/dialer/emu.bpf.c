// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The subscriber's end of a PPPoE session as two XDP programs: em_tx on the inner end of a veth
 * pair gives each IP packet its header and sends it out of the access link; em_rx on the access
 * link takes the header off and hands the packet to the pair. Everything else passes, so that the
 * dialer sees control frames (RFC 2516, section 4; 0x0021 and 0x0057 only).
 */
#include "test/dialer/emu.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define VID(tci) ((__u16)((bpf_ntohs(tci) & 0x0fff) | EMU_VLAN_PRESENT))

struct pppoe {
	__u8 version_type, code;
	__be16 sid, len, proto;
};

struct tag {
	__be16 tci, type;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct emu_key);
	__type(value, struct emu_rx);
} emu_rx SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct emu_tx);
} emu_tx SEC(".maps");

static __always_inline bool mac_equal(const __u8 *a, const __u8 *b)
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3] && a[4] == b[4] &&
	       a[5] == b[5];
}

static __always_inline void mac_copy(__u8 *dst, const __u8 *src)
{
	for (int i = 0; i < 6; i++)
		dst[i] = src[i];
}

/* Takes `strip` octets from behind the addresses, and padding from the end. */
static __always_inline int strip_and_send(struct xdp_md *ctx, const struct emu_rx *to, int strip,
					  __u32 packet_len, __be16 type)
{
	__u32 have = (__u32)(ctx->data_end - ctx->data) - sizeof(struct ethhdr) - strip;
	struct ethhdr *eth;

	if (packet_len > have)
		return XDP_DROP;
	if (packet_len < have && bpf_xdp_adjust_tail(ctx, (int)packet_len - (int)have))
		return XDP_DROP;
	if (bpf_xdp_adjust_head(ctx, strip))
		return XDP_DROP;
	eth = (void *)(long)ctx->data;
	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	mac_copy(eth->h_dest, to->dev_mac);
	mac_copy(eth->h_source, to->line_mac);
	eth->h_proto = type;
	return (int)bpf_redirect(to->ifindex, 0);
}

SEC("xdp")
int em_rx(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct emu_key key = {};
	struct ethhdr *eth = data;
	struct pppoe *p;
	struct emu_rx *to;
	__be16 type;

	if ((void *)(eth + 1) > end)
		return XDP_PASS;
	type = eth->h_proto;
	data = eth + 1;
	if (type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD)) {
		struct tag *t = data;

		if ((void *)(t + 1) > end)
			return XDP_PASS;
		key.svlan = VID(t->tci);
		type = t->type;
		data = t + 1;
	}
	if (type == bpf_htons(ETH_P_8021Q)) {
		struct tag *t = data;

		if ((void *)(t + 1) > end)
			return XDP_PASS;
		key.cvlan = VID(t->tci);
		type = t->type;
		data = t + 1;
	}
	p = data;
	if (type != bpf_htons(ETH_P_PPP_SES) || (void *)(p + 1) > end || p->version_type != 0x11 ||
	    p->code || bpf_ntohs(p->len) < 2)
		return XDP_PASS;
	if (p->proto == bpf_htons(0x0021))
		type = bpf_htons(ETH_P_IP);
	else if (p->proto == bpf_htons(0x0057))
		type = bpf_htons(ETH_P_IPV6);
	else
		return XDP_PASS;
	key.sid = bpf_ntohs(p->sid);
	to = bpf_map_lookup_elem(&emu_rx, &key);
	if (!to || !mac_equal(eth->h_dest, to->line_mac))
		return XDP_PASS;
	return strip_and_send(ctx, to, 8 + (key.svlan ? 4 : 0) + (key.cvlan ? 4 : 0),
			      bpf_ntohs(p->len) - 2, type);
}

/* Ethernet, tags, PPPoE; the room is there. */
static __always_inline int header_write(struct xdp_md *ctx, const struct emu_tx *tx, __u16 len,
					__be16 proto)
{
	__u8 *p = (void *)(long)ctx->data;
	__be16 *h = (void *)(p + 12);

	if ((void *)(p + 12 + 8 + 10) > (void *)(long)ctx->data_end)
		return -1;
	mac_copy(p, tx->dst);
	mac_copy(p + 6, tx->src);
	if (tx->tags) {
		*h++ = bpf_htons(tx->tpid);
		*h++ = bpf_htons(tx->svlan);
	}
	if (tx->tags > 1) {
		*h++ = bpf_htons(ETH_P_8021Q);
		*h++ = bpf_htons(tx->cvlan);
	}
	*h++ = bpf_htons(ETH_P_PPP_SES);
	*h++ = bpf_htons(0x1100); /* version, type, code */
	*h++ = bpf_htons(tx->sid);
	*h++ = bpf_htons(len + 2);
	*h++ = proto;
	return 0;
}

SEC("xdp")
int em_tx(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	__u32 from = ctx->ingress_ifindex;
	__u16 len = (__u16)(ctx->data_end - ctx->data - sizeof(*eth));
	struct emu_tx *tx = bpf_map_lookup_elem(&emu_tx, &from);
	__be16 proto;

	if (!tx || (void *)(eth + 1) + 20 > (void *)(long)ctx->data_end)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		proto = bpf_htons(0x0021);
	else if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		proto = bpf_htons(0x0057);
	else
		return XDP_DROP;
	if (bpf_xdp_adjust_head(ctx, -8 - (tx->tags > 1 ? 8
					   : tx->tags	? 4
							: 0)) ||
	    header_write(ctx, tx, len, proto))
		return XDP_DROP;
	return (int)bpf_redirect(tx->ifindex, 0);
}

char LICENSE[] SEC("license") = "GPL";
