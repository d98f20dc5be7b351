// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Discovery, the host's side: RFC 2516, RFC 4638 (PPP-Max-Payload), TR-101 3.9.2 (circuit and
 * remote id, as an access node would add them). Takes the first PADO; does not choose among
 * concentrators.
 */
#include "test/dialer/dialer.h"

#include <errno.h>
#include <stdlib.h>

enum { PADO = 0x07, PADI = 0x09, PADR = 0x19, PADS = 0x65, PADT = 0xa7 };

enum tag {
	TAG_END = 0x0000,
	TAG_SERVICE = 0x0101,
	TAG_AC_NAME = 0x0102,
	TAG_HOST_UNIQ = 0x0103,
	TAG_COOKIE = 0x0104,
	TAG_VENDOR = 0x0105,
	TAG_RELAY = 0x0110,
	TAG_MAX_PAYLOAD = 0x0120,
	TAG_ERR_SERVICE = 0x0201,
	TAG_ERR_SYSTEM = 0x0202,
	TAG_ERR_GENERIC = 0x0203,
};

#define VENDOR_BBF 0x00000de9

struct tags {
	uint32_t host_uniq, dial;
	uint16_t max_payload;
	bool has_uniq, error;
	struct rd cookie, relay;
};

static void put_tag(struct wr *w, uint16_t type, const void *value, size_t len)
{
	wr_be16(w, type);
	wr_be16(w, (uint16_t)len);
	wr_bytes(w, value, len);
}

static void put_access_node(struct dialer *d, const struct line *l, struct wr *w)
{
	const char *text[2] = { d->o.circuit_id, d->o.remote_id };
	size_t start = w->len;

	wr_be16(w, TAG_VENDOR);
	wr_be16(w, 0);
	wr_be32(w, VENDOR_BBF);
	for (unsigned i = 0; i < 2; i++) {
		char buf[64];
		size_t n = text[i] ? expand(buf, sizeof(buf), text[i], line_index(d, l)) : 0;

		if (!n)
			continue;
		wr_u8(w, (uint8_t)(i + 1));
		wr_u8(w, (uint8_t)n);
		wr_bytes(w, buf, n);
	}
	wr_patch_be16(w, start + 2, w->len - start - 4);
}

/* What PADI and PADR have in common. */
static void put_request(struct dialer *d, const struct line *l, struct wr *w)
{
	put_tag(w, TAG_SERVICE, d->o.service, strlen(d->o.service));
	wr_be16(w, TAG_HOST_UNIQ);
	wr_be16(w, 8);
	wr_be32(w, line_index(d, l));
	wr_be32(w, l->dials);
	if (d->o.max_payload) {
		wr_be16(w, TAG_MAX_PAYLOAD);
		wr_be16(w, 2);
		wr_be16(w, d->o.max_payload);
	}
	if (d->o.circuit_id || d->o.remote_id)
		put_access_node(d, l, w);
}

void disc_padi(struct dialer *d, struct line *l)
{
	static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct wr w = frame_begin(d, l, broadcast, ETH_DISC, PADI, 0);

	put_request(d, l, &w);
	frame_end(d, l, &w);
}

void disc_padr(struct dialer *d, struct line *l)
{
	struct wr w = frame_begin(d, l, l->ac_mac, ETH_DISC, PADR, 0);

	put_request(d, l, &w);
	wr_bytes(&w, l->echo_tags, l->echo_tags_len);
	frame_end(d, l, &w);
}

void disc_padt(struct dialer *d, struct line *l)
{
	struct wr w = frame_begin(d, l, l->ac_mac, ETH_DISC, PADT, l->sid);

	frame_end(d, l, &w);
}

/* @f is read to its end. -EBADMSG: the tags do not fit the payload. */
static int tags_parse(struct rd r, struct tags *t)
{
	*t = (struct tags){ 0 };
	while (rd_left(&r)) {
		uint16_t type = rd_be16(&r);
		struct rd value = rd_sub(&r, rd_be16(&r));

		if (r.bad)
			return -EBADMSG;
		if (type == TAG_END)
			break;
		if (type == TAG_HOST_UNIQ && rd_left(&value) == 8) {
			t->host_uniq = rd_be32(&value);
			t->dial = rd_be32(&value);
			t->has_uniq = true;
		} else if (type == TAG_COOKIE) {
			t->cookie = value;
		} else if (type == TAG_RELAY) {
			t->relay = value;
		} else if (type == TAG_MAX_PAYLOAD && rd_left(&value) == 2) {
			t->max_payload = rd_be16(&value);
		} else if (type == TAG_ERR_SERVICE || type == TAG_ERR_SYSTEM ||
			   type == TAG_ERR_GENERIC) {
			t->error = true;
		}
	}
	return 0;
}

