// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PPPoE discovery, the access concentrator's side (RFC 2516, section 5; RFC 4638): every packet is
 * parsed whole, goes through the checks in one order, and is then acted upon. Nothing is kept of a
 * PADI: what must be remembered is in the AC-Cookie. Not here: PADM and PADN, which no RFC has;
 * PADOs and PADSes, which are for hosts.
 */
#include "pppoe/server.h"

#include "base/str.h"
#include "pppoe/macfilter.h"

#include <stdio.h>

/* Data for a session that is not there is answered this often: after an outage all customers are
 * told within seconds, and one that does not listen gets one PADT a second. */
#define PADT_PER_PORT	 1000
#define PADT_PER_STATION 1

static const char *const stat_name[] = {
#define X(name) #name,
	PPPOE_STATS(X)
#undef X
};

_Static_assert(sizeof(struct pppoe_stats) == PPPOE_STAT_COUNT * sizeof(uint64_t), "stats");

int pppoe_server_new(struct pppoe_server **ret, const struct pppoe_config *config,
		     const struct pppoe_ops *ops, void *arg, struct wheel *wheel)
{
	struct pppoe_server *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return -ENOMEM;
	s->config = config;
	s->ops = *ops;
	s->arg = arg;
	s->wheel = wheel;
	rc = pppoe_delay_init(s);
	if (!rc)
		rc = pppoe_wait_init(s);
	if (!rc)
		rc = pppoe_cookies_init(&s->cookies);
	if (!rc)
		rc = siphash_key_random(&s->padt_key);
	if (rc) {
		pppoe_server_free(s);
		return rc;
	}
	*ret = s;
	return 0;
}

void pppoe_server_free(struct pppoe_server *s)
{
	if (!s)
		return;
	pppoe_delay_fini(s);
	pppoe_wait_fini(s);
	pppoe_cookies_fini(&s->cookies);
	free(s);
}

uint32_t pppoe_server_waiting(const struct pppoe_server *s)
{
	return s->wait.count;
}

void pppoe_server_reconfigure(struct pppoe_server *s, const struct pppoe_config *config)
{
	s->config = config;
}

_Static_assert(PPPOE_SERVER_SECRET_MAX == PPPOE_COOKIES_FROZEN_MAX, "secret");

int pppoe_server_secret_freeze(const struct pppoe_server *s, struct wr *w)
{
	return pppoe_cookies_freeze(&s->cookies, w);
}

int pppoe_server_secret_thaw(struct pppoe_server *s, struct rd *r, uint64_t now)
{
	return pppoe_cookies_thaw(&s->cookies, r, now);
}

uint32_t pppoe_server_secret_changes(const struct pppoe_server *s)
{
	return s->cookies.changes;
}

const struct pppoe_stats *pppoe_server_stats(const struct pppoe_server *s)
{
	return &s->stats;
}

bool pppoe_drop(struct pppoe_server *s, const struct pppoe_packet *p, enum pppoe_stat reason,
		const struct pppoe_bytes *value)
{
	const struct pppoe_line *line = &p->frame.line;
	char mac[MAC_STRLEN], text[96] = "", more[48] = "";
	uint64_t suppressed, left_out = 0;

	s->count[reason]++;
	if (!log_enabled(LOG_LEVEL_INFO) ||
	    (s->ops.may_tell && !s->ops.may_tell(s->arg, p->now, line, &p->frame.src, &left_out)) ||
	    !log_limit_ok(&s->log[reason], p->now, &suppressed))
		return false;
	suppressed += left_out;
	if (suppressed)
		snprintf(more, sizeof(more), " (%llu more not shown)",
			 (unsigned long long)suppressed);
	if (value)
		str_escape(text, sizeof(text), value->p, value->len);
	log_info("pppoe: port %u vlan %u.%u from %s: code 0x%02x: %s%s%s%s%s", line->port,
		 line->svlan & PPPOE_VLAN_ID, line->cvlan & PPPOE_VLAN_ID,
		 mac_str(mac, &p->frame.src), p->frame.code, stat_name[reason], value ? " \"" : "",
		 text, value ? "\"" : "", more);
	return false;
}

#define DROP(s, p, reason)		pppoe_drop(s, p, PPPOE_STAT_##reason, NULL)
#define DROP_VALUE(s, p, reason, value) pppoe_drop(s, p, PPPOE_STAT_##reason, value)

static struct pppoe_port_limits *limits_of(struct pppoe_server *s, uint16_t port)
{
	return &s->port[port % ABI_PORTS_MAX];
}

