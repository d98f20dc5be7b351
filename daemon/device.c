// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The subscriber device: made, adopted, and made again where somebody has deleted it. Programs,
 * classes and the record know it by number and MAC, so it gets those that it had: then nothing of
 * theirs has to change, and all that hung on it is put back.
 */
#include "daemon/check.h"
#include "daemon/daemon.h"
#include "daemon/keep.h"
#include "daemon/spread.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* A lock that dies with us: an abstract socket's name is the namespace's own. */
int device_lock(struct daemon *d)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), n;

	if (fd < 0)
		return -errno;
	n = snprintf(sun.sun_path + 1, sizeof(sun.sun_path) - 1, "brasberry/device/%s",
		     d->config->subscriber.device);
	if (bind(fd, (struct sockaddr *)&sun,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n))) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	d->device_lock = fd;
	return 0;
}

static void route_add(void *arg, const struct pool_route *route)
{
	struct daemon *d = arg;
	struct net_route r = {
		.is6 = route->family == 6,
		.p4 = route->prefix4,
		.p6 = route->prefix6,
		.ifindex = d->device.ifindex,
	};
	char text[PREFIX_STRLEN];
	int rc = net_route_add(d->net, &r);

	if (rc && !(rc == -EEXIST && d->adopting))
		log_warn("route %s to %s: %s",
			 r.is6 ? prefix6_str(text, &r.p6) : prefix4_str(text, &r.p4),
			 d->device.name, strerror(-rc));
}

/* @there: addresses may be there already. */
static int addresses(struct daemon *d, bool there)
{
	const struct config *c = d->config;
	int rc = 0;

	if (c->ip_pool.gw_ip_address)
		rc = net_addr4_add(d->net, d->device.ifindex, c->ip_pool.gw_ip_address);
	rc = rc == -EEXIST && there ? 0 : rc;
	rc = rc ? rc : net_addr6_add(d->net, d->device.ifindex, &c->ipv6_pool.gw_ip6_address, 64);
	return rc == -EEXIST && there ? 0 : rc;
}

/* @as: what it was; NULL: it was not. A transmit queue for each tree, and the first for who is not
 * shaped. Receive queues so that each CPU has one for what it redirects here. */
static int make(struct daemon *d, const struct net_pair *as)
{
	const struct config *c = d->config;

	return net_pair_create(d->net, c->subscriber.device, (uint16_t)c->ppp.mtu, d->trees + 1,
			       spread_queues(d), as);
}

int device_setup(struct daemon *d)
{
	const struct config *c = d->config;
	struct net_pair before = d->pair;
	int rc;

	if (d->adopting && !d->pair_gone)
		rc = net_pair_adopt(d->net, c->subscriber.device, (uint16_t)c->ppp.mtu);
	else
		rc = make(d, d->adopting ? &before : NULL);
	rc = rc ? rc : net_link_get(d->net, c->subscriber.device, &d->device);
	rc = rc ? rc : net_pair_get(d->net, c->subscriber.device, &d->pair);
	rc = rc ? rc : addresses(d, d->adopting);
	if (rc) {
		log_error("cannot make the subscriber device %s: %s%s", c->subscriber.device,
			  strerror(-rc), rc == -EPERM ? " (root or CAP_NET_ADMIN is needed)" : "");
		return rc;
	}
	if (d->adopting && d->pair_gone)
		log_warn("%s: somebody has deleted it: it is made anew", d->device.name);
	pools_routes(d->pools, route_add, d);
	return 0;
}

/* --- while the daemon runs ----------------------------------------------------------------- */

/* That they are back need not be told as well. */
static void on_missing(void *arg, const char *ifname, int err)
{
	if (err)
		damage_missing(arg, ifname, err);
}

/* Programs, trees and routes went with it. */
static void put_back(struct daemon *d)
{
	struct sbuf text = { 0 };
	struct check_report report = { .repair = true, .text = &text };
	int rc = addresses(d, true);

	spread_device(d);

	(void)dp_hooks_check(d->dp, true, on_missing, d);
	rc = rc ? rc : check_routes(d, &report);
	if (rc)
		log_error("%s: its addresses and routes cannot be put back: %s", d->device.name,
			  strerror(-rc));
	else if (report.found)
		log_notice("%s: %d routes are put back", d->device.name, report.found);
	sbuf_fini(&text);
}

void device_look(struct daemon *d)
{
	const char *name = d->config->subscriber.device;
	struct net_link a = { 0 }, b = { 0 };
	struct net_pair now;
	bool gone = net_pair_get(d->net, name, &now) || !net_pair_same(&now, &d->pair);
	char peer[IF_NAMESIZE + 1];
	int rc;

	snprintf(peer, sizeof(peer), "%sp", name);
	if (!gone && !net_link_get(d->net, name, &a) && !net_link_get(d->net, peer, &b) && a.up &&
	    b.up)
		return;
	if (gone)
		rc = make(d, &d->pair);
	else
		rc = net_pair_adopt(d->net, name, (uint16_t)d->config->ppp.mtu);
	if (rc) {
		log_error("%s: somebody has %s, and it cannot be had again: %s", name,
			  gone ? "deleted it" : "set it down", strerror(-rc));
		return;
	}
	log_warn("%s: somebody has %s", name,
		 gone ? "deleted it: it is made anew" : "set it down: it is up again");
	put_back(d);
	d->look_trees = true;
}
