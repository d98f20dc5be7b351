// SPDX-License-Identifier: GPL-2.0-or-later
/* The event loop with real descriptors, signals and a clock; everything under a deadline. */
#include "base/log.h"
#include "base/log_out.h"
#include "base/loop.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static struct loop *loop;
static struct timer deadline, timer[3];
static struct loop_io *io;
static int fds[2];
static bool late;
static unsigned order[8], fired, calls;
static uint64_t fired_at[8];

static void on_deadline(struct timer *t, uint64_t now)
{
	(void)t;
	(void)now;
	late = true;
	loop_stop(loop);
}

static int setup(void **state)
{
	(void)state;
	late = false;
	fired = calls = 0;
	if (loop_new(&loop) || pipe(fds))
		return -1;
	timer_init(&deadline, on_deadline);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(fds[0]);
	close(fds[1]);
	loop_free(loop);
	loop_free(NULL);
	return 0;
}

static void run(void)
{
	timer_set(loop_wheel(loop), &deadline, loop_clock() + 10 * NSEC_PER_SEC);
	loop_run(loop);
	timer_cancel(loop_wheel(loop), &deadline);
	assert_false(late);
}

static void on_timer(struct timer *t, uint64_t now)
{
	assert_int_equal(now, loop_now(loop));
	order[fired] = (unsigned)(t - timer);
	fired_at[fired++] = now;
	if (fired == 3)
		loop_stop(loop);
}

static void test_timers(void **state)
{
	static const unsigned ms[] = { 60, 20, 40 };
	uint64_t start = loop_clock();

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		timer_init(&timer[i], on_timer);
		timer_set(loop_wheel(loop), &timer[i], start + ms[i] * NSEC_PER_MSEC);
	}
	run();
	assert_int_equal(order[0], 1);
	assert_int_equal(order[1], 2);
	assert_int_equal(order[2], 0);
	for (unsigned i = 0; i < 3; i++)
		assert_true(fired_at[i] >= start + ms[order[i]] * NSEC_PER_MSEC);
}

static void on_stop_timer(struct timer *t, uint64_t now)
{
	(void)t;
	fired_at[fired++] = now;
	loop_stop(loop);
}

static struct timer crowd[20];
static unsigned crowd_done;

/* Each takes a millisecond; the first makes a descriptor readable. */
static void on_crowd(struct timer *t, uint64_t now)
{
	uint64_t until = loop_clock() + NSEC_PER_MSEC;

	(void)now;
	assert_ptr_equal(t, &crowd[crowd_done]);
	if (!crowd_done++)
		assert_int_equal(write(fds[1], "a", 1), 1);
	while (loop_clock() < until)
		;
	if (crowd_done == 20)
		loop_stop(loop);
}

static void on_between(void *arg, uint64_t now, unsigned events)
{
	char c;

	(void)arg;
	(void)now;
	(void)events;
	assert_int_equal(read(fds[0], &c, 1), 1);
	calls = crowd_done;
}

/* Many timers at one moment: who has something to say does not wait for all of them. */
static void test_crowd(void **state)
{
	uint64_t start = loop_clock();

	(void)state;
	crowd_done = 0;
	assert_int_equal(loop_io_new(loop, fds[0], LOOP_READ, on_between, NULL, &io), 0);
	for (unsigned i = 0; i < 20; i++) {
		timer_init(&crowd[i], on_crowd);
		timer_set(loop_wheel(loop), &crowd[i], start + 20 * NSEC_PER_MSEC);
	}
	run();
	loop_io_free(io);
	assert_int_equal(crowd_done, 20);
	assert_int_equal(calls, 1);
	assert_int_equal(hist_total(loop_turns(loop)) >= 20, 1);
}

/* Reads one octet, sets a timer from here, and frees itself. */
static void on_readable(void *arg, uint64_t now, unsigned events)
{
	char c;

	assert_ptr_equal(arg, &io);
	assert_int_equal(events, LOOP_READ);
	assert_int_equal(now, loop_now(loop));
	assert_int_equal(read(fds[0], &c, 1), 1);
	calls++;
	timer_init(&timer[0], on_stop_timer);
	timer_set(loop_wheel(loop), &timer[0], now + 20 * NSEC_PER_MSEC);
	loop_io_free(io);
}

static void test_read_and_free(void **state)
{
	(void)state;
	assert_int_equal(loop_io_new(loop, fds[0], LOOP_READ, on_readable, &io, &io), 0);
	assert_int_equal(write(fds[1], "ab", 2), 2);
	run();
	assert_int_equal(calls, 1);
	assert_int_equal(fired, 1);
}

static void on_writable(void *arg, uint64_t now, unsigned events)
{
	(void)arg;
	(void)now;
	assert_int_equal(events, LOOP_WRITE);
	if (++calls < 3)
		return;
	loop_io_events(io, 0); /* no more, though it stays writable */
	timer_init(&timer[0], on_stop_timer);
	timer_set(loop_wheel(loop), &timer[0], loop_now(loop) + 20 * NSEC_PER_MSEC);
}

