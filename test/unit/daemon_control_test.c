// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control server on a real socket. The loop runs here; each client is a thread that does its
 * work, blocking, and then stops the loop through a pipe. Everything waits for that, or for a
 * deadline that fails the test.
 */
#include "base/control.h"
#include "base/json.h"
#include "daemon/control.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <cmocka.h>

#define DEADLINE      (20 * NSEC_PER_SEC)
#define SHORT_TIMEOUT (200 * NSEC_PER_MSEC)
#define LONG_LIST     10000
#define OBJECT_SIZE   600

static char dir[64], path[96], why[256];
static struct loop *loop;
static struct loop_io *done_io, *turn_io;
static struct timer deadline, later;
static int done_pipe[2], turn_pipe[2];
static struct control *control;
static bool late;

/* What the handlers saw and did. */
static struct {
	unsigned calls, argc, freed, gone, more, produced, this_turn, most_in_a_turn;
	char argv[4][64];
	struct control_reply *deferred;
	int stream_end;
} seen;

/* --- commands --------------------------------------------------------------------------------- */

static void cmd_stat(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct json j = { .out = control_body(r) };

	assert_ptr_equal(ctx, &seen);
	seen.calls++;
	seen.argc = argc;
	for (unsigned i = 0; i < argc && i < 4; i++)
		snprintf(seen.argv[i], sizeof(seen.argv[i]), "%s", argv[i]);
	json_open(&j, NULL, '{');
	json_u64(&j, "uptime", 7);
	json_close(&j, '}');
	control_done(r);
}

static void cmd_done(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	(void)ctx, (void)argc, (void)argv;
	control_done(r);
}

static void cmd_refuse(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	(void)ctx, (void)argc;
	sbuf_printf(control_body(r), "[half an answer");
	control_refuse(r, "no session \"%s\"\n", argv[0]);
}

static int more(void *state, struct sbuf *out)
{
	unsigned *left = state;

	seen.more++;
	seen.this_turn++;
	if (seen.this_turn > seen.most_in_a_turn)
		seen.most_in_a_turn = seen.this_turn;
	if (!*left)
		return seen.stream_end;
	sbuf_printf(out, "%s{\"n\":%u,\"pad\":\"%*s\"}", *left == LONG_LIST ? "[" : ",", *left,
		    OBJECT_SIZE, "");
	if (!--*left)
		sbuf_append(out, "]", 1);
	seen.produced++;
	return 1;
}

static void stream_free(void *state)
{
	seen.freed++;
	free(state);
}

static void cmd_list(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	static const struct control_producer producer = { more, stream_free };
	unsigned *left = malloc(sizeof(*left));

	(void)ctx, (void)argc, (void)argv;
	*left = LONG_LIST;
	control_stream(r, &producer, left);
}

static void gone(void *state)
{
	assert_ptr_equal(state, &seen);
	seen.gone++;
	seen.deferred = NULL;
	loop_stop(loop);
}

static void cmd_later(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	(void)ctx, (void)argc, (void)argv;
	seen.deferred = r;
	control_defer(r, gone, &seen);
	timer_set(loop_wheel(loop), &later, loop_now(loop) + 50 * NSEC_PER_MSEC);
}

static void on_later(struct timer *t, uint64_t now)
{
	(void)t;
	(void)now;
	if (seen.deferred)
		control_refuse(seen.deferred, "later");
}

static void cmd_never(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	(void)ctx, (void)argc, (void)argv;
	control_defer(r, gone, &seen);
}

static void cmd_shutdown(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	(void)ctx, (void)argc, (void)argv;
	control_done(r);
	loop_stop(loop);
}

static const struct control_command commands[] = {
	{ "show sessions", "[COLUMN,...]", "all sessions", 0, 1, cmd_stat, TREE_READ },
	{ "show session", "USER", "one session", 1, 1, cmd_refuse, TREE_READ },
	{ "show stat", NULL, "counters", 0, 0, cmd_stat, TREE_READ },
	{ "show", "WHAT...", "anything", 1, 4, cmd_stat, TREE_READ },
	{ "list", NULL, "a long one", 0, 0, cmd_list, TREE_READ },
	{ "later", NULL, "answers later", 0, 0, cmd_later, TREE_READ },
	{ "never", NULL, "never answers", 0, 0, cmd_never, TREE_READ },
	{ "done", NULL, "nothing to say", 0, 0, cmd_done, TREE_READ },
	{ "shutdown", NULL, "the end", 0, 0, cmd_shutdown, TREE_READ },
};

