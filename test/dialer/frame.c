// SPDX-License-Identifier: GPL-2.0-or-later
/* Ethernet, up to two VLAN tags, and the PPPoE header (RFC 2516, section 4), both ways. */
#include "test/dialer/dialer.h"

#include <errno.h>

#define VLAN_PRESENT 0x1000

/* splitmix64: magic numbers and identifiers need to differ, not to be secret. */
uint32_t dialer_random(struct dialer *d)
{
	uint64_t z = (d->rng += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return (uint32_t)(z >> 32);
}

static size_t tags_len(const struct line *l)
{
	return (l->svlan ? 4 : 0) + (l->cvlan ? 4 : 0);
}

struct wr frame_begin(struct dialer *d, const struct line *l, const uint8_t dst[6],
		      uint16_t ethertype, uint8_t code, uint16_t sid)
{
	size_t cap;
	uint8_t *p = io_slot(d->io, &cap);
	struct wr w = wr_init(p, cap);

	wr_bytes(&w, dst, 6);
	wr_bytes(&w, l->mac, 6);
	if (l->svlan) {
		wr_be16(&w, d->o.tpid);
		wr_be16(&w, l->svlan & 0x0fff);
	}
	if (l->cvlan) {
		wr_be16(&w, 0x8100);
		wr_be16(&w, l->cvlan & 0x0fff);
	}
	wr_be16(&w, ethertype);
	wr_u8(&w, 0x11);
	wr_u8(&w, code);
	wr_be16(&w, sid);
	wr_be16(&w, 0);
	return w;
}

void frame_end(struct dialer *d, const struct line *l, struct wr *w)
{
	size_t header = 14 + tags_len(l) + 6;

	wr_patch_be16(w, header - 2, w->len - header);
	if (w->len < 60)
		wr_zero(w, 60 - w->len);
	if (wr_done(w) > 0)
		io_commit(d->io, w->len);
}

int frame_parse(const uint8_t *p, size_t len, struct frame *ret)
{
	struct rd r = rd_init(p, len);
	struct frame f = { 0 };
	uint8_t version;

	rd_copy(&r, f.dst, 6);
	rd_copy(&r, f.src, 6);
	f.ethertype = rd_be16(&r);
	if (f.ethertype == 0x8100 || f.ethertype == 0x88a8) {
		f.svlan = (rd_be16(&r) & 0x0fff) | VLAN_PRESENT;
		f.ethertype = rd_be16(&r);
	}
	if (f.ethertype == 0x8100) {
		f.cvlan = (rd_be16(&r) & 0x0fff) | VLAN_PRESENT;
		f.ethertype = rd_be16(&r);
	}
	if (f.ethertype != ETH_DISC && f.ethertype != ETH_SESS)
		return -EPROTO;
	version = rd_u8(&r);
	f.code = rd_u8(&r);
	f.sid = rd_be16(&r);
	f.payload = rd_sub(&r, rd_be16(&r));
	if (r.bad || version != 0x11)
		return -EBADMSG;
	*ret = f;
	return 0;
}
