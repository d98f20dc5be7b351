/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a login is given, whoever says so: the users file or a RADIUS server. grant.c turns it into
 * addresses, routes and what PPP tells the peer.
 */
#ifndef DAEMON_GRANT_H
#define DAEMON_GRANT_H

#include "daemon/given6.h"
#include "daemon/plan.h"
#include "daemon/source.h"
#include "daemon/users.h"
#include "ppp/ppp.h"

struct session;
struct radius_reply;

struct grant {
	enum user_address address;
	uint32_t ip4;		/* USER_ADDRESS_FIXED */
	const char *pool;	/* NULL: the default one */
	bool has_prefix6;	/* prefix6 is given; else one of pool6 */
	struct prefix6 prefix6; /* a /64 */
	const char *pool6;	/* NULL: the default one */
	bool has_given6;
	struct given6 given6; /* for DHCPv6, and name servers */
	struct plan_speed speed;
	uint32_t dns[2]; /* 0: the configured ones */
	uint16_t mtu;	 /* Framed-MTU; 0: none */
	bool has_ifid;
	uint8_t ifid[8];			/* the peer's */
	uint64_t session_timeout, idle_timeout; /* ns; 0: none */
	uint8_t source[SOURCE_OF_COUNT];	/* enum source */
	bool reauthenticate;			/* after session_timeout, instead of the end */
};

void grant_of_user(const struct session *s, const struct user *user, struct grant *ret);
/* -EINVAL: a speed attribute is malformed, and such logins are refused; `why` names it. */
int grant_of_reply(const struct session *s, const struct radius_reply *reply, struct grant *ret,
		   char *why, size_t why_len);
void grant_fini(struct grant *g);

/* Addresses, and what the data plane needs for them; fills the rest of @ret but for ok and message.
 * A session that has addresses already (CHAP repeated, LCP anew) keeps them; one that cannot have a
 * family's is told so in the log, and that family is refused to it. */
void grant_apply(struct session *s, uint64_t now, struct grant *g, struct ppp_auth_result *ret);

#endif
