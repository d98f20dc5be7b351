/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A netlink socket of requests and answers, in step again after one that failed in the middle. */
#ifndef BASE_NETLINK_H
#define BASE_NETLINK_H

#include <errno.h>
#include <sys/socket.h>

/* Throws away what is left of the answer to a request that was given up (no memory, ENOBUFS): it would
 * be taken for that of the next, and so on for ever. The kernel answers before send() returns, and
 * dumps as it is read, so nothing of it comes later. libnl's check of sequence numbers must be off:
 * it expects that of a request that could not be sent, for ever. */
static inline void netlink_drain(int fd)
{
	char gone[64];

	while (recv(fd, gone, sizeof(gone), MSG_DONTWAIT) >= 0 || errno == ENOBUFS ||
	       errno == EINTR)
		;
}

#endif
