/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many connections one line may have in conntrack ([subscriber] connections), so that no line
 * fills the table that all share: a table of ours, brasberry-INSTANCE-connections, whose rules
 * count those of each IPv4 address and of each IPv6 prefix that a line can have, and drop the
 * packet that would begin one more. Those that are there go on. The rule carries a hash of what the
 * table was made of: as nat44.h says, and as there the table outlives the process and goes with a
 * clean stop.
 *
 * Jool takes what it translates before conntrack has it, so that nothing of it can be counted.
 * There a line may begin so many sessions at once, and as many again in each five minutes.
 */
#ifndef DAEMON_CONNECTIONS_H
#define DAEMON_CONNECTIONS_H

#include "base/str.h"
#include "daemon/config.h"

struct daemon;
struct control_reply;

/* The table as nft reads it, in place of one that may be there. @jool: with rules for what it
 * translates. False: there is no limit. */
bool connections_write(const struct config *c, const char *instance, bool jool, struct sbuf *out);
/* Packets that began no connection, by nft's listing of the table. 0; -ENOENT: it is not ours. */
int connections_refused(const char *listing, uint64_t *ret);

/* 0; -EINVAL: the kernel refuses the table, and the log says why. */
int connections_setup(struct daemon *d);
void connections_look(struct daemon *d); /* rules have changed, ours perhaps: they are put back */
void connections_teardown(struct daemon *d);
/* show connections: "max" of each line, 0: no limit; "refused" packets, 0 where there is no table.
 */
void connections_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
