// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A session's accounting (RFC 2866): Start when the first network protocol is up, Interim, Stop.
 * The figures are the data plane's, less those of the record before. Whether a server answers is
 * the client's care (radius/): no session ends for want of an answer.
 */
#include "daemon/check.h"
#include "daemon/daemon.h"
#include "daemon/keep.h"
#include "daemon/monitor.h"

#include "radius/dictionary.h"
#include "shaper/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* The other family comes up moments after the first; one Start tells of both. */
#define START_DELAY (NSEC_PER_SEC)
/* RFC 2869, section 2.1 asks for spread: each interim comes up to a tenth early. */
#define JITTER_PART 10

static enum radius_terminate terminate_cause(enum ppp_cause cause)
{
	switch (cause) {
	case PPP_CAUSE_USER_REQUEST:
		return RADIUS_USER_REQUEST;
	case PPP_CAUSE_LOST_CARRIER:
		return RADIUS_LOST_CARRIER;
	case PPP_CAUSE_IDLE_TIMEOUT:
		return RADIUS_IDLE_TIMEOUT;
	case PPP_CAUSE_SESSION_TIMEOUT:
	case PPP_CAUSE_QUOTA: /* RFC 2866 has none of its own: what was granted is used up */
		return RADIUS_SESSION_TIMEOUT;
	case PPP_CAUSE_ADMIN_RESET:
		return RADIUS_ADMIN_RESET;
	case PPP_CAUSE_ADMIN_REBOOT:
		return RADIUS_ADMIN_REBOOT;
	case PPP_CAUSE_PORT_ERROR:
		return RADIUS_PORT_ERROR;
	case PPP_CAUSE_NAS_ERROR:
		return RADIUS_NAS_ERROR;
	case PPP_CAUSE_LCP_FAILED:
	case PPP_CAUSE_AUTH_FAILED:
	case PPP_CAUSE_NCP_FAILED:
		return RADIUS_USER_ERROR;
	case PPP_CAUSE_COUNT:
		break;
	}
	return RADIUS_NAS_ERROR;
}

static void port_id(const struct session *s, char *dst, size_t cap)
{
	const char *ifname = s->d->ports[s->line.port].conf.name;

	if (s->line.cvlan)
		snprintf(dst, cap, "%s:%u.%u", ifname, s->line.svlan & PPPOE_VLAN_ID,
			 s->line.cvlan & PPPOE_VLAN_ID);
	else if (s->line.svlan)
		snprintf(dst, cap, "%s:%u", ifname, s->line.svlan & PPPOE_VLAN_ID);
	else
		snprintf(dst, cap, "%s", ifname);
}

const char *acct_name(const struct session *s)
{
	static char name[RADIUS_TEXT_MAX + 1];
	const struct config *c = s->d->config;

	if (s->login && s->login->name)
		return s->login->name;
	if (!s->username || c->auth.username != CONFIG_USERNAME_PPP ||
	    !(c->radius.strip_realm || *c->radius.default_realm))
		return s->username;
	return login_realm(c, name, sizeof(name), s->username) ? s->username : name;
}

void acct_line(const struct session *s, struct radius_line *ret)
{
	static char mac[MAC_STRLEN], port[IFNAMSIZ + 12];

	port_id(s, port, sizeof(port));
	*ret = (struct radius_line){
		.username = acct_name(s),
		.calling_station_id = mac_str(mac, &s->mac),
		.called_station_id = s->service,
		.nas_port = s->slot,
		.nas_port_id = port,
		.circuit_id = s->circuit_id,
		.remote_id = s->remote_id,
	};
	snprintf(ret->acct_session_id, sizeof(ret->acct_session_id), "%016" PRIx64, s->acct_id);
	snprintf(ret->acct_multi_session_id, sizeof(ret->acct_multi_session_id), "%016" PRIx64,
		 s->login ? s->login->multi_id : s->acct_id);
}

static void fill_leases(const struct session *s, struct radius_record *r)
{
	for (unsigned i = 0; s->leases && i < s->leases->count; i++) {
		const struct lease *l = &s->leases->lease[i];

		if (!(l->flags & LEASE_BOUND))
			continue;
		if (l->kind == DHCP6_PD && r->delegated6_count < RADIUS_LEASES_MAX)
			r->delegated6[r->delegated6_count++] = l->prefix;
		if (l->kind == DHCP6_NA && r->address6_count < RADIUS_LEASES_MAX)
			r->address6[r->address6_count++] = l->prefix.addr;
	}
}

