// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What users carry: sessions' counters go to the book of usage (daemon/usage.h) when a session
 * ends, is cleared, or an accounting period is over; quotas are watched; the book is kept in a
 * file.
 *
 * Long work goes a piece each turn of the loop. A session that a boundary has not reached yet is
 * still counted in the period that is over. The file is replaced by rename, and its lines have
 * checksums: there is no fsync but at the end, because that would stop the loop.
 */
#include "base/json.h"
#include "daemon/daemon.h"
#include "daemon/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define TICK	      NSEC_PER_SEC	   /* the clock is looked at */
#define TURN	      (10 * NSEC_PER_MSEC) /* between two pieces of long work */
#define ROLL_PIECE    256		   /* sessions */
#define QUOTA_PERIOD  (5 * NSEC_PER_SEC)   /* between two rounds; a round takes 2.5 s at most */
#define QUOTA_PIECE   64		   /* slots read at once */
#define QUOTA_PIECES  64		   /* read in one turn */
#define SAVE_PERIOD   (60 * NSEC_PER_SEC)
#define ENTRIES_PIECE 64 /* of the book, shown or written in one turn */

struct volume {
	struct daemon *d;
	struct usage *book;
	struct period_watch watch;
	struct timer tick, roll, quota, save;
	uint32_t roll_slot;
	uint8_t *quotas; /* sessions with one, in each QUOTA_PIECE of slots */
	uint32_t quota_count, quota_pieces, quota_next;
	char dir[128], path[160], new_path[160];
	int fd; /* of the file that is being written; -1: none */
	uint32_t save_next;
	bool changed, no_file;
};

static struct usage_bytes bytes_of(const struct abi_counters *c)
{
	return (struct usage_bytes){ .rx = c->rx4_bytes + c->rx6_bytes,
				     .tx = c->tx4_bytes + c->tx6_bytes };
}

static uint64_t wall_clock(void)
{
	return (uint64_t)time(NULL);
}

/* --- sessions ------------------------------------------------------------------------------ */

void volume_open(struct session *s)
{
	struct volume *v = s->d->volume;

	if (!v || s->has & SESSION_HAS_USAGE || !s->username)
		return;
	s->usage = usage_get(v->book, s->username, wall_clock());
	s->period = usage_start(v->book);
	if (s->usage != USAGE_NONE)
		s->has |= SESSION_HAS_USAGE;
	v->changed = true;
}

void volume_quota(struct session *s, uint64_t quota)
{
	struct volume *v = s->d->volume;
	int more = (quota != 0) - (s->quota != 0);

	if (!v)
		return;
	v->quotas[s->slot / QUOTA_PIECE] += more;
	v->quota_count += (uint32_t)more;
	s->quota = quota;
}

void volume_charge(struct session *s, const struct abi_counters *c)
{
	struct volume *v = s->d->volume;
	struct usage_bytes b = bytes_of(c);

	if (!v || !(s->has & SESSION_HAS_USAGE))
		return;
	usage_add(v->book, s->usage, s->period, &b);
	v->changed = true;
}

void volume_close(struct session *s, const struct abi_counters *c)
{
	volume_quota(s, 0);
	if (!(s->has & SESSION_HAS_USAGE))
		return;
	volume_charge(s, c);
	usage_put(s->d->volume->book, s->usage, wall_clock());
	s->has &= ~SESSION_HAS_USAGE;
}

/* An entry as people see it, with what its living sessions have carried since. */
static bool entry_line(struct volume *v, uint32_t i, struct usage_line *ret)
{
	const struct usage_entry *e = usage_entry(v->book, i);
	struct session *first, *s;

	if (!e)
		return false;
	*ret = (struct usage_line){ .start = e->start, .now = e->now, .last = e->last };
	ret->seen = e->live ? wall_clock() : e->seen;
	snprintf(ret->name, sizeof(ret->name), "%s", e->name);
	first = s = e->live ? names_find(v->d, e->name) : NULL;
	while (s) {
		/* The ring may have other spellings of the name. */
		if (s->has & SESSION_HAS_USAGE && s->usage == i) {
			struct usage_bytes *to =
				s->period == usage_start(v->book) ? &ret->now : &ret->last;
			struct abi_counters c;

			session_counters(s, &c);
			to->rx += bytes_of(&c).rx;
			to->tx += bytes_of(&c).tx;
		}
		s = s->name_next == first ? NULL : s->name_next;
	}
	return true;
}

/* --- quotas -------------------------------------------------------------------------------- */

/* Its line ends, or gets another speed until its counters begin anew. */
static void quota_used(struct session *s, uint64_t now)
{
	struct daemon *d = s->d;
	struct plan_speed speed;

	if (plan_of_profile(d, PLAN_QUOTA, d->config->shaper.quota_profile, &speed)) {
		session_close(s, now, PPP_CAUSE_QUOTA);
		return;
	}
	s->has |= SESSION_OVER_QUOTA;
	session_log(s, LOG_LEVEL_INFO, "its quota is used up: [profile %s] holds",
		    d->config->shaper.quota_profile);
	(void)plan_temporary(s, now, PLAN_QUOTA, &speed.plan, NULL, NULL);
	plan_speed_fini(&speed);
}

