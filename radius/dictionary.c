// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attributes as people read them (RFC 2865 section 5, RFC 3162; RFC 8044 for what the types are).
 * libradcli's dictionaries call octets, interface identifiers and 64-bit numbers strings; rows here
 * say better.
 */
#include "radius/dictionary.h"

#include "base/addr.h"
#include "radius/attr.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static const struct radius_dictionary *dictionary;

void radius_dictionary_use(const struct radius_dictionary *d)
{
	dictionary = d;
}

static const struct kind_row {
	uint32_t vendor;
	uint8_t first, last;
	enum radius_kind kind;
} kind_rows[] = {
	{ 0, RADIUS_ATTR_USER_PASSWORD, RADIUS_ATTR_CHAP_PASSWORD, RADIUS_KIND_SECRET },
	{ 0, RADIUS_ATTR_STATE, RADIUS_ATTR_CLASS, RADIUS_KIND_OCTETS },
	{ 0, RADIUS_ATTR_PROXY_STATE, RADIUS_ATTR_PROXY_STATE, RADIUS_KIND_OCTETS },
	{ 0, RADIUS_ATTR_EVENT_TIMESTAMP, RADIUS_ATTR_EVENT_TIMESTAMP, RADIUS_KIND_DATE },
	{ 0, RADIUS_ATTR_CHAP_CHALLENGE, RADIUS_ATTR_CHAP_CHALLENGE, RADIUS_KIND_OCTETS },
	{ 0, 69, 69, RADIUS_KIND_SECRET }, /* Tunnel-Password */
	{ 0, RADIUS_ATTR_MESSAGE_AUTHENTICATOR, RADIUS_ATTR_MESSAGE_AUTHENTICATOR,
	  RADIUS_KIND_OCTETS },
	{ 0, RADIUS_ATTR_FRAMED_INTERFACE_ID, RADIUS_ATTR_FRAMED_INTERFACE_ID, RADIUS_KIND_IFID },
	{ RADIUS_VENDOR_MICROSOFT, 1, 1, RADIUS_KIND_SECRET },	 /* MS-CHAP-Response */
	{ RADIUS_VENDOR_MICROSOFT, 3, 6, RADIUS_KIND_SECRET },	 /* passwords changed */
	{ RADIUS_VENDOR_MICROSOFT, 12, 12, RADIUS_KIND_SECRET }, /* MS-CHAP-MPPE-Keys */
	{ RADIUS_VENDOR_MICROSOFT, 16, 17, RADIUS_KIND_SECRET }, /* MS-MPPE-Send-, -Recv-Key */
	{ RADIUS_VENDOR_MICROSOFT, 25, 25, RADIUS_KIND_SECRET }, /* MS-CHAP2-Response */
	{ RADIUS_VENDOR_MICROSOFT, 27, 27, RADIUS_KIND_SECRET }, /* MS-CHAP2-CPW */
	{ RADIUS_VENDOR_BRASBERRY, RADIUS_BRAS_INPUT_OCTETS_IPV4, RADIUS_BRAS_OUTPUT_PACKETS_IPV6,
	  RADIUS_KIND_U64 },
};

/* The name or NULL, and the kind. */
static const char *look_up(uint32_t vendor, uint8_t type, enum radius_kind *ret_kind)
{
	enum radius_kind kind = RADIUS_KIND_TEXT;
	const char *name = dictionary ? dictionary->attr(vendor, type, &kind) : NULL;

	for (size_t i = 0; i < ARRAY_SIZE(kind_rows); i++) {
		const struct kind_row *row = &kind_rows[i];

		if (row->vendor == vendor && type >= row->first && type <= row->last)
			kind = row->kind;
	}
	*ret_kind = kind;
	return name;
}

const char *radius_attr_name(uint32_t vendor, uint8_t type, char *buf, size_t cap)
{
	enum radius_kind kind;
	const char *name = look_up(vendor, type, &kind);

	if (name)
		snprintf(buf, cap, "%s", name);
	else if (vendor)
		snprintf(buf, cap, "Vendor-%" PRIu32 "-Attr-%u", vendor, type);
	else
		snprintf(buf, cap, "Attr-%u", type);
	return buf;
}

