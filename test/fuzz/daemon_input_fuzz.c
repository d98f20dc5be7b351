// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What comes in from subscribers, into a live set of links: discovery, session ids, PPP and the
 * verdicts on names, wired as daemon/session.c wires them, without its doors to the system. The
 * input is a list of steps: eight stations on two ports and two lines dial, negotiate, log in and
 * hang up; each may send whatever it likes with any other's session id or cookie. Verdicts come
 * when the input says so (a RADIUS server's, for a session that may have gone), and so do an
 * operator's terminate, time, room for new sessions, and ports that go.
 *
 * Besides what ppp_rig.h aborts at (frames after the end, layers that are up twice, timers that are
 * left): a frame from one station changes no other's link; a session's frames have its MAC, line
 * and id; a verdict is only taken by whom it was asked for; every session that was opened ends.
 */
#define RIG_FRAMES 8 /* small: made anew for each session */
#include "test/unit/ppp_rig.h"

#include "test/fuzz/station.h"

#include <nettle/md5.h>
#include <stddef.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SESSIONS 16

struct session {
	bool used, over;
	unsigned verdicts; /* that were asked for and have not come */
	struct pppoe_line line;
	struct mac mac;
	uint16_t sid;
	uint64_t cookie_id;
	struct rig rig;
};

static struct world {
	struct pppoe_server *server;
	struct pppoe_sids *sids;
	struct pppoe_config config;
	struct wheel wheel;
	uint64_t now;
	unsigned room, opened, ended;
	bool port_gone;
	struct station_cookie cookie[STATIONS];
	struct session session[SESSIONS];
} w;

static char services[1][PPPOE_SERVICE_MAX] = { "internet" };
static const struct mac ours = { { 2, 0, 0, 0, 0, 1 } };

static void check(bool ok)
{
	if (!ok)
		abort();
}

static struct pppoe_line line_of(unsigned station)
{
	return (struct pppoe_line){ .port = station & 1, .svlan = station & 2 ? 0x1005 : 0 };
}

static bool same_line(const struct pppoe_line *a, const struct pppoe_line *b)
{
	return a->port == b->port && a->svlan == b->svlan && a->cvlan == b->cvlan;
}

static struct session *session_by_sid(const struct pppoe_line *line, uint16_t sid)
{
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct session *s = &w.session[i];

		if (s->used && !s->over && s->sid == sid && same_line(&s->line, line))
			return s;
	}
	return NULL;
}

/* The session that this station has had the longest; NULL: none. */
static struct session *session_of(unsigned station)
{
	struct mac m = mac_of(station);

	for (unsigned i = 0; i < SESSIONS; i++)
		if (w.session[i].used && !w.session[i].over && mac_equal(&w.session[i].mac, &m))
			return &w.session[i];
	return NULL;
}

/* --- the daemon's part ------------------------------------------------------------------------ */

static void on_transmit(void *arg, uint16_t port, const uint8_t *frame, size_t len)
{
	struct pppoe_frame f;
	struct pppoe_tags t;

	(void)arg;
	check(len >= 60 && len <= PPPOE_FRAME_MAX && !pppoe_frame_parse(port, frame, len, &f));
	check(mac_equal(&f.src, &ours) && mac_is_unicast(&f.dst));
	check(!pppoe_tags_parse(f.payload, &t));
	if (f.code != PPPOE_CODE_PADO || f.dst.b[5] >= STATIONS || f.dst.b[4] != 1)
		return;
	check(t.cookie.len <= sizeof(w.cookie[0].b));
	memcpy(w.cookie[f.dst.b[5]].b, t.cookie.p, t.cookie.len);
	w.cookie[f.dst.b[5]].len = t.cookie.len;
}

static const struct mac *on_port_mac(void *arg, uint16_t port)
{
	(void)arg;
	return w.port_gone && port ? NULL : &ours;
}

static unsigned used(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SESSIONS; i++)
		n += w.session[i].used;
	return n;
}

static int on_admit(void *arg, const struct pppoe_request *req)
{
	(void)arg;
	(void)req;
	return used() == SESSIONS ? -EBUSY : w.room ? 0 : -EAGAIN;
}

static uint32_t on_count(void *arg)
{
	(void)arg;
	return used();
}