static void fill_addresses(const struct session *s, struct radius_record *r)
{
	static const uint8_t none[8];

	r->ip4 = s->has & SESSION_UP4 || r->status == RADIUS_STOP ? s->ip4 : 0;
	if (!(s->has & SESSION_UP6 || r->status == RADIUS_STOP))
		return;
	fill_leases(s, r);
	r->has_prefix6 = s->has & SESSION_HAS_PREFIX6;
	r->prefix6 = s->prefix6;
	r->has_ifid = memcmp(s->ifid, none, sizeof(none)) != 0;
	memcpy(r->ifid, s->ifid, sizeof(r->ifid));
}

static void fill_counters(const struct abi_counters *c, struct radius_record *r)
{
	r->rx4_bytes = c->rx4_bytes;
	r->rx4_packets = c->rx4_packets;
	r->rx6_bytes = c->rx6_bytes;
	r->rx6_packets = c->rx6_packets;
	r->tx4_bytes = c->tx4_bytes;
	r->tx4_packets = c->tx4_packets;
	r->tx6_bytes = c->tx6_bytes;
	r->tx6_packets = c->tx6_packets;
}

/* @c: of this record; a Start's are zeros. */
static void send_record(struct session *s, uint64_t now, enum radius_status status,
			enum radius_terminate cause, const struct abi_counters *c)
{
	const struct login *l = s->login;
	struct radius_record r = {
		.status = status,
		.event_time = (uint64_t)time(NULL),
		.session_time = (uint32_t)((now - l->record_started) / NSEC_PER_SEC),
		.cause = cause,
		.class = l->class,
		.class_count = l->class_count,
		.authentic_local = s->has & SESSION_LOCAL,
	};

	if (!s->d->radius)
		return; /* an adopted session; since the restart no server is configured */
	acct_line(s, &r.line);
	fill_addresses(s, &r);
	fill_counters(c, &r);
	if (radius_account(s->d->radius, now, &r))
		log_error("accounting: a record of '%s' is lost: out of memory", r.line.username);
}

static void begin(struct session *s, uint64_t now)
{
	static const struct abi_counters zero;

	s->login->record_started = now;
	s->has |= SESSION_HAS_START;
	send_record(s, now, RADIUS_START, 0, &zero);
	keep_session(s); /* who dies before finds the Start in the spool: check_spool.c */
}

void acct_begun(struct session *s)
{
	if (!s->login)
		return;
	s->login->record_started = s->opened;
	s->has |= SESSION_HAS_START;
	keep_session(s);
}

static void next_interim(struct session *s, uint64_t now)
{
	struct login *l = s->login;
	uint64_t interval = l->interim * NSEC_PER_SEC;
	uint32_t random;

	if (!interval)
		return;
	line_ppp_ops.random(&random, sizeof(random));
	timer_set(loop_wheel(s->d->loop), &l->timer,
		  now + interval - interval / JITTER_PART * (random % 1000) / 1000);
}

static void on_timer(struct timer *t, uint64_t now)
{
	struct session *s = container_of(t, struct login, timer)->s;
	struct abi_counters c;

	if (s->state == SESSION_CLOSING)
		return; /* the Stop is near, and has it all */
	if (s->has & SESSION_HAS_START) {
		session_counters(s, &c);
		send_record(s, now, RADIUS_INTERIM, 0, &c);
	} else {
		begin(s, now);
	}
	next_interim(s, now);
	keep_session(s); /* when that is: the next process does not tell all of them at once */
}

void acct_family_up(struct session *s, uint64_t now)
{
	struct login *l = s->login;
	bool both = (s->has & SESSION_UP4) && (s->has & SESSION_UP6);

	if (!l)
		return;
	l->timer.fn = on_timer;
	/* A family that comes late is told at once, by an interim of its own. */
	if (s->has & SESSION_HAS_START || both)
		timer_set(loop_wheel(s->d->loop), &l->timer, now);
	else
		timer_set(loop_wheel(s->d->loop), &l->timer, now + START_DELAY);
}

/* A lease that comes and goes and comes is told at this distance, as it is then. */
#define LEASE_PERIOD (5 * NSEC_PER_SEC)

