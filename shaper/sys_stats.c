// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel counts of classes and qdiscs. */
#include "base/netlink.h"
#include "shaper/sys.h"

#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <string.h>

struct dump {
	int ifindex; /* the kernel tells of all devices' qdiscs */
	void (*fn)(void *arg, const struct tc_count *s);
	void *arg;
	bool done;
	int rc;
};

/* Copies what there is of a kernel's struct, which may be shorter or longer than ours. */
static void take(const struct nlattr *a, void *dst, size_t len)
{
	if (a)
		(void)nla_memcpy(dst, a, (int)len);
}

static void take_stats(struct nlattr *const *a, struct tc_count *s)
{
	struct nlattr *of[TCA_STATS_MAX + 1];
	struct gnet_stats_basic basic = { 0 };
	struct gnet_stats_queue queue = { 0 };
	struct tc_htb_xstats xstats = { 0 };
	uint64_t packets = 0;

	if (!a[TCA_STATS2] || nla_parse_nested(of, TCA_STATS_MAX, a[TCA_STATS2], NULL))
		return;
	take(of[TCA_STATS_BASIC], &basic, sizeof(basic));
	take(of[TCA_STATS_QUEUE], &queue, sizeof(queue));
	take(of[TCA_STATS_APP], &xstats, sizeof(xstats));
	take(of[TCA_STATS_PKT64], &packets, sizeof(packets));
	s->bytes = basic.bytes;
	s->packets = packets ? packets : basic.packets;
	s->drops = queue.drops;
	s->backlog = queue.backlog;
	s->borrows = xstats.borrows;
}

static void take_class(struct nlattr *const *a, struct tc_count *s)
{
	struct tc_htb_opt opt = { 0 };

	take(a[TCA_HTB_PARMS], &opt, sizeof(opt));
	s->rate = opt.rate.rate;
	s->ceil = opt.ceil.rate;
	s->buffer = opt.buffer << TC_TICK_SHIFT;
	s->cbuffer = opt.cbuffer << TC_TICK_SHIFT;
	s->prio = (uint8_t)opt.prio;
	take(a[TCA_HTB_RATE64], &s->rate, sizeof(s->rate));
	take(a[TCA_HTB_CEIL64], &s->ceil, sizeof(s->ceil));
}

static void take_tbf(struct nlattr *const *a, struct tc_count *s)
{
	struct tc_tbf_qopt opt = { 0 };

	take(a[TCA_TBF_PARMS], &opt, sizeof(opt));
	s->rate = opt.rate.rate;
	s->limit = opt.limit;
	take(a[TCA_TBF_RATE64], &s->rate, sizeof(s->rate));
}

static void take_fifo(const struct nlattr *options, struct tc_count *s)
{
	struct tc_fifo_qopt opt = { 0 };

	take(options, &opt, sizeof(opt));
	s->limit = opt.limit;
}

static void take_options(struct nlattr *options, bool is_class, struct tc_count *s)
{
	struct nlattr *of[TCA_HTB_MAX > TCA_TBF_MAX ? TCA_HTB_MAX + 1 : TCA_TBF_MAX + 1];

	if (is_class && !strcmp(s->kind, "htb") &&
	    !nla_parse_nested(of, TCA_HTB_MAX, options, NULL))
		take_class(of, s);
	if (!is_class && !strcmp(s->kind, "tbf") &&
	    !nla_parse_nested(of, TCA_TBF_MAX, options, NULL))
		take_tbf(of, s);
	if (!is_class && !strcmp(s->kind, "bfifo"))
		take_fifo(options, s);
}

bool tc_count_read(struct nl_msg *m, struct tc_count *ret, int *ret_ifindex)
{
	struct nlmsghdr *h = nlmsg_hdr(m);
	struct nlattr *a[TCA_MAX + 1];
	const struct tcmsg *tcm;

	if ((h->nlmsg_type != RTM_NEWQDISC && h->nlmsg_type != RTM_NEWTCLASS) ||
	    nlmsg_parse(h, sizeof(*tcm), a, TCA_MAX, NULL))
		return false;
	tcm = nlmsg_data(h);
	*ret_ifindex = tcm->tcm_ifindex;
	*ret = (struct tc_count){ .handle = tcm->tcm_handle, .parent = tcm->tcm_parent };
	if (a[TCA_KIND])
		(void)nla_strlcpy(ret->kind, a[TCA_KIND], sizeof(ret->kind));
	take_stats(a, ret);
	if (a[TCA_OPTIONS])
		take_options(a[TCA_OPTIONS], h->nlmsg_type == RTM_NEWTCLASS, ret);
	return true;
}

static int on_valid(struct nl_msg *m, void *arg)
{
	struct dump *d = arg;
	struct tc_count s;
	int ifindex;

	if (tc_count_read(m, &s, &ifindex) && ifindex == d->ifindex)
		d->fn(d->arg, &s);
	return NL_OK;
}

static int on_finish(struct nl_msg *m, void *arg)
{
	(void)m;
	((struct dump *)arg)->done = true;
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *who, struct nlmsgerr *e, void *arg)
{
	struct dump *d = arg;

	(void)who;
	d->rc = e->error;
	return NL_STOP;
}

static int dump(struct tc *t, int type, int ifindex, uint32_t parent,
		void (*fn)(void *arg, const struct tc_count *s), void *arg)
{
	struct dump d = { .ifindex = ifindex, .fn = fn, .arg = arg };
	struct tcmsg tcm = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifindex,
		.tcm_parent = parent,
	};
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);

	if (!cb)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, &d);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, &d);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, &d);
	if (nl_send_simple(t->sk, type, NLM_F_DUMP, &tcm, sizeof(tcm)) < 0)
		d.rc = -EIO;
	while (!d.done && !d.rc)
		if (nl_recvmsgs(t->sk, cb) < 0 && !d.rc)
			d.rc = -EIO;
	if (d.rc)
		netlink_drain(nl_socket_get_fd(t->sk));
	nl_cb_put(cb);
	return d.rc;
}

int tc_dump_classes(struct tc *t, int ifindex, uint32_t tree,
		    void (*fn)(void *arg, const struct tc_count *s), void *arg)
{
	return dump(t, RTM_GETTCLASS, ifindex, tree, fn, arg);
}

int tc_dump_qdiscs(struct tc *t, int ifindex, void (*fn)(void *arg, const struct tc_count *s),
		   void *arg)
{
	return dump(t, RTM_GETQDISC, ifindex, 0, fn, arg);
}