static int on_open(void *arg, uint64_t now, const struct pppoe_request *req, uint16_t *ret_sid,
		   bool *ret_duplicate)
{
	struct session *s = NULL;

	(void)arg;
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct session *o = &w.session[i];

		if (!o->used) {
			s = o;
		} else if (!o->over && o->cookie_id == req->cookie_id) {
			check(mac_equal(&o->mac, &req->mac) && same_line(&o->line, &req->line));
			*ret_sid = o->sid;
			*ret_duplicate = true;
			return 0;
		}
	}
	if (!s)
		return -EBUSY;
	if (req->behind || !w.room)
		return -EAGAIN;
	if (pppoe_sids_get(w.sids, now, &req->line, ret_sid))
		return -EBUSY;
	check(*ret_sid && *ret_sid != 0xffff && !session_by_sid(&req->line, *ret_sid));
	w.room--;
	w.opened++;
	s->used = true;
	s->over = false;
	s->verdicts = 0;
	s->rig.ctx.ops = NULL;
	s->line = req->line;
	s->mac = req->mac;
	s->sid = *ret_sid;
	s->cookie_id = req->cookie_id;
	*ret_duplicate = false;
	return 0;
}

static void ask(struct ppp_link *l, uint64_t now, const struct ppp_auth_request *req)
{
	struct session *s = container_of(rig_of(l), struct session, rig);

	(void)now;
	s->verdicts++;
	rig_ops.auth(l, now, req); /* keeps what was said; does not answer (hold_auth) */
}

static struct ppp_ops link_ops;

static void on_opened(void *arg, uint64_t now, const struct pppoe_line *line, uint16_t sid)
{
	struct session *s = session_by_sid(line, sid);

	(void)arg;
	check(s && !s->rig.ctx.ops);
	rig_init(&s->rig);
	s->rig.now = now;
	s->rig.hold_auth = true;
	s->rig.config.echo_interval = 30 * NSEC_PER_SEC;
	s->rig.ctx.ops = &link_ops;
	wheel_init(&s->rig.wheel, now);
	rig_start(&s->rig);
}

/* A link has ended: its id rests, and whoever knows it is told no more. */
static void bury(void)
{
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct session *s = &w.session[i];

		if (!s->used || !s->rig.finished)
			continue;
		s->over = true;
		pppoe_server_padt(w.server, &s->line, &s->mac, s->sid, "over");
		pppoe_sids_put(w.sids, w.now, &s->line, s->sid);
		ppp_link_fini(&s->rig.link);
		check(!s->rig.wheel.armed);
		s->used = false;
		w.ended++;
	}
}

static int on_padt(void *arg, uint64_t now, const struct pppoe_line *line, const struct mac *src,
		   uint16_t sid)
{
	struct session *s = session_by_sid(line, sid);

	(void)arg;
	if (!s)
		return -ENOENT;
	if (!mac_equal(&s->mac, src))
		return -EPERM;
	ppp_link_lost(&s->rig.link, now, PPP_CAUSE_USER_REQUEST);
	return 0;
}

static const struct pppoe_ops ops = { on_transmit, on_port_mac, on_admit, on_count,
				      on_open,	   on_opened,	on_padt,    NULL };

/* As session_input(): every frame of a port comes this way. */
static void input(uint16_t port, const uint8_t *frame, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1); /* so that a read beyond the frame is seen */
	struct pppoe_frame f;
	struct session *s;
	int rc;

	memcpy(exact, frame, len);
	rc = pppoe_frame_parse(port, exact, len, &f);
	if (rc || f.ethertype != PPPOE_ETH_SESSION) {
		pppoe_server_input(w.server, w.now, port, exact, len);
	} else if (!f.code) {
		s = session_by_sid(&f.line, f.sid);
		if (!s)
			pppoe_server_padt_unknown(w.server, w.now, &f.line, &f.src, f.sid);
		else if (mac_equal(&s->mac, &f.src))
			ppp_link_input(&s->rig.link, w.now, f.payload.p, rd_left(&f.payload));
	}
	free(exact);
}

/* --- the subscribers' part -----------------------------------------------------------------------
 */

/* Whose links must be as they were, after a frame of `station`. */
static struct ppp_link kept[SESSIONS];
static bool keeps[SESSIONS];

static void keep_others(unsigned station)
{
	struct mac m = mac_of(station);

	for (unsigned i = 0; i < SESSIONS; i++) {
		struct session *s = &w.session[i];

		keeps[i] = s->used && !mac_equal(&s->mac, &m);
		if (keeps[i])
			memcpy(&kept[i], &s->rig.link, sizeof(kept[i]));
	}
}

