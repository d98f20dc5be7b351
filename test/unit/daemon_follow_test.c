// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Followers of the control server (control_follow): a client that stays and is told more from time
 * to time. Server and client share one loop; a tick looks whether what is waited for has come.
 */
#include "base/control.h"
#include "daemon/control.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <cmocka.h>

#define DEADLINE (20 * NSEC_PER_SEC)
#define TICK	 (2 * NSEC_PER_MSEC)
#define PATIENCE (100 * NSEC_PER_MSEC) /* of the server, where a test wants it short */

static char dir[64], path[96], why[256];
static struct loop *loop;
static struct control *control;
static struct timer tick;
static bool (*wanted)(void);
static uint64_t deadline;
static bool late;
static int client;

static struct {
	struct control_reply *follower;
	unsigned calls, gone;
	bool root;
	char got[4 * CONTROL_BUFFER_MAX];
	size_t got_len;
	bool end;
} seen;

static void on_gone(void *state)
{
	assert_ptr_equal(state, &seen);
	seen.gone++;
	seen.follower = NULL;
}

static void cmd_follow(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	(void)ctx, (void)argc, (void)argv;
	seen.calls++;
	seen.root = control_is_root(r);
	sbuf_printf(control_body(r), "first\n");
	control_follow(r, on_gone, &seen);
	seen.follower = r;
}

static const struct control_command commands[] = {
	{ "follow", NULL, "tells more", 0, 0, cmd_follow, TREE_READ },
};

static void take(void)
{
	ssize_t n = 1;

	while (n > 0 && seen.got_len < sizeof(seen.got) - 1) {
		n = recv(client, seen.got + seen.got_len, sizeof(seen.got) - 1 - seen.got_len,
			 MSG_DONTWAIT);
		seen.got_len += n > 0 ? (size_t)n : 0;
	}
	seen.end = !n || (n < 0 && errno != EAGAIN);
	seen.got[seen.got_len] = '\0';
}

static void on_tick(struct timer *t, uint64_t now)
{
	late = now > deadline;
	if (late || wanted())
		loop_stop(loop);
	else
		timer_set(loop_wheel(loop), t, now + TICK);
}

static void await(bool (*what)(void))
{
	wanted = what;
	deadline = loop_clock() + DEADLINE;
	timer_set(loop_wheel(loop), &tick, loop_clock() + TICK);
	loop_run(loop);
	assert_false(late);
}

static bool follows(void)
{
	return seen.follower && !strcmp((take(), seen.got), "0\nfirst\n");
}

static bool has_gone(void)
{
	return seen.gone > 0;
}

static bool at_once(void)
{
	return true;
}

static bool has_ended(void)
{
	take();
	return seen.end;
}

static bool has_more(void)
{
	take();
	return strstr(seen.got, "third\n");
}

static bool all_taken(void)
{
	take();
	return !control_waiting(seen.follower);
}

static void begin(uint64_t patience)
{
	struct control_config c = {
		.path = path, .commands = commands, .command_count = 1, .timeout = patience
	};
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	assert_int_equal(control_new(&control, loop, &c, why, sizeof(why)), 0);
	client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	assert_int_equal(connect(client, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(send(client, "follow\n", 7, 0), 7);
	await(follows);
}

static int setup(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	late = false;
	client = -1;
	strcpy(dir, "/tmp/follow-XXXXXX");
	if (!mkdtemp(dir) || loop_new(&loop))
		return -1;
	snprintf(path, sizeof(path), "%s/control", dir);
	timer_init(&tick, on_tick);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (client >= 0)
		close(client);
	control_free(control);
	control = NULL;
	timer_cancel(loop_wheel(loop), &tick);
	loop_free(loop);
	rmdir(dir);
	return 0;
}

static void push(const char *text)
{
	sbuf_printf(control_body(seen.follower), "%s\n", text);
	control_push(seen.follower);
}

static void test_told_in_order(void **state)
{
	(void)state;
	begin(0);
	assert_int_equal(seen.root, geteuid() == 0);
	push("second");
	push("third");
	assert_true(control_waiting(seen.follower) > 0);
	await(has_more);
	assert_string_equal(seen.got, "0\nfirst\nsecond\nthird\n");
	assert_int_equal(control_waiting(seen.follower), 0);
	assert_int_equal(seen.gone, 0);
	assert_int_equal(seen.calls, 1);
}

/* Long silence is no fault of his: the timer is for what he does not take. */
static void test_silence_is_allowed(void **state)
{
	uint64_t until = loop_clock() + 3 * PATIENCE;

	(void)state;
	begin(PATIENCE);
	while (loop_clock() < until)
		await(all_taken);
	assert_int_equal(seen.gone, 0);
	push("third");
	await(has_more);
}

static void test_who_leaves(void **state)
{
	(void)state;
	begin(0);
	close(client);
	client = -1;
	await(has_gone);
	assert_int_equal(seen.gone, 1);
}

/* Until his socket takes no more. */
static void fill(const char *line)
{
	while (control_waiting(seen.follower) < 4 * strlen(line)) {
		push(line);
		await(at_once);
		assert_non_null(seen.follower);
	}
}

/* What waits beyond the limit ends him, and nobody waits for that. */
static void test_who_takes_nothing(void **state)
{
	static char line[1024];

	(void)state;
	begin(0);
	memset(line, 'x', sizeof(line) - 1);
	fill(line);
	while (control_waiting(seen.follower) <= CONTROL_BUFFER_MAX)
		push(line); /* the loop does not run: nothing is taken */
	assert_true(control_waiting(seen.follower) > CONTROL_BUFFER_MAX);
	await(has_gone);
	assert_int_equal(seen.gone, 1);
	await(has_ended);
}

/* And so does a little that he does not take for long: far below the limit. */
static void test_who_stops(void **state)
{
	static char line[1024];

	(void)state;
	begin(PATIENCE);
	memset(line, 'x', sizeof(line) - 1);
	fill(line);
	assert_true(control_waiting(seen.follower) < CONTROL_BUFFER_MAX);
	await(has_gone);
	assert_int_equal(seen.gone, 1);
}

static void test_server_ends(void **state)
{
	(void)state;
	begin(0);
	push("third");
	control_free(control);
	control = NULL;
	assert_int_equal(seen.gone, 1);
	assert_true(has_more());
	assert_true(has_ended());
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_told_in_order),	   T(test_silence_is_allowed), T(test_who_leaves),
		T(test_who_takes_nothing), T(test_who_stops),	       T(test_server_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
