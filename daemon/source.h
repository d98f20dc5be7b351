/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a value of a session came from, for `show session`. A session keeps an octet for each of
 * its values; source.c has the words. What can be told from the session itself (its MTU, the
 * peer's interface identifier) is not kept.
 */
#ifndef DAEMON_SOURCE_H
#define DAEMON_SOURCE_H

#include <stdint.h>

struct json;
struct session;

enum source {
	SOURCE_NONE,
	SOURCE_CONFIG,
	SOURCE_USERS, /* the users file */
	SOURCE_POOL,  /* the default pool */
	SOURCE_RADIUS,
	SOURCE_RADIUS_ELSE, /* another attribute of the same meaning */
	SOURCE_COA,
};

/* By what it is: key of the JSON, key of the configuration, RADIUS attribute, another one. */
/* clang-format off */
#define SOURCE_VALUES(X)                                                                           \
	X(IP, "ip", NULL, "Framed-IP-Address", "Framed-Pool")                                      \
	X(IP6, "ip6", NULL, "Framed-IPv6-Prefix", "Framed-IPv6-Pool")                              \
	X(DNS1, "dns", "[dns] dns1", "MS-Primary-DNS-Server", NULL)                                \
	X(DNS2, "dns", "[dns] dns2", "MS-Secondary-DNS-Server", NULL)                              \
	X(SESSION_TIMEOUT, "session-timeout", "[ppp] session-timeout", "Session-Timeout", NULL)    \
	X(IDLE_TIMEOUT, "idle-timeout", "[ppp] idle-timeout", "Idle-Timeout", NULL)                \
	X(INTERIM, "interim", "[radius] acct-interim-interval", "Acct-Interim-Interval", NULL)     \
	X(FILTER_ID, "filter-id", NULL, "Filter-Id", NULL)                                         \
	X(CLASS, "class", NULL, "Class", NULL)                                                     \
	X(QUOTA, "quota", NULL, "Session-Octets-Limit", "Mikrotik-Total-Limit")                    \
	X(PORT_LIMIT, "port-limit", NULL, "Port-Limit", "RP-Max-Sessions-Per-User")                \
	X(IP6_DP, "ip6-dp", NULL, "Delegated-IPv6-Prefix", "Delegated-IPv6-Prefix-Pool")           \
	X(IP6_NA, "ip6-na", NULL, "Framed-IPv6-Address", "Stateful-IPv6-Address-Pool")             \
	X(DNS6, "dns6", "[ipv6-dns] dns", "DNS-Server-IPv6-Address", NULL)
/* clang-format on */

enum source_value {
#define X(id, key, config, attribute, other) SOURCE_OF_##id,
	SOURCE_VALUES(X)
#undef X
		SOURCE_OF_COUNT
};

/* The object `sources`: a text for each value, null for one that the session does not have. */
void source_show(struct json *j, const struct session *s);

#endif
