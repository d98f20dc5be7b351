// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Puts the parts together, each through function pointers or its own configuration struct, and
 * takes them apart in reverse. A part that cannot be had ends the start with one sentence.
 */
#include "base/control.h"
#include "base/str.h"
#include "daemon/daemon.h"
#include "daemon/dataplane.h"
#include "daemon/hooks.h"
#include "daemon/deeds.h"
#include "daemon/dns64.h"
#include "daemon/fastpath.h"
#include "daemon/http.h"
#include "daemon/keep.h"
#include "daemon/nat64.h"
#include "daemon/mirror.h"
#include "daemon/connections.h"
#include "daemon/nat44.h"
#include "daemon/notify.h"
#include "daemon/reload.h"
#include "daemon/spread.h"
#include "daemon/telnet.h"
#include "daemon/virtual.h"
#include "pppoe/macfilter.h"
#include "daemon/timeline.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SID_QUARANTINE (30 * NSEC_PER_SEC)
#define STOP_PATIENCE  (2 * NSEC_PER_SEC)
#define RA_ANSWERS_PPS 2

static void forwarding_on(const char *path)
{
	int on;

	if (net_sysctl_get(path, &on) || on)
		return;
	if (net_sysctl_set(path, 1))
		log_warn("%s is 0 and cannot be set: subscribers reach this box only", path);
	else
		log_notice("%s was 0 and is now 1: this box routes", path);
}

static void ppp_configure(struct daemon *d)
{
	const struct config *c = d->config;
	struct ppp_config *p = &d->ppp_config;

	*p = (struct ppp_config){
		.mru = (uint16_t)c->ppp.mtu,
		.auth_count = (uint8_t)c->auth.method_count,
		.ipv4 = c->ppp.ipv4,
		.ipv6 = c->ppp.ipv6,
		.restart_timer = c->ppp.timeout * NSEC_PER_SEC,
		.max_configure = (uint8_t)c->ppp.max_configure,
		.max_terminate = (uint8_t)c->ppp.max_terminate,
		.max_failure = (uint8_t)c->ppp.max_failure,
		.auth_timeout = c->auth.timeout * NSEC_PER_SEC,
		.rechallenge = c->auth.interval * NSEC_PER_SEC,
		.echo_interval = c->ppp.lcp_echo_interval * NSEC_PER_SEC,
		.echo_failure = (uint8_t)c->ppp.lcp_echo_failure,
		.echo_adaptive = c->ppp.lcp_echo_adaptive,
		.network_timeout = c->ppp.ncp_timeout * NSEC_PER_SEC,
	};
	memcpy(p->auth, c->auth.methods, sizeof(p->auth));
	snprintf(p->name, sizeof(p->name), "%s", c->pppoe.ac_name);
	d->ppp = (struct ppp_ctx){
		.config = p,
		.ops = &line_ppp_ops,
		.wheel = loop_wheel(d->loop),
		.stats = &d->ppp_stats,
	};
}

static uint32_t random32(void)
{
	uint32_t v;

	line_ppp_ops.random(&v, sizeof(v));
	return v;
}

static int mac_filter_load(struct daemon *d)
{
	const struct config_mac_filter *f = &d->config->pppoe.mac_filter;
	char why[320];
	int rc;

	if (!*f->file)
		return 0;
	rc = pppoe_mac_filter_load(&d->mac_filter, f->file, !f->deny, why, sizeof(why));
	if (rc)
		log_error("%s", why);
	return rc;
}

/* PPP-Max-Payload (RFC 4638) is what every access interface carries: its MTU without the eight
 * octets of PPPoE and PPP. */
static uint16_t max_payload(struct daemon *d)
{
	uint32_t max = d->config->ppp.mtu;

	for (uint16_t i = 1; i <= d->port_count; i++) {
		struct net_link link;

		if (net_link_get(d->net, d->ports[i].conf.name, &link) || link.mtu >= max + 8)
			continue;
		max = link.mtu > 8 ? link.mtu - 8 : 0;
		if (max >= 1492)
			log_warn("%s: its MTU of %u allows lines of %u octets, not %u", link.name,
				 link.mtu, max, d->config->ppp.mtu);
	}
	return (uint16_t)max;
}

