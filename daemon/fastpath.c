// SPDX-License-Identifier: GPL-2.0-or-later
/* The fast path: set up, generations, core interfaces. fastpath.h. */
#include "daemon/fastpath.h"

#include "daemon/connections.h"
#include "daemon/cores.h"
#include "daemon/nat44.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUTES_A_TIME (10 * NSEC_PER_MSEC)  /* changes of routes within are one */
#define CORES_LATER   (200 * NSEC_PER_MSEC) /* after the last of a burst */
#define RULES_LATER   (20 * NSEC_PER_MSEC)
#define LEASE_LEAST   1000 /* ms */

enum abi_fastpath fastpath_mode(const struct config *c)
{
	switch (c->subscriber.fastpath) {
	case CONFIG_FASTPATH_FLOWS:
		return ABI_FAST_FLOWS;
	case CONFIG_FASTPATH_ROUTED:
		return ABI_FAST_ROUTED;
	case CONFIG_FASTPATH_OFF:
		break;
	}
	return ABI_FAST_OFF;
}

static bool is_flows(const struct fastpath *f)
{
	return f->d->config->subscriber.fastpath == CONFIG_FASTPATH_FLOWS;
}

static bool is_off(const struct fastpath *f)
{
	return f->d->config->subscriber.fastpath == CONFIG_FASTPATH_OFF;
}

static void tell(struct fastpath *f)
{
	int rc = dp_fast_set(f->d->dp, &f->now);

	if (rc)
		log_error("fast path: %s", strerror(-rc));
}

/* --- core interfaces ----------------------------------------------------------------------- */

static void core_name(struct fastpath *f, const char *name)
{
	size_t len = strlen(f->cores);

	snprintf(f->cores + len, sizeof(f->cores) - len, "%s%s", len ? ", " : "", name);
	f->core_count++;
}

static void core_attach(struct fastpath *f, const char *name, enum dp_core_kind kind, bool told)
{
	struct daemon *d = f->d;
	struct net_link link;
	bool is_port = false;
	char why[256];
	int rc = net_link_get(d->net, name, &link);

	if (rc) {
		log_debug("fast path: %s: not there", name);
		return;
	}
	if (link.ifindex == d->device.ifindex || link.ifindex == d->pair.peer_ifindex)
		return;
	for (uint16_t i = 1; i <= d->port_count; i++)
		if (!strcmp(d->ports[i].conf.name, name))
			is_port = true; /* XDP's hook is the lines' */
	rc = dp_core_attach(d->dp, link.ifindex, link.mac.b, is_port ? DP_CORE_TC : kind, why,
			    sizeof(why));
	if (rc) {
		log_error("fast path: %s: cannot attach our programs: %s", name, strerror(-rc));
		return;
	}
	core_name(f, name);
	if (*why && !told)
		log_notice("fast path: %s is not read by XDP: %s", name,
			   is_port ? "it is an access interface, too" : why);
}

/* Those of the configuration, else of the default routes; attached again is told its MAC. */
static void cores_look(struct fastpath *f)
{
	const struct config *c = f->d->config;
	char before[sizeof(f->cores)];
	int found[ABI_CORES_MAX], n;

	memcpy(before, f->cores, sizeof(before));
	*f->cores = '\0';
	f->core_count = 0;
	for (unsigned i = 0; i < c->subscriber.core_count; i++)
		core_attach(f, c->subscriber.cores[i].name, c->subscriber.cores[i].kind,
			    strstr(before, c->subscriber.cores[i].name));
	if (!c->subscriber.core_count) {
		char name[IF_NAMESIZE];
		bool has = false;

		n = cores_by_routes(found, ABI_CORES_MAX);
		for (int i = 0; i < n; i++) {
			if (!if_indextoname((unsigned)found[i], name))
				continue;
			has |= !strcmp(name, c->nat44.masquerade);
			core_attach(f, name, DP_CORE_AUTO, strstr(before, name));
		}
		if (*c->nat44.masquerade && !has)
			core_attach(f, c->nat44.masquerade, DP_CORE_AUTO,
				    strstr(before, c->nat44.masquerade));
	}
	dp_cores_done(f->d->dp);
	if (strcmp(before, f->cores) != 0)
		log_notice("fast path: %s by %s", is_flows(f) ? "flows" : "routed",
			   *f->cores ? f->cores : "no interface: there is no default route");
}

