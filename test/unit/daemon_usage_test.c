// SPDX-License-Identifier: GPL-2.0-or-later
/* The book of usage: sums, periods, who is forgotten; its file, whole and damaged. */
#include "daemon/usage.h"

#include "base/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct usage_entry *find(struct usage *u, const char *name)
{
	for (uint32_t i = 0; i < usage_high(u); i++) {
		const struct usage_entry *e = usage_entry(u, i);

		if (e && !strcmp(e->name, name))
			return e;
	}
	return NULL;
}

static void has(struct usage *u, const char *name, uint64_t rx, uint64_t tx, uint64_t last_rx,
		uint64_t last_tx)
{
	const struct usage_entry *e = find(u, name);

	assert_non_null(e);
	assert_int_equal(e->now.rx, rx);
	assert_int_equal(e->now.tx, tx);
	assert_int_equal(e->last.rx, last_rx);
	assert_int_equal(e->last.tx, last_tx);
}

/* A session from beginning to end. */
static void carry(struct usage *u, const char *name, uint64_t wall, uint64_t rx, uint64_t tx)
{
	uint32_t i = usage_get(u, name, wall);

	assert_int_not_equal(i, USAGE_NONE);
	usage_add(u, i, usage_start(u), &(struct usage_bytes){ rx, tx });
	usage_put(u, i, wall);
}

static void periods_roll(void **state)
{
	struct usage *u = NULL;
	uint32_t i;

	(void)state;
	assert_int_equal(usage_new(&u, 8), 0);
	usage_period(u, 1000, 900);
	carry(u, "alice", 1001, 10, 20);
	carry(u, "alice", 1002, 1, 2);
	has(u, "alice", 11, 22, 0, 0);
	assert_int_equal(find(u, "alice")->start, 1000);
	i = usage_get(u, "alice", 1003);
	usage_period(u, 1100, 1000);
	/* What its session carried until the boundary came to it is the last period's. */
	usage_add(u, i, 1000, &(struct usage_bytes){ 100, 200 });
	usage_add(u, i, 1100, &(struct usage_bytes){ 5, 6 });
	has(u, "alice", 5, 6, 111, 222);
	assert_int_equal(find(u, "alice")->start, 1100);
	usage_put(u, i, 1105);
	usage_period(u, 1300, 1200); /* a whole one left out */
	has(u, "alice", 0, 0, 0, 0);
	usage_period(u, 1400, 1300);
	carry(u, "alice", 1401, 7, 7);
	usage_period(u, 1200, 1100); /* the clock was put back: nothing is rolled */
	has(u, "alice", 7, 7, 0, 0);
	assert_int_equal(find(u, "alice")->start, 1200);
	usage_free(u);
}

static void without_periods(void **state)
{
	struct usage *u = NULL;

	(void)state;
	assert_int_equal(usage_new(&u, 8), 0);
	carry(u, "alice", 50, 1, 1);
	carry(u, "alice", 5000000, 1, 1);
	has(u, "alice", 2, 2, 0, 0);
	assert_int_equal(find(u, "alice")->start, 50);
	usage_free(u);
}

static void the_longest_idle_is_forgotten(void **state)
{
	struct usage *u = NULL;
	uint32_t a, b;

	(void)state;
	assert_int_equal(usage_new(&u, 3), 0);
	a = usage_get(u, "a", 1);
	carry(u, "b", 2, 1, 1);
	carry(u, "c", 3, 1, 1);
	carry(u, "b", 4, 1, 1);
	carry(u, "d", 5, 1, 1);
	assert_int_equal(usage_count(u), 3);
	assert_non_null(find(u, "a"));
	assert_null(find(u, "c"));
	has(u, "b", 2, 2, 0, 0);
	b = usage_get(u, "b", 6);
	(void)usage_get(u, "d", 7);
	assert_int_equal(usage_get(u, "e", 8), USAGE_NONE); /* all of them live */
	usage_put(u, b, 9);
	usage_put(u, a, 10);
	carry(u, "e", 11, 1, 1);
	assert_null(find(u, "b"));
	assert_non_null(find(u, "a"));
	usage_free(u);
}

