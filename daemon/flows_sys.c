// SPDX-License-Identifier: GPL-2.0-or-later
/* The door to conntrack: flows_door.h. Three sockets: events, dumps, and one to change flags by. */
#include "daemon/flows_door.h"

#include <errno.h>
#include <fcntl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack_tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define EVENTS_A_TURN 512	/* then others have their turn */
#define EVENTS_BUFFER (8 << 20) /* octets: some ten thousand events */

struct flows_door {
	struct nfct_handle *events, *dump, *change;
	struct loop_io *io, *dump_io;
	const struct flows_ops *ops;
	void *arg;
	uint64_t now;
	unsigned budget; /* events of this turn */
	bool dumping;
	bool lossy; /* its queue ran over, and is not read to its end yet */
};

static void tuple4(const struct nf_conntrack *ct, struct flow_tuple *t, bool reply)
{
	t->src[0] = nfct_get_attr_u32(ct, reply ? ATTR_REPL_IPV4_SRC : ATTR_ORIG_IPV4_SRC);
	t->dst[0] = nfct_get_attr_u32(ct, reply ? ATTR_REPL_IPV4_DST : ATTR_ORIG_IPV4_DST);
}

static bool tuple6(const struct nf_conntrack *ct, struct flow_tuple *t, bool reply)
{
	const void *src = nfct_get_attr(ct, reply ? ATTR_REPL_IPV6_SRC : ATTR_ORIG_IPV6_SRC);
	const void *dst = nfct_get_attr(ct, reply ? ATTR_REPL_IPV6_DST : ATTR_ORIG_IPV6_DST);

	if (!src || !dst)
		return false;
	memcpy(t->src, src, sizeof(t->src));
	memcpy(t->dst, dst, sizeof(t->dst));
	return true;
}

static bool tuple_read(const struct nf_conntrack *ct, struct flow_tuple *t, bool reply, bool ip4)
{
	if (ip4)
		tuple4(ct, t, reply);
	else if (!tuple6(ct, t, reply))
		return false;
	t->sport_be = nfct_get_attr_u16(ct, reply ? ATTR_REPL_PORT_SRC : ATTR_ORIG_PORT_SRC);
	t->dport_be = nfct_get_attr_u16(ct, reply ? ATTR_REPL_PORT_DST : ATTR_ORIG_PORT_DST);
	return true;
}

static bool ct_read(const struct nf_conntrack *ct, struct flow_ct *ret)
{
	uint8_t l3 = nfct_get_attr_u8(ct, ATTR_L3PROTO);

	*ret = (struct flow_ct){
		.family = l3 == AF_INET ? 4 : 6,
		.proto = nfct_get_attr_u8(ct, ATTR_L4PROTO),
		.status = nfct_get_attr_u32(ct, ATTR_STATUS),
		.mark = nfct_get_attr_u32(ct, ATTR_MARK),
		.zone = nfct_get_attr_u16(ct, ATTR_ZONE),
		.tcp_state = nfct_get_attr_u8(ct, ATTR_TCP_STATE),
	};
	if (l3 != AF_INET && l3 != AF_INET6)
		return false;
	if (ret->proto != IPPROTO_TCP && ret->proto != IPPROTO_UDP)
		return false;
	return tuple_read(ct, &ret->orig, false, l3 == AF_INET) &&
	       tuple_read(ct, &ret->reply, true, l3 == AF_INET);
}

static int on_ct(enum nf_conntrack_msg_type type, struct nf_conntrack *ct, void *arg)
{
	struct flows_door *d = arg;
	struct flow_ct c;

	if (ct_read(ct, &c))
		d->ops->flow(d->arg, d->now, &c, type == NFCT_T_DESTROY, ct);
	return NFCT_CB_CONTINUE;
}

/* A datagram is one event: none is lost by stopping. */
static int on_ct_event(enum nf_conntrack_msg_type type, struct nf_conntrack *ct, void *arg)
{
	struct flows_door *d = arg;

	(void)on_ct(type, ct, arg);
	return --d->budget ? NFCT_CB_CONTINUE : NFCT_CB_STOP;
}

/* Once it has run over, the kernel puts no event into the socket's queue, and says no more so,
 * until all of it is read (netlink's NETLINK_S_CONGESTED). */
