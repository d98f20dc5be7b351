// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where copies go, and what is never copied: ports come and go, gateways move, networks change.
 * What the data plane is told of them is looked up again every few seconds, and when a link
 * changes.
 */
#include "daemon/cores.h"
#include "daemon/mirror_priv.h"
#include "daemon/neigh.h"

#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>

/* What has no station of its own goes to nobody's: a monitor that listens to everything has it. */
static const struct mac nobody = { { 0x02, 0xb5, 0x6d, 0x6f, 0x6e, 0x00 } };

struct mirror_skips {
	struct prefix4 p4[ABI_MIRROR_SKIPS];
	struct prefix6 p6[ABI_MIRROR_SKIPS];
	unsigned count4, count6;
};

/* --- where to ------------------------------------------------------------------------------ */

static unsigned find_port(const struct config *c, const char *name)
{
	unsigned i = 0;

	while (i < c->mirror.port_count && strcmp(c->mirror.ports[i].name, name))
		i++;
	return i;
}

unsigned mirror_targets(const struct mirror_rule *r)
{
	return r->to_count ? r->to_count : 1;
}

unsigned mirror_target_of(const struct mirrors *m, const struct mirror_rule *r, unsigned i)
{
	unsigned found = i < r->to_count ? find_port(m->d->config, r->to[i]) : 0;

	return found < m->d->config->mirror.port_count ? found : 0;
}

const char *mirror_no_port(const struct config *c, const struct mirror_rule *r)
{
	for (unsigned i = 0; i < r->to_count; i++)
		if (find_port(c, r->to[i]) == c->mirror.port_count)
			return r->to[i];
	return NULL;
}

/* @next: the rule of the next target. */
static int program_target(struct mirrors *m, unsigned number, const struct mirror_rule *r,
			  unsigned target, uint16_t next)
{
	const struct mirror_target *t = &m->targets[target];
	struct abi_mirror a;

	mirror_rule_abi(r, &a);
	a.next = next;
	if (r->snap && !m->pair.ifindex) {
		m->cuts = true;
		(void)mirror_remote_look(m, !m->looked);
	}
	if (m->d->config->mirror.ports[target].remote || r->snap) {
		mirror_remote_program(m, target, number, &a);
		return dp_mirror_set(m->d->dp, (uint16_t)number, &a);
	}
	a.ifindex = t->resolved && t->link.up ? (uint32_t)t->link.ifindex : 0;
	memcpy(a.dst, t->dst.b, sizeof(a.dst));
	memcpy(a.src, t->link.mac.b, sizeof(a.src));
	return dp_mirror_set(m->d->dp, (uint16_t)number, &a);
}

/* The last target first: whoever comes by meets whole rules. */
int mirror_program(struct mirrors *m, unsigned number, const struct mirror_entry *e)
{
	unsigned n = mirror_targets(&e->rule);
	uint16_t next = 0;
	int rc = 0;

	for (unsigned i = n; i-- > 0 && !rc;) {
		unsigned own = i ? e->more[i - 1] : number;

		rc = program_target(m, own, &e->rule, mirror_target_of(m, &e->rule, i), next);
		next = (uint16_t)own;
	}
	return rc;
}

/* For copies that have been cut. */
static void write_port(struct mirrors *m, unsigned i)
{
	struct mirror_target *t = &m->targets[i];
	struct abi_tunnel a = { .kind = ABI_TUNNEL_NONE, .room = UINT16_MAX, .len = 12 };

	a.ifindex = t->resolved && t->link.up ? (uint32_t)t->link.ifindex : 0;
	memcpy(a.head, t->dst.b, sizeof(t->dst.b));
	memcpy(a.head + sizeof(t->dst.b), t->link.mac.b, sizeof(t->link.mac.b));
	t->tunnel = a;
	if (dp_mirror_tunnel(m->d->dp, i, &a))
		log_error("mirror: %s cannot be written", m->d->config->mirror.ports[i].name);
}