/* Against a naive book of everybody, with room for everybody. */
static void random_model(void **state)
{
	struct usage *u = NULL;
	uint64_t now[16] = { 0 }, last[16] = { 0 }, start = 100;

	(void)state;
	assert_int_equal(usage_new(&u, 16), 0);
	usage_period(u, start, start - 1);
	srandom(11);
	for (unsigned n = 0; n < 100000; n++) {
		unsigned k = (unsigned)random() % 16;
		uint64_t bytes = (uint64_t)random() % 1000;
		char name[8];

		snprintf(name, sizeof(name), "u%u", k);
		carry(u, name, n, bytes, 0);
		now[k] += bytes;
		has(u, name, now[k], 0, last[k], 0);
		if (n % 1000 == 999) {
			memcpy(last, now, sizeof(last));
			memset(now, 0, sizeof(now));
			usage_period(u, start + 1, start);
			start++;
		}
	}
	usage_free(u);
}

static void lines_come_back(void **state)
{
	struct usage_line l = { .name = "a b%\n\xff@example",
				.start = 1,
				.seen = 2,
				.now = { UINT64_MAX, 4 },
				.last = { 5, UINT64_MAX } },
			  back;
	struct sbuf out = { 0 };

	(void)state;
	for (unsigned longest = 0; longest < 2; longest++) {
		out.len = 0;
		usage_line_write(&l, &out);
		assert_true(out.len <= USAGE_LINE_MAX);
		assert_int_equal(usage_line_parse(out.p, out.len - 1, &back), 0);
		assert_string_equal(back.name, l.name);
		assert_memory_equal(&back.now, &l.now, sizeof(l.now));
		assert_memory_equal(&back.last, &l.last, sizeof(l.last));
		assert_int_equal(back.start, 1);
		assert_int_equal(back.seen, 2);
		memset(l.name, 0xfe, USAGE_NAME_MAX);
	}
	/* Every cut, and every octet changed. */
	for (size_t n = 0; n + 1 < out.len; n++)
		assert_int_equal(usage_line_parse(out.p, n, &back), -EBADMSG);
	for (size_t n = 0; n + 1 < out.len; n++) {
		out.p[n] ^= 1;
		assert_int_equal(usage_line_parse(out.p, out.len - 1, &back), -EBADMSG);
		out.p[n] ^= 1;
	}
	sbuf_fini(&out);
}

static void write_file(const char *path, const struct sbuf *s)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(s->p, 1, s->len, f), s->len);
	assert_int_equal(fclose(f), 0);
}

static void a_damaged_file(void **state)
{
	char dir[] = "/tmp/usage-test-XXXXXX", path[64];
	struct sbuf out = { 0 };
	struct usage *u = NULL;
	uint64_t newest = 0;
	size_t second = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/usage", dir);
	assert_int_equal(usage_new(&u, 3), 0);
	assert_int_equal(usage_load(u, path, &newest), 0); /* none yet */
	for (unsigned i = 0; i < 6; i++) {
		struct usage_line l = { .start = 10 + i, .seen = 100 - i, .now = { i, i } };

		snprintf(l.name, sizeof(l.name), "u%u", i);
		usage_line_write(&l, &out);
		second = i ? second : out.len;
	}
	out.p[second + 30] ^= 1; /* u1 */
	sbuf_append(&out, "2 a line of another version\n1 cut", 33);
	write_file(path, &out);
	assert_int_equal(usage_load(u, path, &newest), 0);
	/* Room for three: those seen last, but u1, which is damaged. */
	assert_int_equal(usage_count(u), 3);
	assert_non_null(find(u, "u0"));
	assert_null(find(u, "u1"));
	has(u, "u2", 2, 2, 0, 0);
	has(u, "u3", 3, 3, 0, 0);
	assert_int_equal(newest, 15);
	unlink(path);
	rmdir(dir);
	sbuf_fini(&out);
	usage_free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(periods_roll),
		cmocka_unit_test(without_periods),
		cmocka_unit_test(the_longest_idle_is_forgotten),
		cmocka_unit_test(random_model),
		cmocka_unit_test(lines_come_back),
		cmocka_unit_test(a_damaged_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
