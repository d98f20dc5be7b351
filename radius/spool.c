// SPDX-License-Identifier: GPL-2.0-or-later
/* The spool's segments: written, read back, emptied, removed. See radius/spool.h for the format.
 * Leaves out which record has to go when there is no room: client_acct.c decides that. */
#include "radius/spool.h"

#include "base/log.h"
#include "base/siphash.h"
#include "base/wire.h"

#include <inttypes.h>
#include <stdio.h>

#define MAGIC	      "bradspl1"
#define FOLDER	      "spool"
#define SEGMENT_SHARE 16 /* a segment is this part of the whole */
#define SEGMENT_MAX   (1u << 20)
#define READ_FIRST    (16u << 10)
#define FILE_MAX      (64u << 20) /* no segment of ours is larger */
#define BAD_MAX	      16	  /* files with a flaw that are remembered */
#define BAD_LEN	      160

enum { KIND_RECORD = 1, KIND_DONE = 2 };

/* A checksum, not a signature: the key is no secret. */
static const struct siphash_key checksum_key = { { 0x6272617362657272, 0x7370306f6c656421 } };

struct radius_segment {
	TAILQ_ENTRY(radius_segment) entry;
	struct radius_rec_list records; /* that wait */
	uint64_t number, size;
};
TAILQ_HEAD(segment_list, radius_segment);

struct radius_spool {
	struct radius_store store;
	struct segment_list segments; /* the oldest first */
	struct radius_segment *head;  /* which is appended to; NULL: the next entry begins one */
	struct radius_spool_stats stats;
	uint64_t max, segment_max, next_number;
	char bad[BAD_MAX][BAD_LEN]; /* what could not be read: for who asks */
	unsigned bad_count;
	uint64_t *owed; /* sequences whose DONE could not be written: the disk was full */
	size_t owed_count, owed_cap;
};

static const char *segment_name(char buf[64], uint64_t number)
{
	snprintf(buf, 64, FOLDER "/%016" PRIx64, number);
	return buf;
}

/* --- reading ------------------------------------------------------------------------------- */

static bool parse_entry(struct rd *r, const uint8_t *base, struct radius_spool_entry *ret)
{
	const uint8_t *start = r->p;
	uint32_t len = rd_be32(r), kind = rd_be32(r);

	ret->seq = rd_be64(r);
	ret->off = (uint64_t)(r->p - base);
	if (r->bad || len > RADIUS_RECORD_ENCODED_MAX || (kind == KIND_DONE && len))
		return false;
	ret->payload = rd_bytes(r, len);
	ret->len = len;
	ret->done = kind == KIND_DONE;
	if (r->bad || (kind != KIND_DONE && kind != KIND_RECORD))
		return false;
	return siphash(&checksum_key, start, (size_t)(r->p - start)) == rd_be64(r) && !r->bad;
}

size_t radius_spool_parse(const uint8_t *p, size_t len,
			  void (*fn)(void *arg, const struct radius_spool_entry *e), void *arg)
{
	struct rd r = rd_init(p, len);
	const uint8_t *magic = rd_bytes(&r, RADIUS_SPOOL_HEADER);
	size_t good = 0;

	if (!magic || memcmp(magic, MAGIC, RADIUS_SPOOL_HEADER))
		return 0;
	for (good = RADIUS_SPOOL_HEADER; rd_left(&r); good = (size_t)(r.p - p)) {
		struct radius_spool_entry e;

		if (!parse_entry(&r, p, &e))
			break;
		fn(arg, &e);
	}
	return good;
}

/* One entry found at opening. A sequence may stand there several times: see load_sort(). */
struct found {
	uint64_t seq, order;
	struct radius_rec *rec; /* NULL: DONE */
};

struct load {
	struct radius_spool *spool;
	struct radius_segment *segment;
	struct found *found;
	size_t count, cap;
	unsigned unreadable;
	int rc;
};

static void load_entry(void *arg, const struct radius_spool_entry *e)
{
	struct load *l = arg;
	struct radius_rec *rec = NULL;
	int rc;

	if (l->rc)
		return;
	if (l->count == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 256;
		struct found *more = realloc(l->found, cap * sizeof(*more));

		if (!more) {
			l->rc = -ENOMEM;
			return;
		}
		l->found = more;
		l->cap = cap;
	}
	if (!e->done) {
		rc = radius_rec_new(&rec, e->seq, e->payload, e->len);
		if (rc == -ENOMEM)
			l->rc = rc;
		if (rc) {
			l->unreadable++;
			return;
		}
		free(rec->blob);
		rec->blob = NULL;
		rec->off = e->off;
		rec->segment = l->segment;
	}
	l->found[l->count] = (struct found){ .seq = e->seq, .order = l->count, .rec = rec };
	l->count++;
}

