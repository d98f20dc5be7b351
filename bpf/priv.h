/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the loader's files share. Nobody else includes this, but for tests that run the programs. */
#ifndef BPF_PRIV_H
#define BPF_PRIV_H

#include "bpf/dataplane.h"

#include "bpf/brasberry.skel.h"

#define DP_PIN_MAX 256

/* One filter each on an interface; another run of ours replaces it. */
#define DP_TC_HANDLE   1
#define DP_TC_PRIORITY 1
/* A monitoring port may be something else as well. */
#define DP_TC_PRIORITY_MIRROR 2
/* A core interface is the operator's; ours is behind the mirror's on subs0. */
#define DP_TC_PRIORITY_FAST 3
#define DP_TC_PRIORITY_PASSED 4 /* at a core interface, behind that */

/* Where a program sits: an XDP link, or a tc filter with our handle and priority. */
struct dp_hook {
	int ifindex; /* 0: nowhere */
	int link_fd; /* XDP */
	int tc_point;
	uint32_t tc_priority; /* 0: DP_TC_PRIORITY */
	bool tc_made;	      /* the clsact is ours */
	char pin[DP_PIN_MAX]; /* of the link; empty: it goes when it is closed */
};

/* A core interface: its XDP program (mode xdp), both ends of its clsact. */
struct dp_core {
	struct dp_hook xdp, in, out;
	bool takes_xdp; /* a redirect */
	bool kept;	/* attached since the last dp_cores_done() */
};

struct dp {
	struct brasberry_bpf *skel;
	struct dp_config config;
	struct dp_hook subs, peer, port[ABI_PORTS_MAX];
	struct dp_hook mirror; /* on subs0, upstream */
	struct abi_mirror mirror_mark; /* the entry ABI_MIRROR_LATE */
	struct dp_hook mirror_port[ABI_MIRROR_PORTS];
	struct dp_hook mirror_core[ABI_CORES_MAX];
	struct dp_hook mirror_tunnel; /* where copies to remote targets get their headers */
	struct dp_hook fast; /* on subs0, upstream behind the tree */
	struct dp_core core[ABI_CORES_MAX];
	struct dp_hook shape[ABI_PORTS_MAX]; /* the port's second one: XDP mode with trees */
	struct abi_counters *batch;	     /* DP_BATCH slots of each CPU */
	unsigned cpus;
	int before;		    /* the counters that these replace; -1: none */
	struct abi_counters *taken; /* of each slot, of those */
	bool shared;		    /* the counters are those of before: they just go on */
	int spread_fd;		    /* the tracepoint that counts drops; -1: none */
	bool spread_counts;	    /* them */
	bool no_batch;		    /* the kernel has no batch look-up for this map */
	uint8_t *padts;		    /* the map, as memory */
};

#define DP_BATCH 512

/* Why an error of a program or link: a sentence without a full stop. */
void dp_why(char *why, size_t len, const char *doing, int err);

/* libbpf's own messages go to the debug log. */
void dp_quiet(void);

/* @point: BPF_TC_INGRESS or BPF_TC_EGRESS. Of h, tc_priority counts. */
int dp_hook_tc(struct dp_hook *h, int ifindex, int point, int prog_fd);
/* @pin: where the link is kept, and found again: then its program is exchanged, and no packet meets
 * none. NULL: it is not kept. */
int dp_hook_xdp(struct dp_hook *h, int ifindex, int prog_fd, const char *pin);
uint32_t dp_hook_priority(const struct dp_hook *h);
void dp_unhook(struct dp_hook *h);
void dp_hook_close(struct dp_hook *h); /* what is pinned stays */

/* sys_hooks.c: each that there may be, with the program that is there; those without one, too. */
#define DP_HOOKS_MAX (5 + 4 * ABI_CORES_MAX + ABI_MIRROR_PORTS + 2 * ABI_PORTS_MAX)
typedef void dp_hook_fn(void *arg, struct dp_hook *h, int prog_fd);
void dp_hooks_each(struct dp *dp, dp_hook_fn *fn, void *arg);
bool dp_hook_in_place(const struct dp_hook *h, int prog_fd);
void dp_link_close(int fd);
/* No link is asked about, nor closed. */
void dp_links_hold(void);
void dp_links_release(void);

void dp_pins_path(char ret[DP_PIN_MAX], const char *pins, const char *name);
struct abi_counters dp_counters_sum(const struct abi_counters *of_cpu, unsigned cpus);

/* sys_mirror.c */
void dp_mirror_init(struct dp *dp);
void dp_mirror_unhook(struct dp *dp);
void dp_mirror_close(struct dp *dp);

/* sys_fast.c */
void dp_fast_init(struct dp *dp);
int dp_fast_attach(struct dp *dp); /* to subs0; nothing where it is not wanted */
void dp_fast_unhook(struct dp *dp);
void dp_fast_close(struct dp *dp);

/* sys_spread.c */
void dp_spread_choose(struct dp *dp); /* programs; before they are loaded */
int dp_spread_size(struct dp *dp);
void dp_spread_configure(const struct dp *dp, struct abi_config *c);
int dp_spread_open(struct dp *dp); /* before a port is attached */
void dp_spread_close(struct dp *dp);

/* sys_tap.c */
int dp_tap_open(struct dp *dp); /* when the programs have been loaded */
void dp_tap_close(struct dp *dp);

/* sys_before.c */
int dp_before_share(struct dp *dp); /* before the programs are loaded */
int dp_before_open(struct dp *dp);
void dp_before_close(struct dp *dp);

/* sys_pins.c. Without pins in the configuration they do nothing, and succeed. */
int dp_pins_make(const char *pins); /* the directory */
int dp_pins_reuse(struct dp *dp);   /* -ENOENT: none, -ESTALE: of another layout or size */
int dp_pins_keep(struct dp *dp);    /* the maps, in place of those that are pinned */
void dp_pins_link(const struct dp *dp, const char *name, char ret[DP_PIN_MAX]);

#endif
