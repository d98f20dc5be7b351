// SPDX-License-Identifier: GPL-2.0-or-later
/* The data plane's maps: sessions in, counters out. README.md has the table of maps. */
#include "bpf/priv.h"

#include "base/killpoint.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int set(const struct bpf_map *map, const void *key, const void *value, uint64_t flags)
{
	KILLPOINT("map");
	return bpf_map_update_elem(bpf_map__fd(map), key, value, flags) ? -errno : 0;
}

static int del(const struct bpf_map *map, const void *key)
{
	KILLPOINT("map");
	return bpf_map_delete_elem(bpf_map__fd(map), key) ? -errno : 0;
}

/* --- sessions ------------------------------------------------------------------------------ */

int dp_session_set(struct dp *dp, uint32_t slot, const struct abi_session *s)
{
	if (slot >= dp->config.max_sessions || !s->generation || !s->line.port ||
	    s->line.port >= ABI_PORTS_MAX)
		return -EINVAL;
	return set(dp->skel->maps.sessions, &slot, s, BPF_ANY);
}

int dp_session_clear(struct dp *dp, uint32_t slot)
{
	static const struct abi_session none;
	static const struct abi_budget fresh;
	static const struct abi_police full;
	int err, err2;

	if (slot >= dp->config.max_sessions)
		return -EINVAL;
	err = set(dp->skel->maps.sessions, &slot, &none, BPF_ANY);
	if (err) /* nobody will ask again, and the entry would stay until another line has the slot */
		err = set(dp->skel->maps.sessions, &slot, &none, BPF_ANY);
	memset(dp->batch, 0, dp->cpus * sizeof(*dp->batch));
	err2 = set(dp->skel->maps.counters, &slot, dp->batch, BPF_ANY);
	if (!err)
		err = err2;
	err2 = set(dp->skel->maps.budgets, &slot, &fresh, BPF_ANY);
	if (!err)
		err = err2;
	err2 = set(dp->skel->maps.police, &slot, &full, BPF_F_LOCK);
	return err ? err : err2;
}

int dp_line_del(struct dp *dp, const struct abi_line *line)
{
	return del(dp->skel->maps.lines, line);
}

/* The same again is no error: -EEXIST is for another slot. */
static int destination_add(const struct bpf_map *map, const void *key, uint32_t slot)
{
	int err = set(map, key, &slot, BPF_NOEXIST);
	uint32_t owner;

	if (err == -EEXIST && !bpf_map_lookup_elem(bpf_map__fd(map), key, &owner) && owner == slot)
		return 0;
	return err;
}

int dp_line_add(struct dp *dp, const struct abi_line *line, uint32_t slot)
{
	if (slot >= dp->config.max_sessions)
		return -EINVAL;
	return destination_add(dp->skel->maps.lines, line, slot);
}

int dp_ip4_add(struct dp *dp, uint32_t addr_be, uint32_t slot)
{
	if (slot >= dp->config.max_sessions)
		return -EINVAL;
	return destination_add(dp->skel->maps.dst4, &addr_be, slot);
}

int dp_ip4_del(struct dp *dp, uint32_t addr_be)
{
	return del(dp->skel->maps.dst4, &addr_be);
}

int dp_prefix6_add(struct dp *dp, const uint8_t prefix[8], uint32_t slot)
{
	if (slot >= dp->config.max_sessions)
		return -EINVAL;
	return destination_add(dp->skel->maps.dst6, prefix, slot);
}

int dp_prefix6_del(struct dp *dp, const uint8_t prefix[8])
{
	return del(dp->skel->maps.dst6, prefix);
}

static struct abi_route6 route6_key(const uint8_t addr[16], uint8_t len)
{
	struct abi_route6 key = { .prefixlen = len };

	memcpy(key.addr, addr, sizeof(key.addr));
	return key;
}

int dp_route4_add(struct dp *dp, uint32_t addr_be, uint8_t len, uint32_t slot)
{
	struct abi_route4 key = { .prefixlen = len, .addr_be = addr_be };

	if (slot >= dp->config.max_sessions || len > 32)
		return -EINVAL;
	return destination_add(dp->skel->maps.route4, &key, slot);
}

int dp_route4_del(struct dp *dp, uint32_t addr_be, uint8_t len)
{
	struct abi_route4 key = { .prefixlen = len, .addr_be = addr_be };

	return del(dp->skel->maps.route4, &key);
}

