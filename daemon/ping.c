// SPDX-License-Identifier: GPL-2.0-or-later
/* `ping`: an LCP Echo-Request to one line, and its answer when it comes. */
#include "base/json.h"
#include "daemon/daemon.h"
#include "daemon/match.h"

#include <errno.h>

#define PATIENCE (3 * NSEC_PER_SEC)

struct ping {
	struct daemon *d;
	struct control_reply *reply;
	uint32_t slot, generation;
	struct timer timer;
	LIST_ENTRY(ping) link;
};

static void end(void *arg)
{
	struct ping *p = arg;

	timer_cancel(loop_wheel(p->d->loop), &p->timer);
	LIST_REMOVE(p, link);
	free(p);
}

static void on_patience(struct timer *t, uint64_t now)
{
	struct ping *p = container_of(t, struct ping, timer);

	(void)now;
	control_refuse(p->reply, "no answer within %u s", (unsigned)(PATIENCE / NSEC_PER_SEC));
	end(p);
}

static void answer(struct ping *p, const struct session *s, uint32_t rtt)
{
	struct json j = { .out = control_body(p->reply) };

	json_open(&j, NULL, '{');
	json_str(&j, "username", s->username);
	json_u64(&j, "sid", s->sid);
	json_ratio(&j, "rtt-ms", rtt / 1000.0);
	json_close(&j, '}');
	control_done(p->reply);
	end(p);
}

void ping_answered(struct session *s, uint32_t rtt)
{
	struct ping *p = LIST_FIRST(&s->d->pings), *next;

	for (; p; p = next) {
		next = LIST_NEXT(p, link);
		if (p->slot == s->slot && p->generation == s->generation)
			answer(p, s, rtt);
	}
}

void ping_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	uint64_t now = loop_now(d->loop);
	struct session *s;
	struct match m;
	struct ping *p;
	int rc;

	(void)argc;
	if (match_parse(argv[0], &m) || m.kind == MATCH_ALL) {
		control_usage(r, "'%s' is not USER, sid=N, ip=ADDRESS or mac=MAC", argv[0]);
		return;
	}
	s = match_find(d, &m);
	p = s ? calloc(1, sizeof(*p)) : NULL;
	rc = !s ? -ENOENT : !p ? -ENOMEM : ppp_lcp_ping(&s->link, now);
	if (rc) {
		free(p);
		control_refuse(r,
			       rc == -ENOENT	   ? "no session matches '%s'"
			       : rc == -EOPNOTSUPP ? "'%s' has rejected Echo-Requests"
			       : rc == -EAGAIN	   ? "LCP of '%s' is not open"
						   : "'%s': out of memory",
			       argv[0]);
		return;
	}
	p->d = d;
	p->reply = r;
	p->slot = s->slot;
	p->generation = s->generation;
	timer_init(&p->timer, on_patience);
	timer_set(loop_wheel(d->loop), &p->timer, now + PATIENCE);
	LIST_INSERT_HEAD(&d->pings, p, link);
	control_defer(r, end, p);
}
