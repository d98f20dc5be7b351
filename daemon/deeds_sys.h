/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The door of brasd's side of the helper: its socket, and its start. Nothing here waits. */
#ifndef DAEMON_DEEDS_SYS_H
#define DAEMON_DEEDS_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A connected descriptor, or -errno; -ENOENT or -ECONNREFUSED: nobody serves it. */
int deeds_sys_connect(const char *path);
/* Is there one? Asked of its lock: of a service manager's socket a connection would start it. */
bool deeds_sys_alive(const char *path);
/* 0 or -errno; a message goes whole or not at all. */
int deeds_sys_send(int fd, const void *message, size_t len);
/* Octets, 0 at the end, or -errno; -EMSGSIZE: longer than `cap`. */
ssize_t deeds_sys_recv(int fd, void *message, size_t cap);

/* Starts brasd-deeds: what lies beside our own binary, or in ../lib/brasberry of there. It gets
 * none of our descriptors, and a session of its own. -EPERM: the service manager is to do that. */
int deeds_sys_start(const char *instance, pid_t *ret);
/* Before privileges are dropped: a process stays behind, as root, that starts the helper when
 * deeds_sys_start() asks, does nothing else, and ends with us. @uid: who may ask that helper. None
 * is needed where the service manager starts it. 0 or -errno: then it cannot be had later either. */
int deeds_sys_prepare(const char *instance, uid_t uid);
/* At our end it removes the directory of the pins as well, whose parent is root's, if nothing is in
 * it; waits for that, a second at most. */
void deeds_sys_end(void);
bool deeds_sys_reaped(pid_t pid); /* true: it has ended, and is no zombie any more */

#endif