static void quota_check(struct volume *v, uint64_t now, uint32_t first)
{
	struct daemon *d = v->d;
	struct abi_counters c[QUOTA_PIECE];
	uint32_t n = d->table.max - first < QUOTA_PIECE ? d->table.max - first : QUOTA_PIECE;

	if (dp_counters_range(d->dp, first, n, c))
		return;
	for (uint32_t i = 0; i < n; i++) {
		struct session *s = &d->table.sessions[first + i];
		struct usage_bytes b;

		if (!s->quota || s->has & SESSION_OVER_QUOTA || s->state == SESSION_CLOSING ||
		    s->state == SESSION_DEAD)
			continue;
		session_since(s, &c[i]);
		b = bytes_of(&c[i]);
		if (b.rx + b.tx >= s->quota)
			quota_used(s, now);
	}
}

static void on_quota(struct timer *t, uint64_t now)
{
	struct volume *v = container_of(t, struct volume, quota);
	unsigned done = 0;

	while (v->quota_count && v->quota_next < v->quota_pieces && done < QUOTA_PIECES) {
		uint32_t piece = v->quota_next++;

		if (!v->quotas[piece])
			continue;
		quota_check(v, now, piece * QUOTA_PIECE);
		done++;
	}
	if (v->quota_count && v->quota_next < v->quota_pieces) {
		timer_set(loop_wheel(v->d->loop), t, now + TURN);
		return;
	}
	v->quota_next = 0;
	timer_set(loop_wheel(v->d->loop), t, now + QUOTA_PERIOD);
}

/* --- periods ------------------------------------------------------------------------------- */

static void on_roll(struct timer *t, uint64_t now)
{
	struct volume *v = container_of(t, struct volume, roll);
	uint64_t start = usage_start(v->book);
	struct session *s;

	for (unsigned n = 0; n < ROLL_PIECE; n++) {
		s = table_next(v->d, &v->roll_slot);
		if (!s)
			return;
		if (!(s->has & SESSION_HAS_USAGE) || s->period == start)
			continue;
		session_clear_counters(s, now);
		s->period = start;
	}
	timer_set(loop_wheel(v->d->loop), t, now + TURN);
}

/* The same period under another name. */
static void rename_period(struct volume *v, uint64_t from)
{
	struct session *s;

	for (uint32_t i = 0; (s = table_next(v->d, &i));)
		if (s->period == from)
			s->period = usage_start(v->book);
}

static void watch_clock(struct volume *v, uint64_t now, uint64_t wall)
{
	uint64_t from = v->watch.now.start;
	enum period_event event = period_watch(&v->watch, now, wall);

	if (event == PERIOD_SAME)
		return;
	usage_period(v->book, v->watch.now.start, v->watch.now.prev);
	v->changed = true;
	if (event == PERIOD_MOVED) {
		log_warn("the clock was put back: the accounting period begins earlier");
		rename_period(v, from);
		return;
	}
	log_notice("a new accounting period begins");
	v->roll_slot = 0;
	timer_set(loop_wheel(v->d->loop), &v->roll, now);
}

static void on_tick(struct timer *t, uint64_t now)
{
	struct volume *v = container_of(t, struct volume, tick);

	watch_clock(v, now, wall_clock());
	timer_set(loop_wheel(v->d->loop), t, now + TICK);
}

/* --- the file ------------------------------------------------------------------------------ */

static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static void save_failed(struct volume *v, int rc)
{
	if (!v->no_file) /* told once, until it works again */
		log_error("%s: usage is not kept: %s", v->path, strerror(-rc));
	v->no_file = true;
	if (v->fd >= 0) {
		close(v->fd);
		(void)unlink(v->new_path);
	}
	v->fd = -1;
}

