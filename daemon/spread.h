/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions on more than one CPU. Network cards cannot hash inside PPPoE. In mode xdp the CPU that
 * gets a frame hands it to its session's (bpf/access_xdp.bpf.c); in mode tc it is the kernel's
 * receive packet steering (RPS) of the access interfaces, which hashes each flow.
 */
#ifndef DAEMON_SPREAD_H
#define DAEMON_SPREAD_H

#include "daemon/control.h"
#include "daemon/daemon.h"

/* The configured CPUs that are online, into @ret[ABI_SPREAD_MAX]: how many. Tells of the others. */
unsigned spread_cpus(const struct config *c, uint16_t *ret);
/* A port that is open, a port that is closed. Mode tc: the masks of its receive queues, and as they
 * were before, which is kept by a file: the process that set them may have been killed. */
void spread_port(struct port *p);
void spread_port_close(struct port *p);
/* Receive queues that the subscriber device needs: a CPU's redirects go by its number. */
unsigned spread_queues(const struct daemon *d);
/* Mode tc: the stack's part, behind the subscriber device, which has one queue. */
void spread_device(struct daemon *d);
/* The CPU that carries what the session sends, or -1: it is not known. */
int spread_of(const struct session *s);

void spread_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

/* spread_sys.c. @ret: a flag for each CPU. */
int spread_online(bool ret[ABI_SPREAD_MAX]);
#define SPREAD_MASK_MAX 128 /* ABI_SPREAD_MAX bits in the kernel's words of 32, with commas */
/* Once, before privileges are dropped. */
void spread_prepare(void);
/* What is kept of an interface: the first mask. */
int spread_kept(const char *instance, const char *ifname, char ret[SPREAD_MASK_MAX]);
int spread_keep(const char *instance, const char *ifname, const char *mask);
void spread_forget(const char *instance, const char *ifname);
/*
 * The mask of all receive queues of an interface of our network namespace becomes @mask; what the
 * first one had into @ret_was. -ENOENT: no interface, or no RPS; -EPERM: its sysfs cannot be had.
 */
int spread_rps(const char *ifname, int ifindex, const char *mask, char ret_was[SPREAD_MASK_MAX]);

#endif