void acct_lease(struct session *s, uint64_t now)
{
	struct login *l = s->login;
	uint64_t at = now;

	if (!l || !(s->has & SESSION_HAS_START)) /* the Start will tell it */
		return;
	if (l->lease_told && l->lease_told + LEASE_PERIOD > now)
		at = l->lease_told + LEASE_PERIOD;
	l->lease_told = at;
	if (!timer_is_set(&l->timer) || timer_at(&l->timer) > at)
		timer_set(loop_wheel(s->d->loop), &l->timer, at);
}

void acct_stop(struct session *s, uint64_t now, enum ppp_cause cause, const struct abi_counters *c)
{
	struct login *l = s->login;

	if (!l)
		return;
	timer_cancel(loop_wheel(s->d->loop), &l->timer);
	if (!s->opened || s->has & SESSION_STOPPED)
		return; /* never carried a packet: there is nothing to account for */
	if (!(s->has & SESSION_HAS_START))
		begin(s, now);
	send_record(s, now, RADIUS_STOP, terminate_cause(cause), c);
	s->has &= ~SESSION_HAS_START;
}

static void on_off(struct daemon *d, enum radius_status status)
{
	struct radius_record r = { .status = status, .event_time = (uint64_t)time(NULL) };

	(void)radius_account(d->radius, loop_now(d->loop), &r);
}

void acct_rollover(struct session *s, uint64_t now, const struct abi_counters *c)
{
	if (!s->login || !s->opened)
		return;
	if (!(s->has & SESSION_HAS_START)) /* what came before it is in this record, too */
		begin(s, now);
	send_record(s, now, RADIUS_STOP, RADIUS_NAS_REQUEST, c);
	s->acct_id = s->d->acct_next++;
	begin(s, now);
}

void acct_rolled(struct session *s, uint64_t now, const struct abi_counters *stopped)
{
	struct abi_counters less = { 0 };

	s->base = s->base ? s->base : calloc(1, sizeof(*s->base));
	if (!s->login || !s->base)
		return;
	/* The base grows by what the Stop has told. */
	dp_counters_sub(&less, stopped);
	dp_counters_sub(s->base, &less);
	s->acct_id = s->d->acct_next++;
	begin(s, now);
}

void acct_interim(struct session *s, uint64_t now)
{
	/* Before the Start the timer is the Start's; the interims follow it. */
	if (!(s->has & SESSION_HAS_START))
		return;
	timer_cancel(loop_wheel(s->d->loop), &s->login->timer);
	next_interim(s, now);
}

/* Records that have become due while nobody was here go out within this time, or within their
 * interval: a daemon that dies again and again still sends some. */
#define RESUME_SPREAD (10 * NSEC_PER_SEC)

void acct_resume(struct session *s, uint64_t now, uint64_t at)
{
	struct login *l = s->login;
	uint64_t spread = RESUME_SPREAD;
	uint32_t random;

	if (!l)
		return;
	l->timer.fn = on_timer;
	if (!at) { /* or it died in the middle of the one before */
		if (s->has & SESSION_HAS_START)
			next_interim(s, now);
		return;
	}
	if (l->interim && l->interim * NSEC_PER_SEC < spread)
		spread = l->interim * NSEC_PER_SEC;
	line_ppp_ops.random(&random, sizeof(random));
	if (at < now)
		at = now + spread / 1000 * (random % 1000);
	timer_set(loop_wheel(s->d->loop), &l->timer, at);
}

/* --- setup ----------------------------------------------------------------------------------- */

/* RFC 2865, section 4.1: a request says by one of the three who we are. */
static const char *identifier(const struct config *c)
{
	if (!*c->radius.nas_identifier && !c->radius.nas_ip_address &&
	    ip6_is_zero(&c->radius.nas_ipv6_address))
		return c->pppoe.ac_name;
	return c->radius.nas_identifier;
}

