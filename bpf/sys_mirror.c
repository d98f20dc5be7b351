// SPDX-License-Identifier: GPL-2.0-or-later
/* Copies of customers' packets: rules, what is never copied, and the program upstream. */
#include "bpf/priv.h"

#include "base/killpoint.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int update(const struct bpf_map *map, const void *key, const void *value)
{
	KILLPOINT("mirror");
	return bpf_map_update_elem(bpf_map__fd(map), key, value, BPF_ANY) ? -errno : 0;
}

int dp_mirror_set(struct dp *dp, uint16_t rule, const struct abi_mirror *m)
{
	uint32_t key = rule;

	if (!rule || rule >= ABI_MIRROR_RULES)
		return -EINVAL;
	return update(dp->skel->maps.mirrors, &key, m);
}

unsigned dp_cpus(const struct dp *dp)
{
	return dp->cpus;
}

int dp_stream_set(struct dp *dp, unsigned stream, const struct abi_mirror *m)
{
	uint32_t key = stream;

	return stream < ABI_STREAMS ? update(dp->skel->maps.stream_rules, &key, m) : -EINVAL;
}

int dp_stream_clear(struct dp *dp, unsigned stream)
{
	static const struct abi_mirror none;
	struct abi_stream_counters *zeros;
	uint32_t key = stream;
	int rc = dp_stream_set(dp, stream, &none);

	if (rc)
		return rc;
	zeros = calloc(dp->cpus, sizeof(*zeros));
	if (!zeros)
		return -ENOMEM;
	rc = update(dp->skel->maps.stream_counts, &key, zeros);
	free(zeros);
	return rc;
}

int dp_stream_counters(struct dp *dp, unsigned stream, struct abi_stream_counters *ret)
{
	struct abi_stream_counters sum = { 0 }, *of_cpu = calloc(dp->cpus, sizeof(*of_cpu));
	uint32_t key = stream;

	if (!of_cpu)
		return -ENOMEM;
	if (bpf_map_lookup_elem(bpf_map__fd(dp->skel->maps.stream_counts), &key, of_cpu)) {
		free(of_cpu);
		return -errno;
	}
	for (unsigned i = 0; i < dp->cpus; i++) {
		sum.packets += of_cpu[i].packets;
		sum.lost += of_cpu[i].lost;
	}
	free(of_cpu);
	*ret = sum;
	return 0;
}

int dp_mirror_clear(struct dp *dp, uint16_t rule)
{
	static const struct abi_mirror none;
	struct abi_mirror_counters *zeros;
	uint32_t key = rule;
	int rc = dp_mirror_set(dp, rule, &none);

	if (rc)
		return rc;
	zeros = calloc(dp->cpus, sizeof(*zeros));
	if (!zeros)
		return -ENOMEM;
	rc = update(dp->skel->maps.mirror_count, &key, zeros);
	free(zeros);
	return rc;
}

int dp_mirror_counters(struct dp *dp, uint16_t rule, struct abi_mirror_counters *ret)
{
	struct abi_mirror_counters sum = { 0 }, *of_cpu;
	uint32_t key = rule;

	if (!rule || rule >= ABI_MIRROR_RULES)
		return -EINVAL;
	of_cpu = calloc(dp->cpus, sizeof(*of_cpu));
	if (!of_cpu)
		return -ENOMEM;
	if (bpf_map_lookup_elem(bpf_map__fd(dp->skel->maps.mirror_count), &key, of_cpu)) {
		free(of_cpu);
		return -errno;
	}
	for (unsigned i = 0; i < dp->cpus; i++) {
		sum.packets += of_cpu[i].packets;
		sum.bytes += of_cpu[i].bytes;
		sum.dropped += of_cpu[i].dropped;
		sum.truncated += of_cpu[i].truncated;
	}
	free(of_cpu);
	*ret = sum;
	return 0;
}

/* --- what is never copied ------------------------------------------------------------------ */

static bool wanted4(const struct prefix4 *list, unsigned n, const struct abi_route4 *key)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i].len == key->prefixlen && htobe32(list[i].addr) == key->addr_be)
			return true;
	return false;
}

static bool wanted6(const struct prefix6 *list, unsigned n, const struct abi_route6 *key)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i].len == key->prefixlen &&
		    !memcmp(list[i].addr.b, key->addr, sizeof(key->addr)))
			return true;
	return false;
}

