/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The door of this part: what of the box and its kernel is asked and set without a tool. 0 or
 * -errno; nothing here logs. */
#ifndef NAT64_SYS_H
#define NAT64_SYS_H

#include "base/loop.h"
#include "nat64/held.h"
#include "nat64/nat64.h"

/* The IPv4 addresses of this network namespace; the caller frees *ret. */
int nat64_sys_own(struct nat64_own **ret, unsigned *ret_count);

/* The ports that connections of the box leave from. @reserved: what ret->reserved points to. */
int nat64_sys_ports(struct nat64_ports *ret, struct sbuf *reserved);

/* Writes a file of this content, whole or not at all. 1: it had it already. */
int nat64_sys_write(const char *path, const char *text, size_t len);
bool nat64_sys_has(const char *path, const char *text, size_t len); /* it has this content */
int nat64_sys_mkdir(const char *path);				    /* 0 also where it is there */
bool nat64_sys_exists(const char *path);
void nat64_sys_remove(const char *path); /* a file, or an empty directory */

int nat64_sys_mtu(const char *ifname, unsigned mtu);

/* Routes to tayga's device, which has no link layer. 1: it was there. */
int nat64_sys_route4(int ifindex, const struct prefix4 *p);
int nat64_sys_route6(int ifindex, const struct prefix6 *p);

/* Counts what conntrack has of hosts, or of those alone that @only has: `sessions`, and `bib`, the
 * ports of pool4 that are taken, each of its protocols once. It reads the kernel's table in pieces
 * from the loop, and calls once: rc 0 or -errno. */
struct nat64_count {
	uint64_t sessions, bib;
};
struct nat64_counting;
int nat64_count(struct nat64_counting **ret, struct loop *loop, const struct prefix4 *hosts,
		const struct nat64_held *only,
		void (*done)(void *arg, uint64_t now, int rc, const struct nat64_count *count),
		void *arg);
void nat64_count_free(struct nat64_counting *c); /* also before it is done; NULL is fine */

/* Those of tayga's hosts that are held->of's, from its file, which has new ones within 45 seconds:
 * a piece in each turn of the loop. Calls once: rc 0 (also where there is no file) or -errno. */
struct nat64_finding;
int nat64_find(struct nat64_finding **ret, struct loop *loop, const char *data_dir,
	       struct nat64_held *held, void (*done)(void *arg, uint64_t now, int rc), void *arg);
void nat64_find_free(struct nat64_finding *f); /* also before it is done; NULL is fine */

/* Packets that conntrack has dropped because their connection clashed with another, which is what
 * becomes of one that finds no port of pool4; of the whole network namespace. */
int nat64_sys_no_port(uint64_t *ret);

/* Jool's mappings as the kernel's log tells them, from now on. `lost`: lines that were overwritten
 * before we read them. -EPERM: CAP_SYSLOG is needed. */
struct nat64_kmsg;
struct nat64_kmsg_ops {
	void (*line)(void *arg, uint64_t now, const char *line, size_t len);
	void (*lost)(void *arg, uint64_t now);
};
int nat64_kmsg_open(struct nat64_kmsg **ret, struct loop *loop, const struct nat64_kmsg_ops *ops,
		    void *arg);
void nat64_kmsg_close(struct nat64_kmsg *k);

#endif
