// SPDX-License-Identifier: GPL-2.0-or-later
/* Netlink sockets that are only listened to: changes.h. */
#include "daemon/changes.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <arpa/inet.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER (1 << 20) /* octets: a full table of routes comes in bursts */

struct changes {
	struct nl_sock *sock[2]; /* routes, rules */
	struct loop_io *io[2];
	changes_fn *fn;
	void *arg;
};

/* A ruleset's generation that this process has made by itself: a block of ports for a line, a table
 * of ours put back. No verdict of others has changed. */
static bool is_ours(const char *buf, ssize_t len)
{
	struct nlmsghdr *h = (struct nlmsghdr *)(void *)buf;
	const struct nlattr *pid;

	if (len < 0 || !nlmsg_ok(h, (int)len) ||
	    h->nlmsg_len < NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg)))
		return false;
	pid = nlmsg_find_attr(h, sizeof(struct nfgenmsg), NFTA_GEN_PROC_PID);
	return pid && nla_len(pid) >= 4 && ntohl(nla_get_u32(pid)) == (uint32_t)getpid();
}

/* What is in the socket is thrown away; lost messages are a change as well. */
static bool drain(struct nl_sock *sock, bool rules)
{
	_Alignas(struct nlmsghdr) char buf[8192];
	bool any = false;
	ssize_t n;

	do {
		n = recv(nl_socket_get_fd(sock), buf, sizeof(buf), MSG_DONTWAIT);
		any |= (n > 0 && !(rules && is_ours(buf, n))) || (n < 0 && errno == ENOBUFS);
	} while (n > 0 || (n < 0 && (errno == ENOBUFS || errno == EINTR)));
	return any;
}

static void on_routes(void *arg, uint64_t now, unsigned events)
{
	struct changes *c = arg;

	(void)events;
	if (drain(c->sock[0], false))
		c->fn(c->arg, now, true, false);
}

static void on_rules(void *arg, uint64_t now, unsigned events)
{
	struct changes *c = arg;

	(void)events;
	if (drain(c->sock[1], true))
		c->fn(c->arg, now, false, true);
}

/* Of a transaction of ten thousand elements, only its end wakes us. */
static int only_generations(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			 htons(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) ? -errno : 0;
}

static int open_one(struct changes *c, struct loop *loop, unsigned which, int protocol,
		    const int *groups)
{
	struct nl_sock *sock = nl_socket_alloc();
	int rc = 0;

	if (!sock)
		return -ENOMEM;
	c->sock[which] = sock;
	if (nl_connect(sock, protocol))
		return -EPROTONOSUPPORT;
	(void)nl_socket_set_buffer_size(sock, BUFFER, 0);
	for (; *groups && !rc; groups++)
		rc = nl_socket_add_membership(sock, *groups) ? -EPERM : 0;
	if (!rc && which)
		rc = only_generations(nl_socket_get_fd(sock));
	nl_socket_set_nonblocking(sock);
	return rc ? rc
		  : loop_io_new(loop, nl_socket_get_fd(sock), LOOP_READ,
				which ? on_rules : on_routes, c, &c->io[which]);
}

static void close_one(struct changes *c, unsigned which)
{
	loop_io_free(c->io[which]);
	nl_socket_free(c->sock[which]);
	c->io[which] = NULL;
	c->sock[which] = NULL;
}

int changes_new(struct changes **ret, struct loop *loop, bool routes, bool rules, changes_fn *fn,
		void *arg)
{
	static const int route_groups[] = { RTNLGRP_LINK,	 RTNLGRP_NEIGH,
					    RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
					    RTNLGRP_IPV4_ROUTE,	 RTNLGRP_IPV6_ROUTE,
					    RTNLGRP_IPV4_RULE,	 RTNLGRP_IPV6_RULE,
					    RTNLGRP_NEXTHOP,	 0 };
	static const int rule_groups[] = { NFNLGRP_NFTABLES, 0 };
	struct changes *c = calloc(1, sizeof(*c));
	int rc = 0;

	if (!c)
		return -ENOMEM;
	c->fn = fn;
	c->arg = arg;
	if (routes)
		rc = open_one(c, loop, 0, NETLINK_ROUTE, route_groups);
	if (!rc && rules && open_one(c, loop, 1, NETLINK_NETFILTER, rule_groups))
		close_one(c, 1);
	if (rc) {
		changes_free(c);
		return rc;
	}
	*ret = c;
	return 0;
}

void changes_free(struct changes *c)
{
	if (!c)
		return;
	close_one(c, 0);
	close_one(c, 1);
	free(c);
}