/* Keys of @fd that @list has not are deleted. A trie's walk begins anew after each. */
static void prune(int fd, bool is6, const void *list, unsigned n)
{
	union {
		struct abi_route4 r4;
		struct abi_route6 r6;
	} key, next;
	void *from = NULL;

	while (!bpf_map_get_next_key(fd, from, &next)) {
		if (is6 ? wanted6(list, n, &next.r6) : wanted4(list, n, &next.r4)) {
			key = next;
			from = &key;
		} else if (bpf_map_delete_elem(fd, &next)) {
			return;
		}
	}
}

/* ABI_MIRROR_NOT, of all prefixes together. */
static void not_skipped(const struct prefix4 *list, unsigned n, uint32_t ret[8])
{
	memset(ret, 0xff, 8 * sizeof(*ret));
	for (unsigned i = 0; i < n; i++) {
		unsigned first = list[i].addr >> 24;
		unsigned count = list[i].len < 8 ? 1u << (8 - list[i].len) : 1;

		for (unsigned o = first; o < first + count && o < 256; o++)
			ret[o / 32] &= ~(1u << o % 32);
	}
}

static int mark_write(struct dp *dp)
{
	const uint32_t key = ABI_MIRROR_LATE;

	return update(dp->skel->maps.mirrors, &key, &dp->mirror_mark);
}

int dp_mirror_skips(struct dp *dp, const struct prefix4 *list4, unsigned count4,
		    const struct prefix6 *list6, unsigned count6, const struct prefix6 *at_once)
{
	const uint32_t yes = ABI_MIRROR_SKIP, later = ABI_MIRROR_AT_ONCE;
	struct abi_mirror *mark = &dp->mirror_mark;
	uint32_t not[8];
	int rc;

	memset(mark->remote, 0, sizeof(mark->remote));
	memset(mark->mask, 0, sizeof(mark->mask));
	rc = mark_write(dp); /* while it changes, the trie alone knows */
	for (unsigned i = 0; i < count4 && !rc; i++) {
		struct abi_route4 key = { list4[i].len, htobe32(list4[i].addr) };

		rc = update(dp->skel->maps.mirror_skip4, &key, &yes);
	}
	for (unsigned i = 0; i < count6 && !rc; i++) {
		struct abi_route6 key = { .prefixlen = list6[i].len };

		memcpy(key.addr, list6[i].addr.b, sizeof(key.addr));
		rc = update(dp->skel->maps.mirror_skip6, &key,
			    at_once == &list6[i] ? &later : &yes);
	}
	if (rc)
		return rc;
	prune(bpf_map__fd(dp->skel->maps.mirror_skip4), false, list4, count4);
	prune(bpf_map__fd(dp->skel->maps.mirror_skip6), true, list6, count6);
	not_skipped(list4, count4, not);
	memcpy(mark->remote, not, sizeof(mark->remote));
	memcpy(mark->mask, not + 4, sizeof(mark->mask));
	return mark_write(dp);
}

/* --- upstream ------------------------------------------------------------------------------ */

/* One of the process before us may be there that we know nothing of. */
static void unhook_any(struct dp_hook *h, int ifindex, uint32_t priority)
{
	*h = (struct dp_hook){
		.ifindex = ifindex,
		.link_fd = -1,
		.tc_point = BPF_TC_INGRESS,
		.tc_priority = priority,
		.tc_made = h->tc_made,
	};
	dp_unhook(h);
}

int dp_mirror_attach(struct dp *dp, bool on, bool late)
{
	struct dp_hook *h = &dp->mirror;
	int rc;

	dp->mirror_mark.flags = late;
	rc = mark_write(dp);
	if (rc)
		return rc;
	if (on && h->ifindex)
		return 0;
	if (on)
		return dp_hook_tc(h, dp->config.subs_ifindex, BPF_TC_INGRESS,
				  bpf_program__fd(dp->skel->progs.subs_ingress));
	h->tc_made = false; /* downstream's program needs the clsact */
	unhook_any(h, dp->config.subs_ifindex, 0);
	return 0;
}

/* --- ports --------------------------------------------------------------------------------- */

/* --- where copies upstream are made, if only of what is forwarded -------------------------- */

static bool among(const int *list, unsigned n, int ifindex)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i] == ifindex)
			return true;
	return false;
}

int dp_mirror_cores(struct dp *dp, const int *ifindexes, unsigned n)
{
	int prog = bpf_program__fd(dp->skel->progs.core_passed), rc = 0;
	bool there;

	for (unsigned i = 0; i < ABI_CORES_MAX; i++)
		if (dp->mirror_core[i].ifindex && !among(ifindexes, n, dp->mirror_core[i].ifindex))
			dp_unhook(&dp->mirror_core[i]);
	for (unsigned i = 0; i < n && !rc; i++) {
		struct dp_hook *free_one = NULL;

		there = false;
		for (unsigned k = 0; k < ABI_CORES_MAX; k++) {
			struct dp_hook *h = &dp->mirror_core[k];

			there |= h->ifindex == ifindexes[i];
			free_one = h->ifindex ? free_one : h;
		}
		if (there || !free_one)
			continue;
		free_one->tc_priority = DP_TC_PRIORITY_PASSED;
		rc = dp_hook_tc(free_one, ifindexes[i], BPF_TC_EGRESS, prog);
	}
	return rc;
}

