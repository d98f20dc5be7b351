/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is beside the daemon's input, for daemon_whole_fuzz.c: the data plane, the shaper, mirrors,
 * hooks, translation, history take everything and do nothing.
 */
#ifndef TEST_DAEMON_WHOLE_BESIDE_H
#define TEST_DAEMON_WHOLE_BESIDE_H

#include "test/fuzz/daemon_whole_doors.h"

/* Commands of parts that are not here. */
#define NOT_HERE(name)                                                                             \
	void name(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)      \
	{                                                                                          \
		(void)ctx, (void)argc, (void)argv;                                                 \
		control_refuse(r, "not here");                                                     \
	}                                                                                          \
	_Static_assert(true, "")
NOT_HERE(check_command);
NOT_HERE(connections_show);
NOT_HERE(dns64_show);
NOT_HERE(fastpath_command);
NOT_HERE(fastpath_show);
NOT_HERE(flows_clear_command);
NOT_HERE(flows_show);
NOT_HERE(mirror_command);
NOT_HERE(mirror_show);
NOT_HERE(monitor_command);
NOT_HERE(monitor_show);
NOT_HERE(nat44_show);
NOT_HERE(nat64_show);
NOT_HERE(reload_command);
NOT_HERE(reload_show);
NOT_HERE(shaping_change);
NOT_HERE(shaping_restore);
NOT_HERE(session_show);
NOT_HERE(shaping_show);
NOT_HERE(spread_show);
NOT_HERE(timeline_monitor);
NOT_HERE(timeline_show);
NOT_HERE(top_command);
NOT_HERE(trial_radius);
NOT_HERE(volume_show);

/* --- what takes everything ----------------------------------------------------------------------
 */

#define NOTHING(declaration)                                                                       \
	declaration                                                                                \
	{                                                                                          \
	}
#define ZERO(declaration)                                                                          \
	declaration                                                                                \
	{                                                                                          \
		return 0;                                                                          \
	}
#pragma clang diagnostic ignored "-Wunused-parameter"

ZERO(int check_entries(struct daemon *d, bool repair, struct sbuf *report))
ZERO(int check_sessions(struct daemon *d, bool repair, struct sbuf *report))
NOTHING(void check_shaper_adopted(struct daemon *d))
NOTHING(void check_spool_fresh(struct daemon *d))
NOTHING(void damage_rebuilt(struct daemon *d, uint64_t now, int rc))
ZERO(int daemon_users_check(struct daemon *d))
NOTHING(void daemon_session_gone(struct daemon *d))

ZERO(int dp_attach(struct dp *dp, char *why, size_t why_len))
ZERO(int dp_counters_take(struct dp *dp, uint32_t slot))
ZERO(int dp_drops(struct dp *dp, uint64_t ret[ABI_DROP_COUNT]))
ZERO(int dp_fast_counts(struct dp *dp, uint64_t ret[ABI_FAST_COUNT]))
ZERO(bool dp_has(struct dp *dp, enum dp_entry kind, const void *key, uint32_t slot))
ZERO(int dp_ip4_add(struct dp *dp, uint32_t addr_be, uint32_t slot))
ZERO(int dp_ip4_del(struct dp *dp, uint32_t addr_be))
ZERO(int dp_line_add(struct dp *dp, const struct abi_line *line, uint32_t slot))
ZERO(int dp_line_del(struct dp *dp, const struct abi_line *line))
ZERO(int dp_pins_check(const char *pins))
ZERO(int dp_port_announce(struct dp *dp, uint16_t port, int ifindex, const uint8_t mac[6]))
ZERO(int dp_prefix6_add(struct dp *dp, const uint8_t prefix[8], uint32_t slot))
ZERO(int dp_prefix6_del(struct dp *dp, const uint8_t prefix[8]))
ZERO(int dp_route4_add(struct dp *dp, uint32_t addr_be, uint8_t len, uint32_t slot))
ZERO(int dp_route4_del(struct dp *dp, uint32_t addr_be, uint8_t len))
ZERO(int dp_route6_add(struct dp *dp, const uint8_t addr[16], uint8_t len, uint32_t slot))
ZERO(int dp_route6_del(struct dp *dp, const uint8_t addr[16], uint8_t len))
ZERO(int dp_session_clear(struct dp *dp, uint32_t slot))
ZERO(int dp_session_set(struct dp *dp, uint32_t slot, const struct abi_session *s))

const char *dp_drop_name(enum abi_drop reason)
{
	return "drop";
}

int dp_counters(struct dp *dp, uint32_t slot, struct abi_counters *ret)
{
	*ret = (struct abi_counters){ 0 };
	return 0;
}

