// SPDX-License-Identifier: GPL-2.0-or-later
/* Neighbours and networks: daemon/neigh.h. */
#include "base/netlink.h"
#include "daemon/neigh.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/neighbour.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct neigh {
	struct nl_sock *sk;
	struct nl_sock *routes; /* strict: the kernel itself leaves out what is not asked for */
};

#define NEXT_HOPS 16 /* of default routes, that are looked at */
#define KNOWN	  (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE)

int neigh_new(struct neigh **ret)
{
	struct neigh *n = calloc(1, sizeof(*n));
	int on = 1;

	if (!n)
		return -ENOMEM;
	n->sk = nl_socket_alloc();
	n->routes = nl_socket_alloc();
	if (!n->sk || nl_connect(n->sk, NETLINK_ROUTE) < 0 || !n->routes ||
	    nl_connect(n->routes, NETLINK_ROUTE) < 0) {
		neigh_free(n);
		return -ENOMEM;
	}
	(void)setsockopt(nl_socket_get_fd(n->routes), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on,
			 sizeof(on));
	nl_socket_disable_seq_check(n->sk); /* see netlink_drain() */
	nl_socket_disable_seq_check(n->routes);
	*ret = n;
	return 0;
}

void neigh_free(struct neigh *n)
{
	if (!n)
		return;
	nl_socket_free(n->sk);
	nl_socket_free(n->routes);
	free(n);
}

/* As `ip neighbour ... use`: the kernel resolves it as if a packet were to go there. */
static void ask(struct neigh *n, int ifindex, struct nl_addr *addr)
{
	struct rtnl_neigh *want = rtnl_neigh_alloc();

	if (!want)
		return;
	rtnl_neigh_set_ifindex(want, ifindex);
	rtnl_neigh_set_dst(want, addr);
	rtnl_neigh_set_flags(want, NTF_USE);
	rtnl_neigh_set_state(want, NUD_NONE);
	if (rtnl_neigh_add(n->sk, want, NLM_F_CREATE | NLM_F_REPLACE) < 0)
		netlink_drain(nl_socket_get_fd(n->sk));
	rtnl_neigh_put(want);
}

static int look_up(struct nl_cache *cache, int ifindex, struct nl_addr *addr, struct mac *ret)
{
	struct rtnl_neigh *found = rtnl_neigh_get(cache, ifindex, addr);
	struct nl_addr *mac = found ? rtnl_neigh_get_lladdr(found) : NULL;
	int rc = -EAGAIN;

	if (mac && rtnl_neigh_get_state(found) & KNOWN && nl_addr_get_len(mac) == sizeof(ret->b)) {
		memcpy(ret->b, nl_addr_get_binary_addr(mac), sizeof(ret->b));
		rc = 0;
	}
	if (found)
		rtnl_neigh_put(found);
	return rc;
}

int neigh_mac(struct neigh *n, int ifindex, uint32_t ip4, const struct ip6 *ip6, struct mac *ret)
{
	uint32_t be = htonl(ip4);
	struct nl_addr *addr = ip6 ? nl_addr_build(AF_INET6, ip6->b, sizeof(ip6->b))
				   : nl_addr_build(AF_INET, &be, sizeof(be));
	struct nl_cache *cache;
	int rc = -ENOMEM;

	if (!addr)
		return rc;
	if (rtnl_neigh_alloc_cache(n->sk, &cache) >= 0) {
		rc = look_up(cache, ifindex, addr, ret);
		nl_cache_free(cache);
	} else {
		netlink_drain(nl_socket_get_fd(n->sk));
	}
	if (rc)
		ask(n, ifindex, addr);
	nl_addr_put(addr);
	return rc;
}

/* --- ways ------------------------------------------------------------------------------------ */

static void take_mtu(struct nlattr *metrics, struct neigh_way *w)
{
	struct nlattr *tb[RTAX_MAX + 1];

	if (!nla_parse_nested(tb, RTAX_MAX, metrics, NULL) && tb[RTAX_MTU])
		w->mtu = nla_get_u32(tb[RTAX_MTU]);
}

