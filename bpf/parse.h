/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading packets in a program. Only pkt_get() compares with the end of the data; the parsers on
 * top of it fill structs in host order or fail, and change nothing.
 *
 * IEEE 802.1Q and 802.1ad tags (up to two), PPPoE session header (RFC 2516, section 4 and 6), IPv4
 * (RFC 791) and IPv6 (RFC 8200) fixed headers. IPv6 extension headers are not walked.
 */
#ifndef BPF_PARSE_H
#define BPF_PARSE_H

#include "bpf/abi.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PPP_PROTO_IP4 0x0021
#define PPP_PROTO_IP6 0x0057

#define PPPOE_LEN      6    /* its header */
#define PPP_LEN	       2    /* PPP's protocol field */
#define PARSE_HEADERS  150  /* Ethernet, two tags, PPPoE, and the longest IPv4 and TCP headers */
#define PARSE_UP       70   /* Ethernet, two tags, PPPoE, IPv6 */
#define PARSE_DOWN     54   /* Ethernet, IPv6 */
#define PARSE_OFF_MASK 0xff /* what is read begins below; tells the verifier so */

/* A frame. A socket filter has no direct access and reads through `skb`; in XDP it is NULL. */
struct pkt {
	void *data, *end;
	struct __sk_buff *skb;
	__u32 len; /* of the frame, readable directly or not */
};

static __always_inline struct pkt pkt_init(void *data, void *end)
{
	struct pkt p = { .data = data, .end = end, .len = end - data };

	return p;
}

/* Hides from the compiler what it knows of a value, so that it keeps a mask for the verifier. */
#define opaque(v) asm volatile("" : "+r"(v))

/*
 * `len` octets at `off`: in place, or copied to `buf` in a socket filter; NULL when the frame ends
 * before. Callers' structs have no padding and fields of 2 or 4 octets where alignment allows.
 */
static __always_inline void *pkt_get(const struct pkt *p, __u32 off, __u32 len, void *buf)
{
#ifdef PARSE_BY_COPY
	return bpf_skb_load_bytes(p->skb, off, buf, len) ? NULL : buf;
#else
	void *at;

	(void)buf;
	if (!__builtin_constant_p(off)) {
		opaque(off);
		off &= PARSE_OFF_MASK;
	}
	at = p->data + off;
	return at + len > p->end ? NULL : at;
#endif
}

/* A copy of them, also of what a socket buffer holds outside its linear part. */
static __always_inline int pkt_copy(const struct pkt *p, __u32 off, void *buf, __u32 len)
{
#ifdef BPF_HOOK_XDP
	const void *at = pkt_get(p, off, len, NULL);

	if (!at)
		return -1;
	__builtin_memcpy(buf, at, len);
	return 0;
#else
	return bpf_skb_load_bytes(p->skb, off, buf, len);
#endif
}

struct head_eth {
	__u16 dst[3], src[3], type_be;
};

struct head_tag {
	__u16 tci_be, type_be;
};

struct head_pppoe {
	__u8 vertype, code;
	__u16 sid_be, len_be, proto_be; /* PPP's protocol field is read with the header */
};

struct frame {
	__u16 dst[3], src[3];
	__u16 svlan, cvlan; /* as in struct abi_line */
	__u16 type;	    /* behind the tags */
	__u16 tags;	    /* in the octets: not the one that the kernel holds in the skb */
	__u32 off;	    /* of what follows the type */
};

static __always_inline bool mac_same(const __u16 a[3], const __u8 mac[6])
{
	const __u16 *b = (const __u16 *)mac;

	return !((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]));
}

static __always_inline bool is_vlan(__u16 type_be)
{
	return type_be == bpf_htons(ETH_P_8021Q) || type_be == bpf_htons(ETH_P_8021AD);
}

static __always_inline __u16 vlan_key(__u16 tpid_be, __u16 tci)
{
	return (tci & ABI_VLAN_ID) | ABI_VLAN_PRESENT |
	       (tpid_be == bpf_htons(ETH_P_8021AD) ? ABI_VLAN_8021AD : 0);
}

/* The outer tag where the kernel has taken it out of the frame, else 0. */
static __always_inline __u16 skb_tag(const struct __sk_buff *skb)
{
	return skb->vlan_present ? vlan_key(skb->vlan_proto, skb->vlan_tci) : 0;
}

