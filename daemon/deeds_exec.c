// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/deeds_exec.h"

#include "base/str.h"
#include "daemon/deeds_table.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>

#define BACKLOG 4

/* Ours is beside us: that of the same version. */
static bool is_beside(const char *tool, char *path, size_t cap)
{
	ssize_t n = readlink("/proc/self/exe", path, cap - 1);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (strcmp(tool, "brasmon") != 0 || !slash ||
	    (size_t)(slash + 1 - path) + strlen(tool) >= cap)
		return false;
	strcpy(slash + 1, tool);
	return !access(path, X_OK);
}

static int find_tool(const char *tool, char *path, size_t cap)
{
	if (is_beside(tool, path, cap))
		return 0;
	for (const char *const *dir = deed_dirs; *dir; dir++) {
		snprintf(path, cap, "%s/%s", *dir, tool);
		if (!access(path, X_OK))
			return 0;
	}
	return -ENOENT;
}

/* In the child: never returns. Everything above stderr is closed, ours and what we inherited. */
static void become(const char *path, const char *const *argv, int input, int output,
		   bool supervised, pid_t parent)
{
	static const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
	setpgid(0, 0);
	if (supervised && (prctl(PR_SET_PDEATHSIG, SIGTERM) || getppid() != parent))
		_exit(126);
	if (input < 0)
		input = open("/dev/null", O_RDONLY);
	if (input < 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0 ||
	    close_range(3, ~0u, 0))
		_exit(126);
	execve(path, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
	dprintf(2, "cannot execute %s: %s\n", path, strerror(errno));
	_exit(126);
}

static int start(const char *path, const char *const *argv, int input, bool supervised,
		 struct deeds_process *ret)
{
	pid_t parent = getpid(), pid;
	int pipes[2], rc = 0;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid)
		become(path, argv, input, pipes[1], supervised, parent);
	if (pid < 0)
		rc = -errno;
	close(pipes[1]);
	if (!rc) {
		(void)fcntl(pipes[0], F_SETFL, O_NONBLOCK);
		*ret = (struct deeds_process){ pid, pidfd_open(pid, 0), pipes[0] };
		if (ret->pidfd < 0) {
			rc = -errno;
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
	}
	if (rc)
		close(pipes[0]);
	return rc;
}

int deeds_exec(const char *tool, const char *const *argv, int input, bool supervised,
	       struct deeds_process *ret)
{
	char path[128];
	int rc = find_tool(tool, path, sizeof(path));

	rc = rc ? rc : start(path, argv, input, supervised, ret);
	if (input >= 0)
		close(input);
	return rc;
}

/* A file and not a pipe: a tool may seek in it, and none can make us wait. */
int deeds_exec_input(const void *p, size_t len, int *ret_fd)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, p, len);

	if (n != (ssize_t)len || lseek(fd, 0, SEEK_SET)) {
		int rc = n < 0 ? -errno : -EIO;

		if (fd >= 0)
			close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

void deeds_exec_kill(const struct deeds_process *p, int signo)
{
	if (kill(-p->pid, signo)) /* it may not have got its group yet */
		kill(p->pid, signo);
}

int deeds_exec_reap(struct deeds_process *p)
{
	int status = 0;

	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(p->pidfd);
	close(p->output);
	*p = (struct deeds_process){ 0, -1, -1 };
	return status;
}

static bool is_command(int proc, const char *pid, const char *const *argv)
{
	char path[64], buf[1024];
	_cleanup_close_ int fd = -1;
	ssize_t n, at = 0;

	snprintf(path, sizeof(path), "%.20s/cmdline", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, buf, sizeof(buf));
	for (; *argv && at < n; argv++) {
		ssize_t len = (ssize_t)strlen(*argv) + 1;

		if (len > n - at || memcmp(buf + at, *argv, (size_t)len) != 0)
			return false;
		at += len;
	}
	return !*argv && n && at == n;
}

unsigned deeds_exec_orphans(const char *const *argv)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	unsigned count = 0;

	while (proc && (e = readdir(proc))) {
		uint64_t pid;
		int fd;

		if (str_to_u64(e->d_name, 2, INT_MAX, &pid))
			continue;
		fd = pidfd_open((pid_t)pid, 0); /* first: the number cannot become another's */
		if (fd < 0)
			continue;
		if (is_command(dirfd(proc), e->d_name, argv) &&
		    !pidfd_send_signal(fd, SIGKILL, NULL, 0))
			count++;
		close(fd);
	}
	if (proc)
		closedir(proc);
	return count;
}

/* What is not there yet lies where its folder leads to; a link to nothing leads anywhere. */
int deeds_exec_real(const char *file, char ret[PATH_MAX])
{
	char folder[PATH_MAX];
	const char *slash = strrchr(file, '/');
	struct stat st;
	size_t len;

	if (realpath(file, ret))
		return 0;
	if (errno != ENOENT || !slash || !lstat(file, &st) ||
	    (size_t)(slash - file) >= sizeof(folder))
		return errno && errno != ENOENT ? -errno : -ELOOP;
	memcpy(folder, file, (size_t)(slash - file));
	folder[slash - file] = '\0';
	if (!realpath(folder, ret))
		return -errno;
	len = strlen(ret);
	if (len + strlen(slash) >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(ret + len, slash);
	return 0;
}

static int open_parent(const char *path, const char **ret_name)
{
	const struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS,
	};
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	long fd;

	if (!slash || slash == path || !slash[1] || (size_t)(slash - path) >= sizeof(parent))
		return -EINVAL;
	memcpy(parent, path, (size_t)(slash - path));
	parent[slash - path] = '\0';
	*ret_name = slash + 1;
	fd = syscall(SYS_openat2, AT_FDCWD, parent, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

int deeds_exec_dir(const char *path, const char *user, uid_t asker)
{
	const struct passwd *pw = getpwnam(user);
	const char *name;
	_cleanup_close_ int parent = open_parent(path, &name);
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (!pw || !pw->pw_uid)
		return pw ? -EPERM : -ENOENT;
	if (parent < 0)
		return parent;
	if (mkdirat(parent, name, 0750) && errno != EEXIST)
		return -errno;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (st.st_uid && st.st_uid != asker && st.st_uid != pw->pw_uid)
		return -EPERM;
	return fchown(fd, pw->pw_uid, (gid_t)-1) || fchmod(fd, 0750) ? -errno : 0;
}

/* --- its socket --------------------------------------------------------------------------------
 */

int deeds_exec_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		int rc = errno == EWOULDBLOCK ? -EBUSY : -errno;

		close(fd);
		return rc;
	}
	return 0; /* open as long as we live */
}

int deeds_exec_listen(const char *path, int *ret_fd)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	if (sd_listen_fds(1) == 1) {
		*ret_fd = SD_LISTEN_FDS_START;
		return fcntl(*ret_fd, F_SETFL, O_NONBLOCK) ? -errno : 0;
	}
	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, strlen(path));
	if (unlink(path) && errno != ENOENT) /* the lock is ours: nobody serves it */
		return -errno;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0600) || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) ||
	    listen(fd, BACKLOG)) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

int deeds_exec_accept(int fd, uid_t uid, int *ret_fd)
{
	int c = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (c < 0)
		return -errno;
	if (getsockopt(c, SOL_SOCKET, SO_PEERCRED, &peer, &len) ||
	    (peer.uid && peer.uid != geteuid() && peer.uid != uid)) {
		close(c);
		return -EACCES;
	}
	*ret_fd = c;
	return 0;
}

void deeds_exec_hang_up(int fd)
{
	(void)shutdown(fd, SHUT_RDWR);
}
