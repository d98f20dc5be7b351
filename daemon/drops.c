// SPDX-License-Identifier: GPL-2.0-or-later
/* Every way to end a packet, whoever ended it, under one roof. */
#include "base/json.h"
#include "daemon/daemon.h"

#include <stdio.h>
#include <string.h>

struct visit {
	void (*fn)(void *arg, const char *reason, uint64_t packets);
	void *arg;
};

/* drop_id of PPP is ppp-id; what is no drop is none. */
static void counter(const struct visit *v, const char *prefix, const char *name, uint64_t packets)
{
	char reason[64];

	if (strncmp(name, "drop_", 5) != 0)
		return;
	snprintf(reason, sizeof(reason), "%s%s", prefix, name + 5);
	for (char *p = reason; *p; p++)
		if (*p == '_')
			*p = '-';
	v->fn(v->arg, reason, packets);
}

static void named(const struct visit *v, const char *prefix, const char *name, uint64_t packets)
{
	char reason[64];

	snprintf(reason, sizeof(reason), "%s%s", prefix, name);
	v->fn(v->arg, reason, packets);
}

void drops_each(struct daemon *d, void (*fn)(void *arg, const char *reason, uint64_t packets),
		void *arg)
{
	const struct pppoe_stats *p = pppoe_server_stats(d->pppoe);
	uint64_t drops[ABI_DROP_COUNT] = { 0 }, tap = 0;
	const struct visit v = { fn, arg };

	for (uint16_t i = 1; i <= d->port_count; i++)
		tap += d->ports[i].tap_dropped +
		       (d->ports[i].tap ? pppoe_tap_dropped(d->ports[i].tap) : 0);
	(void)dp_drops(d->dp, drops);
	for (unsigned i = 0; i < ABI_DROP_COUNT; i++)
		fn(arg, dp_drop_name(i), drops[i]);
#define X(name) counter(&v, "discovery-", #name, p->name);
	PPPOE_STATS(X)
#undef X
#define X(name) counter(&v, "ppp-", #name, d->ppp_stats.name);
	PPP_STATS(X)
#undef X
#define X(name) counter(&v, "", #name, d->stats.name);
	DAEMON_STATS(X)
#undef X
	for (unsigned i = 1; i < IPV6_ND_DROP_COUNT; i++)
		named(&v, "nd-", ipv6_nd_drop_name(i), d->nd_drops[i]);
	for (unsigned i = 1; i < DHCP6_DROP_COUNT; i++)
		named(&v, "dhcp6-", dhcp6_drop_name(i), d->dhcp6_stats.drop[i]);
	fn(arg, "tap-overflow", tap);
}

static void row(void *arg, const char *reason, uint64_t packets)
{
	struct json *j = arg;

	json_open(j, NULL, '{');
	json_str(j, "reason", reason);
	json_u64(j, "packets", packets);
	json_close(j, '}');
}

void drops_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct json j = { .out = control_body(r) };

	(void)argc, (void)argv;
	json_open(&j, NULL, '[');
	drops_each(ctx, row, &j);
	json_close(&j, ']');
	control_done(r);
}