static int dae_setup(struct daemon *d)
{
	const struct config *c = d->config;
	char allowed[64][IP6_STRLEN], why[256];
	struct radius_dae_config dc = {
		.port = c->radius.dae_server.listen.port,
		.secret = c->radius.dae_server.secret,
		.allowed = (const char(*)[IP6_STRLEN])allowed,
		.allowed_count = c->radius.dae_allowed_count,
		.nas_identifier = identifier(c),
		.nas_ip4 = c->radius.nas_ip_address,
		.wants_speed = shaper_attr_wanted,
		.nas_ip6 = c->radius.nas_ipv6_address,
		.require_ma = c->radius.dae_require_message_authenticator,
		.require_event_timestamp = c->radius.dae_require_event_timestamp,
		.act = dae_act,
		.arg = d,
		.tap = { &d->monitor_controls, monitor_radius, d },
	};
	int rc;

	if (!*c->radius.dae_server.listen.address)
		return 0;
	memcpy(dc.address, c->radius.dae_server.listen.address, sizeof(dc.address));
	for (unsigned i = 0; i < dc.allowed_count; i++)
		memcpy(allowed[i], c->radius.dae_allowed[i].address, sizeof(allowed[i]));
	rc = radius_dae_new(&d->dae, d->loop, &dc, why, sizeof(why));
	if (rc)
		log_error("[radius] dae-server: %s", why);
	return rc;
}

/* The source address of the server's family. */
static void bind_of(const struct config *c, struct radius_server_config *s)
{
	*s->bind = '\0';
	for (unsigned i = 0; i < c->radius.bind_count; i++)
		if (!strchr(c->radius.binds[i].address, ':') == !strchr(s->address, ':'))
			memcpy(s->bind, c->radius.binds[i].address, sizeof(s->bind));
}

/* With their secrets: to be wiped. */
static void servers_of(const struct config *c, struct radius_server_config ret[RADIUS_SERVERS_MAX])
{
	for (unsigned i = 0; i < c->radius.server_count; i++) {
		const struct config_radius_server *from = &c->radius.servers[i];

		memcpy(ret[i].address, from->address, sizeof(ret[i].address));
		memcpy(ret[i].secret, from->secret, sizeof(ret[i].secret));
		ret[i].auth_port = from->auth_port;
		ret[i].acct_port = from->acct_port;
		ret[i].weight = from->weight;
		ret[i].backup = from->backup;
		bind_of(c, &ret[i]);
	}
}

int acct_setup(struct daemon *d)
{
	static const enum radius_require_ma require[] = {
		[CONFIG_AUTO] = RADIUS_MA_AUTO,
		[CONFIG_YES] = RADIUS_MA_YES,
		[CONFIG_NO] = RADIUS_MA_NO,
	};
	const struct config *c = d->config;
	struct radius_server_config servers[RADIUS_SERVERS_MAX];
	char why[256], dir[128];
	struct radius_config rc = {
		.servers = servers,
		.server_count = c->radius.server_count,
		.nas_identifier = identifier(c),
		.nas_ip4 = c->radius.nas_ip_address,
		.nas_ip6 = c->radius.nas_ipv6_address,
		.timeout = c->radius.timeout * NSEC_PER_SEC,
		.max_try = c->radius.max_try,
		.dead_time = c->radius.fail_timeout * NSEC_PER_SEC,
		.window = c->radius.req_limit,
		.queue_max = 1024,
		.require_ma = require[c->radius.require_message_authenticator],
		.state_dir = dir,
		.spool_max = 64 << 20,
		.wants_speed = shaper_attr_wanted,
		.tap = { &d->monitor_controls, monitor_radius, d },
	};
	int err;

	if (!c->radius.server_count)
		return 0;
	if (radius_dictionary_setup(NULL))
		log_warn("no memory for RADIUS dictionaries: attributes are told by number");
	snprintf(dir, sizeof(dir), "/var/lib/brasberry/%s", d->instance);
	(void)mkdir("/var/lib/brasberry", 0755);
	if (mkdir(dir, 0700) && errno != EEXIST) {
		log_error("%s: %s", dir, strerror(errno));
		return -errno;
	}
	servers_of(c, servers);
	err = radius_client_new(&d->radius, d->loop, &rc, why, sizeof(why));
	explicit_bzero(servers, sizeof(servers));
	if (err) {
		log_error("[radius] %s", why);
		return err;
	}
	if (!d->adopting) {	      /* those that go on are in records that go on */
		check_spool_fresh(d); /* what was before the Accounting-On ends before it */
		on_off(d, RADIUS_ON);
	}
	return dae_setup(d);
}

void acct_teardown(struct daemon *d)
{
	radius_dae_free(d->dae);
	if (d->radius && !d->leaving)
		on_off(d, RADIUS_OFF);
	radius_client_free(d->radius);
	d->radius = NULL;
	radius_dictionary_teardown();
}
