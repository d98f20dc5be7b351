// SPDX-License-Identifier: GPL-2.0-or-later
/* brasd-deeds: does what brasd may not, from a fixed list (daemon/deeds_table.c). brasd.8 has it.
 */
#include "base/control.h"
#include "base/log.h"
#include "daemon/deeds_exec.h"
#include "daemon/deeds_serve.h"
#include "daemon/deeds_wire.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

static void usage(FILE *f)
{
	fprintf(f, "usage: brasd-deeds [-d] [-i INSTANCE] [-u USER]\n"
		   "  -d           go into the background\n"
		   "  -i INSTANCE  whose helper this is (default: default)\n"
		   "  -u USER      who may ask, besides root\n");
}

static void on_end(void *arg, uint64_t now)
{
	helper_quit(arg, now);
}

static int serve(const char *instance, int fd, uid_t uid)
{
	struct loop_signal *term = NULL, *interrupt = NULL;
	struct helper *h = NULL;
	struct loop *loop;
	int rc = loop_new(&loop);

	if (rc)
		return rc;
	rc = helper_new(&h, loop, instance, fd, uid);
	rc = rc ? rc : loop_signal_new(loop, SIGTERM, on_end, h, &term);
	rc = rc ? rc : loop_signal_new(loop, SIGINT, on_end, h, &interrupt);
	if (!rc) {
		(void)sd_notify(0, "READY=1");
		rc = loop_run(loop);
	}
	helper_free(h);
	loop_signal_free(term);
	loop_signal_free(interrupt);
	loop_free(loop);
	return rc;
}

/* Paths of the socket and of the lock; the lock is ours. -EBUSY: this instance has a helper. */
static int prepare(const char *instance, int *ret_fd)
{
	char path[CONTROL_PATH_MAX], lock[CONTROL_PATH_MAX + 8];
	int rc = deeds_path(path, instance);

	if (rc)
		return rc;
	snprintf(lock, sizeof(lock), "%s.lock", path);
	rc = deeds_exec_lock(lock);
	return rc ? rc : deeds_exec_listen(path, ret_fd);
}

int main(int argc, char **argv)
{
	const char *instance = CONTROL_INSTANCE, *user = NULL;
	struct passwd *pw = NULL;
	bool detach = false;
	int opt, fd, rc;

	while ((opt = getopt(argc, argv, "di:u:h")) != -1) {
		switch (opt) {
		case 'd':
			detach = true;
			break;
		case 'i':
			instance = optarg;
			break;
		case 'u':
			user = optarg;
			break;
		default:
			usage(opt == 'h' ? stdout : stderr);
			return opt == 'h' ? 0 : 2;
		}
	}
	log_setup(LOG_LEVEL_INFO);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR2, SIG_IGN); /* that is for brasd, and where it was sent to all of a group */
	if (user && !(pw = getpwnam(user))) {
		log_error("no such user: %s", user);
		return 1;
	}
	if (detach && daemon(0, 1))
		return 1;
	rc = prepare(instance, &fd);
	rc = rc ? rc : serve(instance, fd, pw ? pw->pw_uid : 0);
	if (rc)
		log_error("brasd-deeds: %s",
			  rc == -EBUSY ? "this instance has a helper already" : strerror(-rc));
	return rc ? 1 : 0;
}
