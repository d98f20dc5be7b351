// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Servers that fall silent, are probed and live again. A server and role is dead after `max_try`
 * timeouts in a row with no answer in between; after `dead_time` Status-Server (RFC 5997) asks for
 * it, a new packet each `timeout` (section 4: never the same one again). One that never answered a
 * Status-Server gets a real request instead, with one try. Any answer that is signed by the secret
 * brings a server back.
 *
 * While no server of a role lives there is nothing that `dead_time` would spare: probes begin at
 * once and go on, so that service is back within `timeout` of the server.
 */
#include "radius/client.h"

#include "base/log.h"

#include <stdio.h>

#define SIGNERS "signers"

static bool any_up(const struct radius_client *c, enum radius_kind kind)
{
	for (unsigned i = 0; i < c->server_count; i++)
		if (c->server[i].link[kind].used && c->server[i].link[kind].state == LINK_UP)
			return true;
	return false;
}

static const char *kind_name(enum radius_kind kind)
{
	return kind == RADIUS_AUTH ? "authentication" : "accounting";
}

static const char *address_of(const struct radius_link *l)
{
	return l->client->server[l->server].config.address;
}

/* --- probes -------------------------------------------------------------------------------- */

static void rest(struct radius_link *l, uint64_t now)
{
	const struct radius_config *config = &l->client->config;

	l->state = LINK_DEAD;
	timer_set(l->client->wheel, &l->timer,
		  now + (any_up(l->client, l->kind) ? config->dead_time : config->timeout));
}

static void probe(struct radius_link *l, uint64_t now)
{
	struct radius_request *r = calloc(1, sizeof(*r));

	if (r) {
		r->client = l->client;
		r->what = REQUEST_PROBE;
		timer_init(&r->timer, radius_request_timer);
	}
	if (!r || radius_transmit(r, l, now)) {
		radius_request_free(r);
		rest(l, now);
		return;
	}
	l->state = LINK_PROBING;
	l->count.probes++;
}

static void on_timer(struct timer *t, uint64_t now)
{
	struct radius_link *l = container_of(t, struct radius_link, timer);

	l->probes = 0;
	probe(l, now);
}

void radius_probe_timeout(struct radius_request *r, uint64_t now)
{
	struct radius_link *l = r->link;

	radius_slot_release(r);
	radius_request_free(r);
	if (l->state != LINK_PROBING)
		return;
	if (++l->probes < l->client->config.max_try) {
		probe(l, now);
	} else if (l->patience) {
		l->patience--;
		rest(l, now);
	} else {
		l->state = LINK_TRIAL;
		radius_dispatch(l->client, l->kind, now);
	}
}

/* --- death and life ------------------------------------------------------------------------ */

static void die(struct radius_link *l, uint64_t now)
{
	struct radius_client *c = l->client;
	struct radius_request *r;

	l->count.deaths++;
	l->silent = 0;
	rest(l, now);
	if (any_up(c, l->kind)) {
		log_warn("radius: %s does not answer (%s), the next server takes over",
			 address_of(l), kind_name(l->kind));
		while ((r = TAILQ_FIRST(&l->flying)))
			radius_request_move(r, now);
		return;
	}
	/* Requests go on trying: there is nowhere to move them. */
	log_error("radius: %s does not answer (%s), and no other server is left", address_of(l),
		  kind_name(l->kind));
	for (unsigned i = 0; i < c->server_count; i++) {
		struct radius_link *o = &c->server[i].link[l->kind];

		if (o->used && o->state == LINK_DEAD)
			timer_set(c->wheel, &o->timer, now);
	}
}

void radius_link_silent(struct radius_link *l, uint64_t now)
{
	if (l->state == LINK_TRIAL)
		rest(l, now);
	else if (l->state == LINK_UP && ++l->silent >= l->client->config.max_try)
		die(l, now);
}

void radius_link_answered(struct radius_link *l, uint64_t now)
{
	l->silent = 0;
	if (l->state != LINK_UP) {
		l->state = LINK_UP;
		timer_cancel(l->client->wheel, &l->timer);
		log_notice("radius: %s answers again (%s)", address_of(l), kind_name(l->kind));
		if (l->kind == RADIUS_ACCT)
			radius_acct_wake_all(l->client);
	}
	radius_dispatch(l->client, l->kind, now);
}

int radius_link_init(struct radius_link *l, struct radius_client *c, unsigned server,
		     enum radius_kind kind)
{
	const struct radius_server_config *config = &c->server[server].config;

	l->client = c;
	l->server = server;
	l->kind = kind;
	l->used = kind == RADIUS_AUTH ? config->auth_port : config->acct_port;
	l->slots = radius_sockets(c->config.window) * RADIUS_IDS;
	TAILQ_INIT(&l->flying);
	timer_init(&l->timer, on_timer);
	if (!l->used)
		return 0;
	l->slot = calloc(l->slots, sizeof(struct radius_request *));
	l->free = calloc(l->slots, sizeof(*l->free));
	if (!l->slot || !l->free)
		return -ENOMEM;
	for (unsigned i = 0; i < l->slots; i++)
		l->free[i] = (uint16_t)i;
	l->free_count = l->slots;
	return 0;
}

void radius_link_fini(struct radius_link *l)
{
	struct radius_request *r;

	if (!l->client)
		return;
	timer_cancel(l->client->wheel, &l->timer);
	for (unsigned i = 0; l->slot && i < l->slots; i++) {
		r = l->slot[i];
		if (r) {
			radius_slot_release(r);
			radius_request_free(r);
		}
	}
	free(l->slot);
	free(l->free);
}

/* --- who signs ----------------------------------------------------------------------------- */

static bool signers_line(const char *line, const struct radius_server_config *config)
{
	char want[IP6_STRLEN + 8];

	snprintf(want, sizeof(want), "%s %u", config->address, (unsigned)config->auth_port);
	return !strcmp(line, want);
}

void radius_signers_load(struct radius_client *c)
{
	const struct radius_store *store = c->doors.store;
	char text[4096], *save = NULL;
	int n = store ? store->read(store->arg, SIGNERS, 0, text, sizeof(text) - 1) : 0;

	text[n > 0 ? n : 0] = '\0';
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		for (unsigned i = 0; i < c->server_count; i++)
			c->server[i].signs |= signers_line(line, &c->server[i].config);
	for (unsigned i = 0; i < c->server_count; i++)
		if (c->config.require_ma == RADIUS_MA_AUTO && !c->server[i].signs &&
		    c->server[i].config.auth_port)
			log_warn("radius: %s has not been seen to sign its replies "
				 "(Message-Authenticator); until it does, they can be forged by "
				 "who sits in between (CVE-2024-3596)",
				 c->server[i].config.address);
}

void radius_signer_add(struct radius_client *c, struct radius_server *s)
{
	const struct radius_store *store = c->doors.store;
	struct sbuf b = { 0 };
	int rc;

	s->signs = true;
	if (c->config.require_ma == RADIUS_MA_AUTO)
		log_notice("radius: %s signs its replies: from now on it must", s->config.address);
	if (!store)
		return;
	for (unsigned i = 0; i < c->server_count; i++)
		if (c->server[i].signs)
			sbuf_printf(&b, "%s %u\n", c->server[i].config.address,
				    (unsigned)c->server[i].config.auth_port);
	rc = b.bad ? -ENOMEM : store->replace(store->arg, SIGNERS, b.p, b.len);
	if (rc)
		log_error("radius: who signs cannot be remembered: %s", strerror(-rc));
	sbuf_fini(&b);
}
