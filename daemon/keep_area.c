// SPDX-License-Identifier: GPL-2.0-or-later
/* The record's area as octets: version, then all members in order. */
#include "daemon/keep_area.h"

#include <errno.h>
#include <stdlib.h>

#define VERSION 1

void keep_area_write(struct wr *w, const struct keep_area *a)
{
	wr_u8(w, VERSION);
	wr_u8(w, (uint8_t)a->mode);
	wr_be32(w, a->trees);
	wr_be32(w, a->max_sessions);
	wr_u8(w, (uint8_t)a->secret_len);
	wr_bytes(w, a->secret, a->secret_len);
	wr_be16(w, a->port_count);
	for (uint16_t i = 1; i <= a->port_count; i++) {
		size_t len = strnlen(a->ports[i], IFNAMSIZ - 1);

		wr_u8(w, (uint8_t)len);
		wr_bytes(w, a->ports[i], len);
	}
}

static void read_port(struct rd *r, char dst[IFNAMSIZ])
{
	struct rd name = rd_sub(r, rd_u8(r));
	size_t len = rd_left(&name);

	if (r->bad || !len || len >= IFNAMSIZ || memchr(name.p, '\0', len))
		r->bad = true;
	else
		memcpy(dst, name.p, len);
}

int keep_area_read(struct rd *r, struct keep_area *ret)
{
	uint8_t version = rd_u8(r), mode = rd_u8(r);
	struct keep_area a = { .mode = (enum dp_mode)mode };

	if (!r->bad && version > VERSION)
		return -ENOTSUP;
	a.trees = rd_be32(r);
	a.max_sessions = rd_be32(r);
	a.secret_len = rd_u8(r);
	if (a.secret_len > sizeof(a.secret))
		return -EBADMSG;
	rd_copy(r, a.secret, a.secret_len);
	a.port_count = rd_be16(r);
	if (!version || (mode != DP_XDP && mode != DP_TC) || a.port_count >= ABI_PORTS_MAX)
		r->bad = true;
	for (uint16_t i = 1; i <= a.port_count && !r->bad; i++)
		read_port(r, a.ports[i]);
	if (r->bad || rd_left(r))
		return -EBADMSG;
	*ret = a;
	return 0;
}

void keep_area_free(struct keep_area *a)
{
	if (a)
		explicit_bzero(a, sizeof(*a));
	free(a);
}
