/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's door to the kernel's network configuration: links, addresses, routes (rtnetlink
 * through libnl-3), offloads (ethtool) and sysctls. 0 or -errno; nothing here logs.
 */
#ifndef DAEMON_NET_H
#define DAEMON_NET_H

#include "base/addr.h"
#include "base/loop.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct net;

struct net_link {
	char name[IF_NAMESIZE];
	int ifindex;
	struct mac mac;
	uint32_t mtu;
	bool up;      /* administratively */
	bool running; /* has carrier */
};

/* A route to the subscribers: through the on-link next hop fe80::2 of the subscriber device. */
struct net_route {
	bool is6;
	struct prefix4 p4;
	struct prefix6 p6;
	int ifindex;
	uint16_t mtu; /* 0: the device's */
};

/* @changed: a link appeared, went (`gone`) or changed. @lost: events were lost, look at all. */
struct net_events {
	void (*changed)(void *arg, uint64_t now, const struct net_link *link, bool gone);
	void (*lost)(void *arg, uint64_t now);
};

int net_new(struct net **ret, struct loop *loop, const struct net_events *events, void *arg);
void net_free(struct net *n);

int net_link_get(struct net *n, const char *name, struct net_link *ret); /* -ENODEV */
int net_link_up(struct net *n, int ifindex);
/* One vote for or against promiscuous mode, as `ip link set promisc`: the daemon's own. */
int net_link_promisc(struct net *n, int ifindex, bool on);
int net_link_delete(struct net *n, const char *name);

/* Which two devices the subscriber device is. */
struct net_pair {
	int ifindex, peer_ifindex;
	struct mac mac, peer_mac;
};
int net_pair_get(struct net *n, const char *name, struct net_pair *ret); /* -ENODEV */
bool net_pair_same(const struct net_pair *a, const struct net_pair *b);
/* Are these numbers free, or `name`'s? */
bool net_pair_free(const struct net_pair *p, const char *name);

/* Makes the subscriber device: a veth pair `name` and `name`p, NOARP, with the offloads that the
 * data plane needs (design: a wrong one is silent loss), no autoconfiguration, up. One of that
 * name that exists is deleted first. @queues: transmit and receive queues of both ends, 1 to 4096;
 * with shaping, one for what is not shaped and one for each tree. @receive: receive queues of the
 * router's side, if it needs more. @as: the numbers and MACs of one
 * that was there, which programs and records know it by; NULL: as it comes. */
int net_pair_create(struct net *n, const char *name, uint16_t mtu, unsigned queues,
		    unsigned receive, const struct net_pair *as);

/* One that is there, of an earlier process: its MTU and its being up. */
int net_pair_adopt(struct net *n, const char *name, uint16_t mtu);

int net_addr4_add(struct net *n, int ifindex, uint32_t addr);			    /* /32 */
int net_addr6_add(struct net *n, int ifindex, const struct ip6 *addr, uint8_t len); /* no DAD */
int net_addr4_del(struct net *n, int ifindex, uint32_t addr);
int net_addr6_del(struct net *n, int ifindex, const struct ip6 *addr, uint8_t len);
int net_route_add(struct net *n, const struct net_route *r);			    /* -EEXIST */
int net_route_del(struct net *n, const struct net_route *r);
/* Routes of ours to this device that @known does not know; with @repair deleted. The number, or
 * -errno. */
int net_routes_sweep(struct net *n, int ifindex,
		     bool (*known)(void *arg, const struct net_route *r), void *arg, bool repair);

/* Receive VLAN offload, VLAN filter and LRO of an access interface: off, and checked. What was on
 * is remembered for net_offload_restore(). -EBUSY: the driver keeps one on (`*ret_name` says
 * which). */
struct net_offload {
	uint32_t was_on;  /* bits of net_offload_close() */
	bool promiscuous; /* a VLAN filter stays on: net_link_promisc() must lift it */
};
int net_offload_close(const char *ifname, struct net_offload *ret, const char **ret_name);
void net_offload_restore(const char *ifname, const struct net_offload *o);

/* /proc/sys/`path`, dots or slashes: one integer. */
int net_sysctl_get(const char *path, int *ret);
int net_sysctl_set(const char *path, int value);

#endif
