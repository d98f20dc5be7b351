// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * brasctl as a whole, against a server that says what the test wants: what it sends, what it
 * prints, and its exit codes (the contract of scripts).
 */
#include "base/control.h"
#include "console/brasctl.h"
#include "console/password.h"
#include "console/render.h"

#include <errno.h>
#include <pthread.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <cmocka.h>

#define SESSIONS                                                                                   \
	"[{\"sid\":7,\"ifname\":\"acc0\",\"username\":\"a\\u001b[31m\\u0000\\u00fc\","             \
	"\"calling-sid\":\"02:00:5e:00:53:01\",\"ip\":\"100.64.0.7\",\"ip6\":null,"                \
	"\"state\":\"open\",\"uptime\":3661,\"rx-bytes\":5,\"tx-bytes\":12345},"                   \
	"{\"sid\":12,\"ifname\":\"acc0\",\"username\":null,\"calling-sid\":\"02:00:5e:00:53:02\"," \
	"\"ip\":null,\"ip6\":null,\"state\":\"lcp\",\"uptime\":0,\"rx-bytes\":0,\"tx-bytes\":0}]"

static char dir[64], path[96];
static char request[256]; /* what the server got */
static char *out, *err;	  /* what brasctl printed */
static size_t out_len, err_len;

struct server {
	int fd;
	const char *reply;
	unsigned rows; /* that many objects instead */
};

