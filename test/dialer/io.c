// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The dialer's door to the wire: one packet socket, recvmmsg and sendmmsg. A tag that the kernel
 * keeps beside the frame is put back in place, so that everyone above sees what was on the wire.
 */
#include "test/dialer/dialer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define BATCH	  128
#define FRAME_CAP 2048
#define VLAN_ROOM 4

struct rx_control {
	_Alignas(struct cmsghdr) uint8_t b[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
};

struct io {
	int fd;
	unsigned tx_count;
	uint64_t tx_lost, rx_lost;
	uint8_t rx[BATCH][FRAME_CAP], tx[BATCH][FRAME_CAP];
	struct rx_control control[BATCH];
	struct mmsghdr rx_msg[BATCH], tx_msg[BATCH];
	struct iovec rx_iov[BATCH], tx_iov[BATCH];
};

static int socket_setup(int fd, const char *ifname, bool promiscuous, struct mac *ret_mac)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	struct packet_mreq promisc = { .mr_type = PACKET_MR_PROMISC };
	struct ifreq ifr = { 0 };
	int on = 1, size = 64 << 20;

	if (strlen(ifname) >= sizeof(ifr.ifr_name))
		return -EINVAL;
	memcpy(ifr.ifr_name, ifname, strlen(ifname) + 1);
	if (ioctl(fd, SIOCGIFHWADDR, &ifr))
		return -errno;
	memcpy(ret_mac->b, ifr.ifr_hwaddr.sa_data, 6);
	ll.sll_ifindex = promisc.mr_ifindex = (int)if_nametoindex(ifname);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)))
		return -errno;
	if (promiscuous &&
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promisc, sizeof(promisc)))
		return -errno;
	return bind(fd, (struct sockaddr *)&ll, sizeof(ll)) ? -errno : 0;
}

static void messages_setup(struct io *io)
{
	for (unsigned i = 0; i < BATCH; i++) {
		io->rx_iov[i] = (struct iovec){ .iov_base = io->rx[i] + VLAN_ROOM,
						.iov_len = FRAME_CAP - VLAN_ROOM };
		io->rx_msg[i].msg_hdr.msg_iov = &io->rx_iov[i];
		io->rx_msg[i].msg_hdr.msg_iovlen = 1;
		io->tx_iov[i].iov_base = io->tx[i];
		io->tx_msg[i].msg_hdr.msg_iov = &io->tx_iov[i];
		io->tx_msg[i].msg_hdr.msg_iovlen = 1;
	}
}

int io_new(struct io **ret, const char *ifname, bool promiscuous, struct mac *ret_mac)
{
	struct io *io = calloc(1, sizeof(*io));
	int r;

	if (!io)
		return -ENOMEM;
	io->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	r = io->fd < 0 ? -errno : socket_setup(io->fd, ifname, promiscuous, ret_mac);
	if (r < 0) {
		io_free(io);
		return r;
	}
	messages_setup(io);
	*ret = io;
	return 0;
}

/* The upper 16 bits of the destination, and a range of the lower 32. */
int io_stations(struct io *io, const struct mac *first, uint32_t count)
{
	struct rd r = rd_init(first->b, sizeof(first->b));
	uint32_t high = rd_be16(&r), low = rd_be32(&r);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, high, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, low, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, low + (count - 1), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	if (low > UINT32_MAX - (count - 1))
		return 0; /* such a range is not known by its bounds: everything comes */
	return setsockopt(io->fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) ? -errno : 0;
}

void io_free(struct io *io)
{
	if (!io)
		return;
	if (io->fd >= 0)
		close(io->fd);
	free(io);
}

int io_fd(const struct io *io)
{
	return io->fd;
}

/* Puts a tag that came beside the frame back between the addresses and the type. */
static uint8_t *tag_restore(struct msghdr *h, uint8_t *frame, size_t *len)
{
	struct tpacket_auxdata aux;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (!(aux.tp_status & TP_STATUS_VLAN_VALID) || *len < 12)
			return frame;
		memmove(frame - VLAN_ROOM, frame, 12);
		frame -= VLAN_ROOM;
		*len += VLAN_ROOM;
		if (!(aux.tp_status & TP_STATUS_VLAN_TPID_VALID))
			aux.tp_vlan_tpid = ETH_P_8021Q;
		frame[12] = (uint8_t)(aux.tp_vlan_tpid >> 8);
		frame[13] = (uint8_t)aux.tp_vlan_tpid;
		frame[14] = (uint8_t)(aux.tp_vlan_tci >> 8);
		frame[15] = (uint8_t)aux.tp_vlan_tci;
		return frame;
	}
	return frame;
}

void io_read(struct io *io, void (*fn)(void *arg, uint8_t *frame, size_t len), void *arg)
{
	for (unsigned turn = 0; turn < 8; turn++) { /* timers want their turn, too */
		int n;

		for (unsigned i = 0; i < BATCH; i++) {
			io->rx_msg[i].msg_hdr.msg_control = io->control[i].b;
			io->rx_msg[i].msg_hdr.msg_controllen = sizeof(io->control[i].b);
		}
		n = recvmmsg(io->fd, io->rx_msg, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++) {
			size_t len = io->rx_msg[i].msg_len;
			uint8_t *p =
				tag_restore(&io->rx_msg[i].msg_hdr, io->rx[i] + VLAN_ROOM, &len);

			fn(arg, p, len);
		}
		if (n < BATCH)
			return;
	}
}

uint8_t *io_slot(struct io *io, size_t *ret_cap)
{
	if (io->tx_count == BATCH)
		io_flush(io);
	*ret_cap = FRAME_CAP;
	return io->tx[io->tx_count];
}

void io_commit(struct io *io, size_t len)
{
	io->tx_iov[io->tx_count++].iov_len = len;
}

/* What the kernel will not take is lost, as on any wire: timers repeat it. */
void io_flush(struct io *io)
{
	unsigned done = 0;

	while (done < io->tx_count) {
		int n = sendmmsg(io->fd, io->tx_msg + done, io->tx_count - done, 0);

		if (n <= 0)
			io->tx_lost++;
		done += n > 0 ? (unsigned)n : 1;
	}
	io->tx_count = 0;
}

void io_lost(struct io *io, uint64_t *ret_rx, uint64_t *ret_tx)
{
	struct tpacket_stats st = { 0 };
	socklen_t len = sizeof(st);

	if (!getsockopt(io->fd, SOL_PACKET, PACKET_STATISTICS, &st, &len))
		io->rx_lost += st.tp_drops; /* reading resets it */
	*ret_rx = io->rx_lost;
	*ret_tx = io->tx_lost;
}
