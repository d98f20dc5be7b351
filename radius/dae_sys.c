// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The door of dynamic authorization: one UDP socket, IPv4 or IPv6, and the wall clock. A socket
 * bound to a wildcard answers from the address that was asked: clients drop what comes from
 * elsewhere (RFC 2865, section 3, asks it of replies).
 */
#include "radius/dae.h"
#include "radius/packet.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define PER_TURN 64 /* datagrams, then others get their turn */

union address {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct radius_dae {
	struct radius_dae_core *core;
	struct loop_io *io;
	int fd;
	bool v4; /* the socket's family */
	uint16_t port;
	struct radius_tap tap;
};

/* Room for the one control message of either family. */
union control {
	struct cmsghdr header;
	char v4[CMSG_SPACE(sizeof(struct in_pktinfo))];
	char v6[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

static void map_v4(const struct in_addr *a, struct ip6 *ret)
{
	*ret = (struct ip6){ .b = { [10] = 0xff, [11] = 0xff } };
	memcpy(ret->b + 12, a, 4);
}

static socklen_t to_sockaddr(const struct ip6 *a, uint16_t port, bool v4, union address *ret)
{
	*ret = (union address){ 0 };
	if (v4) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons(port);
		memcpy(&ret->v4.sin_addr, a->b + 12, 4);
		return sizeof(ret->v4);
	}
	ret->v6.sin6_family = AF_INET6;
	ret->v6.sin6_port = htons(port);
	memcpy(&ret->v6.sin6_addr, a->b, sizeof(a->b));
	return sizeof(ret->v6);
}

static void to_peer(const union address *a, struct radius_dae_peer *ret)
{
	*ret = (struct radius_dae_peer){ 0 };
	if (a->sa.sa_family == AF_INET) {
		map_v4(&a->v4.sin_addr, &ret->addr);
		ret->port = ntohs(a->v4.sin_port);
	} else {
		memcpy(ret->addr.b, &a->v6.sin6_addr, sizeof(ret->addr.b));
		ret->port = ntohs(a->v6.sin6_port);
		if (ip6_is_link_local(&ret->addr))
			ret->scope = a->v6.sin6_scope_id;
	}
}

/* The address that was asked becomes the one that answers; the way back is the routes' choice, but
 * for a link-local address, which means nothing without its interface. */
static void read_via(struct msghdr *m, struct radius_dae_peer *peer)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct in_pktinfo v4;
	struct in6_pktinfo v6;

	if (!c || (m->msg_flags & MSG_CTRUNC))
		return;
	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		memcpy(&v4, CMSG_DATA(c), sizeof(v4));
		map_v4(&v4.ipi_spec_dst, &peer->via);
	} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
		memcpy(&v6, CMSG_DATA(c), sizeof(v6));
		memcpy(peer->via.b, &v6.ipi6_addr, sizeof(peer->via.b));
		if (ip6_is_link_local(&peer->via))
			peer->scope = v6.ipi6_ifindex;
	}
}

static void put_info(struct msghdr *m, int level, int type, const void *info, size_t len)
{
	struct cmsghdr *c = m->msg_control;

	m->msg_controllen = CMSG_SPACE(len);
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), info, len);
}

static void write_via(const struct radius_dae *d, const struct radius_dae_peer *to,
		      struct msghdr *m, union control *control)
{
	struct in_pktinfo v4 = { 0 };
	struct in6_pktinfo v6 = { 0 };

	if (ip6_is_zero(&to->via))
		return;
	*control = (union control){ 0 };
	m->msg_control = control;
	if (d->v4) {
		memcpy(&v4.ipi_spec_dst, to->via.b + 12, sizeof(v4.ipi_spec_dst));
		put_info(m, IPPROTO_IP, IP_PKTINFO, &v4, sizeof(v4));
	} else {
		memcpy(&v6.ipi6_addr, to->via.b, sizeof(v6.ipi6_addr));
		if (ip6_is_link_local(&to->via))
			v6.ipi6_ifindex = to->scope;
		put_info(m, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof(v6));
	}
}

