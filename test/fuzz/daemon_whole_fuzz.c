// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All of the daemon's input, into one state: frames of eight stations on two ports and two lines,
 * RADIUS replies, dynamic authorization, the control socket, time, and the record, through which
 * the daemon's sessions go on in the next one whenever the input says so. daemon_input_fuzz has
 * discovery and links alone, and looks closer at them; here they are the daemon's own sessions
 * (session.c, login.c, grant.c, dhcp.c, acct.c, dae.c, command.c, freeze.c, adopt.c, ...).
 *
 * Besides what a sanitizer sees: a frame goes to the session's own subscriber; a frame of one
 * station changes no other's link; lines of the log and of answers have no control characters in
 * them; every change that was asked for is answered once; a session that the record has goes on
 * after a restart unless its octets were touched; in the end every session that was opened has
 * ended, and no address, timer, client or index entry is left.
 */
#include "test/fuzz/daemon_whole_world.h"

#include "ipv6/checksum.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- subscribers --------------------------------------------------------------------------------
 */

/* Of a link, what no other's frame may change. */
struct look {
	uint32_t slot, generation, has;
	uint8_t state, phase, up, fsm[PPP_LAYERS], id[PPP_LAYERS], auth;
	uint32_t magic, peer_magic, ip4;
	uint64_t deadline;
};
static struct look kept[SESSIONS];
static unsigned kept_count;

static struct look look_at(const struct session *s)
{
	const struct ppp_link *l = &s->link;
	struct look k;

	memset(&k, 0, sizeof(k)); /* it is compared as octets */
	k.slot = s->slot;
	k.generation = s->generation;
	k.has = s->has;
	k.state = s->state;
	k.phase = l->phase;
	k.up = l->up;
	for (unsigned i = 0; i < PPP_LAYERS; i++) {
		k.fsm[i] = l->fsm[i].state;
		k.id[i] = l->fsm[i].req_id;
	}
	k.auth = l->auth.state;
	k.magic = l->lcp.magic;
	k.peer_magic = l->lcp.peer_magic;
	k.ip4 = l->ip4;
	k.deadline = l->session_deadline;
	return k;
}

static void keep_others(unsigned station)
{
	struct mac m = mac_of(station);
	struct session *s;

	kept_count = 0;
	for (uint32_t i = 0; (s = table_next(&w.d, &i));)
		if (!mac_equal(&s->mac, &m))
			kept[kept_count++] = look_at(s);
}

static void check_others(void)
{
	for (unsigned i = 0; i < kept_count; i++) {
		struct look now = look_at(&w.d.table.sessions[kept[i].slot]);

		check(!memcmp(&now, &kept[i], sizeof(now)));
	}
}

static void input(uint16_t port, const uint8_t *frame, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1); /* so that a read beyond the frame is seen */

	memcpy(exact, frame, len);
	session_input(&w.d.ports[port], w.now, exact, len);
	free(exact);
}

/* The session that this station has had the longest; NULL: none. */
static struct session *session_of(unsigned station)
{
	struct mac m = mac_of(station);
	struct session *s;

	for (uint32_t i = 0; (s = table_next(&w.d, &i));)
		if (s->state != SESSION_DEAD && mac_equal(&s->mac, &m))
			return s;
	return NULL;
}

static void send_frame(unsigned station, uint16_t ethertype, uint8_t code, uint16_t sid,
		       const struct pppoe_line *line, struct rd body)
{
	uint8_t buf[PPPOE_FRAME_MAX];
	int len = station_frame(buf, station, &w.d.ports[line->port].link.mac, ethertype, code, sid,
				line, &w.ear[station].cookie, body);

	if (len < 0)
		return;
	keep_others(station);
	input(line->port, buf, (size_t)len);
	check_others();
}

static void send_ppp(unsigned station, const uint8_t *p, size_t len)
{
	struct session *s = session_of(station);

	if (s)
		send_frame(station, PPPOE_ETH_SESSION, 0, s->sid, &s->line, rd_init(p, len));
}

static void dial(unsigned station, struct rd tags)
{
	struct pppoe_line line = line_of(station);

	send_frame(station, PPPOE_ETH_DISCOVERY, PPPOE_CODE_PADI, 0, &line, tags);
	send_frame(station, PPPOE_ETH_DISCOVERY, PPPOE_CODE_PADR, 0, &line, tags);
}