static int pppoe_setup(struct daemon *d)
{
	const struct config *c = d->config;
	int rc = mac_filter_load(d);

	if (rc)
		return rc;
	d->pppoe_config = (struct pppoe_config){
		.services = c->pppoe.service_names,
		.service_count = c->pppoe.service_name_count,
		.accept_any_service = c->pppoe.accept_any_service,
		.accept_blank_service = c->pppoe.accept_blank_service,
		.max_payload = max_payload(d),
		.cookie_lifetime = c->pppoe.cookie_timeout * NSEC_PER_SEC,
		.pado_delay = c->pppoe.pado_delays,
		.pado_delay_count = c->pppoe.pado_delay_count,
		.padi_limit = c->pppoe.padi_limit,
		.padr_limit = c->pppoe.padr_limit,
		.mac_filter = d->mac_filter,
	};
	snprintf(d->pppoe_config.ac_name, sizeof(d->pppoe_config.ac_name), "%s", c->pppoe.ac_name);
	advert_setup(d);
	d->ra = (struct ipv6_ra_ctx){
		.wheel = loop_wheel(d->loop),
		.interval = c->ipv6_nd.max_rtr_adv_interval * NSEC_PER_SEC,
		.answers_per_second = RA_ANSWERS_PPS,
		.answers_burst = 2 * RA_ANSWERS_PPS,
		.transmit = line_ra_transmit,
		.random = random32,
	};
	rc = dhcp_setup(d);
	if (rc)
		return rc;
	rc = pppoe_sids_new(&d->sids, d->table.max, SID_QUARANTINE);
	rc = rc ? rc
		: pppoe_server_new(&d->pppoe, &d->pppoe_config, &session_pppoe_ops, d,
				   loop_wheel(d->loop));
	if (rc)
		log_error("PPPoE: %s", strerror(-rc));
	return rc;
}

int daemon_users_check(struct daemon *d)
{
	struct sbuf errors = { 0 };
	int rc;

	if (!*d->config->auth.users_file)
		return 0;
	rc = users_reload_if_changed(&d->users, d->config->auth.users_file, &errors);
	if (rc > 0)
		log_notice("%s: %u users", d->config->auth.users_file, users_count(d->users));
	log_lines(rc == -ENOENT ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, errors.p);
	sbuf_fini(&errors);
	return rc < 0 ? rc : 0;
}

static void on_stop(void *arg, uint64_t now)
{
	struct daemon *d = arg;

	log_notice("ending: %u sessions are closed", d->table.used);
	daemon_stop(d, now);
}

static void on_leave(void *arg, uint64_t now)
{
	struct daemon *d = arg;

	(void)now;
	log_notice("leaving: %u sessions go on without me", d->table.by_state[SESSION_OPEN]);
	daemon_leave(d);
}

static void on_hup(void *arg, uint64_t now)
{
	struct daemon *d = arg;
	struct sbuf errors = { 0 };

	(void)now;
	if (reload_begin(d, false, &errors)) {
		log_warn("reload: %s", d->reload->why);
		log_lines(LOG_LEVEL_ERROR, errors.p);
		(void)daemon_users_check(d);
	}
	sbuf_fini(&errors);
}

static void on_patience(struct timer *t, uint64_t now)
{
	struct daemon *d = container_of(t, struct daemon, shutdown_timer);
	struct session *s;

	for (uint32_t i = 0; (s = table_next(d, &i));)
		ppp_link_lost(&s->link, now, PPP_CAUSE_ADMIN_REBOOT);
	loop_stop(d->loop);
}

void daemon_stop(struct daemon *d, uint64_t now)
{
	struct session *s;

	if (d->stopping)
		return;
	notify_stopping();
	d->stopping = true;
	timer_set(loop_wheel(d->loop), &d->shutdown_timer, now + STOP_PATIENCE);
	for (uint32_t i = 0; (s = table_next(d, &i));)
		session_close(s, now, PPP_CAUSE_ADMIN_REBOOT);
	nat64_stop(d);
	daemon_session_gone(d);
}

void daemon_leave(struct daemon *d)
{
	if (d->stopping)
		return;
	d->leaving = true;
	loop_stop(d->loop);
}

void daemon_session_gone(struct daemon *d)
{
	const struct table *t = &d->table;

	if (d->soft && !d->stopping && t->used == t->by_state[SESSION_DEAD])
		daemon_stop(d, loop_now(d->loop));
	if (d->stopping && t->used == t->by_state[SESSION_DEAD] && !nat64_stopping(d))
		timer_set(loop_wheel(d->loop), &d->shutdown_timer, loop_now(d->loop));
}