static void bad(struct radius_spool *s, const char *what)
{
	log_warn("radius: %s", what);
	if (s->bad_count < BAD_MAX)
		snprintf(s->bad[s->bad_count++], BAD_LEN, "%s", what);
}

static int read_file(struct radius_spool *s, const char *name, uint8_t **ret, size_t *ret_len)
{
	size_t len = 0, cap = 0;
	uint8_t *p = NULL;
	int n;

	do {
		uint8_t *more;

		cap = cap ? 2 * cap : READ_FIRST;
		more = cap > FILE_MAX ? NULL : realloc(p, cap);
		if (!more) {
			free(p);
			return cap > FILE_MAX ? -EFBIG : -ENOMEM;
		}
		p = more;
		n = s->store.read(s->store.arg, name, len, p + len, cap - len);
		if (n < 0) {
			free(p);
			return n;
		}
		len += (size_t)n;
	} while (len == cap);
	*ret = p;
	*ret_len = len;
	return 0;
}

/* One that cannot be read, or is no segment at all, is left alone: it may be worth a look. */
static int load_file(struct load *l, uint64_t number)
{
	struct radius_spool *s = l->spool;
	_cleanup_free_ uint8_t *p = NULL;
	char name[64], what[BAD_LEN];
	size_t len = 0, good;
	int rc = read_file(s, segment_name(name, number), &p, &len);
	bool foreign = !rc && len >= RADIUS_SPOOL_HEADER && memcmp(p, MAGIC, RADIUS_SPOOL_HEADER);

	if (rc == -ENOMEM)
		return rc;
	if (rc || foreign) {
		snprintf(what, sizeof(what), "%s cannot be read: %s; it is left alone", name,
			 rc ? strerror(-rc) : "it is no segment of a spool");
		bad(s, what);
		return 0;
	}
	l->segment = calloc(1, sizeof(*l->segment));
	if (!l->segment)
		return -ENOMEM;
	TAILQ_INIT(&l->segment->records);
	l->segment->number = number;
	l->segment->size = len;
	TAILQ_INSERT_TAIL(&s->segments, l->segment, entry);
	s->stats.segments++;
	s->stats.disk_bytes += len;
	good = radius_spool_parse(p, len, load_entry, l);
	if (good < len) {
		s->stats.torn_files++;
		s->stats.torn_bytes += len - good;
		snprintf(what, sizeof(what), "the last %zu octets of %s are half an entry, ignored",
			 len - good, name);
		bad(s, what);
	}
	return l->rc;
}

