// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Conntrack's table, for tayga: which connections are those of its hosts, and which ports of pool4
 * they take. The kernel makes the dump as it is read, a piece with each read(): one piece in a turn
 * of the loop, and nothing else waits for a table of a million entries.
 */
#include "nat64/sys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>
#include <sys/socket.h>

#define PIECE 32768

struct tuple {
	uint32_t src, dst; /* host order */
	uint16_t port;	   /* where it goes to; ICMP: its identifier */
	uint8_t proto;
};

struct nat64_counting {
	int fd;
	struct loop_io *io;
	struct prefix4 hosts;
	const struct nat64_held *only; /* NULL: all of them */
	struct nat64_count count;
	/* A bit for each port of each protocol and address of pool4 seen so far. */
	struct taken {
		uint32_t addr;
		uint8_t bits[NAT64_PROTOS][8192];
	} * taken;
	unsigned taken_count;
	void (*done)(void *arg, uint64_t now, int rc, const struct nat64_count *count);
	void *arg;
	uint8_t buf[PIECE];
};

static bool nested(struct nlattr *attr, int max, struct nlattr **ret)
{
	return attr && nla_parse_nested(ret, max, attr, NULL) >= 0;
}

static bool tuple_of(struct nlattr *attr, struct tuple *ret)
{
	struct nlattr *t[CTA_TUPLE_MAX + 1], *ip[CTA_IP_MAX + 1], *proto[CTA_PROTO_MAX + 1], *port;

	if (!nested(attr, CTA_TUPLE_MAX, t) || !nested(t[CTA_TUPLE_IP], CTA_IP_MAX, ip) ||
	    !nested(t[CTA_TUPLE_PROTO], CTA_PROTO_MAX, proto))
		return false;
	if (!ip[CTA_IP_V4_SRC] || !ip[CTA_IP_V4_DST] || !proto[CTA_PROTO_NUM] ||
	    nla_len(ip[CTA_IP_V4_SRC]) < 4 || nla_len(ip[CTA_IP_V4_DST]) < 4 ||
	    nla_len(proto[CTA_PROTO_NUM]) < 1)
		return false;
	port = proto[CTA_PROTO_DST_PORT] ? proto[CTA_PROTO_DST_PORT] : proto[CTA_PROTO_ICMP_ID];
	*ret = (struct tuple){
		.src = ntohl(nla_get_u32(ip[CTA_IP_V4_SRC])),
		.dst = ntohl(nla_get_u32(ip[CTA_IP_V4_DST])),
		.proto = nla_get_u8(proto[CTA_PROTO_NUM]),
		.port = port && nla_len(port) >= 2 ? ntohs(nla_get_u16(port)) : 0,
	};
	return true;
}

static struct taken *taken_of(struct nat64_counting *c, uint32_t addr)
{
	struct taken *more;

	for (unsigned i = 0; i < c->taken_count; i++)
		if (c->taken[i].addr == addr)
			return &c->taken[i];
	more = realloc(c->taken, (c->taken_count + 1) * sizeof(*more));
	if (!more)
		return NULL;
	c->taken = more;
	more += c->taken_count++;
	memset(more, 0, sizeof(*more));
	more->addr = addr;
	return more;
}

/* @reply: what comes back, and so goes to the address and port that it has of pool4. */
static void take_port(struct nat64_counting *c, const struct tuple *reply)
{
	enum nat64_proto p = reply->proto == IPPROTO_TCP   ? NAT64_TCP
			     : reply->proto == IPPROTO_UDP ? NAT64_UDP
							   : NAT64_ICMP;
	struct taken *t = taken_of(c, reply->dst);
	uint8_t *byte = t ? &t->bits[p][reply->port / 8] : NULL;
	uint8_t bit = (uint8_t)(1u << reply->port % 8);

	if (!byte || *byte & bit)
		return;
	*byte |= bit;
	c->count.bib++;
}

