/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon as daemon.c puts it together, for daemon_whole_fuzz.c: its own files from the frame to
 * the record, RADIUS and the control socket, but for what daemon_whole_doors.h and
 * daemon_whole_beside.h have. It ends as a daemon ends, or leaves its sessions to the next one,
 * which finds them in the record.
 */
#ifndef TEST_DAEMON_WHOLE_WORLD_H
#define TEST_DAEMON_WHOLE_WORLD_H

#define FAKE_SENT 64
#include "test/fuzz/daemon_whole_beside.h"
#include "test/unit/radius_fake.h"

#include "base/control.h"
#include "daemon/freeze.h"
#include "daemon/keep_area.h"
#include "test/fuzz/station.h"
#include "radius/dae.h"

#define START	 (1000 * NSEC_PER_SEC)
#define WALL	 FAKE_WALL
#define SESSIONS 16

static const char config_text[] = "[pppoe]\n"
				  "interface = acc0\n"
				  "interface = acc1\n"
				  "service-name = internet\n"
				  "max-sessions = 16\n"
				  "max-sessions-per-mac = 3\n"
				  "[ppp]\n"
				  "lcp-echo-interval = 30\n"
				  "[auth]\n"
				  "methods = chap-md5,pap\n"
				  "[ip-pool]\n"
				  "gw-ip-address = 100.64.0.1\n"
				  "pool = 100.64.0.0/28\n"
				  "[ipv6-pool]\n"
				  "gw-ip6-address = fe80::1\n"
				  "prefix = 2001:db8:100::/60,64\n"
				  "delegate = 2001:db8:8000::/52,56\n"
				  "address = 2001:db8:200::/64\n"
				  "[radius]\n"
				  "server = 192.0.2.1,secret-1\n"
				  "server = 192.0.2.2,secret-2\n"
				  "nas-identifier = lab\n"
				  "acct-interim-interval = 60\n"
				  "dae-server = 192.0.2.3:3799,secret-3\n"
				  "dae-allowed = 192.0.2.9\n"
				  "[shaper]\n"
				  "mode = off\n";

struct radius_dae {
	struct radius_dae_core *core;
};

/* What a station has heard: its cookie, our last requests by layer, our challenge, its address. */
struct station_ear {
	struct station_cookie cookie;
	uint8_t request[3][64];
	uint16_t request_len[3];
	uint8_t challenge_id, address[4];
};

static struct world {
	struct daemon d;
	struct config *config;
	uint64_t now;
	bool leave;
	struct station_ear ear[STATIONS];
	struct fake radius;
	struct radius_dae dae;
	struct radius_dae_peer asker;
	uint8_t last[RADIUS_PACKET_MAX]; /* request of the asker's */
	size_t last_len;
	unsigned dae_answers;
} w;

static struct pppoe_line line_of(unsigned station)
{
	return (struct pppoe_line){ .port = 1 + (station & 1), .svlan = station & 2 ? 0x1005 : 0 };
}

/* --- doors that the daemon's parts open ---------------------------------------------------------
 */

static void hear_ppp(struct station_ear *e, struct rd r)
{
	static const uint16_t protocols[] = { PPP_LCP, PPP_IPCP, PPP_IPV6CP };
	const uint8_t *p = r.p;
	size_t len = rd_left(&r);
	uint16_t protocol = rd_be16(&r);
	uint8_t code = rd_u8(&r), id = rd_u8(&r);

	check(!r.bad);
	if (protocol == PPP_CHAP && code == PPP_CHAP_CHALLENGE)
		e->challenge_id = id;
	if (protocol == PPP_IPCP && code == PPP_CONF_NAK && len >= 12)
		memcpy(e->address, p + 8, sizeof(e->address));
	for (unsigned i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (protocol != protocols[i] || code != PPP_CONF_REQ)
			continue;
		check(len <= sizeof(e->request[i]));
		memcpy(e->request[i], p, len);
		e->request_len[i] = (uint16_t)len;
	}
}

/* Every frame that leaves: a sound one, of ours, to a station; a session's to its subscriber. */
void port_transmit(struct daemon *d, uint16_t port, const uint8_t *frame, size_t len)
{
	struct pppoe_frame f;
	struct pppoe_tags t;
	struct session *s;

	check(len >= 60 && len <= PPPOE_FRAME_MAX && !pppoe_frame_parse(port, frame, len, &f));
	check(mac_equal(&f.src, &d->ports[port].link.mac) && mac_is_unicast(&f.dst));
	if (f.ethertype == PPPOE_ETH_SESSION) {
		s = table_by_sid(d, &f.line, f.sid);
		check(s && mac_equal(&s->mac, &f.dst) && s->state != SESSION_DEAD);
		if (f.dst.b[4] == 1 && f.dst.b[5] < STATIONS)
			hear_ppp(&w.ear[f.dst.b[5]], f.payload);
		return;
	}
	check(!pppoe_tags_parse(f.payload, &t));
	if (f.code != PPPOE_CODE_PADO || f.dst.b[4] != 1 || f.dst.b[5] >= STATIONS)
		return;
	check(t.cookie.len <= sizeof(w.ear[0].cookie.b));
	memcpy(w.ear[f.dst.b[5]].cookie.b, t.cookie.p, t.cookie.len);
	w.ear[f.dst.b[5]].cookie.len = t.cookie.len;
}