static void tell(const struct radius_dae *d, const struct radius_dae_peer *peer, bool sent,
		 const uint8_t *p, size_t len)
{
	struct radius_datagram g = {
		.sent = sent,
		.from = sent ? peer->via : peer->addr,
		.to = sent ? peer->addr : peer->via,
		.from_port = sent ? d->port : peer->port,
		.to_port = sent ? peer->port : d->port,
		.p = p,
		.len = len,
	};

	if (d->tap.on && *d->tap.on)
		d->tap.see(d->tap.arg, &g);
}

static int on_send(void *arg, const struct radius_dae_peer *to, const uint8_t *p, size_t len)
{
	struct radius_dae *d = arg;
	struct iovec iov = { .iov_base = (void *)p, .iov_len = len };
	union address a;
	union control control;
	struct msghdr m = { .msg_name = &a, .msg_iov = &iov, .msg_iovlen = 1 };

	m.msg_namelen = to_sockaddr(&to->addr, to->port, d->v4, &a);
	if (!d->v4 && ip6_is_link_local(&to->addr))
		a.v6.sin6_scope_id = to->scope;
	write_via(d, to, &m, &control);
	if (sendmsg(d->fd, &m, MSG_NOSIGNAL) < 0)
		return -errno;
	tell(d, to, true, p, len);
	return 0;
}

static bool receive(struct radius_dae *d, uint64_t now)
{
	uint8_t buf[RADIUS_PACKET_MAX]; /* what is longer than this is padding, or malformed */
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	union address a;
	union control control;
	struct msghdr m = { .msg_name = &a,
			    .msg_namelen = sizeof(a),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t len = recvmsg(d->fd, &m, 0);
	struct radius_dae_peer from;

	if (len < 0) /* an ICMP error of an earlier answer is no reason to stop reading */
		return errno != EAGAIN && errno != EWOULDBLOCK && errno != EBADF;
	to_peer(&a, &from);
	read_via(&m, &from);
	tell(d, &from, false, buf, (size_t)len);
	radius_dae_core_input(d->core, now, (uint64_t)time(NULL), &from, buf, (size_t)len);
	return true;
}

static void on_readable(void *arg, uint64_t now, unsigned events)
{
	struct radius_dae *d = arg;

	(void)events;
	for (int i = 0; i < PER_TURN && receive(d, now); i++)
		;
}

static int open_socket(struct radius_dae *d, const struct radius_dae_config *c)
{
	int one = 1, zero = 0;
	union address a;
	struct ip6 addr;
	uint32_t v4;
	socklen_t len;

	if (radius_dae_address(c->address, &addr))
		return -EINVAL;
	d->v4 = !ip4_parse(c->address, &v4);
	len = to_sockaddr(&addr, c->port, d->v4, &a);
	d->fd = socket(a.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return -errno;
	if (d->v4 ? setsockopt(d->fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one))
		  : setsockopt(d->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one)) ||
			    setsockopt(d->fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero)))
		return -errno;
	return bind(d->fd, &a.sa, len) ? -errno : 0;
}

int radius_dae_new(struct radius_dae **ret, struct loop *loop, const struct radius_dae_config *c,
		   char *why, size_t why_len)
{
	struct radius_dae *d = calloc(1, sizeof(*d));
	int rc;

	if (!d) {
		snprintf(why, why_len, "dynamic authorization: no memory");
		return -ENOMEM;
	}
	d->fd = -1;
	d->port = c->port;
	d->tap = c->tap;
	rc = radius_dae_core_new(&d->core, c, on_send, d, why, why_len);
	if (rc)
		goto fail;
	rc = open_socket(d, c);
	if (!rc)
		rc = loop_io_new(loop, d->fd, LOOP_READ, on_readable, d, &d->io);
	if (rc) {
		snprintf(why, why_len, "dae-server %s port %u: %s", c->address, c->port,
			 strerror(-rc));
		goto fail;
	}
	*ret = d;
	return 0;
fail:
	radius_dae_free(d);
	return rc;
}

void radius_dae_free(struct radius_dae *d)
{
	if (!d)
		return;
	if (d->io)
		loop_io_free(d->io);
	if (d->fd >= 0)
		close(d->fd);
	radius_dae_core_free(d->core);
	free(d);
}

void radius_dae_answer(struct radius_dae *d, uint64_t now, uint64_t ticket,
		       enum radius_error_cause cause)
{
	radius_dae_core_answer(d->core, now, ticket, cause);
}

void radius_dae_show(const struct radius_dae *d, struct json *j)
{
	radius_dae_core_show(d->core, j);
}
