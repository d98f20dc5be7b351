/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fast path: what goes around the kernel's stack, and when it may.
 *
 * flows   The daemon hears from conntrack which flows are accepted and writes one entry for each
 *         direction (struct abi_flow): whose it is, and what is translated. That alone lets nothing
 *         past. An entry holds while the stack has lately let a packet of it through: the egress
 *         programs (core_egress, subs_egress) see what comes out of the stack and write down when,
 *         and in which generation of the firewall's rules (fast_accept). So nothing is bypassed
 *         that the rules of now have not accepted; a changed ruleset sends every flow through the
 *         stack again, and drops those that it now refuses; and at least every lease_ms a
 *         packet passes, which keeps conntrack's entry and the neighbours alive with no help of
 *         the daemon's. A lapsed entry costs nothing to anybody but itself.
 * routed  No conntrack: source and destination decide.
 *
 * The next hop is bpf_fib_lookup()'s, kept in the entry for a generation of the routes. It does not
 * tell of a route's own MTU (IPv4, not locked): so upstream nothing is larger than what the stack
 * has let through by this next hop.
 *
 * To the stack goes what it must see or can do better: SYN, FIN, RST, fragments, options, a TTL
 * that ends, what is too big, what has no neighbour yet. Shaped lines pass their tree first:
 * upstream the flow is looked up behind it, at subs0's ingress (subs_fast); downstream the packet
 * enters at subs0's egress. There super-packets are segmented as well: they never meet an
 * encapsulation.
 */
#ifndef BPF_FAST_H
#define BPF_FAST_H

#include "bpf/mss.h"

#include <linux/udp.h>

#ifndef AF_INET
#define AF_INET	 2
#define AF_INET6 10
#endif

#define FAST_NEED (PARSE_UP + 20) /* octets: the headers of PARSE_UP, and TCP's */

/* What can be read of a packet that may go fast. */
struct fast {
	struct abi_flow_key key;
	struct abi_flow *flow; /* NULL in routed mode */
	__u32 ip_off, l4_off;
	__u32 len;  /* of the IP packet; of a segment of it */
	__u32 segs; /* of a super-packet, else 1 */
	__u32 bytes;
	__u16 ttl_be; /* the IPv4 header's word of TTL and protocol */
	__u8 tos;
	bool ip4;
};

struct fast_hop {
	__u32 ifindex;
	__u16 dst[3], src[3];
};

static __always_inline void fast_count(__u32 what, __u32 segs)
{
	__u64 *n;

	if (abi_config.fastpath == ABI_FAST_OFF)
		return;
	n = bpf_map_lookup_elem(&fast_counts, &what);
	if (n)
		*n += segs;
}

static __always_inline struct abi_fast *fast_state(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&fast, &zero);
}

static __always_inline __u64 fast_lease(const struct abi_fast *now)
{
	return now->lease_ms * 1000000ull;
}

/* --- reading ------------------------------------------------------------------------------- */

/* A connection begins with the addresses and ports of one that has an entry yet: that is over,
 * though the daemon may not know, and the new one may be translated otherwise. The entry holds no
 * more until the stack has accepted something by it again. */
static __always_inline void fast_begins(struct fast *f)
{
	struct abi_flow *w;

	for (__u8 down = 0; down < 2; down++) {
		f->key.down = down;
		w = bpf_map_lookup_elem(&flows, &f->key);
		if (w)
			w->accepted = 0;
	}
	f->key.down = 0;
}

/* TCP that neither begins nor ends, or UDP, into the key. */
static __always_inline bool fast_l4(const struct pkt *p, struct fast *f, __u8 proto,
				    __u32 *ret_head)
{
	const struct tcphdr *tcp;
	const struct udphdr *udp;

	f->key.proto = proto;
	if (proto == 6) {
		tcp = pkt_get(p, f->l4_off, sizeof(*tcp), NULL);
		if (!tcp)
			return false;
		f->key.sport_be = tcp->source;
		f->key.dport_be = tcp->dest;
		if (tcp->syn && !tcp->ack && abi_config.fastpath == ABI_FAST_FLOWS)
			fast_begins(f);
		if (tcp->syn || tcp->fin || tcp->rst)
			return false;
		*ret_head = tcp->doff * 4;
		return true;
	}
	if (proto != 17)
		return false;
	udp = pkt_get(p, f->l4_off, sizeof(*udp), NULL);
	if (!udp)
		return false;
	f->key.sport_be = udp->source;
	f->key.dport_be = udp->dest;
	*ret_head = sizeof(*udp);
	return true;
}

