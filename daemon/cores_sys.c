// SPDX-License-Identifier: GPL-2.0-or-later
/* Default routes: cores.h. */
#include "daemon/cores.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/route.h>
#include <stdbool.h>

struct found {
	int *list;
	unsigned count, max;
};

static void add(struct found *f, int ifindex)
{
	for (unsigned i = 0; i < f->count; i++)
		if (f->list[i] == ifindex)
			return;
	if (ifindex > 0 && f->count < f->max)
		f->list[f->count++] = ifindex;
}

static void add_hop(struct rtnl_nexthop *hop, void *arg)
{
	add(arg, rtnl_route_nh_get_ifindex(hop));
}

static int on_route(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	const struct rtmsg *rtm = nlmsg_data(h);
	struct rtnl_route *route;

	if (!nlmsg_valid_hdr(h, sizeof(*rtm)) || rtm->rtm_dst_len || rtm->rtm_type != RTN_UNICAST ||
	    rtm->rtm_flags & RTM_F_CLONED || rtnl_route_parse(h, &route))
		return NL_OK;
	rtnl_route_foreach_nexthop(route, add_hop, arg);
	rtnl_route_put(route);
	return NL_OK;
}

static int ask(struct nl_sock *sock, unsigned char family)
{
	struct rtmsg rtm = { .rtm_family = family };
	int rc = nl_send_simple(sock, RTM_GETROUTE, NLM_F_DUMP, &rtm, sizeof(rtm));

	return rc < 0 ? rc : nl_recvmsgs_default(sock);
}

int cores_by_routes(int *ret, unsigned max)
{
	struct found f = { .list = ret, .max = max };
	struct nl_sock *sock = nl_socket_alloc();
	int rc = -ENOMEM;

	if (!sock)
		return -ENOMEM;
	if (!nl_connect(sock, NETLINK_ROUTE)) {
		nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_route, &f);
		rc = ask(sock, AF_INET) < 0 || ask(sock, AF_INET6) < 0 ? -EIO : 0;
	}
	nl_socket_free(sock);
	return rc ? rc : (int)f.count;
}