static void check_others(void)
{
	for (unsigned i = 0; i < SESSIONS; i++)
		check(!keeps[i] || !memcmp(&kept[i], &w.session[i].rig.link, sizeof(kept[i])));
}

static void send(unsigned station, uint16_t ethertype, uint8_t code, uint16_t sid,
		 const struct pppoe_line *line, struct rd body)
{
	uint8_t buf[PPPOE_FRAME_MAX];
	int len = station_frame(buf, station, &ours, ethertype, code, sid, line, &w.cookie[station],
				body);

	if (len < 0)
		return;
	keep_others(station);
	input(line->port, buf, (size_t)len);
	check_others();
	bury();
}

static void send_ppp(unsigned station, const uint8_t *p, size_t len)
{
	struct session *s = session_of(station);

	if (s)
		send(station, PPPOE_ETH_SESSION, 0, s->sid, &s->line, rd_init(p, len));
}

static void dial(unsigned station, struct rd tags)
{
	struct pppoe_line line = line_of(station);

	send(station, PPPOE_ETH_DISCOVERY, PPPOE_CODE_PADI, 0, &line, tags);
	send(station, PPPOE_ETH_DISCOVERY, PPPOE_CODE_PADR, 0, &line, tags);
}

/* Answers our last request of a layer: by an Ack, a Nak or a Reject of all of it. */
static void answer(unsigned station, uint8_t which)
{
	static const uint16_t protocol[] = { PPP_LCP, PPP_IPCP, PPP_IPV6CP };
	uint16_t want = protocol[which % 3];
	struct session *s = session_of(station);

	for (unsigned i = s ? s->rig.head : 0; s && i != s->rig.tail; i--) {
		struct rig_frame f = s->rig.sent[(i - 1) % RIG_FRAMES];

		if (f.b[0] != want >> 8 || f.b[1] != (want & 0xff) || f.b[2] != PPP_CONF_REQ)
			continue;
		f.b[2] = (uint8_t)(PPP_CONF_ACK + which / 3 % 3);
		send_ppp(station, f.b, f.len);
		return;
	}
}

/* A right response to our challenge. */
static void respond(unsigned station)
{
	uint8_t f[] = { 0xc2, 0x23, 2, 0, 0, 22, 16, [23] = 'u' };
	struct session *s = session_of(station);
	struct md5_ctx md5;

	if (!s)
		return;
	f[3] = s->rig.link.auth.id;
	md5_init(&md5);
	md5_update(&md5, 1, &f[3]);
	md5_update(&md5, strlen(s->rig.secret), (const uint8_t *)s->rig.secret);
	md5_update(&md5, PPP_CHALLENGE_LEN, s->rig.link.auth.challenge);
	md5_digest(&md5, 16, f + 7);
	send_ppp(station, f, sizeof(f));
}

/* As an honest client does all of it. */
static void come_up(unsigned station)
{
	static const uint8_t lcp[] = { 0xc0, 0x21, 1, 7, 0, 4 };
	static const uint8_t ipcp[] = { 0x80, 0x21, 1, 8, 0, 10, 3, 6, 0x64, 0x40, 0, 5 };

	dial(station, rd_init(NULL, 0));
	send_ppp(station, lcp, sizeof(lcp));
	answer(station, 0);
	respond(station);
	send_ppp(station, ipcp, sizeof(ipcp));
	answer(station, 1);
}

/* --- what comes from elsewhere -------------------------------------------------------------------
 */

/* A server's verdict, for a session that may not have asked. */
static void verdict(unsigned n, uint8_t bits)
{
	struct session *s = &w.session[n % SESSIONS];
	struct ppp_auth_result res;

	if (!s->used || !s->verdicts)
		return; /* login.c keeps count of what it asked for */
	s->verdicts--;
	res = s->rig.result;
	res.ok = !(bits & 1);
	res.ipv4 = bits & 2 ? PPP_REQUIRE : PPP_ALLOW;
	res.ip4 = bits & 4 ? 0 : res.ip4;
	res.session_timeout = bits & 8 ? 40 * NSEC_PER_SEC : 0;
	res.reauthenticate = bits & 16;
	ppp_link_auth_done(&s->rig.link, w.now, &res);
	bury();
}

