// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bench's generator and sinks. `generate` is not attached anywhere: BPF_PROG_TEST_RUN with
 * live frames runs it, and it sends every frame out of one device. It writes the whole header each
 * time, because a recycled page holds what the last packet's journey left there.
 */
#include "test/bench/gen.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PPPOE_LEN 8 /* header and PPP protocol */

const volatile __u32 target;		    /* ifindex */
const volatile __u32 sessions = 1;	    /* entries of records, used in turn */
const volatile __u32 peer_be;		    /* the address at the other end */
const volatile _Bool pppoe;		    /* upstream in a session, else plain IP */
const volatile _Bool down;		    /* to the session's address, else from it */
const volatile __u32 record_len = GEN_FRAME; /* octets of a record's frame */
const volatile __u32 bounce_to;		    /* ifindex */
const volatile _Bool sums;		    /* UDP has its checksum; else 0, none was made */
const volatile __u8 dst_mac[6], src_mac[6]; /* src is the record's when pppoe */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct gen_record);
} records SEC(".maps");

const volatile __u32 frame_len = GEN_FRAME; /* of generate_frames */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct gen_frame);
} frames SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct gen_counter);
} sunk SEC(".maps");

__u32 next; /* one CPU generates */

static __always_inline void put_ethernet(struct ethhdr *eth, const struct gen_record *rec)
{
#pragma unroll
	for (int i = 0; i < 6; i++) {
		eth->h_dest[i] = dst_mac[i];
		eth->h_source[i] = pppoe ? rec->mac[i] : src_mac[i];
	}
	eth->h_proto = bpf_htons(pppoe ? 0x8864 : ETH_P_IP);
}

static __always_inline void put_ip(struct iphdr *ip, __u32 len, const struct gen_record *rec)
{
	__u32 sum;

	*(__u16 *)ip = bpf_htons(0x4500);
	ip->tot_len = bpf_htons(len);
	ip->id = 0;
	ip->frag_off = bpf_htons(0x4000);
	ip->ttl = 64;
	ip->protocol = 17;
	ip->saddr = down ? peer_be : rec->ip_be;
	ip->daddr = down ? rec->ip_be : peer_be;
	sum = bpf_htons(0x4500) + bpf_htons(len) + bpf_htons(0x4000) + bpf_htons(64 << 8 | 17) +
	      (peer_be & 0xffff) + (peer_be >> 16) + (rec->ip_be & 0xffff) + (rec->ip_be >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~sum;
}

/* Behind the header are zeros only. */
static __always_inline __u16 udp_sum(const struct iphdr *ip, const struct udphdr *udp)
{
	__u64 sum = (__u64)ip->saddr + ip->daddr + bpf_htons(17) + udp->len + udp->source +
		    udp->dest + udp->len;

	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

SEC("xdp")
int generate(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = next, ip_len = record_len - ETH_HLEN;
	struct gen_record *rec;
	__u16 *p = data + ETH_HLEN;
	struct udphdr *udp;

	next = key + 1 < sessions ? key + 1 : 0;
	rec = bpf_map_lookup_elem(&records, &key);
	if (!rec || data + GEN_FRAME > end)
		return XDP_ABORTED;
	put_ethernet(data, rec);
	if (pppoe) {
		ip_len -= PPPOE_LEN;
		p[0] = bpf_htons(0x1100);
		p[1] = bpf_htons(rec->sid);
		p[2] = bpf_htons(ip_len + 2);
		p[3] = bpf_htons(0x0021);
		p += 4;
	}
	put_ip((void *)p, ip_len, rec);
	udp = (void *)p + sizeof(struct iphdr);
	udp->source = bpf_htons(20009);
	udp->dest = bpf_htons(20009);
	udp->len = bpf_htons(ip_len - sizeof(struct iphdr));
	udp->check = sums ? udp_sum((void *)p, udp) : 0;
	return bpf_redirect(target, 0);
}

/* The least that can be done: what comes in goes out. */
SEC("xdp")
int bounce(struct xdp_md *ctx)
{
	return bpf_redirect(bounce_to, 0);
}

/* Frames that were made before, one after the other. */
SEC("xdp")
int generate_frames(struct xdp_md *ctx)
{
	__u32 key = next;
	struct gen_frame *f;

	next = key + 1 < sessions ? key + 1 : 0;
	f = bpf_map_lookup_elem(&frames, &key);
	if (!f || frame_len > GEN_FRAME_MAX || bpf_xdp_store_bytes(ctx, 0, f->octets, frame_len))
		return XDP_ABORTED;
	return bpf_redirect(target, 0);
}

/* Data, as the generator makes it: IPv4, or UDP in IPv6, in PPPoE or not. */
static __always_inline int is_data(const __u8 *data)
{
	const __u16 *p = (const void *)data;

	if (p[6] == bpf_htons(0x8864))
		return p[10] == bpf_htons(0x0021) || (p[10] == bpf_htons(0x0057) && data[28] == 17);
	return p[6] == bpf_htons(ETH_P_IP) || (p[6] == bpf_htons(ETH_P_IPV6) && data[20] == 17);
}

static __always_inline int sink(void *data, void *end)
{
	struct gen_counter *c;
	__u32 zero = 0;

	if (data + 32 > end || !is_data(data))
		return 0;
	c = bpf_map_lookup_elem(&sunk, &zero);
	if (c)
		c->packets++;
	return 1;
}

SEC("xdp")
int sink_xdp(struct xdp_md *ctx)
{
	return sink((void *)(long)ctx->data, (void *)(long)ctx->data_end) ? XDP_DROP : XDP_PASS;
}

SEC("tc")
int sink_tc(struct __sk_buff *skb)
{
	return sink((void *)(long)skb->data, (void *)(long)skb->data_end) ? TC_ACT_SHOT : TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
