// SPDX-License-Identifier: GPL-2.0-or-later
/* The order of scripts, and what stands in the file of RADIUS's attributes. */
#include "base/str.h"
#include "daemon/hooks.h"
#include "radius/dictionary.h"
#include "radius/packet.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct hooks_queue q;

static int setup(void **state)
{
	(void)state;
	hooks_queue_init(&q);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	hooks_queue_fini(&q);
	return 0;
}

static void put(enum hook hook, uint64_t line)
{
	assert_int_equal(hooks_queue_add(&q, hook_job_new(hook, line)), 0);
}

static struct hook_job *next_is(unsigned limit, enum hook hook, uint64_t line)
{
	struct hook_job *j = hooks_queue_next(&q, limit);

	assert_non_null(j);
	assert_int_equal(j->hook, hook);
	assert_int_equal(j->line, line);
	return j;
}

/* A line's own are one after the other; another line's go past what waits for that. */
static void test_order(void **state)
{
	struct hook_job *up1, *up2;

	(void)state;
	put(HOOK_UP, 1);
	put(HOOK_CHANGE, 1);
	put(HOOK_DOWN, 1);
	put(HOOK_UP, 2);
	up1 = next_is(8, HOOK_UP, 1);
	up2 = next_is(8, HOOK_UP, 2);
	assert_null(hooks_queue_next(&q, 8));
	hooks_queue_done(&q, up2);
	assert_null(hooks_queue_next(&q, 8));
	hooks_queue_done(&q, up1);
	hooks_queue_done(&q, next_is(8, HOOK_CHANGE, 1));
	hooks_queue_done(&q, next_is(8, HOOK_DOWN, 1));
	assert_null(hooks_queue_next(&q, 8));
	assert_int_equal(q.waiting_count + q.running_count, 0);
}

static void test_limits(void **state)
{
	struct hook_job *first, *j;

	(void)state;
	for (unsigned i = 0; i < HOOKS_QUEUE_MAX; i++)
		put(HOOK_UP, i);
	j = hook_job_new(HOOK_UP, 77777);
	assert_int_equal(hooks_queue_add(&q, j), -ENOBUFS);
	hook_job_free(j);
	first = next_is(2, HOOK_UP, 0);
	next_is(2, HOOK_UP, 1);
	assert_null(hooks_queue_next(&q, 2));
	hooks_queue_done(&q, first);
	next_is(2, HOOK_UP, 2);
}

/* One that is not whole is not run. */
static void test_incomplete(void **state)
{
	struct hook_job *j = hook_job_new(HOOK_UP, 1);

	(void)state;
	for (unsigned i = 0; i < HOOK_ARGS_MAX; i++)
		hook_job_arg(j, "%u", i);
	assert_false(j->bad);
	assert_null(j->argv[HOOK_ARGS_MAX]);
	hook_job_arg(j, "one more");
	assert_true(j->bad);
	assert_int_equal(hooks_queue_add(&q, j), -ENOMEM);
	hook_job_free(j);
}

static void test_radattr(void **state)
{
	uint8_t buf[RADIUS_PACKET_MAX], auth[RADIUS_AUTH_LEN] = { 0 };
	struct radius_packet p;
	struct sbuf out = { 0 };
	struct wr w;
	int len;

	(void)state;
	assert_int_equal(radius_dictionary_setup(NULL), 0);
	radius_begin(&w, buf, RADIUS_ACCESS_ACCEPT, 1, auth, false);
	radius_put_u32(&w, 8, 0x64400001);
	radius_put_u32(&w, 6, 2);
	radius_put_text(&w, 11, "gold\"; rm -rf $HOME\n");
	radius_put_text(&w, 25, "a class");
	radius_put_vendor(&w, 311, 16, "0123456789abcdef", 16); /* a key */
	radius_put_vendor(&w, 14988, 8, "10M/20M", 7);
	len = radius_finish_reply(&w, "secret", auth);
	assert_true(len > 0);
	assert_int_equal(radius_packet_parse(buf, (size_t)len, &p), 0);
	hooks_radattr(&p, &out);
	sbuf_append(&out, "", 1);
	assert_string_equal(out.p, "Framed-IP-Address 100.64.0.1\n"
				   "Service-Type Framed-User\n"
				   "Filter-Id 0x676f6c64223b20726d202d72662024484f4d450a\n"
				   "Class 0x6120636c617373\n" /* octets, by the RFC */
				   "Mikrotik-Rate-Limit 10M/20M\n");
	sbuf_fini(&out);
	radius_dictionary_teardown();
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_order),
		T(test_limits),
		T(test_incomplete),
		T(test_radattr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
