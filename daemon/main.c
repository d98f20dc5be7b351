// SPDX-License-Identifier: GPL-2.0-or-later
/* brasd: command line, configuration, start and end. brasd.8 is its manual page. */
#include "base/control.h"
#include "daemon/config_show.h"
#include "daemon/daemon.h"
#include "daemon/deeds_sys.h"
#include "daemon/notify.h"
#include "daemon/privilege.h"
#include "daemon/reload.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void usage(FILE *f)
{
	fprintf(f, "usage: brasd -c FILE [-t | -p] [-i INSTANCE]\n"
		   "       brasd -e KEY\n"
		   "  -c FILE      the configuration\n"
		   "  -t           check it, say what is wrong, exit 0 or 1\n"
		   "  -p           check it, print what it means, defaults included, exit 0 or 1\n"
		   "  -e KEY       explain a key of it: shaper.up, or up\n"
		   "  -i INSTANCE  a name for this one of several (default: default)\n");
}

/* -t goes on where config_load() ends: into the files that the configuration names. */
static int check_files(const struct config *config)
{
	struct sbuf errors = { 0 };
	struct users *users = NULL;
	int rc = 0;

	if (*config->auth.users_file)
		rc = users_load(config->auth.users_file, &users, &errors);
	/* One that is not there yet is read when it comes. */
	log_lines(rc == -ENOENT ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, errors.p);
	sbuf_fini(&errors);
	users_free(users);
	return rc == -ENOENT ? 0 : rc;
}

static void setup_log(const struct config *c)
{
	log_setup(c->log.level);
	log_options(c->log.format, c->log.target, c->log.limit);
}

/* -t and -p end here. */
static int check(struct config *config, bool print)
{
	struct sbuf text = { 0 };
	int rc = print ? 0 : check_files(config);

	if (print) {
		config_dump(config, &text);
		rc = text.bad || fwrite(text.p, 1, text.len, stdout) != text.len || fflush(stdout);
		sbuf_fini(&text);
	}
	config_free(config);
	return rc ? 1 : 0;
}

static int explain(const char *key)
{
	const struct config_row *row;
	struct sbuf text = { 0 };
	int rc = config_find(key, &row, &text);

	if (!rc)
		config_explain_text(row, &text);
	fprintf(rc ? stderr : stdout, rc ? "brasd: %s\n" : "%s", text.p ? text.p : "no memory");
	sbuf_fini(&text);
	return rc ? 1 : 0;
}

/* Sets the daemon up with what a reload has read; with what was before, if that cannot be. */
static int setup(struct daemon *d, struct config **config, struct config *before,
		 const char *instance, struct reload *reload)
{
	int rc = daemon_setup(d, *config, instance, reload);

	if (!rc && before) {
		reload->state = RELOAD_APPLIED;
		reload->count++;
		advert_reload(d, before);
		log_notice("reload: the new configuration is in effect");
		log_lines(LOG_LEVEL_NOTICE, reload->changes.p);
	}
	if (!rc || !before) {
		config_free(before);
		return rc;
	}
	log_error("reload: it cannot be had, the configuration of before goes on");
	snprintf(reload->why, sizeof(reload->why), "the daemon cannot start with it: see its log");
	reload->state = RELOAD_REFUSED;
	daemon_teardown(d);
	config_free(*config);
	*config = before;
	setup_log(before);
	return daemon_setup(d, *config, instance, reload);
}

static int run(struct config *config, const char *file, const char *instance)
{
	static struct daemon d;
	static struct reload reload;
	struct config *before = NULL;
	int rc;

	reload.path = file;
	do {
		reload.next = NULL;
		rc = setup(&d, &config, before, instance, &reload);
		if (!rc) {
			notify_ready();
			rc = loop_run(d.loop);
		} else { /* what it was has been told where it was known: this is for what nobody knew */
			log_error("the start has failed: %s", strerror(-rc));
		}
		before = config;
		daemon_teardown(&d);
		if (reload.next) {
			config = reload.next;
			setup_log(config);
			log_lines(LOG_LEVEL_WARN, config->warnings.p);
		}
	} while (!rc && reload.next);
	deeds_sys_end();
	config_free(config);
	sbuf_fini(&reload.changes);
	return rc ? 1 : 0;
}

struct options {
	const char *file, *instance, *key;
	bool test, print;
};

/* 0; 1: help was given, that is all; -EINVAL: it is no proper call, and was told so. */
static int parse_options(int argc, char **argv, struct options *o)
{
	int opt;

	while ((opt = getopt(argc, argv, "c:i:e:tph")) != -1) {
		switch (opt) {
		case 'c':
			o->file = optarg;
			break;
		case 'i':
			o->instance = optarg;
			break;
		case 'e':
			o->key = optarg;
			break;
		case 't':
			o->test = true;
			break;
		case 'p':
			o->print = true;
			break;
		case 'h':
			usage(stdout);
			return 1;
		default:
			usage(stderr);
			return -EINVAL;
		}
	}
	if ((!o->file && !o->key) || optind != argc) {
		usage(stderr);
		return -EINVAL;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = { .instance = CONTROL_INSTANCE };
	struct sbuf errors = { 0 };
	struct config *config;
	int rc = parse_options(argc, argv, &o);

	if (rc)
		return rc < 0 ? 2 : 0;
	if (o.key)
		return explain(o.key);
	log_setup(LOG_LEVEL_INFO);
	signal(SIGPIPE, SIG_IGN);
	if (config_load(o.file, &config, &errors)) {
		log_lines(LOG_LEVEL_ERROR, errors.p);
		sbuf_fini(&errors);
		return 1;
	}
	sbuf_fini(&errors);
	if (!o.test && !o.print)
		setup_log(config);
	log_lines(LOG_LEVEL_WARN, config->warnings.p);
	if (o.test || o.print)
		return check(config, o.print);
	if (privilege_drop(config, o.instance)) {
		config_free(config);
		return 1;
	}
	return run(config, o.file, o.instance);
}