static void resolve(struct mirrors *m, struct mirror_target *t, const struct config_mirror_port *p)
{
	const struct config_network *gw = &p->gateway;
	bool ip6 = gw->kind == CONFIG_NETWORK_IP6;

	t->resolved = t->real = false;
	t->why = NULL;
	if (net_link_get(m->d->net, p->name, &t->link)) {
		t->link = (struct net_link){ 0 };
		return;
	}
	t->dst = p->has_mac ? p->mac : nobody;
	t->resolved = !p->has_gateway || !neigh_mac(m->neigh, t->link.ifindex, gw->p4.addr,
						    ip6 ? &gw->p6.addr : NULL, &t->dst);
	if (!t->resolved || mac_equal(&t->dst, &nobody))
		return;
	t->real = !neigh_is_next_hop(m->neigh, t->link.ifindex, &t->dst);
	if (!t->real)
		t->why = "our own default route leads there: it is no monitor";
	else if (t->returns)
		t->why = "it sends on what it gets, back to us: lines would get it twice";
	t->resolved = !t->why;
}

static bool same_target(const struct mirror_target *a, const struct mirror_target *b)
{
	return a->link.ifindex == b->link.ifindex && a->link.up == b->link.up &&
	       a->resolved == b->resolved && mac_equal(&a->link.mac, &b->link.mac) &&
	       mac_equal(&a->dst, &b->dst) && a->why == b->why &&
	       !memcmp(&a->tunnel, &b->tunnel, sizeof(a->tunnel));
}

static void tell_target(const struct config_mirror_port *p, const struct mirror_target *t)
{
	if (t->why)
		log_warn("mirror: %s: %s; its copies are dropped", p->name, t->why);
	else if (p->remote)
		log_notice("mirror: copies go to %s out of %s, %u octets of each at most", p->name,
			   t->link.name, t->tunnel.room - (unsigned)sizeof(struct ether_header));
	else if (!t->link.ifindex)
		log_warn("mirror: %s: no such interface; its copies are dropped", p->name);
	else if (!t->link.up)
		log_warn("mirror: %s: the interface is down; its copies are dropped", p->name);
	else if (!t->resolved)
		log_warn("mirror: %s: the gateway does not answer; its copies are dropped",
			 p->name);
	else
		log_notice("mirror: copies go out of %s", p->name);
}

/* --- what is never copied ------------------------------------------------------------------ */

static void skip4(struct mirror_skips *s, const struct prefix4 *p)
{
	if (s->count4 < ABI_MIRROR_SKIPS)
		s->p4[s->count4++] = *p;
}

static void skip6(struct mirror_skips *s, const struct prefix6 *p)
{
	if (s->count6 < ABI_MIRROR_SKIPS)
		s->p6[s->count6++] = *p;
}

static void on_network(void *arg, const struct neigh_network *net)
{
	if (net->is6)
		skip6(arg, &net->p6);
	else
		skip4(arg, &net->p4);
}

/* A remote monitor's address: the network that it is in is not its own. */
static void skip_target(struct mirror_skips *s, const struct config_mirror_port *p)
{
	const struct prefix4 p4 = { p->tunnel.dst4, 32 };
	const struct prefix6 p6 = { p->tunnel.dst6, 128 };

	if (p->remote && p->tunnel.ip6)
		skip6(s, &p6);
	else if (p->remote)
		skip4(s, &p4);
}

/* A monitor's temporary addresses (RFC 8981) are in these networks as well. */
static void skip_behind(struct mirrors *m, struct mirror_skips *s, int ifindex)
{
	if (neigh_networks(m->neigh, ifindex, on_network, s) ||
	    neigh_routes(m->neigh, ifindex, on_network, s))
		log_error("mirror: what is behind a port cannot be read");
}

static void skip_excluded(struct mirrors *m, struct mirror_skips *s, const struct config_network *x,
			  bool first)
{
	int ifindex;

	switch (x->kind) {
	case CONFIG_NETWORK_IP4:
		skip4(s, &x->p4);
		break;
	case CONFIG_NETWORK_IP6:
		skip6(s, &x->p6);
		break;
	case CONFIG_NETWORK_MAC: /* mirror_of() */
		break;
	case CONFIG_NETWORK_BEHIND:
		ifindex = (int)if_nametoindex(x->name);
		if (ifindex)
			skip_behind(m, s, ifindex);
		else if (first)
			log_warn("mirror: exclude = %s: no such interface", x->name);
		break;
	}
}