static void on_cores(struct timer *t, uint64_t now)
{
	struct fastpath *f = container_of(t, struct fastpath, cores_timer);

	(void)now;
	if (f->d->nat44 && !f->d->config->nat44.pool_count)
		nat44_look(f->d); /* the interface's address may be another */
	if (f->now.on)
		cores_look(f);
}

/* --- generations --------------------------------------------------------------------------- */

/* A third of what conntrack gives a UDP stream, so that one packet lost is none. */
static uint32_t lease(void)
{
	int timeout;
	uint32_t ms = ABI_FLOW_LEASE;

	if (!net_sysctl_get("net/netfilter/nf_conntrack_udp_timeout_stream", &timeout) &&
	    timeout > 0 && (uint32_t)timeout < 3 * ABI_FLOW_LEASE / 1000)
		ms = (uint32_t)timeout * 1000 / 3;
	return ms < LEASE_LEAST ? LEASE_LEAST : ms;
}

static void routes_bump(struct fastpath *f, uint64_t now)
{
	f->now.routes++;
	f->bumped = now;
	tell(f);
}

static void on_routes(struct timer *t, uint64_t now)
{
	routes_bump(container_of(t, struct fastpath, routes_timer), now);
}

static void on_rules(struct timer *t, uint64_t now)
{
	struct fastpath *f = container_of(t, struct fastpath, rules_timer);

	(void)now;
	nat44_look(f->d);
	connections_look(f->d);
	if (!is_off(f) && f->now.lease_ms != lease()) {
		f->now.lease_ms = lease();
		tell(f);
	}
}

static void on_change(void *arg, uint64_t now, bool routes, bool rules)
{
	struct fastpath *f = arg;
	struct wheel *w = loop_wheel(f->d->loop);

	if (rules) {
		f->now.rules++;
		if (!is_off(f))
			tell(f);
		timer_set(w, &f->rules_timer, now + RULES_LATER);
	}
	if (!routes)
		return;
	timer_set(w, &f->cores_timer, now + CORES_LATER);
	if (is_off(f))
		return;
	if (now - f->bumped >= ROUTES_A_TIME)
		routes_bump(f, now);
	else if (!timer_is_set(&f->routes_timer))
		timer_set(w, &f->routes_timer, f->bumped + ROUTES_A_TIME);
}

/* --- life ---------------------------------------------------------------------------------- */

static int start(struct fastpath *f)
{
	int rc = 0;

	if (is_flows(f)) {
		rc = flows_setup(f);
		if (rc == -EPROTONOSUPPORT || rc == -EPERM) {
			log_notice("fast path: off: flows need conntrack's events "
				   "(nf_conntrack_netlink): %s",
				   strerror(-rc));
			return 0;
		}
	}
	if (rc)
		return rc;
	f->now.lease_ms = lease();
	f->now.on = 1;
	cores_look(f);
	return 0;
}

int fastpath_setup(struct daemon *d)
{
	struct fastpath *f = calloc(1, sizeof(*f));
	struct abi_fast was = { 0 };
	bool nat44, rules;
	int rc;

	if (!f)
		return -ENOMEM;
	d->fastpath = f;
	f->d = d;
	timer_init(&f->routes_timer, on_routes);
	timer_init(&f->cores_timer, on_cores);
	timer_init(&f->rules_timer, on_rules);
	timer_init(&f->dump_timer, NULL);
	flows_share_init(f);
	nat44 = nat44_is_wanted(d->config);
	rules = nat44 || is_flows(f) || d->config->subscriber.connections;
	(void)dp_fast_get(d->dp, &was);
	f->now.rules = was.rules + 1; /* what changed while nobody listened */
	f->now.routes = was.routes + 1;
	rc = changes_new(&f->changes, d->loop, !is_off(f) || nat44, rules, on_change, f);
	if (!rc && !is_off(f))
		rc = start(f);
	if (!f->now.on)
		dp_cores_done(d->dp); /* those of a process before us */
	tell(f);
	if (rc)
		log_error("fast path: %s", strerror(-rc));
	return rc;
}

void fastpath_teardown(struct daemon *d)
{
	struct fastpath *f = d->fastpath;
	struct wheel *w;

	if (!f)
		return;
	d->fastpath = NULL;
	w = loop_wheel(d->loop);
	changes_free(f->changes);
	timer_cancel(w, &f->routes_timer);
	timer_cancel(w, &f->cores_timer);
	timer_cancel(w, &f->rules_timer);
	flows_teardown(f);
	free(f);
}