static int save_begin(struct volume *v)
{
	v->fd = open(v->new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	v->save_next = 0;
	v->changed = false;
	return v->fd < 0 ? -errno : 0;
}

static int save_piece(struct volume *v)
{
	struct sbuf out = { 0 };
	struct usage_line l;
	int rc;

	for (unsigned n = 0; n < ENTRIES_PIECE && v->save_next < usage_high(v->book); n++)
		if (entry_line(v, v->save_next++, &l))
			usage_line_write(&l, &out);
	rc = out.bad ? -ENOMEM : write_all(v->fd, out.p, out.len);
	sbuf_fini(&out);
	return rc;
}

static bool save_ended(const struct volume *v)
{
	return v->save_next >= usage_high(v->book);
}

static int save_end(struct volume *v)
{
	int fd = v->fd;

	v->fd = -1;
	if (close(fd) || rename(v->new_path, v->path))
		return -errno;
	v->no_file = false;
	return 0;
}

static void on_save(struct timer *t, uint64_t now)
{
	struct volume *v = container_of(t, struct volume, save);
	int rc = 0;

	if (v->fd < 0 && (v->changed || v->d->table.used))
		rc = save_begin(v);
	if (!rc && v->fd >= 0) {
		rc = save_piece(v);
		if (!rc && !save_ended(v)) {
			timer_set(loop_wheel(v->d->loop), t, now + TURN);
			return;
		}
		rc = rc ? rc : save_end(v);
	}
	if (rc) {
		v->changed = true;
		save_failed(v, rc);
	}
	timer_set(loop_wheel(v->d->loop), t, now + SAVE_PERIOD);
}

static void save_now(struct volume *v)
{
	int rc;

	if (v->fd >= 0)
		close(v->fd); /* half written: anew */
	rc = save_begin(v);
	while (!rc && !save_ended(v))
		rc = save_piece(v);
	if (!rc && fsync(v->fd))
		rc = -errno;
	rc = rc ? rc : save_end(v);
	if (rc)
		save_failed(v, rc);
}

/* --- show usage ---------------------------------------------------------------------------- */

struct usage_listing {
	struct volume *v;
	struct json json;
	uint32_t next;
};

static int listing_more(void *state, struct sbuf *out)
{
	struct usage_listing *l = state;
	struct json *j = &l->json;
	struct usage_line line;

	j->out = out;
	for (unsigned n = 0; n < ENTRIES_PIECE && l->next < usage_high(l->v->book); n++) {
		if (!entry_line(l->v, l->next++, &line))
			continue;
		json_open(j, NULL, '{');
		json_str(j, "username", line.name);
		json_u64(j, "period-start", line.start);
		json_u64(j, "rx-bytes", line.now.rx);
		json_u64(j, "tx-bytes", line.now.tx);
		json_u64(j, "last-rx-bytes", line.last.rx);
		json_u64(j, "last-tx-bytes", line.last.tx);
		json_close(j, '}');
	}
	if (l->next < usage_high(l->v->book))
		return 1;
	json_close(j, ']');
	return 0;
}

void volume_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	static const struct control_producer producer = { .more = listing_more, .free = free };
	struct daemon *d = ctx;
	struct usage_listing *l = d->volume ? calloc(1, sizeof(*l)) : NULL;

	(void)argc;
	(void)argv;
	if (!l) {
		control_refuse(r, d->volume ? "out of memory" : "not ready yet");
		return;
	}
	l->v = d->volume;
	l->json.out = control_body(r);
	json_open(&l->json, NULL, '[');
	control_stream(r, &producer, l);
}

/* --- setup --------------------------------------------------------------------------------- */

static void load(struct volume *v)
{
	uint64_t newest = 0, wall = wall_clock();
	int rc = 0;

	snprintf(v->dir, sizeof(v->dir), "/var/lib/brasberry/%s", v->d->instance);
	snprintf(v->path, sizeof(v->path), "%s/usage", v->dir);
	(void)mkdir("/var/lib/brasberry", 0755);
	if (mkdir(v->dir, 0700) && errno != EEXIST)
		rc = -errno;
	rc = rc ? rc : usage_load(v->book, v->path, &newest);
	if (rc) {
		log_error("%s: %s: usage begins at nothing", v->path, strerror(-rc));
		snprintf(v->new_path, sizeof(v->new_path), "%s/usage.unread", v->dir);
		(void)rename(v->path, v->new_path); /* it may hold more than we could read */
	}
	snprintf(v->new_path, sizeof(v->new_path), "%s/usage.new", v->dir);
	period_watch_init(&v->watch, v->d->config->radius.accounting_period, wall, newest);
	usage_period(v->book, v->watch.now.start, v->watch.now.prev);
}

int volume_setup(struct daemon *d)
{
	struct volume *v = calloc(1, sizeof(*v));
	uint64_t now = loop_now(d->loop);
	struct wheel *w = loop_wheel(d->loop);
	int rc = -ENOMEM;

	if (v) {
		v->d = d;
		v->fd = -1;
		v->quota_pieces = (d->table.max + QUOTA_PIECE - 1) / QUOTA_PIECE;
		v->quotas = calloc(v->quota_pieces, sizeof(*v->quotas));
		rc = v->quotas ? usage_new(&v->book, d->table.max) : rc;
	}
	if (rc) {
		log_error("no memory for the usage of %u users", d->table.max);
		free(v ? v->quotas : NULL);
		free(v);
		return rc;
	}
	load(v);
	timer_init(&v->tick, on_tick);
	timer_init(&v->roll, on_roll);
	timer_init(&v->quota, on_quota);
	timer_init(&v->save, on_save);
	timer_set(w, &v->tick, now + TICK);
	timer_set(w, &v->quota, now + QUOTA_PERIOD);
	timer_set(w, &v->save, now + SAVE_PERIOD);
	d->volume = v;
	return 0;
}

void volume_teardown(struct daemon *d)
{
	struct volume *v = d->volume;
	struct wheel *w = loop_wheel(d->loop);

	if (!v)
		return;
	timer_cancel(w, &v->tick);
	timer_cancel(w, &v->roll);
	timer_cancel(w, &v->quota);
	timer_cancel(w, &v->save);
	save_now(v);
	d->volume = NULL;
	usage_free(v->book);
	free(v->quotas);
	free(v);
}
