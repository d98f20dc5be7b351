// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The frame around PPPoE: Ethernet, up to two VLAN tags (IEEE 802.1Q, 802.1ad) and the six octets
 * of RFC 2516, section 4. No Ethernet SNAP or length fields, no more than two tags; priority and
 * drop eligibility of a tag are not kept, and are 0 in what we send.
 */
#include "pppoe/pppoe.h"

#define TPID_8021Q  0x8100
#define TPID_8021AD 0x88a8
#define VER_TYPE    0x11 /* RFC 2516, section 4: version 1, type 1 */
#define FRAME_MIN   60	 /* Ethernet without its check sequence */
#define HEADER_LEN  6
#define ETHER_LEN   14

static bool is_pppoe(uint16_t ethertype)
{
	return ethertype == PPPOE_ETH_DISCOVERY || ethertype == PPPOE_ETH_SESSION;
}

/* A tag with id 0 carries a priority only (IEEE 802.1Q, 6.9.3), but it is on the wire and its
 * line answers with one too: such a line is a line of its own. */
static uint16_t parse_tag(struct rd *r, uint16_t tpid)
{
	return (rd_be16(r) & PPPOE_VLAN_ID) | PPPOE_VLAN_PRESENT |
	       (tpid == TPID_8021AD ? PPPOE_VLAN_8021AD : 0);
}

static int parse_ethernet(struct rd *r, struct pppoe_frame *f)
{
	uint16_t type;

	rd_copy(r, f->dst.b, sizeof(f->dst.b));
	rd_copy(r, f->src.b, sizeof(f->src.b));
	type = rd_be16(r);
	if (type == TPID_8021Q || type == TPID_8021AD) {
		f->line.svlan = parse_tag(r, type);
		type = rd_be16(r);
		if (type == TPID_8021Q) {
			f->line.cvlan = parse_tag(r, type);
			type = rd_be16(r);
		}
	}
	f->ethertype = type;
	return r->bad || !is_pppoe(type) ? -EPROTO : 0;
}

int pppoe_frame_parse(uint16_t port, const uint8_t *frame, size_t len, struct pppoe_frame *ret)
{
	struct pppoe_frame f = { .line.port = port };
	struct rd r = rd_init(frame, len);
	uint8_t ver_type;
	int rc;

	rc = parse_ethernet(&r, &f);
	if (rc)
		return rc;
	ver_type = rd_u8(&r);
	f.code = rd_u8(&r);
	f.sid = rd_be16(&r);
	f.payload = rd_sub(&r, rd_be16(&r));
	if (r.bad || ver_type != VER_TYPE)
		return -EBADMSG;
	/* Code 0 is the session stage's and no other (RFC 2516, section 6). */
	if ((f.ethertype == PPPOE_ETH_SESSION) != (f.code == 0))
		return -EBADMSG;
	*ret = f;
	return 0;
}

static void put_tag(struct wr *w, uint16_t tag)
{
	if (!(tag & PPPOE_VLAN_PRESENT))
		return;
	wr_be16(w, tag & PPPOE_VLAN_8021AD ? TPID_8021AD : TPID_8021Q);
	wr_be16(w, tag & PPPOE_VLAN_ID);
}

void pppoe_frame_begin(struct wr *w, const struct mac *dst, const struct mac *src,
		       const struct pppoe_line *line, uint16_t ethertype, uint8_t code,
		       uint16_t sid)
{
	wr_bytes(w, dst->b, sizeof(dst->b));
	wr_bytes(w, src->b, sizeof(src->b));
	put_tag(w, line->svlan);
	put_tag(w, line->cvlan);
	wr_be16(w, ethertype);
	wr_u8(w, VER_TYPE);
	wr_u8(w, code);
	wr_be16(w, sid);
	wr_be16(w, 0);
}

int pppoe_frame_end(struct wr *w, const struct pppoe_line *line)
{
	size_t head = ETHER_LEN + HEADER_LEN + (line->svlan & PPPOE_VLAN_PRESENT ? 4 : 0) +
		      (line->cvlan & PPPOE_VLAN_PRESENT ? 4 : 0);

	if (w->bad || w->len < head)
		return -ENOSPC;
	wr_patch_be16(w, head - 2, w->len - head);
	if (w->len < FRAME_MIN)
		wr_zero(w, FRAME_MIN - w->len);
	return wr_done(w);
}
