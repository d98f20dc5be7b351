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

#define CONTROL_ROOM CMSG_SPACE(sizeof(struct in6_pktinfo))
#define PER_TURN     64 /* datagrams, then others get their turn */

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
};

static void to_sockaddr(const struct ip6 *a, uint16_t port, bool v4, union address *ret)
{
	*ret = (union address){ 0 };
	if (v4) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons(port);
		memcpy(&ret->v4.sin_addr, a->b + 12, 4);
	} else {
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_port = htons(port);
		memcpy(&ret->v6.sin6_addr, a->b, sizeof(a->b));
	}
}

static struct ip6 mapped(const struct in_addr *a)
{
	struct ip6 m = { .b = { [10] = 0xff, [11] = 0xff } };

	memcpy(m.b + 12, a, 4);
	return m;
}

static void to_peer(const union address *a, struct radius_dae_peer *ret)
{
	*ret = (struct radius_dae_peer){ 0 };
	if (a->sa.sa_family == AF_INET) {
		ret->addr = mapped(&a->v4.sin_addr);
		ret->port = ntohs(a->v4.sin_port);
	} else {
		ret->scope = a->v6.sin6_scope_id;
		memcpy(ret->addr.b, &a->v6.sin6_addr, sizeof(ret->addr.b));
		ret->port = ntohs(a->v6.sin6_port);
	}
}

/* The address that was asked is the one that answers. */
static void take_via(struct msghdr *m, struct radius_dae_peer *ret)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct in_pktinfo v4;
	struct in6_pktinfo v6;

	if (!c || (m->msg_flags & MSG_CTRUNC))
		return;
	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		memcpy(&v4, CMSG_DATA(c), sizeof(v4));
		ret->via = mapped(&v4.ipi_addr);
	} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
		memcpy(&v6, CMSG_DATA(c), sizeof(v6));
		memcpy(ret->via.b, &v6.ipi6_addr, sizeof(ret->via.b));
		if (IN6_IS_ADDR_LINKLOCAL(&v6.ipi6_addr))
			ret->scope = v6.ipi6_ifindex;
	}
}

/* The way back is the routes' choice, but for a link-local address, which means nothing without its
 * interface. */
static void put_via(const struct radius_dae *d, const struct radius_dae_peer *to, struct msghdr *m)
{
	struct cmsghdr *c = m->msg_control;
	struct in_pktinfo v4 = { 0 };
	struct in6_pktinfo v6 = { 0 };

	if (ip6_is_zero(&to->via)) {
		m->msg_control = NULL;
		m->msg_controllen = 0;
		return;
	}
	memset(c, 0, m->msg_controllen);
	if (d->v4) {
		memcpy(&v4.ipi_spec_dst, to->via.b + 12, 4);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(v4));
		memcpy(CMSG_DATA(c), &v4, sizeof(v4));
		m->msg_controllen = CMSG_SPACE(sizeof(v4));
	} else {
		memcpy(&v6.ipi6_addr, to->via.b, sizeof(to->via.b));
		v6.ipi6_ifindex = to->scope;
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(v6));
		memcpy(CMSG_DATA(c), &v6, sizeof(v6));
		m->msg_controllen = CMSG_SPACE(sizeof(v6));
	}
}

static int on_send(void *arg, const struct radius_dae_peer *to, const uint8_t *p, size_t len)
{
	struct radius_dae *d = arg;
	_Alignas(struct cmsghdr) char control[CONTROL_ROOM];
	union address a;
	struct iovec iov = { .iov_base = (void *)p, .iov_len = len };
	struct msghdr m = { .msg_name = &a,
			    .msg_namelen = d->v4 ? sizeof(a.v4) : sizeof(a.v6),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };

	to_sockaddr(&to->addr, to->port, d->v4, &a);
	if (!d->v4)
		a.v6.sin6_scope_id = to->scope;
	put_via(d, to, &m);
	return sendmsg(d->fd, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static bool receive(struct radius_dae *d, uint64_t now)
{
	uint8_t buf[RADIUS_PACKET_MAX]; /* what is longer than this is padding, or malformed */
	_Alignas(struct cmsghdr) char control[CONTROL_ROOM];
	union address peer;
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr m = { .msg_name = &peer,
			    .msg_namelen = sizeof(peer),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	ssize_t len = recvmsg(d->fd, &m, 0);
	struct radius_dae_peer from;

	if (len < 0) /* an ICMP error of an earlier answer is no reason to stop reading */
		return errno != EAGAIN && errno != EWOULDBLOCK && errno != EBADF;
	to_peer(&peer, &from);
	take_via(&m, &from);
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
	bool is4 = d->v4 = !ip4_parse(c->address, &v4);

	if (radius_dae_address(c->address, &addr))
		return -EINVAL;
	to_sockaddr(&addr, c->port, is4, &a);
	d->fd = socket(a.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return -errno;
	if (is4 ? setsockopt(d->fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one))
		: setsockopt(d->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one)) ||
			    setsockopt(d->fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero)))
		return -errno;
	return bind(d->fd, &a.sa, is4 ? sizeof(a.v4) : sizeof(a.v6)) ? -errno : 0;
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
