// SPDX-License-Identifier: GPL-2.0-or-later
/* An accounting record as octets and back: the payload of the spool's entries, and how a record
 * waits in memory. Ours alone, never on a wire; another layout gets another VERSION. */
#include "radius/spool.h"

#include "base/wire.h"

#define VERSION	  2 /* 1 had one delegated prefix, and no address */
#define TEXT_NONE 0xffff

/* FLAG_DELEGATED6 is version 1's. */
enum { FLAG_IFID = 1, FLAG_PREFIX6 = 2, FLAG_DELEGATED6 = 4, FLAG_LOCAL = 8, FLAGS_ALL = 15 };

static void put_text(struct wr *w, const char *s, size_t max)
{
	size_t len = s ? strnlen(s, max) : 0;

	wr_be16(w, s ? (uint16_t)len : TEXT_NONE);
	wr_bytes(w, s, len);
}

static void put_prefix6(struct wr *w, const struct prefix6 *p)
{
	wr_bytes(w, p->addr.b, sizeof(p->addr.b));
	wr_u8(w, p->len);
}

static void put_leases(struct wr *w, const struct radius_record *r)
{
	wr_u8(w, (uint8_t)r->delegated6_count);
	for (unsigned i = 0; i < r->delegated6_count; i++)
		put_prefix6(w, &r->delegated6[i]);
	wr_u8(w, (uint8_t)r->address6_count);
	for (unsigned i = 0; i < r->address6_count; i++)
		wr_bytes(w, r->address6[i].b, sizeof(r->address6[i].b));
}

int radius_record_encode(const struct radius_record *r, uint8_t *buf, size_t cap)
{
	const struct radius_line *l = &r->line;
	const char *text[RADIUS_RECORD_TEXTS] = { l->username,		l->calling_station_id,
						  l->called_station_id, l->nas_port_id,
						  l->circuit_id,	l->remote_id };
	const uint64_t counter[] = { r->rx4_bytes, r->rx4_packets, r->rx6_bytes, r->rx6_packets,
				     r->tx4_bytes, r->tx4_packets, r->tx6_bytes, r->tx6_packets };
	struct wr w = wr_init(buf, cap);

	wr_u8(&w, VERSION);
	wr_u8(&w, (uint8_t)r->status);
	wr_u8(&w, (uint8_t)((r->has_ifid ? FLAG_IFID : 0) | (r->has_prefix6 ? FLAG_PREFIX6 : 0) |
			    (r->authentic_local ? FLAG_LOCAL : 0)));
	put_text(&w, l->acct_session_id, RADIUS_ACCT_ID_LEN);
	put_text(&w, l->acct_multi_session_id, RADIUS_ACCT_ID_LEN);
	for (unsigned i = 0; i < RADIUS_RECORD_TEXTS; i++)
		put_text(&w, text[i], RADIUS_TEXT_MAX);
	wr_be32(&w, l->nas_port);
	wr_be64(&w, r->event_time);
	wr_be32(&w, r->session_time);
	wr_be32(&w, r->cause);
	wr_be32(&w, r->ip4);
	wr_bytes(&w, r->ifid, sizeof(r->ifid));
	put_prefix6(&w, &r->prefix6);
	put_leases(&w, r);
	for (unsigned i = 0; i < ARRAY_SIZE(counter); i++)
		wr_be64(&w, counter[i]);
	wr_u8(&w, (uint8_t)(r->class_count < RADIUS_CLASS_MAX ? r->class_count : RADIUS_CLASS_MAX));
	for (unsigned i = 0; i < r->class_count && i < RADIUS_CLASS_MAX; i++) {
		wr_u8(&w, r->class[i].len);
		wr_bytes(&w, r->class[i].b, r->class[i].len);
	}
	return wr_done(&w);
}

/* A text of at most `max` octets, none of them NUL, into `room`. */
static const char *get_text(struct rd *r, char *room, size_t max)
{
	size_t len = rd_be16(r);
	const uint8_t *p;

	room[0] = '\0';
	if (len == TEXT_NONE)
		return NULL;
	p = rd_bytes(r, len);
	if (r->bad || len > max || (len && memchr(p, 0, len))) {
		r->bad = true;
		return NULL;
	}
	if (len)
		memcpy(room, p, len);
	room[len] = '\0';
	return room;
}

static void get_prefix6(struct rd *r, struct prefix6 *ret)
{
	rd_copy(r, ret->addr.b, sizeof(ret->addr.b));
	ret->len = rd_u8(r);
	if (ret->len > 128)
		r->bad = true;
}