/* Is there a station behind it that may be answered? */
static bool check_source(struct pppoe_server *s, struct pppoe_packet *p)
{
	p->ac = s->ops.port_mac(s->arg, p->frame.line.port);
	if (!p->ac)
		return DROP(s, p, drop_not_for_us);
	if (!mac_is_unicast(&p->frame.src) || mac_equal(&p->frame.src, p->ac))
		return DROP(s, p, drop_source_mac);
	return true;
}

static bool check_destination(struct pppoe_server *s, const struct pppoe_packet *p)
{
	static const struct mac broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	const struct mac *want = p->frame.code == PPPOE_CODE_PADI ? &broadcast : p->ac;

	return mac_equal(&p->frame.dst, want) || DROP(s, p, drop_not_for_us);
}

int pppoe_server_tags(struct pppoe_packet *p)
{
	int rc = pppoe_tags_parse(p->frame.payload, &p->tags);

	/* Sections 5.1 and 5.3 want a Service-Name; MikroTik's RouterOS has been seen to leave an
	 * empty one out. */
	if (!rc && !p->tags.service.p)
		p->tags.service = (struct pppoe_bytes){ .p = (const uint8_t *)"" };
	return rc;
}

/* The tags of a PADI or PADR, and what both must have right. */
static bool check_tags(struct pppoe_server *s, struct pppoe_packet *p)
{
	struct pppoe_tags *t = &p->tags;

	if (pppoe_server_tags(p))
		return DROP(s, p, drop_bad_tag);
	s->stats.tr101_ignored += t->tr101_ignored;
	/* Twice what may stand once could be read in two ways; one that reports an error asks for
	 * nothing (appendix A). */
	if (t->duplicates || t->error)
		return DROP_VALUE(s, p, drop_bad_tag, t->error ? &t->error_text : NULL);
	if (t->ac_name.p && !str_equal_secret(t->ac_name.p, t->ac_name.len, s->config->ac_name,
					      strlen(s->config->ac_name)))
		return DROP_VALUE(s, p, drop_not_for_us, &t->ac_name);
	return true;
}

/* What a PADI and a PADR must pass both. */
static bool check_request(struct pppoe_server *s, struct pppoe_packet *p)
{
	if (!check_source(s, p) || !check_destination(s, p))
		return false;
	if (p->frame.sid) /* sections 5.1, 5.3 */
		return DROP(s, p, drop_malformed);
	if (s->config->mac_filter && !pppoe_mac_filter_pass(s->config->mac_filter, &p->frame.src))
		return DROP(s, p, drop_mac_filter);
	return check_tags(s, p);
}

static bool is_ours(const struct pppoe_config *config, const struct pppoe_bytes *name)
{
	for (unsigned i = 0; i < config->service_count; i++)
		if (strlen(config->services[i]) == name->len &&
		    !memcmp(config->services[i], name->p, name->len))
			return true;
	return false;
}

/* Is this service one of ours? A blank name is "any" (appendix A) and leaves the choice to us,
 * where that is allowed. */
static bool service_known(const struct pppoe_config *config, const struct pppoe_bytes *name)
{
	if (!name->len)
		return config->accept_blank_service;
	if (is_ours(config, name))
		return true;
	return config->accept_any_service && name->len < PPPOE_SERVICE_MAX &&
	       !memchr(name->p, '\0', name->len);
}

static void transmit(struct pppoe_server *s, uint16_t port, const uint8_t *frame, int len,
		     uint64_t *counter)
{
	(*counter)++;
	s->ops.transmit(s->arg, port, frame, (size_t)len);
}

static uint8_t copy_id(char dst[PPPOE_ID_MAX], const struct pppoe_bytes *src)
{
	if (src->len)
		memcpy(dst, src->p, src->len); /* the parser keeps none that is longer */
	return (uint8_t)src->len;
}

static void fill_request(const struct pppoe_server *s, const struct pppoe_packet *p,
			 struct pppoe_request *req)
{
	const struct pppoe_tags *t = &p->tags;

	req->line = p->frame.line;
	req->mac = p->frame.src;
	req->max_payload = pppoe_reply_max_payload(s, t);
	/* PADS names the service that has been accepted: for "any", our first. */
	if (t->service.len)
		memcpy(req->service, t->service.p, t->service.len);
	else if (s->config->service_count)
		memcpy(req->service, s->config->services[0], sizeof(req->service));
	req->circuit_id_len = copy_id(req->circuit_id, &t->circuit_id);
	req->remote_id_len = copy_id(req->remote_id, &t->remote_id);
}

static bool refused(struct pppoe_server *s, const struct pppoe_packet *p, int rc)
{
	return rc == -EDQUOT ? DROP(s, p, drop_line_limit) : DROP(s, p, drop_limit);
}

