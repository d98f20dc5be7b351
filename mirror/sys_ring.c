// SPDX-License-Identifier: GPL-2.0-or-later
/* The rings: mirror/ring.h. Entries of the map end with the descriptors that filled them, so a
 * reader that dies leaves nothing. */
#include "mirror/ring.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define RING_PAGES 256 /* a CPU: 1 MiB */

struct ring {
	int map;
	struct perf_buffer *buffer;
	ring_event_fn *event;
	ring_lost_fn *lost;
	void *arg;
	int *cpus, *keys;
};

static enum bpf_perf_event_ret on_event(void *ctx, int cpu, struct perf_event_header *e)
{
	struct ring *r = ctx;
	const struct {
		struct perf_event_header head;
		uint32_t size;
		char data[];
	} *sample = (const void *)e;
	const struct {
		struct perf_event_header head;
		uint64_t id, lost;
	} *lost = (const void *)e;

	(void)cpu;
	if (e->type == PERF_RECORD_SAMPLE)
		r->event(r->arg, sample->data, sample->size);
	else if (e->type == PERF_RECORD_LOST)
		r->lost(r->arg, lost->lost);
	return LIBBPF_PERF_EVENT_CONT;
}

/* Where the file is missing, the CPU cannot be taken away. */
static bool is_offline(int cpu)
{
	char path[64];
	FILE *f;
	int c;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
	f = fopen(path, "re");
	if (!f)
		return false;
	c = getc(f);
	fclose(f);
	return c == '0';
}

static int buffer_open(struct ring *r, unsigned stream)
{
	int cpus = libbpf_num_possible_cpus(), n = 0;
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.wakeup_events = 1,
		.size = sizeof(attr),
	};
	LIBBPF_OPTS(perf_buffer_raw_opts, opts);

	if (cpus < 0)
		return cpus;
	r->cpus = calloc((size_t)cpus, sizeof(*r->cpus));
	r->keys = calloc((size_t)cpus, sizeof(*r->keys));
	if (!r->cpus || !r->keys)
		return -ENOMEM;
	for (int i = 0; i < cpus; i++) {
		if (is_offline(i))
			continue;
		r->cpus[n] = i;
		r->keys[n++] = (int)stream * cpus + i;
	}
	opts.cpu_cnt = n;
	opts.cpus = r->cpus;
	opts.map_keys = r->keys;
	r->buffer = perf_buffer__new_raw(r->map, RING_PAGES, &attr, on_event, r, &opts);
	return r->buffer ? 0 : -errno;
}

int ring_open(struct ring **ret, const char *map, unsigned stream, ring_event_fn *event,
	      ring_lost_fn *lost, void *arg)
{
	struct ring *r = calloc(1, sizeof(*r));
	int rc;

	if (!r)
		return -ENOMEM;
	*r = (struct ring){ .event = event, .lost = lost, .arg = arg };
	r->map = bpf_obj_get(map);
	rc = r->map < 0 ? -errno : buffer_open(r, stream);
	if (rc) {
		ring_close(r);
		return rc;
	}
	*ret = r;
	return 0;
}

void ring_close(struct ring *r)
{
	if (!r)
		return;
	perf_buffer__free(r->buffer);
	if (r->map >= 0)
		close(r->map);
	free(r->cpus);
	free(r->keys);
	free(r);
}

int ring_fd(const struct ring *r)
{
	return perf_buffer__epoll_fd(r->buffer);
}

int ring_read(struct ring *r)
{
	int rc = perf_buffer__consume(r->buffer);

	return rc < 0 ? rc : 0;
}
