// SPDX-License-Identifier: GPL-2.0-or-later
/* Sessions spread over CPUs, mode xdp: queues of the CPUs (a cpumap), and what each has carried. */
#include "bpf/priv.h"

#include "base/killpoint.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define QUEUE_FRAMES 2048 /* of a CPU; what comes when they are taken is dropped and counted */

static bool wanted(const struct dp *dp)
{
	return dp->config.mode == DP_XDP && dp->config.spread_count;
}

/* Drops are only counted where the kernel lets us see them. */
void dp_spread_choose(struct dp *dp)
{
	struct brasberry_bpf *skel = dp->skel;

	bpf_program__set_autoload(skel->progs.access_cpu, wanted(dp));
	dp->spread_counts = wanted(dp) &&
			    libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_RAW_TRACEPOINT, NULL) == 1;
	bpf_program__set_autoload(skel->progs.cpu_drops, dp->spread_counts);
}

int dp_spread_size(struct dp *dp)
{
	int err = bpf_map__set_max_entries(dp->skel->maps.cpu_map, dp->cpus);

	return err ? err : bpf_map__set_max_entries(dp->skel->maps.cpu_queues, dp->cpus);
}

void dp_spread_configure(const struct dp *dp, struct abi_config *c)
{
	if (!wanted(dp))
		return;
	c->spread_count = dp->config.spread_count;
	memcpy(c->spread, dp->config.spread, sizeof(c->spread));
}

/* The tracepoint's link is pinned: frames may be dropped while there is no process. */
static int watch_drops(struct dp *dp)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);
	char pin[DP_PIN_MAX];
	int err;

	dp_pins_link(dp, "drops", pin);
	if (*pin)
		(void)unlink(pin);
	if (!dp->spread_counts)
		return 0;
	if (bpf_obj_get_info_by_fd(bpf_map__fd(dp->skel->maps.cpu_map), &info, &len))
		return -errno;
	dp->skel->bss->cpu_map_id = info.id;
	dp->spread_fd = bpf_raw_tracepoint_open("xdp_cpumap_enqueue",
						bpf_program__fd(dp->skel->progs.cpu_drops));
	if (dp->spread_fd < 0) {
		err = dp->spread_fd;
		dp->spread_counts = false;
		return err;
	}
	KILLPOINT("pin link");
	return *pin && bpf_obj_pin(dp->spread_fd, pin) ? -errno : 0;
}

/* A CPU's thread takes our program when its queue is made; the one of a process before us empties
 * its queue before it ends. */
int dp_spread_open(struct dp *dp)
{
	struct bpf_cpumap_val value = { .qsize = QUEUE_FRAMES };
	int err = watch_drops(dp);

	if (!wanted(dp))
		return 0;
	if (err)
		dp->spread_counts = false; /* and no more than that */
	value.bpf_prog.fd = bpf_program__fd(dp->skel->progs.access_cpu);
	for (uint32_t i = 0; i < dp->config.spread_count; i++) {
		uint32_t cpu = dp->config.spread[i];

		KILLPOINT("cpu");
		if (bpf_map_update_elem(bpf_map__fd(dp->skel->maps.cpu_map), &cpu, &value, BPF_ANY))
			return -errno;
	}
	return 0;
}

static bool has_cpu(const struct dp *dp, uint32_t cpu)
{
	for (uint32_t i = 0; wanted(dp) && i < dp->config.spread_count; i++)
		if (dp->config.spread[i] == cpu)
			return true;
	return false;
}

void dp_spread_done(struct dp *dp)
{
	for (uint32_t cpu = 0; cpu < dp->cpus; cpu++)
		if (!has_cpu(dp, cpu))
			(void)bpf_map_delete_elem(bpf_map__fd(dp->skel->maps.cpu_map), &cpu);
}

void dp_spread_close(struct dp *dp)
{
	if (dp->spread_fd >= 0)
		close(dp->spread_fd);
	dp->spread_fd = -1;
}

int dp_cpu_get(struct dp *dp, unsigned cpu, struct dp_cpu *ret)
{
	struct abi_cpu_load *load = (struct abi_cpu_load *)dp->batch;
	struct abi_cpu_queue *queue = (struct abi_cpu_queue *)dp->batch;
	struct dp_cpu c = { .drops_known = dp->spread_counts || !wanted(dp) };
	uint32_t zero = 0, key = cpu;

	if (cpu >= dp->cpus)
		return -EINVAL;
	if (bpf_map_lookup_elem(bpf_map__fd(dp->skel->maps.cpu_load), &zero, load))
		return -errno;
	c.up = load[cpu].up;
	c.down = load[cpu].down;
	if (bpf_map_lookup_elem(bpf_map__fd(dp->skel->maps.cpu_queues), &key, queue))
		return -errno;
	for (unsigned i = 0; i < dp->cpus; i++) {
		c.handed += queue[i].handed;
		c.dropped += queue[i].dropped;
	}
	*ret = c;
	return 0;
}
