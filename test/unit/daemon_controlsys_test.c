// SPDX-License-Identifier: GPL-2.0-or-later
/* The control socket's file: who may open it, what is replaced, and what is not. */
#include "daemon/control_sys.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

static char dir[64], path[96], why[256];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/controlsys_test.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/control", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static int listen_at(const char *where, int *ret_fd)
{
	return control_sys_listen(where, ret_fd, why, sizeof(why));
}

static void test_mode_and_directories(void **state)
{
	char deep[128], parent[128];
	struct stat st;
	int fd;

	(void)state;
	snprintf(deep, sizeof(deep), "%s/a/b/control", dir);
	umask(0);
	assert_int_equal(listen_at(deep, &fd), 0);
	assert_int_equal(stat(deep, &st), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0660);
	control_sys_unlisten(fd, deep);
	assert_int_equal(access(deep, F_OK), -1);
	snprintf(parent, sizeof(parent), "%s/a/b", dir);
	assert_int_equal(stat(parent, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0755);
	assert_int_equal(rmdir(parent), 0);
	snprintf(parent, sizeof(parent), "%s/a", dir);
	assert_int_equal(rmdir(parent), 0);
}

static void test_second_daemon(void **state)
{
	int first, second = -7, client;
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	(void)state;
	assert_int_equal(listen_at(path, &first), 0);
	assert_int_equal(listen_at(path, &second), -EADDRINUSE);
	assert_int_equal(second, -7);
	assert_non_null(strstr(why, "another brasd of this instance already serves"));
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&sun, sizeof(sun)), 0);
	close(client);
	control_sys_unlisten(first, path);
}

/* What a daemon that was killed leaves behind. */
static void test_stale_socket(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	close(fd);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(listen_at(path, &fd), 0);
	control_sys_unlisten(fd, path);
}

static void test_not_a_socket(void **state)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(listen_at(path, &fd), -EEXIST);
	assert_non_null(strstr(why, path));
	assert_int_equal(access(path, F_OK), 0);
}

/* Two that start together: one is told to go. */
static void test_start_together(void **state)
{
	int other = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;

	(void)state;
	assert_int_equal(flock(other, LOCK_EX), 0);
	assert_int_equal(listen_at(path, &fd), -EADDRINUSE);
	close(other);
	assert_int_equal(listen_at(path, &fd), 0);
	control_sys_unlisten(fd, path);
}

static void test_bad_paths(void **state)
{
	char longer[200];
	int fd;

	(void)state;
	memset(longer, 'a', sizeof(longer));
	longer[0] = '/';
	longer[108] = '\0'; /* one more than fits with its NUL */
	assert_int_equal(listen_at(longer, &fd), -ENAMETOOLONG);
	assert_non_null(strstr(why, "longer than 107"));
	assert_int_equal(listen_at("/dev/null/x/control", &fd), -ENOTDIR);
	assert_non_null(strstr(why, "cannot make the directory of"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_mode_and_directories), T(test_second_daemon),  T(test_stale_socket),
		T(test_not_a_socket),	      T(test_start_together), T(test_bad_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