static void take_address(const struct nlattr *a, bool is6, uint32_t *ret4, struct ip6 *ret6)
{
	if (is6 && nla_len(a) == 16)
		memcpy(ret6->b, nla_data(a), 16);
	else if (!is6 && nla_len(a) == 4)
		*ret4 = ntohl(nla_get_u32(a));
}

static int on_way(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct neigh_way *w = arg;
	struct nlattr *tb[RTA_MAX + 1], *via;
	struct rtmsg *rt = nlmsg_data(h);

	if (h->nlmsg_type != RTM_NEWROUTE || nlmsg_parse(h, sizeof(*rt), tb, RTA_MAX, NULL))
		return NL_OK;
	w->local = rt->rtm_type == RTN_LOCAL;
	if (rt->rtm_type != RTN_UNICAST && !w->local)
		return NL_OK;
	if (tb[RTA_OIF])
		w->ifindex = (int)nla_get_u32(tb[RTA_OIF]);
	if (tb[RTA_PREFSRC])
		take_address(tb[RTA_PREFSRC], rt->rtm_family == AF_INET6, &w->src4, &w->src6);
	if (tb[RTA_METRICS])
		take_mtu(tb[RTA_METRICS], w);
	via = tb[RTA_VIA];
	w->has_gateway = tb[RTA_GATEWAY] || via;
	w->gateway_is6 = via || rt->rtm_family == AF_INET6;
	if (tb[RTA_GATEWAY])
		take_address(tb[RTA_GATEWAY], w->gateway_is6, &w->gateway4, &w->gateway6);
	else if (via && nla_len(via) == 18) /* family and an IPv6 address: RFC 8950 routes */
		memcpy(w->gateway6.b, (const uint8_t *)nla_data(via) + 2, 16);
	return NL_OK;
}

int neigh_way(struct neigh *n, uint32_t ip4, const struct ip6 *ip6, struct neigh_way *ret)
{
	struct rtmsg rt = { .rtm_family = ip6 ? AF_INET6 : AF_INET, .rtm_dst_len = ip6 ? 128 : 32 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_ACK);
	uint32_t be = htonl(ip4);
	struct neigh_way w = { 0 };
	int rc = -ENOMEM;

	if (!msg)
		return rc;
	if (nlmsg_append(msg, &rt, sizeof(rt), NLMSG_ALIGNTO) ||
	    nla_put(msg, RTA_DST, ip6 ? 16 : 4, ip6 ? (const void *)ip6->b : &be))
		goto out;
	nl_socket_modify_cb(n->sk, NL_CB_VALID, NL_CB_CUSTOM, on_way, &w);
	rc = nl_send_auto(n->sk, msg) < 0 ? -EIO : 0;
	if (!rc && nl_recvmsgs_default(n->sk) < 0)
		rc = -ENETUNREACH;
	if (!rc)
		rc = nl_wait_for_ack(n->sk) < 0 ? -ENETUNREACH : 0;
	if (rc)
		netlink_drain(nl_socket_get_fd(n->sk));
	nl_socket_modify_cb(n->sk, NL_CB_VALID, NL_CB_DEFAULT, NULL, NULL);
	if (!rc && !w.ifindex)
		rc = -ENETUNREACH;
	if (!rc)
		*ret = w;
out:
	nlmsg_free(msg);
	return rc;
}

/* --- networks -------------------------------------------------------------------------------- */

static struct prefix4 prefix4_of(const uint8_t b[4], unsigned len)
{
	uint32_t addr;

	memcpy(&addr, b, sizeof(addr));
	addr = len ? ntohl(addr) & ~(uint32_t)((1ull << (32 - len)) - 1) : 0;
	return (struct prefix4){ addr, (uint8_t)len };
}

