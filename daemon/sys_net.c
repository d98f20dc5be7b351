// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtnetlink through libnl-3. Links and addresses use libnl's objects; routes are put together by
 * hand, because an IPv4 route through an IPv6 next hop (RTA_VIA) is what libnl's single next hop
 * does not write. Two sockets: commands (answered, in order) and events.
 */
#include "base/netlink.h"
#include "base/killpoint.h"
#include "base/str.h"
#include "daemon/net.h"
#include "daemon/sys_ethtool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUES_MAX 4096 /* the kernel's limit */

/* Room for the link events of a storm of interfaces; what is lost beyond it is told (`lost`). */
#define EVENT_BUFFER (1 << 20)

struct net {
	struct nl_sock *cmd, *event;
	struct loop_io *io;
	const struct net_events *events;
	void *arg;
	uint64_t now;
};

/* libnl's own error numbers as -errno. */
static int nl_errno(int err)
{
	switch (err < 0 ? -err : err) {
	case NLE_SUCCESS:
		return 0;
	case NLE_EXIST:
		return -EEXIST;
	case NLE_NODEV:
	case NLE_OBJ_NOTFOUND:
		return -ENODEV;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_BUSY:
		return -EBUSY;
	case NLE_OPNOTSUPP:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

/* How a command went, the socket being in step again. */
static int done(struct net *n, int err)
{
	if (err < 0)
		netlink_drain(nl_socket_get_fd(n->cmd));
	return nl_errno(err);
}

static void link_fill(struct rtnl_link *l, struct net_link *ret)
{
	struct nl_addr *a = rtnl_link_get_addr(l);

	memset(ret, 0, sizeof(*ret));
	snprintf(ret->name, sizeof(ret->name), "%s", rtnl_link_get_name(l));
	ret->ifindex = rtnl_link_get_ifindex(l);
	ret->mtu = rtnl_link_get_mtu(l);
	ret->up = rtnl_link_get_flags(l) & IFF_UP;
	ret->running = rtnl_link_get_flags(l) & IFF_RUNNING;
	if (a && nl_addr_get_len(a) == sizeof(ret->mac.b))
		memcpy(ret->mac.b, nl_addr_get_binary_addr(a), sizeof(ret->mac.b));
}

static void on_object(struct nl_object *obj, void *arg)
{
	struct net *n = arg;
	struct net_link link;

	if (strcmp(nl_object_get_type(obj), "route/link"))
		return;
	link_fill((struct rtnl_link *)obj, &link);
	n->events->changed(n->arg, n->now, &link, nl_object_get_msgtype(obj) == RTM_DELLINK);
}

static int on_message(struct nl_msg *msg, void *arg)
{
	nl_msg_parse(msg, on_object, arg);
	return NL_OK;
}

static void on_event(void *arg, uint64_t now, unsigned events)
{
	struct net *n = arg;
	int rc;

	(void)events;
	n->now = now;
	do {
		rc = nl_recvmsgs_default(n->event);
	} while (rc >= 0);
	if (rc == -NLE_NOMEM) /* ENOBUFS: the kernel dropped some */
		n->events->lost(n->arg, now);
}

static int event_open(struct net *n, struct loop *loop)
{
	n->event = nl_socket_alloc();
	if (!n->event)
		return -ENOMEM;
	nl_socket_disable_seq_check(n->event);
	nl_socket_modify_cb(n->event, NL_CB_VALID, NL_CB_CUSTOM, on_message, n);
	if (nl_connect(n->event, NETLINK_ROUTE) < 0 ||
	    nl_socket_add_memberships(n->event, RTNLGRP_LINK, 0) < 0)
		return -EPERM;
	nl_socket_set_nonblocking(n->event);
	nl_socket_set_buffer_size(n->event, EVENT_BUFFER, 0);
	return loop_io_new(loop, nl_socket_get_fd(n->event), LOOP_READ, on_event, n, &n->io);
}

int net_new(struct net **ret, struct loop *loop, const struct net_events *events, void *arg)
{
	struct net *n = calloc(1, sizeof(*n));
	int rc = -ENOMEM;

	if (!n)
		return -ENOMEM;
	n->events = events;
	n->arg = arg;
	n->cmd = nl_socket_alloc();
	if (n->cmd)
		rc = nl_errno(nl_connect(n->cmd, NETLINK_ROUTE));
	if (!rc)
		nl_socket_disable_seq_check(n->cmd); /* see netlink_drain() */
	if (!rc && events)
		rc = event_open(n, loop);
	if (rc) {
		net_free(n);
		return rc;
	}
	*ret = n;
	return 0;
}

void net_free(struct net *n)
{
	if (!n)
		return;
	loop_io_free(n->io);
	nl_socket_free(n->event);
	nl_socket_free(n->cmd);
	free(n);
}

int net_link_get(struct net *n, const char *name, struct net_link *ret)
{
	struct rtnl_link *l;
	int rc = done(n, rtnl_link_get_kernel(n->cmd, 0, name, &l));

	if (rc)
		return rc;
	link_fill(l, ret);
	rtnl_link_put(l);
	return 0;
}

/* Changes a link's flags and, when not 0, its MTU. */
static int link_change(struct net *n, int ifindex, unsigned set, unsigned unset, uint32_t mtu)
{
	struct rtnl_link *orig = rtnl_link_alloc(), *change = rtnl_link_alloc();
	int rc = -ENOMEM;

	KILLPOINT("link change");
	if (orig && change) {
		rtnl_link_set_ifindex(orig, ifindex);
		rtnl_link_set_flags(change, set);
		rtnl_link_unset_flags(change, unset);
		if (mtu)
			rtnl_link_set_mtu(change, mtu);
		rc = done(n, rtnl_link_change(n->cmd, orig, change, 0));
	}
	rtnl_link_put(orig);
	rtnl_link_put(change);
	return rc;
}

int net_link_up(struct net *n, int ifindex)
{
	return link_change(n, ifindex, IFF_UP, 0, 0);
}

int net_link_promisc(struct net *n, int ifindex, bool on)
{
	return link_change(n, ifindex, on ? IFF_PROMISC : 0, on ? 0 : IFF_PROMISC, 0);
}

int net_link_delete(struct net *n, const char *name)
{
	struct rtnl_link *l = rtnl_link_alloc();
	int rc;

	if (!l)
		return -ENOMEM;
	KILLPOINT("device goes");
	rtnl_link_set_name(l, name);
	rc = done(n, rtnl_link_delete(n->cmd, l));
	rtnl_link_put(l);
	return rc;
}

/* No fewer receive than transmit queues, or the kernel refuses XDP on the other end. Without the
 * attribute the kernel makes one for each CPU, and uses one. */
static void set_queues(struct rtnl_link *l, unsigned queues, unsigned receive)
{
	rtnl_link_set_num_tx_queues(l, queues);
	rtnl_link_set_num_rx_queues(l, receive > queues ? receive : queues);
}

static int veth_as(struct rtnl_link *l, int ifindex, const struct mac *mac)
{
	struct nl_addr *a = nl_addr_build(AF_LLC, mac->b, sizeof(mac->b));

	rtnl_link_set_ifindex(l, ifindex);
	rtnl_link_set_addr(l, a);
	nl_addr_put(a);
	return a ? 0 : -ENOMEM;
}

static int veth_add(struct net *n, const char *name, const char *peer_name, unsigned queues,
		    unsigned receive, const struct net_pair *as)
{
	struct rtnl_link *l = rtnl_link_veth_alloc(), *peer;
	int rc = 0;

	if (!l)
		return -ENOMEM;
	rtnl_link_set_name(l, name);
	peer = rtnl_link_veth_get_peer(l);
	rtnl_link_set_name(peer, peer_name);
	set_queues(l, queues, receive);
	set_queues(peer, queues, 0);
	if (as)
		rc = veth_as(l, as->ifindex, &as->mac);
	if (as && !rc)
		rc = veth_as(peer, as->peer_ifindex, &as->peer_mac);
	rtnl_link_put(peer);
	KILLPOINT("device");
	rc = rc ? rc : done(n, rtnl_link_add(n->cmd, l, NLM_F_CREATE | NLM_F_EXCL));
	rtnl_link_put(l);
	return rc;
}

/* No address of its own, no advertisements heard or redirects told: the daemon speaks there. */
static int quiet(const char *name, bool ip6)
{
	const struct {
		const char *fmt;
		int value;
	} rows[] = {
		{ "net/ipv6/conf/%s/disable_ipv6", !ip6 },
		{ "net/ipv6/conf/%s/addr_gen_mode", 1 },
		{ "net/ipv6/conf/%s/accept_ra", 0 },
		{ "net/ipv6/conf/%s/autoconf", 0 },
		{ "net/ipv6/conf/%s/router_solicitations", 0 },
		{ "net/ipv6/conf/%s/accept_redirects", 0 },
		{ "net/ipv4/conf/%s/accept_redirects", 0 },
		{ "net/ipv4/conf/%s/send_redirects", 0 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		char path[128];
		int rc;

		snprintf(path, sizeof(path), rows[i].fmt, name);
		rc = net_sysctl_set(path, rows[i].value);
		if (rc && !(rc == -ENOENT && strstr(rows[i].fmt, "ipv6")))
			return rc;
	}
	return 0;
}

/* facts of the pair: a wrong setting is silent loss. Router's side: one frame with a full checksum
 * at a time, GRO on (its NAPI takes redirects). Subscribers' side: no TSO, no GRO. */
static int pair_offloads(const char *name, const char *peer)
{
	static const struct {
		const char *feature;
		bool on_peer, value;
	} rows[] = {
		{ "tx-checksum-ip-generic", false, false },
		{ "tx-checksum-sctp", false, false },
		{ "tx-tcp-segmentation", false, false },
		{ "tx-tcp6-segmentation", false, false },
		{ "tx-tcp-ecn-segmentation", false, false },
		{ "tx-tcp-mangleid-segmentation", false, false },
		{ "tx-tcp-accecn-segmentation", false, false },
		{ "tx-udp-segmentation", false, false },
		{ "tx-sctp-segmentation", false, false },
		{ "tx-gso-list", false, false },
		{ "tx-generic-segmentation", false, false },
		{ "rx-gro", false, true },
		{ "tx-tcp-segmentation", true, false },
		{ "tx-tcp6-segmentation", true, false },
		{ "tx-tcp-ecn-segmentation", true, false },
		{ "tx-tcp-mangleid-segmentation", true, false },
		{ "tx-tcp-accecn-segmentation", true, false },
		{ "rx-gro", true, false },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		int rc = ethtool_feature_set(rows[i].on_peer ? peer : name, rows[i].feature,
					     rows[i].value);

		if (rc && rc != -ENOENT)
			return rc;
	}
	return 0;
}

static int peer_name(const char *name, char ret[IF_NAMESIZE])
{
	int n = snprintf(ret, IF_NAMESIZE, "%sp", name);

	return n < 0 || n >= IF_NAMESIZE ? -ENAMETOOLONG : 0;
}

int net_pair_get(struct net *n, const char *name, struct net_pair *ret)
{
	char peer[IF_NAMESIZE];
	struct net_link a, b;
	int rc = peer_name(name, peer);

	rc = rc ? rc : net_link_get(n, name, &a);
	rc = rc ? rc : net_link_get(n, peer, &b);
	if (!rc)
		*ret = (struct net_pair){ a.ifindex, b.ifindex, a.mac, b.mac };
	return rc;
}

bool net_pair_same(const struct net_pair *a, const struct net_pair *b)
{
	return a->ifindex == b->ifindex && a->peer_ifindex == b->peer_ifindex &&
	       mac_equal(&a->mac, &b->mac) && mac_equal(&a->peer_mac, &b->peer_mac);
}

bool net_pair_free(const struct net_pair *p, const char *name)
{
	char there[IF_NAMESIZE], peer[IF_NAMESIZE];

	if (peer_name(name, peer))
		return false;
	return (!if_indextoname((unsigned)p->ifindex, there) || !strcmp(there, name)) &&
	       (!if_indextoname((unsigned)p->peer_ifindex, there) || !strcmp(there, peer));
}

int net_pair_create(struct net *n, const char *name, uint16_t mtu, unsigned queues,
		    unsigned receive, const struct net_pair *as)
{
	char peer[IF_NAMESIZE];
	struct net_link a, b;
	int rc;

	rc = peer_name(name, peer);
	if (rc)
		return rc;
	if (!queues || queues > QUEUES_MAX || receive > QUEUES_MAX)
		return -EINVAL;
	if (!net_link_get(n, name, &a))
		(void)net_link_delete(n, name);
	rc = veth_add(n, name, peer, queues, receive, as);
	if (rc)
		return rc;
	rc = quiet(name, true);
	rc = rc ? rc : quiet(peer, false);
	rc = rc ? rc : pair_offloads(name, peer);
	rc = rc ? rc : net_link_get(n, name, &a);
	rc = rc ? rc : net_link_get(n, peer, &b);
	rc = rc ? rc : link_change(n, a.ifindex, IFF_NOARP, 0, mtu);
	rc = rc ? rc : link_change(n, b.ifindex, IFF_NOARP, 0, mtu);
	rc = rc ? rc : net_link_up(n, b.ifindex);
	rc = rc ? rc : net_link_up(n, a.ifindex);
	if (rc)
		(void)net_link_delete(n, name);
	return rc;
}

int net_pair_adopt(struct net *n, const char *name, uint16_t mtu)
{
	struct net_pair p;
	int rc = net_pair_get(n, name, &p);

	rc = rc ? rc : link_change(n, p.ifindex, IFF_NOARP, 0, mtu);
	rc = rc ? rc : link_change(n, p.peer_ifindex, IFF_NOARP, 0, mtu);
	rc = rc ? rc : net_link_up(n, p.peer_ifindex);
	return rc ? rc : net_link_up(n, p.ifindex);
}

static int addr_put(struct net *n, int ifindex, int family, const void *bytes, size_t size,
		    uint8_t len, bool there)
{
	struct rtnl_addr *a = rtnl_addr_alloc();
	struct nl_addr *local = nl_addr_build(family, bytes, size);
	int rc = -ENOMEM;

	KILLPOINT("address");
	if (a && local) {
		nl_addr_set_prefixlen(local, len);
		rtnl_addr_set_ifindex(a, ifindex);
		rtnl_addr_set_local(a, local);
		if (family == AF_INET6)
			rtnl_addr_set_flags(a, IFA_F_NODAD);
		rc = done(n, there ? rtnl_addr_add(n->cmd, a, 0) : rtnl_addr_delete(n->cmd, a, 0));
	}
	nl_addr_put(local);
	rtnl_addr_put(a);
	return rc;
}

int net_addr4_add(struct net *n, int ifindex, uint32_t addr)
{
	return addr_put(n, ifindex, AF_INET, &(uint32_t){ htonl(addr) }, 4, 32, true);
}

int net_addr4_del(struct net *n, int ifindex, uint32_t addr)
{
	return addr_put(n, ifindex, AF_INET, &(uint32_t){ htonl(addr) }, 4, 32, false);
}

int net_addr6_add(struct net *n, int ifindex, const struct ip6 *addr, uint8_t len)
{
	return addr_put(n, ifindex, AF_INET6, addr->b, sizeof(addr->b), len, true);
}

int net_addr6_del(struct net *n, int ifindex, const struct ip6 *addr, uint8_t len)
{
	return addr_put(n, ifindex, AF_INET6, addr->b, sizeof(addr->b), len, false);
}

/* The next hop that stands for all subscribers: one neighbour entry, whatever their number. */
static const uint8_t subscriber_next_hop[16] = { 0xfe, 0x80, [15] = 2 };

static int route_put(struct nl_msg *msg, const struct net_route *r)
{
	struct rtmsg rtm = {
		.rtm_family = r->is6 ? AF_INET6 : AF_INET,
		.rtm_dst_len = r->is6 ? r->p6.len : r->p4.len,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
		.rtm_flags = RTNH_F_ONLINK,
	};
	uint32_t dst = htonl(r->p4.addr);
	uint8_t via[2 + 16] = { 0 };
	uint16_t family = AF_INET6;
	int rc = nlmsg_append(msg, &rtm, sizeof(rtm), NLMSG_ALIGNTO);

	memcpy(via, &family, sizeof(family));
	memcpy(via + 2, subscriber_next_hop, 16);
	if (r->is6) {
		rc = rc ?: nla_put(msg, RTA_DST, 16, r->p6.addr.b);
		rc = rc ?: nla_put(msg, RTA_GATEWAY, 16, subscriber_next_hop);
	} else {
		rc = rc ?: nla_put(msg, RTA_DST, sizeof(dst), &dst);
		rc = rc ?: nla_put(msg, RTA_VIA, sizeof(via), via);
	}
	rc = rc ?: nla_put_u32(msg, RTA_OIF, (uint32_t)r->ifindex);
	if (r->mtu && !rc) {
		struct nlattr *metrics = nla_nest_start(msg, RTA_METRICS);

		rc = metrics ? nla_put_u32(msg, RTAX_MTU, r->mtu) : -NLE_NOMEM;
		if (!rc)
			nla_nest_end(msg, metrics);
	}
	return rc;
}

static int route_command(struct net *n, int type, int flags, const struct net_route *r)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);
	int rc;

	if (!msg)
		return -ENOMEM;
	KILLPOINT("route");
	rc = route_put(msg, r);
	if (rc) {
		nlmsg_free(msg);
		return nl_errno(rc);
	}
	return done(n, nl_send_sync(n->cmd, msg)); /* frees msg */
}

int net_route_add(struct net *n, const struct net_route *r)
{
	return route_command(n, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, r);
}

int net_route_del(struct net *n, const struct net_route *r)
{
	return route_command(n, RTM_DELROUTE, 0, r);
}

/* --- routes that are there --------------------------------------------------------------------
 */

struct routes {
	struct net_route *list;
	unsigned count, room;
	int ifindex, rc;
};

static int on_route(struct nl_msg *msg, void *arg)
{
	struct routes *all = arg;
	struct nlattr *a[RTA_MAX + 1];
	struct net_route r = { .ifindex = all->ifindex };
	const struct rtmsg *rtm = nlmsg_data(nlmsg_hdr(msg));
	uint32_t be;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*rtm), a, RTA_MAX, NULL) ||
	    rtm->rtm_protocol != RTPROT_STATIC || rtm->rtm_table != RT_TABLE_MAIN || !a[RTA_OIF] ||
	    nla_get_u32(a[RTA_OIF]) != (uint32_t)all->ifindex || !a[RTA_DST])
		return NL_OK;
	r.is6 = rtm->rtm_family == AF_INET6;
	if (nla_len(a[RTA_DST]) != (r.is6 ? 16 : 4))
		return NL_OK;
	if (r.is6) {
		memcpy(r.p6.addr.b, nla_data(a[RTA_DST]), sizeof(r.p6.addr.b));
		r.p6.len = rtm->rtm_dst_len;
	} else {
		memcpy(&be, nla_data(a[RTA_DST]), sizeof(be));
		r.p4 = (struct prefix4){ .addr = ntohl(be), .len = rtm->rtm_dst_len };
	}
	if (all->count == all->room) {
		unsigned room = all->room ? 2 * all->room : 64;
		struct net_route *more = realloc(all->list, room * sizeof(*more));

		if (!more) {
			all->rc = -ENOMEM;
			return NL_STOP;
		}
		all->list = more;
		all->room = room;
	}
	all->list[all->count++] = r;
	return NL_OK;
}

