// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel counts by itself, asked by whoever wants to know, never by the loop: interfaces and
 * the roots of the shaper, one netlink message each whatever the number of lines (a root's drops are
 * those of all below it), and the process. */
#include "base/json.h"
#include "daemon/http.h"

#include <dirent.h>
#include <linux/gen_stats.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/qdisc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void show_link(struct json *j, struct nl_sock *sk, const char *name)
{
	static const struct {
		const char *name;
		rtnl_link_stat_id_t id;
	} counters[] = {
		{ "rx-bytes", RTNL_LINK_RX_BYTES },	{ "tx-bytes", RTNL_LINK_TX_BYTES },
		{ "rx-packets", RTNL_LINK_RX_PACKETS }, { "tx-packets", RTNL_LINK_TX_PACKETS },
		{ "rx-drops", RTNL_LINK_RX_DROPPED },	{ "tx-drops", RTNL_LINK_TX_DROPPED },
	};
	struct rtnl_link *link = NULL;

	json_open(j, NULL, '{');
	json_str(j, "name", name);
	if (rtnl_link_get_kernel(sk, 0, name, &link)) {
		json_bool(j, "up", false);
	} else {
		json_bool(j, "up", rtnl_link_get_flags(link) & IFF_RUNNING);
		for (unsigned i = 0; i < ARRAY_SIZE(counters); i++)
			json_u64(j, counters[i].name, rtnl_link_get_stat(link, counters[i].id));
	}
	json_close(j, '}');
	rtnl_link_put(link);
}

static int on_qdisc(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[TCA_MAX + 1], *st[TCA_STATS_MAX + 1];
	struct json *j = arg;
	struct gnet_stats_queue q;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(struct tcmsg), tb, TCA_MAX, NULL) ||
	    !tb[TCA_STATS2] || nla_parse_nested(st, TCA_STATS_MAX, tb[TCA_STATS2], NULL) ||
	    !st[TCA_STATS_QUEUE] || nla_len(st[TCA_STATS_QUEUE]) < (int)sizeof(q))
		return NL_OK;
	memcpy(&q, nla_data(st[TCA_STATS_QUEUE]), sizeof(q));
	json_u64(j, "drops", q.drops);
	json_u64(j, "backlog", q.backlog);
	return NL_OK;
}

static void show_root(struct json *j, struct nl_sock *sk, const char *direction, unsigned ifindex)
{
	struct tcmsg tc = { .tcm_ifindex = (int)ifindex, .tcm_parent = TC_H_ROOT };

	json_open(j, NULL, '{');
	json_str(j, "direction", direction);
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_qdisc, j);
	/* The answer is a notification, which comes to the one who asked by NLM_F_ECHO only. */
	if (nl_send_simple(sk, RTM_GETQDISC, NLM_F_ECHO, &tc, sizeof(tc)) >= 0)
		(void)nl_recvmsgs_default(sk);
	json_close(j, '}');
}

static void show_shaper(struct json *j, struct nl_sock *sk, const char *device)
{
	char peer[IFNAMSIZ];
	unsigned down = if_nametoindex(device), up;

	snprintf(peer, sizeof(peer), "%.*sp", IFNAMSIZ - 2, device);
	up = if_nametoindex(peer);
	json_open(j, "queues", '[');
	if (down)
		show_root(j, sk, "down", down);
	if (up)
		show_root(j, sk, "up", up);
	json_close(j, ']');
}

static void show_process(struct json *j)
{
	unsigned long long pages = 0, fds = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	DIR *d = opendir("/proc/self/fd");

	if (f && fscanf(f, "%*u %llu", &pages) == 1)
		json_u64(j, "memory-bytes", pages * (uint64_t)sysconf(_SC_PAGESIZE));
	if (f)
		fclose(f);
	if (!d)
		return;
	for (struct dirent *e; (e = readdir(d));)
		fds += e->d_name[0] != '.';
	closedir(d);
	json_u64(j, "fds", fds - 1); /* without the one that looks */
}

void metrics_kernel(const struct metrics_wanted *wanted, struct sbuf *out)
{
	struct nl_sock *sk = nl_socket_alloc();
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	if (sk)
		nl_socket_disable_auto_ack(sk); /* one message is the answer: this, or an error */
	if (sk && !nl_connect(sk, NETLINK_ROUTE)) {
		json_open(&j, "interfaces", '[');
		for (unsigned i = 0; i < wanted->count; i++)
			show_link(&j, sk, wanted->names[i]);
		if (*wanted->device)
			show_link(&j, sk, wanted->device);
		json_close(&j, ']');
		if (*wanted->device && wanted->shaper)
			show_shaper(&j, sk, wanted->device);
	}
	show_process(&j);
	json_close(&j, '}');
	sbuf_append(out, "", 1);
	nl_socket_free(sk);
}
