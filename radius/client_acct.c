// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Accounting records on their way to an answer (RFC 2866). They wait in the order in which they
 * came; the one at the front goes as soon as a server has room for it. Of one session there is one
 * record on its way at a time, so that Start, Interim and Stop arrive in this order; the next ones
 * are parked behind it. Accounting-On and -Off come after everything before them is answered, and
 * before everything behind them.
 *
 * A record goes to the spool before it is sent for the first time, and is marked there as soon as
 * it is answered: whatever ends us, just those that were not answered are there for the next run.
 * What cannot be written waits in memory. Where the spool is full, or memory is, the oldest interim
 * goes, and a Start or Stop only where there is no interim left.
 */
#include "radius/client.h"

#include "base/log.h"

#define CACHED_RECORDS 1024	    /* as many are not read back to be sent */
#define MEMORY_BYTES   (16u << 20)  /* of those that are not on disk */
#define LAUNCH_AGAIN   NSEC_PER_SEC /* where there was no memory, or no descriptor, for it */

/* --- lists --------------------------------------------------------------------------------- */

static void list_set(struct radius_rec *rec, struct radius_rec_list *list)
{
	struct radius_rec *after;

	if (rec->list)
		TAILQ_REMOVE(rec->list, rec, entry);
	rec->list = list;
	if (!list)
		return;
	after = TAILQ_LAST(list, radius_rec_list);
	if (!after || after->seq < rec->seq) {
		TAILQ_INSERT_TAIL(list, rec, entry);
		return;
	}
	/* What comes back stood at the front: a walk from there is short. */
	TAILQ_FOREACH(after, list, entry)
		if (after->seq > rec->seq)
			break;
	TAILQ_INSERT_BEFORE(after, rec, entry);
}

/* By age, among those that may be dropped; the ones on their way may not. */
static void age_set(struct radius_rec *rec, struct radius_rec_list *age)
{
	struct radius_rec *after;

	if (rec->age)
		TAILQ_REMOVE(rec->age, rec, age_entry);
	rec->age = age;
	if (!age)
		return;
	after = TAILQ_LAST(age, radius_rec_list);
	if (!after || after->seq < rec->seq) {
		TAILQ_INSERT_TAIL(age, rec, age_entry);
		return;
	}
	TAILQ_FOREACH(after, age, age_entry)
		if (after->seq > rec->seq)
			break;
	TAILQ_INSERT_BEFORE(after, rec, age_entry);
}

static void wait_in_line(struct radius_acct *a, struct radius_rec *rec)
{
	list_set(rec, &a->waiting);
	age_set(rec, rec->status == RADIUS_INTERIM ? &a->interims : &a->rest);
}

static bool in_memory(const struct radius_rec *rec)
{
	return !rec->segment;
}

static void memory_add(struct radius_acct *a, struct radius_rec *rec)
{
	TAILQ_INSERT_TAIL(&a->memory, rec, memory_entry);
	a->memory_count++;
	a->memory_bytes += rec->len;
}

static void memory_del(struct radius_acct *a, struct radius_rec *rec)
{
	TAILQ_REMOVE(&a->memory, rec, memory_entry);
	a->memory_count--;
	a->memory_bytes -= rec->len;
}

static bool is_barrier(const struct radius_rec *rec)
{
	return (rec->status == RADIUS_ON || rec->status == RADIUS_OFF) && !rec->tired;
}

static struct busy_list *bucket(struct radius_acct *a, const char *session)
{
	return &a->busy[siphash(&a->key, session, strlen(session)) % RADIUS_BUSY_BUCKETS];
}

static struct radius_rec *busy_find(struct radius_acct *a, const char *session)
{
	struct radius_rec *rec;

	LIST_FOREACH(rec, bucket(a, session), busy_entry)
		if (!strcmp(rec->session, session))
			return rec;
	return NULL;
}

static void busy_add(struct radius_acct *a, struct radius_rec *rec)
{
	rec->busy = true;
	LIST_INSERT_HEAD(bucket(a, rec->session), rec, busy_entry);
	list_set(rec, NULL);
	age_set(rec, NULL);
}