static void send_rows(int fd, unsigned rows)
{
	struct sbuf b = { 0 };

	sbuf_printf(&b, "0\n[");
	for (unsigned i = 0; i < rows; i++)
		sbuf_printf(&b, "%s{\"sid\":%u,\"username\":\"user%u\",\"pad\":\"%0200u\"}",
			    i ? "," : "", i, i, i);
	sbuf_printf(&b, "]\n");
	for (size_t sent = 0; sent < b.len;) {
		ssize_t n = send(fd, b.p + sent, b.len - sent, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	sbuf_fini(&b);
}

static void *server_main(void *arg)
{
	struct server *s = arg;
	int fd = accept(s->fd, NULL, NULL);
	ssize_t n = recv(fd, request, sizeof(request) - 1, 0);

	request[n > 0 ? n : 0] = '\0';
	if (s->rows)
		send_rows(fd, s->rows);
	else
		send(fd, s->reply, strlen(s->reply), MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

static int brasctl_v(const char *const *words)
{
	char *argv[16] = { (char *)"brasctl" };
	int argc = 1, r;
	FILE *o, *e;

	for (; *words; words++)
		argv[argc++] = (char *)*words;
	free(out);
	free(err);
	o = open_memstream(&out, &out_len);
	e = open_memstream(&err, &err_len);
	r = brasctl(argc, argv, o, e);
	fclose(o);
	fclose(e);
	return r;
}

#define RUN(...) brasctl_v((const char *const[]){ __VA_ARGS__, NULL })

/* Runs brasctl -s PATH WORDS... against a server that answers `reply`. */
static int talk_to(struct server *s, const char *const *words)
{
	const char *argv[12] = { "-s", path };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	pthread_t t;
	int r;

	for (int i = 0; i < 10 && words[i]; i++)
		argv[i + 2] = words[i];
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	s->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(s->fd, 1), 0);
	assert_int_equal(pthread_create(&t, NULL, server_main, s), 0);
	r = brasctl_v(argv);
	pthread_join(t, NULL);
	close(s->fd);
	unlink(path);
	return r;
}

#define TALK(answer, ...)                                                                          \
	talk_to(&(struct server){ .reply = (answer) }, (const char *const[]){ __VA_ARGS__, NULL })

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/brasctl_test.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/control", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(out);
	free(err);
	out = err = NULL;
	return rmdir(dir);
}

static void test_exit_codes(void **state)
{
	(void)state;
	assert_int_equal(TALK("0\n", "terminate", "a b"), 0);
	assert_string_equal(request, "terminate \"a b\"\n");
	assert_string_equal(out, "");
	assert_int_equal(TALK("1 no session \"\x1b[31mx\"\n", "terminate", "x"), 1);
	assert_string_equal(err, "brasctl: no session \"\\x1b[31mx\"\n");
	assert_int_equal(TALK("2 usage: show session USER\n", "show", "session"), 2);
	assert_string_equal(err, "brasctl: usage: show session USER\n");
	assert_int_equal(TALK("0\n[{\"a\":1},{\"a", "show", "x", "--json"), 3);
	assert_string_equal(err, "brasctl: the daemon's answer was cut off\n");
	assert_int_equal(TALK("0\n[{\"a\":1},{\"a", "show", "x"), 3);
	assert_string_equal(out, "");
	assert_int_equal(TALK("0\n[{\"a\":1},{\"a\n", "show", "x"), 3);
	assert_int_equal(TALK("hello\n", "show", "x"), 3);
	assert_int_equal(TALK("", "show", "x"), 3);
	assert_int_equal(RUN("-s", path, "show", "stat"), 3);
	assert_non_null(strstr(err, "brasd is not reachable at"));
}

static void test_usage(void **state)
{
	(void)state;
	assert_int_equal(RUN("--help"), 0);
	assert_non_null(
		strstr(out, "usage: brasctl [-i INSTANCE | -s SOCKET] COMMAND... [--json]"));
	assert_int_equal(RUN("show", "-h"), 0);
	assert_int_equal(RUN("-s", path), 2);
	assert_non_null(strstr(err, "usage: brasctl"));
	assert_int_equal(RUN("-i", "../x", "show"), 2);
	assert_int_equal(RUN("-i"), 2);
	assert_int_equal(RUN("--nonsense", "show"), 2);
	assert_int_equal(RUN("-s", path, "show", "a\nb"), 3); /* nobody there to be asked */
	assert_int_equal(RUN("-i", "no-such-instance", "show"), 3);
	assert_non_null(strstr(err, "/run/brasberry/no-such-instance/control"));
	assert_int_equal(TALK("0\n", "show", "a\nb"), 2);
}

static void test_table(void **state)
{
	(void)state;
	assert_int_equal(TALK("0\n" SESSIONS "\n", "show", "sessions"), 0);
	assert_string_equal(request, "show sessions\n");
	assert_string_equal(
		out,
		" sid | ifname | username              | calling-sid       | ip         | ip6 | "
		"state | uptime  | rx-bytes | tx-bytes\n"
		"-----+--------+-----------------------+-------------------+------------+-----+-"
		"------+---------+----------+----------\n"
		"   7 | acc0   | a\\x1b[31m\\x00\\xc3\\xbc | 02:00:5e:00:53:01 | 100.64.0.7 | -   "
		"| "
		"open  | 1:01:01 |        5 |    12345\n"
		"  12 | acc0   | -                     | 02:00:5e:00:53:02 | -          | -   | "
		"lcp   | 0:00:00 |        0 |        0\n");
}

static void test_columns(void **state)
{
	(void)state;
	assert_int_equal(TALK("0\n" SESSIONS "\n", "show", "sessions", "state,sid"), 0);
	assert_string_equal(request, "show sessions\n");
	assert_string_equal(out, " state | sid\n-------+-----\n open  |   7\n lcp   |  12\n");
	assert_int_equal(TALK("0\n" SESSIONS "\n", "show", "sessions", "sid,state"), 0);
	assert_string_equal(out, " sid | state\n-----+-------\n   7 | open\n  12 | lcp\n");
	assert_int_equal(TALK("0\n" SESSIONS "\n", "show", "sessions", "ip,sid", "--json"), 0);
	assert_string_equal(out, "[{\"ip\":\"100.64.0.7\",\"sid\":7},{\"ip\":null,\"sid\":12}]\n");
	assert_int_equal(TALK("0\n" SESSIONS "\n", "show", "sessions", "ip,colour"), 2);
	assert_string_equal(err, "brasctl: no such column: colour\n");
	assert_string_equal(out, "");
	assert_int_equal(RUN("show", "sessions", "a,,b"), 2);
	assert_int_equal(RUN("show", "sessions", ""), 2);
}

static void test_empty_list(void **state)
{
	(void)state;
	assert_int_equal(TALK("0\n[]\n", "show", "sessions", "--json"), 0);
	assert_string_equal(out, "[]\n");
	assert_int_equal(TALK("0\n[]\n", "show", "sessions", "sid", "--json"), 0);
	assert_string_equal(out, "[]\n");
	assert_int_equal(TALK("0\n[]\n", "show", "sessions", "sid"), 0);
	assert_string_equal(out, " sid\n-----\n");
	assert_int_equal(TALK("0\n[]\n", "show", "pools"), 0);
	assert_string_equal(out, "");
}

static void test_object(void **state)
{
	static const char stat[] =
		"0\n{\"uptime\":59,\"sessions\":{\"active\":2},\"list\":[1,\"a\",null],"
		"\"pools\":[{\"name\":\"x\",\"ok\":true},{\"name\":\"y\\n\"}],\"none\":[],"
		"\"rate\":0.25,\"mixed\":[1,{\"a\":2}]}\n";

	(void)state;
	assert_int_equal(TALK(stat, "show", "stat"), 0);
	assert_string_equal(out, "uptime: 0.00:00:59\n"
				 "sessions:\n"
				 "  active: 2\n"
				 "list: 1,a,-\n"
				 "pools:\n"
				 "  -\n"
				 "    name: x\n"
				 "    ok: yes\n"
				 "  -\n"
				 "    name: y\\x0a\n"
				 "none: \n"
				 "rate: 0.25\n"
				 "mixed: [1,{\"a\":2}]\n");
	assert_int_equal(TALK(stat, "--json", "show", "stat"), 0);
	assert_string_equal(out, stat + 2);
}

/* Sixty thousand rows, as text and passed on. */
static void test_many_rows(void **state)
{
	static const char *const text[] = { "show", "all", NULL };
	static const char *const json[] = { "show", "all", "--json", NULL };
	size_t lines = 0;

	(void)state;
	assert_int_equal(talk_to(&(struct server){ .rows = 60000 }, text), 0);
	for (size_t i = 0; i < out_len; i++)
		lines += out[i] == '\n';
	assert_int_equal(lines, 60002);
	assert_int_equal(talk_to(&(struct server){ .rows = 60000 }, json), 0);
	assert_true(out_len > 60000 * 200);
	assert_string_equal(out + out_len - 3, "}]\n");
}

/* --- test radius ----------------------------------------------------------------------------- */

/* Standard input has this, and then ends. */
static int saved_stdin;

static void stdin_is(const char *text)
{
	int fd[2];

	saved_stdin = dup(STDIN_FILENO);
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], text, strlen(text)), (ssize_t)strlen(text));
	close(fd[1]);
	assert_int_equal(dup2(fd[0], STDIN_FILENO), STDIN_FILENO);
	close(fd[0]);
}

