// SPDX-License-Identifier: GPL-2.0-or-later
/* brasd-deeds: does what brasd may not, from a fixed list (daemon/deeds_table.c). brasd.8 has it.
 */
#include "base/control.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/caps_sys.h"
#include "daemon/deeds_exec.h"
#include "daemon/deeds_serve.h"
#include "daemon/deeds_wire.h"
#include "daemon/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static void usage(FILE *f)
{
	fprintf(f, "usage: brasd-deeds [-d | -w] [-i INSTANCE] [-u USER]\n"
		   "  -d           go into the background\n"
		   "  -w           stay, to start one when told on stdin\n"
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

/* What a tool of the table needs: modprobe; jool, tayga, nft; named, which takes port 53, a user
 * and a root directory; brasmon; files of the user that asks. */
#define CAPS                                                                                       \
	(CAPS_BIT(CAP_SYS_MODULE) | CAPS_BIT(CAP_NET_ADMIN) | CAPS_BIT(CAP_NET_BIND_SERVICE) |     \
	 CAPS_BIT(CAP_NET_RAW) | CAPS_BIT(CAP_SETUID) | CAPS_BIT(CAP_SETGID) |                     \
	 CAPS_BIT(CAP_SYS_CHROOT) | CAPS_BIT(CAP_SYS_RESOURCE) | CAPS_BIT(CAP_KILL) |              \
	 CAPS_BIT(CAP_CHOWN) | CAPS_BIT(CAP_FOWNER) | CAPS_BIT(CAP_DAC_OVERRIDE) |                 \
	 CAPS_BIT(CAP_DAC_READ_SEARCH) | CAPS_BIT(CAP_BPF) | CAPS_BIT(CAP_PERFMON))

static int confine(void)
{
	uint64_t have;
	int rc;

	caps_bound(CAPS);
	rc = caps_keep(CAPS, &have);
	return rc ? rc : seccomp_helper();
}

static void remove_pins(const char *instance)
{
	char path[CONTROL_PATH_MAX], pins[sizeof(path) + 32];

	if (control_path(path, instance))
		return;
	snprintf(pins, sizeof(pins), "/sys/fs/bpf/brasberry/%s", instance);
	(void)rmdir(pins); /* not while something is pinned there */
}

/* -w: for a brasd that is root no more. 's' on stdin starts a helper, 'e' is a clean end; when
 * brasd is gone, so are we. */
static int stand_by(char **argv, const char *user, const char *instance)
{
	char c;

	while (read(0, &c, 1) == 1) {
		int null;
		pid_t pid;

		if (c == 'e') {
			remove_pins(instance);
			break;
		}
		pid = fork();
		if (!pid) {
			null = open("/dev/null", O_RDWR | O_CLOEXEC);
			if (null < 0 || dup2(null, 0) < 0)
				_exit(126);
			execl("/proc/self/exe", argv[0], "-u", user, "-d", "-i", instance, NULL);
			_exit(126);
		}
		if (pid > 0) /* it goes into the background at once */
			(void)waitpid(pid, NULL, 0);
	}
	return 0;
}

struct options {
	const char *instance, *user;
	bool detach, wait;
	uid_t uid;
	gid_t gid;
};

/* 0; 1: help was given; -EINVAL, and it was told. */
static int parse_options(int argc, char **argv, struct options *o)
{
	int opt;

	while ((opt = getopt(argc, argv, "dwi:u:h")) != -1) {
		switch (opt) {
		case 'd':
			o->detach = true;
			break;
		case 'w':
			o->wait = true;
			break;
		case 'i':
			o->instance = optarg;
			break;
		case 'u':
			o->user = optarg;
			break;
		default:
			usage(opt == 'h' ? stdout : stderr);
			return opt == 'h' ? 1 : -EINVAL;
		}
	}
	return 0;
}

static int find_user(struct options *o)
{
	struct passwd *pw = o->user ? getpwnam(o->user) : NULL;
	uint64_t v = 0;

	if (!o->user)
		return 0;
	if (!pw && str_to_u64(o->user, 0, UINT32_MAX - 1, &v)) {
		log_error("no such user: %s", o->user);
		return -ENOENT;
	}
	o->uid = pw ? pw->pw_uid : (uid_t)v;
	o->gid = pw ? pw->pw_gid : (gid_t)v;
	return 0;
}

/* Socket and lock are the asking user's, and made with no more than its rights: nobody can have
 * root make them elsewhere. */
static int prepare_as(const struct options *o, int *ret_fd)
{
	bool other = o->uid && !geteuid();
	int rc;

	if (other && (setegid(o->gid) || seteuid(o->uid)))
		return -errno;
	rc = prepare(o->instance, ret_fd);
	if (other && (seteuid(0) || setegid(0)))
		return -errno;
	return rc;
}

int main(int argc, char **argv)
{
	struct options o = { .instance = CONTROL_INSTANCE };
	int fd, rc = parse_options(argc, argv, &o);

	if (rc)
		return rc < 0 ? 2 : 0;
	log_setup(LOG_LEVEL_INFO);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR2, SIG_IGN); /* that is for brasd, and where it was sent to all of a group */
	rc = find_user(&o);
	rc = rc ? rc : confine();
	if (!rc && o.wait)
		return stand_by(argv, o.user ? o.user : "0", o.instance);
	if (!rc && o.detach && daemon(0, 1))
		return 1;
	rc = rc ? rc : prepare_as(&o, &fd);
	rc = rc ? rc : serve(o.instance, fd, o.uid);
	if (rc)
		log_error("brasd-deeds: %s",
			  rc == -EBUSY ? "this instance has a helper already" : strerror(-rc));
	return rc ? 1 : 0;
}
