/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What did not get through NAT44, read from what the kernel and nft tell as text. Pure. */
#ifndef DAEMON_NAT44_STAT_H
#define DAEMON_NAT44_STAT_H

#include <stdbool.h>
#include <stdint.h>

/* @text: /proc/net/stat/nf_conntrack, a line of names and one of hexadecimal numbers for each CPU.
 * The sum of insert_failed: connections that were refused since another has their addresses and
 * ports, as when all ports of a block are in use. -ENOENT: no such column; -EBADMSG. */
int nat44_stat_failed(const char *text, uint64_t *ret);

/* @listing: our table as nft lists it. Packets of lines that met its last rule: without a block, or
 * of a protocol that has no ports. -ENOENT: there is no such rule. */
int nat44_stat_untranslated(const char *listing, uint64_t *ret);

#endif