static void entry(struct nat64_counting *c, struct nlmsghdr *h)
{
	struct nlattr *a[CTA_MAX + 1];
	struct tuple orig, reply;
	uint32_t mask = c->hosts.len ? UINT32_MAX << (32 - c->hosts.len) : 0;

	if (nlmsg_parse(h, sizeof(struct nfgenmsg), a, CTA_MAX, NULL) < 0 ||
	    !tuple_of(a[CTA_TUPLE_ORIG], &orig) || !tuple_of(a[CTA_TUPLE_REPLY], &reply))
		return;
	if ((orig.src & mask) != c->hosts.addr || reply.dst == orig.src ||
	    (c->only && !nat64_held_has4(c->only, orig.src)))
		return;
	c->count.sessions++;
	take_port(c, &reply);
}

/* 1: that was all; 0: there is more; -errno. */
static int piece(struct nat64_counting *c, size_t len)
{
	int left = (int)len;

	for (struct nlmsghdr *h = (void *)c->buf; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
		if (h->nlmsg_type == NLMSG_DONE)
			return 1;
		if (h->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *e = nlmsg_data(h);

			return nlmsg_datalen(h) >= (int)sizeof(*e) && e->error ? e->error : -EPROTO;
		}
		entry(c, h);
	}
	return 0;
}

static void on_readable(void *arg, uint64_t now, unsigned events)
{
	struct nat64_counting *c = arg;
	ssize_t n = recv(c->fd, c->buf, sizeof(c->buf), MSG_DONTWAIT);
	int rc;

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	rc = n < 0 ? -errno : piece(c, (size_t)n);
	if (!rc)
		return;
	loop_io_free(c->io);
	c->io = NULL;
	c->done(c->arg, now, rc < 0 ? rc : 0, &c->count);
}

static int ask(int fd, uint16_t what)
{
	struct {
		struct nlmsghdr h;
		struct nfgenmsg g;
	} m = {
		.h = { .nlmsg_len = sizeof(m),
		       .nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | what),
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.g = { .nfgen_family = AF_INET, .version = NFNETLINK_V0 },
	};

	return send(fd, &m, sizeof(m), 0) == (ssize_t)sizeof(m) ? 0 : -errno;
}

int nat64_count(struct nat64_counting **ret, struct loop *loop, const struct prefix4 *hosts,
		const struct nat64_held *only,
		void (*done)(void *arg, uint64_t now, int rc, const struct nat64_count *count),
		void *arg)
{
	struct nat64_counting *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	c->hosts = *hosts;
	c->only = only;
	c->done = done;
	c->arg = arg;
	c->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
	rc = c->fd < 0 ? -errno : ask(c->fd, IPCTNL_MSG_CT_GET);
	rc = rc ? rc : loop_io_new(loop, c->fd, LOOP_READ, on_readable, c, &c->io);
	if (rc) {
		nat64_count_free(c);
		return rc;
	}
	*ret = c;
	return 0;
}

void nat64_count_free(struct nat64_counting *c)
{
	if (!c)
		return;
	loop_io_free(c->io);
	if (c->fd >= 0)
		close(c->fd);
	free(c->taken);
	free(c);
}

/* --- its statistics --------------------------------------------------------------------------- */

/* A message for each processor. 1: that was all; 0: there is more; -errno. */
static int stats_piece(void *buf, size_t len, uint64_t *sum)
{
	struct nlattr *a[CTA_STATS_MAX + 1];
	int left = (int)len;

	for (struct nlmsghdr *h = buf; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
		if (h->nlmsg_type == NLMSG_DONE)
			return 1;
		if (h->nlmsg_type == NLMSG_ERROR)
			return -EPROTO;
		if (nlmsg_parse(h, sizeof(struct nfgenmsg), a, CTA_STATS_MAX, NULL) < 0)
			return -EPROTO;
		if (a[CTA_STATS_INSERT_FAILED] && nla_len(a[CTA_STATS_INSERT_FAILED]) >= 4)
			*sum += ntohl(nla_get_u32(a[CTA_STATS_INSERT_FAILED]));
	}
	return 0;
}

/* The kernel makes each piece as it is read: nothing is waited for. */
int nat64_sys_no_port(uint64_t *ret)
{
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	uint8_t buf[8192] __attribute__((aligned(8)));
	uint64_t sum = 0;
	int rc = fd < 0 ? -errno : ask(fd, IPCTNL_MSG_CT_GET_STATS_CPU);

	while (!rc) {
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

		rc = n < 0 ? -errno : stats_piece(buf, (size_t)n, &sum);
	}
	if (rc < 0)
		return rc;
	*ret = sum;
	return 0;
}
