// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dynamic authorization (RFC 5176): which session a request means, and what is done to it. All keys
 * of a request must match; a session without an address matches no key of that kind. A change is
 * checked as a whole before any of it is made.
 */
#include "daemon/daemon.h"
#include "daemon/hooks.h"
#include "daemon/keep.h"
#include "daemon/mirror.h"
#include "daemon/timeline.h"

#include <errno.h>
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
	    !((has6 && prefix6_holds(&s->prefix6, &q->address6)) ||
	      (s->has & SESSION_UP6 && leases_hold(s, &q->address6))))
		return false;
	if (q->keys & RADIUS_KEY_IFID &&
	    !(s->has & SESSION_UP6 && !memcmp(q->ifid, s->link.ifid_peer, sizeof(q->ifid))))
		return false;
	return !(q->keys & RADIUS_KEY_DELEGATED6) ||
	       (s->has & SESSION_UP6 && leases_have(s, DHCP6_PD, &q->delegated6));
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
	 RADIUS_HAS_SPEED)

/* What cannot fail any more. @class: of its own, taken. */
static void change(struct session *s, uint64_t now, const struct radius_reply *r,
		   struct radius_octets *class)
{
	struct login *l = s->login;

	if (class) {
		free(l->class);
		l->class = class;
		l->class_count = r->class_count;
		s->source[SOURCE_OF_CLASS] = SOURCE_COA;
	}
	if (*r->filter_id) {
		snprintf(l->filter_id, sizeof(l->filter_id), "%.63s", r->filter_id);
		s->source[SOURCE_OF_FILTER_ID] = SOURCE_COA;
	}
	if (*r->mirror)
		mirror_given(s, r->mirror, "CoA");
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
	keep_session(s);
	timeline_event(s, HISTORY_COA, "%s%s%s%s%s%s%s", class ? "Class " : "",
		       *r->filter_id ? "Filter-Id " : "",
		       r->has & RADIUS_HAS_SESSION_TIMEOUT ? "Session-Timeout " : "",
		       r->has & RADIUS_HAS_IDLE_TIMEOUT ? "Idle-Timeout " : "",
		       r->has & RADIUS_HAS_INTERIM ? "Acct-Interim-Interval " : "",
		       *r->mirror ? "BRAS-Mirror " : "", r->has & RADIUS_HAS_SPEED ? "speed" : "");
	hooks_change(s, now);
	session_log(s, LOG_LEVEL_INFO, "changed by CoA");
}

/* A change that waits for the kernel to take its speed. */
struct waiting {
	struct daemon *d;
	uint32_t slot, generation;
	uint64_t ticket;
	struct radius_octets *class;
	struct radius_reply change;
};

static void waiting_free(struct waiting *w)
{
	if (w)
		free(w->class);
	free(w);
}

static void on_speed(void *arg, uint64_t now, int rc)
{
	struct waiting *w = arg;
	struct daemon *d = w->d;

	if (!rc) {
		change(&d->table.sessions[w->slot], now, &w->change, w->class);
		w->class = NULL;
	}
	radius_dae_answer(d->dae, now, w->ticket,
			  !rc		     ? RADIUS_DAE_OK
			  : rc == -ECANCELED ? RADIUS_SESSION_NOT_FOUND
					     : RADIUS_RESOURCES_UNAVAILABLE);
	waiting_free(w);
}

static enum radius_error_cause change_speed(struct session *s, uint64_t now,
					    const struct radius_dae_request *q, struct waiting *w)
{
	const struct radius_reply *r = &q->change;
	struct plan_speed said = plan_said(s), speed;
	char why[256];
	int rc = plan_of_attrs(s->d, PLAN_COA, r->speed, r->speed_len, &said, &speed, why,
			       sizeof(why));

	if (rc) {
		session_log(s, LOG_LEVEL_WARN, "CoA: %s", why);
		return rc == -EINVAL ? RADIUS_INVALID_ATTRIBUTE_VALUE
				     : RADIUS_RESOURCES_UNAVAILABLE;
	}
	if (speed.says_none) { /* a Filter-Id that is no speed */
		plan_speed_fini(&speed);
		return RADIUS_DAE_OK;
	}
	rc = plan_change(s, now, &speed, on_speed, w);
	return !rc		    ? RADIUS_DAE_OK
	       : rc == -EINPROGRESS ? RADIUS_DAE_LATER
				    : RADIUS_RESOURCES_UNAVAILABLE;
}

static enum radius_error_cause coa(struct session *s, uint64_t now,
				   const struct radius_dae_request *q)
{
	const struct radius_reply *r = &q->change;
	enum radius_error_cause cause = RADIUS_DAE_OK;
	char why[256];
	struct waiting *w;

	if (r->has & ~(uint32_t)CHANGEABLE)
		return RADIUS_UNSUPPORTED_ATTRIBUTE;
	if (*r->mirror && mirror_check(s->d, r->mirror, why, sizeof(why))) {
		session_log(s, LOG_LEVEL_WARN, "CoA: BRAS-Mirror: %s", why);
		return RADIUS_INVALID_ATTRIBUTE_VALUE;
	}
	w = s->login ? malloc(sizeof(*w)) : NULL;
	if (!w)
		return RADIUS_RESOURCES_UNAVAILABLE;
	*w = (struct waiting){ s->d, s->slot, s->generation, q->ticket, NULL, *r };
	w->change.raw = NULL; /* gone by then */
	hooks_attributes(s, r->raw);
	if (r->class_count)
		w->class = calloc(r->class_count, sizeof(*w->class));
	if (r->class_count && !w->class)
		cause = RADIUS_RESOURCES_UNAVAILABLE;
	for (unsigned i = 0; w->class && i < r->class_count; i++)
		w->class[i] = r->class[i];
	if (!cause && r->has & RADIUS_HAS_SPEED)
		cause = change_speed(s, now, q, w);
	if (cause == RADIUS_DAE_LATER)
		return cause;
	if (!cause) {
		change(s, now, r, w->class);
		w->class = NULL;
	}
	waiting_free(w);
	return cause;
}

enum radius_error_cause dae_act(void *arg, uint64_t now, const struct radius_dae_request *q)
{
	enum radius_error_cause cause;
	struct session *s = find(arg, q, &cause);

	if (!s)
		return cause;
	if (!q->disconnect)
		return coa(s, now, q);
	timeline_event(s, HISTORY_DISCONNECT, "by a Disconnect-Request");
	session_close(s, now, PPP_CAUSE_ADMIN_RESET);
	return RADIUS_DAE_OK;
}
