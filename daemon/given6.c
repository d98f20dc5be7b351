// SPDX-License-Identifier: GPL-2.0-or-later
/* RFC 4818 (Delegated-IPv6-Prefix), RFC 6911 (Framed-IPv6-Address, DNS-Server-IPv6-Address and the
 * two pools). That values are unicast is the reader's care (radius/value.c). */
#include "daemon/given6.h"

#include "radius/radius.h"

#include <stdio.h>
#include <string.h>

/* A shorter one is a mistake, a longer one holds no network (RFC 4291, section 2.5.4). */
#define DELEGATED_MIN 16
#define DELEGATED_MAX 64

bool given6_of_reply(const struct radius_reply *r, struct given6 *ret, char *why, size_t why_len)
{
	char text[PREFIX_STRLEN];

	*why = '\0';
	*ret = (struct given6){
		.has_address = r->has & RADIUS_HAS_ADDRESS6,
		.has_delegated = r->has & RADIUS_HAS_DELEGATED6,
		.address = r->address6,
		.delegated = r->delegated6,
		.dns_count = (uint8_t)r->dns6_count,
	};
	if (ret->has_delegated &&
	    (ret->delegated.len < DELEGATED_MIN || ret->delegated.len > DELEGATED_MAX)) {
		snprintf(why, why_len, "Delegated-IPv6-Prefix %s: not a /%u to a /%u",
			 prefix6_str(text, &ret->delegated), DELEGATED_MIN, DELEGATED_MAX);
		ret->has_delegated = false;
	}
	memcpy(ret->dns, r->dns6, sizeof(ret->dns));
	snprintf(ret->address_pool, sizeof(ret->address_pool), "%s", r->address_pool);
	snprintf(ret->delegated_pool, sizeof(ret->delegated_pool), "%s", r->delegated_pool);
	return ret->has_address || ret->has_delegated || ret->dns_count || *ret->address_pool ||
	       *ret->delegated_pool;
}
