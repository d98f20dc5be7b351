// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/trace.h"

#include "base/json.h"
#include "base/str.h"
#include "base/wire.h"
#include "daemon/daemon.h"
#include "daemon/match.h"
#include "ppp/packet.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- a peer's share of the log ---------------------------------------------------------------- */

static bool share_ok(const struct daemon *d, uint64_t peer, uint64_t now, uint64_t *ret_left_out)
{
	*ret_left_out = 0;
	return !d->log_share ||
	       log_share_ok(d->log_share, peer, d->config->log.limit_per_line, now, ret_left_out);
}

/* Whose share: see trace.h. */
static uint64_t peer_of(const struct session *s)
{
	const struct config *c = s->d->config;
	const struct tally_place *lines = s->d->table.lines.place;

	if (c->pppoe.max_sessions_per_circuit_id && s->circuit != HIDX_NONE)
		return lines[s->circuit].hash;
	if (c->pppoe.max_sessions_per_vlan && s->vlan != HIDX_NONE)
		return lines[s->vlan].hash;
	return table_station_hash(s->d, &s->line, &s->mac);
}

static bool session_share_ok(const struct session *s, enum log_level level, uint64_t *ret_left_out)
{
	*ret_left_out = 0;
	return level == LOG_LEVEL_ERROR || level == LOG_LEVEL_DEBUG ||
	       share_ok(s->d, peer_of(s), loop_now(s->d->loop), ret_left_out);
}

bool trace_may_tell(void *daemon, uint64_t now, const struct pppoe_line *line,
		    const struct mac *mac, uint64_t *ret_left_out)
{
	struct daemon *d = daemon;
	bool by_vlan = line->svlan && d->config->pppoe.max_sessions_per_vlan;
	uint64_t more;

	if (!share_ok(d, by_vlan ? table_vlan_hash(d, line) : table_station_hash(d, line, mac), now,
		      ret_left_out) ||
	    !log_limit_ok(&d->log_discovery[table_share(d, line)], now, &more))
		return false;
	*ret_left_out += more;
	return true;
}

/* --- lines ------------------------------------------------------------------------------------ */

static void vsession_log(const struct session *s, enum log_level level, const char *event,
			 uint64_t left_out, const char *fmt, va_list ap)
{
	char name[160], user[80], mac[MAC_STRLEN], ip[IP4_STRLEN], id[20], text[800], more[48] = "";
	struct log_tag tag = {
		.event = event,
		.interface = s->d->ports[s->line.port].conf.name,
		.mac = mac_str(mac, &s->mac),
		.session = id,
		.sid = s->sid,
		.traced = s->has & SESSION_TRACED,
	};

	if (s->username)
		tag.user = str_escape(user, sizeof(user), s->username, strlen(s->username));
	if (s->ip4)
		tag.ip = ip4_str(ip, s->ip4);
	snprintf(id, sizeof(id), "%016" PRIx64, s->acct_id);
	vsnprintf(text, sizeof(text), fmt, ap);
	if (left_out)
		snprintf(more, sizeof(more), " (%" PRIu64 " such lines left out)", left_out);
	log_tagged(level, &tag, "%s: %s%s", session_name(s, name, sizeof(name)), text, more);
}

/* What is told for the sake of `debug` only has a limit of its own. */
static bool may_tell(const struct session *s, enum log_level level)
{
	struct traces *t = &s->d->traces;
	bool ok;

	if (log_enabled(level))
		return true;
	if (!(s->has & SESSION_TRACED))
		return false;
	ok = rate_ok(&t->rate, TRACE_PER_SECOND, TRACE_PER_SECOND, loop_now(s->d->loop));
	if (ok && t->untold) {
		log_notice("debug: %" PRIu64 " lines left out: more than %u a second", t->untold,
			   TRACE_PER_SECOND);
		t->untold = 0;
	}
	t->untold += !ok;
	return ok;
}

