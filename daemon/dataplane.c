// SPDX-License-Identifier: GPL-2.0-or-later
/* Which mode the data plane has, and what it is made with: daemon/dataplane.h. */
#include "daemon/dataplane.h"

#include "base/control.h"
#include "daemon/daemon.h"
#include "daemon/fastpath.h"
#include "daemon/nat64.h"

#include <errno.h>
#include <string.h>

#define TAP_DISCOVERY_PPS 50 /* per source MAC */
#define TAP_CONTROL_PPS	  50 /* per session */
#define TAP_DHCP6_PPS	  10 /* per session; the server itself takes fewer (dhcp.c) */

/* Does a brasd of this instance serve its control socket? */
static bool instance_alive(const char *instance)
{
	char path[CONTROL_PATH_MAX];

	return !control_path(path, instance) && control_is_served(path);
}

/* xdp where every access interface can take it, and why not where it cannot. */
static int mode_choose(struct daemon *d)
{
	char why[256] = "";

	d->mode = d->config->subscriber.datapath;
	for (uint16_t i = 1; i <= d->port_count && d->mode != DP_TC; i++) {
		const char *name = d->ports[i].conf.name;
		struct net_link link;

		if (net_link_get(d->net, name, &link)) {
			log_error("%s: no such interface", name);
			return -ENODEV;
		}
		if (!link.up)
			(void)net_link_up(d->net, link.ifindex);
		if (dp_pins_evict(d->pins, link.ifindex, instance_alive))
			log_notice(
				"%s: a brasd of another instance was killed here: its program is "
				"taken away",
				name);
		if (dp_probe(link.ifindex, why, sizeof(why)))
			continue;
		if (d->mode == DP_XDP) {
			log_error("datapath = xdp, but %s: %s", name, why);
			return -EOPNOTSUPP;
		}
		log_notice("data plane: tc, because %s: %s", name, why);
		d->mode = DP_TC;
		return 0;
	}
	if (d->mode == DP_AUTO)
		d->mode = DP_XDP;
	log_notice("data plane: %s%s", d->mode == DP_XDP ? "xdp" : "tc",
		   d->config->subscriber.datapath == DP_AUTO ? ", every access interface takes it"
							     : ", as configured");
	return 0;
}

int dataplane_setup(struct daemon *d)
{
	char why[256] = "";
	struct dp_config c = {
		.max_sessions = d->config->pppoe.max_sessions,
		.subs_ifindex = d->pair.ifindex,
		.gateway6 = d->config->ipv6_pool.gw_ip6_address,
		.peer_ifindex = d->pair.peer_ifindex,
		.trees = (uint16_t)d->trees,
		.pins = d->pins,
		.adopt = d->adopting && !d->rebuild,
		.attach_later = d->adopting && d->rebuild,
		.overhead = (uint16_t)d->config->shaper.overhead,
		.fastpath = fastpath_mode(d->config),
		.mirror_forwarded = d->config->mirror.where == CONFIG_MIRROR_FORWARDED,
		.flows = d->config->subscriber.flows,
		.spread_count = d->spread_count,
		.mss_clamp = d->config->subscriber.mss_clamp,
		.limits = { .discovery_pps = TAP_DISCOVERY_PPS,
			    .discovery_burst = 2 * TAP_DISCOVERY_PPS,
			    .control_pps = TAP_CONTROL_PPS,
			    .control_burst = 2 * TAP_CONTROL_PPS,
			    .dhcp6_pps = TAP_DHCP6_PPS,
			    .dhcp6_burst = 4 * TAP_DHCP6_PPS,
			    .unknown_pps = d->config->pppoe.padt_unknown_limit,
			    .unknown_burst = d->config->pppoe.padt_unknown_limit },
	};
	int rc = d->adopting ? 0 : mode_choose(d);

	if (rc)
		return rc;
	c.mode = d->mode;
	memcpy(c.subs_mac, d->device.mac.b, sizeof(c.subs_mac));
	memcpy(c.spread, d->spread, sizeof(c.spread));
	if (nat64_is_wanted(d->config)) {
		c.pool6 = d->config->nat64.pool6.addr;
		c.pool6_len = d->config->nat64.pool6.len;
	}
	rc = dp_new(&d->dp, &c, why, sizeof(why));
	if (rc == -ESTALE && c.adopt) { /* of another size than the record says */
		d->rebuild = c.attach_later = true;
		c.adopt = false;
		rc = dp_new(&d->dp, &c, why, sizeof(why));
	}
	if (rc)
		log_error("data plane: %s", *why ? why : strerror(-rc));
	return rc;
}