/* --- clients ---------------------------------------------------------------------------------- */

struct client {
	const char *request;
	bool half_close, leave, piecemeal, stall;
	struct sbuf answer;
	int error;
	pthread_t thread;
};

static int dial(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sun, sizeof(sun))) {
		close(fd);
		return -1;
	}
	return fd;
}

static void send_all(struct client *c, int fd)
{
	size_t len = strlen(c->request), step = c->piecemeal ? 1 : len;

	for (size_t i = 0; i < len; i += step)
		if (send(fd, c->request + i, step, MSG_NOSIGNAL) < 0 && errno != EPIPE)
			c->error = errno; /* a server that refuses us does not wait */
}

static void *client_main(void *arg)
{
	struct client *c = arg;
	char buf[4096];
	int fd = dial();

	if (fd < 0) {
		c->error = errno;
	} else {
		struct pollfd hangup = { .fd = fd };
		ssize_t n;

		send_all(c, fd);
		if (c->half_close)
			shutdown(fd, SHUT_WR);
		if (c->leave) {
			recv(fd, buf, 1, 0);
			close(fd);
			return NULL; /* the test waits for what the server does about it */
		}
		if (c->stall && poll(&hangup, 1, 20000) != 1) /* our octets still to be read */
			c->error = ETIMEDOUT;
		while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
			sbuf_append(&c->answer, buf, (size_t)n);
		close(fd);
	}
	if (write(done_pipe[1], "x", 1) != 1)
		c->error = errno;
	return NULL;
}

static void on_done(void *arg, uint64_t now, unsigned events)
{
	char x;

	(void)arg, (void)now, (void)events;
	assert_int_equal(read(done_pipe[0], &x, 1), 1);
	loop_stop(loop);
}

/* Always readable: called once in every turn of the loop. */
static void on_turn(void *arg, uint64_t now, unsigned events)
{
	(void)arg, (void)now, (void)events;
	seen.this_turn = 0;
}

static void on_deadline(struct timer *t, uint64_t now)
{
	(void)t;
	(void)now;
	late = true;
	loop_stop(loop);
}

static void run(void)
{
	timer_set(loop_wheel(loop), &deadline, loop_clock() + DEADLINE);
	loop_run(loop);
	timer_cancel(loop_wheel(loop), &deadline);
	assert_false(late);
}

static void client_start(struct client *c)
{
	assert_int_equal(pthread_create(&c->thread, NULL, client_main, c), 0);
}

static void exchange(struct client *c)
{
	client_start(c);
	run();
	pthread_join(c->thread, NULL);
	assert_int_equal(c->error, 0);
}

static void assert_answer(const char *request, const char *want)
{
	struct client c = { .request = request };

	exchange(&c);
	assert_string_equal(c.answer.p ? c.answer.p : "", want);
	sbuf_fini(&c.answer);
}

/* --- the house -------------------------------------------------------------------------------- */

static int start(unsigned max_clients, uint64_t timeout)
{
	const struct control_config config = {
		.path = path,
		.commands = commands,
		.command_count = ARRAY_SIZE(commands),
		.ctx = &seen,
		.max_clients = max_clients,
		.timeout = timeout,
	};

	return control_new(&control, loop, &config, why, sizeof(why));
}

static int setup(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	late = false;
	control = NULL;
	snprintf(dir, sizeof(dir), "/tmp/control_test.XXXXXX");
	if (!mkdtemp(dir) || pipe(done_pipe) || pipe(turn_pipe) || loop_new(&loop))
		return -1;
	snprintf(path, sizeof(path), "%s/a/b/control", dir);
	timer_init(&deadline, on_deadline);
	timer_init(&later, on_later);
	return loop_io_new(loop, done_pipe[0], LOOP_READ, on_done, NULL, &done_io) ||
	       loop_io_new(loop, turn_pipe[0], LOOP_READ, on_turn, NULL, &turn_io) || start(0, 0);
}

