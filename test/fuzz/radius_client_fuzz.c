// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A live client, two servers, and a sequence of steps from the input: logins, records, cancels,
 * answers good and wrong, raw octets as a reply, time that passes, disks that fill up, ends good
 * and sudden, and new beginnings. What a sudden end leaves on disk is what was not answered. After
 * each step its limits hold; in the end, with servers that answer, each login was told once and
 * each record was answered or counted as dropped.
 */
#define FAKE_SENT 128
#include "test/unit/radius_fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LOGINS 64
#define STEPS  256

static struct fake f;
static struct login {
	struct radius_request *r; /* NULL: told, or cancelled */
	unsigned told;
	bool asked, cancelled;
} login[LOGINS];
static unsigned logins;
static uint64_t records;
static bool disk_failed; /* since the last beginning */

#define check(ok)                                                                                  \
	do {                                                                                       \
		if (!(ok)) {                                                                       \
			fprintf(stderr, "line %d: not so: %s\n", __LINE__, #ok);                   \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static void done(void *arg, uint64_t now, const struct radius_reply *reply)
{
	struct login *l = arg;

	(void)now;
	check(l->asked && !l->told && !l->cancelled);
	check(reply->verdict <= RADIUS_BAD);
	l->told++;
	l->r = NULL;
}

static void step_login(uint8_t v)
{
	static const uint8_t octets[49] = { 1, 2, 3 };
	struct login *l = &login[logins % LOGINS];
	struct radius_access a = { .line = { .username = v & 1 ? "user" : NULL,
					     .acct_session_id = "1",
					     .nas_port_id = "acc0" },
				   .method = (enum radius_method)(v % 3),
				   .challenge = octets,
				   .challenge_len = 16,
				   .response = octets,
				   .response_len = v % 3 == 2 ? 49 : 16 };
	int rc;

	if (logins >= LOGINS)
		return;
	*l = (struct login){ .asked = true };
	rc = radius_access_send(f.c, f.now, &a, done, l, &l->r);
	check(!rc || rc == -EBUSY);
	l->asked = !rc;
	logins += !rc;
}

static void step_cancel(uint8_t v)
{
	struct login *l = &login[v % LOGINS];

	if (!l->r)
		return;
	radius_request_cancel(l->r);
	l->r = NULL;
	l->cancelled = true;
}

static void step_record(uint8_t v)
{
	static const enum radius_status status[] = { RADIUS_START,   RADIUS_INTERIM, RADIUS_STOP,
						     RADIUS_INTERIM, RADIUS_ON,	     RADIUS_START,
						     RADIUS_STOP,    RADIUS_OFF };

	check(!fake_record(&f, v >> 3, status[v & 7]));
	records++;
}

static const struct fake_sent *sent_before(uint8_t v)
{
	unsigned n = f.sent_count < FAKE_SENT ? f.sent_count : FAKE_SENT;

	return n ? &f.sent[(f.sent_count - 1 - v % n) % FAKE_SENT] : NULL;
}

static void step_answer(uint8_t v, uint8_t how)
{
	static const uint8_t code[] = { 2, 3, 5, 11, 2, 5, 2, 5 };
	const struct fake_sent *s = sent_before(v);
	struct fake_answer a = { .code = code[how & 7],
				 .sign = how & 8,
				 .proxy_state = how & 16,
				 .secret = how & 32 ? "wrong" : NULL,
				 .id_shift = how & 64 ? 1 : 0 };

	if (s)
		fake_answer_as(&f, s, &a);
}

static void step_raw(const uint8_t **p, const uint8_t *end, uint8_t v)
{
	const struct fake_sent *s = sent_before(v);
	size_t n = (size_t)(end - *p);
	struct fake_sent copy;

	n = n < v ? n : v;
	if (s) {
		copy = *s;
		fake_input(&f, &copy, *p, n);
	}
	*p += n;
}

/* The number of records that were dropped for room in its life. */
static uint64_t close_client(void)
{
	uint64_t dropped = f.c->acct.dropped_interims + f.c->acct.dropped_others;

	for (unsigned i = 0; i < LOGINS; i++) {
		login[i].cancelled |= login[i].r != NULL;
		login[i].r = NULL;
	}
	check(records >= dropped);
	records -= dropped;
	fake_close(&f);
	return dropped;
}

/* Ends it, without losing a record, and begins anew. Or kills it: nothing of its end is on disk.
 * Where the disk was full it could not be written there that a record was dropped either, and it is
 * back. */
static void step_restart(bool sudden)
{
	struct fake_file copy[FAKE_FILES];
	uint64_t left = f.c->acct.records, dropped;

	if (f.append_rc)
		return;
	if (sudden)
		fake_files_copy(copy, &f);
	dropped = close_client();
	check(!f.wheel.armed);
	if (sudden) {
		fake_forget_files(&f);
		memcpy(f.file, copy, sizeof(copy));
	}
	check(!fake_open(&f));
	check(disk_failed || f.c->acct.records == left);
	check(f.c->acct.records <= records + (sudden && disk_failed ? dropped : 0));
	disk_failed = false;
	records = f.c->acct.records;
}

static void check_limits(void)
{
	uint64_t disk = 0;

	for (unsigned i = 0; i < 2; i++)
		for (unsigned kind = 0; kind < RADIUS_KINDS; kind++) {
			const struct radius_link *l = &f.c->server[i].link[kind];

			check(l->inflight <= f.config.window);
			check(l->free_count <= l->slots);
		}
	check(f.c->fresh_count <= f.config.queue_max);
	for (unsigned i = 0; i < FAKE_FILES; i++)
		disk += f.file[i].name[0] == 's' && f.file[i].name[1] == 'p' ? f.file[i].len : 0;
	check(disk <= f.config.spool_max + 1024);
}

static void step(const uint8_t **p, const uint8_t *end)
{
	uint8_t op = *(*p)++, v = *(*p)++;

	switch (op % 11) {
	case 0:
		step_login(v);
		break;
	case 1:
		step_cancel(v);
		break;
	case 2:
	case 3:
		step_record(v);
		break;
	case 4:
	case 5:
		step_answer(v, op / 11);
		break;
	case 6:
		step_raw(p, end, v);
		break;
	case 7:
		fake_run(&f, (uint64_t)v * v * NSEC_PER_MSEC);
		break;
	case 8:
		f.append_rc = v & 1 ? -ENOSPC : 0;
		disk_failed |= v & 1;
		break;
	case 9:
		step_restart(v & 1);
		break;
	case 10:
		f.send_rc = v & 1 ? -EAGAIN : 0;
		break;
	}
	check_limits();
}

/* Now all servers answer everything: nothing may be left. */
static void settle(void)
{
	f.append_rc = f.send_rc = 0;
	for (unsigned turn = 0, seen = f.sent_count; turn < 400; turn++) {
		bool waits = f.c->acct.records;

		for (; seen < f.sent_count; seen++)
			fake_reply(&f, &f.sent[seen % FAKE_SENT]);
		for (unsigned i = 0; i < LOGINS; i++)
			waits |= login[i].r != NULL;
		if (!waits)
			break;
		fake_run(&f, NSEC_PER_SEC);
	}
	for (unsigned i = 0; i < LOGINS; i++)
		check(!login[i].r && login[i].told + login[i].cancelled == login[i].asked);
	check(!f.c->acct.records && !radius_acct_depth(f.c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *p = data, *end = data + size;

	if (size < 2)
		return 0;
	fake_begin(&f, 2);
	memset(login, 0, sizeof(login));
	logins = 0;
	records = 0;
	disk_failed = false;
	f.seed = data[0];
	f.config.window = 3;
	f.config.queue_max = 4;
	f.config.spool_max = 8 << 10;
	f.config.require_ma = (enum radius_require_ma)(data[1] % 3);
	p += 2;
	check(!fake_open(&f));
	for (unsigned i = 0; i < STEPS && end - p >= 2; i++)
		step(&p, end);
	settle();
	close_client();
	check(!f.wheel.armed);
	fake_forget_files(&f);
	return 0;
}