static int routes_dump(struct net *n, int family, struct routes *all)
{
	struct rtmsg rtm = { .rtm_family = (unsigned char)family };
	struct nl_cb *own = nl_socket_get_cb(n->cmd), *cb = nl_cb_clone(own);
	int rc;

	nl_cb_put(own); /* it was lent */
	if (!cb)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_route, all);
	rc = nl_send_simple(n->cmd, RTM_GETROUTE, NLM_F_DUMP, &rtm, sizeof(rtm));
	if (rc >= 0)
		rc = nl_recvmsgs(n->cmd, cb);
	nl_cb_put(cb);
	rc = done(n, all->rc ? -NLE_NOMEM : rc);
	return all->rc ? all->rc : rc;
}

int net_routes_sweep(struct net *n, int ifindex,
		     bool (*known)(void *arg, const struct net_route *r), void *arg, bool repair)
{
	struct routes all = { .ifindex = ifindex };
	int rc = routes_dump(n, AF_INET, &all), strangers = 0;

	rc = rc ? rc : routes_dump(n, AF_INET6, &all);
	for (unsigned i = 0; i < all.count && !rc; i++) {
		if (known(arg, &all.list[i]))
			continue;
		strangers++;
		if (repair)
			(void)net_route_del(n, &all.list[i]);
	}
	free(all.list);
	return rc ? rc : strangers;
}
