/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NAT44: IPv4 lines behind one address or a few. It is the kernel's own (nftables, conntrack): a
 * table of ours, brasberry-INSTANCE-nat44, with one chain, whose rule carries a hash of what it was
 * made of. Equal ones are left alone at adoption and reload; another is put in its place in one
 * transaction, so that no packet leaves without translation in between. It outlives the process,
 * and goes with a clean stop. Tables of others are never touched.
 *
 * With [nat44] block each line has a block of ports of its own, an element of the table's map. What
 * the map says is also what the next process goes by: no file can differ from it.
 *
 *	nat44.c		the table
 *	nat44_blocks.c	who has which block: given with the address, told to the log and the map
 *	blocks.c	pure: blocks and owners, elements as text
 */
#ifndef DAEMON_NAT44_H
#define DAEMON_NAT44_H

#include "base/str.h"
#include "daemon/config.h"
#include "daemon/nft.h"

struct daemon;
struct session;
struct control_reply;
struct json;

bool nat44_is_wanted(const struct config *c);
void nat44_table(char ret[NFT_TABLE_MAX], const char *instance);
/* The table as nft reads it, in place of one that may be there. @elements: of the map, may be NULL.
 * False: no NAT44 is configured. */
bool nat44_write(const struct config *c, const char *instance, const char *elements,
		 struct sbuf *out);

int nat44_setup(struct daemon *d); /* what is there is read */
int nat44_begin(struct daemon *d); /* all sessions of before have been adopted: it translates */
void nat44_teardown(struct daemon *d);
/* Rules have changed, ours perhaps: they are put back. Or addresses of interfaces have. */
void nat44_look(struct daemon *d);

/* A block for a session's IPv4 address, before that is told to the peer. 0, also where there are no
 * blocks; -ENOSPC: none is left. */
int nat44_open(struct session *s, uint64_t now);
void nat44_adopt(struct session *s, uint64_t now); /* the same, by what the map of before says */
void nat44_close(struct session *s, uint64_t now);
/* Key "nat44": the block of ports that a line has; null: none. */
void nat44_line_show(struct json *j, const struct session *s);
void nat44_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