static __always_inline bool fast_ip4(const struct pkt *p, struct fast *f, bool coming, __u8 *ret)
{
	const struct iphdr *h = pkt_get(p, f->ip_off, sizeof(*h), NULL);

	if (!h || h->version != 4 || h->ihl != 5 || (coming && h->ttl <= 1))
		return false;
	f->key.family = 4;
	f->key.src[0] = h->saddr;
	f->key.dst[0] = h->daddr;
	f->len = bpf_ntohs(h->tot_len);
	f->ttl_be = *(const __u16 *)&h->ttl;
	f->tos = h->tos;
	f->l4_off = f->ip_off + sizeof(*h);
	*ret = h->frag_off & bpf_htons(0x3fff) ? 0 : h->protocol;
	return f->len >= sizeof(*h);
}

static __always_inline bool fast_ip6(const struct pkt *p, struct fast *f, bool coming, __u8 *ret)
{
	const struct ipv6hdr *h = pkt_get(p, f->ip_off, sizeof(*h), NULL);

	if (!h || h->version != 6 || (coming && h->hop_limit <= 1))
		return false;
	f->key.family = 6;
	__builtin_memcpy(f->key.src, &h->saddr, 16);
	__builtin_memcpy(f->key.dst, &h->daddr, 16);
	f->len = sizeof(*h) + bpf_ntohs(h->payload_len);
	f->l4_off = f->ip_off + sizeof(*h);
	*ret = h->nexthdr;
	return true;
}

/* @coming: its TTL has still to be counted down. @gso_size: of a super-packet, or 0. */
static __always_inline bool fast_read(const struct pkt *p, __u32 ip_off, bool ip4, bool coming,
				      __u32 gso_size, __u32 segs, struct fast *f)
{
	__u32 head = 0, room = p->len - ip_off;
	__u8 proto = 0;

	__builtin_memset(f, 0, sizeof(*f));
	f->ip_off = ip_off;
	f->ip4 = ip4;
	if (p->len < ip_off ||
	    !(ip4 ? fast_ip4(p, f, coming, &proto) : fast_ip6(p, f, coming, &proto)))
		return false;
	if (f->len > room)
		return false;
	f->segs = 1;
	f->bytes = f->len;
	if (abi_config.fastpath != ABI_FAST_FLOWS && !gso_size)
		return true;
	if (!fast_l4(p, f, proto, &head))
		return false;
	if (gso_size && segs > 1) {
		head += f->l4_off - ip_off;
		f->segs = segs;
		f->bytes += (segs - 1) * head;
		f->len = gso_size + head;
	}
	return true;
}

/* --- flows --------------------------------------------------------------------------------- */

/* What comes in with this key may go past the stack. */
static __always_inline struct abi_flow *fast_flow(const struct abi_flow_key *key)
{
	struct abi_fast *now = fast_state();
	struct abi_flow *w;

	if (!now || !now->on)
		return NULL;
	w = bpf_map_lookup_elem(&flows, key);
	if (!w || w->rules != now->rules ||
	    bpf_ktime_get_coarse_ns() - w->accepted > fast_lease(now))
		return NULL;
	return w;
}

static __always_inline bool fast_may(const struct abi_session *s, bool ip4)
{
	return s->generation && !(s->mirror | s->streams) && !(s->flags & ABI_SESSION_SLOW) &&
	       s->flags & (ip4 ? ABI_SESSION_IP4 : ABI_SESSION_IP6);
}

static __always_inline struct abi_session *fast_session(__u32 slot, bool ip4)
{
	struct abi_session *s = bpf_map_lookup_elem(&sessions, &slot);

	return s && fast_may(s, ip4) ? s : NULL;
}

/* A direction of a flow comes to one CPU: where two do it at once, this shows less than there was,
 * which no account is made of (those are in `counters`). */
static __always_inline void flow_count(struct fast *f)
{
	if (!f->flow)
		return;
	f->flow->packets += f->segs;
	f->flow->bytes += f->bytes;
}

/* Whatever comes out of the stack with these headers is accepted, as it came in: by the entry of
 * the other direction it is known how that was. @down: the direction of what comes out. */