static void stdin_back(void)
{
	dup2(saved_stdin, STDIN_FILENO);
	close(saved_stdin);
}

#define TRY(text, answer, ...)                                                                     \
	({                                                                                         \
		int r_;                                                                            \
                                                                                                   \
		stdin_is(text);                                                                    \
		r_ = TALK(answer, __VA_ARGS__);                                                    \
		stdin_back();                                                                      \
		r_;                                                                                \
	})
#define VERDICT(v)                                                                                 \
	"0\n{\"verdict\":\"" v "\",\"message\":\"Hi\",\"attributes\":{\"Filter-Id\":\"x\"}}\n"

static void test_radius(void **state)
{
	(void)state;
	assert_int_equal(TRY("a \"b\\c\nrest\n", VERDICT("accept"), "test", "radius", "alice"), 0);
	assert_string_equal(request, "test radius alice \"a \\\"b\\\\c\"\n");
	assert_string_equal(out, "verdict: accept\nmessage: Hi\nattributes:\n  Filter-Id: x\n");
	assert_string_equal(err, "");
	assert_int_equal(TRY("pw\n", VERDICT("reject"), "test", "radius", "alice"), 1);
	assert_non_null(strstr(out, "verdict: reject\n"));
	assert_int_equal(TRY("pw", VERDICT("no answer"), "test", "radius", "alice", "--json"), 1);
	assert_string_equal(request, "test radius alice pw\n");
	assert_string_equal(out, VERDICT("no answer") + 2);
	assert_int_equal(TRY("\n", VERDICT("accept"), "test", "radius", "alice"), 0);
	assert_string_equal(request, "test radius alice \"\"\n");
	assert_int_equal(TRY("pw\n", "1 no RADIUS server is configured\n", "test", "radius", "a"),
			 1);
	assert_string_equal(err, "brasctl: no RADIUS server is configured\n");
	assert_int_equal(TRY("pw\n", "0\nnothing\n", "test", "radius", "a"), 3);
}