/* @held: a tag outside the frame's octets, or 0. A third tag is left in place, as the type. */
static __always_inline int parse_frame(const struct pkt *p, __u16 held, struct frame *ret)
{
	struct head_eth eth_buf;
	const struct head_eth *eth = pkt_get(p, 0, sizeof(*eth), &eth_buf);
	__u32 off = sizeof(*eth);
	__u16 type_be, tags = 0;
	int i;

	if (!eth)
		return -1;
	__builtin_memcpy(ret->dst, eth->dst, sizeof(ret->dst));
	__builtin_memcpy(ret->src, eth->src, sizeof(ret->src));
	ret->svlan = held;
	ret->cvlan = 0;
	type_be = eth->type_be;
#pragma unroll
	for (i = 0; i < 2; i++) {
		struct head_tag tag_buf;
		const struct head_tag *tag;
		__u16 key;

		if (!is_vlan(type_be) || ret->cvlan)
			break;
		tag = pkt_get(p, off, sizeof(*tag), &tag_buf);
		if (!tag)
			return -1;
		key = vlan_key(type_be, bpf_ntohs(tag->tci_be));
		if (ret->svlan)
			ret->cvlan = key;
		else
			ret->svlan = key;
		type_be = tag->type_be;
		off += sizeof(*tag);
		tags++;
	}
	ret->type = bpf_ntohs(type_be);
	ret->tags = tags;
	ret->off = off;
	return 0;
}

struct pppoe {
	__u16 sid, proto;
	__u32 room; /* octets of payload behind the protocol field: all in the frame */
};

/* The session stage's header (RFC 2516, section 6): version 1, type 1, code 0. What the frame has
 * beyond its length is padding. */
static __always_inline int parse_pppoe(const struct pkt *p, __u32 off, struct pppoe *ret)
{
	struct head_pppoe buf;
	const struct head_pppoe *h = pkt_get(p, off, sizeof(*h), &buf);
	__u32 len;

	if (!h || h->vertype != 0x11 || h->code)
		return -1;
	len = bpf_ntohs(h->len_be);
	if (len < PPP_LEN || off + PPPOE_LEN + len > p->len)
		return -1;
	ret->sid = bpf_ntohs(h->sid_be);
	ret->proto = bpf_ntohs(h->proto_be);
	ret->room = len - PPP_LEN;
	return 0;
}

struct ip {
	__u32 len;    /* with its header */
	__u32 l4_off; /* from the frame's start */
	__u32 l4_len;
	bool tcp; /* and the TCP header is at l4_off */
};

/* @room: octets there are for the packet. */
static __always_inline const struct iphdr *parse_ip4(const struct pkt *p, __u32 off, __u32 room,
						     struct iphdr *buf, struct ip *ret)
{
	const struct iphdr *h = pkt_get(p, off, sizeof(*h), buf);
	__u32 head;

	if (!h || h->version != 4 || h->ihl < 5)
		return NULL;
	head = h->ihl * 4;
	ret->len = bpf_ntohs(h->tot_len);
	if (ret->len < head || ret->len > room)
		return NULL;
	ret->l4_off = off + head;
	ret->l4_len = ret->len - head;
	ret->tcp = h->protocol == 6 && !(h->frag_off & bpf_htons(0x1fff));
	return h;
}

static __always_inline const struct ipv6hdr *parse_ip6(const struct pkt *p, __u32 off, __u32 room,
						       struct ipv6hdr *buf, struct ip *ret)
{
	const struct ipv6hdr *h = pkt_get(p, off, sizeof(*h), buf);

	if (!h || h->version != 6)
		return NULL;
	ret->l4_len = bpf_ntohs(h->payload_len);
	ret->len = sizeof(*h) + ret->l4_len;
	if (ret->len > room)
		return NULL;
	ret->l4_off = off + sizeof(*h);
	ret->tcp = h->nexthdr == 6;
	return h;
}

static __always_inline bool ip4_is_multicast(__u32 addr_be)
{
	return (addr_be & bpf_htonl(0xf0000000)) == bpf_htonl(0xe0000000) || addr_be == 0xffffffff;
}

static __always_inline bool ip4_is_link_local(__u32 addr_be) /* RFC 3927 */
{
	return (addr_be & bpf_htonl(0xffff0000)) == bpf_htonl(0xa9fe0000);
}

static __always_inline bool ip6_is_multicast(const struct in6_addr *a)
{
	return (a->s6_addr32[0] & bpf_htonl(0xff000000)) == bpf_htonl(0xff000000);
}

static __always_inline bool ip6_is_link_local(const struct in6_addr *a) /* RFC 4291: fe80::/10 */
{
	return (a->s6_addr32[0] & bpf_htonl(0xffc00000)) == bpf_htonl(0xfe800000);
}

/* The first 64 bits as dst6 and struct abi_session have them. */
static __always_inline __u64 ip6_prefix(const struct in6_addr *a)
{
	__u64 v;

	__builtin_memcpy((__u32 *)&v, &a->s6_addr32[0], 4);
	__builtin_memcpy((__u32 *)&v + 1, &a->s6_addr32[1], 4);
	return v;
}

#endif
