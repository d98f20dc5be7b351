// SPDX-License-Identifier: GPL-2.0-or-later
/* The fast path's part of the loader: core interfaces, generations, flows. fast.h says what for. */
#include "bpf/priv.h"

#include "base/killpoint.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <endian.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int update(const struct bpf_map *map, const void *key, const void *value, uint64_t flags)
{
	KILLPOINT("fast");
	return bpf_map_update_elem(bpf_map__fd(map), key, value, flags) ? -errno : 0;
}

int dp_fast_set(struct dp *dp, const struct abi_fast *f)
{
	uint32_t zero = 0;

	return update(dp->skel->maps.fast, &zero, f, BPF_ANY);
}

int dp_fast_get(struct dp *dp, struct abi_fast *ret)
{
	uint32_t zero = 0;

	return bpf_map_lookup_elem(bpf_map__fd(dp->skel->maps.fast), &zero, ret) ? -errno : 0;
}

int dp_fast_counts(struct dp *dp, uint64_t ret[ABI_FAST_COUNT])
{
	uint64_t *of_cpu = (uint64_t *)dp->batch, total[ABI_FAST_COUNT] = { 0 };

	for (uint32_t what = 0; what < ABI_FAST_COUNT; what++) {
		if (bpf_map_lookup_elem(bpf_map__fd(dp->skel->maps.fast_counts), &what, of_cpu))
			return -errno;
		for (unsigned i = 0; i < dp->cpus; i++)
			total[what] += of_cpu[i];
	}
	memcpy(ret, total, sizeof(total));
	return 0;
}

/* --- core interfaces ----------------------------------------------------------------------- */

static void hook_init(struct dp_hook *h)
{
	*h = (struct dp_hook){ .link_fd = -1, .tc_priority = DP_TC_PRIORITY_FAST };
}

static void core_init(struct dp_core *c)
{
	hook_init(&c->xdp);
	hook_init(&c->in);
	hook_init(&c->out);
	c->takes_xdp = c->kept = false;
}

static void core_unhook(struct dp_core *c)
{
	dp_unhook(&c->xdp);
	dp_unhook(&c->in);
	dp_unhook(&c->out);
	core_init(c);
}

void dp_fast_init(struct dp *dp)
{
	hook_init(&dp->fast);
	for (unsigned i = 0; i < ABI_CORES_MAX; i++)
		core_init(&dp->core[i]);
}

void dp_fast_unhook(struct dp *dp)
{
	dp_unhook(&dp->fast);
	for (unsigned i = 0; i < ABI_CORES_MAX; i++)
		core_unhook(&dp->core[i]);
}

void dp_fast_close(struct dp *dp)
{
	dp_hook_close(&dp->fast);
	for (unsigned i = 0; i < ABI_CORES_MAX; i++) {
		dp_hook_close(&dp->core[i].xdp);
		dp_hook_close(&dp->core[i].in);
		dp_hook_close(&dp->core[i].out);
	}
}

/* A filter that a process before us left, and we know nothing of. */
static void unhook_any(int ifindex, int point)
{
	struct dp_hook h = {
		.ifindex = ifindex,
		.link_fd = -1,
		.tc_point = point,
		.tc_priority = DP_TC_PRIORITY_FAST,
	};

	dp_unhook(&h);
}

int dp_fast_attach(struct dp *dp)
{
	const struct dp_config *c = &dp->config;

	if (c->fastpath && c->trees)
		return dp_hook_tc(&dp->fast, c->subs_ifindex, BPF_TC_INGRESS,
				  bpf_program__fd(dp->skel->progs.subs_fast));
	unhook_any(c->subs_ifindex, BPF_TC_INGRESS);
	return 0;
}

static struct dp_core *core_find(struct dp *dp, int ifindex)
{
	for (unsigned i = 0; i < ABI_CORES_MAX; i++)
		if (dp->core[i].in.ifindex == ifindex)
			return &dp->core[i];
	return NULL;
}

