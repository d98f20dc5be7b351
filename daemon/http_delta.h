/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has changed in `show counters` since the last one. Pure. */
#ifndef DAEMON_HTTP_DELTA_H
#define DAEMON_HTTP_DELTA_H

#include "base/str.h"

struct http_delta_row {
	uint64_t slot, rx, tx;
	char session[20], state[12]; /* Acct-Session-Id */
};

/* The last one, in the order of slots. */
struct http_delta {
	struct http_delta_row *rows;
	size_t count;
};

/* @counters: the JSON of `show counters`. Appends {"changed": [[SESSION, STATE, RX, TX], ...],
 * "gone": [SESSION, ...]}: octets are absolute, so that an event that is missed is made up for by the
 * next change. 0, and this one is the last now; -EBADMSG, -ENOMEM: nothing has changed. */
int http_delta(struct http_delta *d, const char *counters, size_t len, struct sbuf *out);
void http_delta_fini(struct http_delta *d);

#endif
