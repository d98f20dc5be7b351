// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dynamic authorization (RFC 5176): which session a request means, and what is done to it. All keys
 * of a request must match; a session without an address matches no key of that kind. A change is
 * checked as a whole before any of it is made.
 */
#include "daemon/daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An id as our records have it: 16 hexadecimal digits. */
static bool id_equal(const char *text, uint64_t id)
{
	for (int i = 0; i < RADIUS_ACCT_ID_LEN; i++)
		if (text[i] != "0123456789abcdef"[id >> (60 - 4 * i) & 15])
			return false;
	return !text[RADIUS_ACCT_ID_LEN];
}

/* This is asked of every session: what is cheap comes first, and no text is made for nothing. */
static bool key_texts(const struct session *s, const struct radius_dae_request *q)
{
	struct radius_line line;
	struct mac mac;

	if (q->keys & RADIUS_KEY_ACCT_ID && !id_equal(q->acct_session_id, s->acct_id))
		return false;
	if (q->keys & RADIUS_KEY_MULTI_ID &&
	    !id_equal(q->acct_multi_session_id, s->login ? s->login->multi_id : s->acct_id))
		return false;
	if (q->keys & RADIUS_KEY_CALLING &&
	    (mac_parse(q->calling_station_id, &mac) || !mac_equal(&mac, &s->mac)))
		return false;
	if (q->keys & RADIUS_KEY_USERNAME &&
	    (!s->username ||
	     (strcmp(q->username, s->username) != 0 && strcmp(q->username, acct_name(s)) != 0)))
		return false;
	if (!(q->keys & RADIUS_KEY_PORT_ID))
		return true;
	acct_line(s, &line);
	return !strcmp(q->nas_port_id, line.nas_port_id);
}

static bool key_addresses(const struct session *s, const struct radius_dae_request *q)
{
	bool has6 = s->has & SESSION_UP6 && s->has & SESSION_HAS_PREFIX6;

	if (q->keys & RADIUS_KEY_IP4 && !(s->has & SESSION_UP4 && s->ip4 == q->ip4))
		return false;
	if (q->keys & RADIUS_KEY_PREFIX6 && !(has6 && q->prefix6.len == s->prefix6.len &&
					      ip6_equal(&q->prefix6.addr, &s->prefix6.addr)))
		return false;
	if (q->keys & RADIUS_KEY_ADDRESS6 &&
	    !(has6 && !memcmp(q->address6.b, s->prefix6.addr.b, s->prefix6.len / 8)))
		return false;
	if (q->keys & RADIUS_KEY_IFID &&
	    !(s->has & SESSION_UP6 && !memcmp(q->ifid, s->link.ifid_peer, sizeof(q->ifid))))
		return false;
	return !(q->keys & RADIUS_KEY_DELEGATED6); /* part 5 delegates */
}

static struct session *find(struct daemon *d, const struct radius_dae_request *q,
			    enum radius_error_cause *ret_cause)
{
	struct session *s, *found = NULL;

	*ret_cause = RADIUS_SESSION_NOT_FOUND;
	for (uint32_t i = 0; (s = table_next(d, &i));) {
		if (s->state == SESSION_CLOSING || !key_addresses(s, q) || !key_texts(s, q))
			continue;
		*ret_cause = found ? RADIUS_MULTIPLE_SELECTION : RADIUS_DAE_OK;
		if (found)
			return NULL;
		found = s;
	}
	return found;
}

/* What we can change in a living session; the rest is refused as a whole. */
#define CHANGEABLE                                                                                 \
	(RADIUS_HAS_SESSION_TIMEOUT | RADIUS_HAS_IDLE_TIMEOUT | RADIUS_HAS_INTERIM |               \
	 RADIUS_HAS_RATE_DOWN | RADIUS_HAS_RATE_UP)

static enum radius_error_cause change(struct session *s, uint64_t now, const struct radius_reply *r)
{
	struct login *l = s->login;
	struct radius_octets *class = NULL;
	char name[160];

	if (r->has & ~(uint32_t)CHANGEABLE)
		return RADIUS_UNSUPPORTED_ATTRIBUTE;
	if (!l)
		return RADIUS_RESOURCES_UNAVAILABLE;
	if (r->class_count) {
		class = calloc(r->class_count, sizeof(*class));
		if (!class)
			return RADIUS_RESOURCES_UNAVAILABLE;
		memcpy(class, r->class, r->class_count * sizeof(*class));
		free(l->class);
		l->class = class;
		l->class_count = r->class_count;
		s->source[SOURCE_OF_CLASS] = SOURCE_COA;
	}
	if (*r->filter_id) {
		snprintf(l->filter_id, sizeof(l->filter_id), "%.63s", r->filter_id);
		s->source[SOURCE_OF_FILTER_ID] = SOURCE_COA;
	}
	if (r->has & RADIUS_HAS_RATE_DOWN)
		s->rate_down = r->rate_down;
	if (r->has & RADIUS_HAS_RATE_UP)
		s->rate_up = r->rate_up;
	if (r->has & RADIUS_HAS_SESSION_TIMEOUT) {
		ppp_link_session_timeout(&s->link, now, r->session_timeout * NSEC_PER_SEC);
		s->session_timeout = r->session_timeout;
		s->source[SOURCE_OF_SESSION_TIMEOUT] = SOURCE_COA;
	}
	if (r->has & RADIUS_HAS_IDLE_TIMEOUT) {
		ppp_link_idle_timeout(&s->link, now, r->idle_timeout * NSEC_PER_SEC);
		s->source[SOURCE_OF_IDLE_TIMEOUT] = SOURCE_COA;
	}
	if (r->has & RADIUS_HAS_INTERIM) {
		l->interim = r->interim;
		s->source[SOURCE_OF_INTERIM] = SOURCE_COA;
		acct_interim(s, now);
	}
	log_info("%s: changed by CoA", session_name(s, name, sizeof(name)));
	return RADIUS_DAE_OK;
}

enum radius_error_cause dae_act(void *arg, uint64_t now, const struct radius_dae_request *q)
{
	enum radius_error_cause cause;
	struct session *s = find(arg, q, &cause);

	if (!s)
		return cause;
	if (!q->disconnect)
		return change(s, now, &q->change);
	session_close(s, now, PPP_CAUSE_ADMIN_RESET);
	return RADIUS_DAE_OK;
}
