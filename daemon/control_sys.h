/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control server's door to the kernel: its sockets. */
#ifndef DAEMON_CONTROL_SYS_H
#define DAEMON_CONTROL_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A listening socket at `path`, made as control_new() promises. */
int control_sys_listen(const char *path, int *ret_fd, char *why, size_t why_len);
void control_sys_unlisten(int fd, const char *path);

/* A descriptor, or -errno; -EAGAIN: nobody is waiting. */
int control_sys_accept(int fd);
/* Octets, 0 at the end of file, or -errno. */
ssize_t control_sys_read(int fd, void *buf, size_t len);
ssize_t control_sys_write(int fd, const void *buf, size_t len);
/* Has the other side closed both its halves? */
bool control_sys_hung_up(int fd);

/* Is the other side root's process (SO_PEERCRED)? Not known is no. */
bool control_sys_is_root(int fd);

#endif