static void core_pin(const struct dp *dp, int ifindex, char ret[DP_PIN_MAX])
{
	char name[24];

	snprintf(name, sizeof(name), "core%d", ifindex);
	dp_pins_link(dp, name, ret);
}

static bool is_veth(int ifindex)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq r = { .ifr_data = (void *)&info };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is;

	is = fd >= 0 && if_indextoname((unsigned)ifindex, r.ifr_name) &&
	     !ioctl(fd, SIOCETHTOOL, &r) && !strcmp(info.driver, "veth");
	if (fd >= 0)
		close(fd);
	return is;
}

/* One that is pinned has been probed by who pinned it. */
static void core_hook_xdp(struct dp *dp, struct dp_core *c, int ifindex, enum dp_core_kind kind,
			  char *why, size_t why_len)
{
	char pin[DP_PIN_MAX];
	int rc;

	*why = '\0';
	if (dp->config.mode != DP_XDP)
		return;
	core_pin(dp, ifindex, pin);
	if ((!*pin || access(pin, F_OK)) && !dp_probe(ifindex, why, why_len))
		return;
	c->takes_xdp = true;
	if (kind == DP_CORE_TC || (kind == DP_CORE_AUTO && is_veth(ifindex))) {
		snprintf(why, why_len, "%s", kind == DP_CORE_TC ? "the configuration says tc"
								: "its driver is veth");
		return;
	}
	rc = dp_hook_xdp(&c->xdp, ifindex, bpf_program__fd(dp->skel->progs.core_xdp),
			 *pin ? pin : NULL);
	if (rc)
		dp_why(why, why_len, "attaching native XDP", rc);
}

static int core_hook(struct dp *dp, struct dp_core *c, int ifindex, enum dp_core_kind kind,
		     char *why, size_t why_len)
{
	int rc = dp_hook_tc(&c->in, ifindex, BPF_TC_INGRESS,
			    bpf_program__fd(dp->skel->progs.core_tc));

	if (!rc && dp->config.fastpath == ABI_FAST_FLOWS)
		rc = dp_hook_tc(&c->out, ifindex, BPF_TC_EGRESS,
				bpf_program__fd(dp->skel->progs.core_egress));
	else
		unhook_any(ifindex, BPF_TC_EGRESS);
	if (!rc)
		core_hook_xdp(dp, c, ifindex, kind, why, why_len);
	else
		core_unhook(c);
	return rc;
}

/* @value: NULL: it is none any more. Of one that is read while it is written, the MAC does not fit: the
 * packet goes to the stack. */
static void core_hint(struct dp *dp, uint32_t ifindex, const struct abi_core *value)
{
	struct abi_core_hint *hint = &dp->skel->bss->core_hints[ifindex % ABI_HINTS];

	if (value)
		*hint = (struct abi_core_hint){ .ifindex = ifindex, .core = *value };
	else if (hint->ifindex == ifindex)
		*hint = (struct abi_core_hint){ 0 };
}

int dp_core_attach(struct dp *dp, int ifindex, const uint8_t mac[6], enum dp_core_kind kind,
		   char *why, size_t why_len)
{
	struct dp_core *c = core_find(dp, ifindex);
	uint32_t key = (uint32_t)ifindex;
	struct abi_core value = { 0 };
	int rc;

	*why = '\0';
	if (!c) {
		c = core_find(dp, 0);
		if (!c)
			return -ENOSPC;
		rc = core_hook(dp, c, ifindex, kind, why, why_len);
		if (rc)
			return rc;
	}
	c->kept = true;
	memcpy(value.mac, mac, sizeof(value.mac));
	value.flags = (c->takes_xdp ? ABI_CORE_XDP : 0) | (is_veth(ifindex) ? ABI_CORE_OWES : 0);
	rc = update(dp->skel->maps.cores, &key, &value, BPF_ANY);
	if (!rc)
		core_hint(dp, key, &value);
	return rc;
}

bool dp_is_core(const struct dp *dp, int ifindex)
{
	for (unsigned i = 0; i < ABI_CORES_MAX; i++)
		if (dp->core[i].in.ifindex == ifindex)
			return true;
	return false;
}