static struct prefix6 prefix6_of(const uint8_t b[16], unsigned len)
{
	struct prefix6 p = { .len = (uint8_t)len };

	memcpy(p.addr.b, b, len / 8);
	if (len % 8)
		p.addr.b[len / 8] = b[len / 8] & (uint8_t)(0xff00 >> len % 8);
	return p;
}

int neigh_networks(struct neigh *n, int ifindex,
		   void (*fn)(void *arg, const struct neigh_network *net), void *arg)
{
	struct nl_cache *cache;

	if (rtnl_addr_alloc_cache(n->sk, &cache) < 0) {
		netlink_drain(nl_socket_get_fd(n->sk));
		return -EIO;
	}
	for (struct nl_object *o = nl_cache_get_first(cache); o; o = nl_cache_get_next(o)) {
		struct rtnl_addr *a = (struct rtnl_addr *)o;
		struct nl_addr *local = rtnl_addr_get_local(a);
		struct neigh_network net = { 0 };
		const uint8_t *b;
		unsigned len;

		if (rtnl_addr_get_ifindex(a) != ifindex || !local)
			continue;
		b = nl_addr_get_binary_addr(local);
		len = (unsigned)rtnl_addr_get_prefixlen(a);
		net.is6 = nl_addr_get_family(local) == AF_INET6;
		if (net.is6 && len <= 128)
			net.p6 = prefix6_of(b, len);
		else if (nl_addr_get_family(local) == AF_INET && len <= 32)
			net.p4 = prefix4_of(b, len);
		else
			continue;
		if (net.is6 && b[0] == 0xfe && (b[1] & 0xc0) == 0x80)
			continue;
		fn(arg, &net);
	}
	nl_cache_free(cache);
	return 0;
}

/* --- routes ---------------------------------------------------------------------------------- */

struct routes {
	int ifindex;
	void (*fn)(void *arg, const struct neigh_network *net);
	void *arg;
};

static int on_route(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct neigh_network net = { 0 };
	struct nlattr *tb[RTA_MAX + 1];
	struct rtmsg *rt = nlmsg_data(h);
	struct routes *r = arg;
	const uint8_t *b;

	if (h->nlmsg_type != RTM_NEWROUTE || nlmsg_parse(h, sizeof(*rt), tb, RTA_MAX, NULL))
		return NL_OK;
	if (rt->rtm_type != RTN_UNICAST || rt->rtm_table != RT_TABLE_MAIN ||
	    rt->rtm_flags & RTM_F_CLONED || !rt->rtm_dst_len || !tb[RTA_DST] || !tb[RTA_OIF] ||
	    (int)nla_get_u32(tb[RTA_OIF]) != r->ifindex)
		return NL_OK;
	b = nla_data(tb[RTA_DST]);
	net.is6 = rt->rtm_family == AF_INET6;
	if (nla_len(tb[RTA_DST]) < (net.is6 ? 16 : 4) || rt->rtm_dst_len > (net.is6 ? 128 : 32))
		return NL_OK;
	if (net.is6 && (b[0] == 0xff || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80)))
		return NL_OK;
	if (net.is6)
		net.p6 = prefix6_of(b, rt->rtm_dst_len);
	else
		net.p4 = prefix4_of(b, rt->rtm_dst_len);
	r->fn(r->arg, &net);
	return NL_OK;
}

static int routes_of(struct neigh *n, unsigned char family, int ifindex, nl_recvmsg_msg_cb_t fn,
		     void *arg)
{
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP);
	struct rtmsg rt = { .rtm_family = family, .rtm_table = RT_TABLE_MAIN };
	int rc = -ENOMEM;

	if (!msg)
		return rc;
	if (nlmsg_append(msg, &rt, sizeof(rt), NLMSG_ALIGNTO) ||
	    nla_put_u32(msg, RTA_OIF, (uint32_t)ifindex))
		goto out;
	nl_socket_modify_cb(n->routes, NL_CB_VALID, NL_CB_CUSTOM, fn, arg);
	rc = nl_send_auto(n->routes, msg) < 0 || nl_recvmsgs_default(n->routes) < 0 ? -EIO : 0;
	if (rc)
		netlink_drain(nl_socket_get_fd(n->routes));
	nl_socket_modify_cb(n->routes, NL_CB_VALID, NL_CB_DEFAULT, NULL, NULL);
