/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bindings of a line: one place where they begin and one where they end. For the files of ipv6/
 * only. */
#ifndef IPV6_DHCP6_LEASE_H
#define IPV6_DHCP6_LEASE_H

#include "ipv6/dhcp6.h"

/* Who a client is. The key is the same in every process: a hash lives in the frozen octets. Whoever
 * makes two DUIDs of one hash meets himself only, on his own line. */
uint64_t dhcp6_client_hash(struct rd duid);
/* NULL: none. Pointers are good until a binding of the line ends. */
struct dhcp6_binding *dhcp6_lease_find(struct dhcp6_line *line, uint64_t client,
				       enum dhcp6_kind kind, uint32_t iaid);
/* @new: kind, index, iaid, client, prefix. 0, or what bind() says. -ENOSPC also where there is no
 * room, which the caller should have looked after. */
int dhcp6_lease_new(struct dhcp6_line *line, uint64_t now, const struct dhcp6_binding *new,
		    const struct dhcp6_values *v, struct rd duid);
int dhcp6_lease_extend(struct dhcp6_line *line, uint64_t now, struct dhcp6_binding *b,
		       const struct dhcp6_values *v, struct rd duid);
void dhcp6_lease_end(struct dhcp6_line *line, uint64_t now, struct dhcp6_binding *b,
		     enum dhcp6_unbind why);
/* Ends what is over. */
void dhcp6_lease_expire(struct dhcp6_line *line, uint64_t now);

#endif