static void look_skips(struct mirrors *m, bool first)
{
	const struct config *c = m->d->config;
	struct mirror_skips *s = calloc(1, sizeof(*s));
	const struct prefix6 *at_once = NULL;

	if (!s)
		return;
	for (unsigned i = 0; i < c->mirror.exclude_count; i++)
		skip_excluded(m, s, &c->mirror.excludes[i], first);
	for (unsigned i = 0; i < c->mirror.port_count; i++)
		skip_target(s, &c->mirror.ports[i]);
	for (unsigned i = 0; i < c->mirror.port_count; i++)
		if (m->targets[i].link.ifindex && !c->mirror.ports[i].remote)
			skip_behind(m, s, m->targets[i].link.ifindex);
	if (c->mirror.where == CONFIG_MIRROR_FORWARDED && c->nat64.pool6.len) {
		at_once = &s->p6[s->count6];
		skip6(s, &c->nat64.pool6);
	}
	if (m->skips && !memcmp(m->skips, s, sizeof(*s))) {
		free(s);
		return;
	}
	if (dp_mirror_skips(m->d->dp, s->p4, s->count4, s->p6, s->count6, at_once))
		log_error("mirror: what is never copied cannot be written");
	free(m->skips);
	m->skips = s;
}

/* A station that forwards what it gets must not send us the copies back. */
static void port_station(struct mirrors *m, unsigned i)
{
	const struct mirror_target *t = &m->targets[i];

	if (dp_mirror_port(m->d->dp, i, t->link.ifindex, t->real ? &t->dst : NULL))
		log_error("mirror: %s: copies that come back cannot be kept out", t->link.name);
}

/* --- where, if only of what is forwarded ---------------------------------------------------- */

static unsigned add_core(int *list, unsigned n, const struct daemon *d, const char *name)
{
	int ifindex = *name ? (int)if_nametoindex(name) : 0;

	if (!ifindex || n == ABI_CORES_MAX || ifindex == d->device.ifindex)
		return n;
	for (unsigned i = 0; i < n; i++)
		if (list[i] == ifindex)
			return n;
	list[n] = ifindex;
	return n + 1;
}

static void look_cores(struct mirrors *m, bool first)
{
	const struct config *c = m->d->config;
	int list[ABI_CORES_MAX], found[ABI_CORES_MAX], n_found = 0, rc;
	char name[IF_NAMESIZE];
	unsigned n = 0;

	for (unsigned i = 0; i < c->subscriber.core_count; i++)
		n = add_core(list, n, m->d, c->subscriber.cores[i].name);
	if (!c->subscriber.core_count)
		n_found = cores_by_routes(found, ABI_CORES_MAX);
	for (int i = 0; i < n_found; i++)
		if (if_indextoname((unsigned)found[i], name))
			n = add_core(list, n, m->d, name);
	n = add_core(list, n, m->d, c->nat44.masquerade);
	if (c->mirror.where == CONFIG_MIRROR_EDGE) { /* a process before us may have been asked */
		for (unsigned i = 0; first && m->d->adopting && i < n; i++)
			dp_mirror_core_clear(list[i]);
		return;
	}
	if (first && !n)
		log_warn("mirror: no core interface: nothing that lines send is copied");
	rc = dp_mirror_cores(m->d->dp, list, n);
	if (rc)
		log_error("mirror: our program at the core interfaces: %s", strerror(-rc));
}

void mirror_look(struct mirrors *m, bool first)
{
	const struct config *c = m->d->config;
	bool changed = mirror_remote_look(m, first) || first;

	for (unsigned i = 0; i < c->mirror.port_count; i++) {
		struct mirror_target was = m->targets[i];

		if (c->mirror.ports[i].remote)
			mirror_remote_resolve(m, i);
		else
			resolve(m, &m->targets[i], &c->mirror.ports[i]), write_port(m, i);
		if (!first && same_target(&was, &m->targets[i]))
			continue;
		tell_target(&c->mirror.ports[i], &m->targets[i]);
		if (!c->mirror.ports[i].remote)
			port_station(m, i);
		if (m->targets[i].real && !(was.real && mac_equal(&was.dst, &m->targets[i].dst)))
			mirror_returns_soon(m, i);
		changed = true;
	}
	if (first)
		dp_mirror_ports_done(m->d->dp);
	look_skips(m, first); /* before a rule may copy */
	look_cores(m, first);
	m->looked = true;
	for (unsigned i = MIRROR_EVERYBODY; changed && i < m->high; i++)
		if (m->entries[i].user && mirror_program(m, i, &m->entries[i]))
			log_error("mirror: rule %u cannot be written", i);
}