static int teardown(void **state)
{
	char name[128];

	(void)state;
	control_free(control);
	timer_cancel(loop_wheel(loop), &later);
	loop_io_free(done_io);
	loop_io_free(turn_io);
	loop_free(loop);
	for (int i = 0; i < 2; i++) {
		close(done_pipe[i]);
		close(turn_pipe[i]);
	}
	unlink(path);
	snprintf(name, sizeof(name), "%s/a/b", dir);
	rmdir(name);
	snprintf(name, sizeof(name), "%s/a", dir);
	rmdir(name);
	return rmdir(dir);
}

static void restart(unsigned max_clients, uint64_t timeout)
{
	control_free(control);
	control = NULL;
	assert_int_equal(start(max_clients, timeout), 0);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void test_answers(void **state)
{
	(void)state;
	assert_answer("show stat\n", "0\n{\"uptime\":7}\n");
	assert_answer("show stat --json\n", "0\n{\"uptime\":7}\n");
	assert_answer("--json show stat\r\n", "0\n{\"uptime\":7}\n");
	assert_int_equal(seen.calls, 3);
	assert_answer("done\n", "0\n");
}

static void test_longest_command_wins(void **state)
{
	(void)state;
	assert_answer("show sessions a,b\n", "0\n{\"uptime\":7}\n");
	assert_int_equal(seen.argc, 1);
	assert_string_equal(seen.argv[0], "a,b");
	assert_answer("show other \"with blank\" \"\"\n", "0\n{\"uptime\":7}\n");
	assert_int_equal(seen.argc, 3);
	assert_string_equal(seen.argv[0], "other");
	assert_string_equal(seen.argv[1], "with blank");
	assert_string_equal(seen.argv[2], "");
}

static void test_refusals(void **state)
{
	(void)state;
	assert_answer("show session x\n", "1 no session \"x\"?\n");
	assert_answer("show session\n", "2 usage: show session USER\n");
	assert_answer("show stat x\n", "2 usage: show stat\n");
	assert_answer("shower\n", "2 unknown command: shower (see help)\n");
	assert_answer("\n", "2 unknown command: (none) (see help)\n");
	assert_answer("show \"x\n", "2 control character or open quote in the request\n");
	assert_answer("a\tb\n", "2 control character or open quote in the request\n");
	assert_int_equal(seen.calls, 0);
}

static void test_help(void **state)
{
	struct client c = { .request = "help\n" };

	(void)state;
	exchange(&c);
	assert_non_null(strstr(c.answer.p, "{\"command\":\"show sessions [COLUMN,...]\","
					   "\"help\":\"all sessions\"}"));
	sbuf_fini(&c.answer);
}

static void test_request_in_pieces(void **state)
{
	struct client c = { .request = "show stat\nignored", .piecemeal = true };

	(void)state;
	client_start(&c);
	run();
	pthread_join(c.thread, NULL); /* the rest of its request may meet a closed socket */
	assert_string_equal(c.answer.p, "0\n{\"uptime\":7}\n");
	sbuf_fini(&c.answer);
}

static void test_request_too_long(void **state)
{
	char request[CONTROL_REQUEST_MAX + 1], want[64];

	(void)state;
	snprintf(want, sizeof(want), "2 the request is longer than %d octets\n",
		 CONTROL_REQUEST_MAX);
	memset(request, 'a', sizeof(request));
	request[CONTROL_REQUEST_MAX] = '\0';
	assert_answer(request, want);
	memset(request, ' ', sizeof(request));
	memcpy(request + CONTROL_REQUEST_MAX - 5, "done\n", 6);
	assert_answer(request, "0\n"); /* the longest that is not */
}

/* Ten thousand objects, at most 64 calls a turn, and all of them arrive. */
static void test_long_list(void **state)
{
	struct client c = { .request = "list\n" };
	size_t objects = 0;

	(void)state;
	assert_int_equal(write(turn_pipe[1], "x", 1), 1);
	exchange(&c);
	for (size_t i = 0; i < c.answer.len; i++)
		objects += c.answer.p[i] == '{';
	assert_int_equal(objects, LONG_LIST);
	assert_string_equal(c.answer.p + c.answer.len - 3, "}]\n");
	assert_in_range(seen.most_in_a_turn, 2, CONTROL_PIECES_MAX);
	assert_int_equal(seen.freed, 1);
	sbuf_fini(&c.answer);
}

static void test_list_breaks_off(void **state)
{
	struct client c = { .request = "list\n" };

	(void)state;
	seen.stream_end = -EIO;
	exchange(&c);
	assert_int_equal(c.answer.p[c.answer.len - 1], ']');
	assert_int_equal(seen.freed, 1);
	sbuf_fini(&c.answer);
}

/* Nothing is produced ahead of a reader who does not read, and he is not waited for. */
static void test_stalled_reader(void **state)
{
	struct client c = { .request = "list\n", .stall = true };
	int size = 0;
	socklen_t len = sizeof(size);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &len), 0);
	close(fd);
	restart(0, SHORT_TIMEOUT);
	exchange(&c);
	assert_int_equal(seen.freed, 1);
	assert_in_range(seen.produced * OBJECT_SIZE, CONTROL_BUFFER_MAX / 2,
			CONTROL_BUFFER_MAX + size + 2 * OBJECT_SIZE);
	assert_int_not_equal(c.answer.p[c.answer.len - 1], '\n');
	sbuf_fini(&c.answer);
}