static bool check_padi(struct pppoe_server *s, struct pppoe_packet *p)
{
	uint32_t limit = s->config->padi_limit;
	uint16_t port = p->frame.line.port;
	struct pppoe_request req = { 0 };
	int rc;

	if (!check_request(s, p))
		return false;
	if (!service_known(s->config, &p->tags.service))
		return DROP_VALUE(s, p, drop_service_name, &p->tags.service);
	if (!rate_ok(&limits_of(s, port)->padi, limit, limit, p->now))
		return DROP(s, p, drop_padi_rate);
	fill_request(s, p, &req);
	rc = s->ops.admit(s->arg, &req);
	if (rc == -EAGAIN && pppoe_wait_room(s, &p->frame.line))
		rc = 0;
	return !rc || refused(s, p, rc);
}

/* RFC 2516, section 5.2 */
static void handle_padi(struct pppoe_server *s, struct pppoe_packet *p)
{
	uint16_t port = p->frame.line.port;
	struct pppoe_delayed *d = NULL;
	uint8_t buf[PPPOE_FRAME_MAX];
	uint64_t delay;
	int len;

	s->stats.padi_rx++;
	if (!check_padi(s, p))
		return;
	delay = pppoe_delay_for(s->config, s->ops.session_count(s->arg));
	if (delay)
		d = delay == UINT64_MAX ? NULL : pppoe_delay_room(s, p->now, delay);
	if (delay && !d) {
		DROP(s, p, drop_pado_delay);
		return;
	}
	len = pppoe_reply_pado(s, p, d ? d->due : p->now, d ? d->frame : buf);
	if (len < 0) { /* so much to echo that it does not fit */
		DROP(s, p, drop_bad_tag);
		return;
	}
	if (!d) {
		transmit(s, port, buf, len, &s->stats.pado_tx);
		return;
	}
	d->port = port;
	d->len = (uint16_t)len;
	pppoe_delay_commit(s, d);
}

static void send_error(struct pppoe_server *s, const struct pppoe_packet *p, enum pppoe_tag error,
		       const char *text)
{
	uint8_t buf[PPPOE_FRAME_MAX];
	int len = pppoe_reply_error(s, p, error, text, buf);

	if (len > 0)
		transmit(s, p->frame.line.port, buf, len, &s->stats.pads_error_tx);
}

static bool check_padr(struct pppoe_server *s, struct pppoe_packet *p, uint64_t *ret_cookie_id)
{
	uint32_t limit = s->config->padr_limit;
	struct pppoe_cookie_for f;
	int rc;

	if (!check_request(s, p))
		return false;
	pppoe_cookie_for_packet(p, &f);
	rc = pppoe_cookie_check(&s->cookies, p->now, s->config->cookie_lifetime, &f,
				&p->tags.cookie, ret_cookie_id);
	if (rc == -ETIME)
		return DROP(s, p, drop_stale_cookie);
	if (rc)
		return DROP(s, p, drop_bad_cookie);
	/* After the cookie: who makes cookies up does not use up what is meant for the others. */
	if (!rate_ok(&limits_of(s, p->frame.line.port)->padr, limit, limit, p->now))
		return DROP(s, p, drop_padr_rate);
	if (!service_known(s->config, &p->tags.service)) {
		send_error(s, p, PPPOE_TAG_SERVICE_NAME_ERROR, "no such service");
		return DROP_VALUE(s, p, drop_service_name, &p->tags.service);
	}
	return true;
}

static void refuse(struct pppoe_server *s, const struct pppoe_packet *p, int rc)
{
	if (rc == -EDQUOT)
		send_error(s, p, PPPOE_TAG_AC_SYSTEM_ERROR, "no more sessions on this line");
	else if (rc == -EBUSY || rc == -ENOMEM || rc == -ENOSPC)
		send_error(s, p, PPPOE_TAG_AC_SYSTEM_ERROR, "no more sessions now");
	else
		send_error(s, p, PPPOE_TAG_GENERIC_ERROR, "the session could not be opened");
	(void)refused(s, p, rc);
}

