// SPDX-License-Identifier: GPL-2.0-or-later
/* Whom a command is about. */
#include "daemon/match.h"

#include "daemon/daemon.h"

#include <string.h>

int match_parse(const char *s, struct match *ret)
{
	*ret = (struct match){ .kind = MATCH_USER, .user = s };
	if (!strcmp(s, "all")) {
		ret->kind = MATCH_ALL;
	} else if (!strncmp(s, "sid=", 4)) {
		ret->kind = MATCH_SID;
		return str_to_u64(s + 4, 1, UINT16_MAX, &ret->sid);
	} else if (!strncmp(s, "mac=", 4)) {
		ret->kind = MATCH_MAC;
		return mac_parse(s + 4, &ret->mac);
	} else if (!strncmp(s, "ip=", 3)) {
		ret->kind = MATCH_IP4;
		if (!ip4_parse(s + 3, &ret->ip4))
			return 0;
		ret->kind = MATCH_IP6;
		return ip6_parse(s + 3, &ret->ip6);
	}
	return 0;
}

/* A session without an address matches no address. */
bool match_session(const struct match *m, const struct session *s)
{
	switch (m->kind) {
	case MATCH_USER:
		return s->username && !strcmp(s->username, m->user);
	case MATCH_SID:
		return s->sid == m->sid;
	case MATCH_IP4:
		return s->has & SESSION_UP4 && s->ip4 == m->ip4;
	case MATCH_IP6:
		return s->has & SESSION_UP6 &&
		       ((s->has & SESSION_HAS_PREFIX6 && prefix6_holds(&s->prefix6, &m->ip6)) ||
			leases_hold(s, &m->ip6));
	case MATCH_MAC:
		return mac_equal(&s->mac, &m->mac);
	case MATCH_ALL:
		return true;
	}
	return false;
}

struct session *match_find(struct daemon *d, const struct match *m)
{
	struct session *s, *found = NULL;

	for (uint32_t i = 0; (s = table_next(d, &i));)
		if (match_session(m, s) && (!found || found->state != SESSION_OPEN))
			found = s;
	return found;
}
