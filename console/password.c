// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/password.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define SIGNALS 4

static const int signals[SIGNALS] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP };
static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

/* Octet by octet: what follows the line is not ours. @wait: the signals that are blocked but while
 * we wait, so that none comes in between and is missed; NULL: none are. */
static int read_line(int fd, const sigset_t *wait, char *buf, size_t cap)
{
	size_t len = 0;
	bool any = false;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n = wait ? ppoll(&p, 1, NULL, wait) : 1;
		char c = '\0';

		if (wait && caught)
			return -EINTR;
		if (n > 0)
			n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		any |= n > 0;
		if (!n || c == '\n')
			break;
		if (len + 1 == cap)
			return -E2BIG;
		buf[len++] = c;
	}
	buf[len] = '\0';
	return any ? 0 : -ENODATA;
}

/* Suspended in between, the shell would get a terminal without echo: so it is not. */
static int read_terminal(int fd, const struct termios *old, const sigset_t *wait, FILE *prompt,
			 char *buf, size_t cap)
{
	struct termios quiet = *old;
	int rc;

	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
	if (tcsetattr(fd, TCSAFLUSH, &quiet))
		return -errno;
	fputs("Password: ", prompt); /* only now: what was typed before is thrown away */
	fflush(prompt);
	rc = read_line(fd, wait, buf, cap);
	(void)tcsetattr(fd, TCSAFLUSH, old);
	return rc;
}

int password_read(int fd, FILE *prompt, char *buf, size_t cap)
{
	struct sigaction action = { .sa_handler = on_signal }, before[SIGNALS];
	struct termios old;
	sigset_t block, mask;
	int rc;

	if (tcgetattr(fd, &old)) {
		rc = read_line(fd, NULL, buf, cap);
	} else {
		caught = 0;
		sigemptyset(&block);
		for (unsigned i = 0; i < SIGNALS; i++) {
			sigaddset(&block, signals[i]);
			sigaction(signals[i], &action, &before[i]);
		}
		pthread_sigmask(SIG_BLOCK, &block, &mask);
		rc = read_terminal(fd, &old, &mask, prompt, buf, cap);
		fputs("\n", prompt);
		pthread_sigmask(SIG_SETMASK, &mask, NULL);
		for (unsigned i = 0; i < SIGNALS; i++)
			sigaction(signals[i], &before[i], NULL);
		caught = 0;
	}
	if (rc)
		explicit_bzero(buf, cap);
	return rc;
}
