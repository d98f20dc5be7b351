// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The RADIUS client: its creation and end, and requests from the hand of the daemon until its
 * callback. What lies in between is listed in radius/client.h. Leaves out EAP (an Access-Challenge
 * is a reject), TCP and TLS.
 */
#include "radius/client.h"

#include "base/log.h"

#include <stdio.h>

void radius_random(struct radius_client *c, void *p, size_t len)
{
	if (len > sizeof(c->pool)) {
		c->doors.random(c->doors.arg, p, len);
		return;
	}
	if (len > c->pool_left) {
		c->doors.random(c->doors.arg, c->pool, sizeof(c->pool));
		c->pool_left = sizeof(c->pool);
	}
	memcpy(p, c->pool + sizeof(c->pool) - c->pool_left, len);
	c->pool_left -= len;
}

/* --- creation and end ---------------------------------------------------------------------- */

static void on_kick(struct timer *t, uint64_t now)
{
	struct radius_client *c = container_of(t, struct radius_client, kick);

	radius_access_dispatch(c, now);
	radius_acct_dispatch(c, now);
}

static int copy_config(struct radius_client *c, const struct radius_config *config)
{
	c->config = *config;
	c->config.servers = NULL;
	c->config.nas_identifier = c->config.state_dir = NULL;
	if (!c->config.max_try)
		c->config.max_try = 1;
	if (!c->config.window || c->config.window > RADIUS_IDS)
		c->config.window = c->config.window ? RADIUS_IDS : 1;
	c->identifier = strdup(config->nas_identifier ? config->nas_identifier : "");
	c->server = calloc(config->server_count, sizeof(*c->server));
	if (!c->identifier || !c->server)
		return -ENOMEM;
	c->nas.identifier = c->identifier;
	c->nas.ip4 = config->nas_ip4;
	c->nas.ip6 = config->nas_ip6;
	c->server_count = config->server_count;
	for (unsigned i = 0; i < c->server_count; i++)
		c->server[i].config = config->servers[i];
	for (unsigned i = 0; i < c->server_count; i++)
		for (unsigned kind = 0; kind < RADIUS_KINDS; kind++)
			if (radius_link_init(&c->server[i].link[kind], c, i,
					     (enum radius_kind)kind))
				return -ENOMEM;
	return 0;
}

int radius_engine_new(struct radius_client **ret, struct wheel *wheel, uint64_t now,
		      const struct radius_config *config, const struct radius_doors *doors,
		      char *why, size_t why_len)
{
	struct radius_client *c;
	int rc;

	if (!config->server_count || config->server_count > RADIUS_SERVERS_MAX) {
		snprintf(why, why_len, "between 1 and %d servers are needed", RADIUS_SERVERS_MAX);
		return -EINVAL;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		snprintf(why, why_len, "out of memory");
		return -ENOMEM;
	}
	c->wheel = wheel;
	c->doors = *doors;
	c->doors.close = NULL; /* on failure the doors stay the caller's */
	TAILQ_INIT(&c->again);
	TAILQ_INIT(&c->fresh);
	TAILQ_INIT(&c->ending);
	timer_init(&c->kick, on_kick);
	rc = copy_config(c, config);
	if (rc)
		snprintf(why, why_len, "out of memory");
	if (!rc) {
		rc = radius_acct_init(c);
		if (rc)
			snprintf(why, why_len, "the accounting spool cannot be read: %s",
				 strerror(-rc));
	}
	if (rc) {
		radius_client_free(c);
		return rc;
	}
	c->doors.close = doors->close;
	radius_signers_load(c);
	if (c->acct.records)
		timer_set(wheel, &c->kick, now);
	*ret = c;
	return 0;
}

static void free_queue(struct request_list *q)
{
	struct radius_request *r;

	while ((r = TAILQ_FIRST(q)))
		radius_request_cancel(r);
}

void radius_client_free(struct radius_client *c)
{
	if (!c)
		return;
	c->closing = true;
	if (c->acct.next_seq)
		radius_acct_fini(c);
	for (unsigned i = 0; i < c->server_count; i++)
		for (unsigned kind = 0; kind < RADIUS_KINDS; kind++)
			radius_link_fini(&c->server[i].link[kind]);
	free_queue(&c->again);
	free_queue(&c->fresh);
	free_queue(&c->ending);
	timer_cancel(c->wheel, &c->kick);
	if (c->server)
		explicit_bzero(c->server, c->server_count * sizeof(*c->server));
	free(c->server);
	free(c->identifier);
	if (c->doors.close)
		c->doors.close(c->doors.arg);
	explicit_bzero(c, sizeof(*c));
	free(c);
}

/* --- one request ---------------------------------------------------------------------------- */

void radius_request_list_move(struct radius_request *r, struct request_list *list, bool first)
{
	struct radius_client *c = r->client;

	if (r->list)
		TAILQ_REMOVE(r->list, r, entry);
	if (r->list == &c->fresh)
		c->fresh_count--;
	r->list = list;
	if (list == &c->fresh)
		c->fresh_count++;
	if (list && first)
		TAILQ_INSERT_HEAD(list, r, entry);
	else if (list)
		TAILQ_INSERT_TAIL(list, r, entry);
}

