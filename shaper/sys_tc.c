// SPDX-License-Identifier: GPL-2.0-or-later
/* Traffic control messages (rtnetlink), many at once. Batching spares system calls; what the kernel
 * does for each stays the same. */
#include "base/netlink.h"
#include "shaper/sys.h"

#include "base/killpoint.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>
#include <sys/time.h>

#define PATIENCE_S   5 /* for an answer: the kernel gives it before sendmsg() returns */
#define RECEIVE_ROOM (4 << 20)
#define DUMP_PIECE   (64 * 1024) /* the kernel sends no larger ones */
#define HTB_VERSION  3
#define QUANTUM	     TREE_PACKET /* of each class: equal shares of what is left over */

/* fq_codel's defaults are for a network card: 1024 flows are 65 KB for each leaf. */
#define FQ_FLOWS    16
#define FQ_PACKETS  1024
#define FQ_MEMORY   (1 << 20)
#define FQ_INTERVAL 100000u

int tc_open(struct tc *t, uint16_t overhead)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int on = 1, rc;

	*t = (struct tc){ .sk = nl_socket_alloc(), .overhead = overhead };
	if (!t->sk)
		return -ENOMEM;
	nl_socket_disable_seq_check(t->sk);
	nl_socket_disable_auto_ack(t->sk);
	rc = nl_connect(t->sk, NETLINK_ROUTE);
	if (rc) {
		tc_close(t);
		return -EPROTO;
	}
	nl_socket_disable_msg_peek(t->sk);
	(void)nl_socket_set_msg_buf_size(t->sk, DUMP_PIECE);
	(void)nl_socket_set_buffer_size(t->sk, RECEIVE_ROOM, RECEIVE_ROOM);
	(void)setsockopt(nl_socket_get_fd(t->sk), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	(void)setsockopt(nl_socket_get_fd(t->sk), SOL_SOCKET, SO_RCVTIMEO, &patience,
			 sizeof(patience));
	return 0;
}

void tc_close(struct tc *t)
{
	nl_socket_free(t->sk);
	t->sk = NULL;
}

/* --- batches ------------------------------------------------------------------------------- */

void tc_begin(struct tc_batch *b, struct tc *t)
{
	b->tc = t;
	b->first = t->seq;
	b->count = b->answered = 0;
	b->len = 0;
	b->bad = false;
	b->told = NULL;
}

static struct nl_msg *message(int type, int flags, int ifindex, uint32_t parent, uint32_t handle,
			      const char *kind)
{
	struct tcmsg tcm = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifindex,
		.tcm_parent = parent,
		.tcm_handle = handle,
	};
	struct nl_msg *m = nlmsg_alloc_simple(type, flags | NLM_F_REQUEST | NLM_F_ACK);

	if (m && (nlmsg_append(m, &tcm, sizeof(tcm), NLMSG_ALIGNTO) ||
		  (kind && nla_put_string(m, TCA_KIND, kind)))) {
		nlmsg_free(m);
		m = NULL;
	}
	return m;
}

/* Takes the message. */
static void put(struct tc_batch *b, struct nl_msg *m, int err)
{
	struct nlmsghdr *h = m ? nlmsg_hdr(m) : NULL;
	size_t len = h ? NLMSG_ALIGN(h->nlmsg_len) : 0;

	if (!h || err || len > sizeof(b->buf) - b->len || b->count == TC_BATCH_MAX) {
		b->bad = true;
	} else {
		h->nlmsg_seq = b->tc->seq++;
		memcpy(b->buf + b->len, h, h->nlmsg_len);
		b->len += len;
		b->rc[b->count++] = -ETIMEDOUT;
	}
	nlmsg_free(m);
}

static void answer(struct tc_batch *b, uint32_t seq, int rc)
{
	uint32_t i = seq - b->first;

	if (i >= b->count || b->rc[i] != -ETIMEDOUT)
		return;
	b->rc[i] = rc;
	b->answered++;
}

static int on_ack(struct nl_msg *m, void *arg)
{
	answer(arg, nlmsg_hdr(m)->nlmsg_seq, 0);
	return NL_OK;
}