static bool is_kept(struct dp *dp, int ifindex)
{
	struct dp_core *c = core_find(dp, ifindex);

	return c && c->kept;
}

static void core_forget(struct dp *dp, int ifindex)
{
	struct dp_core *c = core_find(dp, ifindex);
	char pin[DP_PIN_MAX];

	if (c)
		core_unhook(c);
	unhook_any(ifindex, BPF_TC_INGRESS);
	unhook_any(ifindex, BPF_TC_EGRESS);
	core_pin(dp, ifindex, pin);
	if (*pin)
		(void)unlink(pin);
}

void dp_cores_done(struct dp *dp)
{
	int fd = bpf_map__fd(dp->skel->maps.cores);
	uint32_t key, next, *from = NULL;

	while (!bpf_map_get_next_key(fd, from, &next)) {
		if (is_kept(dp, (int)next)) {
			key = next;
			from = &key;
			continue;
		}
		if (bpf_map_delete_elem(fd, &next))
			break;
		core_hint(dp, next, NULL);
		core_forget(dp, (int)next);
	}
	for (unsigned i = 0; i < ABI_CORES_MAX; i++)
		dp->core[i].kept = false;
}

/* --- flows --------------------------------------------------------------------------------- */

int dp_flow_add(struct dp *dp, const struct abi_flow_key *key, const struct abi_flow *flow)
{
	return update(dp->skel->maps.flows, key, flow, BPF_NOEXIST);
}

int dp_flow_del(struct dp *dp, const struct abi_flow_key *key)
{
	return bpf_map_delete_elem(bpf_map__fd(dp->skel->maps.flows), key) ? -errno : 0;
}

int dp_flow_take(struct dp *dp, const struct abi_flow_key *key, struct abi_flow *ret)
{
	return bpf_map_lookup_and_delete_elem(bpf_map__fd(dp->skel->maps.flows), key, ret) ? -errno
											   : 0;
}

int dp_flow_get(struct dp *dp, const struct abi_flow_key *key, struct abi_flow *ret)
{
	return bpf_map_lookup_elem(bpf_map__fd(dp->skel->maps.flows), key, ret) ? -errno : 0;
}

int dp_flows_next(struct dp *dp, struct dp_flow_cursor *cursor, struct abi_flow_key *keys,
		  struct abi_flow *list, unsigned n)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	uint32_t after, count = n;

	if (cursor->ended)
		return 0;
	if (bpf_map_lookup_batch(bpf_map__fd(dp->skel->maps.flows),
				 cursor->begun ? &cursor->at : NULL, &after, keys, list, &count,
				 &opts)) {
		if (errno != ENOENT)
			return -errno;
		cursor->ended = true; /* and there may be some of it */
	}
	cursor->at = after;
	cursor->begun = true;
	return (int)count;
}

static int slot_of(const struct bpf_map *exact, const void *key, const struct bpf_map *trie,
		   const void *route, uint32_t *ret)
{
	if (!bpf_map_lookup_elem(bpf_map__fd(exact), key, ret) ||
	    !bpf_map_lookup_elem(bpf_map__fd(trie), route, ret))
		return 0;
	return -errno;
}

int dp_slot_of4(struct dp *dp, uint32_t addr_be, uint32_t *ret_slot)
{
	struct abi_route4 route = { .prefixlen = 32, .addr_be = addr_be };

	return slot_of(dp->skel->maps.dst4, &addr_be, dp->skel->maps.route4, &route, ret_slot);
}

int dp_slot_of6(struct dp *dp, const uint8_t addr[16], uint32_t *ret_slot)
{
	struct abi_route6 route = { .prefixlen = 128 };

	memcpy(route.addr, addr, sizeof(route.addr));
	return slot_of(dp->skel->maps.dst6, addr, dp->skel->maps.route6, &route, ret_slot);
}

int dp_session_get(struct dp *dp, uint32_t slot, struct abi_session *ret)
{
	return bpf_map_lookup_elem(bpf_map__fd(dp->skel->maps.sessions), &slot, ret) ? -errno : 0;
}