int radius_client_new(struct radius_client **ret, struct loop *loop, const struct radius_config *c,
		      char *why, size_t why_len)
{
	struct fake *f = &w.radius;
	struct radius_doors doors = { .arg = f,
				      .send = fake_send,
				      .random = fake_random,
				      .wall = fake_wall,
				      .store = &f->store };
	int rc;

	f->now = w.now;
	f->config = *c;
	f->config.spool_max = 16 << 10;
	memcpy(f->servers, c->servers, c->server_count * sizeof(*c->servers));
	f->config.servers = f->servers;
	rc = radius_engine_new(&f->c, loop_wheel(loop), w.now, &f->config, &doors, why, why_len);
	*ret = f->c;
	return rc;
}

/* An answer is to the asker, and signed. */
static int on_dae_send(void *arg, const struct radius_dae_peer *to, const uint8_t *p, size_t len)
{
	struct radius_packet q;

	(void)arg;
	check(ip6_equal(&to->addr, &w.asker.addr) && !radius_packet_parse(p, len, &q));
	check(q.code == RADIUS_COA_ACK || q.code == RADIUS_COA_NAK ||
	      q.code == RADIUS_DISCONNECT_ACK || q.code == RADIUS_DISCONNECT_NAK);
	w.dae_answers++;
	return 0;
}

int radius_dae_new(struct radius_dae **ret, struct loop *loop, const struct radius_dae_config *c,
		   char *why, size_t why_len)
{
	(void)loop;
	*ret = &w.dae;
	return radius_dae_core_new(&w.dae.core, c, on_dae_send, NULL, why, why_len);
}

void radius_dae_free(struct radius_dae *d)
{
	if (d)
		radius_dae_core_free(d->core);
}

void radius_dae_answer(struct radius_dae *d, uint64_t now, uint64_t ticket,
		       enum radius_error_cause cause)
{
	radius_dae_core_answer(d->core, now, ticket, cause);
}

void radius_dae_show(const struct radius_dae *d, struct json *j)
{
	radius_dae_core_show(d->core, j);
}

int radius_dictionary_setup(const char *dir)
{
	(void)dir;
	return 0;
}

void radius_dictionary_teardown(void)
{
}

/* By `restart` and `shutdown`: after the step. */
void daemon_leave(struct daemon *d)
{
	(void)d;
	w.leave = true;
}

void daemon_stop(struct daemon *d, uint64_t now)
{
	struct session *s;

	for (uint32_t i = 0; (s = table_next(d, &i));)
		session_close(s, now, PPP_CAUSE_ADMIN_REBOOT);
}

/* --- its life -----------------------------------------------------------------------------------
 */

static uint32_t random32(void)
{
	uint32_t v;

	line_ppp_ops.random(&v, sizeof(v));
	return v;
}

static void configure_ppp(struct daemon *d)
{
	const struct config *c = d->config;

	d->ppp_config = (struct ppp_config){
		.mru = (uint16_t)c->ppp.mtu,
		.auth_count = (uint8_t)c->auth.method_count,
		.ipv4 = c->ppp.ipv4,
		.ipv6 = c->ppp.ipv6,
		.restart_timer = c->ppp.timeout * NSEC_PER_SEC,
		.max_configure = (uint8_t)c->ppp.max_configure,
		.max_terminate = (uint8_t)c->ppp.max_terminate,
		.max_failure = (uint8_t)c->ppp.max_failure,
		.auth_timeout = c->auth.timeout * NSEC_PER_SEC,
		.echo_interval = c->ppp.lcp_echo_interval * NSEC_PER_SEC,
		.echo_failure = (uint8_t)c->ppp.lcp_echo_failure,
	};
	memcpy(d->ppp_config.auth, c->auth.methods, sizeof(d->ppp_config.auth));
	strcpy(d->ppp_config.name, "brasberry");
	d->ppp = (struct ppp_ctx){ &d->ppp_config, &line_ppp_ops, loop_wheel(d->loop),
				   &d->ppp_stats, 0 };
}

