/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nftables by libnftables, in this process: what it takes is a few netlink messages. */
#ifndef DAEMON_NFT_H
#define DAEMON_NFT_H

#include "base/str.h"

#include <stdint.h>

#define NFT_TABLE_MAX 80
#define NFT_MARK_MAX  48

/* Does what the text says, all of it or nothing. What it says goes to @ret_out, which may be NULL,
 * as does what it complains of. 0, -EINVAL: refused, -ENOMEM. */
int nft_do(const char *text, struct sbuf *ret_out);

/* The same of a table of @whose; the log says what was refused. @kernel: what it may lack. */
int nft_put(const struct sbuf *text, const char *whose, const char *kernel);

/* A comment for a rule of ours, with a hash of what a table was made of: equal ones can be left
 * alone. Not against an enemy: whoever may write rules may write this one. @rules: not empty. */
void nft_mark(char ret[NFT_MARK_MAX], const struct sbuf *rules);
/* Packets of all counters in a listing. */
uint64_t nft_packets(const char *listing);

#endif