int pppoe_server_padr(struct pppoe_server *s, const struct pppoe_packet *p, uint64_t cookie_id,
		      bool behind)
{
	struct pppoe_request req = { .cookie_id = cookie_id, .behind = behind };
	uint8_t buf[PPPOE_FRAME_MAX];
	bool duplicate = false;
	uint16_t sid = 0;
	int rc;

	req.offered = pppoe_cookie_made(&s->cookies, &p->tags.cookie);
	fill_request(s, p, &req);
	/* What cannot be answered must not open a session: the PADS is tried without its id. */
	if (pppoe_reply_pads(s, p, &req, 0, buf) < 0) {
		DROP(s, p, drop_bad_tag);
		return 0;
	}
	rc = s->ops.open(s->arg, p->now, &req, &sid, &duplicate);
	if (rc == -EAGAIN)
		return rc;
	if (rc) {
		refuse(s, p, rc);
		return 0;
	}
	s->stats.padr_dup_rx += duplicate;
	rc = pppoe_reply_pads(s, p, &req, sid, buf);
	transmit(s, req.line.port, buf, rc, &s->stats.pads_tx);
	if (!duplicate)
		s->ops.opened(s->arg, p->now, &req.line, sid);
	return 0;
}

/* RFC 2516, section 5.4 */
static void handle_padr(struct pppoe_server *s, struct pppoe_packet *p)
{
	uint64_t cookie_id;

	s->stats.padr_rx++;
	if (!check_padr(s, p, &cookie_id))
		return;
	if (!pppoe_server_padr(s, p, cookie_id, pppoe_wait_behind(s, &p->frame.line)))
		return;
	/* It waits for room. Where there is none for that either, no word, and the host asks again.
	 */
	if (pppoe_wait_add(s, p, cookie_id))
		DROP(s, p, drop_limit);
}

/* RFC 2516, section 5.5. Its tags say nothing that is needed, so they cannot spoil it. */
static void handle_padt(struct pppoe_server *s, struct pppoe_packet *p)
{
	int rc;

	s->stats.padt_rx++;
	if (!check_source(s, p) || !check_destination(s, p))
		return;
	rc = s->ops.padt(s->arg, p->now, &p->frame.line, &p->frame.src, p->frame.sid);
	if (rc == -EPERM)
		DROP(s, p, drop_padt_wrong_mac);
	else if (rc)
		DROP(s, p, drop_padt_no_session);
}

void pppoe_server_padt_noted(struct pppoe_server *s, uint64_t now, const struct pppoe_line *line,
			     const struct mac *src, uint16_t sid)
{
	s->stats.padt_rx++;
	(void)s->ops.padt(s->arg, now, line, src, sid);
}

void pppoe_server_input(struct pppoe_server *s, uint64_t now, uint16_t port, const uint8_t *frame,
			size_t len)
{
	struct pppoe_packet p = {
		.now = now, .frame.line.port = port, .octets = frame, .len = len
	};

	if (pppoe_frame_parse(port, frame, len, &p.frame) ||
	    p.frame.ethertype != PPPOE_ETH_DISCOVERY) {
		DROP(s, &p, drop_malformed);
		return;
	}
	switch (p.frame.code) {
	case PPPOE_CODE_PADI:
		handle_padi(s, &p);
		break;
	case PPPOE_CODE_PADR:
		handle_padr(s, &p);
		break;
	case PPPOE_CODE_PADT:
		handle_padt(s, &p);
		break;
	default:
		DROP(s, &p, drop_bad_code);
		break;
	}
}

void pppoe_server_padt(struct pppoe_server *s, const struct pppoe_line *line, const struct mac *mac,
		       uint16_t sid, const char *why)
{
	const struct mac *ac = s->ops.port_mac(s->arg, line->port);
	uint8_t buf[PPPOE_FRAME_MAX];
	int len;

	if (!ac) /* the port is gone, and with it who could hear it */
		return;
	len = pppoe_reply_padt(line, ac, mac, sid, why, buf);
	if (len > 0)
		transmit(s, line->port, buf, len, &s->stats.padt_tx);
}

void pppoe_server_padt_unknown(struct pppoe_server *s, uint64_t now, const struct pppoe_line *line,
			       const struct mac *mac, uint16_t sid)
{
	struct pppoe_packet p = {
		.now = now, .frame.line = *line, .frame.src = *mac, .frame.sid = sid
	};
	uint64_t hash = siphash(&s->padt_key, mac->b, sizeof(mac->b));
	struct rate *station = &s->padt_station[hash % PPPOE_PADT_BUCKETS];
	struct rate *port = &limits_of(s, line->port)->padt;

	if (!mac_is_unicast(mac)) {
		DROP(s, &p, drop_source_mac);
		return;
	}
	if (!sid || sid == 0xffff) { /* section 4: no session has these */
		DROP(s, &p, drop_malformed);
		return;
	}
	if (!rate_ok(station, PADT_PER_STATION, 1, now) ||
	    !rate_ok(port, PADT_PER_PORT, PADT_PER_PORT, now)) {
		DROP(s, &p, drop_padt_rate);
		return;
	}
	pppoe_server_padt(s, line, mac, sid, "no such session");
}