/* An operator's terminate, or a Disconnect-Request; changes by CoA. */
static void command(unsigned n, uint8_t what)
{
	struct session *s = &w.session[n % SESSIONS];

	if (!s->used)
		return;
	if (what & 1)
		ppp_link_session_timeout(&s->rig.link, w.now, (what & 0xfe) * NSEC_PER_SEC);
	else if (what & 2)
		ppp_link_idle_timeout(&s->rig.link, w.now, (what & 0xfc) * NSEC_PER_SEC);
	else
		ppp_link_close(&s->rig.link, w.now, PPP_CAUSE_ADMIN_RESET);
	bury();
}

static void pass(uint64_t ns)
{
	uint64_t until = w.now + ns;

	while (w.now < until) {
		w.now += 250 * NSEC_PER_MSEC;
		wheel_run(&w.wheel, w.now);
		for (unsigned i = 0; i < SESSIONS; i++) {
			if (!w.session[i].used)
				continue;
			w.session[i].rig.now = w.now;
			wheel_run(&w.session[i].rig.wheel, w.now);
		}
		bury();
	}
}

static void configure(uint8_t bits)
{
	w.port_gone = bits & 1;
	w.room = bits & 2 ? 0 : bits >> 4;
	w.config.accept_any_service = bits & 4;
	w.config.padi_limit = w.config.padr_limit = bits & 8 ? 5 : 0;
}

static void step(uint8_t op, uint8_t arg, struct rd body)
{
	unsigned station = arg % STATIONS, other = arg / STATIONS % STATIONS;
	struct session *s = session_of(other);
	struct pppoe_line line = line_of(station);

	switch (op % 12) {
	case 0:
		keep_others(STATIONS); /* it says itself who it is: nothing is to be kept */
		input(arg & 1, body.p, rd_left(&body));
		bury();
		break;
	case 1:
		send(station, PPPOE_ETH_DISCOVERY, PPPOE_CODE_PADI, 0, &line, body);
		break;
	case 2:
		send(station, PPPOE_ETH_DISCOVERY, PPPOE_CODE_PADR, 0, &line, body);
		break;
	case 3: /* on one's own line, or the other's */
		send(station, PPPOE_ETH_DISCOVERY, PPPOE_CODE_PADT, s ? s->sid : arg,
		     s && arg & 64 ? &s->line : &line, body);
		break;
	case 4:
		send(station, PPPOE_ETH_SESSION, 0, s ? s->sid : arg,
		     s && arg & 64 ? &s->line : &line, body);
		break;
	case 5:
		send_ppp(station, body.p, rd_left(&body));
		break;
	case 6:
		answer(station, arg / STATIONS);
		break;
	case 7:
		respond(station);
		break;
	case 8:
		verdict(arg, rd_u8(&body));
		break;
	case 9:
		command(arg, rd_u8(&body));
		break;
	case 10:
		pass(arg * 100 * NSEC_PER_MSEC);
		break;
	default:
		if (arg & 0x80)
			configure(rd_u8(&body));
		else
			come_up(station);
	}
}

static void begin(void)
{
	memset(&w, 0, offsetof(struct world, session)); /* the rest was left free by end() */
	log_setup(0);
	rig_seed = 88172645463325252ull;
	link_ops = rig_ops;
	link_ops.auth = ask;
	w.now = 1000 * NSEC_PER_SEC;
	w.room = SESSIONS;
	strcpy(w.config.ac_name, "brasberry");
	w.config.services = services;
	w.config.service_count = 1;
	w.config.accept_blank_service = true;
	w.config.max_payload = 1500;
	wheel_init(&w.wheel, w.now);
	check(!pppoe_server_new(&w.server, &w.config, &ops, NULL, &w.wheel));
	check(!pppoe_sids_new(&w.sids, SESSIONS, 3 * NSEC_PER_SEC));
}

/* Everybody is sent home: nobody is left who cannot be. */
static void end(void)
{
	for (unsigned i = 0; i < SESSIONS; i++)
		if (w.session[i].used)
			ppp_link_close(&w.session[i].rig.link, w.now, PPP_CAUSE_ADMIN_REBOOT);
	bury();
	w.room = 0;
	pass(20 * NSEC_PER_SEC);
	check(w.opened == w.ended && !used());
	pppoe_server_free(w.server);
	pppoe_sids_free(w.sids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_init(data, size);

	begin();
	for (unsigned n = 0; rd_left(&in) && n < 100; n++) {
		uint8_t op = rd_u8(&in), arg = rd_u8(&in);
		size_t len = rd_u8(&in);

		step(op, arg, rd_sub(&in, len < rd_left(&in) ? len : rd_left(&in)));
	}
	end();
	return 0;
}