out:
	nlmsg_free(msg);
	return rc;
}

int neigh_routes(struct neigh *n, int ifindex,
		 void (*fn)(void *arg, const struct neigh_network *net), void *arg)
{
	struct routes r = { ifindex, fn, arg };
	int rc = routes_of(n, AF_INET, ifindex, on_route, &r);
	int rc6 = routes_of(n, AF_INET6, ifindex, on_route, &r);

	return rc ? rc : rc6;
}

/* --- next hops of the default routes --------------------------------------------------------- */

struct hops {
	int ifindex;
	struct neigh_way found[NEXT_HOPS];
	unsigned count;
};

/* Of a route, or of one of the ways of a route that has several. */
static void take_hop(struct hops *h, struct nlattr **tb, int ifindex, bool is6)
{
	struct neigh_way w = { .has_gateway = true, .gateway_is6 = is6 || tb[RTA_VIA] };

	if (ifindex != h->ifindex || h->count == NEXT_HOPS)
		return;
	if (tb[RTA_GATEWAY])
		take_address(tb[RTA_GATEWAY], is6, &w.gateway4, &w.gateway6);
	else if (tb[RTA_VIA] && nla_len(tb[RTA_VIA]) == 18)
		memcpy(w.gateway6.b, (const uint8_t *)nla_data(tb[RTA_VIA]) + 2, 16);
	else
		return;
	h->found[h->count++] = w;
}

static int on_default(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[RTA_MAX + 1], *more[RTA_MAX + 1];
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct rtmsg *rt = nlmsg_data(hdr);
	struct rtnexthop *nh;
	struct hops *h = arg;
	int left;

	if (hdr->nlmsg_type != RTM_NEWROUTE || nlmsg_parse(hdr, sizeof(*rt), tb, RTA_MAX, NULL) ||
	    rt->rtm_type != RTN_UNICAST || rt->rtm_dst_len || rt->rtm_flags & RTM_F_CLONED)
		return NL_OK;
	if (tb[RTA_OIF])
		take_hop(h, tb, (int)nla_get_u32(tb[RTA_OIF]), rt->rtm_family == AF_INET6);
	if (!tb[RTA_MULTIPATH])
		return NL_OK;
	nh = nla_data(tb[RTA_MULTIPATH]);
	for (left = nla_len(tb[RTA_MULTIPATH]);
	     left >= (int)sizeof(*nh) && nh->rtnh_len >= sizeof(*nh) && nh->rtnh_len <= left;
	     left -= (int)RTNH_ALIGN(nh->rtnh_len), nh = RTNH_NEXT(nh))
		if (!nla_parse(more, RTA_MAX, (struct nlattr *)(void *)RTNH_DATA(nh),
			       nh->rtnh_len - (int)sizeof(*nh), NULL))
			take_hop(h, more, nh->rtnh_ifindex, rt->rtm_family == AF_INET6);
	return NL_OK;
}

bool neigh_is_next_hop(struct neigh *n, int ifindex, const struct mac *mac)
{
	struct hops h = { .ifindex = ifindex };
	struct mac of_hop;

	(void)routes_of(n, AF_INET, ifindex, on_default, &h);
	(void)routes_of(n, AF_INET6, ifindex, on_default, &h);
	for (unsigned i = 0; i < h.count; i++) {
		const struct neigh_way *w = &h.found[i];

		if (!neigh_mac(n, ifindex, w->gateway4, w->gateway_is6 ? &w->gateway6 : NULL,
			       &of_hop) &&
		    mac_equal(&of_hop, mac))
			return true;
	}
	return false;
}
