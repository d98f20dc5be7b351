// SPDX-License-Identifier: GPL-2.0-or-later
/* The filter of system calls, in children: what brasd needs passes, the rest is refused, and what
 * only an intruder calls is the end. And who brasd becomes. */
#include "base/str.h"
#include "daemon/privilege.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* The wait status of a child that is filtered and then does @fn, whose errno is its exit status. */
static int filtered(bool scripts, enum seccomp_mode mode, int (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || seccomp_brasd(mode, scripts))
			_exit(255);
		_exit(fn() < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void *nothing(void *arg)
{
	return arg;
}

static int call_needed(void)
{
	pthread_t t;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0 || close(fd) || pthread_create(&t, NULL, nothing, NULL))
		return -1;
	return pthread_join(t, NULL) ? -1 : 0;
}

static int call_mount(void)
{
	return (int)syscall(SYS_mount, "none", "/nowhere", "tmpfs", 0, NULL);
}

static int call_chown(void)
{
	return chown("/nowhere", 0, 0);
}

static int call_ptrace(void)
{
	return (int)syscall(SYS_ptrace, 0, 0, 0, 0);
}

static int call_execve(void)
{
	char *const argv[] = { "true", NULL };

	return execv("/bin/true", argv);
}

static int call_unshare_by_clone(void)
{
	return (int)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
}

static int call_fork(void)
{
	return (int)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static void killed(int status)
{
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void ends_with(int status, int code)
{
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
}

static void what_it_needs_passes(void **state)
{
	(void)state;
	ends_with(filtered(false, SECCOMP_MODE_ON, call_needed), 0);
	ends_with(filtered(true, SECCOMP_MODE_ON, call_needed), 0);
}

static void the_rest_is_refused(void **state)
{
	(void)state;
	ends_with(filtered(false, SECCOMP_MODE_ON, call_mount), EPERM);
	ends_with(filtered(true, SECCOMP_MODE_ON, call_mount), EPERM);
	ends_with(filtered(false, SECCOMP_MODE_ON, call_chown), EPERM);
	ends_with(filtered(false, SECCOMP_MODE_ON, call_unshare_by_clone), EPERM);
	ends_with(filtered(true, SECCOMP_MODE_ON, call_unshare_by_clone), EPERM);
	ends_with(filtered(false, SECCOMP_MODE_ON, call_fork), EPERM);
}

static void an_intruder_is_ended(void **state)
{
	(void)state;
	killed(filtered(false, SECCOMP_MODE_ON, call_ptrace));
	killed(filtered(true, SECCOMP_MODE_ON, call_ptrace));
	killed(filtered(false, SECCOMP_MODE_ON, call_execve));
}

static void scripts_are_run(void **state)
{
	(void)state;
	ends_with(filtered(true, SECCOMP_MODE_ON, call_execve), 0);
}

static void other_modes_refuse_nothing(void **state)
{
	(void)state;
	ends_with(filtered(false, SECCOMP_MODE_OFF, call_execve), 0);
	ends_with(filtered(false, SECCOMP_MODE_LOG, call_execve), 0);
}

static void who_it_becomes(void **state)
{
	static const struct {
		const char *user, *group;
		int rc;
		uid_t uid;
		gid_t gid;
	} row[] = {
		{ "root", "auto", 0, 0, 0 },
		{ "64217", "auto", 0, 64217, 64217 },
		{ "64217", "64218", 0, 64217, 64218 },
		{ "root", "64218", 0, 0, 64218 },
		{ "no-such-user", "auto", -ENOENT, 1, 1 },
		{ "root", "no-such-group", -ENOENT, 1, 1 },
		{ "4294967295", "auto", -ENOENT, 1, 1 }, /* to setuid() that is "no change" */
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		struct privilege_ids ids = { 1, 1 };
		struct config c = { 0 };
		char why[128] = "";

		snprintf(c.privileges.user, sizeof(c.privileges.user), "%s", row[i].user);
		snprintf(c.privileges.group, sizeof(c.privileges.group), "%s", row[i].group);
		assert_int_equal(privilege_ids(&c, &ids, why, sizeof(why)), row[i].rc);
		assert_int_equal(ids.uid, row[i].uid);
		assert_int_equal(ids.gid, row[i].gid);
		assert_int_equal(*why != '\0', row[i].rc != 0);
	}
}

/* What a running process cannot do any more is refused, and says so. */
static void a_reload_loosens_nothing(void **state)
{
	struct config from = { .privileges = { "auto", "auto", SECCOMP_MODE_ON } }, to = from;
	char why[128] = "";

	(void)state;
	assert_int_equal(privilege_check_reload(&from, &to, why, sizeof(why)), 0);
	strcpy(to.hooks.ip_up, "/etc/ppp/ip-up");
	assert_int_equal(privilege_check_reload(&from, &to, why, sizeof(why)), -EBUSY);
	assert_non_null(strstr(why, "restart"));
	assert_int_equal(privilege_check_reload(&to, &from, why, sizeof(why)), 0);
	to = from;
	to.privileges.seccomp = SECCOMP_MODE_OFF;
	assert_int_equal(privilege_check_reload(&from, &to, why, sizeof(why)), -EBUSY);
	to = from;
	strcpy(to.privileges.user, "root");
	assert_int_equal(privilege_check_reload(&from, &to, why, sizeof(why)), -EBUSY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_needs_passes),	      cmocka_unit_test(the_rest_is_refused),
		cmocka_unit_test(an_intruder_is_ended),	      cmocka_unit_test(scripts_are_run),
		cmocka_unit_test(other_modes_refuse_nothing), cmocka_unit_test(who_it_becomes),
		cmocka_unit_test(a_reload_loosens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