void session_log(const struct session *s, enum log_level level, const char *fmt, ...)
{
	uint64_t left_out;
	va_list ap;

	if (!may_tell(s, level) || !session_share_ok(s, level, &left_out))
		return;
	va_start(ap, fmt);
	vsession_log(s, level, NULL, left_out, fmt, ap);
	va_end(ap);
}

void session_event(const struct session *s, enum log_level level, const char *event,
		   const char *fmt, ...)
{
	uint64_t left_out;
	va_list ap;

	if (!may_tell(s, level) || !session_share_ok(s, level, &left_out))
		return;
	va_start(ap, fmt);
	vsession_log(s, level, event, left_out, fmt, ap);
	va_end(ap);
}

void session_provoked(const struct session *s, struct log_limit *limit, enum log_level level,
		      const char *event, const char *fmt, ...)
{
	uint64_t left_out, more;
	va_list ap;

	if (!may_tell(s, level) || !session_share_ok(s, level, &left_out))
		return;
	if (!log_limit_ok(limit, loop_now(s->d->loop), &more)) {
		limit->suppressed += left_out; /* told when this may tell again */
		return;
	}
	va_start(ap, fmt);
	vsession_log(s, level, event, left_out + more, fmt, ap);
	va_end(ap);
}

/* --- frames ---------------------------------------------------------------------------------- */

static const char *protocol_name(uint16_t protocol)
{
	switch (protocol) {
	case PPP_LCP:
		return "LCP";
	case PPP_PAP:
		return "PAP";
	case PPP_CHAP:
		return "CHAP";
	case PPP_IPCP:
		return "IPCP";
	case PPP_IPV6CP:
		return "IPV6CP";
	case PPP_IPV6:
		return "IPv6";
	}
	return "protocol";
}

static const char *code_name(uint16_t protocol, uint8_t code)
{
	static const char *const cp[] = { NULL,
					  "Configure-Request",
					  "Configure-Ack",
					  "Configure-Nak",
					  "Configure-Reject",
					  "Terminate-Request",
					  "Terminate-Ack",
					  "Code-Reject",
					  "Protocol-Reject",
					  "Echo-Request",
					  "Echo-Reply",
					  "Discard-Request" };
	static const char *const pap[] = { NULL, "Authenticate-Request", "Authenticate-Ack",
					   "Authenticate-Nak" };
	static const char *const chap[] = { NULL, "Challenge", "Response", "Success", "Failure" };

	if (protocol == PPP_PAP)
		return code < ARRAY_SIZE(pap) ? pap[code] : NULL;
	if (protocol == PPP_CHAP)
		return code < ARRAY_SIZE(chap) ? chap[code] : NULL;
	return code < ARRAY_SIZE(cp) ? cp[code] : NULL;
}

/* The options of a Configure packet as they are; what authenticates (PAP, CHAP) is not shown. */
static void options(struct rd *r, uint16_t protocol, uint8_t code, char *text, size_t cap)
{
	size_t n = 0;

	*text = '\0';
	if (protocol == PPP_PAP || protocol == PPP_CHAP || code < 1 || code > 4)
		return;
	while (rd_left(r) && n + 4 < cap && n < 120)
		n += (size_t)snprintf(text + n, cap - n, "%s%02x", n ? "" : " ", rd_u8(r));
	if (rd_left(r))
		snprintf(text + n, cap - n, "...");
}

