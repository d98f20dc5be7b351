// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A session's life. It is opened by a good PADR (session_pppoe_ops), fed by session_input(), and
 * closed by one of two functions: session_close() asks the peer first, session_finish() is the end.
 * Order of changes: table, then data plane, then the answer to the peer; teardown in reverse.
 */
#include "base/str.h"
#include "daemon/daemon.h"
#include "daemon/hooks.h"
#include "daemon/keep.h"
#include "daemon/timeline.h"
#include "daemon/nat44.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CARRIER_MRU 1492 /* RFC 2516, section 7: without PPP-Max-Payload */

const char *session_name(const struct session *s, char *buf, size_t cap)
{
	char mac[MAC_STRLEN], user[80];

	str_escape(user, sizeof(user), s->username ? s->username : "-",
		   s->username ? strlen(s->username) : 1);
	snprintf(buf, cap, "%s sid=%u %s %s", s->d->ports[s->line.port].conf.name, s->sid,
		 mac_str(mac, &s->mac), user);
	return buf;
}

uint16_t session_mtu(const struct session *s)
{
	uint16_t mtu = ppp_link_mtu(&s->link);

	return s->mtu_limit && s->mtu_limit < mtu ? s->mtu_limit : mtu;
}

void session_transmit(struct session *s, const uint8_t *frame, size_t len)
{
	const struct port *p = &s->d->ports[s->line.port];
	uint8_t buf[PPPOE_FRAME_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	int n;

	trace_frame(s, false, frame, len);
	pppoe_frame_begin(&w, &s->mac, &p->link.mac, &s->line, PPPOE_ETH_SESSION, 0, s->sid);
	wr_bytes(&w, frame, len);
	n = pppoe_frame_end(&w, &s->line);
	if (n < 0)
		s->d->stats.transmit_failed++;
	else
		port_transmit(s->d, s->line.port, buf, (size_t)n);
}

static void on_transmit(void *arg, uint16_t port, const uint8_t *frame, size_t len)
{
	port_transmit(arg, port, frame, len);
}

static const struct mac *on_port_mac(void *arg, uint16_t port)
{
	struct daemon *d = arg;

	return &d->ports[port].link.mac;
}

static uint32_t on_session_count(void *arg)
{
	struct daemon *d = arg;

	return d->table.used;
}

static bool reached(uint32_t count, uint32_t limit)
{
	return limit && count >= limit;
}

/* What a client can only be refused for: -EBUSY; -EDQUOT: its line has what a line may have. */
static int admit(struct daemon *d, const struct pppoe_request *req)
{
	const struct config *c = d->config;
	const struct port *p = &d->ports[req->line.port];

	if (d->stopping || d->draining || p->leaving || reached(d->table.used, d->table.max) ||
	    reached(p->sessions, p->conf.max_sessions) ||
	    reached(table_count_station(d, &req->line, &req->mac), c->pppoe.max_sessions_per_mac))
		return -EBUSY;
	if (reached(table_count_vlan(d, req), c->pppoe.max_sessions_per_vlan) ||
	    reached(table_count_circuit(d, req), c->pppoe.max_sessions_per_circuit_id))
		return -EDQUOT;
	return 0;
}

/* Not now: as many are starting as may. */
static bool busy(const struct daemon *d, const struct pppoe_line *line)
{
	return table_starting_full(d, line, d->config->pppoe.max_starting);
}

/* Servers that are slow may be so for long: who has no PADO yet need not wait for them. */
static int on_admit(void *arg, const struct pppoe_request *req)
{
	int rc = login_busy(arg) ? -EBUSY : admit(arg, req);

	return !rc && busy(arg, &req->line) ? -EAGAIN : rc;
}

static int on_open(void *arg, uint64_t now, const struct pppoe_request *req, uint16_t *ret_sid,
		   bool *ret_duplicate)
{
	struct daemon *d = arg;
	struct session *s = table_by_request(d, req);
	uint16_t sid;
	int rc;

	if (s && s->state != SESSION_CLOSING) {
		*ret_sid = s->sid;
		*ret_duplicate = true;
		return 0;
	}
	rc = admit(d, req);
	if (!rc && (req->behind || busy(d, &req->line) || login_busy(d)))
		return -EAGAIN; /* it had a PADO: an error now would end what is only slow */
	if (!rc && pppoe_sids_get(d->sids, now, &req->line, &sid))
		rc = -EBUSY;
	if (rc)
		return rc;
	rc = table_add(d, req, sid, &s);
	if (rc) {
		pppoe_sids_put(d->sids, now, &req->line, sid);
		return -EBUSY;
	}
	s->started = s->phase_at = now;
	s->offered = req->offered;
	trace_look(s);
	session_debug(s, "opened by a PADR for the service '%s'", s->service ? s->service : "");
	ppp_link_init(&s->link, &d->ppp, req->max_payload ? req->max_payload : CARRIER_MRU);
	ipv6_ra_sender_init(&s->ra, &d->ra);
	rc = path_open(s);
	if (rc) {
		log_error("%s: data plane: %s", d->ports[s->line.port].conf.name, strerror(-rc));
		path_close(s);
		pppoe_sids_put(d->sids, now, &s->line, s->sid);
		table_remove(s);
		return -ENOMEM;
	}
	timeline_dial(s);
	d->stats.sessions_opened++;
	if (table_starting(d) > d->starting_most)
		d->starting_most = table_starting(d);
	*ret_sid = sid;
	*ret_duplicate = false;
	return 0;
}

static void on_opened(void *arg, uint64_t now, const struct pppoe_line *line, uint16_t sid)
{
	struct session *s = table_by_sid(arg, line, sid);

	if (!s)
		return;
	table_state(s, SESSION_LCP);
	ppp_link_start(&s->link, now);
}

static int on_padt(void *arg, uint64_t now, const struct pppoe_line *line, const struct mac *src,
		   uint16_t sid)
{
	struct session *s = table_by_sid(arg, line, sid);

	if (!s)
		return -ENOENT;
	if (!mac_equal(&s->mac, src))
		return -EPERM;
	s->has |= SESSION_PEER_GONE;
	ppp_link_lost(&s->link, now, PPP_CAUSE_USER_REQUEST);
	return 0;
}

const struct pppoe_ops session_pppoe_ops = {
	.transmit = on_transmit,
	.port_mac = on_port_mac,
	.admit = on_admit,
	.session_count = on_session_count,
	.open = on_open,
	.opened = on_opened,
	.padt = on_padt,
	.may_tell = trace_may_tell,
};

/* A frame of ethertype 0x8864 that the tap let through: control, or link-local IPv6. */
static void session_frame(struct daemon *d, uint64_t now, const struct pppoe_frame *f)
{
	struct session *s = table_by_sid(d, &f->line, f->sid);
	struct rd r = f->payload;
	const uint8_t *p = r.p;
	size_t len = rd_left(&r);

	if (f->code) {
		d->stats.drop_session_code++;
		return;
	}
	if (!s) {
		d->stats.drop_session_unknown++;
		pppoe_server_padt_unknown(d->pppoe, now, &f->line, &f->src, f->sid);
		return;
	}
	if (!mac_equal(&s->mac, &f->src)) {
		d->stats.drop_session_wrong_mac++;
		return;
	}
	trace_frame(s, true, p, len);
	if (rd_be16(&r) == PPP_IPV6 && !r.bad)
		line_ip6_input(s, now, r.p, rd_left(&r));
	else
		ppp_link_input(&s->link, now, p, len);
}

void session_input(struct port *p, uint64_t now, const uint8_t *frame, size_t len)
{
	struct daemon *d = p->d;
	struct pppoe_frame f;
	int rc = pppoe_frame_parse(p->number, frame, len, &f);

	if (!rc && f.ethertype == PPPOE_ETH_SESSION)
		session_frame(d, now, &f);
	else if (!rc || rc == -EBADMSG)
		pppoe_server_input(d->pppoe, now, p->number, frame, len);
	else
		d->stats.drop_session_malformed++;
}

void session_since(const struct session *s, struct abi_counters *c)
{
	if (s->base)
		dp_counters_sub(c, s->base);
}

void session_counters(struct session *s, struct abi_counters *ret)
{
	if (dp_counters(s->d->dp, s->slot, ret))
		*ret = (struct abi_counters){ 0 };
	else
		session_since(s, ret);
}

void session_clear_counters(struct session *s, uint64_t now)
{
	struct abi_counters raw, since, *base = s->base ? s->base : calloc(1, sizeof(*base));

	if (!base)
		return;
	s->base = base;
	if (dp_counters(s->d->dp, s->slot, &raw))
		return;
	since = raw;
	session_since(s, &since);
	*base = raw;
	volume_charge(s, &since);
	acct_rollover(s, now, &since);
	if (s->has & SESSION_OVER_QUOTA)
		(void)plan_temporary(s, now, PLAN_QUOTA, NULL, NULL, NULL);
	s->has &= ~(uint32_t)SESSION_OVER_QUOTA;
	keep_session(s);
}

void session_close(struct session *s, uint64_t now, enum ppp_cause cause)
{
	if (s->state == SESSION_DEAD || s->state == SESSION_CLOSING)
		return;
	table_state(s, SESSION_CLOSING);
	timeline_event(s, HISTORY_CLOSE, "%s", ppp_cause_name(cause));
	ppp_link_close(&s->link, now, cause);
}

static void tell_end(struct session *s, uint64_t now, enum ppp_cause cause,
		     const struct abi_counters *c)
{
	if (s->username)
		session_event(s, LOG_LEVEL_INFO, "logout",
			      "ended: %s after %llu s, %llu octets from, %llu to the subscriber",
			      ppp_cause_name(cause),
			      (unsigned long long)((now - s->started) / NSEC_PER_SEC),
			      (unsigned long long)(c->rx4_bytes + c->rx6_bytes),
			      (unsigned long long)(c->tx4_bytes + c->tx6_bytes));
	else
		session_provoked(s, &s->d->log_vain[table_share(s->d, &s->line)], LOG_LEVEL_INFO,
				 "logout", "ended without a login: %s after %llu s",
				 ppp_cause_name(cause),
				 (unsigned long long)((now - s->started) / NSEC_PER_SEC));
	timeline_end(s, ppp_cause_name(cause), (now - s->started) / NSEC_PER_SEC,
		     c->rx4_bytes + c->rx6_bytes, c->tx4_bytes + c->tx6_bytes);
}

void session_finish(struct session *s, uint64_t now, enum ppp_cause cause)
{
	struct daemon *d = s->d;
	struct abi_counters c;

	if (s->state == SESSION_DEAD)
		return;
	login_forget(s);
	if (!(s->has & SESSION_PEER_GONE))
		pppoe_server_padt(d->pppoe, &s->line, &s->mac, s->sid, ppp_cause_name(cause));
	ipv6_ra_sender_stop(&s->ra, now, false);
	path_stop(s); /* from here on nothing is counted: these are the last figures */
	session_counters(s, &c);
	acct_stop(s, now, cause, &c);
	hooks_down(s, now, ppp_cause_name(cause), &c);
	keep_forget(s); /* its Stop is in the spool */
	volume_close(s, &c);
	plan_close(s, now);
	path_close(s);
	nat44_close(s, now);
	dhcp_down(s, now);
	if (s->has & SESSION_HAS_POOL4)
		(void)pool_ip4_put(d->pools, s->ip4);
	if (s->has & SESSION_HAS_POOL6)
		(void)pool6_put(d->pools, POOL_PREFIX6, &s->prefix6);
	tell_end(s, now, cause, &c);
	pppoe_sids_put(d->sids, now, &s->line, s->sid);
	d->stats.sessions_closed++;
	table_remove(s);
	daemon_session_gone(d);
}