static void test_silent_client(void **state)
{
	(void)state;
	restart(0, SHORT_TIMEOUT);
	assert_answer("show st", "");
}

static void test_reader_leaves(void **state)
{
	struct client c = { .request = "list\n", .leave = true };

	(void)state;
	client_start(&c);
	timer_set(loop_wheel(loop), &deadline, loop_clock() + DEADLINE);
	while (!seen.freed && !late) { /* one turn each */
		assert_int_equal(write(done_pipe[1], "x", 1), 1);
		loop_run(loop);
	}
	timer_cancel(loop_wheel(loop), &deadline);
	pthread_join(c.thread, NULL);
	assert_int_equal(seen.freed, 1);
	assert_true(seen.produced < LONG_LIST);
}

static void test_deferred(void **state)
{
	struct client half = { .request = "later\n", .half_close = true };

	(void)state;
	assert_answer("later\n", "1 later\n");
	assert_int_equal(seen.gone, 0);
	exchange(&half);
	assert_string_equal(half.answer.p, "1 later\n");
	sbuf_fini(&half.answer);
	assert_int_equal(seen.gone, 0);
}

static void *leaver_main(void *arg)
{
	int fd = dial();

	(void)arg;
	if (fd >= 0 && send(fd, "never\n", 6, MSG_NOSIGNAL) == 6)
		close(fd);
	return NULL;
}

static void test_deferred_client_leaves(void **state)
{
	pthread_t t;

	(void)state;
	assert_int_equal(pthread_create(&t, NULL, leaver_main, NULL), 0);
	run(); /* until gone() */
	pthread_join(t, NULL);
	assert_int_equal(seen.gone, 1);
}

static void test_shutdown_is_answered(void **state)
{
	struct client c = { .request = "shutdown\n" };

	(void)state;
	client_start(&c);
	run();
	control_free(control);
	control = NULL;
	pthread_join(c.thread, NULL);
	assert_string_equal(c.answer.p, "0\n");
	sbuf_fini(&c.answer);
	assert_int_equal(access(path, F_OK), -1);
}

static void test_too_many_clients(void **state)
{
	int idle[2];

	(void)state;
	restart(2, 0);
	idle[0] = dial();
	idle[1] = dial();
	assert_answer("show stat\n", "1 too many control clients\n");
	close(idle[0]); /* which the server may learn after the next client's coming */
	for (bool in = false; !in && !late;) {
		struct client c = { .request = "show stat\n" };

		exchange(&c);
		in = !strcmp(c.answer.p, "0\n{\"uptime\":7}\n");
		sbuf_fini(&c.answer);
	}
	close(idle[1]);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_answers),
		T(test_longest_command_wins),
		T(test_refusals),
		T(test_help),
		T(test_request_in_pieces),
		T(test_request_too_long),
		T(test_long_list),
		T(test_list_breaks_off),
		T(test_stalled_reader),
		T(test_silent_client),
		T(test_reader_leaves),
		T(test_deferred),
		T(test_deferred_client_leaves),
		T(test_shutdown_is_answered),
		T(test_too_many_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