static bool is_read(const struct flows_door *d)
{
	char c;

	return recv(nfct_fd(d->events), &c, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static void on_event(void *arg, uint64_t now, unsigned events)
{
	struct flows_door *d = arg;

	(void)events;
	d->now = now;
	d->budget = EVENTS_A_TURN;
	if (nfct_catch(d->events) < 0 && errno == ENOBUFS) {
		d->lossy = true;
		d->ops->lost(d->arg, now);
	}
	if (d->lossy && is_read(d)) {
		d->lossy = false;
		d->ops->heard(d->arg, now);
	}
}

static void dump_ended(struct flows_door *d, uint64_t now, int rc)
{
	d->dumping = false;
	d->ops->dumped(d->arg, now, rc);
}

static void on_dump(void *arg, uint64_t now, unsigned events)
{
	struct flows_door *d = arg;
	int rc;

	(void)events;
	d->now = now;
	rc = nfct_catch(d->dump);
	if (rc < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (d->dumping)
		dump_ended(d, now, rc < 0 ? -errno : 0);
}

int flows_door_dump(struct flows_door *d)
{
	uint32_t any = AF_UNSPEC;

	if (d->dumping)
		return -EALREADY;
	if (nfct_send(d->dump, NFCT_Q_DUMP, &any) < 0)
		return -errno;
	d->dumping = true;
	return 0;
}

int flows_door_liberal(struct flows_door *d, void *raw)
{
	struct nf_conntrack *ct = nfct_new();
	int rc;

	if (!ct)
		return -ENOMEM;
	nfct_copy(ct, raw, NFCT_CP_ORIG);
	/* Not its state: it may have ended by now, and must not be brought back to life. */
	nfct_set_attr_u8(ct, ATTR_TCP_FLAGS_ORIG, IP_CT_TCP_FLAG_BE_LIBERAL);
	nfct_set_attr_u8(ct, ATTR_TCP_MASK_ORIG, IP_CT_TCP_FLAG_BE_LIBERAL);
	nfct_set_attr_u8(ct, ATTR_TCP_FLAGS_REPL, IP_CT_TCP_FLAG_BE_LIBERAL);
	nfct_set_attr_u8(ct, ATTR_TCP_MASK_REPL, IP_CT_TCP_FLAG_BE_LIBERAL);
	rc = nfct_query(d->change, NFCT_Q_UPDATE, ct) < 0 ? -errno : 0;
	nfct_destroy(ct);
	return rc;
}

/* Before anything is let in that is neither TCP nor UDP. */
static int filter(struct nfct_handle *h)
{
	struct nfct_filter *f = nfct_filter_create();
	int rc;

	if (!f)
		return -ENOMEM;
	nfct_filter_add_attr_u32(f, NFCT_FILTER_L4PROTO, IPPROTO_TCP);
	nfct_filter_add_attr_u32(f, NFCT_FILTER_L4PROTO, IPPROTO_UDP);
	rc = nfct_filter_attach(nfct_fd(h), f) < 0 ? -errno : 0;
	nfct_filter_destroy(f);
	return rc;
}

static int open_one(struct nfct_handle **ret, unsigned groups, bool blocks)
{
	struct nfct_handle *h = nfct_open(CONNTRACK, groups);

	if (!h)
		return errno == EPERM ? -EPERM : -EPROTONOSUPPORT;
	*ret = h;
	(void)fcntl(nfct_fd(h), F_SETFD, FD_CLOEXEC);
	if (!blocks && fcntl(nfct_fd(h), F_SETFL, O_NONBLOCK))
		return -errno;
	return 0;
}

int flows_door_new(struct flows_door **ret, struct loop *loop, const struct flows_ops *ops,
		   void *arg)
{
	struct flows_door *d = calloc(1, sizeof(*d));
	const int buffer = EVENTS_BUFFER;
	int rc;

	if (!d)
		return -ENOMEM;
	d->ops = ops;
	d->arg = arg;
	rc = open_one(&d->events, NF_NETLINK_CONNTRACK_UPDATE | NF_NETLINK_CONNTRACK_DESTROY,
		      false);
	rc = rc ? rc : open_one(&d->dump, 0, false);
	rc = rc ? rc : open_one(&d->change, 0, true);
	rc = rc ? rc : filter(d->events);
	if (!rc) {
		(void)setsockopt(nfct_fd(d->events), SOL_SOCKET, SO_RCVBUFFORCE, &buffer,
				 sizeof(buffer));
		nfct_callback_register(d->events, NFCT_T_ALL, on_ct_event, d);
		nfct_callback_register(d->dump, NFCT_T_ALL, on_ct, d);
		rc = loop_io_new(loop, nfct_fd(d->events), LOOP_READ, on_event, d, &d->io);
	}
	rc = rc ? rc : loop_io_new(loop, nfct_fd(d->dump), LOOP_READ, on_dump, d, &d->dump_io);
	if (rc) {
		flows_door_free(d);
		return rc;
	}
	*ret = d;
	return 0;
}

void flows_door_free(struct flows_door *d)
{
	if (!d)
		return;
	loop_io_free(d->io);
	loop_io_free(d->dump_io);
	if (d->events)
		nfct_close(d->events);
	if (d->dump)
		nfct_close(d->dump);
	if (d->change)
		nfct_close(d->change);
	free(d);
}