static void busy_del(struct radius_acct *a, struct radius_rec *rec)
{
	struct radius_rec *next;

	rec->busy = false;
	LIST_REMOVE(rec, busy_entry);
	while ((next = TAILQ_FIRST(&rec->parked)))
		list_set(next, &a->waiting);
}

/* --- room ---------------------------------------------------------------------------------- */

static void uncache(struct radius_acct *a, struct radius_rec *rec)
{
	if (in_memory(rec) || !rec->blob)
		return;
	free(rec->blob);
	rec->blob = NULL;
	a->cached--;
}

static void forget(struct radius_acct *a, struct radius_rec *rec)
{
	list_set(rec, NULL);
	age_set(rec, NULL);
	uncache(a, rec);
	if (in_memory(rec))
		memory_del(a, rec);
	else
		radius_spool_done(a->spool, rec);
	a->records--;
	if (!a->records)
		a->full_told = a->error_told = false;
	radius_rec_free(rec);
}

/* Whether a record of this many octets more is too much. */
static bool crowded(const struct radius_client *c, size_t more)
{
	const struct radius_acct *a = &c->acct;

	if (!a->spool)
		return a->memory_bytes + more > MEMORY_BYTES;
	/* A quarter is left to what is done with, but not yet off the disk. */
	return radius_spool_stats(a->spool)->live_bytes + RADIUS_SPOOL_OVERHEAD + more >
	       c->config.spool_max / 4 * 3;
}

/* For want of room. */
static void drop(struct radius_acct *a, struct radius_rec *victim)
{
	if (victim->status == RADIUS_INTERIM) {
		a->dropped_interims++;
	} else {
		a->dropped_others++;
		if (!a->full_told)
			log_error("radius: the accounting spool is full: the oldest records are "
				  "lost, the first one of session %s",
				  victim->session);
		a->full_told = true;
	}
	forget(a, victim);
}

/* Drops what must go for `rec`. False: that was `rec` itself. */
static bool make_room(struct radius_client *c, struct radius_rec *rec, size_t more)
{
	struct radius_acct *a = &c->acct;

	while (crowded(c, more)) {
		struct radius_rec *victim = TAILQ_FIRST(&a->interims);
		bool self;

		if (!victim)
			victim = TAILQ_FIRST(&a->rest);
		if (!victim)
			return true;
		self = victim == rec;
		drop(a, victim);
		if (self)
			return false;
	}
	return true;
}

/* Nothing can be written, and memory is full too. What is on disk already is no use here. */
static void make_memory(struct radius_acct *a)
{
	while (a->memory_bytes > MEMORY_BYTES) {
		struct radius_rec *rec, *victim = NULL;

		TAILQ_FOREACH(rec, &a->memory, memory_entry) {
			if (!rec->age) /* on its way */
				continue;
			if (!victim)
				victim = rec;
			if (rec->status == RADIUS_INTERIM) {
				victim = rec;
				break;
			}
		}
		if (!victim)
			return;
		drop(a, victim);
	}
}

/* Everything that is in memory only goes to the disk. */
static void spool_all(struct radius_client *c)
{
	struct radius_acct *a = &c->acct;
	struct radius_rec *rec;

	while (a->spool && (rec = TAILQ_FIRST(&a->memory))) {
		int rc;

		if (!make_room(c, rec, rec->len))
			continue;
		rc = radius_spool_put(a->spool, rec);
		if (rc) {
			if (!a->error_told)
				log_error("radius: the accounting spool cannot be written, %u "
					  "records stay in memory: %s",
					  a->memory_count, strerror(-rc));
			a->error_told = true;
			make_memory(a);
			return;
		}
		memory_del(a, rec);
		a->cached++;
		if (a->cached > CACHED_RECORDS)
			uncache(a, rec);
		a->spooled++;
	}
}

