/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message, and what becomes of it. For the files of ipv6/ only. */
#ifndef IPV6_DHCP6_EXCHANGE_H
#define IPV6_DHCP6_EXCHANGE_H

#include "ipv6/dhcp6_msg.h"

/* What is said of one IA. */
struct dhcp6_answer {
	const struct dhcp6_ia *ia;
	enum dhcp6_status status; /* where it has no lease; SUCCESS: none is said */
	bool silent;		  /* the IA is not in the answer */
	bool has_lease;
	bool tell_gone; /* of what the client named and has no more */
	bool has_withdrawn;
	struct prefix6 lease, withdrawn;
};

/* One message and its answer. */
struct dhcp6_exchange {
	struct dhcp6_line *line;
	uint64_t now;
	struct dhcp6_packet packet;
	struct dhcp6_msg msg;
	struct dhcp6_values values;
	uint64_t client;
	bool commit;		      /* not only an offer */
	uint8_t offered[DHCP6_KINDS]; /* indexes, bit by bit */
	struct dhcp6_answer answer[DHCP6_IAS_MAX];
};

/* Decides on one IA of a Solicit, Request, Renew or Rebind, and does what it decides. @a: its ia is
 * set, the rest is 0. */
void dhcp6_serve_ia(struct dhcp6_exchange *x, struct dhcp6_answer *a);

#endif
