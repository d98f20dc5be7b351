// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asks the helper for one deed through daemon/deeds.h, as brasd does:
 *
 *	deeds_client [-i FILE] [-e CHILD -n EVENTS] [-q] INSTANCE [WORD...]
 *
 * Prints the deed's output and, on the last line, "rc N"; then events of the child until there were
 * so many ("runs PID", "died STATUS", "ended STATUS", "unknown 0"). -q ends the helper. Exits with
 * 0, and 1 when it takes longer than 30 s.
 */
#include "base/log.h"
#include "daemon/deeds.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct loop *loop;
static unsigned events_wanted;
static bool answered;

static void look(void)
{
	fflush(stdout);
	if (answered && !events_wanted)
		loop_stop(loop);
}

static void on_done(void *arg, uint64_t now, int rc, const char *output, size_t len)
{
	(void)arg;
	(void)now;
	printf("%.*s%src %d\n", (int)len, output, len ? "\n" : "", rc);
	answered = true;
	look();
}

static void on_child(void *arg, uint64_t now, const char *name, enum deeds_child_state state,
		     int detail)
{
	static const char *const names[] = { "runs", "died", "ended", "unknown" };

	(void)arg;
	(void)now;
	printf("%s %s %d\n", name, names[state], detail);
	if (events_wanted)
		events_wanted--;
	look();
}

static void on_late(struct timer *t, uint64_t now)
{
	(void)t;
	(void)now;
	printf("too late\n");
	fflush(stdout);
	_exit(1);
}

int main(int argc, char **argv)
{
	static char input[DEEDS_INPUT_MAX + 1];
	struct timer late;
	struct deeds *d;
	const char *child = NULL;
	ssize_t len = 0;
	bool quit = false;
	int opt, fd;

	while ((opt = getopt(argc, argv, "+i:e:n:q")) != -1) {
		if (opt == 'i') {
			fd = open(optarg, O_RDONLY);
			len = fd < 0 ? -1 : read(fd, input, sizeof(input));
			if (len < 0)
				return 2;
		} else if (opt == 'e') {
			child = optarg;
		} else if (opt == 'n') {
			events_wanted = (unsigned)atoi(optarg);
		} else if (opt == 'q') {
			quit = true;
		} else {
			return 2;
		}
	}
	if (optind == argc || loop_new(&loop))
		return 2;
	log_setup(LOG_LEVEL_INFO);
	timer_init(&late, on_late);
	timer_set(loop_wheel(loop), &late, loop_now(loop) + 30 * NSEC_PER_SEC);
	if (deeds_new(&d, loop, argv[optind]))
		return 2;
	if (child && deeds_listen(d, child, on_child, NULL))
		return 2;
	argc -= optind + 1;
	if (argc) {
		int rc = deeds_do(d, (const char *const *)argv + optind + 1, (unsigned)argc,
				  len ? input : NULL, (size_t)len, on_done, NULL);

		if (rc) {
			printf("rc %d\n", rc);
			return 0;
		}
		loop_run(loop);
	}
	deeds_free(d, quit);
	loop_free(loop);
	return 0;
}
