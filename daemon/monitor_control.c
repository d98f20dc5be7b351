// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Control frames to readers of streams: discovery, PPP and what else the tap lets through, as they
 * lie on the line; RADIUS as IP and UDP, made up here, for a socket has no headers.
 *
 * Whose a frame is, is not known before the login. What has come until then waits in a memory of
 * fixed size for who follows one user, found again by station and line; the oldest is forgotten. An
 * answer of RADIUS has no name: its request is remembered by ports and identifier.
 */
#include "daemon/monitor_priv.h"

#include "base/json.h"
#include "daemon/mask.h"
#include "daemon/monitor_packet.h"
#include "radius/packet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES	   1024
#define FRAMES_AGE (60 * NSEC_PER_SEC)
#define ASKED	   1024
#define CLAIMS	   256
#define NAME_CAP   MONITOR_NAME_CAP
#define ROOM	   (CONTROL_BUFFER_MAX / 2) /* then a reader loses frames, and stays */

struct waiting_frame {
	uint64_t time;
	struct pppoe_line line;
	struct mac station;
	uint16_t sid;
	bool up;
	uint16_t len;
	uint8_t *data; /* NULL: free */
};

struct asked {
	struct ip6 peer;
	uint16_t peer_port, our_port;
	uint8_t id;
	char user[NAME_CAP];
};

/* Who a station said it is, before or without its login. */
struct claim {
	struct pppoe_line line;
	struct mac station;
	uint16_t sid; /* 0: none */
	char user[NAME_CAP];
};

struct monitor_memory {
	struct waiting_frame frames[FRAMES]; /* a ring */
	unsigned next_frame;
	struct asked asked[ASKED]; /* a ring, too */
	unsigned next_asked;
	struct claim claims[CLAIMS]; /* and so is this */
	unsigned next_claim;
};

int monitor_control_begin(struct daemon *d)
{
	if (!d->monitor_memory)
		d->monitor_memory = calloc(1, sizeof(*d->monitor_memory));
	if (!d->monitor_memory)
		return -ENOMEM;
	d->monitor_controls++;
	return 0;
}

static void forget(struct waiting_frame *f)
{
	if (f->data)
		explicit_bzero(f->data, f->len);
	free(f->data);
	*f = (struct waiting_frame){ 0 };
}

void monitor_control_end(struct daemon *d)
{
	if (--d->monitor_controls)
		return;
	for (unsigned i = 0; i < FRAMES; i++)
		forget(&d->monitor_memory->frames[i]);
	free(d->monitor_memory);
	d->monitor_memory = NULL;
}

/* --- to a reader -------------------------------------------------------------------------------
 */

/* A frame as it is told. */
struct told {
	const char *kind; /* "pppoe" or "radius" */
	uint64_t time;
	bool in;
	const char *user; /* NULL: not known */
	uint16_t sid;
	const uint8_t *data;
	size_t len;
	bool masked; /* already */
};

static bool wants_control(const struct monitor *m)
{
	return m && m->control;
}

static void put_hex(struct sbuf *out, const uint8_t *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * 64];

	while (len) {
		size_t n = len < 64 ? len : 64;

		for (size_t i = 0; i < n; i++) {
			text[2 * i] = digits[p[i] >> 4];
			text[2 * i + 1] = digits[p[i] & 15];
		}
		sbuf_append(out, text, 2 * n);
		p += n;
		len -= n;
	}
}

static void put_lost(struct monitor *m, struct sbuf *out)
{
	struct json j = { .out = out };

	if (m->control_lost == m->control_told)
		return;
	json_open(&j, NULL, '{');
	json_u64(&j, "lost", m->control_lost - m->control_told);
	json_close(&j, '}');
	sbuf_append(out, "\n", 1);
	m->control_told = m->control_lost;
}