int dp_route6_add(struct dp *dp, const uint8_t addr[16], uint8_t len, uint32_t slot)
{
	struct abi_route6 key = route6_key(addr, len);

	if (slot >= dp->config.max_sessions || len > 128)
		return -EINVAL;
	return destination_add(dp->skel->maps.route6, &key, slot);
}

int dp_route6_del(struct dp *dp, const uint8_t addr[16], uint8_t len)
{
	struct abi_route6 key = route6_key(addr, len);

	return del(dp->skel->maps.route6, &key);
}

/* --- counters ------------------------------------------------------------------------------ */

struct abi_counters dp_counters_sum(const struct abi_counters *of_cpu, unsigned cpus)
{
	struct abi_counters s = { 0 };
	unsigned i;

	for (i = 0; i < cpus; i++) {
		s.rx4_packets += of_cpu[i].rx4_packets;
		s.rx4_bytes += of_cpu[i].rx4_bytes;
		s.rx6_packets += of_cpu[i].rx6_packets;
		s.rx6_bytes += of_cpu[i].rx6_bytes;
		s.tx4_packets += of_cpu[i].tx4_packets;
		s.tx4_bytes += of_cpu[i].tx4_bytes;
		s.tx6_packets += of_cpu[i].tx6_packets;
		s.tx6_bytes += of_cpu[i].tx6_bytes;
	}
	return s;
}

int dp_counters(struct dp *dp, uint32_t slot, struct abi_counters *ret)
{
	if (slot >= dp->config.max_sessions)
		return -EINVAL;
	if (bpf_map_lookup_elem(bpf_map__fd(dp->skel->maps.counters), &slot, dp->batch))
		return -errno;
	*ret = dp_counters_sum(dp->batch, dp->cpus);
	return 0;
}

/* Reads at most DP_BATCH slots into dp->batch. */
static int read_batch(struct dp *dp, uint32_t first, uint32_t n)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	uint32_t before = first - 1, after, count = n, keys[DP_BATCH];

	/* "in" is the key before the first one that is wanted. At the map's end the kernel says
	 * ENOENT together with what there was. */
	if (bpf_map_lookup_batch(bpf_map__fd(dp->skel->maps.counters), first ? &before : NULL,
				 &after, keys, dp->batch, &count, &opts) &&
	    errno != ENOENT)
		return -errno;
	return count == n && keys[0] == first ? 0 : -EIO;
}

int dp_counters_range(struct dp *dp, uint32_t first, uint32_t n, struct abi_counters *ret)
{
	uint32_t done, i, some;
	int err;

	if (first > dp->config.max_sessions || n > dp->config.max_sessions - first)
		return -EINVAL;
	for (done = 0; done < n && !dp->no_batch; done += some) {
		some = n - done < DP_BATCH ? n - done : DP_BATCH;
		if (read_batch(dp, first + done, some)) {
			dp->no_batch = true;
			break;
		}
		for (i = 0; i < some; i++)
			ret[done + i] = dp_counters_sum(dp->batch + (size_t)i * dp->cpus, dp->cpus);
	}
	for (; done < n; done++) {
		err = dp_counters(dp, first + done, &ret[done]);
		if (err)
			return err;
	}
	return 0;
}

int dp_police_stats(struct dp *dp, uint32_t slot, uint64_t *ret_packets, uint64_t *ret_bytes)
{
	struct abi_police p;

	if (slot >= dp->config.max_sessions)
		return -EINVAL;
	if (bpf_map_lookup_elem_flags(bpf_map__fd(dp->skel->maps.police), &slot, &p, BPF_F_LOCK))
		return -errno;
	*ret_packets = p.dropped_packets;
	*ret_bytes = p.dropped_bytes;
	return 0;
}

int dp_drops(struct dp *dp, uint64_t ret[ABI_DROP_COUNT])
{
	uint64_t *of_cpu = (uint64_t *)dp->batch, total[ABI_DROP_COUNT] = { 0 };
	uint32_t reason;
	unsigned i;

	for (reason = 0; reason < ABI_DROP_COUNT; reason++) {
		if (bpf_map_lookup_elem(bpf_map__fd(dp->skel->maps.drops), &reason, of_cpu))
			return -errno;
		for (i = 0; i < dp->cpus; i++)
			total[reason] += of_cpu[i];
	}
	memcpy(ret, total, sizeof(total));
	return 0;
}

const char *dp_drop_name(enum abi_drop reason)
{
	static const char *const names[ABI_DROP_COUNT] = {
#define X(id, name, help) [ABI_DROP_##id] = name,
		ABI_DROPS(X)
#undef X
	};

	return (unsigned)reason < ABI_DROP_COUNT ? names[reason] : "unknown";
}
