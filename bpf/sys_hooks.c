// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Programs that somebody else has taken from their hooks. An XDP link cannot be taken by `ip link
 * set xdp off`, the kernel refuses; a clsact qdisc can, with all that is in it.
 */
#include "bpf/priv.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <unistd.h>

static uint32_t program_id(int fd)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

static bool in_place(const struct dp_hook *h, int prog_fd)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = h->ifindex, .attach_point = h->tc_point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = DP_TC_HANDLE, .priority = dp_hook_priority(h));
	struct bpf_link_info info = { 0 };
	uint32_t len = sizeof(info);

	if (h->link_fd >= 0)
		return !bpf_obj_get_info_by_fd(h->link_fd, &info, &len) &&
		       info.xdp.ifindex == (uint32_t)h->ifindex;
	return !bpf_tc_query(&hook, &opts) && opts.prog_id == program_id(prog_fd);
}

static int put_back(struct dp_hook *h, int prog_fd)
{
	struct dp_hook was = *h;

	if (was.link_fd < 0)
		return dp_hook_tc(h, was.ifindex, was.tc_point, prog_fd);
	if (*was.pin)
		(void)unlink(was.pin);
	dp_hook_close(h);
	return dp_hook_xdp(h, was.ifindex, prog_fd, *was.pin ? was.pin : NULL);
}

struct look {
	bool repair;
	dp_missing_fn *missing;
	void *arg;
	int count;
};

static void look_at(struct look *l, struct dp_hook *h, const struct bpf_program *prog)
{
	int fd = bpf_program__fd(prog), err = 0;
	char name[IF_NAMESIZE];

	/* An interface that is gone is not what this is about. */
	if (!h->ifindex || !if_indextoname((unsigned)h->ifindex, name) || in_place(h, fd))
		return;
	l->count++;
	if (l->repair)
		err = put_back(h, fd);
	l->missing(l->arg, name, err);
}

int dp_hooks_check(struct dp *dp, bool repair, dp_missing_fn *missing, void *arg)
{
	struct look l = { .repair = repair, .missing = missing, .arg = arg };
	bool xdp = dp->config.mode == DP_XDP;

	look_at(&l, &dp->subs, dp->skel->progs.subs_egress);
	look_at(&l, &dp->mirror, dp->skel->progs.subs_ingress);
	look_at(&l, &dp->mirror_tunnel, dp->skel->progs.mirror_tunnel);
	look_at(&l, &dp->peer, xdp ? dp->skel->progs.peer_xdp : dp->skel->progs.peer_tc);
	look_at(&l, &dp->fast, dp->skel->progs.subs_fast);
	for (unsigned i = 0; i < ABI_CORES_MAX; i++) {
		look_at(&l, &dp->core[i].xdp, dp->skel->progs.core_xdp);
		look_at(&l, &dp->core[i].in, dp->skel->progs.core_tc);
		look_at(&l, &dp->mirror_core[i], dp->skel->progs.core_passed);
		look_at(&l, &dp->core[i].out, dp->skel->progs.core_egress);
	}
	for (unsigned i = 0; i < ABI_MIRROR_PORTS; i++)
		look_at(&l, &dp->mirror_port[i], dp->skel->progs.mirror_return);
	for (unsigned i = 0; i < ABI_PORTS_MAX; i++) {
		look_at(&l, &dp->port[i],
			xdp ? dp->skel->progs.access_xdp : dp->skel->progs.access_tc);
		look_at(&l, &dp->shape[i], dp->skel->progs.access_shape);
	}
	return l.count;
}