/* Answers our last request of a layer: by an Ack, a Nak or a Reject of all of it. */
static void answer(unsigned station, uint8_t which)
{
	struct station_ear *e = &w.ear[station];
	uint8_t frame[64];

	memcpy(frame, e->request[which % 3], sizeof(frame));
	frame[2] = (uint8_t)(PPP_CONF_ACK + which / 3 % 3);
	if (e->request_len[which % 3])
		send_ppp(station, frame, e->request_len[which % 3]);
}

/* What the server that we fake does not look at; `name` is one letter. */
static void respond(unsigned station, uint8_t name)
{
	uint8_t f[] = { 0xc2, 0x23, 2, w.ear[station].challenge_id, 0, 22, 16, [23] = name };

	send_ppp(station, f, sizeof(f));
}

/* A packet of IPv6 to all routers, or to all DHCP servers, whose checksum is right. */
static void send_ip6(unsigned station, bool dhcp, struct rd body)
{
	static const struct ip6 to[] = { { { 0xff, 2, [15] = 2 } },
					 { { 0xff, 2, [13] = 1, [15] = 2 } } };
	struct ip6 from = { { 0xfe, 0x80, [15] = (uint8_t)(16 + station) } };
	uint8_t buf[PPP_FRAME_MAX];
	struct wr out = wr_init(buf, sizeof(buf));
	size_t len = rd_left(&body), at;
	uint16_t sum;

	wr_be16(&out, PPP_IPV6);
	wr_be32(&out, 0x60000000);
	wr_be16(&out, (uint16_t)(len + (dhcp ? 8 : 4)));
	wr_u8(&out, dhcp ? 17 : 58);
	wr_u8(&out, dhcp ? 1 : 255);
	wr_bytes(&out, from.b, 16);
	wr_bytes(&out, to[dhcp].b, 16);
	at = out.len;
	if (dhcp) {
		wr_be32(&out, 546u << 16 | 547);
		wr_be32(&out, (uint32_t)(len + 8) << 16);
	} else {
		wr_be32(&out, 133u << 24); /* Router Solicitation */
	}
	wr_bytes(&out, rd_bytes(&body, len), len);
	if (out.bad)
		return;
	sum = ipv6_checksum(&from, &to[dhcp], dhcp ? 17 : 58, buf + at, out.len - at);
	wr_patch_be16(&out, at + (dhcp ? 6 : 2), sum ? sum : 0xffff);
	send_ppp(station, buf, out.len);
}

/* --- servers ------------------------------------------------------------------------------------
 */

static const struct fake_sent *sent_before(uint8_t v)
{
	unsigned n = w.radius.sent_count < FAKE_SENT ? w.radius.sent_count : FAKE_SENT;

	return n ? &w.radius.sent[(w.radius.sent_count - 1 - v % n) % FAKE_SENT] : NULL;
}

/* A signed answer with these attributes; or its octets, as they are. */
static void radius_answer(uint8_t v, uint8_t how, struct rd attrs)
{
	static const uint8_t codes[] = { 2, 3, 5, 11 };
	const struct fake_sent *s = sent_before(v);
	uint8_t buf[RADIUS_PACKET_MAX];
	struct fake_sent copy;
	struct wr out;
	int len;

	if (!s)
		return;
	copy = *s;
	if (how & 4) {
		fake_input(&w.radius, &copy, attrs.p, rd_left(&attrs));
		return;
	}
	radius_begin(&out, buf,
		     copy.kind == RADIUS_ACCT ? RADIUS_ACCOUNTING_RESPONSE
					      : (enum radius_code)codes[how & 3],
		     copy.p[1], copy.p + 4, copy.kind == RADIUS_AUTH && !(how & 8));
	wr_bytes(&out, attrs.p, rd_left(&attrs));
	len = radius_finish_reply(&out, w.radius.servers[copy.server].secret, copy.p + 4);
	if (len > 0)
		fake_input(&w.radius, &copy, buf, (size_t)len);
}

