// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Segment files as a disk may give them back. The first octet says where the input is split into
 * two files. Whatever is in them: opening succeeds, each record that is found can be read and is
 * what was encoded, and what is put and done afterwards is what the next opening finds.
 */
#define FAKE_SENT 1
#include "test/unit/radius_fake.h"

#include "base/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fake f;

static void check(bool ok)
{
	if (!ok)
		abort();
}

static struct radius_spool *spool_open(struct radius_rec_list *records, uint64_t *next)
{
	struct radius_spool *s;

	TAILQ_INIT(records);
	check(!radius_spool_open(&s, &f.store, 1 << 16, records, next));
	return s;
}

/* One that an older version wrote is written anew in today's form; from then on nothing changes. */
static void check_record(struct radius_spool *s, struct radius_rec *rec)
{
	uint8_t buf[RADIUS_RECORD_ENCODED_MAX], again[RADIUS_RECORD_ENCODED_MAX];
	struct radius_record_room room;
	struct radius_record r;
	int n = radius_spool_get(s, rec, buf);

	check(n == (int)rec->len);
	check(!radius_record_decode(buf, (size_t)n, &r, &room));
	check(!strcmp(rec->session, r.line.acct_session_id));
	n = radius_record_encode(&r, again, sizeof(again));
	check(n > 0);
	check(!radius_record_decode(again, (size_t)n, &r, &room));
	check(radius_record_encode(&r, buf, sizeof(buf)) == n && !memcmp(buf, again, (size_t)n));
}

static unsigned use(unsigned drop_every, unsigned *ret_kept)
{
	struct radius_rec_list records, seen = TAILQ_HEAD_INITIALIZER(seen);
	struct radius_rec *rec;
	uint64_t next, last = 0;
	struct radius_spool *s = spool_open(&records, &next);
	unsigned n = 0, kept = 0;

	check(radius_spool_stats(s)->disk_bytes <= 1 << 20);
	while ((rec = TAILQ_FIRST(&records))) {
		check(!n || rec->seq > last);
		last = rec->seq;
		check(rec->seq < next || !next);
		check_record(s, rec);
		TAILQ_REMOVE(&records, rec, entry);
		if (drop_every && n % drop_every == 0)
			radius_spool_done(s, rec);
		else
			kept++;
		n++;
		TAILQ_INSERT_TAIL(&seen, rec, entry);
	}
	*ret_kept = kept;
	while ((rec = TAILQ_FIRST(&seen))) {
		TAILQ_REMOVE(&seen, rec, entry);
		radius_rec_free(rec);
	}
	radius_spool_free(s);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t magic[] = "bradspl1";
	unsigned kept, kept_again;
	size_t cut;

	if (size < 2)
		return 0;
	fake_begin(&f, 1);
	cut = (size_t)(data[0] * (size - 2) / 255);
	(void)fake_append(&f, "spool/0000000000000001", data + 2, cut);
	if (data[1] & 1)
		(void)fake_append(&f, "spool/0000000000000002", magic, RADIUS_SPOOL_HEADER);
	(void)fake_append(&f, "spool/0000000000000002", data + 2 + cut, size - 2 - cut);
	(void)use(data[1] >> 1, &kept);
	check(use(0, &kept_again) == kept);
	check(kept_again == kept);
	fake_forget_files(&f);
	return 0;
}
