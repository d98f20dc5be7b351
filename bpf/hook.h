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

#ifdef BPF_HOOK_XDP
static __always_inline struct pkt hook_pkt(struct xdp_md *ctx)
{
	return pkt_init((void *)(long)ctx->data, (void *)(long)ctx->data_end);
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
	return p;
}

static __always_inline int drop(__u32 reason)
{
	count_drop(reason);
	return TC_ACT_SHOT;
}
#endif

#ifdef BPF_HOOK_SOCKET
static __always_inline struct pkt hook_pkt(struct __sk_buff *skb)
{
	struct pkt p = { .skb = skb, .len = skb->len };

	return p;
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