static void get_leases(struct rd *r, struct radius_record *v)
{
	v->delegated6_count = rd_u8(r);
	for (unsigned i = 0; i < v->delegated6_count && i < RADIUS_LEASES_MAX; i++)
		get_prefix6(r, &v->delegated6[i]);
	v->address6_count = rd_u8(r);
	for (unsigned i = 0; i < v->address6_count && i < RADIUS_LEASES_MAX; i++)
		rd_copy(r, v->address6[i].b, sizeof(v->address6[i].b));
	if (v->delegated6_count > RADIUS_LEASES_MAX || v->address6_count > RADIUS_LEASES_MAX)
		r->bad = true;
}

static void get_line(struct rd *r, struct radius_line *ret, struct radius_record_room *room)
{
	const char **text[RADIUS_RECORD_TEXTS] = {
		&ret->username,	   &ret->calling_station_id, &ret->called_station_id,
		&ret->nas_port_id, &ret->circuit_id,	     &ret->remote_id
	};

	(void)get_text(r, ret->acct_session_id, RADIUS_ACCT_ID_LEN);
	(void)get_text(r, ret->acct_multi_session_id, RADIUS_ACCT_ID_LEN);
	for (unsigned i = 0; i < RADIUS_RECORD_TEXTS; i++)
		*text[i] = get_text(r, room->text[i], RADIUS_TEXT_MAX);
	ret->nas_port = rd_be32(r);
}

static void get_class(struct rd *r, struct radius_record *ret, struct radius_record_room *room)
{
	ret->class_count = rd_u8(r);
	if (ret->class_count > RADIUS_CLASS_MAX) {
		ret->class_count = 0;
		r->bad = true;
	}
	for (unsigned i = 0; i < ret->class_count; i++) {
		room->class[i].len = rd_u8(r);
		if (room->class[i].len > RADIUS_TEXT_MAX) {
			room->class[i].len = 0;
			r->bad = true;
		}
		rd_copy(r, room->class[i].b, room->class[i].len);
	}
	ret->class = room->class;
}

static bool status_known(unsigned status)
{
	return status == RADIUS_START || status == RADIUS_STOP || status == RADIUS_INTERIM ||
	       status == RADIUS_ON || status == RADIUS_OFF;
}

int radius_record_decode(const uint8_t *p, size_t len, struct radius_record *ret,
			 struct radius_record_room *room)
{
	struct radius_record v = { 0 };
	struct rd r = rd_init(p, len);
	uint64_t *counter[] = { &v.rx4_bytes, &v.rx4_packets, &v.rx6_bytes, &v.rx6_packets,
				&v.tx4_bytes, &v.tx4_packets, &v.tx6_bytes, &v.tx6_packets };
	unsigned version = rd_u8(&r), status = rd_u8(&r), flags = rd_u8(&r);

	if (r.bad || !version || version > VERSION || !status_known(status) || (flags & ~FLAGS_ALL))
		return -EBADMSG;
	v.status = status;
	v.has_ifid = flags & FLAG_IFID;
	v.has_prefix6 = flags & FLAG_PREFIX6;
	v.authentic_local = flags & FLAG_LOCAL;
	get_line(&r, &v.line, room);
	v.event_time = rd_be64(&r);
	v.session_time = rd_be32(&r);
	v.cause = rd_be32(&r);
	v.ip4 = rd_be32(&r);
	rd_copy(&r, v.ifid, sizeof(v.ifid));
	get_prefix6(&r, &v.prefix6);
	if (version == 1) {
		get_prefix6(&r, &v.delegated6[0]);
		v.delegated6_count = !!(flags & FLAG_DELEGATED6);
	} else {
		get_leases(&r, &v);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(counter); i++)
		*counter[i] = rd_be64(&r);
	get_class(&r, &v, room);
	if (r.bad || rd_left(&r))
		return -EBADMSG;
	*ret = v;
	return 0;
}

int radius_rec_new(struct radius_rec **ret, uint64_t seq, const uint8_t *blob, size_t len)
{
	struct radius_record_room room;
	struct radius_record record;
	struct radius_rec *rec;

	if (radius_record_decode(blob, len, &record, &room))
		return -EBADMSG;
	rec = calloc(1, sizeof(*rec));
	if (!rec)
		return -ENOMEM;
	rec->blob = malloc(len);
	if (!rec->blob) {
		free(rec);
		return -ENOMEM;
	}
	memcpy(rec->blob, blob, len);
	memcpy(rec->session, record.line.acct_session_id, sizeof(rec->session));
	rec->len = (uint32_t)len;
	rec->seq = seq;
	rec->status = (uint8_t)record.status;
	TAILQ_INIT(&rec->parked);
	*ret = rec;
	return 0;
}

void radius_rec_free(struct radius_rec *rec)
{
	if (!rec)
		return;
	free(rec->blob);
	free(rec);
}
