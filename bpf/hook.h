/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between the kinds of program: how the packet is reached, and how it is dropped. A
 * .bpf.c file defines BPF_HOOK_XDP, BPF_HOOK_TC or BPF_HOOK_SOCKET (which reads by copy, having no
 * direct access) before its includes.
 */
#ifndef BPF_HOOK_H
#define BPF_HOOK_H

#include "bpf/maps.h"

#ifdef BPF_HOOK_SOCKET
#define PARSE_BY_COPY
#endif
#include "bpf/parse.h"

static __always_inline bool label_is(const struct abi_label *l)
{
	return l->slot_magic == bpf_htons(ABI_LABEL_SLOT_BE) &&
	       l->generation_magic == bpf_htons(ABI_LABEL_GENERATION_BE);
}

static __always_inline void label_fill(struct abi_label *l, __u32 slot, __u32 generation)
{
	l->slot_magic = bpf_htons(ABI_LABEL_SLOT_BE);
	l->slot[0] = (__u16)slot;
	l->slot[1] = slot >> 16;
	l->generation_magic = bpf_htons(ABI_LABEL_GENERATION_BE);
	l->generation[0] = (__u16)generation;
	l->generation[1] = generation >> 16;
}

/* The session that a label names, or NULL when its slot has changed hands. */
static __always_inline struct abi_session *label_session(const struct abi_label *l, __u32 *ret_slot)
{
	__u32 slot = l->slot[0] | (__u32)l->slot[1] << 16;
	__u32 generation = l->generation[0] | (__u32)l->generation[1] << 16;
	struct abi_session *s = bpf_map_lookup_elem(&sessions, &slot);

	*ret_slot = slot;
	return s && generation && s->generation == generation ? s : NULL;
}

#ifdef BPF_HOOK_XDP
static __always_inline struct pkt hook_pkt(struct xdp_md *ctx)
{
	return pkt_init((void *)(long)ctx->data, (void *)(long)ctx->data_end);
}

static __always_inline int hook_load(struct xdp_md *ctx, __u32 off, void *ret, const __u32 len)
{
	struct pkt p = hook_pkt(ctx);
	void *at = pkt_get(&p, off, len, NULL);

	if (!at)
		return -1;
	__builtin_memcpy(ret, at, len);
	return 0;
}

/* Drops and counts in one expression. */
static __always_inline int drop(__u32 reason)
{
	count_drop(reason);
	return XDP_DROP;
}
#endif

#ifdef BPF_HOOK_TC
#include <linux/pkt_cls.h>

/*
 * Headers in fragments are pulled into the linear part: `need` octets, and all of a packet that is
 * small, as a SYN is. More would make every segment of a bulk transfer be copied.
 */
static __always_inline struct pkt hook_pkt(struct __sk_buff *skb, __u32 need)
{
	struct pkt p = pkt_init((void *)(long)skb->data, (void *)(long)skb->data_end);

	if (skb->len <= PARSE_HEADERS)
		need = skb->len;
	if (p.len < need) {
		bpf_skb_pull_data(skb, need);
		p = pkt_init((void *)(long)skb->data, (void *)(long)skb->data_end);
	}
	p.len = skb->len;
	p.skb = skb;
	return p;
}

static __always_inline int hook_load(struct __sk_buff *skb, __u32 off, void *ret, const __u32 len)
{
	return bpf_skb_load_bytes(skb, off, ret, len);
}

static __always_inline int drop(__u32 reason)
{
	count_drop(reason);
	return TC_ACT_SHOT;
}

/*
 * Is the checksum in the packet, or left for a device to make? Behind outer headers not every device
 * would. No helper says so: the kernel only adds a level of trust where there is a sum, and takes
 * sums on account only where it has one of the whole.
 */
static __always_inline bool hook_summed(struct __sk_buff *skb)
{
	bool summed = bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY) >= 0;

	if (summed)
		return true;
	bpf_csum_level(skb, BPF_CSUM_LEVEL_INC);
	summed = bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY) >= 0;
	bpf_csum_level(skb, BPF_CSUM_LEVEL_DEC);
	return summed || bpf_csum_update(skb, 0) >= 0;
}

/*
 * The packet's class, and the transmit queue that carries its tree; what is not shaped goes past
 * the trees by the first queue. The kernel takes queue_mapping as "recorded receive queue + 1".
 * @direction: ABI_SESSION_SHAPED_DOWN or _UP.
 */
static __always_inline void hook_shape(struct __sk_buff *skb, const struct abi_session *s,
				       __u32 direction)
{
	__u32 class_id = s->flags & direction ? s->class_id : 0;

	skb->priority = class_id;
	if (abi_config.trees)
		skb->queue_mapping = class_id ? ABI_CLASS_QUEUE(class_id) : 1;
}
#endif

#ifdef BPF_HOOK_SOCKET
static __always_inline struct pkt hook_pkt(struct __sk_buff *skb)
{
	struct pkt p = { .skb = skb, .len = skb->len };

	return p;
}

static __always_inline int hook_load(struct __sk_buff *skb, __u32 off, void *ret, const __u32 len)
{
	return bpf_skb_load_bytes(skb, off, ret, len);
}

#define SOCKET_DROP 0
#define SOCKET_KEEP (-1) /* the whole frame */

static __always_inline int drop(__u32 reason)
{
	count_drop(reason);
	return SOCKET_DROP;
}
#endif

#endif