static int keep_tags(struct line *l, const struct tags *t)
{
	size_t cap = rd_left(&t->cookie) + rd_left(&t->relay) + 8;
	uint8_t *p = malloc(cap);
	struct wr w = wr_init(p, cap);

	if (!p)
		return -ENOMEM;
	if (t->cookie.p)
		put_tag(&w, TAG_COOKIE, t->cookie.p, rd_left(&t->cookie));
	if (t->relay.p)
		put_tag(&w, TAG_RELAY, t->relay.p, rd_left(&t->relay));
	free(l->echo_tags);
	l->echo_tags = p;
	l->echo_tags_len = (uint16_t)w.len;
	return 0;
}

static uint64_t sid_hash(const struct dialer *d, uint16_t svlan, uint16_t cvlan, uint16_t sid)
{
	uint16_t k[3] = { svlan, cvlan, sid };

	return siphash(&d->key, k, sizeof(k));
}

static bool sid_equal(uint32_t value, const void *key, void *arg)
{
	const struct line *l = &((struct dialer *)arg)->lines[value];
	const struct frame *f = key;

	return l->sid == f->sid && l->svlan == f->svlan && l->cvlan == f->cvlan &&
	       !memcmp(l->mac, f->dst, 6) && !memcmp(l->ac_mac, f->src, 6);
}

struct line *line_by_session(struct dialer *d, const struct frame *f)
{
	uint32_t i =
		hidx_find(&d->by_sid, sid_hash(d, f->svlan, f->cvlan, f->sid), sid_equal, f, d);

	return i == HIDX_NONE ? NULL : &d->lines[i];
}

static void on_pado(struct dialer *d, uint64_t now, struct line *l, const struct frame *f,
		    const struct tags *t)
{
	if (l->phase != PH_PADI || t->error || keep_tags(l, t))
		return;
	memcpy(l->ac_mac, f->src, 6);
	l->phase = PH_PADR;
	l->tries = 0;
	disc_padr(d, l);
	line_arm(d, l, NSEC_PER_SEC);
	(void)now;
}

static void on_pads(struct dialer *d, uint64_t now, struct line *l, const struct frame *f,
		    const struct tags *t)
{
	if (l->phase != PH_PADR || memcmp(l->ac_mac, f->src, 6))
		return;
	if (t->error || !f->sid) {
		line_end(d, now, l, R_PADS_ERROR, false);
		return;
	}
	l->sid = f->sid;
	l->max_payload = d->o.max_payload ? t->max_payload : 0;
	if (hidx_add(&d->by_sid, sid_hash(d, l->svlan, l->cvlan, l->sid), line_index(d, l))) {
		line_end(d, now, l, R_PADS_ERROR, true);
		return;
	}
	line_session(d, now, l);
}

void disc_input(struct dialer *d, uint64_t now, struct frame *f)
{
	struct line *l;
	struct tags t;

	if (tags_parse(f->payload, &t)) {
		d->st.bad_frames++;
		return;
	}
	if (f->code == PADT) {
		l = line_by_session(d, f);
		if (l)
			line_end(d, now, l, R_PADT, false);
		return;
	}
	if (!t.has_uniq || t.host_uniq >= d->o.lines)
		return;
	l = &d->lines[t.host_uniq];
	if (t.dial != l->dials || memcmp(l->mac, f->dst, 6) || l->svlan != f->svlan ||
	    l->cvlan != f->cvlan)
		return;
	if (f->code == PADO)
		on_pado(d, now, l, f, &t);
	else if (f->code == PADS)
		on_pads(d, now, l, f, &t);
}

void disc_forget(struct dialer *d, struct line *l)
{
	if (l->sid)
		(void)hidx_del(&d->by_sid, sid_hash(d, l->svlan, l->cvlan, l->sid),
			       line_index(d, l));
	l->sid = 0;
	free(l->echo_tags);
	l->echo_tags = NULL;
	l->echo_tags_len = 0;
}