static int loop_setup(struct daemon *d)
{
	int rc = loop_new(&d->loop);

	rc = rc ? rc : loop_signal_new(d->loop, SIGTERM, on_stop, d, &d->sigterm);
	rc = rc ? rc : loop_signal_new(d->loop, SIGINT, on_stop, d, &d->sigint);
	rc = rc ? rc : loop_signal_new(d->loop, SIGHUP, on_hup, d, &d->sighup);
	rc = rc ? rc : loop_signal_new(d->loop, SIGUSR2, on_leave, d, &d->sigusr2);
	timer_init(&d->shutdown_timer, on_patience);
	rc = rc ? rc : net_new(&d->net, d->loop, &port_net_events, d);
	if (rc)
		log_error("event loop and netlink: %s", strerror(-rc));
	return rc;
}

static int control_setup(struct daemon *d)
{
	static char path[CONTROL_PATH_MAX];
	struct control_config c = {
		.path = path,
		.commands = daemon_commands,
		.command_count = daemon_command_count,
		.ctx = d,
	};
	char why[256];
	int rc = control_path(path, d->instance);

	if (rc) {
		log_error("'%s' is not a name for an instance", d->instance);
		return rc;
	}
	rc = control_new(&d->control, d->loop, &c, why, sizeof(why));
	if (rc)
		log_error("control socket: %s", why);
	return rc;
}

#define HTTP_AGAIN (10 * NSEC_PER_SEC)

/* Lines come up whether it can listen or not: it tries again. */
static void on_http(struct timer *t, uint64_t now)
{
	struct daemon *d = container_of(t, struct daemon, http_timer);
	struct http_config c = {
		.listens = d->config->http.listens,
		.listen_count = d->config->http.listen_count,
		.max_connections = d->config->http.max_connections,
	};
	char why[256];

	(void)control_path(c.socket, d->instance);
	if (!http_new(&d->http, &c, why, sizeof(why)))
		return;
	log_error("http: %s", why);
	timer_set(loop_wheel(d->loop), t, now + HTTP_AGAIN);
}

static void http_setup(struct daemon *d)
{
	timer_init(&d->http_timer, on_http);
	if (d->config->http.listen_count)
		on_http(&d->http_timer, loop_now(d->loop));
}

static int tables_setup(struct daemon *d)
{
	int rc = table_setup(d);

	rc = rc ? rc : timeline_setup(d);
	if (!rc && !(d->log_share = calloc(1, sizeof(*d->log_share))))
		rc = -ENOMEM;
	rc = rc ? rc : pools_new(&d->pools, d->config);
	if (rc)
		log_error("no memory for %u sessions: %s", d->config->pppoe.max_sessions,
			  strerror(-rc));
	return rc;
}

/* The kernel's side: what is there is adopted, or made anew. */
static int kernel_setup(struct daemon *d)
{
	const struct config *c = d->config;
	int rc;

	snprintf(d->pins, sizeof(d->pins), "/sys/fs/bpf/brasberry/%s", d->instance);
	d->trees = c->shaper.mode == CONFIG_SHAPER_OFF ? 0 : c->shaper.queues;
	d->spread_count = spread_cpus(c, d->spread);
	rc = device_lock(d);
	if (rc) {
		log_error("%s: another brasd has this device", c->subscriber.device);
		return rc;
	}
	rc = adopt_begin(d);
	d->fresh = !rc && !d->adopting;
	if (d->fresh)
		dp_pins_remove(d->pins);
	rc = rc ? rc : device_setup(d);
	if (!rc && d->fresh)
		rc = adopt_fresh(d);
	rc = rc ? rc : dataplane_setup(d);
	if (!rc)
		spread_device(d);
	rc = rc ? rc : mirror_setup(d);
	rc = rc ? rc : nat44_setup(d);
	rc = rc ? rc : connections_setup(d);
	rc = rc ? rc : fastpath_setup(d);
	return rc ? rc : plan_setup(d);
}

