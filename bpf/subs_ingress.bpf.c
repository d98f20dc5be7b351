// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Upstream at subs0's clsact ingress, where a line's packet arrives as plain IP. It is there in two
 * cases. While everybody is copied, it makes the copies (ABI_SESSION_COPY_LATE). With [mirror]
 * where = forwarded and while a session is copied, what a packet is before the stack translates it
 * is noted: of who is copied early, if the program at the access interface has marked it
 * (mirror_up.h).
 */
#define BPF_HOOK_TC
#include "bpf/mirror_passed.h"
#include "bpf/mirror_up.h"

static __always_inline __u32 *source4(const struct pkt *p)
{
	const struct iphdr *h = pkt_get(p, sizeof(struct head_eth), sizeof(*h), NULL);

	return h ? slot_of_ip4(h->saddr) : NULL;
}

static __always_inline __u32 *source6(const struct pkt *p)
{
	const struct ipv6hdr *h = pkt_get(p, sizeof(struct head_eth), sizeof(*h), NULL);

	return h ? slot_of_ip6(&h->saddr, ip6_prefix(&h->saddr)) : NULL;
}

/* Are there sessions that are copied late? The daemon says so while it has this attached. */
static __always_inline bool late_ones(void)
{
	__u32 everybody = ABI_MIRROR_LATE;
	struct abi_mirror *r = bpf_map_lookup_elem(&mirrors, &everybody);

	return r && r->flags;
}

SEC("tc")
int subs_ingress(struct __sk_buff *skb)
{
	bool marked = skb->tc_index & ABI_ORIGIN_WANTED;
	struct abi_session *s;
	__u32 *found, slot;
	struct pkt p;

	if (!marked && !late_ones())
		return TC_ACT_UNSPEC; /* the next filter's, if there is one */
	p = hook_pkt(skb, PARSE_DOWN);
	found = skb->protocol == bpf_htons(ETH_P_IP)   ? source4(&p)
		: skb->protocol == bpf_htons(ETH_P_IPV6) ? source6(&p)
							 : NULL;
	if (!found)
		return TC_ACT_UNSPEC;
	slot = *found;
	s = bpf_map_lookup_elem(&sessions, &slot);
	if (!s || !s->generation)
		return TC_ACT_UNSPEC;
	if (s->flags & ABI_SESSION_COPY_LATE && s->mirror | s->streams) {
		mirror_up(skb, slot);
		marked = skb->tc_index & ABI_ORIGIN_WANTED;
	}
	if (marked && s->mirror) {
		p = hook_pkt(skb, PARSE_DOWN);
		origin_note(skb, &p, s, slot);
	}
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "GPL";
