// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The filter on libpcap's packet socket: what the daemon gets to see, and how much of it. In tc
 * mode it sees each frame before access_tc does, so the budgets can only be here. It counts what
 * it holds back for a budget; all other drops are counted where the frame really ends.
 */
#define BPF_HOOK_SOCKET
#include "bpf/local6.h"

#include <linux/if_packet.h>

#define PADI 0x09 /* RFC 2516, section 5.1 */
#define PADT 0xa7 /* section 5.5 */

/* Discovery frames of a port that the daemon has not read yet, about: it takes off all frames that it
 * has read, of sessions as well. [0] all, [1] the PADIs of them. Not kept: each load has its own. */
__u32 tap_unread[ABI_PORTS_MAX][2];

/* PADTs that were noted instead (padts), and whether the daemon has been told that there are some. */
__u32 tap_noted, tap_told;

/* A discovery packet's header: RFC 2516, section 4. */
struct head_discovery {
	__u8 vertype, code;
	__u16 sid_be, len_be;
};

/* A storm of discovery must leave room in the packet socket, and time, for the sessions that are up;
 * one of PADIs, for the PADRs of those that were answered. */
static __always_inline bool has_room(struct __sk_buff *skb, const struct head_discovery *h)
{
	__u32 ifindex = skb->ifindex, *port = bpf_map_lookup_elem(&ports, &ifindex), at, *n;

	if (!port)
		return true; /* a test's */
	at = *port & (ABI_PORTS_MAX - 1);
	n = tap_unread[at];
	if (n[0] >= ABI_TAP_UNREAD || (h->code == PADI && n[1] >= ABI_TAP_UNREAD / 2))
		return false;
	__sync_fetch_and_add(&n[0], 1);
	if (h->code == PADI)
		__sync_fetch_and_add(&n[1], 1);
	return true;
}

/* The slot of the session that this frame ends, being a PADT to us by the session's own station. */
static __always_inline __u32 *padt_slot(struct __sk_buff *skb, const struct frame *f,
					const struct head_discovery *h)
{
	__u32 ifindex = skb->ifindex, *port;
	struct abi_line line = { .svlan = f->svlan, .cvlan = f->cvlan };

	if (h->code != PADT || h->vertype != 0x11 || skb->pkt_type != PACKET_HOST ||
	    f->off + PPPOE_LEN + bpf_ntohs(h->len_be) > skb->len)
		return NULL;
	port = bpf_map_lookup_elem(&ports, &ifindex);
	if (!port)
		return NULL;
	line.port = *port;
	line.sid = bpf_ntohs(h->sid_be);
	return bpf_map_lookup_elem(&lines, &line);
}

/*
 * When all lines hang up in one instant, what their PADTs say is kept though there is no room for
 * the frames: a note in the session's slot, so that no number of them is too many. Of the first one
 * that the daemon has not been told of, the frame goes up all the same and wakes it. Repeated ones
 * change nothing.
 */
static __always_inline int note_padt(struct __sk_buff *skb, const struct frame *f,
				     const struct head_discovery *h)
{
	__u32 *slot = padt_slot(skb, f, h), *note;
	struct abi_session *s = slot ? bpf_map_lookup_elem(&sessions, slot) : NULL;

	if (!s || !mac_same(f->src, s->mac))
		return drop(ABI_DROP_DISCOVERY_RATE);
	note = bpf_map_lookup_elem(&padts, slot);
	if (!note || *note == s->generation)
		return SOCKET_DROP;
	*note = s->generation;
	__sync_fetch_and_add(&tap_noted, 1); /* seen by all before we look who has been told */
	if (*(volatile __u32 *)&tap_told)
		return SOCKET_DROP;
	tap_told = 1;
	return SOCKET_KEEP;
}

/* Per source address, whatever the frame says: discovery comes before any session. */
static __always_inline int discovery(struct __sk_buff *skb, const struct frame *f)
{
	__u64 key = (__u64)f->src[0] | (__u64)f->src[1] << 16 | (__u64)f->src[2] << 32;
	__u64 *tat = bpf_map_lookup_elem(&sources, &key);
	struct head_discovery h = { 0 };
	__u64 fresh = 0;
	bool keep = true;

	(void)hook_load(skb, f->off, &h, sizeof(h)); /* too short: the daemon counts it */
	if (!tat) {
		rate_take(&fresh, abi_config.limits.discovery_pps, 1);
		bpf_map_update_elem(&sources, &key, &fresh, BPF_ANY);
	} else {
		keep = rate_take(tat, abi_config.limits.discovery_pps,
				 abi_config.limits.discovery_burst);
	}
	return keep && has_room(skb, &h) ? SOCKET_KEEP : note_padt(skb, f, &h);
}

