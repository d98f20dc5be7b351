/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets to readers of streams (struct abi_stream_head): those that go on, where the mirror sees
 * them, and those that a program drops, where it drops them. The kernel copies a packet into the
 * reader's ring; one that is full loses it, and is told.
 */
#ifndef BPF_STREAM_H
#define BPF_STREAM_H

#include "bpf/select.h"

/*
 * Copies of what it sends are made where it comes in, and others do not pay. Where everybody is
 * copied there are no others, and behind the redirect of XDP it costs less.
 */
static __always_inline bool copies_early(const struct abi_session *s)
{
	return (s->mirror | s->streams) && !(s->flags & ABI_SESSION_COPY_LATE);
}

static __always_inline void stream_count(__u32 stream, long err)
{
	struct abi_stream_counters *c = bpf_map_lookup_elem(&stream_counts, &stream);

	if (!c || err == -2) /* ENOENT: the reader has not opened this CPU's ring yet */
		return;
	if (err)
		c->lost++;
	else
		c->packets++;
}

/* `m` NULL: it is no IP packet, and only for who wants control frames. @len: what `off` begins. */
static __always_inline void stream_put(void *ctx, __u32 wanted, struct abi_stream_head *head,
				       const struct mirror_packet *m)
{
	__u32 i, cpu = bpf_get_smp_processor_id();

	for (i = 0; i < ABI_STREAMS; i++) {
		struct abi_mirror *r;
		__u64 where, caplen;
		__u32 key = i;

		if (!(wanted & 1u << i))
			continue;
		r = bpf_map_lookup_elem(&stream_rules, &key);
		if (!r || !(r->flags & head->direction))
			continue;
		if (m ? !select_wants(r, m) : !(r->flags & ABI_MIRROR_CONTROL))
			continue;
		caplen = head->len < r->snap ? head->len : r->snap;
		head->caplen = caplen;
		where = i * abi_config.cpus + cpu;
		stream_count(i, bpf_perf_event_output(ctx, &streams,
						      where | (caplen + head->off) << 32, head,
						      sizeof(*head)));
	}
}

/* Where a dropped packet lies: the octets in front of IP (0: it is none), and what it is. */
#define STREAM_AT(off, direction, ip4) ((off) | (direction) << 8 | (ip4) << 16)

#ifdef BPF_HOOK_XDP
#define STREAM_PKT(ctx) hook_pkt(ctx)
#define STREAM_HOOK	ABI_HOOK_XDP
#define stream_drop	stream_drop_xdp
#define STREAM_GLOBAL	__weak
typedef struct xdp_md stream_ctx;
#elif defined(BPF_HOOK_TC)
#define STREAM_PKT(ctx) hook_pkt(ctx, PARSE_UP)
#define STREAM_HOOK	ABI_HOOK_TC
#define stream_drop	stream_drop_tc
#define STREAM_GLOBAL	__weak
typedef struct __sk_buff stream_ctx;
#else
#define STREAM_PKT(ctx) hook_pkt(ctx)
#define STREAM_HOOK	ABI_HOOK_SOCKET
#define STREAM_GLOBAL	static /* Linux 6.1 refuses the other */
typedef struct __sk_buff stream_ctx;
#endif

/*
 * The slot's readers see a packet that is dropped for this reason. By itself, so that its stack and
 * its look at the packet are not the programs'; and a global function, which the verifier walks once
 * and not for each packet that may be dropped. @len: of the IP packet, or of the frame. What is no
 * IP inside is shown to who wants each packet of its family.
 */
STREAM_GLOBAL __noinline int stream_drop(stream_ctx *ctx, __u32 slot, __u32 at, __u32 len, __u32 reason)
{
	struct mirror_packet m = {
		.ip_off = at & ABI_STREAM_OFF_MAX,
		.ip_len = len,
		.ip4 = at >> 16 & 1,
	};
	struct abi_stream_head head = {
		.time = bpf_ktime_get_ns(),
		.slot = slot,
		.len = len,
		.version = ABI_STREAM_VERSION,
		.direction = at >> 8 & 3,
		.verdict = reason + 1,
		.off = at & ABI_STREAM_OFF_MAX,
		.hook = STREAM_HOOK,
	};
	const struct abi_session *s = bpf_map_lookup_elem(&sessions, &slot);
	struct pkt p = STREAM_PKT(ctx);

	if (!s)
		return 0;
	head.generation = s->generation;
	if (!head.off) {
		stream_put(ctx, s->streams, &head, NULL);
		return 0;
	}
	if (m.ip4)
		select_read4(ctx, &p, head.direction, &m);
	else
		select_read6(ctx, &p, head.direction, &m);
	stream_put(ctx, s->streams, &head, &m);
	return 0;
}

/* Drops, counts and shows in one expression. @s: NULL: nobody's. */
static __always_inline int drop_of(stream_ctx *ctx, const struct abi_session *s, __u32 slot,
				   __u32 at, __u32 len, __u32 reason)
{
	if (s && s->streams)
		stream_drop(ctx, slot, at, len, reason);
	return drop(reason);
}

#endif