static void tell(struct monitor *m, const struct told *t)
{
	struct sbuf *out = control_body(m->reply);
	uint8_t copy[RADIUS_PACKET_MAX + MONITOR_HEADERS_MAX];
	struct json j = { .out = out };

	if (t->len > sizeof(copy) || control_waiting(m->reply) + 2 * t->len > ROOM) {
		m->control_lost++;
		return;
	}
	memcpy(copy, t->data, t->len);
	if (!m->secrets && !t->masked)
		mask_frame(copy, t->len);
	put_lost(m, out);
	json_open(&j, NULL, '{');
	json_str(&j, "control", t->kind);
	json_u64(&j, "time", t->time);
	json_bool(&j, "in", t->in);
	json_str(&j, "username", t->user);
	json_u64(&j, "sid", t->sid);
	sbuf_printf(out, ",\"data\":\""); /* hex needs no escapes */
	put_hex(out, copy, t->len);
	sbuf_printf(out, "\"");
	json_close(&j, '}');
	sbuf_append(out, "\n", 1);
	explicit_bzero(copy, t->len);
	m->control_sent++;
	control_push(m->reply);
}

/* --- frames of lines ---------------------------------------------------------------------------
 */

static bool same_line(const struct pppoe_line *a, const struct pppoe_line *b)
{
	return a->port == b->port && a->svlan == b->svlan && a->cvlan == b->cvlan;
}

static void keep(struct daemon *d, const struct waiting_frame *f, const uint8_t *data)
{
	struct monitor_memory *mem = d->monitor_memory;
	struct waiting_frame *at = &mem->frames[mem->next_frame++ % FRAMES];
	uint8_t *copy = malloc(f->len);

	forget(at);
	if (!copy)
		return;
	memcpy(copy, data, f->len);
	*at = *f;
	at->data = copy;
}

static struct told told_of(const struct waiting_frame *f, const char *user)
{
	return (struct told){ .kind = "pppoe",
			      .time = f->time,
			      .in = f->up,
			      .user = user,
			      .sid = f->sid,
			      .data = f->data,
			      .len = f->len };
}

/* What came before the name was known, in its order. */
static void release(struct daemon *d, struct monitor *m, const struct waiting_frame *now)
{
	struct monitor_memory *mem = d->monitor_memory;

	for (unsigned i = 0; i < FRAMES; i++) {
		struct waiting_frame *f = &mem->frames[(mem->next_frame + i) % FRAMES];
		struct told t;

		if (!f->data || !mac_equal(&f->station, &now->station) ||
		    !same_line(&f->line, &now->line))
			continue;
		t = told_of(f, m->user);
		if (f->time + FRAMES_AGE > now->time)
			tell(m, &t);
	}
}

/* They have been told to all who want them. */
static void released(struct daemon *d, const struct waiting_frame *now)
{
	for (unsigned i = 0; i < FRAMES; i++) {
		struct waiting_frame *f = &d->monitor_memory->frames[i];

		if (f->data && mac_equal(&f->station, &now->station) &&
		    same_line(&f->line, &now->line))
			forget(f);
	}
}

static const char *claimed(struct daemon *d, const struct pppoe_frame *f,
			   const struct waiting_frame *now)
{
	struct monitor_memory *mem = d->monitor_memory;
	struct claim *c = &mem->claims[mem->next_claim % CLAIMS];
	char user[NAME_CAP];

	if (!f->sid || f->ethertype != PPPOE_ETH_SESSION)
		return NULL;
	if (now->up && monitor_claim(f, user)) {
		*c = (struct claim){ f->line, now->station, f->sid, { 0 } };
		memcpy(c->user, user, sizeof(user));
		mem->next_claim++;
		return c->user;
	}
	for (unsigned i = 0; i < CLAIMS; i++) {
		c = &mem->claims[(mem->next_claim - 1 - i) % CLAIMS];
		if (c->sid == f->sid && mac_equal(&c->station, &now->station) &&
		    same_line(&c->line, &now->line))
			return c->user;
	}
	return NULL;
}

