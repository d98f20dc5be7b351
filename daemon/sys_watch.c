// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Qdiscs, classes and filters that go. The kernel tells every change of traffic control to who
 * listens, those of our own shaper as well; a filter in the socket lets through only what goes, so
 * that ten thousand plans that are programmed wake nobody.
 */
#include "daemon/watch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <sys/socket.h>

struct watch {
	struct nl_sock *sock;
	struct loop_io *io;
	watch_gone_fn *gone;
	void *arg;
	uint64_t now;
};

static int on_message(struct nl_msg *msg, void *arg)
{
	const struct nlmsghdr *h = nlmsg_hdr(msg);
	const struct tcmsg *tcm = nlmsg_data(h);
	struct watch *w = arg;

	if (nlmsg_valid_hdr(h, sizeof(*tcm)))
		w->gone(w->arg, w->now, tcm->tcm_ifindex,
			h->nlmsg_type == RTM_DELTFILTER || TC_H_MAJ(tcm->tcm_handle) == CLSACT);
	return NL_OK;
}

static void on_event(void *arg, uint64_t now, unsigned events)
{
	struct watch *w = arg;
	int rc;

	(void)events;
	w->now = now;
	do {
		rc = nl_recvmsgs_default(w->sock);
	} while (rc >= 0);
	if (rc == -NLE_NOMEM) { /* ENOBUFS: some are lost */
		w->gone(w->arg, now, 0, false);
		w->gone(w->arg, now, 0, true);
	}
}

/* nlmsg_type is in the machine's order, and a load converts from the network's. Of a message that
 * replaces one by another, the first part is what goes. */
static int attach_filter(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELQDISC), 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELTCLASS), 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELTFILTER), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) ? -errno : 0;
}

int watch_new(struct watch **ret, struct loop *loop, watch_gone_fn *gone, void *arg)
{
	struct watch *w = calloc(1, sizeof(*w));
	int rc = -ENOMEM;

	if (!w)
		return -ENOMEM;
	w->gone = gone;
	w->arg = arg;
	w->sock = nl_socket_alloc();
	if (w->sock) {
		nl_socket_disable_seq_check(w->sock);
		nl_socket_modify_cb(w->sock, NL_CB_VALID, NL_CB_CUSTOM, on_message, w);
		rc = nl_connect(w->sock, NETLINK_ROUTE) ? -EPERM : 0;
	}
	rc = rc ? rc : attach_filter(nl_socket_get_fd(w->sock));
	if (!rc && nl_socket_add_memberships(w->sock, RTNLGRP_TC, 0))
		rc = -EPERM;
	if (!rc) {
		nl_socket_set_nonblocking(w->sock);
		rc = loop_io_new(loop, nl_socket_get_fd(w->sock), LOOP_READ, on_event, w, &w->io);
	}
	if (rc) {
		watch_free(w);
		return rc;
	}
	*ret = w;
	return 0;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	loop_io_free(w->io);
	nl_socket_free(w->sock);
	free(w);
}