static __always_inline int control(struct __sk_buff *skb, const struct up *up, bool local6)
{
	__u32 slot = up->slot;
	struct abi_budget *b = bpf_map_lookup_elem(&budgets, &slot);

	if (b && rate_take(local6 ? &b->local6 : &b->control, abi_config.limits.control_pps,
			   abi_config.limits.control_burst))
		return SOCKET_KEEP;
	return drop_of(skb, up->s, slot, STREAM_AT(0, ABI_MIRROR_UP, 0), skb->len,
		       ABI_DROP_CONTROL_RATE);
}

/* What may not be said costs no budget: who has a rogue router in the house still gets answers. */
static __always_inline int local6(struct __sk_buff *skb, const struct pkt *p, struct up *up)
{
	enum up_class class = up_local6(p, up);
	__u32 slot = up->slot;
	struct abi_budget *b;

	if (class == UP_DROP)
		return SOCKET_DROP;
	if (class != UP_DHCP6)
		return control(skb, up, true);
	b = bpf_map_lookup_elem(&budgets, &slot);
	if (b && rate_take(&b->dhcp6, abi_config.limits.dhcp6_pps, abi_config.limits.dhcp6_burst))
		return SOCKET_KEEP;
	return drop_of(skb, up->s, slot, STREAM_AT(0, ABI_MIRROR_UP, 0), skb->len,
		       ABI_DROP_DHCP6_RATE);
}

static __always_inline int unknown_session(void)
{
	__u32 key = ABI_UNKNOWN_TAP;
	__u64 *tat = bpf_map_lookup_elem(&unknown, &key);

	if (tat && rate_take(tat, abi_config.limits.unknown_pps, abi_config.limits.unknown_burst))
		return SOCKET_KEEP;
	return SOCKET_DROP;
}

/* The old loads of a socket filter, which are no calls: host order; they end the program, and so
 * hold the frame back, where it is too short. */
unsigned long long load_half(void *skb, unsigned long long off) asm("llvm.bpf.load.half");

/* Below fe00:: at both ends: neither link-local nor multicast (up_is_local6). */
static __always_inline bool is_far6(struct __sk_buff *skb, __u32 ip)
{
	return load_half(skb, ip + 8) < 0xfe00 && load_half(skb, ip + 24) < 0xfe00;
}

/* Data is most of what comes here, and of a session that is known none of it goes up, be it right
 * or not. So it needs no further look. */
static __always_inline bool is_data(struct __sk_buff *skb)
{
	__u32 off = 12, ifindex = skb->ifindex, *port;
	struct abi_line line = { .svlan = skb_tag(skb) };
	__u16 type = load_half(skb, off), proto, key;
	int i;

#pragma unroll
	for (i = 0; i < 2; i++) {
		if ((type != ETH_P_8021Q && type != ETH_P_8021AD) || line.cvlan)
			break;
		key = vlan_key(bpf_htons(type), load_half(skb, off + 2));
		if (line.svlan)
			line.cvlan = key;
		else
			line.svlan = key;
		off += 4;
		type = load_half(skb, off);
	}
	if (type != ETH_P_PPP_SES)
		return false;
	proto = load_half(skb, off + 8);
	if (proto != PPP_PROTO_IP4 && proto != PPP_PROTO_IP6)
		return false;
	port = bpf_map_lookup_elem(&ports, &ifindex);
	if (!port)
		return false;
	line.port = *port;
	line.sid = load_half(skb, off + 4);
	if (!bpf_map_lookup_elem(&lines, &line))
		return false;
	return proto == PPP_PROTO_IP4 || is_far6(skb, off + 10);
}

SEC("socket")
int tap(struct __sk_buff *skb)
{
	struct pkt p = hook_pkt(skb);
	struct up up;

	if (skb->pkt_type == PACKET_OUTGOING || skb->pkt_type == PACKET_OTHERHOST)
		return SOCKET_DROP;
	if (is_data(skb))
		return SOCKET_DROP;
	switch (up_classify(&p, skb->ifindex, skb_tag(skb), &up)) {
	case UP_DISCOVERY:
		return discovery(skb, &up.f);
	case UP_CONTROL:
		return control(skb, &up, false);
	case UP_LOCAL6:
		return local6(skb, &p, &up);
	case UP_DROP:
		return up.reason == ABI_DROP_UNKNOWN_SESSION ? unknown_session() : SOCKET_DROP;
	case UP_FOREIGN:
	case UP_DHCP6:
	case UP_DATA:
		break;
	}
	return SOCKET_DROP;
}

char _license[] SEC("license") = "GPL";
