/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nftables by libnftables, in this process: what it takes is a few netlink messages. */
#ifndef DAEMON_NFT_H
#define DAEMON_NFT_H

#include "base/str.h"

#define NFT_TABLE_MAX 80

/* Does what the text says, all of it or nothing. What it says goes to @ret_out, which may be NULL,
 * as does what it complains of. 0, -EINVAL: refused, -ENOMEM. */
int nft_do(const char *text, struct sbuf *ret_out);

#endif
