// SPDX-License-Identifier: GPL-2.0-or-later
/* What waits in the spool, by session: for who has to tell whether each session's records are whole
 * after a crash. */
#include "radius/client.h"

struct all {
	struct radius_rec **list;
	size_t count;
};

static void take_list(struct all *all, struct radius_rec_list *from);

static void take(struct all *all, struct radius_rec *rec)
{
	if (rec->status != RADIUS_ON && rec->status != RADIUS_OFF)
		all->list[all->count++] = rec;
	take_list(all, &rec->parked);
}

static void take_list(struct all *all, struct radius_rec_list *from)
{
	struct radius_rec *rec;

	TAILQ_FOREACH(rec, from, entry)
		take(all, rec);
}

static int by_session(const void *pa, const void *pb)
{
	const struct radius_rec *a = *(struct radius_rec *const *)pa;
	const struct radius_rec *b = *(struct radius_rec *const *)pb;
	int order = strcmp(a->session, b->session);

	return order ? order : a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* Each is in `waiting`, on its way, asleep, or parked behind one of those: all that are busy. */
static int collect(struct radius_client *c, struct all *all)
{
	struct radius_acct *a = &c->acct;
	struct radius_rec *rec;

	all->list = calloc(a->records + 1, sizeof(struct radius_rec *));
	if (!all->list)
		return -ENOMEM;
	take_list(all, &a->waiting);
	for (unsigned i = 0; i < RADIUS_BUSY_BUCKETS; i++)
		LIST_FOREACH(rec, &a->busy[i], busy_entry)
			take(all, rec);
	if (all->count)
		qsort(all->list, all->count, sizeof(struct radius_rec *), by_session);
	return 0;
}

/* Of one session: list[i] up to list[end]. */
static void tell(struct radius_client *c, const struct all *all, size_t i, size_t end,
		 void (*fn)(void *arg, const struct radius_waiting *w), void *arg)
{
	struct radius_waiting w = { 0 };
	struct radius_record_room room;
	struct radius_record r;

	memcpy(w.session, all->list[i]->session, sizeof(w.session));
	for (; i < end; i++) {
		const struct radius_rec *rec = all->list[i];

		w.has_start = w.has_start || rec->status == RADIUS_START;
		if (rec->status != RADIUS_STOP)
			continue;
		if (radius_acct_record(c, rec, &r,
				       &room)) /* it cannot be read any more, and was there */
			r = (struct radius_record){ .status = RADIUS_STOP };
		w.stop = &r;
	}
	fn(arg, &w);
}

int radius_waiting(struct radius_client *c, void (*fn)(void *arg, const struct radius_waiting *w),
		   void *arg)
{
	struct all all = { 0 };
	int rc = collect(c, &all);

	for (size_t i = 0, end; i < all.count; i = end) {
		for (end = i + 1;
		     end < all.count && !strcmp(all.list[end]->session, all.list[i]->session);)
			end++;
		tell(c, &all, i, end, fn, arg);
	}
	free(all.list);
	return rc;
}

int radius_account_close(struct radius_client *c, uint64_t now, const char *session,
			 enum radius_terminate cause, uint64_t event_time)
{
	struct all all = { 0 };
	struct radius_record_room room;
	struct radius_record r;
	int rc = collect(c, &all);
	bool found = false;

	for (size_t i = all.count; i-- && !rc && !found;)
		if (!strcmp(all.list[i]->session, session)) {
			found = true;
			rc = radius_acct_record(c, all.list[i], &r, &room);
		}
	free(all.list);
	if (rc || !found)
		return rc ? rc : -ENOENT;
	r.status = RADIUS_STOP;
	r.cause = cause;
	r.event_time = event_time;
	return radius_account(c, now, &r);
}

void radius_spool_damage(struct radius_client *c, void (*fn)(void *arg, const char *what),
			 void *arg)
{
	if (c->acct.spool)
		radius_spool_bad(c->acct.spool, fn, arg);
}
