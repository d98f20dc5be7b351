/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the core to a line past the stack: fast.h. */
#ifndef BPF_FAST_DOWN_H
#define BPF_FAST_DOWN_H

#include "bpf/down.h"
#include "bpf/fast.h"

/* Addressed to the router at this interface, untagged, and IP. */
static __always_inline bool core_is_for_us(const struct pkt *p, const struct abi_core *core,
					   bool *ret_ip4)
{
	const struct head_eth *eth = pkt_get(p, 0, sizeof(*eth), NULL);

	if (!core || !eth || !mac_same(eth->dst, core->mac))
		return false;
	*ret_ip4 = eth->type_be == bpf_htons(ETH_P_IP);
	return *ret_ip4 || eth->type_be == bpf_htons(ETH_P_IPV6);
}

/* Whose destination it is. What no line may have from afar, the stack ends. */
static __always_inline __u32 *routed_slot(const struct fast *f)
{
	const struct in6_addr *src = (const struct in6_addr *)f->key.src;
	const struct in6_addr *dst = (const struct in6_addr *)f->key.dst;
	__u32 dst4 = f->key.dst[0];
	__u64 prefix;

	if (f->ip4)
		return ip4_is_multicast(f->key.src[0]) || ip4_is_link_local(f->key.src[0])
			       ? NULL
			       : slot_of_ip4(dst4);
	if (ip6_is_multicast(src) || ip6_is_link_local(src))
		return NULL;
	prefix = ip6_prefix(dst);
	return slot_of_ip6(dst, prefix);
}

/* Fills d for encap_fill(). */
static __always_inline bool fast_down(const struct pkt *p, struct fast *f, struct down *d)
{
	struct abi_fast *now;
	__u32 *slot, port;

	if (abi_config.fastpath == ABI_FAST_FLOWS) {
		f->key.down = 1;
		f->flow = fast_flow(&f->key);
		if (!f->flow)
			return false;
		d->slot = f->flow->slot;
	} else {
		now = fast_state();
		slot = now && now->on ? routed_slot(f) : NULL;
		if (!slot)
			return false;
		d->slot = *slot;
	}
	d->s = fast_session(d->slot, f->ip4);
	if (!d->s || (f->flow && d->s->generation != f->flow->generation) || f->len > d->s->mtu)
		return false;
	port = d->s->line.port;
	d->port = bpf_map_lookup_elem(&port_info, &port);
	d->ip4 = f->ip4;
	d->ip.len = f->len;
	return d->port && d->port->ifindex;
}

static __always_inline bool fast_shaped_down(const struct down *d)
{
	return abi_config.trees && d->s->flags & ABI_SESSION_SHAPED_DOWN;
}

#endif
