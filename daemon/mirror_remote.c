// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Remote targets: the pair of devices in which copies get their outer headers (and those of any rule
 * with a snap length are cut), and the way to each target: interface, next hop, source, MTU. Routes and neighbours are the kernel's and are asked
 * for again and again; the copies themselves meet neither its stack nor its firewall.
 */
#include "daemon/mirror_priv.h"

#include "daemon/neigh.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PAIR_MTU 9000 /* no packet of a line is larger */

bool mirror_remote_wanted(const struct mirrors *m)
{
	const struct config *c = m->d->config;

	if (m->cuts)
		return true;
	for (unsigned i = 0; i < c->mirror.port_count; i++)
		if (c->mirror.ports[i].remote)
			return true;
	return false;
}

static int pair_name(const struct daemon *d, char ret[IF_NAMESIZE])
{
	int n = snprintf(ret, IF_NAMESIZE, "%sm", d->config->subscriber.device);

	return n < IF_NAMESIZE - 1 ? 0 : -ENAMETOOLONG;
}

/* One of a process before us goes on. */
static int pair_make(struct mirrors *m, const char *name, bool first)
{
	struct net *net = m->d->net;
	int rc = first && m->d->adopting ? net_pair_adopt(net, name, PAIR_MTU) : -ENODEV;

	if (rc)
		rc = net_pair_create(net, name, PAIR_MTU, 1, 1, NULL);
	rc = rc ? rc : net_pair_get(net, name, &m->pair);
	return rc ? rc : dp_mirror_tunnels_attach(m->d->dp, m->pair.peer_ifindex);
}

bool mirror_remote_look(struct mirrors *m, bool first)
{
	char name[IF_NAMESIZE];
	struct net_pair now;
	bool gone;
	int rc;

	if (!mirror_remote_wanted(m) || pair_name(m->d, name))
		return false;
	gone = net_pair_get(m->d->net, name, &now) || !net_pair_same(&now, &m->pair);
	if (!gone)
		return false;
	if (!first && m->pair.ifindex)
		log_warn("%s: somebody has deleted it: it is made anew", name);
	m->pair = (struct net_pair){ 0 };
	rc = pair_make(m, name, first);
	if (rc) {
		m->pair = (struct net_pair){ 0 };
		log_error("mirror: cannot make the device %s: %s", name, strerror(-rc));
	}
	return true;
}

void mirror_remote_clear(struct daemon *d)
{
	char name[IF_NAMESIZE];
	struct net_pair pair;

	if (!pair_name(d, name) && !net_pair_get(d->net, name, &pair))
		(void)net_link_delete(d->net, name);
}

/* --- the way ------------------------------------------------------------------------------- */

static const struct ip6 *six(bool is6, const struct ip6 *addr)
{
	return is6 ? addr : NULL;
}

/* Why there is none, or NULL. */
static const char *way_to(struct mirrors *m, const struct mirror_tunnel *t, struct neigh_way *w,
			  struct net_link *link)
{
	char name[IF_NAMESIZE];

	if (neigh_way(m->neigh, t->dst4, six(t->ip6, &t->dst6), w))
		return "there is no route to it";
	if (w->local)
		return "it is an address of this box";
	if (w->ifindex == m->d->device.ifindex)
		return "the way there leads to a line: copies of copies";
	if (!if_indextoname((unsigned)w->ifindex, name) || net_link_get(m->d->net, name, link))
		return "the interface of its route is gone";
	if (!mac_is_unicast(&link->mac))
		return "the interface of its route is no Ethernet";
	return link->up ? NULL : "the interface of its route is down";
}

static const char *tunnel_to(struct mirrors *m, const struct config_mirror_port *p,
			     struct mirror_target *target)
{
	struct mirror_tunnel t = p->tunnel;
	struct neigh_way w = { 0 };
	const char *why = way_to(m, &t, &w, &target->link);

	if (why)
		return why;
	if (!p->has_source) {
		t.src4 = w.src4;
		t.src6 = w.src6;
	}
	t.ifindex = w.ifindex;
	t.mtu = w.mtu && w.mtu < target->link.mtu ? w.mtu : target->link.mtu;
	t.src = target->link.mac;
	if (w.has_gateway ? neigh_mac(m->neigh, w.ifindex, w.gateway4,
				      six(w.gateway_is6, &w.gateway6), &t.dst)
			  : neigh_mac(m->neigh, w.ifindex, t.dst4, six(t.ip6, &t.dst6), &t.dst))
		return "the next hop does not answer";
	target->dst = t.dst;
	return mirror_tunnel_abi(&t, &target->tunnel) ? "the MTU of the way is too small" : NULL;
}

void mirror_remote_resolve(struct mirrors *m, unsigned i)
{
	const struct config_mirror_port *p = &m->d->config->mirror.ports[i];
	struct mirror_target *t = &m->targets[i];

	*t = (struct mirror_target){ 0 };
	t->why = tunnel_to(m, p, t);
	if (!t->why && !m->pair.ifindex)
		t->why = "there is no device for it";
	if (t->why)
		t->tunnel = (struct abi_tunnel){ 0 };
	t->resolved = !t->why;
	if (dp_mirror_tunnel(m->d->dp, i, &t->tunnel))
		log_error("mirror: %s cannot be written", p->name);
}

void mirror_remote_program(const struct mirrors *m, unsigned target, unsigned rule,
			   struct abi_mirror *a)
{
	const uint8_t to[6] = { 0x02, 0xb5, 0x6d, 0x74, (uint8_t)(rule >> 8), (uint8_t)rule };
	const uint8_t from[6] = { 0x02, 0xb5, 0x6d, 0x74, 0, (uint8_t)target };

	if (m->d->config->mirror.ports[target].remote)
		a->flags |= ABI_MIRROR_WRAP;
	a->ifindex = m->targets[target].tunnel.ifindex ? (uint32_t)m->pair.ifindex : 0;
	memcpy(a->dst, to, sizeof(to));
	memcpy(a->src, from, sizeof(from));
}