void dp_mirror_core_clear(int ifindex)
{
	struct dp_hook h = {
		.ifindex = ifindex,
		.link_fd = -1,
		.tc_point = BPF_TC_EGRESS,
		.tc_priority = DP_TC_PRIORITY_PASSED,
	};

	dp_unhook(&h);
}

static bool is_port(const struct dp *dp, uint32_t ifindex)
{
	for (unsigned i = 0; i < ABI_MIRROR_PORTS; i++)
		if (dp->mirror_port[i].ifindex == (int)ifindex)
			return true;
	return false;
}

int dp_mirror_port(struct dp *dp, unsigned port, int ifindex, const struct mac *station)
{
	struct dp_hook *h = &dp->mirror_port[port];
	struct abi_station value = { 0 };
	uint32_t key = (uint32_t)ifindex;
	int rc;

	if (port >= ABI_MIRROR_PORTS)
		return -EINVAL;
	if (h->ifindex && (!station || h->ifindex != ifindex)) {
		uint32_t old = (uint32_t)h->ifindex;

		dp_unhook(h);
		(void)bpf_map_delete_elem(bpf_map__fd(dp->skel->maps.mirror_stations), &old);
	}
	if (!station || !ifindex)
		return 0;
	memcpy(value.mac, station->b, sizeof(value.mac));
	rc = update(dp->skel->maps.mirror_stations, &key, &value);
	if (rc || h->ifindex)
		return rc;
	h->tc_priority = DP_TC_PRIORITY_MIRROR;
	return dp_hook_tc(h, ifindex, BPF_TC_INGRESS,
			  bpf_program__fd(dp->skel->progs.mirror_return));
}

void dp_mirror_ports_done(struct dp *dp)
{
	int fd = bpf_map__fd(dp->skel->maps.mirror_stations);
	uint32_t key, next, *from = NULL;

	while (!bpf_map_get_next_key(fd, from, &next)) {
		struct dp_hook h = { .link_fd = -1 };

		if (is_port(dp, next)) {
			key = next;
			from = &key;
			continue;
		}
		unhook_any(&h, (int)next, DP_TC_PRIORITY_MIRROR);
		if (bpf_map_delete_elem(fd, &next))
			return;
	}
}

/* --- remote targets ------------------------------------------------------------------------ */

int dp_mirror_tunnel(struct dp *dp, unsigned port, const struct abi_tunnel *t)
{
	uint32_t key = port;

	return port < ABI_MIRROR_PORTS ? update(dp->skel->maps.mirror_tunnels, &key, t) : -EINVAL;
}

int dp_mirror_tunnels_attach(struct dp *dp, int ifindex)
{
	return dp_hook_tc(&dp->mirror_tunnel, ifindex, BPF_TC_INGRESS,
			  bpf_program__fd(dp->skel->progs.mirror_tunnel));
}

void dp_mirror_init(struct dp *dp)
{
	dp->mirror.link_fd = -1;
	dp->mirror_tunnel.link_fd = -1;
	for (unsigned i = 0; i < ABI_CORES_MAX; i++)
		dp->mirror_core[i].link_fd = -1;
	for (unsigned i = 0; i < ABI_MIRROR_PORTS; i++)
		dp->mirror_port[i].link_fd = -1;
}

void dp_mirror_unhook(struct dp *dp)
{
	dp_unhook(&dp->mirror);
	dp_unhook(&dp->mirror_tunnel);
	for (unsigned i = 0; i < ABI_CORES_MAX; i++)
		dp_unhook(&dp->mirror_core[i]);
	for (unsigned i = 0; i < ABI_MIRROR_PORTS; i++)
		dp_unhook(&dp->mirror_port[i]);
}

void dp_mirror_close(struct dp *dp)
{
	dp_hook_close(&dp->mirror);
	dp_hook_close(&dp->mirror_tunnel);
	for (unsigned i = 0; i < ABI_CORES_MAX; i++)
		dp_hook_close(&dp->mirror_core[i]);
	for (unsigned i = 0; i < ABI_MIRROR_PORTS; i++)
		dp_hook_close(&dp->mirror_port[i]);
}