static __always_inline void fast_accept(const struct fast *out, __u8 down)
{
	struct abi_flow_key key = {
		.sport_be = out->key.dport_be,
		.dport_be = out->key.sport_be,
		.proto = out->key.proto,
		.family = out->key.family,
		.down = !down,
	};
	struct abi_fast *now = fast_state();
	struct abi_flow *w;
	__u64 at;

	__builtin_memcpy(key.src, out->key.dst, sizeof(key.src));
	__builtin_memcpy(key.dst, out->key.src, sizeof(key.dst));
	w = bpf_map_lookup_elem(&flows, &key);
	if (!w || !now)
		return;
	if (w->flags & ABI_FLOW_NAT) { /* what it leaves as, the other comes in from */
		key.src[0] = w->dst_be;
		key.dst[0] = w->src_be;
		key.sport_be = w->dport_be;
		key.dport_be = w->sport_be;
	} else {
		__builtin_memcpy(key.src, out->key.src, sizeof(key.src));
		__builtin_memcpy(key.dst, out->key.dst, sizeof(key.dst));
		key.sport_be = out->key.sport_be;
		key.dport_be = out->key.dport_be;
	}
	key.down = down;
	w = bpf_map_lookup_elem(&flows, &key);
	if (!w)
		return;
	at = bpf_ktime_get_coarse_ns();
	if (out->len > w->seen || at - w->accepted > fast_lease(now))
		w->seen = out->len;
	w->accepted = at;
	w->rules = now->rules;
}

/* --- next hop ------------------------------------------------------------------------------ */

/* Jool takes it from the stack; a default route would lead it past. */
static __always_inline bool is_pool6(const struct fast *f)
{
	const __u32 *dst = f->key.dst;

	if (f->ip4 || !abi_config.pool6_mask[0])
		return false;
	return !(((dst[0] ^ abi_config.pool6[0]) & abi_config.pool6_mask[0]) |
		 ((dst[1] ^ abi_config.pool6[1]) & abi_config.pool6_mask[1]) |
		 ((dst[2] ^ abi_config.pool6[2]) & abi_config.pool6_mask[2]) |
		 ((dst[3] ^ abi_config.pool6[3]) & abi_config.pool6_mask[3]));
}

static __always_inline bool hop_ask(void *ctx, const struct fast *f, struct fast_hop *hop,
				    __u16 *ret_mtu)
{
	struct bpf_fib_lookup fib;

	__builtin_memset(&fib, 0, sizeof(fib));
	fib.family = f->ip4 ? AF_INET : AF_INET6;
	fib.l4_protocol = f->key.proto;
	fib.tot_len = f->len;
	fib.ifindex = abi_config.subs_ifindex;
	if (f->ip4) {
		fib.tos = f->tos & 0xfc;
		fib.ipv4_src = f->key.src[0]; /* the stack routes before it translates this */
		fib.ipv4_dst =
			f->flow && f->flow->flags & ABI_FLOW_NAT ? f->flow->dst_be : f->key.dst[0];
	} else {
		__builtin_memcpy(fib.ipv6_src, f->key.src, 16);
		__builtin_memcpy(fib.ipv6_dst, f->key.dst, 16);
	}
	if (bpf_fib_lookup(ctx, &fib, sizeof(fib), 0) != BPF_FIB_LKUP_RET_SUCCESS)
		return false;
	hop->ifindex = fib.ifindex;
	__builtin_memcpy(hop->dst, fib.dmac, 6);
	__builtin_memcpy(hop->src, fib.smac, 6);
	*ret_mtu = fib.mtu_result;
	return true;
}

static __always_inline bool hop_differs(const struct abi_flow *w, const struct fast_hop *hop)
{
	return w->ifindex != hop->ifindex || (w->dst_mac[0] ^ hop->dst[0]) |
						     (w->dst_mac[1] ^ hop->dst[1]) |
						     (w->dst_mac[2] ^ hop->dst[2]);
}

static __always_inline const struct abi_core *core_of(__u32 ifindex)
{
	struct abi_core_hint *hint = &core_hints[ifindex & (ABI_HINTS - 1)];

	return hint->ifindex == ifindex ? &hint->core : bpf_map_lookup_elem(&cores, &ifindex);
}

/* @xdp: what sends takes another kind of interface. */
static __always_inline bool hop_is_core(__u32 ifindex, bool xdp)
{
	const struct abi_core *core = core_of(ifindex);

	return core && (!xdp || core->flags & ABI_CORE_XDP);
}

static __always_inline bool fast_hop(void *ctx, const struct fast *f, bool xdp,
				     struct fast_hop *hop)
{
	struct abi_fast *now = fast_state();
	struct abi_flow *w = f->flow;
	__u32 routes;
	__u16 mtu;

	if (!now || !now->on || is_pool6(f))
		return false;
	if (w && w->routes == now->routes && w->mtu) {
		hop->ifindex = w->ifindex;
		__builtin_memcpy(hop->dst, w->dst_mac, 6);
		__builtin_memcpy(hop->src, w->src_mac, 6);
		return f->len <= w->mtu && f->len <= w->seen;
	}
	routes = now->routes; /* before asking: what changes meanwhile is asked again */
	if (!hop_ask(ctx, f, hop, &mtu) || !hop_is_core(hop->ifindex, xdp))
		return false;
	if (!w)
		return true;
	if (w->ifindex && hop_differs(w, hop))
		w->seen = 0;
	w->ifindex = hop->ifindex;
	__builtin_memcpy(w->dst_mac, hop->dst, 6);
	__builtin_memcpy(w->src_mac, hop->src, 6);
	w->mtu = mtu;
	w->routes = routes;
	return f->len <= w->seen;
}