static void configure_pppoe(struct daemon *d)
{
	const struct config *c = d->config;

	d->pppoe_config = (struct pppoe_config){
		.services = c->pppoe.service_names,
		.service_count = c->pppoe.service_name_count,
		.accept_any_service = true,
		.accept_blank_service = true,
		.max_payload = 1500,
		.cookie_lifetime = c->pppoe.cookie_timeout * NSEC_PER_SEC,
	};
	strcpy(d->pppoe_config.ac_name, "brasberry");
	advert_setup(d);
	d->ra = (struct ipv6_ra_ctx){ .wheel = loop_wheel(d->loop),
				      .interval = c->ipv6_nd.max_rtr_adv_interval * NSEC_PER_SEC,
				      .answers_per_second = 2,
				      .answers_burst = 4,
				      .transmit = line_ra_transmit,
				      .random = random32 };
	check(!dhcp_setup(d));
	check(!pppoe_sids_new(&d->sids, d->table.max, 3 * NSEC_PER_SEC));
	check(!pppoe_server_new(&d->pppoe, &d->pppoe_config, &session_pppoe_ops, d,
				loop_wheel(d->loop)));
}

/* As daemon_setup(). */
static void daemon_begins(void)
{
	struct daemon *d = &w.d;
	struct control_config control = { .path = "control",
					  .commands = daemon_commands,
					  .command_count = daemon_command_count,
					  .ctx = d };
	char why[256];

	*d = (struct daemon){
		.config = w.config, .instance = "fuzz", .mode = DP_XDP, .device_lock = -1
	};
	for (unsigned i = 0; i < w.config->pppoe.interface_count; i++) {
		struct port *p = &d->ports[++d->port_count];

		*p = (struct port){ .d = d, .number = d->port_count };
		p->conf = w.config->pppoe.interfaces[i];
	}
	check(!loop_new(&d->loop));
	wheel_init(loop_wheel(d->loop), w.now);
	the_loop.now = w.now;
	check(!control_new(&d->control, d->loop, &control, why, sizeof(why)));
	check(!table_setup(d) && !pools_new(&d->pools, d->config));
	check(!adopt_begin(d));
	if (!d->adopting)
		check(!adopt_fresh(d));
	for (uint16_t i = 1; i <= d->port_count; i++)
		d->ports[i].link =
			(struct net_link){ .ifindex = i, .mac = { { 2, 0, 0, 0, 0, (uint8_t)i } } };
	check(!plan_setup(d));
	d->started = w.now;
	d->acct_next = WALL << 24 | w.now / NSEC_PER_SEC << 16;
	configure_ppp(d);
	configure_pppoe(d);
	check(!acct_setup(d) && !adopt_sessions(d) && !keep_setup(d));
	d->keep_pools_at = UINT64_MAX; /* who had which address is in a file of its own */
	adopt_end(d);
}

/* As daemon_teardown(): with `leaving` its sessions go on without it. */
static void daemon_ends(bool leaving)
{
	struct daemon *d = &w.d;
	struct session *s;

	d->leaving = leaving;
	control_free(d->control);
	if (leaving)
		keep_all(d);
	for (uint32_t i = 0; leaving && (s = table_next(d, &i));) {
		login_forget(s);
		plan_close(s, w.now);
		ipv6_ra_sender_stop(&s->ra, w.now, false);
		table_remove(s);
	}
	acct_teardown(d);
	plan_teardown(d);
	keep_area_free(d->area);
	timer_cancel(loop_wheel(d->loop), &d->keep_timer);
	record_close(d->record);
	table_teardown(d);
	pppoe_server_free(d->pppoe);
	pppoe_sids_free(d->sids);
	pools_free(d->pools);
	traces_fini(&d->traces);
	check(!loop_wheel(d->loop)->armed);
	for (unsigned i = 0; i < ARRAY_SIZE(ios); i++)
		check(!ios[i].used);
}

static void world_begins(void)
{
	struct sbuf errors = { 0 };
	uint8_t rest[256];

	random_state = 88172645463325252ull;
	line_ppp_ops.random(rest, sizeof(rest)); /* what is left of it from the input before */
	w.now = START;
	w.leave = false;
	w.last_len = 0;
	memset(w.ear, 0, sizeof(w.ear));
	if (!w.config)
		check(!config_parse("f", config_text, sizeof(config_text) - 1, &w.config, &errors));
	fake_begin(&w.radius, 2);
	check(!radius_dae_address("192.0.2.9", &w.asker.addr));
	daemon_begins();
}

static void pool_is_free(void *arg, const struct pool_info *info)
{
	(void)arg;
	check(!info->used);
}

static void pass(uint64_t ns)
{
	uint64_t until = w.now + ns;

	while (w.now < until) {
		w.now += 250 * NSEC_PER_MSEC;
		the_loop.now = w.radius.now = w.now;
		wheel_run(loop_wheel(w.d.loop), w.now);
	}
}

/* Everybody is sent home, and nothing of them is left. */
static void world_ends(void)
{
	struct daemon *d = &w.d;

	d->draining = true;
	daemon_stop(d, w.now);
	pass(20 * NSEC_PER_SEC);
	check(!d->table.used && !d->asking && !d->table.by_name.used && !d->table.by_station.used);
	check(d->stats.sessions_opened + d->stats.sessions_adopted == d->stats.sessions_closed);
	pools_each(d->pools, pool_is_free, NULL);
	daemon_ends(false);
	fake_forget_files(&w.radius);
	disk_free();
}

#endif
