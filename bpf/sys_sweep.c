// SPDX-License-Identifier: GPL-2.0-or-later
/* Walks through the maps for entries that nobody knows: what a process left half done when it died.
 */
#include "bpf/priv.h"

#include "base/killpoint.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 32

/* The keys are read before any is deleted: deleting while walking may begin the walk anew. */
struct strangers {
	uint8_t (*keys)[KEY_MAX];
	uint32_t count, room;
};

static int stranger_add(struct strangers *s, const void *key, size_t size)
{
	if (s->count == s->room) {
		uint32_t room = s->room ? 2 * s->room : 64;
		void *more = realloc(s->keys, room * sizeof(*s->keys));

		if (!more)
			return -ENOMEM;
		s->keys = more;
		s->room = room;
	}
	memcpy(s->keys[s->count++], key, size);
	return 0;
}

static int sweep_hash(const struct bpf_map *map, enum dp_entry kind, dp_known_fn *known, void *arg,
		      bool repair)
{
	int fd = bpf_map__fd(map), err = 0, n;
	uint8_t key[KEY_MAX], next[KEY_MAX];
	struct strangers s = { 0 };
	bool first = true;
	uint32_t slot;

	while (!err && !bpf_map_get_next_key(fd, first ? NULL : key, next)) {
		first = false;
		memcpy(key, next, sizeof(key));
		if (!bpf_map_lookup_elem(fd, key, &slot) && !known(arg, kind, key, slot))
			err = stranger_add(&s, key, bpf_map__key_size(map));
	}
	for (uint32_t i = 0; i < s.count && repair; i++) {
		KILLPOINT("sweep");
		(void)bpf_map_delete_elem(fd, s.keys[i]);
	}
	n = (int)s.count;
	free(s.keys);
	return err ? err : n;
}

static int sweep_slots(struct dp *dp, dp_known_fn *known, void *arg, bool repair)
{
	int n = 0, err;

	for (uint32_t slot = 0; slot < dp->config.max_sessions; slot++) {
		struct abi_session s;

		if (bpf_map_lookup_elem(bpf_map__fd(dp->skel->maps.sessions), &slot, &s))
			return -errno;
		if (!s.generation || known(arg, DP_ENTRY_SLOT, &s, slot))
			continue;
		err = repair ? dp_session_clear(dp, slot) : 0;
		if (err)
			return err;
		n++;
	}
	return n;
}

int dp_sweep(struct dp *dp, dp_known_fn *known, void *arg, bool repair)
{
	const struct {
		const struct bpf_map *map;
		enum dp_entry kind;
	} rows[] = {
		{ dp->skel->maps.lines, DP_ENTRY_LINE },
		{ dp->skel->maps.dst4, DP_ENTRY_IP4 },
		{ dp->skel->maps.dst6, DP_ENTRY_PREFIX6 },
		{ dp->skel->maps.route4, DP_ENTRY_ROUTE4 },
		{ dp->skel->maps.route6, DP_ENTRY_ROUTE6 },
	};
	int total = 0, n;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = sweep_hash(rows[i].map, rows[i].kind, known, arg, repair);
		if (n < 0)
			return n;
		total += n;
	}
	n = sweep_slots(dp, known, arg, repair);
	return n < 0 ? n : total + n;
}

bool dp_has(struct dp *dp, enum dp_entry kind, const void *key, uint32_t slot)
{
	const struct bpf_map *map = kind == DP_ENTRY_LINE      ? dp->skel->maps.lines
				    : kind == DP_ENTRY_IP4     ? dp->skel->maps.dst4
				    : kind == DP_ENTRY_PREFIX6 ? dp->skel->maps.dst6
				    : kind == DP_ENTRY_ROUTE4  ? dp->skel->maps.route4
							       : dp->skel->maps.route6;
	struct abi_session s;
	uint32_t owner;

	if (kind == DP_ENTRY_SLOT)
		return !bpf_map_lookup_elem(bpf_map__fd(dp->skel->maps.sessions), &slot, &s) &&
		       !memcmp(&s, key, sizeof(s));
	return !bpf_map_lookup_elem(bpf_map__fd(map), key, &owner) && owner == slot;
}
