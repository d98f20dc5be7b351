/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the loader's files share. Nobody else includes this, but for tests that run the programs. */
#ifndef BPF_PRIV_H
#define BPF_PRIV_H

#include "bpf/dataplane.h"

#include "bpf/brasberry.skel.h"

/* Where a program sits: an XDP link, or a tc filter with our handle and priority. */
struct dp_hook {
	int ifindex; /* 0: nowhere */
	int link_fd; /* XDP */
	int tc_point;
	bool tc_made; /* the clsact is ours */
};

struct dp {
	struct brasberry_bpf *skel;
	struct dp_config config;
	struct dp_hook subs, peer, port[ABI_PORTS_MAX];
	struct dp_hook shape[ABI_PORTS_MAX]; /* the port's second one: XDP mode with trees */
	struct abi_counters *batch;	     /* DP_BATCH slots of each CPU */
	unsigned cpus;
	bool no_batch; /* the kernel has no batch look-up for this map */
};

#define DP_BATCH 512

/* Why an error of a program or link: a sentence without a full stop. */
void dp_why(char *why, size_t len, const char *doing, int err);

/* libbpf's own messages go to the debug log. */
void dp_quiet(void);

/* @point: BPF_TC_INGRESS or BPF_TC_EGRESS. */
int dp_hook_tc(struct dp_hook *h, int ifindex, int point, int prog_fd);
int dp_hook_xdp(struct dp_hook *h, int ifindex, int prog_fd);
void dp_unhook(struct dp_hook *h);

#endif
