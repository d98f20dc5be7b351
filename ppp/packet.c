// SPDX-License-Identifier: GPL-2.0-or-later
/* RFC 1661 sections 5 and 6: the form of packets and options. What options mean is elsewhere. */
#include "ppp/packet.h"

int ppp_packet_parse(const uint8_t *p, size_t len, struct ppp_packet *ret)
{
	struct rd r = rd_init(p, len);
	uint8_t code = rd_u8(&r), id = rd_u8(&r);
	uint16_t length = rd_be16(&r);

	if (r.bad)
		return -EMSGSIZE;
	if (length < PPP_PACKET_HEADER || length > len)
		return -EBADMSG;
	*ret = (struct ppp_packet){
		.code = code, .id = id, .data = r.p, .len = length - PPP_PACKET_HEADER
	};
	return 0;
}

static int row_of(const struct ppp_option_table *t, uint8_t type)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->row[i].type == type)
			return (int)i;
	return -ENOENT;
}

/* The next option, whole, as `ret_raw`. Its length counts type and length themselves. */
static bool next_option(struct rd *r, uint8_t *ret_type, struct rd *ret_value, struct rd *ret_raw)
{
	const uint8_t *start = r->p;
	uint8_t type = rd_u8(r), length = rd_u8(r);

	if (r->bad || length < 2) {
		r->bad = true;
		return false;
	}
	*ret_value = rd_sub(r, length - 2u);
	if (r->bad)
		return false;
	*ret_type = type;
	*ret_raw = rd_init(start, length);
	return true;
}

int ppp_options_parse(const struct ppp_option_table *t, const uint8_t *p, size_t len,
		      struct ppp_opts *ret)
{
	struct ppp_opts o = { 0 };
	struct rd r = rd_init(p, len), value, raw;
	uint8_t type;

	while (rd_left(&r) && next_option(&r, &type, &value, &raw)) {
		int i = row_of(t, type);
		const struct ppp_option *row;

		if (i < 0)
			continue;
		if ((o.seen | o.bad_length) & 1u << i)
			return -EBADMSG;
		row = &t->row[i];
		if (rd_left(&value) < row->min || rd_left(&value) > row->max) {
			o.bad_length |= (uint16_t)(1u << i);
			continue;
		}
		o.seen |= (uint16_t)(1u << i);
		if (row->parse)
			row->parse(&value, &o);
	}
	if (r.bad)
		return -EBADMSG;
	*ret = o;
	return 0;
}

static void write_option(const struct ppp_option *row, struct wr *w, const struct ppp_opts *opts)
{
	size_t start = w->len;

	wr_u8(w, row->type);
	wr_u8(w, 0);
	row->write(w, opts);
	wr_patch_u8(w, start + 1, w->len - start);
}

void ppp_options_write(const struct ppp_option_table *t, struct wr *w, uint16_t mask,
		       const struct ppp_opts *opts)
{
	for (unsigned i = 0; i < t->count; i++)
		if (mask & 1u << i && t->row[i].write)
			write_option(&t->row[i], w, opts);
}

static bool is_rejected(const struct ppp_option_table *t, uint8_t type, const struct ppp_verdict *v)
{
	int i = row_of(t, type);

	return i < 0 || !t->row[i].parse || v->reject & 1u << i;
}

/* A Configure-Reject has the rejected options unchanged and in their order (5.4); a Configure-Nak
 * those that would do with another value, and what we miss (5.3). */
enum ppp_code ppp_options_answer(const struct ppp_option_table *t, const uint8_t *p, size_t len,
				 const struct ppp_verdict *v, struct wr *w)
{
	struct rd r = rd_init(p, len), value, raw;
	uint8_t type;

	while (rd_left(&r) && next_option(&r, &type, &value, &raw))
		if (is_rejected(t, type, v))
			wr_bytes(w, raw.p, rd_left(&raw));
	if (w->len)
		return PPP_CONF_REJ;
	r = rd_init(p, len);
	while (rd_left(&r) && next_option(&r, &type, &value, &raw)) {
		int i = row_of(t, type);

		if (i >= 0 && v->nak & 1u << i)
			write_option(&t->row[i], w, &v->want);
	}
	ppp_options_write(t, w, v->append, &v->want);
	if (w->len)
		return PPP_CONF_NAK;
	wr_bytes(w, p, len);
	return PPP_CONF_ACK;
}

static bool contains(const uint8_t *p, size_t len, const struct rd *option)
{
	struct rd r = rd_init(p, len), value, raw;
	uint8_t type;

	while (rd_left(&r) && next_option(&r, &type, &value, &raw))
		if (rd_left(&raw) == rd_left(option) && !memcmp(raw.p, option->p, rd_left(&raw)))
			return true;
	return false;
}

bool ppp_options_subset(const struct ppp_option_table *t, const uint8_t *p, size_t len,
			const uint8_t *ours, size_t ours_len, uint16_t *ret_rows)
{
	struct rd r = rd_init(p, len), value, raw;
	uint16_t rows = 0;
	uint8_t type;

	while (rd_left(&r)) {
		if (!next_option(&r, &type, &value, &raw) || !contains(ours, ours_len, &raw))
			return false;
		rows |= (uint16_t)(1u << row_of(t, type)); /* ours, so it has a row */
	}
	*ret_rows = rows;
	return true;
}