/* --- writing ------------------------------------------------------------------------------- */

#define FAST_IP	  sizeof(struct head_eth) /* where the IP header is when it is written to */
#define FAST_L4_4 (FAST_IP + sizeof(struct iphdr))

#ifdef BPF_HOOK_XDP
static __always_inline __u16 csum_add(__u16 sum, __u16 diff)
{
	__u32 v = (__u16)~sum + diff;

	v = (v & 0xffff) + (v >> 16);
	return ~v;
}

static __always_inline bool rewrite_l4(const struct pkt *p, const struct fast *f)
{
	const struct abi_flow *w = f->flow;
	__u16 *ports = pkt_get(p, FAST_L4_4, 8, NULL), *sum;

	if (!ports)
		return false;
	ports[0] = w->sport_be;
	ports[1] = w->dport_be;
	if (f->key.proto == 6) {
		sum = pkt_get(p, FAST_L4_4 + 16, 2, NULL);
		if (!sum)
			return false;
		*sum = csum_add(csum_add(*sum, w->addr_diff), w->port_diff);
	} else if (ports[3]) { /* 0: none was made */
		ports[3] = csum_add(csum_add(ports[3], w->addr_diff), w->port_diff);
		if (!ports[3])
			ports[3] = 0xffff;
	}
	return true;
}

static __always_inline bool rewrite(const struct pkt *p, const struct fast *f)
{
	struct ipv6hdr *six;
	struct iphdr *h;
	__u16 ttl_new;

	if (!f->ip4) {
		six = pkt_get(p, FAST_IP, sizeof(*six), NULL);
		if (!six)
			return false;
		six->hop_limit--;
		return true;
	}
	h = pkt_get(p, FAST_IP, sizeof(*h), NULL);
	if (!h)
		return false;
	h->ttl--;
	ttl_new = *(__u16 *)&h->ttl;
	h->check = csum_replace(h->check, f->ttl_be, ttl_new);
	if (!f->flow || !(f->flow->flags & ABI_FLOW_NAT))
		return true;
	h->saddr = f->flow->src_be;
	h->daddr = f->flow->dst_be;
	h->check = csum_add(h->check, f->flow->addr_diff);
	return rewrite_l4(p, f);
}
#endif

#ifdef BPF_HOOK_TC
/* A checksum that the device is to fill in has the pseudo header's part only: the helpers know. */
static __always_inline int rewrite_nat(struct __sk_buff *skb, const struct fast *f)
{
	const struct abi_flow *w = f->flow;
	__u32 addr[2] = { w->src_be, w->dst_be };
	__u16 port[2] = { w->sport_be, w->dport_be };
	__u32 off = FAST_L4_4 + (f->key.proto == 6 ? 16 : 6);
	__u64 flags = f->key.proto == 6 ? 0 : BPF_F_MARK_MANGLED_0;

	if (bpf_l3_csum_replace(skb, FAST_IP + 10, 0, w->addr_diff, 0) ||
	    bpf_l4_csum_replace(skb, off, 0, w->addr_diff, flags | BPF_F_PSEUDO_HDR) ||
	    bpf_l4_csum_replace(skb, off, 0, w->port_diff, flags) ||
	    bpf_skb_store_bytes(skb, FAST_IP + 12, addr, sizeof(addr), 0))
		return -1;
	return bpf_skb_store_bytes(skb, FAST_L4_4, port, sizeof(port), 0);
}

static __always_inline int rewrite(struct __sk_buff *skb, const struct fast *f)
{
	__u16 ttl_new = bpf_htons(bpf_ntohs(f->ttl_be) - 0x100);
	__u8 hops;

	if (!f->ip4) {
		if (bpf_skb_load_bytes(skb, FAST_IP + 7, &hops, 1))
			return -1;
		hops--;
		return bpf_skb_store_bytes(skb, FAST_IP + 7, &hops, 1, BPF_F_RECOMPUTE_CSUM);
	}
	if (bpf_l3_csum_replace(skb, FAST_IP + 10, f->ttl_be, ttl_new, 2) ||
	    bpf_skb_store_bytes(skb, FAST_IP + 8, &ttl_new, sizeof(ttl_new), 0))
		return -1;
	return f->flow && f->flow->flags & ABI_FLOW_NAT ? rewrite_nat(skb, f) : 0;
}
#endif

#endif
