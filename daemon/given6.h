/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_GIVEN6_H
#define DAEMON_GIVEN6_H

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>

struct radius_reply;

/* What RADIUS says of a session's IPv6 beyond its prefix. */
struct given6 {
	bool has_address, has_delegated;
	struct ip6 address;	  /* Framed-IPv6-Address */
	struct prefix6 delegated; /* Delegated-IPv6-Prefix */
	struct ip6 dns[3];	  /* DNS-Server-IPv6-Address */
	uint8_t dns_count;
	char address_pool[64];	 /* Stateful-IPv6-Address-Pool; empty: the default one */
	char delegated_pool[64]; /* Delegated-IPv6-Prefix-Pool */
};

/* What of a reply is of this kind. False: nothing. What cannot be is left out; `why` then says of
 * the first such value, by its attribute's name, what is wrong with it, and is empty else. */
bool given6_of_reply(const struct radius_reply *r, struct given6 *ret, char *why, size_t why_len);

#endif