static int on_error(struct sockaddr_nl *who, struct nlmsgerr *e, void *arg)
{
	(void)who;
	answer(arg, e->msg.nlmsg_seq, e->error);
	return NL_SKIP;
}

static int on_told(struct nl_msg *m, void *arg)
{
	struct tc_batch *b = arg;
	struct tc_count c;
	int ifindex;

	if (b->told && tc_count_read(m, &c, &ifindex))
		b->told(b->told_arg, &c);
	return NL_OK;
}

int tc_run(struct tc_batch *b)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int rc = 0;

	if (!cb || b->bad) {
		nl_cb_put(cb);
		return -ENOMEM;
	}
	KILLPOINT("tc");
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, b);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_told, b);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, b);
	if (b->count && nl_sendto(b->tc->sk, b->buf, b->len) < 0)
		rc = -EIO;
	while (!rc && b->answered < b->count)
		if (nl_recvmsgs(b->tc->sk, cb) < 0)
			rc = -EIO;
	nl_cb_put(cb);
	if (rc)
		netlink_drain(nl_socket_get_fd(b->tc->sk));
	for (unsigned i = 0; i < b->count && !rc; i++)
		rc = b->rc[i];
	return rc;
}

/* --- messages ------------------------------------------------------------------------------ */

static int class_flags(enum tc_how how)
{
	return how == TC_CREATE ? NLM_F_CREATE | NLM_F_EXCL : how == TC_ENSURE ? NLM_F_CREATE : 0;
}

static int qdisc_flags(enum tc_how how)
{
	return class_flags(how) | (how == TC_ENSURE ? NLM_F_REPLACE : 0);
}

void tc_mq(struct tc_batch *b, int ifindex)
{
	put(b,
	    message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, ifindex, TC_H_ROOT, TREE_MQ, "mq"),
	    0);
}

void tc_htb(struct tc_batch *b, int ifindex, uint32_t parent, uint32_t handle)
{
	struct tc_htb_glob glob = { .version = HTB_VERSION, .rate2quantum = 10 };
	struct nl_msg *m =
		message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, ifindex, parent, handle, "htb");
	struct nlattr *o = m ? nla_nest_start(m, TCA_OPTIONS) : NULL;

	if (o && !nla_put(m, TCA_HTB_INIT, sizeof(glob), &glob)) {
		nla_nest_end(m, o);
		put(b, m, 0);
	} else {
		put(b, m, -ENOMEM);
	}
}

static uint32_t low32(uint64_t rate)
{
	return rate > UINT32_MAX ? UINT32_MAX : (uint32_t)rate;
}

/* @overhead: what is counted beside the frame that the qdisc sees, Ethernet header included. */
static struct tc_ratespec ratespec(uint64_t rate, uint16_t overhead)
{
	return (struct tc_ratespec){
		.linklayer = TC_LINKLAYER_ETHERNET,
		.overhead = overhead,
		.rate = low32(rate),
	};
}

void tc_class(struct tc_batch *b, int ifindex, uint32_t parent, uint32_t id,
	      const struct tree_class *c, enum tc_how how)
{
	uint16_t overhead = b->tc->overhead - 14;
	struct tc_htb_opt opt = {
		.rate = ratespec(c->rate, overhead),
		.ceil = ratespec(c->ceil, overhead),
		.buffer = c->buffer >> TC_TICK_SHIFT,
		.cbuffer = c->cbuffer >> TC_TICK_SHIFT,
		.quantum = QUANTUM,
		.prio = c->prio,
	};
	struct nl_msg *m = message(RTM_NEWTCLASS, class_flags(how), ifindex, parent, id, "htb");
	struct nlattr *o = m ? nla_nest_start(m, TCA_OPTIONS) : NULL;
	int err = o ? nla_put(m, TCA_HTB_PARMS, sizeof(opt), &opt) : -ENOMEM;

	if (!err && c->rate > UINT32_MAX)
		err = nla_put_u64(m, TCA_HTB_RATE64, c->rate);
	if (!err && c->ceil > UINT32_MAX)
		err = nla_put_u64(m, TCA_HTB_CEIL64, c->ceil);
	if (!err)
		nla_nest_end(m, o);
	put(b, m, err);
}

