// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counters go on when maps are built anew. Where the pinned map has the layout that is wanted, and
 * entries enough, it stays: old and new programs count in it, whoever dies in between. Else what it
 * has counted is copied into the new one before that is in place, and what it counted between then
 * and its end is told afterwards.
 */
#include "bpf/priv.h"

#include "base/killpoint.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int pinned_counters(const struct dp *dp, struct bpf_map_info *info)
{
	char path[DP_PIN_MAX];
	uint32_t len = sizeof(*info);
	int fd;

	memset(info, 0, sizeof(*info));
	dp_pins_path(path, dp->config.pins, "counters");
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(fd, info, &len) || info->type != BPF_MAP_TYPE_PERCPU_ARRAY ||
	    info->value_size != sizeof(struct abi_counters)) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}

int dp_before_share(struct dp *dp)
{
	struct bpf_map_info info;
	int fd = pinned_counters(dp, &info), err;

	if (fd < 0)
		return 0;
	if (info.max_entries < dp->config.max_sessions) {
		close(fd);
		return 0;
	}
	err = bpf_map__reuse_fd(dp->skel->maps.counters, fd);
	close(fd); /* libbpf has a copy */
	dp->shared = !err;
	return err;
}

/* One of another layout cannot be read: its sessions count from 0. */
int dp_before_open(struct dp *dp)
{
	struct bpf_map_info info;
	int fd = dp->shared ? -ENOENT : pinned_counters(dp, &info);

	if (fd < 0)
		return 0;
	dp->taken = calloc(dp->config.max_sessions, sizeof(*dp->taken));
	if (!dp->taken) {
		close(fd);
		return -ENOMEM;
	}
	dp->before = fd;
	return 0;
}

void dp_before_close(struct dp *dp)
{
	if (dp->before >= 0)
		close(dp->before);
	dp->before = -1;
	free(dp->taken);
	dp->taken = NULL;
}

static int read_before(struct dp *dp, uint32_t slot)
{
	if (dp->before < 0 || slot >= dp->config.max_sessions)
		return -ENOENT;
	return bpf_map_lookup_elem(dp->before, &slot, dp->batch) ? -errno : 0;
}

int dp_counters_take(struct dp *dp, uint32_t slot)
{
	int err = dp->shared ? 0 : read_before(dp, slot);

	if (err || dp->shared)
		return err;
	dp->taken[slot] = dp_counters_sum(dp->batch, dp->cpus);
	KILLPOINT("counters");
	return bpf_map_update_elem(bpf_map__fd(dp->skel->maps.counters), &slot, dp->batch, BPF_ANY)
		       ? -errno
		       : 0;
}

int dp_counters_late(struct dp *dp, uint32_t slot, struct abi_counters *ret)
{
	int err = read_before(dp, slot);
	struct abi_counters now;

	if (err)
		return err;
	now = dp_counters_sum(dp->batch, dp->cpus);
	dp_counters_sub(&now, &dp->taken[slot]);
	*ret = now;
	return 0;
}
