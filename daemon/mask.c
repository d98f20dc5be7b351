// SPDX-License-Identifier: GPL-2.0-or-later
/* Secrets of control packets: daemon/mask.h. */
#include "daemon/mask.h"

#include "base/wire.h"

#include <stdbool.h>

#define PPP_LCP		 0xc021
#define PPP_PAP		 0xc023
#define PPP_CHAP	 0xc223
#define PPP_EAP		 0xc227
#define ETH_SESSION	 0x8864
#define LCP_PROTO_REJECT 8
#define PAP_REQUEST	 1
#define RADIUS_VENDOR	 26
#define VENDOR_MICROSOFT 311

enum { CHAP_CHALLENGE = 1, CHAP_RESPONSE, CHAP_SUCCESS, CHAP_FAILURE };

/* The next `len` octets, or all that there are. */
static void stars(struct rd *r, size_t len)
{
	size_t n = len < rd_left(r) ? len : rd_left(r);
	uint8_t *p = (uint8_t *)rd_bytes(r, n); /* of the caller's buffer, which is ours to write */

	if (n)
		memset(p, '*', n);
}

static void mask_pap(struct rd *r, uint8_t code)
{
	size_t name = rd_u8(r);
	struct rd all = *r;

	if (code != PAP_REQUEST)
		return;
	rd_skip(r, name);
	rd_skip(r, 1);
	if (r->bad) /* a length that lies: where the password begins, nobody knows */
		*r = all;
	stars(r, rd_left(r));
}

/* MS-CHAP-V2's success proves the password too: "S=" and 40 digits (RFC 2759, section 5). */
static void mask_success(struct rd *r)
{
	while (rd_left(r) >= 2)
		if (rd_u8(r) == 'S' && *r->p == '=') {
			rd_skip(r, 1);
			stars(r, 40);
			return;
		}
}

static void mask_chap(struct rd *r, uint8_t code)
{
	switch (code) {
	case CHAP_CHALLENGE:
	case CHAP_FAILURE:
		break;
	case CHAP_RESPONSE:
		stars(r, rd_u8(r));
		break;
	case CHAP_SUCCESS:
		mask_success(r);
		break;
	default: /* of MS-CHAP: another password */
		stars(r, rd_left(r));
		break;
	}
}

/* From PPP's protocol field on. A Protocol-Reject holds a packet that was rejected: once. */
static void mask_ppp(struct rd *r, bool rejected)
{
	uint16_t proto = rd_be16(r);
	uint8_t code = rd_u8(r);

	rd_skip(r, 3);
	if (r->bad)
		return;
	if (proto == PPP_PAP)
		mask_pap(r, code);
	else if (proto == PPP_CHAP)
		mask_chap(r, code);
	else if (proto == PPP_EAP)
		stars(r, rd_left(r));
	else if (proto == PPP_LCP && code == LCP_PROTO_REJECT && !rejected)
		mask_ppp(r, true);
}

/* PPPoE's length is not believed: what lies behind it in the frame is shown, too. */
void mask_frame(uint8_t *frame, size_t len)
{
	struct rd r = rd_init(frame, len);
	uint16_t type;

	rd_skip(&r, 12);
	type = rd_be16(&r);
	for (int i = 0; i < 2 && (type == 0x8100 || type == 0x88a8); i++) {
		rd_skip(&r, 2);
		type = rd_be16(&r);
	}
	rd_skip(&r, 6);
	if (type == ETH_SESSION && !r.bad)
		mask_ppp(&r, false);
}

/* --- RADIUS ------------------------------------------------------------------------------------
 */

static bool is_secret(uint8_t type)
{
	return type == 2 || type == 3 || type == 69 || type == 79;
}

/* Responses, changed passwords, keys, and the success that proves a password. */
static bool is_secret_microsoft(uint8_t type)
{
	return type == 1 || (type >= 3 && type <= 6) || type == 12 || type == 16 || type == 17 ||
	       type == 25 || type == 26;
}

static void mask_attributes(struct rd *r, bool vendor)
{
	while (rd_left(r) >= 2) {
		uint8_t type = rd_u8(r), len = rd_u8(r);
		struct rd value;

		if (len < 2 || len - 2u > rd_left(r)) {
			stars(r, rd_left(r));
			return;
		}
		value = rd_sub(r, len - 2u);
		if (vendor ? is_secret_microsoft(type) : is_secret(type))
			stars(&value, rd_left(&value));
		else if (!vendor && type == RADIUS_VENDOR && rd_be32(&value) == VENDOR_MICROSOFT &&
			 !value.bad)
			mask_attributes(&value, true);
	}
}

void mask_radius(uint8_t *packet, size_t len)
{
	struct rd r = rd_init(packet, len);

	rd_skip(&r, 20);
	mask_attributes(&r, false);
}
