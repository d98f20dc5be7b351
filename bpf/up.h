/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules for a frame from a line, the same in every hook: whose it is (up_classify), and whether
 * what it carries may enter (up_data; up_local6 in local6.h). Nothing here changes the frame or counts a drop.
 */
#ifndef BPF_UP_H
#define BPF_UP_H

#include "bpf/hook.h"
#include "bpf/police.h"
#include "bpf/stream.h"

enum up_class {
	UP_FOREIGN,   /* not PPPoE, or not for us: none of our business */
	UP_DISCOVERY, /* 0x8863 */
	UP_CONTROL,   /* the daemon's: PPP control protocols */
	UP_LOCAL6,    /* the daemon's: IPv6 from or to link-local, or to multicast */
	UP_DHCP6,     /* of that; only up_local6() says so */
	UP_DATA,
	UP_DROP, /* for up->reason; UNKNOWN_SESSION may be sampled */
};

struct up {
	struct frame f;
	struct pppoe pppoe;
	struct abi_session *s;
	struct ip ip;
	__u32 slot;
	__u32 ip_off; /* of the IP header */
	__u32 reason; /* enum abi_drop */
};

static __always_inline enum up_class up_drop(struct up *up, enum abi_drop reason)
{
	up->reason = reason;
	return UP_DROP;
}

/* Link-local never leaves the line, and the daemon is the router's mouth there. */
static __always_inline bool up_is_local6(const struct pkt *p, const struct up *up)
{
	struct ipv6hdr buf;
	const struct ipv6hdr *h = pkt_get(p, up->ip_off, sizeof(*h), &buf);

	if (!h || h->version != 6 || up->pppoe.room < sizeof(*h))
		return false; /* up_data() says what is wrong */
	return ip6_is_multicast(&h->daddr) || ip6_is_link_local(&h->daddr) ||
	       ip6_is_link_local(&h->saddr);
}

/* Is the frame addressed to this port of ours? Its number, or 0. */
static __always_inline __u16 up_port(__u32 ifindex, const struct frame *f)
{
	__u32 port = port_hints[ifindex & (ABI_HINTS - 1)], *known;
	struct abi_port *info = bpf_map_lookup_elem(&port_info, &port);

	if (!info || info->ifindex != ifindex) { /* another one has its place */
		known = bpf_map_lookup_elem(&ports, &ifindex);
		if (!known)
			return 0;
		port = *known;
		info = bpf_map_lookup_elem(&port_info, &port);
	}
	return info && mac_same(f->dst, info->mac) ? port : 0;
}

static __always_inline struct abi_session *up_session(const struct abi_line *line, __u32 *ret_slot)
{
	__u32 *slot = bpf_map_lookup_elem(&lines, line);
	struct abi_session *s;

	if (!slot)
		return NULL;
	*ret_slot = *slot;
	s = bpf_map_lookup_elem(&sessions, slot);
	return s && s->generation ? s : NULL;
}

/* @held: a VLAN tag that the kernel holds outside the frame, or 0. */
static __always_inline enum up_class up_classify(const struct pkt *p, __u32 ifindex, __u16 held,
						 struct up *up)
{
	struct abi_line line;

	if (parse_frame(p, held, &up->f))
		return UP_FOREIGN;
	if (up->f.type == ETH_P_PPP_DISC)
		return UP_DISCOVERY;
	if (up->f.type != ETH_P_PPP_SES)
		return UP_FOREIGN;
	line.port = up_port(ifindex, &up->f);
	if (!line.port)
		return UP_FOREIGN;
	if (parse_pppoe(p, up->f.off, &up->pppoe))
		return up_drop(up, ABI_DROP_PPPOE_MALFORMED);
	line.svlan = up->f.svlan;
	line.cvlan = up->f.cvlan;
	line.sid = up->pppoe.sid;
	up->s = up_session(&line, &up->slot);
	if (!up->s)
		return up_drop(up, ABI_DROP_UNKNOWN_SESSION);
	up->ip_off = up->f.off + PPPOE_LEN + PPP_LEN;
	if (!mac_same(up->f.src, up->s->mac))
		return up_drop(up, ABI_DROP_WRONG_MAC);
	if (up->pppoe.proto == PPP_PROTO_IP4)
		return UP_DATA;
	if (up->pppoe.proto != PPP_PROTO_IP6)
		return UP_CONTROL;
	return up_is_local6(p, up) ? UP_LOCAL6 : UP_DATA;
}

