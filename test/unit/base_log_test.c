// SPDX-License-Identifier: GPL-2.0-or-later
/* The log on a stderr that nobody reads: nothing waits, and what was left out is told. And lines
 * that are too long. */
#include "base/log.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define LINES 5000

/* In a process of its own, whose stderr is `fd`: many lines, then one more when `go` can be read.
 */
static void child(int fd, int go)
{
	char c;

	(void)dup2(fd, STDERR_FILENO);
	alarm(60); /* should it wait */
	log_setup(LOG_LEVEL_INFO);
	for (unsigned i = 0; i < LINES; i++)
		log_info("line %u of many, with some more octets to fill the pipe", i);
	if (fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK) /* it is others', too */
		_exit(3);
	if (!log_lost())
		_exit(4);
	puts("written");
	fflush(stdout);
	(void)!read(go, &c, 1);
	log_info("the last");
	_exit(0);
}

static size_t drain(int fd, char *buf, size_t cap, const char *until)
{
	size_t len = 0;
	ssize_t n;

	while (len < cap - 1 && !(len && strstr(buf, until)) &&
	       (n = read(fd, buf + len, cap - 1 - len)) > 0) {
		len += (size_t)n;
		buf[len] = '\0';
	}
	return len;
}

/* @fds: [0] is read, [1] written. */
static void stalled(int fds[2])
{
	static char text[1 << 20];
	int go[2], out[2], status;
	unsigned seen = 0, lost = 0;
	pid_t pid;
	char *p;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(out), 0);
	pid = fork();
	if (!pid) {
		(void)dup2(out[1], STDOUT_FILENO);
		close(out[1]);
		child(fds[1], go[0]);
	}
	close(fds[1]);
	close(out[1]);
	assert_true(drain(out[0], text, sizeof(text), "written") > 0);
	*text = '\0';
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	p = text + drain(fds[0], text, sizeof(text), "the last"); /* what it has held */
	assert_int_equal(fcntl(fds[0], F_SETFL, 0), 0);
	assert_int_equal(write(go[1], "x", 1), 1);
	drain(fds[0], p, sizeof(text) - (size_t)(p - text), "the last");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	for (p = text; (p = strstr(p, "octets to fill the pipe\n")); p++)
		seen++;
	p = strstr(text, "log: ");
	assert_non_null(p);
	assert_int_equal(sscanf(p, "log: %u lines left out: stderr was not read\n", &lost), 1);
	assert_true(seen > 100 && seen + lost == LINES);
	assert_non_null(strstr(p, "the last"));
	close(fds[0]);
	close(go[0]);
	close(go[1]);
	close(out[0]);
}

static void test_pipe(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	stalled(fds);
}

static void test_socket(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	stalled(fds);
}

/* CVE-2026-123205 (accel-ppp before 1.15.0): a line longer than the log's buffer, of what a peer
 * said. It is cut, in each form, and the next line is whole. */
static void test_long_line(void **state)
{
	static const enum log_format formats[] = { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };
	static char text[1 << 16], user[1 << 14];
	const struct log_tag tag = { .user = user, .event = "up" };

	(void)state;
	memset(text, 'A', sizeof(text) - 1);
	memset(user, '"', sizeof(user) - 1); /* two octets each, in JSON */
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		static char got[1 << 17];
		int fds[2], kept = dup(STDERR_FILENO);
		char *end;

		assert_int_equal(pipe(fds), 0);
		assert_true(fcntl(fds[1], F_SETPIPE_SZ, 1 << 17) > 0);
		assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
		log_setup(LOG_LEVEL_INFO);
		log_options(formats[i], LOG_TARGET_STDERR, 0);
		log_tagged(LOG_LEVEL_INFO, &tag, "%s%s", text, text);
		log_info("the next");
		assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
		close(fds[1]);
		close(kept);
		drain(fds[0], got, sizeof(got), "the next");
		close(fds[0]);
		end = strchr(got, '\n');
		assert_non_null(end);
		assert_in_range(end - got, 1000, 1200 + 2 * sizeof(user));
		assert_int_equal(strspn(strchr(got, 'A'), "A"), 1023);
		assert_non_null(strstr(end, "the next"));
		log_options(LOG_FORMAT_TEXT, LOG_TARGET_AUTO, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_socket),
		cmocka_unit_test(test_long_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
