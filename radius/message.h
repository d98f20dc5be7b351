/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in RADIUS messages: requests written from, and replies read into, the structs of
 * radius/radius.h. Attributes are rows of tables {vendor, type, min, max, parse or write, name}.
 * Pure; radius_reply_parse() and radius_dae_parse() have no side effect and are fuzz targets.
 */
#ifndef RADIUS_MESSAGE_H
#define RADIUS_MESSAGE_H

#include "radius/packet.h"
#include "radius/radius.h"

/* What is the same in all our requests. */
struct radius_nas {
	const char *identifier;
	uint32_t ip4;
	struct ip6 ip6;
};

/* Appends the attributes of a request that radius_begin() has begun. `wall`: s since 1970. */
void radius_access_write(struct wr *w, const struct radius_nas *nas, const struct radius_access *a,
			 const char *secret, const uint8_t auth[RADIUS_AUTH_LEN], uint64_t wall);
/* @delay: Acct-Delay-Time, s. */
void radius_record_write(struct wr *w, const struct radius_nas *nas, const struct radius_record *r,
			 uint32_t delay);

/* Access-Accept, -Reject or -Challenge that has been verified. A malformed attribute gives verdict
 * RADIUS_BAD with the attribute's name and what is wrong in `message`; unknown ones are ignored.
 * @chap_id: the MS-CHAPv2 identifier that MS-CHAP2-Success must begin with.
 * @wants: which attributes of an Accept are kept as they are; NULL: none. */
void radius_reply_parse(const struct radius_packet *p, uint8_t chap_id, radius_wants_speed *wants,
			struct radius_reply *ret);

/* A verified CoA- or Disconnect-Request. RADIUS_DAE_OK, or the Error-Cause to answer with; then
 * ret->unsupported names the attribute that is to blame, where one is. Event-Timestamp, Proxy-State
 * and Message-Authenticator are the caller's business. */
enum radius_error_cause radius_dae_parse(const struct radius_packet *p,
					 const struct radius_nas *nas, radius_wants_speed *wants,
					 struct radius_dae_request *ret);

#endif
