// SPDX-License-Identifier: GPL-2.0-or-later
/* The log on a stderr that nobody reads: nothing waits, and what was left out is told. */
#include "base/log.h"

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

/* In a process of its own, whose stderr is `fd`: many lines, then one more when `go` can be read. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
