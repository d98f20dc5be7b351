// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The attributes that can carry a speed, each with its unit and its direction; and the parsers of
 * those that are a number or a name. Texts with a grammar have files of their own.
 *
 * Vendors, types and lengths are those of FreeRADIUS's dictionaries. What they count is from the
 * manuals of RouterOS (RADIUS client: MikroTik, Ascend, WISPr), of radcli and ocserv (Roaring
 * Penguin), Cisco (ISG), Juniper (JunosE) and Huawei (ME60), and accel-ppp's README (Filter-Id).
 *
 * Left out: ERX Qos-Parameters and CoS-Shaping-Pmt-Type, which set parameters of a profile of the
 * other box; burst sizes of Huawei; mpd5's mpd-limit.
 */
#include "shaper/attr.h"

#include "shaper/rate.h"

/* --- numbers ---------------------------------------------------------------------------------- */

/* Unsigned: what a server meant as -1 is 4294967295, a good rate in bit/s and none in kbit/s. */
static const char *read_number(struct rd value, uint64_t unit, uint64_t *ret)
{
	*ret = rd_be32(&value) * unit;
	return shaper_rate_check(*ret);
}

static SHAPER_PARSER(limit_kbit)
{
	uint64_t rate;
	const char *why = read_number(value, SHAPER_KBIT, &rate);

	if (!why)
		shaper_say_limit(g, row, row->direction, rate);
	return why;
}

static SHAPER_PARSER(limit_bit)
{
	uint64_t rate;
	const char *why = read_number(value, SHAPER_BIT, &rate);

	if (!why)
		shaper_say_limit(g, row, row->direction, rate);
	return why;
}

static SHAPER_PARSER(guarantee_bit)
{
	uint64_t rate;
	const char *why = read_number(value, SHAPER_BIT, &rate);

	if (!why)
		shaper_say_guarantee(g, row, rate);
	return why;
}

/* RouterOS's manual: alone it limits what is sent to the client; of two the first does, and the
 * second limits what the client sends; beside Ascend-Xmit-Rate it is what the client sends. */
static SHAPER_PARSER(ascend_data_rate)
{
	uint64_t rate;
	const char *why = read_number(value, SHAPER_BIT, &rate);

	if (why)
		return why;
	if (g->ascend_xmit_rate || g->ascend_data_rates)
		shaper_say_limit(g, row, SHAPER_UP, rate);
	else
		shaper_say_limit(g, row, SHAPER_DOWN, rate);
	g->ascend_data_rates++;
	return NULL;
}

static SHAPER_PARSER(ascend_xmit_rate)
{
	struct shaper_voice *v = g->voices[SHAPER_ASCEND][0];
	uint64_t rate;
	const char *why = read_number(value, SHAPER_BIT, &rate);

	if (why)
		return why;
	if (g->ascend_data_rates == 1 && !g->ascend_xmit_rate)
		v[1] = v[0]; /* it was what the client sends */
	g->ascend_xmit_rate = true;
	shaper_say_limit(g, row, SHAPER_DOWN, rate);
	return NULL;
}

/* --- names ------------------------------------------------------------------------------------ */

SHAPER_PARSER(shaper_policy)
{
	if (!shaper_say_profile(g, row->direction, value))
		shaper_say_missing(g, "profile");
	return NULL;
}

/* Vendor-Specific whose inside is no chain (radius/packet.h) may hide a limit. */
static SHAPER_PARSER(no_chain)
{
	(void)g;
	(void)row;
	(void)value;
	return "a chain of attributes is allowed";
}

/* --- the table -------------------------------------------------------------------------------- */

#define DOWN SHAPER_DOWN
#define UP   SHAPER_UP
#define BOTH SHAPER_BOTH