static int by_seq(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void segment_add(struct radius_spool *s, struct radius_segment *segment,
			struct radius_rec *rec)
{
	rec->segment = segment;
	TAILQ_INSERT_TAIL(&segment->records, rec, segment_entry);
	s->stats.live_bytes += rec->len + RADIUS_SPOOL_OVERHEAD;
	s->stats.records++;
}

static void segment_del(struct radius_spool *s, struct radius_rec *rec)
{
	TAILQ_REMOVE(&rec->segment->records, rec, segment_entry);
	rec->segment = NULL;
	s->stats.live_bytes -= rec->len + RADIUS_SPOOL_OVERHEAD;
	s->stats.records--;
}

/* Of each sequence: none if it is done, else the last copy. */
static void load_sort(struct load *l, struct radius_rec_list *records, uint64_t *ret_next_seq)
{
	if (l->count)
		qsort(l->found, l->count, sizeof(*l->found), by_seq);
	for (size_t i = 0, end; i < l->count; i = end) {
		struct radius_rec *last = NULL;
		bool done = false;

		for (end = i; end < l->count && l->found[end].seq == l->found[i].seq; end++) {
			struct radius_rec *rec = l->found[end].rec;

			done |= !rec;
			if (rec) {
				radius_rec_free(last);
				last = rec;
			}
		}
		*ret_next_seq = l->found[i].seq + 1;
		if (done || !last) {
			radius_rec_free(last);
			continue;
		}
		segment_add(l->spool, last->segment, last);
		TAILQ_INSERT_TAIL(records, last, entry);
		last->list = records;
	}
}

struct numbers {
	uint64_t *n;
	size_t count;
	int rc;
};

static void list_name(void *ctx, const char *name)
{
	struct numbers *l = ctx;
	uint64_t number;
	uint64_t *more;
	char *end;

	if (strlen(name) != 16 || strspn(name, "0123456789abcdef") != 16)
		return;
	number = strtoull(name, &end, 16);
	more = realloc(l->n, (l->count + 1) * sizeof(*more));
	if (!more) {
		l->rc = -ENOMEM;
		return;
	}
	l->n = more;
	l->n[l->count++] = number;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void trim(struct radius_spool *s);

static int load_all(struct radius_spool *s, struct radius_rec_list *records, uint64_t *ret_next_seq)
{
	struct load l = { .spool = s };
	struct numbers numbers = { 0 };
	int rc = s->store.list(s->store.arg, FOLDER, list_name, &numbers);

	if (!rc)
		rc = numbers.rc;
	if (!rc && numbers.count)
		qsort(numbers.n, numbers.count, sizeof(*numbers.n), by_number);
	for (size_t i = 0; i < numbers.count && !rc; i++) {
		rc = load_file(&l, numbers.n[i]);
		s->next_number = numbers.n[i] + 1;
	}
	free(numbers.n);
	if (rc) {
		for (size_t i = 0; i < l.count; i++)
			radius_rec_free(l.found[i].rec);
	} else {
		load_sort(&l, records, ret_next_seq);
		if (l.unreadable)
			log_warn("radius: spool: %u records of an unknown layout are left out",
				 l.unreadable);
	}
	free(l.found);
	return rc;
}

/* What is in memory of it; the files stay as they are. */
static void forget(struct radius_spool *s)
{
	struct radius_segment *segment;

	while ((segment = TAILQ_FIRST(&s->segments))) {
		TAILQ_REMOVE(&s->segments, segment, entry);
		free(segment);
	}
	free(s->owed);
	free(s);
}

int radius_spool_open(struct radius_spool **ret, const struct radius_store *store, uint64_t max,
		      struct radius_rec_list *records, uint64_t *ret_next_seq)
{
	struct radius_spool *s = calloc(1, sizeof(*s));
	uint64_t next = 1;
	int rc;

	if (!s)
		return -ENOMEM;
	TAILQ_INIT(&s->segments);
	s->store = *store;
	s->max = max;
	s->segment_max = max / SEGMENT_SHARE < SEGMENT_MAX ? max / SEGMENT_SHARE : SEGMENT_MAX;
	s->next_number = 1;
	rc = load_all(s, records, &next);
	if (rc) {
		forget(s); /* the files stay: who tries again finds all of them */
		return rc;
	}
	trim(s);
	*ret_next_seq = next;
	*ret = s;
	return 0;
}

static void pay(struct radius_spool *s);

void radius_spool_free(struct radius_spool *s)
{
	if (!s)
		return;
	pay(s);
	if (!s->stats.records) {
		s->head = NULL;
		trim(s);
	}
	forget(s);
}

void radius_spool_bad(const struct radius_spool *s, void (*fn)(void *arg, const char *what),
		      void *arg)
{
	for (unsigned i = 0; i < s->bad_count; i++)
		fn(arg, s->bad[i]);
}

const struct radius_spool_stats *radius_spool_stats(const struct radius_spool *s)
{
	return &s->stats;
}

int radius_spool_get(struct radius_spool *s, const struct radius_rec *rec,
		     uint8_t buf[RADIUS_RECORD_ENCODED_MAX])
{
	char name[64];
	int n = s->store.read(s->store.arg, segment_name(name, rec->segment->number), rec->off, buf,
			      rec->len);

	return n == (int)rec->len || n < 0 ? n : -EIO;
}

/* --- writing ------------------------------------------------------------------------------- */

static int segment_begin(struct radius_spool *s)
{
	struct radius_segment *segment = calloc(1, sizeof(*segment));
	char name[64];
	int rc;

	if (!segment)
		return -ENOMEM;
	segment->number = s->next_number++;
	rc = s->store.append(s->store.arg, segment_name(name, segment->number), MAGIC,
			     RADIUS_SPOOL_HEADER);
	if (rc) {
		(void)s->store.remove(s->store.arg, name);
		free(segment);
		return rc;
	}
	TAILQ_INIT(&segment->records);
	segment->size = RADIUS_SPOOL_HEADER;
	TAILQ_INSERT_TAIL(&s->segments, segment, entry);
	s->stats.segments++;
	s->stats.disk_bytes += segment->size;
	s->head = segment;
	return 0;
}

/* Whatever stands at its end now, nothing is written behind it. */
static void head_give_up(struct radius_spool *s)
{
	struct radius_segment *segment = s->head;
	char name[64];

	s->head = NULL;
	if (segment->size > RADIUS_SPOOL_HEADER)
		return;
	(void)s->store.remove(s->store.arg, segment_name(name, segment->number));
	TAILQ_REMOVE(&s->segments, segment, entry);
	s->stats.segments--;
	s->stats.disk_bytes -= segment->size;
	free(segment);
}

/* Appends an entry; where its payload stands goes to *ret_off. */
static int entry_append(struct radius_spool *s, uint32_t kind, uint64_t seq, const uint8_t *p,
			uint32_t len, uint64_t *ret_off)
{
	uint8_t buf[RADIUS_SPOOL_OVERHEAD + RADIUS_RECORD_ENCODED_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	char name[64];
	int rc = 0;

	if (!s->head || s->head->size >= s->segment_max)
		rc = segment_begin(s);
	if (rc)
		return rc;
	wr_be32(&w, len);
	wr_be32(&w, kind);
	wr_be64(&w, seq);
	wr_bytes(&w, p, len);
	wr_be64(&w, siphash(&checksum_key, buf, w.len));
	if (wr_done(&w) < 0)
		return -ENOSPC;
	rc = s->store.append(s->store.arg, segment_name(name, s->head->number), buf, w.len);
	if (rc) {
		head_give_up(s);
		return rc;
	}
	*ret_off = s->head->size + 16;
	s->head->size += w.len;
	s->stats.disk_bytes += w.len;
	return 0;
}

/* Whether the next entry begins a new segment, so that this one may go. */
static bool full(const struct radius_spool *s, const struct radius_segment *segment)
{
	return segment != s->head || segment->size >= s->segment_max;
}

/* Removes the oldest segments as long as nothing waits in them. A younger one has to stay even so:
 * it may be what says that records of the older ones are done. So has the one that is written to:
 * a new file for each record that is answered at once would cost more than all the rest. */
static void trim(struct radius_spool *s)
{
	struct radius_segment *segment;
	char name[64];

	while ((segment = TAILQ_FIRST(&s->segments)) && TAILQ_EMPTY(&segment->records) &&
	       full(s, segment)) {
		(void)s->store.remove(s->store.arg, segment_name(name, segment->number));
		TAILQ_REMOVE(&s->segments, segment, entry);
		s->stats.segments--;
		s->stats.disk_bytes -= segment->size;
		if (segment == s->head)
			s->head = NULL;
		free(segment);
	}
}

/* Copies what waits in the oldest segment to the newest, and removes the oldest. */
static int clean_oldest(struct radius_spool *s)
{
	struct radius_segment *oldest = TAILQ_FIRST(&s->segments);
	struct radius_rec *rec;
	int rc = 0;

	if (oldest == s->head)
		s->head = NULL;
	while (!rc && (rec = TAILQ_FIRST(&oldest->records))) {
		uint8_t buf[RADIUS_RECORD_ENCODED_MAX];
		uint64_t off;

		rc = radius_spool_get(s, rec, buf);
		if (rc >= 0)
			rc = entry_append(s, KIND_RECORD, rec->seq, buf, rec->len, &off);
		if (rc)
			break;
		segment_del(s, rec);
		segment_add(s, s->head, rec);
		rec->off = off;
	}
	trim(s);
	return rc;
}

/* Makes room on disk; with as much dead as the caller leaves (a quarter), a round is enough. */
static void clean(struct radius_spool *s, size_t need)
{
	unsigned rounds = s->stats.segments;

	while (rounds-- && s->stats.disk_bytes + need > s->max && s->stats.segments > 1)
		if (clean_oldest(s))
			return;
}

static void owe(struct radius_spool *s, uint64_t seq)
{
	if (s->owed_count == s->owed_cap) {
		size_t cap = s->owed_cap ? 2 * s->owed_cap : 64;
		uint64_t *more = realloc(s->owed, cap * sizeof(*more));

		if (!more)
			return; /* after a restart it is sent once more */
		s->owed = more;
		s->owed_cap = cap;
	}
	s->owed[s->owed_count++] = seq;
}

/* Writes what is owed, as far as that goes. Where no segment is left there is nothing to say. */
static void pay(struct radius_spool *s)
{
	uint64_t off;

	if (TAILQ_EMPTY(&s->segments))
		s->owed_count = 0;
	while (s->owed_count &&
	       !entry_append(s, KIND_DONE, s->owed[s->owed_count - 1], NULL, 0, &off))
		s->owed_count--;
}

int radius_spool_put(struct radius_spool *s, struct radius_rec *rec)
{
	uint64_t off;
	int rc;

	pay(s);
	clean(s, rec->len + RADIUS_SPOOL_OVERHEAD);
	rc = entry_append(s, KIND_RECORD, rec->seq, rec->blob, rec->len, &off);
	if (rc)
		return rc;
	segment_add(s, s->head, rec);
	rec->off = off;
	return 0;
}

void radius_spool_done(struct radius_spool *s, struct radius_rec *rec)
{
	struct radius_segment *segment = rec->segment;
	uint64_t off;

	if (!segment)
		return;
	pay(s);
	segment_del(s, rec);
	/* Where the file itself goes at once, nothing need be written. */
	if ((segment != TAILQ_FIRST(&s->segments) || !TAILQ_EMPTY(&segment->records) ||
	     !full(s, segment)) &&
	    entry_append(s, KIND_DONE, rec->seq, NULL, 0, &off))
		owe(s, rec->seq);
	trim(s);
}