static void dae_input(const uint8_t *p, size_t len)
{
	const struct radius_dae_stats *t = radius_dae_core_stats(w.dae.core);
	uint64_t asked = t->coa_requests + t->disconnect_requests + t->duplicates;
	unsigned answers = w.dae_answers;
	uint8_t *exact = malloc(len ? len : 1);

	if (len)
		memcpy(exact, p, len);
	radius_dae_core_input(w.dae.core, w.now, WALL + (w.now - START) / NSEC_PER_SEC, &w.asker,
			      exact, len);
	free(exact);
	asked = t->coa_requests + t->disconnect_requests + t->duplicates - asked;
	check(asked <= 1 && w.dae_answers - answers == asked); /* without a shaper nothing waits */
}

/* For a session, by its id or by its name, or for whom the attributes say. */
static void change(uint8_t n, uint8_t how, struct rd attrs)
{
	static const uint8_t no_auth[RADIUS_AUTH_LEN];
	struct session *s = session_of(n % STATIONS);
	char id[RADIUS_ACCT_ID_LEN + 1];
	struct wr out;
	int len;

	if (how & 16) { /* the last one once more, or octets as they are */
		if (how & 1)
			dae_input(w.last, w.last_len);
		else
			dae_input(attrs.p, rd_left(&attrs));
		return;
	}
	radius_begin(&out, w.last, how & 1 ? RADIUS_COA_REQUEST : RADIUS_DISCONNECT_REQUEST, n,
		     no_auth, how & 2);
	snprintf(id, sizeof(id), "%016llx", s ? (unsigned long long)s->acct_id : n);
	if (how & 4)
		radius_put_text(&out, 44, id);
	if (how & 8 && s && s->username && strlen(s->username) <= RADIUS_TEXT_MAX)
		radius_put_text(&out, 1, s->username);
	wr_bytes(&out, attrs.p, rd_left(&attrs));
	len = radius_finish_request(&out, "secret-3");
	w.last_len = len > 0 ? (size_t)len : 0;
	if (len > 0)
		dae_input(w.last, w.last_len);
}

/* --- the operator -------------------------------------------------------------------------------
 */

static struct loop_io *client_io(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(ios); i++)
		if (ios[i].used && ios[i].fd == -3)
			return &ios[i];
	return NULL;
}

static void control(struct rd line)
{
	struct loop_io *io;

	client.said = line;
	client.gone = false;
	check(!control_attach(w.d.control, -3, TREE_ADMIN, "fuzz"));
	for (unsigned i = 0; i < 200 && (io = client_io()); i++) {
		bool read = io->events & LOOP_READ && rd_left(&client.said);

		if (!read && !(io->events & LOOP_WRITE))
			break;
		io->fn(io->arg, w.now, read ? LOOP_READ : LOOP_WRITE);
	}
	client.gone = true; /* whoever still has it: he goes away */
	for (unsigned i = 0; i < 3 && (io = client_io()); i++)
		io->fn(io->arg, w.now, LOOP_READ);
	check(!client_io());
}

static void command(uint8_t which, unsigned station)
{
	static const char *const commands[] = {
		"show sessions",
		"show stat",
		"show radius",
		"show pools",
		"show counters",
		"show health",
		"pppoe interface show",
		"show drops",
		"terminate all",
		"config show",
		"show debug",
		"drain",
		"drain off",
		"pppoe mac-filter show",
	};
	static const char *const of_one[] = { "terminate", "clear counters", "debug", "ping" };
	struct session *s = session_of(station);
	char line[80];

	if (which & 0x80)
		snprintf(line, sizeof(line), "%s sid=%u\n", of_one[which % ARRAY_SIZE(of_one)],
			 s ? s->sid : 1);
	else
		snprintf(line, sizeof(line), "%s\n", commands[which % ARRAY_SIZE(commands)]);
	control(rd_init((const uint8_t *)line, strlen(line)));
}

/* --- the next process ---------------------------------------------------------------------------
 */

/* Those that are in the record, and go on. */
static unsigned open_sessions(void)
{
	struct session *s;
	unsigned n = 0;

	for (uint32_t i = 0; (s = table_next(&w.d, &i));)
		n += s->opened && s->state == SESSION_OPEN;
	return n;
}

/* @at: an octet of the record that somebody has changed meanwhile, where it is not 0. */
static void restart(uint16_t at, uint8_t with)
{
	unsigned open = open_sessions(), all;

	daemon_ends(true);
	all = disk.len > RECORD_CELLS_AT ? (unsigned)(disk.len - RECORD_CELLS_AT) : 0;
	if (at && all)
		disk.p[RECORD_CELLS_AT + at % all] ^= with;
	daemon_begins();
	check(at || w.d.stats.sessions_adopted >= open);
	w.leave = false;
}

