// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames that did not fit into another CPU's queue. Only the kernel knows of them: its tracepoint
 * xdp_cpumap_enqueue says (map id, frames taken, frames dropped, CPU). */
#include "bpf/maps.h"

__u32 cpu_map_id; /* of ours; other programs have theirs */

SEC("raw_tp/xdp_cpumap_enqueue")
int cpu_drops(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 dropped = (__u32)ctx->args[2], cpu = (__u32)ctx->args[3];
	struct abi_cpu_queue *q;

	if (!dropped || (__u32)ctx->args[0] != cpu_map_id)
		return 0;
	q = bpf_map_lookup_elem(&cpu_queues, &cpu);
	if (q)
		q->dropped += dropped;
	return 0;
}

char _license[] SEC("license") = "GPL";
