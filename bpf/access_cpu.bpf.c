// SPDX-License-Identifier: GPL-2.0-or-later
/* A session's frame on the CPU that it is spread to (access_xdp), before the kernel makes a packet
 * of it. One CPU takes frames in the order in which they were handed over. */
#define BPF_HOOK_XDP
#include "bpf/access.h"

SEC("xdp/cpumap")
int access_cpu(struct xdp_md *ctx)
{
	return access_frame(ctx);
}

char _license[] SEC("license") = "GPL";
