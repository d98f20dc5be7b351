// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets are a session or are refused, with nothing left of them. One that is thawed freezes to
 * what thaws again, lives for a while, and goes without a trace.
 */
#include "daemon/daemon.h"
#include "daemon/freeze.h"
#include "daemon/plan_priv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The clock of the seeds. */
#define NOW (1ull << 62)

/* What freeze.c and table.c ask of files that are not here. */
void acct_resume(struct session *s, uint64_t now, uint64_t at)
{
	(void)s;
	(void)now;
	(void)at;
}

void volume_open(struct session *s)
{
	(void)s;
}

void volume_quota(struct session *s, uint64_t quota)
{
	(void)s;
	(void)quota;
}

void login_free(struct session *s)
{
	struct login *l = s->login;

	if (!l)
		return;
	free(l->name);
	free(l->class);
	free(l->routes4);
	free(l->routes6);
	free(l->state);
	free(l);
	s->login = NULL;
}

struct plan *plan_get(struct session *s)
{
	if (!s->plan)
		s->plan = calloc(1, sizeof(*s->plan));
	return s->plan;
}

void plan_close(struct session *s, uint64_t now)
{
	(void)now;
	if (s->plan)
		free(s->plan->speed.attrs);
	free(s->plan);
	s->plan = NULL;
}

static void transmit(struct ppp_link *l, const uint8_t *frame, size_t len)
{
	(void)l;
	if (len > PPP_FRAME_MAX || !frame)
		abort();
}

static void layer(struct ppp_link *l, uint64_t now, enum ppp_layer which)
{
	(void)l;
	(void)now;
	(void)which;
}

static void finished(struct ppp_link *l, uint64_t now, enum ppp_cause cause)
{
	struct session *s = container_of(l, struct session, link);

	(void)cause;
	ipv6_ra_sender_stop(&s->ra, now, false);
	plan_close(s, now);
	table_remove(s);
}

static uint64_t activity(struct ppp_link *l)
{
	(void)l;
	return 0;
}

static void fixed(void *buf, size_t len)
{
	memset(buf, 0x35, len);
}

static const struct ppp_ops ops = { .transmit = transmit,
				    .up = layer,
				    .down = layer,
				    .finished = finished,
				    .activity = activity,
				    .random = fixed };

static void advertise(struct ipv6_ra_sender *s, uint64_t now, const struct ip6 *dst, bool final)
{
	(void)now;
	if (!s->active || !dst || final)
		abort();
}

static uint32_t random32(void)
{
	return 0x5555;
}

/* A lease's time is over while it lives. */
static void unbind(struct dhcp6_line *line, uint64_t now, const struct dhcp6_binding *b,
		   enum dhcp6_unbind why)
{
	(void)now;
	if (!line || b->prefix.len > 128 || why != DHCP6_UNBIND_EXPIRED)
		abort();
}

static const struct dhcp6_ops dhcp6_ops = { .unbind = unbind };

static void begin(struct daemon *d, struct config *c)
{
	memset(d, 0, sizeof(*d));
	c->pppoe.max_sessions = 2;
	d->config = c;
	d->ppp_config = (struct ppp_config){ .mru = 1492,
					     .auth_count = 1,
					     .restart_timer = 3 * NSEC_PER_SEC,
					     .max_configure = 3,
					     .max_terminate = 2,
					     .echo_interval = 5 * NSEC_PER_SEC,
					     .echo_failure = 2 };
	if (loop_new(&d->loop) || table_setup(d))
		abort();
	wheel_init(loop_wheel(d->loop), NOW);
	d->ppp = (struct ppp_ctx){ &d->ppp_config, &ops, loop_wheel(d->loop), &d->ppp_stats };
	d->ra = (struct ipv6_ra_ctx){ .wheel = loop_wheel(d->loop),
				      .transmit = advertise,
				      .random = random32 };
	d->dhcp6 = (struct dhcp6_ctx){ .wheel = loop_wheel(d->loop),
				       .ops = &dhcp6_ops,
				       .stats = &d->dhcp6_stats };
}

static void live(struct daemon *d, struct session *s)
{
	uint64_t now = NOW;
	uint32_t first = 0;

	ppp_link_input(&s->link, now, (const uint8_t *)"\xc0\x21\x01\x07\x00\x04", 6);
	for (unsigned i = 0; i < 40; i++)
		wheel_run(loop_wheel(d->loop), now += NSEC_PER_SEC);
	while ((s = table_next(d, &first)))
		ppp_link_lost(&s->link, now, PPP_CAUSE_ADMIN_REBOOT);
	wheel_run(loop_wheel(d->loop), now + NSEC_PER_SEC);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct daemon d;
	static struct config config;
	uint8_t buf[SESSION_FROZEN_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct session_frozen f;
	struct session *s = NULL;
	int rc;

	if (!d.loop)
		begin(&d, &config);
	rc = session_frozen_read(data, size, NOW, &f);
	if (!rc != !session_thaw(&d, 1, 7, data, size, NOW, &s) && f.port < ABI_PORTS_MAX)
		abort();
	if (s) {
		if (session_freeze(s, &w) || session_frozen_read(buf, w.len, NOW, &f))
			abort();
		live(&d, s);
	}
	if (d.table.used || loop_wheel(d.loop)->armed || d.table.by_name.used ||
	    d.table.by_sid.used || d.table.by_station.used)
		abort();
	/* Time begins again, and the one slot that was used is free. */
	wheel_init(loop_wheel(d.loop), NOW);
	memset(d.ports, 0, sizeof(d.ports));
	return 0;
}