/* The bucket is given in octets (TCA_TBF_BURST): its time at such rates is less than a tick. */
void tc_tbf(struct tc_batch *b, int ifindex, uint32_t parent, uint32_t handle,
	    const struct tree_leaf *leaf, enum tc_how how)
{
	struct tc_tbf_qopt opt = {
		.rate = ratespec(leaf->rate, b->tc->overhead - 14),
		.limit = leaf->limit,
	};
	struct nl_msg *m = message(RTM_NEWQDISC, qdisc_flags(how), ifindex, parent, handle, "tbf");
	struct nlattr *o = m ? nla_nest_start(m, TCA_OPTIONS) : NULL;
	int err = o ? nla_put(m, TCA_TBF_PARMS, sizeof(opt), &opt) : -ENOMEM;

	err = err ? err : nla_put_u32(m, TCA_TBF_BURST, leaf->burst);
	if (!err && leaf->rate > UINT32_MAX)
		err = nla_put_u64(m, TCA_TBF_RATE64, leaf->rate);
	if (!err)
		nla_nest_end(m, o);
	put(b, m, err);
}

/* In octets: a fifo that counts packets would count a super-packet as one. */
void tc_fifo(struct tc_batch *b, int ifindex, uint32_t parent, uint32_t handle,
	     const struct tree_leaf *leaf, enum tc_how how)
{
	struct tc_fifo_qopt opt = { .limit = leaf->limit };
	struct nl_msg *m =
		message(RTM_NEWQDISC, qdisc_flags(how), ifindex, parent, handle, "bfifo");

	put(b, m, m ? nla_put(m, TCA_OPTIONS, sizeof(opt), &opt) : -ENOMEM);
}

void tc_fq_codel(struct tc_batch *b, int ifindex, uint32_t parent, uint32_t handle,
		 const struct tree_leaf *leaf, enum tc_how how)
{
	const struct {
		int type;
		uint32_t value;
	} options[] = {
		{ TCA_FQ_CODEL_LIMIT, FQ_PACKETS },
		{ TCA_FQ_CODEL_MEMORY_LIMIT, FQ_MEMORY },
		{ TCA_FQ_CODEL_TARGET, leaf->target },
		{ TCA_FQ_CODEL_INTERVAL, FQ_INTERVAL + leaf->target },
		{ TCA_FQ_CODEL_QUANTUM, QUANTUM },
		{ TCA_FQ_CODEL_ECN, 1 },
		{ TCA_FQ_CODEL_FLOWS, FQ_FLOWS }, /* cannot be changed later */
	};
	struct nl_msg *m =
		message(RTM_NEWQDISC, qdisc_flags(how), ifindex, parent, handle, "fq_codel");
	struct nlattr *o = m ? nla_nest_start(m, TCA_OPTIONS) : NULL;
	int err = o ? 0 : -ENOMEM;
	unsigned count = sizeof(options) / sizeof(options[0]) - (how == TC_CHANGE);

	for (unsigned i = 0; !err && i < count; i++)
		err = nla_put_u32(m, options[i].type, options[i].value);
	if (!err)
		nla_nest_end(m, o);
	put(b, m, err);
}

void tc_qdisc_del(struct tc_batch *b, int ifindex, uint32_t parent, uint32_t handle)
{
	put(b, message(RTM_DELQDISC, 0, ifindex, parent, handle, NULL), 0);
}

/* By its parent, so that the kernel looks for the tree, which is quick, and not for the leaf.
 * Before Linux 6.8 the answer goes to listeners only, but for NLM_F_ECHO. */
void tc_leaf_get(struct tc_batch *b, int ifindex, uint32_t class_id)
{
	put(b, message(RTM_GETQDISC, NLM_F_ECHO, ifindex, class_id, 0, NULL), 0);
}