/* What goes on with sessions of before, and needs all parts. */
static int sessions_setup(struct daemon *d)
{
	int rc = volume_setup(d);

	keep_take_pools(d);
	rc = rc ? rc : acct_setup(d);
	rc = rc ? rc : adopt_sessions(d);
	if (!rc)
		timeline_settle(d);
	rc = rc ? rc : nat44_begin(d);
	rc = rc ? rc : ports_setup(d);
	if (!rc)
		dp_spread_done(d->dp);
	rc = rc ? rc : damage_setup(d);
	return rc ? rc : keep_setup(d);
}

int daemon_setup(struct daemon *d, struct config *config, const char *instance,
		 struct reload *reload)
{
	int rc;

	*d = (struct daemon){
		.config = config,
		.instance = instance,
		.reload = reload,
		.device_lock = -1,
	};
	for (unsigned i = 0; i < config->pppoe.interface_count; i++) {
		struct port *p = &d->ports[++d->port_count];

		*p = (struct port){ .d = d, .number = d->port_count };
		p->conf = config->pppoe.interfaces[i];
	}
	rc = daemon_users_check(d);
	if (rc && rc != -ENOENT) /* one that is not there yet is read when it comes */
		return rc;
	rc = loop_setup(d);
	rc = rc ? rc : control_setup(d);
	rc = rc ? rc : deeds_new(&d->deeds, d->loop, instance);
	rc = rc ? rc : tables_setup(d);
	notify_alive();
	rc = rc ? rc : kernel_setup(d);
	notify_alive();
	if (!rc) {
		d->started = loop_now(d->loop);
		d->acct_next = (uint64_t)time(NULL) << 24;
		ppp_configure(d);
		rc = pppoe_setup(d);
	}
	rc = rc ? rc : hooks_setup(d);
	rc = rc ? rc : sessions_setup(d);
	rc = rc ? rc : nat64_setup(d);
	rc = rc ? rc : dns64_setup(d);
	rc = rc ? rc : telnet_setup(d);
	if (!rc)
		virtual_setup(d);
	if (rc) {
		d->leaving = !d->fresh; /* all that was there goes on, or may be there */
		return rc;
	}
	adopt_end(d);
	http_setup(d);
	notify_watch(d);
	forwarding_on("net/ipv4/ip_forward");
	forwarding_on("net/ipv6/conf/all/forwarding");
	return 0;
}

/* Nothing is told to anybody: the next process has them. */
static void sessions_leave(struct daemon *d)
{
	uint64_t now = loop_now(d->loop);
	struct session *s;

	keep_all(d);
	for (uint32_t i = 0; (s = table_next(d, &i));) {
		login_forget(s);
		plan_close(s, now);
		ipv6_ra_sender_stop(&s->ra, now, false);
		table_remove(s);
	}
}

void daemon_teardown(struct daemon *d)
{
	control_free(d->control); /* whoever of HTTP's threads waits for an answer is told */
	http_free(d->http);
	telnet_teardown(d);
	if (d->leaving && d->loop && d->table.sessions)
		sessions_leave(d);
	hooks_teardown(d);
	damage_teardown(d);
	acct_teardown(d);
	volume_teardown(d);
	if (d->loop)
		plan_teardown(d);
	check_teardown(d);
	if (d->dp)
		ports_teardown(d);
	if (d->loop)
		fastpath_teardown(d);
	if (d->dp) {
		nat44_teardown(d);
		connections_teardown(d);
	}
	mirror_teardown(d);
	keep_teardown(d);
	if (d->leaving)
		dp_leave(d->dp);
	else
		dp_free(d->dp);
	if (d->device.ifindex && !d->leaving)
		(void)net_link_delete(d->net, d->device.name);
	if (d->loop)
		table_teardown(d);
	timeline_teardown(d);
	pppoe_server_free(d->pppoe);
	pppoe_sids_free(d->sids);
	pppoe_mac_filter_free(d->mac_filter);
	pools_free(d->pools);
	users_free(d->users);
	net_free(d->net);
	if (d->deeds)
		nat64_teardown(d);
	dns64_teardown(d);
	virtual_teardown(d);
	traces_fini(&d->traces);
	free(d->log_share);
	deeds_free(d->deeds, !d->leaving);
	loop_signal_free(d->sigterm);
	loop_signal_free(d->sigint);
	loop_signal_free(d->sighup);
	loop_signal_free(d->sigusr2);
	loop_free(d->loop);
	if (d->device_lock >= 0)
		close(d->device_lock);
}
