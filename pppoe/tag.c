// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tags of discovery packets, read and written. See tag.h.
 *
 * TR-101's sub-tags 1 (Agent Circuit ID) and 2 (Agent Remote ID) are kept; the line rates (0x81
 * and up) are stepped over. An access node that gets a sub-tag wrong costs its subscribers the
 * sub-tag, not the login: whatever is odd inside the vendor's tag is counted and left out.
 */
#include "pppoe/tag.h"

#include "pppoe/pppoe.h"

#define VENDOR_ADSL_FORUM 3561 /* TR-101: the tag's first four octets */
#define TR101_CIRCUIT_ID  1
#define TR101_REMOTE_ID	  2

static struct pppoe_bytes bytes_of(const struct rd *value)
{
	return (struct pppoe_bytes){ .p = value->p, .len = (uint16_t)rd_left(value) };
}

static void keep_once(struct pppoe_tags *t, struct pppoe_bytes *dst, const struct rd *value)
{
	if (dst->p)
		t->duplicates++;
	else
		*dst = bytes_of(value);
}

static void keep_id(struct pppoe_tags *t, struct pppoe_bytes *dst, const struct rd *value)
{
	size_t len = rd_left(value);

	if (dst->p || !len || len >= PPPOE_ID_MAX)
		t->tr101_ignored++;
	else
		*dst = bytes_of(value);
}

static void parse_vendor(struct rd value, struct pppoe_tags *t)
{
	if (rd_be32(&value) != VENDOR_ADSL_FORUM)
		return;
	while (rd_left(&value)) {
		uint8_t type = rd_u8(&value);
		struct rd sub = rd_sub(&value, rd_u8(&value));

		if (value.bad)
			t->tr101_ignored++;
		else if (type == TR101_CIRCUIT_ID)
			keep_id(t, &t->circuit_id, &sub);
		else if (type == TR101_REMOTE_ID)
			keep_id(t, &t->remote_id, &sub);
	}
}

static void keep_max_payload(struct pppoe_tags *t, struct rd value)
{
	/* RFC 4638, section 3: two octets. Anything else is as if it had not been asked. */
	if (rd_left(&value) == 2 && !t->max_payload)
		t->max_payload = rd_be16(&value);
}

static void keep_error(struct pppoe_tags *t, uint16_t type, const struct rd *value)
{
	if (t->error)
		return;
	t->error = type;
	t->error_text = bytes_of(value);
}

static void keep(struct pppoe_tags *t, uint16_t type, struct rd value)
{
	switch (type) {
	case PPPOE_TAG_SERVICE_NAME:
		keep_once(t, &t->service, &value);
		break;
	case PPPOE_TAG_AC_NAME:
		keep_once(t, &t->ac_name, &value);
		break;
	case PPPOE_TAG_HOST_UNIQ:
		keep_once(t, &t->host_uniq, &value);
		break;
	case PPPOE_TAG_AC_COOKIE:
		keep_once(t, &t->cookie, &value);
		break;
	case PPPOE_TAG_RELAY_SESSION_ID:
		keep_once(t, &t->relay, &value);
		break;
	case PPPOE_TAG_VENDOR:
		parse_vendor(value, t);
		break;
	case PPPOE_TAG_MAX_PAYLOAD:
		keep_max_payload(t, value);
		break;
	case PPPOE_TAG_SERVICE_NAME_ERROR:
	case PPPOE_TAG_AC_SYSTEM_ERROR:
	case PPPOE_TAG_GENERIC_ERROR:
		keep_error(t, type, &value);
		break;
	default: /* RFC 2516, appendix A: what is not known is passed over */
		break;
	}
}

int pppoe_tags_parse(struct rd payload, struct pppoe_tags *ret)
{
	struct pppoe_tags t = { 0 };

	while (rd_left(&payload)) {
		uint16_t type = rd_be16(&payload);
		struct rd value = rd_sub(&payload, rd_be16(&payload));

		if (payload.bad)
			return -EBADMSG;
		if (type == PPPOE_TAG_END)
			break;
		keep(&t, type, value);
	}
	*ret = t;
	return 0;
}

bool pppoe_tag_fits(const struct wr *w, size_t len)
{
	return !w->bad && w->cap - w->len >= len + 4;
}

void pppoe_tag_put(struct wr *w, enum pppoe_tag tag, const void *value, size_t len)
{
	if (len > UINT16_MAX || !pppoe_tag_fits(w, len)) {
		w->bad = true; /* not half a tag */
		return;
	}
	wr_be16(w, (uint16_t)tag);
	wr_be16(w, (uint16_t)len);
	wr_bytes(w, value, len);
}

void pppoe_tag_put_be16(struct wr *w, enum pppoe_tag tag, uint16_t value)
{
	uint8_t b[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	pppoe_tag_put(w, tag, b, sizeof(b));
}

void pppoe_tag_echo(struct wr *w, enum pppoe_tag tag, const struct pppoe_bytes *value)
{
	if (value->p)
		pppoe_tag_put(w, tag, value->p, value->len);
}
