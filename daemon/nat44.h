/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NAT44: IPv4 lines behind one address or a few. It is the kernel's own (nftables, conntrack): a
 * table of ours, brasberry-INSTANCE-nat44, with one chain and one rule, which carries a hash of
 * what it was made of. Equal ones are left alone at adoption and reload; another is put in its place
 * in one transaction, so that no packet leaves without translation in between. It outlives the
 * process, and goes with a clean stop. Tables of others are never touched.
 */
#ifndef DAEMON_NAT44_H
#define DAEMON_NAT44_H

#include "base/str.h"
#include "daemon/config.h"
#include "daemon/nft.h"

struct daemon;

void nat44_table(char ret[NFT_TABLE_MAX], const char *instance);
/* The table as nft reads it, in place of one that may be there. False: no NAT44 is configured. */
bool nat44_write(const struct config *c, const char *instance, struct sbuf *out);

int nat44_setup(struct daemon *d);
void nat44_teardown(struct daemon *d);
/* Rules have changed, ours perhaps: they are put back. */
void nat44_look(struct daemon *d);

#endif
