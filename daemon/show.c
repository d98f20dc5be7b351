// SPDX-License-Identifier: GPL-2.0-or-later
/* A session as JSON: the keys of `show sessions`, and what `show session` has beyond them. */
#include "base/json.h"
#include "daemon/daemon.h"
#include "daemon/mirror.h"
#include "daemon/nat44.h"
#include "daemon/nat64.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void vlan(struct json *j, const char *name, uint16_t tag)
{
	if (tag & PPPOE_VLAN_PRESENT)
		json_u64(j, name, tag & PPPOE_VLAN_ID);
	else
		json_null(j, name);
}

static void rate(struct json *j, const char *name, uint32_t kbit)
{
	if (kbit)
		json_u64(j, name, kbit);
	else
		json_null(j, name);
}

static void identity(struct json *j, const struct session *s)
{
	char mac[MAC_STRLEN];

	json_u64(j, "sid", s->sid);
	json_str(j, "ifname", s->d->ports[s->line.port].conf.name);
	vlan(j, "svlan", s->line.svlan);
	vlan(j, "cvlan", s->line.cvlan);
	json_str(j, "username", s->username);
	json_str(j, "calling-sid", mac_str(mac, &s->mac));
	json_str(j, "circuit-id", s->circuit_id);
	json_str(j, "state", session_state_name(s->state));
}

static void addresses(struct json *j, const struct session *s)
{
	const struct prefix6 *delegated;
	char text[PREFIX_STRLEN];

	json_str(j, "ip", s->has & SESSION_UP4 ? ip4_str(text, s->ip4) : NULL);
	json_str(j, "ip6",
		 s->has & SESSION_UP6 && s->has & SESSION_HAS_PREFIX6
			 ? prefix6_str(text, &s->prefix6)
			 : NULL);
	delegated = s->has & SESSION_UP6 ? leases_first(s, DHCP6_PD) : NULL;
	json_str(j, "ip6-dp", delegated ? prefix6_str(text, delegated) : NULL);
}

static void ifid(struct json *j, const char *name, const uint8_t id[8])
{
	char text[IP6_STRLEN];
	struct ip6 a = ip6_link_local(id);

	json_str(j, name, ip6_str(text, &a));
}

static void routes(struct json *j, const struct login *l)
{
	char text[PREFIX_STRLEN];

	json_open(j, "routes", '[');
	for (unsigned i = 0; l && i < l->route4_count; i++)
		json_str(j, NULL, prefix4_str(text, &l->routes4[i]));
	json_close(j, ']');
	json_open(j, "routes6", '[');
	for (unsigned i = 0; l && i < l->route6_count; i++)
		json_str(j, NULL, prefix6_str(text, &l->routes6[i]));
	json_close(j, ']');
}

static void seconds(struct json *j, const char *name, uint64_t s)
{
	if (s)
		json_u64(j, name, s);
	else
		json_null(j, name);
}

/* What was granted, and what is left of it. */
static void limits(struct json *j, const struct session *s, uint64_t now)
{
	const struct login *l = s->login;
	uint64_t end = s->link.session_deadline;

	seconds(j, "session-timeout", s->session_timeout);
	seconds(j, "session-timeout-left", end > now ? (end - now) / NSEC_PER_SEC + 1 : 0);
	json_str(j, "termination-action", s->link.reauthenticate ? "radius-request" : "default");
	seconds(j, "idle-timeout", s->link.idle_timeout / NSEC_PER_SEC);
	seconds(j, "interim", l ? l->interim : 0);
	seconds(j, "quota", s->quota);
	seconds(j, "port-limit", l ? l->port_limit : 0);
}

static void name_servers(struct json *j, const struct session *s)
{
	char text[IP4_STRLEN];

	json_open(j, "dns", '[');
	for (unsigned i = 0; s->has & SESSION_UP4 && i < ARRAY_SIZE(s->link.dns); i++)
		if (s->link.dns[i])
			json_str(j, NULL, ip4_str(text, s->link.dns[i]));
	json_close(j, ']');
}

/* What a server gave for accounting and policy. */
static void given(struct json *j, const struct session *s)
{
	const struct login *l = s->login;
	char id[20];

	snprintf(id, sizeof(id), "%016" PRIx64, l ? l->multi_id : s->acct_id);
	json_str(j, "acct-multi-session-id", id);
	json_str(j, "acct-username", l ? l->name : NULL);
	json_str(j, "filter-id", l && *l->filter_id ? l->filter_id : NULL);
	json_open(j, "class", '[');
	for (unsigned i = 0; l && i < l->class_count; i++) {
		char hex[2 + 2 * RADIUS_TEXT_MAX + 1] = "0x";

		for (unsigned k = 0; k < l->class[i].len; k++)
			snprintf(hex + 2 + 2 * k, 3, "%02x", l->class[i].b[k]);
		json_str(j, NULL, hex);
	}
	json_close(j, ']');
}

