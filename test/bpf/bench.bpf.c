// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The XDP programs in a loop that gives each run a frame of another session and undoes what they
 * did to the last one: BPF_PROG_TEST_RUN does not. `bench_frame` is that loop alone.
 */
#define BPF_HOOK_XDP
#include "bpf/down.h"
#include "bpf/mss.h"
#include "bpf/up.h"

/* The programs become functions here. */
#pragma push_macro("SEC")
#undef SEC
#define SEC(name) __attribute__((unused))
#define _license  license_of_access
#include "bpf/access_xdp.bpf.c"
#undef _license
#define _license license_of_peer
#include "bpf/peer_xdp.bpf.c"
#undef _license
#pragma pop_macro("SEC")

const volatile __u32 sessions_used = 1;

#define UP_GROW	  12 /* one tag, PPPoE, PPP */
#define DOWN_GROW 12

/* Offsets of a frame with one tag. */
static __always_inline int frame_up(struct xdp_md *ctx)
{
	__u32 n = bpf_get_prandom_u32() % sessions_used;
	__u8 *b = (void *)(long)ctx->data;

	if (b + 64 > (__u8 *)(long)ctx->data_end)
		return -1;
	/* Ethernet and tag lie where decapsulation left its own header. */
	__builtin_memset(b, 0, 12);
	b[0] = 2, b[5] = 0xac, b[6] = 2, b[10] = 0x0c, b[11] = 0xe1;
	*(__u16 *)(b + 12) = bpf_htons(0x8100);
	*(__u16 *)(b + 14) = bpf_htons(100);
	*(__u16 *)(b + 16) = bpf_htons(0x8864);
	*(__u16 *)(b + 18) = bpf_htons(0x1100);
	*(__u16 *)(b + 20) = bpf_htons(n + 1);
	*(__u16 *)(b + 22) = bpf_htons(2 + 38);
	*(__u16 *)(b + 24) = bpf_htons(0x0021);
	*(__u32 *)(b + 38) = bpf_htonl(0x6440000a + n);
	return 0;
}

static __always_inline int frame_down(struct xdp_md *ctx)
{
	__u32 n = bpf_get_prandom_u32() % sessions_used, generation = 0x10001 + n;
	struct abi_label *l = (void *)(long)ctx->data;
	__u8 *b = (void *)(long)ctx->data;

	if (b + 52 > (__u8 *)(long)ctx->data_end)
		return -1;
	l->slot_magic = bpf_htons(ABI_LABEL_SLOT_BE);
	l->slot[0] = (__u16)n;
	l->slot[1] = n >> 16;
	l->generation_magic = bpf_htons(ABI_LABEL_GENERATION_BE);
	l->generation[0] = (__u16)generation;
	l->generation[1] = generation >> 16;
	*(__u16 *)(b + 12) = bpf_htons(0x0800);
	return 0;
}

SEC("xdp")
int bench_frame_up(struct xdp_md *ctx)
{
	return frame_up(ctx) ? XDP_ABORTED : XDP_REDIRECT;
}

SEC("xdp")
int bench_up(struct xdp_md *ctx)
{
	int end;

	if (frame_up(ctx))
		return XDP_ABORTED;
	end = access_xdp(ctx);
	if (bpf_xdp_adjust_head(ctx, -UP_GROW))
		return XDP_ABORTED;
	return end;
}

SEC("xdp")
int bench_frame_down(struct xdp_md *ctx)
{
	return frame_down(ctx) ? XDP_ABORTED : XDP_REDIRECT;
}

SEC("xdp")
int bench_down(struct xdp_md *ctx)
{
	int end;

	if (frame_down(ctx))
		return XDP_ABORTED;
	end = peer_xdp(ctx);
	if (bpf_xdp_adjust_head(ctx, DOWN_GROW))
		return XDP_ABORTED;
	return end;
}

char _license[] SEC("license") = "GPL";