static void test_radius_without_a_password(void **state)
{
	char longer[PASSWORD_MAX + 2];

	(void)state;
	stdin_is("");
	assert_int_equal(RUN("-s", path, "test", "radius", "alice"), 2);
	stdin_back();
	assert_non_null(strstr(err, "nothing on standard input"));
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	stdin_is(longer);
	assert_int_equal(RUN("-s", path, "test", "radius", "alice"), 2);
	stdin_back();
	assert_non_null(strstr(err, "too long"));
	assert_int_equal(RUN("-s", path, "test", "radius", "alice", "pw"), 2);
	assert_non_null(strstr(err, "the password is asked for"));
	assert_int_equal(RUN("-s", path, "test", "radius"), 2);
}

struct typist {
	int master, slave, signal;
	pthread_t who;
	const char *text;
	bool echoed; /* the terminal still did when time was up */
};

static bool echoes(int fd)
{
	struct termios t;

	return !tcgetattr(fd, &t) && t.c_lflag & ECHO;
}

/* Types once the terminal does not echo. */
static void *typist_main(void *arg)
{
	struct typist *t = arg;
	const struct timespec moment = { .tv_nsec = 1000000 };

	for (int i = 0; i < 10000 && echoes(t->slave); i++)
		nanosleep(&moment, NULL);
	t->echoed = echoes(t->slave);
	if (t->signal)
		pthread_kill(t->who, t->signal);
	else if (write(t->master, t->text, strlen(t->text)) < 0)
		t->echoed = true;
	return NULL;
}

static int type(struct typist *t, char *buf, size_t cap)
{
	FILE *null = fopen("/dev/null", "w");
	pthread_t thread;
	int r;

	assert_int_equal(openpty(&t->master, &t->slave, NULL, NULL, NULL), 0);
	t->who = pthread_self();
	assert_int_equal(pthread_create(&thread, NULL, typist_main, t), 0);
	r = password_read(t->slave, null, buf, cap);
	pthread_join(thread, NULL);
	assert_false(t->echoed);
	assert_true(echoes(t->slave));
	close(t->master);
	close(t->slave);
	fclose(null);
	return r;
}

static void test_terminal(void **state)
{
	char buf[PASSWORD_MAX] = "";

	(void)state;
	assert_int_equal(type(&(struct typist){ .text = "hush hush\n" }, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "hush hush");
	assert_int_equal(type(&(struct typist){ .signal = SIGINT }, buf, sizeof(buf)), -EINTR);
	assert_string_equal(buf, "");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_exit_codes), T(test_usage),	T(test_table),
		T(test_columns),    T(test_empty_list), T(test_object),
		T(test_many_rows),  T(test_radius),	T(test_radius_without_a_password),
		T(test_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