static void test_events_change(void **state)
{
	(void)state;
	assert_int_equal(loop_io_new(loop, fds[1], LOOP_READ, on_writable, NULL, &io), 0);
	loop_io_events(io, LOOP_WRITE);
	run();
	assert_int_equal(calls, 3);
	loop_io_free(io);
	loop_io_free(NULL);
}

static void on_signal(void *arg, uint64_t now)
{
	(void)now;
	assert_ptr_equal(arg, &calls);
	calls++;
	loop_stop(loop);
}

static void test_signal(void **state)
{
	struct loop_signal *s;

	(void)state;
	assert_int_equal(loop_signal_new(loop, SIGUSR1, on_signal, &calls, &s), 0);
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	run();
	assert_int_equal(calls, 1);
	loop_signal_free(s);
	loop_signal_free(NULL);
}

/* What is written to stderr meanwhile. */
static ssize_t told(void (*fn)(void), char *buf, size_t cap)
{
	int err = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	log_out_open();
	fn();
	dup2(err, STDERR_FILENO);
	log_out_open();
	close(err);
	assert_int_equal(write(fds[1], "\n", 1), 1); /* so that there is something */
	n = read(fds[0], buf, cap - 1);
	assert_true(n > 0);
	buf[n - 1] = '\0';
	return n - 1;
}

static const struct log_tag tag = { .event = "login",
				    .user = "al\"ice",
				    .interface = "acc0",
				    .mac = "02:00:00:00:00:01",
				    .sid = 7 };

static void tell_json(void)
{
	log_options(LOG_FORMAT_JSON, LOG_TARGET_STDERR, 0);
	log_tagged(LOG_LEVEL_NOTICE, &tag, "two\nlines");
	log_tagged(LOG_LEVEL_DEBUG, &tag, "above the level");
}

static void test_json(void **state)
{
	char buf[2048], *rest;

	(void)state;
	log_setup(LOG_LEVEL_INFO);
	(void)told(tell_json, buf, sizeof(buf));
	assert_memory_equal(buf, "{\"time\":\"20", 11);
	rest = strstr(buf, ",\"level\"");
	assert_non_null(rest);
	assert_string_equal(rest,
			    ",\"level\":\"notice\",\"message\":\"two lines\",\"event\":\"login\","
			    "\"username\":\"al\\\"ice\",\"ifname\":\"acc0\",\"sid\":7,"
			    "\"calling-sid\":\"02:00:00:00:00:01\"}\n");
}

/* Somebody follows it. */
static void tell_traced(void)
{
	struct log_tag t = { .traced = true };

	log_tagged(LOG_LEVEL_DEBUG, &t, "seen");
}

static void test_traced(void **state)
{
	char buf[256];

	(void)state;
	log_setup(LOG_LEVEL_ERROR);
	(void)told(tell_traced, buf, sizeof(buf));
	assert_string_equal(buf, "brasd: seen\n");
	log_setup(LOG_LEVEL_INFO);
}

static void tell_many(void)
{
	log_options(LOG_FORMAT_TEXT, LOG_TARGET_STDERR, 3);
	for (unsigned i = 0; i < 9; i++)
		log_info("%u", i);
	log_warn("always");
}

static void test_flood(void **state)
{
	uint64_t before = log_lost();
	char buf[512];

	(void)state;
	log_setup(LOG_LEVEL_INFO);
	(void)told(tell_many, buf, sizeof(buf));
	assert_string_equal(buf, "brasd: 0\nbrasd: 1\nbrasd: 2\nbrasd: warning: always\n");
	assert_int_equal(log_lost() - before, 6);
	log_setup(LOG_LEVEL_INFO);
}

/* One line each, cut where it is too long, nothing above the level; the limit counts what it holds
 * back. */
static void test_log(void **state)
{
	struct log_limit limit = { 0 };
	uint64_t held = 7, now = NSEC_PER_SEC;
	int err = dup(STDERR_FILENO);
	char buf[2048];
	ssize_t n;

	(void)state;
	assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	unsetenv("JOURNAL_STREAM");
	log_setup(LOG_LEVEL_WARN);
	log_info("not this");
	log_warn("port %s", "acc0");
	log_error("%*s", 1500, "x");
	dup2(err, STDERR_FILENO);
	close(err);
	log_setup(LOG_LEVEL_INFO);
	n = read(fds[0], buf, sizeof(buf));
	assert_int_equal(n, 26 + 14 + 1023 + 1); /* a message is cut, its prefix is not */
	assert_memory_equal(buf, "brasd: warning: port acc0\n", 26);
	for (unsigned i = 0; i < 5; i++)
		assert_true(log_limit_ok(&limit, now, &held));
	assert_int_equal(held, 0);
	for (unsigned i = 0; i < 9; i++)
		assert_false(log_limit_ok(&limit, now, &held));
	assert_true(log_limit_ok(&limit, now + NSEC_PER_SEC, &held));
	assert_int_equal(held, 9);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_timers),	       T(test_crowd),  T(test_read_and_free),
		T(test_events_change), T(test_signal), T(test_log),
		T(test_json),	       T(test_traced), T(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