int dp_counters_late(struct dp *dp, uint32_t slot, struct abi_counters *ret)
{
	return dp_counters(dp, slot, ret);
}

int dp_counters_range(struct dp *dp, uint32_t first, uint32_t n, struct abi_counters *ret)
{
	memset(ret, 0, n * sizeof(*ret));
	return 0;
}

int duid_get(const char *instance, uint8_t duid[DHCP6_DUID_MAX], uint8_t *ret_len)
{
	memset(duid, 7, 10);
	*ret_len = 10;
	return 0;
}

NOTHING(void hooks_attributes(struct session *s, const struct radius_packet *p))
NOTHING(void hooks_change(struct session *s, uint64_t now))
NOTHING(void hooks_down(struct session *s, uint64_t now, const char *cause,
			const struct abi_counters *c))
NOTHING(void hooks_show(const struct daemon *d, struct json *j))
NOTHING(void hooks_up(struct session *s, uint64_t now))

ZERO(int mirror_check(const struct daemon *d, const char *text, char *why, size_t why_len))
NOTHING(void mirror_given(struct session *s, const char *text, const char *by))
ZERO(bool mirror_late(const struct daemon *d))
NOTHING(void mirror_line_show(struct json *j, const struct session *s))
ZERO(uint16_t mirror_of(const struct session *s))
ZERO(uint8_t monitor_of(const struct session *s))
NOTHING(void monitor_radius(void *daemon, const struct radius_datagram *g))
NOTHING(void monitor_tell(const struct session *s))
NOTHING(void monitor_frame(struct daemon *d, uint16_t port, bool up, const uint8_t *frame,
			   size_t len))

NOTHING(void nat44_adopt(struct session *s, uint64_t now))
NOTHING(void nat44_close(struct session *s, uint64_t now))
NOTHING(void nat44_line_show(struct json *j, const struct session *s))
ZERO(int nat44_open(struct session *s, uint64_t now))
NOTHING(void nat64_line_show(struct json *j, const struct nat64_line *l, int rc))

ZERO(int net_link_get(struct net *n, const char *name, struct net_link *ret))
ZERO(int net_route_add(struct net *n, const struct net_route *r))
ZERO(int net_route_del(struct net *n, const struct net_route *r))
ZERO(bool net_pair_free(const struct net_pair *p, const char *name))

int net_pair_get(struct net *n, const char *name, struct net_pair *ret)
{
	*ret = (struct net_pair){ .ifindex = 5, .peer_ifindex = 6 };
	return 0;
}

bool net_pair_same(const struct net_pair *a, const struct net_pair *b)
{
	return a->ifindex == b->ifindex;
}

ZERO(uint64_t pppoe_tap_dropped(struct pppoe_tap *t))
ZERO(int pppoe_mac_filter_load(struct pppoe_mac_filter **ret, const char *path, bool allow,
			       char *why, size_t why_len))
NOTHING(void process_load(struct process_load *l, uint64_t now))
ZERO(int reload_interface(struct daemon *d, const char *name, bool more))

ZERO(int shaper_new(struct shaper **ret, struct loop *loop, const struct shaper_config *c,
		    char *why, size_t why_len))
NOTHING(void shaper_free(struct shaper *s))
NOTHING(void shaper_put(struct shaper *s, uint32_t slot))
ZERO(uint32_t shaper_class_id(const struct shaper *s, uint32_t slot))
ZERO(int shaper_set(struct shaper *s, uint32_t slot, uint32_t generation, uint64_t ticket,
		    const struct shaper_plan *plan, const struct shaper_plan *was, bool afresh))
NOTHING(void shaper_state(const struct shaper *s, struct shaper_state *ret))

NOTHING(void timeline_adopted(struct session *s))
NOTHING(void timeline_dial(struct session *s))
NOTHING(void timeline_end(struct session *s, const char *cause, uint64_t age, uint64_t from,
			  uint64_t to))
NOTHING(void timeline_lease(struct session *s, const struct prefix6 *p, const char *what))
NOTHING(void timeline_login(struct session *s, const char *name, const char *why))
NOTHING(void timeline_plan(struct session *s, const char *why))

void timeline_event(struct session *s, enum history_event event, const char *fmt, ...)
{
	char detail[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
}

NOTHING(void volume_charge(struct session *s, const struct abi_counters *c))
NOTHING(void volume_close(struct session *s, const struct abi_counters *c))
NOTHING(void volume_open(struct session *s))
NOTHING(void volume_quota(struct session *s, uint64_t quota))

#endif