void monitor_frame(struct daemon *d, uint16_t port, bool up, const uint8_t *frame, size_t len)
{
	struct pppoe_frame f;
	struct waiting_frame now;
	struct session *s;
	const char *user;
	struct told t;
	bool named = false, others = false;

	if (len > PPPOE_FRAME_MAX || pppoe_frame_parse(port, frame, len, &f))
		return;
	s = f.sid ? table_by_sid(d, &f.line, f.sid) : NULL;
	now = (struct waiting_frame){ .time = loop_now(d->loop),
				      .line = f.line,
				      .station = up ? f.src : f.dst,
				      .sid = f.sid,
				      .up = up,
				      .len = (uint16_t)len,
				      .data = (uint8_t *)frame };
	user = s && s->username ? s->username : claimed(d, &f, &now);
	t = told_of(&now, user);
	for (unsigned i = 0; i < ABI_STREAMS; i++) {
		struct monitor *m = d->monitors[i];

		if (!wants_control(m))
			continue;
		others |= m->user != NULL;
		if (m->user && (!user || strcmp(m->user, user) != 0))
			continue;
		if (m->user)
			release(d, m, &now);
		named |= m->user != NULL;
		tell(m, &t);
	}
	if (named)
		released(d, &now);
	if (!user && others)
		keep(d, &now, frame);
}

/* --- RADIUS ------------------------------------------------------------------------------------
 */

/* The name of a request, which is remembered, or of the request that this answers. */
static const char *radius_user(struct daemon *d, const struct radius_datagram *g,
			       char name[NAME_CAP])
{
	struct monitor_memory *mem = d->monitor_memory;
	struct asked *a = &mem->asked[mem->next_asked % ASKED];
	const struct ip6 *peer = g->sent ? &g->to : &g->from;
	uint16_t peer_port = g->sent ? g->to_port : g->from_port;
	uint16_t our_port = g->sent ? g->from_port : g->to_port;

	if (monitor_radius_user(g->p, g->len, name)) {
		*a = (struct asked){ *peer, peer_port, our_port, g->p[1], { 0 } };
		memcpy(a->user, name, NAME_CAP);
		mem->next_asked++;
		return name;
	}
	for (unsigned i = 0; i < ASKED; i++) { /* the latest first: identifiers come again */
		a = &mem->asked[(mem->next_asked - 1 - i) % ASKED];
		if (*a->user && a->id == g->p[1] && a->peer_port == peer_port &&
		    a->our_port == our_port && !memcmp(&a->peer, peer, sizeof(*peer)))
			return a->user;
	}
	return NULL;
}

static bool follows(const struct monitor *m, bool secrets, const char *user)
{
	return wants_control(m) && m->secrets == secrets &&
	       (!m->user || (user && !strcmp(m->user, user)));
}

/* Readers that may see secrets, or those that may not. Masked first, for UDP's sum would tell. */
static void radius_to(struct daemon *d, const struct radius_datagram *g, const char *user,
		      bool secrets)
{
	uint8_t copy[RADIUS_PACKET_MAX], packet[RADIUS_PACKET_MAX + MONITOR_HEADERS_MAX];
	struct radius_datagram shown = *g;
	struct told t = { .kind = "radius",
			  .time = loop_now(d->loop),
			  .in = !g->sent,
			  .user = user,
			  .data = packet,
			  .masked = true };
	int n;

	memcpy(copy, g->p, g->len);
	if (!secrets)
		mask_radius(copy, g->len);
	shown.p = copy;
	n = monitor_radius_packet(&shown, packet, sizeof(packet));
	t.len = n < 0 ? 0 : (size_t)n;
	for (unsigned i = 0; i < ABI_STREAMS && n > 0; i++)
		if (follows(d->monitors[i], secrets, user))
			tell(d->monitors[i], &t);
	explicit_bzero(copy, sizeof(copy));
	explicit_bzero(packet, sizeof(packet));
}

void monitor_radius(void *daemon, const struct radius_datagram *g)
{
	struct daemon *d = daemon;
	const char *user;
	char name[NAME_CAP];

	if (!d->monitor_controls || g->len < 2 || g->len > RADIUS_PACKET_MAX)
		return;
	user = radius_user(d, g, name);
	radius_to(d, g, user, false);
	radius_to(d, g, user, true);
}
