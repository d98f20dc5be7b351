/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the record's area holds: how the kernel's state was made, and which number is which
 * interface's. */
#ifndef DAEMON_KEEP_AREA_H
#define DAEMON_KEEP_AREA_H

#include "base/wire.h"
#include "bpf/dataplane.h"
#include "pppoe/pppoe.h"

#include <net/if.h>

struct keep_area {
	enum dp_mode mode;
	uint32_t trees, max_sessions;
	uint8_t secret[PPPOE_SERVER_SECRET_MAX];
	size_t secret_len; /* 0: none */
	uint16_t port_count;
	char ports[ABI_PORTS_MAX][IFNAMSIZ]; /* from 1 */
};

void keep_area_write(struct wr *w, const struct keep_area *a);
/* -EBADMSG, -ENOTSUP (a newer program's): *ret is untouched. */
int keep_area_read(struct rd *r, struct keep_area *ret);
void keep_area_free(struct keep_area *a); /* it has keys in it */

#endif