static bool any_server(const struct radius_client *c)
{
	for (unsigned i = 0; i < c->server_count; i++) {
		const struct radius_link *l = &c->server[i].link[RADIUS_ACCT];

		if (l->used)
			return true;
	}
	return false;
}

int radius_account(struct radius_client *c, uint64_t now, const struct radius_record *r)
{
	struct radius_acct *a = &c->acct;
	struct radius_rec *rec;
	int n, rc;

	if (!any_server(c))
		return 0;
	n = radius_record_encode(r, c->blob, sizeof(c->blob));
	if (n < 0)
		return n;
	rc = radius_rec_new(&rec, a->next_seq, c->blob, (size_t)n);
	if (rc)
		return rc;
	a->next_seq++;
	a->records++;
	memory_add(a, rec);
	wait_in_line(a, rec);
	if (a->spool)
		spool_all(c);
	else
		(void)make_room(c, rec, 0);
	radius_acct_dispatch(c, now);
	return 0;
}

/* --- sending ------------------------------------------------------------------------------- */

int radius_acct_record(struct radius_client *c, const struct radius_rec *rec,
		       struct radius_record *ret, struct radius_record_room *room)
{
	int rc = rec->blob ? 0 : radius_spool_get(c->acct.spool, rec, c->blob);

	if (rc < 0)
		return rc;
	return radius_record_decode(rec->blob ? rec->blob : c->blob, rec->len, ret, room);
}

/* What stands in the way of a record now, and not of the record as such. */
static bool passes(int rc)
{
	return rc == -ENOMEM || rc == -EBUSY || rc == -EMFILE || rc == -ENFILE;
}

/* 0, or -errno: nothing was sent. A record that can never be sent is given up. */
static int launch(struct radius_client *c, struct radius_rec *rec, struct radius_link *l,
		  uint64_t now)
{
	struct radius_acct *a = &c->acct;
	struct radius_request *r = calloc(1, sizeof(*r));
	int rc;

	if (!r)
		return -ENOMEM;
	r->client = c;
	r->what = REQUEST_ACCOUNT;
	r->rec = rec;
	r->since = now;
	r->tried = rec->tried;
	timer_init(&r->timer, radius_request_timer);
	rc = radius_transmit(r, l, now);
	if (!rc) {
		busy_add(a, rec);
		a->flying++;
		a->barrier = is_barrier(rec);
		return 0;
	}
	radius_request_free(r);
	if (passes(rc))
		return rc;
	log_error("radius: an accounting record of session %s is lost, it cannot be sent: %s",
		  rec->session, strerror(-rc));
	a->dropped_others++;
	forget(a, rec);
	return 0;
}

void radius_acct_dispatch(struct radius_client *c, uint64_t now)
{
	struct radius_acct *a = &c->acct;
	struct radius_rec *rec, *busy;
	struct radius_link *l;

	while ((rec = TAILQ_FIRST(&a->waiting))) {
		busy = busy_find(a, rec->session);
		if (busy) {
			list_set(rec, &busy->parked);
			continue;
		}
		if (a->barrier || (is_barrier(rec) && a->flying))
			return;
		switch (radius_pick(c, RADIUS_ACCT, rec->tried, &l)) {
		case PICK_OK:
			if (launch(c, rec, l, now)) {
				if (!timer_is_set(&c->kick))
					timer_set(c->wheel, &c->kick, now + LAUNCH_AGAIN);
				return;
			}
			break;
		case PICK_NONE: /* all over again */
			if (!rec->tried)
				return;
			rec->tried = 0;
			break;
		case PICK_WAIT:
			return;
		}
	}
}

static void landed(struct radius_acct *a, const struct radius_rec *rec)
{
	a->flying--;
	if (is_barrier(rec))
		a->barrier = false;
}

void radius_acct_answered(struct radius_request *r)
{
	struct radius_acct *a = &r->client->acct;

	landed(a, r->rec);
	busy_del(a, r->rec);
	forget(a, r->rec);
	radius_request_free(r);
}

