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
#include <pthread.h>
#include <unistd.h>

static uint32_t program_id(int fd)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

/* Who closes a link takes its program away, unless somebody else has it in hand at that instant:
 * then the interface would not be free for another one yet. */
static pthread_mutex_t links = PTHREAD_MUTEX_INITIALIZER;

void dp_links_hold(void)
{
	pthread_mutex_lock(&links);
}

void dp_links_release(void)
{
	pthread_mutex_unlock(&links);
}

void dp_link_close(int fd)
{
	dp_links_hold();
	close(fd);
	dp_links_release();
}

static bool link_in_place(const struct dp_hook *h)
{
	struct bpf_link_info info = { 0 };
	uint32_t len = sizeof(info);
	int err;

	dp_links_hold();
	err = bpf_obj_get_info_by_fd(h->link_fd, &info, &len);
	dp_links_release();
	return !err && info.xdp.ifindex == (uint32_t)h->ifindex;
}

bool dp_hook_in_place(const struct dp_hook *h, int prog_fd)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = h->ifindex, .attach_point = h->tc_point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = DP_TC_HANDLE, .priority = dp_hook_priority(h));
	char name[IF_NAMESIZE];

	/* An interface that is gone is not what this is about. */
	if (!h->ifindex || !if_indextoname((unsigned)h->ifindex, name))
		return true;
	if (h->link_fd >= 0)
		return link_in_place(h);
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

static void look_at(void *arg, struct dp_hook *h, int prog_fd)
{
	char name[IF_NAMESIZE] = "";
	struct look *l = arg;
	int err = 0;

	if (dp_hook_in_place(h, prog_fd))
		return;
	l->count++;
	(void)if_indextoname((unsigned)h->ifindex, name);
	if (l->repair)
		err = put_back(h, prog_fd);
	l->missing(l->arg, name, err);
}

int dp_hooks_check(struct dp *dp, bool repair, dp_missing_fn *missing, void *arg)
{
	struct look l = { .repair = repair, .missing = missing, .arg = arg };

	dp_hooks_each(dp, look_at, &l);
	return l.count;
}

void dp_hooks_each(struct dp *dp, dp_hook_fn *fn, void *arg)
{
	bool xdp = dp->config.mode == DP_XDP;

#define EACH(hook, prog) fn(arg, &(hook), bpf_program__fd(dp->skel->progs.prog))
	EACH(dp->subs, subs_egress);
	EACH(dp->mirror, subs_ingress);
	EACH(dp->mirror_tunnel, mirror_tunnel);
	if (xdp)
		EACH(dp->peer, peer_xdp);
	else
		EACH(dp->peer, peer_tc);
	EACH(dp->fast, subs_fast);
	for (unsigned i = 0; i < ABI_CORES_MAX; i++) {
		EACH(dp->core[i].xdp, core_xdp);
		EACH(dp->core[i].in, core_tc);
		EACH(dp->mirror_core[i], core_passed);
		EACH(dp->core[i].out, core_egress);
	}
	for (unsigned i = 0; i < ABI_MIRROR_PORTS; i++)
		EACH(dp->mirror_port[i], mirror_return);
	for (unsigned i = 0; i < ABI_PORTS_MAX; i++) {
		if (xdp)
			EACH(dp->port[i], access_xdp);
		else
			EACH(dp->port[i], access_tc);
		EACH(dp->shape[i], access_shape);
	}
#undef EACH
}