/* An address beside the session's own one or prefix is its own where it is routed to it. */
static __always_inline bool up_owns(const __u32 *owner, __u32 slot)
{
	return owner && *owner == slot;
}

static __always_inline enum up_class up_data4(const struct pkt *p, struct up *up)
{
	struct iphdr buf;
	const struct iphdr *h = parse_ip4(p, up->ip_off, up->pppoe.room, &buf, &up->ip);
	__u32 src;

	if (!h)
		return up_drop(up, ABI_DROP_IP_MALFORMED);
	if (ip4_is_multicast(h->daddr))
		return up_drop(up, ABI_DROP_IP4_MULTICAST);
	if (!(up->s->flags & ABI_SESSION_IP4))
		return up_drop(up, ABI_DROP_NOT_OPEN);
	src = h->saddr;
	if (src != up->s->ip4_be && !up_owns(slot_of_ip4(src), up->slot))
		return up_drop(up, ABI_DROP_SPOOFED_IP4);
	return UP_DATA;
}

static __always_inline enum up_class up_data6(const struct pkt *p, struct up *up)
{
	struct ipv6hdr buf;
	const struct ipv6hdr *h = parse_ip6(p, up->ip_off, up->pppoe.room, &buf, &up->ip);
	__u64 src;

	if (!h)
		return up_drop(up, ABI_DROP_IP_MALFORMED);
	if (!(up->s->flags & ABI_SESSION_IP6))
		return up_drop(up, ABI_DROP_NOT_OPEN);
	src = ip6_prefix(&h->saddr);
	if (src != *(const __u64 *)up->s->prefix6 &&
	    !up_owns(slot_of_ip6(&h->saddr, src), up->slot))
		return up_drop(up, ABI_DROP_SPOOFED_IP6);
	return UP_DATA;
}

/* The packet's own rules. UP_DATA, or UP_DROP for up->reason. Fills up->ip. */
static __always_inline enum up_class up_data(const struct pkt *p, struct up *up)
{
	return up->pppoe.proto == PPP_PROTO_IP4 ? up_data4(p, up) : up_data6(p, up);
}

/* Not in a socket filter: the kernel allows no lock there. */
#ifndef BPF_HOOK_SOCKET
static __always_inline enum up_class up_police(struct up *up)
{
	__u32 slot = up->slot, len = up->ip.len;
	const struct abi_session *s = up->s;
	struct abi_police *bucket;
	__u64 now;
	int pass;

	if (!(s->flags & ABI_SESSION_POLICED_UP))
		return UP_DATA;
	bucket = bpf_map_lookup_elem(&police, &slot);
	if (!bucket)
		return up_drop(up, ABI_DROP_ERROR);
	now = bpf_ktime_get_ns();
	bpf_spin_lock(&bucket->lock);
	pass = police_take(bucket, s, now, len, abi_config.overhead);
	bpf_spin_unlock(&bucket->lock);
	return pass ? UP_DATA : up_drop(up, ABI_DROP_RATE);
}
#endif

/* A drop where the session is known. */
static __always_inline int up_drop_of(stream_ctx *ctx, const struct up *up, __u32 reason)
{
	bool ip4 = up->pppoe.proto == PPP_PROTO_IP4, ip = ip4 || up->pppoe.proto == PPP_PROTO_IP6;

	return drop_of(ctx, up->s, up->slot, STREAM_AT(ip ? up->ip_off : 0, ABI_MIRROR_UP, ip4),
		       up->pppoe.room + (ip ? 0 : up->ip_off), reason);
}

static __always_inline void up_count(const struct up *up)
{
	__u32 slot = up->slot; /* a copy, so that `up` can live in registers */
	struct abi_counters *c = bpf_map_lookup_elem(&counters, &slot);

	count_load(false);
	if (!c)
		return;
	if (up->pppoe.proto == PPP_PROTO_IP4) {
		c->rx4_packets++;
		c->rx4_bytes += up->ip.len;
	} else {
		c->rx6_packets++;
		c->rx6_bytes += up->ip.len;
	}
}

#endif
