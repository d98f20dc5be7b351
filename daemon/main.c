// SPDX-License-Identifier: GPL-2.0-or-later
/* brasd: command line, configuration, start and end. brasd.8 is its manual page. */
#include "base/control.h"
#include "daemon/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void usage(FILE *f)
{
	fprintf(f, "usage: brasd -c FILE [-t] [-i INSTANCE]\n"
		   "  -c FILE      the configuration\n"
		   "  -t           check it, say what is wrong, exit 0 or 1\n"
		   "  -i INSTANCE  a name for this one of several (default: default)\n");
}

static void log_lines(enum log_level level, const struct sbuf *text)
{
	const char *p = text->p;

	while (p && *p) {
		int n = (int)strcspn(p, "\n");

		log_printf(level, "%.*s", n, p);
		p += n;
		p += *p == '\n';
	}
}

static int run(struct config *config, const char *instance)
{
	static struct daemon d;
	int rc = daemon_setup(&d, config, instance);

	if (!rc) {
		fprintf(stderr, "brasd: ready\n");
		rc = loop_run(d.loop);
	}
	daemon_teardown(&d);
	return rc ? 1 : 0;
}

int main(int argc, char **argv)
{
	const char *file = NULL, *instance = CONTROL_INSTANCE;
	struct sbuf errors = { 0 };
	struct config *config;
	bool test = false;
	int opt;

	while ((opt = getopt(argc, argv, "c:i:th")) != -1) {
		switch (opt) {
		case 'c':
			file = optarg;
			break;
		case 'i':
			instance = optarg;
			break;
		case 't':
			test = true;
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (!file || optind != argc) {
		usage(stderr);
		return 2;
	}
	log_setup(LOG_LEVEL_INFO);
	signal(SIGPIPE, SIG_IGN);
	if (config_load(file, &config, &errors)) {
		log_lines(LOG_LEVEL_ERROR, &errors);
		sbuf_fini(&errors);
		return 1;
	}
	sbuf_fini(&errors);
	log_setup(config->log.level);
	log_lines(LOG_LEVEL_WARN, &config->warnings);
	if (test) {
		config_free(config);
		return 0;
	}
	return run(config, instance);
}
