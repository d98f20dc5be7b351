/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tags of a discovery packet (RFC 2516, appendix A; RFC 4638, section 3; TR-101 3.9.2, which
 * is vendor 3561's Vendor-Specific tag). Values stay where they were received: what is parsed
 * lives as long as the frame.
 */
#ifndef PPPOE_TAG_H
#define PPPOE_TAG_H

#include "base/wire.h"

#include <stdbool.h>

enum pppoe_tag {
	PPPOE_TAG_END = 0x0000,
	PPPOE_TAG_SERVICE_NAME = 0x0101,
	PPPOE_TAG_AC_NAME = 0x0102,
	PPPOE_TAG_HOST_UNIQ = 0x0103,
	PPPOE_TAG_AC_COOKIE = 0x0104,
	PPPOE_TAG_VENDOR = 0x0105,
	PPPOE_TAG_RELAY_SESSION_ID = 0x0110,
	PPPOE_TAG_MAX_PAYLOAD = 0x0120,
	PPPOE_TAG_SERVICE_NAME_ERROR = 0x0201,
	PPPOE_TAG_AC_SYSTEM_ERROR = 0x0202,
	PPPOE_TAG_GENERIC_ERROR = 0x0203,
};

/* A value in the received frame; p is NULL where there was no such tag. */
struct pppoe_bytes {
	const uint8_t *p;
	uint16_t len;
};

struct pppoe_tags {
	struct pppoe_bytes service, ac_name, host_uniq, cookie, relay;
	struct pppoe_bytes circuit_id, remote_id;
	uint16_t max_payload; /* 0: none, or one that is not two octets */
	uint16_t error;	      /* the first error tag's type, or 0 */
	struct pppoe_bytes error_text;
	unsigned duplicates;	/* tags that may stand once and came again; the first counts */
	unsigned tr101_ignored; /* sub-tags that could not be used */
};

/* 0, or -EBADMSG: a tag reaches beyond the packet. What follows End-Of-List is not looked at. */
int pppoe_tags_parse(struct rd payload, struct pppoe_tags *ret);

void pppoe_tag_put(struct wr *w, enum pppoe_tag tag, const void *value, size_t len);
void pppoe_tag_put_be16(struct wr *w, enum pppoe_tag tag, uint16_t value);
/* Writes the tag again as it was received; nothing where it was not. */
void pppoe_tag_echo(struct wr *w, enum pppoe_tag tag, const struct pppoe_bytes *value);
/* Would a tag with a value of this length still fit? */
bool pppoe_tag_fits(const struct wr *w, size_t len);

#endif
