// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The socket of returns.h: it is in front of the firewall and of routing, so that neither hides
 * what has come back, and a filter in the kernel keeps all else from us.
 */
#include "daemon/returns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_MOST 64 /* in one turn of the loop */

struct returns {
	int fd;
	struct loop_io *io;
	returns_fn *fn;
	void *arg;
};

static void on_packet(void *arg, uint64_t now, unsigned events)
{
	struct returns *r = arg;

	(void)now, (void)events;
	for (unsigned i = 0; i < READ_MOST; i++) {
		struct sockaddr_ll from = { 0 };
		socklen_t from_len = sizeof(from);
		struct returns_id id;
		uint8_t buf[256];
		struct mac mac;
		ssize_t n =
			recvfrom(r->fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &from_len);

		if (n < 0)
			return;
		if (from.sll_pkttype == PACKET_OUTGOING || returns_parse(buf, (size_t)n, &id))
			continue;
		memcpy(mac.b, from.sll_addr, sizeof(mac.b));
		r->fn(r->arg, &id, from.sll_ifindex, &mac);
	}
}

/* UDP to RETURNS_PORT, and the magic behind its header: of IPv4 without a fragment's offset, of
 * IPv6 without extension headers. The packet begins with IP. */
static int attach_filter(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 4, 0, 7),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 17, 0, 13),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RETURNS_PORT, 0, 10),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, 8),
		BPF_JUMP(BPF_JMP | BPF_JA, 6, 0, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 6, 0, 7), /* [10] */
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 17, 0, 5),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 42),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RETURNS_PORT, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 48),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RETURNS_MAGIC, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) ? -errno : 0;
}

/* The filter is there before the socket hears anything. */
static int listen_all(int fd)
{
	struct sockaddr_ll all = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int on = 1, rc = attach_filter(fd);

	if (rc)
		return rc;
	(void)setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	return bind(fd, (struct sockaddr *)&all, sizeof(all)) ? -errno : 0;
}

int returns_new(struct returns **ret, struct loop *loop, returns_fn *fn, void *arg)
{
	struct returns *r = calloc(1, sizeof(*r));
	int rc;

	if (!r)
		return -ENOMEM;
	r->fn = fn;
	r->arg = arg;
	r->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	rc = r->fd < 0 ? -errno : listen_all(r->fd);
	rc = rc ? rc : loop_io_new(loop, r->fd, LOOP_READ, on_packet, r, &r->io);
	if (rc) {
		returns_free(r);
		return rc;
	}
	*ret = r;
	return 0;
}

void returns_free(struct returns *r)
{
	if (!r)
		return;
	loop_io_free(r->io);
	if (r->fd >= 0)
		close(r->fd);
	free(r);
}

int returns_send(struct returns *r, int ifindex, const struct mac *to, bool ip6,
		 const uint8_t *packet, size_t len)
{
	struct sockaddr_ll there = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ip6 ? ETH_P_IPV6 : ETH_P_IP),
		.sll_ifindex = ifindex,
		.sll_halen = sizeof(to->b),
	};

	memcpy(there.sll_addr, to->b, sizeof(to->b));
	return sendto(r->fd, packet, len, 0, (struct sockaddr *)&there, sizeof(there)) < 0 ? -errno
											   : 0;
}