static void configure(uint8_t bits)
{
	w.d.draining = bits & 1;
	w.d.ports[2].leaving = bits & 2;
	w.d.pppoe_config.accept_any_service = bits & 4;
	w.d.pppoe_config.padi_limit = w.d.pppoe_config.padr_limit = bits & 8 ? 5 : 0;
	w.radius.append_rc = bits & 16 ? -ENOSPC : 0;
	w.radius.send_rc = bits & 32 ? -EAGAIN : 0;
}

/* As an honest client and an honest server do all of it. */
static void come_up(unsigned station)
{
	static const uint8_t lcp[] = { 0xc0, 0x21, 1, 7, 0, 4 };
	uint8_t ipcp[] = { 0x80, 0x21, 1, 8, 0, 10, 3, 6, 0, 0, 0, 0 };
	static const uint8_t ipv6cp[] = { 0x80, 0x57, 1, 8, 0, 14, 1, 10, 0, 0, 0, 0, 0, 0, 0, 9 };

	dial(station, rd_init(NULL, 0));
	send_ppp(station, lcp, sizeof(lcp));
	answer(station, 0);
	respond(station, (uint8_t)('a' + station));
	radius_answer(0, 0, rd_init(NULL, 0));
	send_ppp(station, ipcp, sizeof(ipcp));
	memcpy(ipcp + 8, w.ear[station].address, sizeof(w.ear[station].address));
	send_ppp(station, ipcp, sizeof(ipcp));
	answer(station, 1);
	send_ppp(station, ipv6cp, sizeof(ipv6cp));
	answer(station, 2);
}

static void of_subscriber(uint8_t op, uint8_t arg, struct rd body)
{
	unsigned station = arg % STATIONS;
	struct session *other = session_of(arg / STATIONS % STATIONS);
	struct pppoe_line own = line_of(station);
	const struct pppoe_line *line = other && arg & 64 ? &other->line : &own;

	switch (op) {
	case 0:
		input(1 + (arg & 1), body.p, rd_left(&body));
		break;
	case 1:
		send_frame(station, PPPOE_ETH_DISCOVERY, PPPOE_CODE_PADI, 0, &own, body);
		break;
	case 2:
		send_frame(station, PPPOE_ETH_DISCOVERY, PPPOE_CODE_PADR, 0, &own, body);
		break;
	case 3:
		send_frame(station, PPPOE_ETH_DISCOVERY, PPPOE_CODE_PADT, other ? other->sid : arg,
			   line, body);
		break;
	case 4:
		send_frame(station, PPPOE_ETH_SESSION, 0, other ? other->sid : arg, line, body);
		break;
	case 5:
		send_ppp(station, body.p, rd_left(&body));
		break;
	case 6:
		answer(station, arg / STATIONS);
		break;
	case 7:
		respond(station, rd_u8(&body));
		break;
	case 8:
		send_ip6(station, arg & 8, body);
		break;
	default:
		come_up(station);
	}
}

static void of_elsewhere(uint8_t op, uint8_t arg, struct rd body)
{
	uint16_t at;

	switch (op) {
	case 0:
		radius_answer(arg, rd_u8(&body), body);
		break;
	case 1:
		change(arg, rd_u8(&body), body);
		break;
	case 2:
		control(body);
		break;
	case 3:
		command(arg, rd_u8(&body) % STATIONS);
		break;
	case 4:
		pass(arg * 100 * NSEC_PER_MSEC);
		break;
	case 5:
		configure(arg);
		break;
	default:
		at = arg & 1 ? rd_be16(&body) : 0;
		restart(at, rd_u8(&body));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_init(data, size);

	world_begins();
	for (unsigned n = 0; rd_left(&in) && n < 60; n++) {
		uint8_t op = rd_u8(&in), arg = rd_u8(&in);
		size_t len = rd_u8(&in);
		struct rd body = rd_sub(&in, len < rd_left(&in) ? len : rd_left(&in));

		if (op % 17 < 10)
			of_subscriber(op % 17, arg, body);
		else
			of_elsewhere(op % 17 - 10, arg, body);
		if (w.leave)
			restart(0, 0);
	}
	world_ends();
	return 0;
}