static void print_hex(struct sbuf *out, const struct radius_attr *a)
{
	sbuf_printf(out, "0x");
	for (size_t i = 0; i < a->len; i++)
		sbuf_printf(out, "%02x", a->value[i]);
}

static void print_text(struct sbuf *out, const struct radius_attr *a)
{
	char text[4 * 253 + 1];

	for (size_t i = 0; i < a->len; i++) {
		if (a->value[i] < 0x20 || a->value[i] == 0x7f) {
			print_hex(out, a);
			return;
		}
	}
	sbuf_printf(out, "\"%s\"", str_escape(text, sizeof(text), a->value, a->len));
}

static void print_u32(struct sbuf *out, const char *name, uint32_t v)
{
	const char *word = name && dictionary ? dictionary->value(name, v) : NULL;

	if (word)
		sbuf_printf(out, "%s", word);
	else
		sbuf_printf(out, "%" PRIu32, v);
}

static void print_date(struct sbuf *out, uint32_t v)
{
	time_t t = (time_t)v;
	struct tm tm;
	char text[32];

	if (gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		sbuf_printf(out, "%s", text);
	else
		sbuf_printf(out, "%" PRIu32, v);
}

static void print_ip6(struct sbuf *out, struct rd *r)
{
	struct ip6 a = { 0 };
	char text[IP6_STRLEN];
	size_t n = rd_left(r);

	rd_copy(r, a.b, n < sizeof(a.b) ? n : sizeof(a.b));
	sbuf_printf(out, "%s", ip6_str(text, &a));
}

static void print_prefix6(struct sbuf *out, struct rd *r)
{
	unsigned len;

	rd_u8(r);
	len = rd_u8(r);
	print_ip6(out, r);
	sbuf_printf(out, "/%u", len);
}

static bool fits(enum radius_kind kind, size_t len)
{
	switch (kind) {
	case RADIUS_KIND_U32:
	case RADIUS_KIND_IP4:
	case RADIUS_KIND_DATE:
		return len == 4;
	case RADIUS_KIND_U64:
	case RADIUS_KIND_IFID:
		return len == 8;
	case RADIUS_KIND_IP6:
		return len == 16;
	case RADIUS_KIND_PREFIX6:
		return len >= 2 && len <= 18;
	case RADIUS_KIND_TEXT:
	case RADIUS_KIND_OCTETS:
	case RADIUS_KIND_SECRET:
		break;
	}
	return true;
}

void radius_attr_print(struct sbuf *out, const struct radius_attr *a)
{
	struct rd r = rd_init(a->value, a->len);
	char buf[RADIUS_NAME_MAX], ip4[IP4_STRLEN];
	enum radius_kind kind;
	const char *name = look_up(a->vendor, a->type, &kind);

	sbuf_printf(out, "%s = ", radius_attr_name(a->vendor, a->type, buf, sizeof(buf)));
	switch (fits(kind, a->len) ? kind : RADIUS_KIND_OCTETS) {
	case RADIUS_KIND_TEXT:
		print_text(out, a);
		break;
	case RADIUS_KIND_U32:
		print_u32(out, name, rd_be32(&r));
		break;
	case RADIUS_KIND_U64:
		sbuf_printf(out, "%" PRIu64, rd_be64(&r));
		break;
	case RADIUS_KIND_IP4:
		sbuf_printf(out, "%s", ip4_str(ip4, rd_be32(&r)));
		break;
	case RADIUS_KIND_DATE:
		print_date(out, rd_be32(&r));
		break;
	case RADIUS_KIND_IP6:
		print_ip6(out, &r);
		break;
	case RADIUS_KIND_PREFIX6:
		print_prefix6(out, &r);
		break;
	case RADIUS_KIND_IFID:
		for (unsigned i = 0; i < 4; i++)
			sbuf_printf(out, "%s%04x", i ? ":" : "", rd_be16(&r));
		break;
	case RADIUS_KIND_OCTETS:
		print_hex(out, a);
		break;
	case RADIUS_KIND_SECRET:
		sbuf_printf(out, "<%zu octets>", a->len);
		break;
	}
}