void trace_frame(const struct session *s, bool received, const uint8_t *ppp, size_t len)
{
	const char *way = received ? "received" : "sent", *name;
	struct rd r = rd_init(ppp, len);
	uint16_t protocol;
	uint8_t code, id;
	char text[160];

	if (!log_enabled(LOG_LEVEL_DEBUG) && !(s->has & SESSION_TRACED))
		return;
	protocol = rd_be16(&r);
	if (protocol == PPP_IPV6) {
		session_log(s, LOG_LEVEL_DEBUG, "%s IPv6 control, %zu octets", way, len);
		return;
	}
	code = rd_u8(&r);
	id = rd_u8(&r);
	(void)rd_be16(&r);
	if (r.bad) {
		session_log(s, LOG_LEVEL_DEBUG, "%s a frame of %zu octets", way, len);
		return;
	}
	name = code_name(protocol, code);
	options(&r, protocol, code, text, sizeof(text));
	if (name)
		session_log(s, LOG_LEVEL_DEBUG, "%s %s %s id=%u%s", way, protocol_name(protocol),
			    name, id, text);
	else
		session_log(s, LOG_LEVEL_DEBUG, "%s %s 0x%04x code %u id=%u", way,
			    protocol_name(protocol), protocol, code, id);
}

/* --- who is followed ------------------------------------------------------------------------- */

void trace_look(struct session *s)
{
	const struct traces *t = &s->d->traces;
	bool traced = false;
	struct match m;

	for (unsigned i = 0; i < TRACES_MAX; i++)
		traced |= t->who[i] && !match_parse(t->who[i], &m) && match_session(&m, s);
	if (traced)
		s->has |= SESSION_TRACED;
	else
		s->has &= ~(uint32_t)SESSION_TRACED;
}

static unsigned look_all(struct daemon *d)
{
	struct session *s;
	unsigned n = 0;

	for (uint32_t i = 0; (s = table_next(d, &i));) {
		trace_look(s);
		n += (s->has & SESSION_TRACED) != 0;
	}
	return n;
}

static unsigned find(const struct traces *t, const char *who)
{
	unsigned i = 0;

	while (i < TRACES_MAX && !(who ? t->who[i] && !strcmp(t->who[i], who) : !t->who[i]))
		i++;
	return i;
}

/* 0: too many, or no memory */
static bool follow(struct traces *t, const char *who)
{
	unsigned i = find(t, who);

	if (i < TRACES_MAX)
		return true;
	i = find(t, NULL);
	if (i < TRACES_MAX)
		t->who[i] = strdup(who);
	return i < TRACES_MAX && t->who[i];
}

/* "all": everybody. False: nobody of that name is followed. */
static bool forget(struct traces *t, const char *who)
{
	bool found = !strcmp(who, "all");

	for (unsigned i = 0; i < TRACES_MAX; i++) {
		if (!t->who[i] || (strcmp(who, "all") != 0 && strcmp(who, t->who[i]) != 0))
			continue;
		free(t->who[i]);
		t->who[i] = NULL;
		found = true;
	}
	return found;
}

void trace_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };
	bool off = argc > 1 && !strcmp(argv[1], "off");
	struct match m;

	if ((argc > 1 && !off) || match_parse(argv[0], &m) || (!off && m.kind == MATCH_ALL)) {
		control_usage(r,
			      "'%s%s%s' is not USER, sid=N, ip=A or mac=M, or one of these and off",
			      argv[0], argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
		return;
	}
	if (off && !forget(&d->traces, argv[0])) {
		control_refuse(r, "'%s' is not followed", argv[0]);
		return;
	}
	if (!off && !follow(&d->traces, argv[0])) {
		control_refuse(r, "%d are followed already, which is the most", TRACES_MAX);
		return;
	}
	log_notice("debug: %s%s", argv[0], off ? " is no longer followed" : " is followed");
	json_open(&j, NULL, '{');
	json_u64(&j, "followed", look_all(d));
	json_close(&j, '}');
	control_done(r);
}

void trace_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };

	(void)argc, (void)argv;
	json_open(&j, NULL, '[');
	for (unsigned i = 0; i < TRACES_MAX; i++) {
		if (!d->traces.who[i])
			continue;
		json_open(&j, NULL, '{');
		json_str(&j, "follows", d->traces.who[i]);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	control_done(r);
}

void traces_fini(struct traces *t)
{
	(void)forget(t, "all");
}