void radius_request_free(struct radius_request *r)
{
	if (!r)
		return;
	if (r->access)
		explicit_bzero(r->access, r->access_len);
	free(r->access);
	free(r->packet);
	free(r);
}

/* The six texts, challenge, response and State that an access request points to. */
#define ACCESS_PARTS 9

static void access_parts(struct radius_access *a, const void **part[ACCESS_PARTS],
			 size_t len[ACCESS_PARTS])
{
	const char **text[] = { &a->line.username,	    &a->line.calling_station_id,
				&a->line.called_station_id, &a->line.nas_port_id,
				&a->line.circuit_id,	    &a->line.remote_id };

	for (unsigned i = 0; i < ARRAY_SIZE(text); i++) {
		part[i] = (const void **)text[i];
		len[i] = *text[i] ? strlen(*text[i]) + 1 : 0;
	}
	part[6] = (const void **)&a->challenge;
	len[6] = a->challenge ? a->challenge_len : 0;
	part[7] = (const void **)&a->response;
	len[7] = a->response ? a->response_len : 0;
	part[8] = (const void **)&a->state;
	len[8] = a->state ? sizeof(*a->state) : 0;
}

/* A copy in one block, with everything that it points to behind it. */
static int access_copy(const struct radius_access *a, struct radius_access **ret, size_t *ret_len)
{
	struct radius_access local = *a, *copy;
	const void **part[ACCESS_PARTS];
	size_t len[ACCESS_PARTS], all = sizeof(*copy);
	uint8_t *p;

	access_parts(&local, part, len);
	for (unsigned i = 0; i < ACCESS_PARTS; i++)
		all += len[i];
	p = malloc(all);
	if (!p)
		return -ENOMEM;
	copy = (struct radius_access *)(void *)p;
	p += sizeof(*copy);
	for (unsigned i = 0; i < ACCESS_PARTS; i++) {
		if (*part[i] && len[i])
			memcpy(p, *part[i], len[i]);
		*part[i] = *part[i] ? p : NULL;
		p += len[i];
	}
	*copy = local;
	*ret = copy;
	*ret_len = all;
	return 0;
}

static int access_new(struct radius_client *c, uint64_t now, const struct radius_access *a,
		      struct radius_request **ret)
{
	struct radius_request *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	if (access_copy(a, &r->access, &r->access_len)) {
		free(r);
		return -ENOMEM;
	}
	r->client = c;
	r->what = REQUEST_ACCESS;
	r->state = REQUEST_QUEUED;
	r->since = now;
	timer_init(&r->timer, radius_request_timer);
	*ret = r;
	return 0;
}

static bool fits(const struct radius_access *a)
{
	return (!a->line.username || strlen(a->line.username) <= RADIUS_TEXT_MAX) &&
	       (a->method != RADIUS_PAP || a->response_len <= RADIUS_PASSWORD_MAX);
}

int radius_access_send(struct radius_client *c, uint64_t now, const struct radius_access *a,
		       void (*done)(void *arg, uint64_t now, const struct radius_reply *reply),
		       void *arg, struct radius_request **ret)
{
	struct radius_request *r;
	struct radius_link *l;
	int rc;

	if (!fits(a))
		return -EMSGSIZE;
	if (c->fresh_count >= c->config.queue_max &&
	    (c->fresh_count || radius_pick(c, RADIUS_AUTH, 0, &l) == PICK_WAIT))
		return -EBUSY;
	rc = access_new(c, now, a, &r);
	if (rc)
		return rc;
	r->done = done;
	r->arg = arg;
	radius_request_list_move(r, &c->fresh, false);
	timer_set(c->wheel, &r->timer, now + c->config.timeout * c->config.max_try);
	if (ret)
		*ret = r;
	radius_access_dispatch(c, now);
	return 0;
}

static void off_everything(struct radius_request *r)
{
	if (r->link) {
		radius_slot_release(r);
		return;
	}
	timer_cancel(r->client->wheel, &r->timer);
	radius_request_list_move(r, NULL, false);
}

void radius_access_done(struct radius_request *r, uint64_t now, const struct radius_reply *reply)
{
	struct radius_client *c = r->client;
	void (*done)(void *arg, uint64_t now, const struct radius_reply *reply) = r->done;
	void *arg = r->arg;

	off_everything(r);
	/* The wait for a window is ours to make shorter; the servers' part is what they can do. */
	radius_pace(c, now - (reply ? r->sent : r->since));
	radius_request_free(r);
	if (!reply) {
		memset(&c->reply, 0, sizeof(c->reply));
		c->reply.verdict = RADIUS_UNREACHABLE;
		reply = &c->reply;
	}
	done(arg, now, reply);
}

void radius_request_cancel(struct radius_request *r)
{
	struct radius_client *c;

	if (!r)
		return;
	c = r->client;
	off_everything(r);
	radius_request_free(r);
	/* There is room for the next one; it goes when the wheel turns. */
	if (!c->closing && (!TAILQ_EMPTY(&c->fresh) || !TAILQ_EMPTY(&c->again)))
		timer_set(c->wheel, &c->kick, 0);
}