/* What `show session` has beyond the columns of the list. */
static void details(struct json *j, const struct session *s, uint64_t now,
		    const struct abi_counters *c)
{
	char text[IP4_STRLEN];

	json_str(j, "remote-id", s->remote_id);
	json_u64(j, "slot", s->slot);
	json_str(j, "auth", s->username ? ppp_auth_name(s->link.lcp.method) : NULL);
	json_str(j, "phase", ppp_phase_name(s->link.phase));
	json_u64(j, "age", (now - s->started) / NSEC_PER_SEC);
	json_str(j, "gateway",
		 s->has & SESSION_UP4 ? ip4_str(text, s->d->config->ip_pool.gw_ip_address) : NULL);
	name_servers(j, s);
	advert_show(j, s);
	dhcp_show(j, s, now);
	ifid(j, "link-local", s->link.ifid_local);
	ifid(j, "peer-link-local", s->link.ifid_peer);
	given(j, s);
	plan_show(j, s);
	limits(j, s, now);
	routes(j, s->login);
	source_show(j, s);
	json_open(j, "lcp", '{');
	json_u64(j, "mru", s->link.lcp.mru);
	json_u64(j, "peer-mru", s->link.lcp.peer_mru);
	json_u64(j, "magic", s->link.lcp.magic);
	json_u64(j, "peer-magic", s->link.lcp.peer_magic);
	json_u64(j, "echo-lost", s->link.lcp.echo_lost);
	json_u64(j, "echo-rtt-us", s->link.lcp.echo_rtt);
	json_close(j, '}');
	json_open(j, "counters", '{');
	json_u64(j, "rx4-bytes", c->rx4_bytes);
	json_u64(j, "rx4-pkts", c->rx4_packets);
	json_u64(j, "rx6-bytes", c->rx6_bytes);
	json_u64(j, "rx6-pkts", c->rx6_packets);
	json_u64(j, "tx4-bytes", c->tx4_bytes);
	json_u64(j, "tx4-pkts", c->tx4_packets);
	json_u64(j, "tx6-bytes", c->tx6_bytes);
	json_u64(j, "tx6-pkts", c->tx6_packets);
	json_close(j, '}');
}

/* What it carries now: bits and packets a second, rx is from the subscriber. */
static void rates(struct json *j, const struct show_more *more)
{
	json_open(j, "rates", '{');
	json_u64(j, "rx-bps", more->rx_bps);
	json_u64(j, "tx-bps", more->tx_bps);
	json_u64(j, "rx-pps", more->rx_pps);
	json_u64(j, "tx-pps", more->tx_pps);
	json_close(j, '}');
}

/* @more: what only `show session` has; NULL for a row of the list. */
void show_session(struct json *j, struct session *s, uint64_t now, const struct abi_counters *c,
		  const struct show_more *more)
{
	uint64_t down, up;
	char id[20];

	json_open(j, NULL, '{');
	identity(j, s);
	addresses(j, s);
	json_u64(j, "uptime", s->opened ? (now - s->opened) / NSEC_PER_SEC : 0);
	plan_rates(s, &down, &up);
	rate(j, "rate-down", down);
	rate(j, "rate-up", up);
	json_u64(j, "rx-bytes", c->rx4_bytes + c->rx6_bytes);
	json_u64(j, "tx-bytes", c->tx4_bytes + c->tx6_bytes);
	json_u64(j, "rx-pkts", c->rx4_packets + c->rx6_packets);
	json_u64(j, "tx-pkts", c->tx4_packets + c->tx6_packets);
	snprintf(id, sizeof(id), "%016" PRIx64, s->acct_id);
	json_str(j, "acct-session-id", id);
	json_str(j, "service-name", s->service ? s->service : "");
	json_u64(j, "mtu", session_mtu(s));
	if (more) {
		details(j, s, now, c);
		rates(j, more);
		json_u64(j, "flows", more->flows);
		nat44_line_show(j, s);
		nat64_line_show(j, more->nat64, more->nat64_rc);
		mirror_line_show(j, s);
	}
	json_close(j, '}');
}
