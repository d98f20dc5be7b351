// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The spool against the sessions. A Start and a Stop are in the spool before the record of the
 * sessions says so, so after a crash between the two the spool knows better:
 *
 *	a Stop of a session that lives		the line had been ended: it is; or its record had
 *						been closed for the next one: that one begins
 *	a Start, and the session says none	it is on its way
 *	no Stop, and no session			nobody else will ever send one
 */
#include "daemon/check.h"

#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/keep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What is to be done, for after the list has been read: doing it changes the list. */
struct action {
	struct session *s; /* NULL: the session is gone */
	char session[RADIUS_ACCT_ID_LEN + 1];
	bool end, roll;
	struct abi_counters stopped; /* figures of its Stop */
};

struct living {
	uint64_t acct_id;
	uint32_t slot;
};

struct spool {
	struct daemon *d;
	struct check_report *report;
	struct living *living;
	size_t living_count;
	struct action *actions;
	size_t count, room;
	bool no_memory;
};

static int by_id(const void *pa, const void *pb)
{
	uint64_t a = ((const struct living *)pa)->acct_id, b = ((const struct living *)pb)->acct_id;

	return a < b ? -1 : a > b;
}

static struct session *find(struct spool *sp, const char *session)
{
	struct living key, *l;
	char *end;

	key.acct_id = strtoull(session, &end, 16);
	if (*end || !*session || !sp->living_count)
		return NULL;
	l = bsearch(&key, sp->living, sp->living_count, sizeof(key), by_id);
	return l ? &sp->d->table.sessions[l->slot] : NULL;
}

static void add(struct spool *sp, const struct action *a)
{
	if (sp->count == sp->room) {
		size_t room = sp->room ? 2 * sp->room : 16;
		struct action *more = realloc(sp->actions, room * sizeof(*more));

		if (!more) {
			sp->no_memory = true;
			return;
		}
		sp->actions = more;
		sp->room = room;
	}
	sp->actions[sp->count++] = *a;
}

static void counters_of(const struct radius_record *r, struct abi_counters *c)
{
	*c = (struct abi_counters){
		.rx4_packets = r->rx4_packets,
		.rx4_bytes = r->rx4_bytes,
		.rx6_packets = r->rx6_packets,
		.rx6_bytes = r->rx6_bytes,
		.tx4_packets = r->tx4_packets,
		.tx4_bytes = r->tx4_bytes,
		.tx6_packets = r->tx6_packets,
		.tx6_bytes = r->tx6_bytes,
	};
}

static void on_waiting(void *arg, const struct radius_waiting *w)
{
	struct spool *sp = arg;
	struct session *s = find(sp, w->session);
	struct action a = { .s = s };
	const char *what = NULL;
	char which[64];

	memcpy(a.session, w->session, sizeof(a.session));
	if (!s && !w->stop)
		what = "it has no Stop, and its line is gone";
	else if (s && w->stop && w->stop->cause == RADIUS_NAS_REQUEST)
		what = "its record is closed, and the next one has not begun";
	else if (s && w->stop)
		what = "its Stop is sent, and its line is there";
	else if (s && w->has_start && !(s->has & SESSION_HAS_START))
		what = "its Start is sent, and its line knows of none";
	if (!what)
		return;
	a.roll = s && w->stop && w->stop->cause == RADIUS_NAS_REQUEST;
	a.end = s && w->stop && !a.roll;
	if (a.roll)
		counters_of(w->stop, &a.stopped);
	snprintf(which, sizeof(which), "spool: session %s", w->session);
	check_found(sp->report, which, what);
	if (sp->report->repair)
		add(sp, &a);
}

static void act(struct daemon *d, const struct action *a, uint64_t now)
{
	enum radius_terminate cause = d->adopting ? RADIUS_NAS_ERROR : RADIUS_NAS_REBOOT;

	if (!a->s) {
		(void)radius_account_close(d->radius, now, a->session, cause, (uint64_t)time(NULL));
	} else if (a->end) {
		a->s->has |= SESSION_STOPPED;
		session_finish(a->s, now, PPP_CAUSE_NAS_ERROR);
	} else if (a->roll) {
		acct_rolled(a->s, now, &a->stopped);
	} else {
		acct_begun(a->s);
	}
}

static void on_damage(void *arg, const char *what)
{
	struct spool *sp = arg;

	/* Nothing can be done about it here, whatever is to be repaired. */
	sp->report->found++;
	sbuf_printf(sp->report->text, "spool: %s\n", what);
}

static int read_living(struct spool *sp)
{
	struct daemon *d = sp->d;
	struct session *s;

	sp->living = calloc(d->table.used + 1, sizeof(*sp->living));
	if (!sp->living)
		return -ENOMEM;
	for (uint32_t i = 0; (s = table_next(d, &i));)
		if (sp->living_count < d->table.used)
			sp->living[sp->living_count++] = (struct living){ s->acct_id, s->slot };
	if (sp->living_count)
		qsort(sp->living, sp->living_count, sizeof(*sp->living), by_id);
	return 0;
}

int check_spool(struct daemon *d, struct check_report *report)
{
	struct spool sp = { .d = d, .report = report };
	int rc = d->radius ? read_living(&sp) : 0;

	if (d->radius) {
		rc = rc ? rc : radius_waiting(d->radius, on_waiting, &sp);
		radius_spool_damage(d->radius, on_damage, &sp);
	}
	for (size_t i = 0; i < sp.count; i++)
		act(d, &sp.actions[i], loop_now(d->loop));
	free(sp.living);
	free(sp.actions);
	return rc ? rc : sp.no_memory ? -ENOMEM : 0;
}

void check_spool_fresh(struct daemon *d)
{
	struct sbuf text = { 0 };
	struct check_report report = { .repair = true, .text = &text };

	(void)check_spool(d, &report);
	log_lines(LOG_LEVEL_NOTICE, text.p);
	sbuf_fini(&text);
}