/* clang-format off */
static const struct shaper_row rows[] = {
	/* kbit/s of 1000 bits */
	{ 10055, 1, 4, 4, SHAPER_RP, UP, limit_kbit, "RP-Upstream-Speed-Limit", NULL },
	{ 10055, 2, 4, 4, SHAPER_RP, DOWN, limit_kbit, "RP-Downstream-Speed-Limit", NULL },
	/* bit/s; k and M; the first number is up */
	{ 14988, 8, 1, 253, SHAPER_MIKROTIK, BOTH, shaper_mikrotik_rate_limit, "Mikrotik-Rate-Limit", NULL },
	/* rate-limit: bit/s and octets; else names. In is from the subscriber */
	{ 9, 1, 1, 253, SHAPER_CISCO, BOTH, shaper_cisco_avpair, "Cisco-AVPair", shaper_cisco_wanted },
	{ 9, 37, 1, 253, SHAPER_CISCO, UP, shaper_policy, "Cisco-Policy-Up", NULL },
	{ 9, 38, 1, 253, SHAPER_CISCO, DOWN, shaper_policy, "Cisco-Policy-Down", NULL },
	{ 9, 55, 1, 253, SHAPER_CISCO, UP, shaper_policy, "Cisco-Sub-QoS-Pol-In", NULL },
	{ 9, 56, 1, 253, SHAPER_CISCO, DOWN, shaper_policy, "Cisco-Sub-QoS-Pol-Out", NULL },
	/* names, and bit/s with k, m, g. Ingress is from the subscriber */
	{ 4874, 10, 1, 253, SHAPER_ERX, UP, shaper_policy, "ERX-Ingress-Policy-Name", NULL },
	{ 4874, 11, 1, 253, SHAPER_ERX, DOWN, shaper_policy, "ERX-Egress-Policy-Name", NULL },
	{ 4874, 26, 1, 253, SHAPER_ERX, BOTH, shaper_policy, "ERX-Qos-Profile-Name", NULL },
	{ 4874, 65, 1, 253, SHAPER_ERX, BOTH, shaper_erx_service, "ERX-Service-Activate", NULL },
	{ 4874, 106, 1, 253, SHAPER_ERX, UP, shaper_policy, "ERX-IPv6-Ingress-Policy-Name", NULL },
	{ 4874, 107, 1, 253, SHAPER_ERX, DOWN, shaper_policy, "ERX-IPv6-Egress-Policy-Name", NULL },
	{ 4874, 177, 1, 253, SHAPER_ERX, DOWN, shaper_erx_shaping_rate, "ERX-Cos-Shaping-Rate", NULL },
	/* bit/s; input is from the subscriber */
	{ 2011, 2, 4, 4, SHAPER_HUAWEI, UP, guarantee_bit, "Huawei-Input-Average-Rate", NULL },
	{ 2011, 3, 4, 4, SHAPER_HUAWEI, UP, limit_bit, "Huawei-Input-Peak-Rate", NULL },
	{ 2011, 5, 4, 4, SHAPER_HUAWEI, DOWN, guarantee_bit, "Huawei-Output-Average-Rate", NULL },
	{ 2011, 6, 4, 4, SHAPER_HUAWEI, DOWN, limit_bit, "Huawei-Output-Peak-Rate", NULL },
	{ 2011, 31, 1, 253, SHAPER_HUAWEI, BOTH, shaper_policy, "Huawei-Qos-Profile-Name", NULL },
	/* bit/s */
	{ 529, 197, 4, 4, SHAPER_ASCEND, BOTH, ascend_data_rate, "Ascend-Data-Rate", NULL },
	{ 529, 255, 4, 4, SHAPER_ASCEND, DOWN, ascend_xmit_rate, "Ascend-Xmit-Rate", NULL },
	/* bit/s, so 4.29 Gbit/s at most */
	{ 14122, 5, 4, 4, SHAPER_WISPR, UP, guarantee_bit, "WISPr-Bandwidth-Min-Up", NULL },
	{ 14122, 6, 4, 4, SHAPER_WISPR, DOWN, guarantee_bit, "WISPr-Bandwidth-Min-Down", NULL },
	{ 14122, 7, 4, 4, SHAPER_WISPR, UP, limit_bit, "WISPr-Bandwidth-Max-Up", NULL },
	{ 14122, 8, 4, 4, SHAPER_WISPR, DOWN, limit_bit, "WISPr-Bandwidth-Max-Down", NULL },
	/* kbit/s; B, K, M, G; the first number is down */
	{ 0, 11, 1, 253, SHAPER_FILTER_ID, BOTH, shaper_filter_id, "Filter-Id", shaper_filter_wanted },

	{ 9, 0, 0, 255, SHAPER_CISCO, BOTH, no_chain, "Vendor-Specific 9", NULL },
	{ 529, 0, 0, 255, SHAPER_ASCEND, BOTH, no_chain, "Vendor-Specific 529", NULL },
	{ 2011, 0, 0, 255, SHAPER_HUAWEI, BOTH, no_chain, "Vendor-Specific 2011", NULL },
	{ 4874, 0, 0, 255, SHAPER_ERX, BOTH, no_chain, "Vendor-Specific 4874", NULL },
	{ 10055, 0, 0, 255, SHAPER_RP, BOTH, no_chain, "Vendor-Specific 10055", NULL },
	{ 14122, 0, 0, 255, SHAPER_WISPR, BOTH, no_chain, "Vendor-Specific 14122", NULL },
	{ 14988, 0, 0, 255, SHAPER_MIKROTIK, BOTH, no_chain, "Vendor-Specific 14988", NULL },
};
/* clang-format on */

const struct shaper_row *shaper_row_find(uint32_t vendor, uint8_t type, struct rd value)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].type == type && rows[i].vendor == vendor)
			return !rows[i].wanted || rows[i].wanted(value) ? &rows[i] : NULL;
	return NULL;
}

bool shaper_attr_wanted(uint32_t vendor, uint8_t type, const uint8_t *value, size_t len)
{
	return shaper_row_find(vendor, type, rd_init(value, len)) != NULL;
}
