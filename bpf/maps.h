/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The maps that all programs share, and their configuration. Each program's object has these
 * definitions; being weak, they become one when the objects are linked. README.md has the table.
 * Sizes of 1 are the loader's to set.
 */
#ifndef BPF_MAPS_H
#define BPF_MAPS_H

#include "bpf/abi.h"

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

const volatile struct abi_config abi_config __weak = {};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct abi_line);
	__type(value, __u32);
} lines __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct abi_session);
} sessions __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct abi_counters);
} counters __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} dst4 __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} dst6 __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct abi_route4);
	__type(value, __u32);
} route4 __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct abi_route6);
	__type(value, __u32);
} route6 __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ABI_PORTS_MAX);
	__type(key, __u32);
	__type(value, __u32);
} ports __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ABI_PORTS_MAX);
	__type(key, __u32);
	__type(value, struct abi_port);
} port_info __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ABI_DROP_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} drops __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct abi_budget);
} budgets __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct abi_police);
} police __weak SEC(".maps");

/* Sessions whose own station has sent a PADT that there was no room for: the slot's generation. Not
 * pinned: each load has its own. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} padts __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, ABI_SOURCES_MAX);
	__type(key, __u64);
	__type(value, __u64);
} sources __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ABI_UNKNOWN_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} unknown __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ABI_MIRROR_RULES);
	__type(key, __u32);
	__type(value, struct abi_mirror);
} mirrors __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ABI_MIRROR_RULES);
	__type(key, __u32);
	__type(value, struct abi_mirror_counters);
} mirror_count __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, ABI_MIRROR_SKIPS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct abi_route4);
	__type(value, __u32);
} mirror_skip4 __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, ABI_MIRROR_SKIPS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct abi_route6);
	__type(value, __u32);
} mirror_skip6 __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ABI_STREAMS);
	__type(key, __u32);
	__type(value, struct abi_mirror);
} stream_rules __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} streams __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ABI_STREAMS);
	__type(key, __u32);
	__type(value, struct abi_stream_counters);
} stream_counts __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ABI_MIRROR_PORTS);
	__type(key, __u32);
	__type(value, struct abi_station);
} mirror_stations __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ABI_ORIGINS);
	__type(key, __u32);
	__type(value, struct abi_origin);
} mirror_origins __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} mirror_origin __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ABI_MIRROR_PORTS);
	__type(key, __u32);
	__type(value, struct abi_tunnel);
} mirror_tunnels __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ABI_MIRROR_PORTS);
	__type(key, __u32);
	__type(value, struct abi_tunnel_seq);
} tunnel_seqs __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct abi_flow_key);
	__type(value, struct abi_flow);
} flows __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct abi_fast);
} fast __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ABI_CORES_MAX);
	__type(key, __u32);
	__type(value, struct abi_core);
} cores __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ABI_FAST_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} fast_counts __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_cpumap_val));
} cpu_map __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct abi_cpu_queue);
} cpu_queues __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct abi_cpu_load);
} cpu_load __weak SEC(".maps");

/*
 * What `ports` and `cores` say of an interface, without a hash: by the low bits of its number. Where two
 * interfaces share them, the map says it of one. Not pinned: each load fills its own.
 */
__u16 port_hints[ABI_HINTS] __weak = {};
struct abi_core_hint core_hints[ABI_HINTS] __weak = {};

static __always_inline void count_load(bool down)
{
	__u32 zero = 0;
	struct abi_cpu_load *c = bpf_map_lookup_elem(&cpu_load, &zero);

	if (c && down)
		c->down++;
	else if (c)
		c->up++;
}

/* The slot of a destination: a session's own address or /64 first, by hash; routes only after. */
static __always_inline __u32 *slot_of_ip4(__u32 addr_be)
{
	struct abi_route4 key = { .prefixlen = 32, .addr_be = addr_be };
	__u32 *slot = bpf_map_lookup_elem(&dst4, &addr_be);

	return slot ? slot : bpf_map_lookup_elem(&route4, &key);
}

static __always_inline __u32 *slot_of_ip6(const void *addr, __u64 prefix)
{
	struct abi_route6 key = { .prefixlen = 128 };
	__u32 *slot = bpf_map_lookup_elem(&dst6, &prefix);

	if (slot)
		return slot;
	__builtin_memcpy(key.addr, addr, sizeof(key.addr));
	return bpf_map_lookup_elem(&route6, &key);
}

static __always_inline void count_drop(__u32 reason)
{
	__u64 *n = bpf_map_lookup_elem(&drops, &reason);

	if (n)
		(*n)++;
}

/*
 * Takes a token of this bucket, where there is one: *tat is when the bucket will be full again, in
 * ns (GCRA, as base/rate.h). Two CPUs at the same instant may both take the last token.
 */
static __always_inline bool rate_take(__u64 *tat, __u32 pps, __u32 burst)
{
	__u64 now, from, step;

	if (!pps)
		return true;
	step = 1000000000ull / pps;
	now = bpf_ktime_get_ns();
	from = *tat < now ? now : *tat;
	if (from - now > step * (burst ? burst - 1 : 0))
		return false;
	*tat = from + step;
	return true;
}

#endif
