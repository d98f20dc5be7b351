/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_NAT44_PRIV_H
#define DAEMON_NAT44_PRIV_H

#include "daemon/blocks.h"
#include "daemon/daemon.h"
#include "daemon/nat44.h"
#include "daemon/port_log.h"

struct nat44 {
	struct blocks blocks;
	struct port_log *log;	    /* NULL: none */
	struct blocks_item *before; /* the map as it was found, until all are adopted */
	size_t before_count;
	uint64_t refused; /* changes of the map that nftables refused; they are made up for */
};

/* nat44_blocks.c. Without [nat44] block, all of them do nothing. */
int nat44_blocks_setup(struct daemon *d, const char *listing);
void nat44_blocks_adopted(struct daemon *d);
void nat44_blocks_address(struct daemon *d); /* of the interface: it may be another */
bool nat44_blocks_agree(const struct daemon *d, const char *listing);
void nat44_blocks_write(const struct daemon *d, struct sbuf *out); /* all elements */
void nat44_blocks_teardown(struct daemon *d);

/* nat44_sys.c: the interface's first IPv4 address, host order; -ENOENT: it has none. */
int nat44_address_of(const char *ifname, uint32_t *ret);
/* Of /proc/net/stat/nf_conntrack: nat44_stat.h; -ENOENT also where conntrack has no such file. */
int nat44_failed(uint64_t *ret);
/* nat44.c: of our table's listing. */
int nat44_untranslated(const struct daemon *d, uint64_t *ret);

#endif