void radius_acct_timeout(struct radius_request *r)
{
	if (r->tries == 1)
		spool_all(r->client);
	uncache(&r->client->acct, r->rec);
}

/* Off its server: to the next one, or to sleep until one comes back or dead_time is over. */
void radius_acct_unanswered(struct radius_request *r, uint64_t now)
{
	struct radius_client *c = r->client;
	struct radius_acct *a = &c->acct;
	struct radius_rec *rec = r->rec;
	struct radius_link *l;

	landed(a, rec);
	rec->tried = r->tried;
	if (radius_pick(c, RADIUS_ACCT, rec->tried, &l) != PICK_NONE) {
		busy_del(a, rec);
		wait_in_line(a, rec);
		radius_request_free(r);
		return;
	}
	rec->tried = 0;
	rec->tired = true;
	free(r->packet);
	r->packet = NULL;
	r->state = REQUEST_SLEEPING;
	radius_request_list_move(r, &a->sleeping, false);
	timer_set(c->wheel, &r->timer, now + c->config.dead_time);
}

void radius_acct_wake(struct radius_request *r)
{
	struct radius_client *c = r->client;

	timer_cancel(c->wheel, &r->timer);
	radius_request_list_move(r, NULL, false);
	busy_del(&c->acct, r->rec);
	wait_in_line(&c->acct, r->rec);
	radius_request_free(r);
}

void radius_acct_wake_all(struct radius_client *c)
{
	struct radius_request *r;

	while ((r = TAILQ_FIRST(&c->acct.sleeping)))
		radius_acct_wake(r);
}

/* --- beginning and end --------------------------------------------------------------------- */

int radius_acct_init(struct radius_client *c)
{
	struct radius_acct *a = &c->acct;
	struct radius_rec_list found = TAILQ_HEAD_INITIALIZER(found);
	struct radius_rec *rec;
	int rc;

	TAILQ_INIT(&a->waiting);
	TAILQ_INIT(&a->memory);
	TAILQ_INIT(&a->interims);
	TAILQ_INIT(&a->rest);
	TAILQ_INIT(&a->sleeping);
	for (unsigned i = 0; i < RADIUS_BUSY_BUCKETS; i++)
		LIST_INIT(&a->busy[i]);
	radius_random(c, &a->key, sizeof(a->key));
	a->next_seq = 1;
	if (!c->doors.store || !c->config.spool_max)
		return 0;
	rc = radius_spool_open(&a->spool, c->doors.store, c->config.spool_max, &found,
			       &a->next_seq);
	if (rc)
		return rc;
	while ((rec = TAILQ_FIRST(&found))) {
		TAILQ_REMOVE(&found, rec, entry);
		rec->list = NULL;
		a->records++;
		wait_in_line(a, rec);
	}
	if (a->records)
		log_notice("radius: %u accounting records of before wait in the spool", a->records);
	return 0;
}

static void free_list(struct radius_rec_list *list)
{
	struct radius_rec *rec;

	while ((rec = TAILQ_FIRST(list))) {
		free_list(&rec->parked);
		TAILQ_REMOVE(list, rec, entry);
		radius_rec_free(rec);
	}
}

void radius_acct_fini(struct radius_client *c)
{
	struct radius_acct *a = &c->acct;
	struct radius_rec *rec;

	spool_all(c);
	if (a->memory_count)
		log_error("radius: %u accounting records that were not answered are lost",
			  a->memory_count);
	radius_acct_wake_all(c);
	for (unsigned i = 0; i < RADIUS_BUSY_BUCKETS; i++) {
		while ((rec = LIST_FIRST(&a->busy[i]))) {
			LIST_REMOVE(rec, busy_entry);
			free_list(&rec->parked);
			radius_rec_free(rec);
		}
	}
	free_list(&a->waiting);
	radius_spool_free(a->spool);
}

unsigned radius_acct_depth(const struct radius_client *c)
{
	const struct radius_acct *a = &c->acct;

	return a->spool ? radius_spool_stats(a->spool)->records : a->records;
}
