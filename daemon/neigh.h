/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel knows of an interface's neighbours and networks (rtnetlink through libnl-3). */
#ifndef DAEMON_NEIGH_H
#define DAEMON_NEIGH_H

#include "base/addr.h"

#include <stdbool.h>

struct neigh;

int neigh_new(struct neigh **ret);
void neigh_free(struct neigh *n);

/* The station of a neighbour's address; @ip6 NULL: IPv4. -EAGAIN: not known, and asked for now. */
int neigh_mac(struct neigh *n, int ifindex, uint32_t ip4, const struct ip6 *ip6, struct mac *ret);

/* The way to an address: the interface, the next hop's address, the source that the kernel would
 * take, the path MTU where it knows one (else 0). @ip6 NULL: IPv4. -ENETUNREACH, or what it says. */
struct neigh_way {
	int ifindex;
	bool local; /* it is our own */
	bool has_gateway, gateway_is6;
	uint32_t gateway4, src4;
	struct ip6 gateway6, src6;
	uint32_t mtu;
};
int neigh_way(struct neigh *n, uint32_t ip4, const struct ip6 *ip6, struct neigh_way *ret);

/* Each network that the interface has an address in; link-local ones are left out. */
struct neigh_network {
	bool is6;
	struct prefix4 p4;
	struct prefix6 p6;
};
int neigh_networks(struct neigh *n, int ifindex,
		   void (*fn)(void *arg, const struct neigh_network *net), void *arg);
/* Each network that a route of the main table leads to out of this interface alone: not the default
 * one. 0, or -EIO. */
int neigh_routes(struct neigh *n, int ifindex,
		 void (*fn)(void *arg, const struct neigh_network *net), void *arg);
/* Is this station where a default route leads to, out of this interface? By whichever address. */
bool neigh_is_next_hop(struct neigh *n, int ifindex, const struct mac *mac);

#endif
