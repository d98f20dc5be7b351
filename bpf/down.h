/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules for a packet to a line, at subs0p, the same in both hooks: the session that subs0's
 * egress named is still the one in this slot, the packet fits it, and its port is there. Then
 * encap_fill() writes what goes in front. Nothing here counts a drop.
 */
#ifndef BPF_DOWN_H
#define BPF_DOWN_H

#include "bpf/stream.h"

#define DOWN_OK (-1)

struct down {
	struct abi_session *s;
	struct abi_port *port;
	struct ip ip;
	__u32 slot;
	bool ip4;
};

/* A drop where the session may be known. */
static __always_inline int down_drop_of(stream_ctx *ctx, const struct pkt *p, const struct down *d,
					__u32 reason)
{
	return drop_of(ctx, d->s, d->slot,
		       STREAM_AT(sizeof(struct head_eth), ABI_MIRROR_DOWN, d->ip4),
		       p->len - sizeof(struct head_eth), reason);
}

static __always_inline int down_session(const struct pkt *p, struct down *d)
{
	const struct {
		struct abi_label label;
		__u16 type_be;
	} *h = pkt_get(p, 0, 14, NULL);
	__u32 port;

	d->s = NULL;
	if (!h || !label_is(&h->label))
		return ABI_DROP_NO_SESSION;
	d->ip4 = h->type_be == bpf_htons(ETH_P_IP);
	if (!d->ip4 && h->type_be != bpf_htons(ETH_P_IPV6))
		return ABI_DROP_IP_MALFORMED;
	d->s = label_session(&h->label, &d->slot);
	if (!d->s)
		return ABI_DROP_STALE;
	port = d->s->line.port;
	d->port = bpf_map_lookup_elem(&port_info, &port);
	if (!d->port || !d->port->ifindex)
		return ABI_DROP_PORT_DOWN;
	return DOWN_OK;
}

/* DOWN_OK, or the reason to drop it. */
static __always_inline int down_check(const struct pkt *p, struct down *d)
{
	__u32 off = sizeof(struct head_eth);
	int reason = down_session(p, d);
	bool good;

	if (reason != DOWN_OK)
		return reason;
	if (p->len < off)
		return ABI_DROP_IP_MALFORMED;
	if (d->ip4)
		good = parse_ip4(p, off, p->len - off, NULL, &d->ip);
	else
		good = parse_ip6(p, off, p->len - off, NULL, &d->ip);
	if (!good)
		return ABI_DROP_IP_MALFORMED;
	return d->ip.len > d->s->mtu ? ABI_DROP_TOO_BIG : DOWN_OK;
}

static __always_inline void down_count(const struct down *d)
{
	__u32 slot = d->slot;
	struct abi_counters *c = bpf_map_lookup_elem(&counters, &slot);

	count_load(true);
	if (!c)
		return;
	if (d->ip4) {
		c->tx4_packets++;
		c->tx4_bytes += d->ip.len;
	} else {
		c->tx6_packets++;
		c->tx6_bytes += d->ip.len;
	}
}

/* Octets that a frame grows by, and that are written in front of the IP header. */
#define ENCAP_GROW(tags) (PPPOE_LEN + PPP_LEN + 4 * (tags))
#define ENCAP_LEN(tags)	 (sizeof(struct head_eth) + ENCAP_GROW(tags))

static __always_inline __u32 encap_tags(const struct down *d)
{
	return d->s->line.cvlan ? 2 : d->s->line.svlan ? 1 : 0;
}

static __always_inline void encap_tag(__u16 *at, __u16 key)
{
	at[0] = key & ABI_VLAN_8021AD ? bpf_htons(ETH_P_8021AD) : bpf_htons(ETH_P_8021Q);
	at[1] = bpf_htons(key & ABI_VLAN_ID);
}

/* Fills ENCAP_LEN(tags) octets. @tags: a constant where this is expanded. */
static __always_inline void encap_fill(__u16 *at, const struct down *d, __u32 tags)
{
	__builtin_memcpy(at, d->s->mac, 6);
	__builtin_memcpy(at + 3, d->port->mac, 6);
	if (tags > 0)
		encap_tag(at + 6, d->s->line.svlan);
	if (tags > 1)
		encap_tag(at + 8, d->s->line.cvlan);
	at += 6 + 2 * tags;
	at[0] = bpf_htons(ETH_P_PPP_SES);
	at[1] = bpf_htons(0x1100); /* version 1, type 1, code 0 */
	at[2] = bpf_htons(d->s->line.sid);
	at[3] = bpf_htons(d->ip.len + PPP_LEN);
	at[4] = d->ip4 ? bpf_htons(PPP_PROTO_IP4) : bpf_htons(PPP_PROTO_IP6);
}

#endif
