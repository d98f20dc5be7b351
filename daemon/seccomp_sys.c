// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * System calls, by seccomp(2) through libseccomp. The list is what each part needs, as argued
 * beside it, with what the C library may use instead on another kernel or machine; the tests run
 * under it. test/syscalls.sh watches which are made: 74 of them on x86-64 in eight tests of the
 * namespace tier. The rest is of libraries (libev, libmicrohttpd,
 * libcap, libsystemd), of names that arm64 or another C library has instead, and of what goes wrong
 * (abort, a stack that grows). A call that is not on it fails with EPERM; one that only an intruder
 * makes ends the process: the sessions go on, and the next process adopts them. Names that a
 * machine does not have (arm64 has no open()) are passed over.
 */
#include "base/log.h"
#include "base/str.h"
#include "daemon/privilege.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMPILE_SECONDS 10 /* for what takes milliseconds */

/* Memory: the heap, threads' stacks, the record's and the rings' mappings. */
static const char *const memory[] = { "brk", "madvise", "mmap", "mprotect", "mremap", "munmap" };

/* Files: state, spools, logs, the configuration; /proc and /sys to look at and to set. No new
 * owner, no device node, no link. */
static const char *const files[] = {
	"access",     "chmod",	    "close",	 "dup",		 "dup2",      "dup3",
	"faccessat",  "faccessat2", "fallocate", "fchmod",	 "fchmodat",  "fcntl",
	"flock",      "fstat",	    "fstatfs",	 "fsync",	 "ftruncate", "getdents",
	"getdents64", "lseek",	    "lstat",	 "memfd_create", "mkdir",     "mkdirat",
	"newfstatat", "open",	    "openat",	 "pipe",	 "pipe2",     "pread64",
	"pwrite64",   "read",	    "readlink",	 "readlinkat",	 "readv",     "rename",
	"renameat",   "renameat2",  "rmdir",	 "stat",	 "statfs",    "statx",
	"umask",      "unlink",	    "unlinkat",	 "write",	 "writev",
};

/* Sockets of all kinds: packets, netlink, RADIUS, console, HTTP (which may send files). ioctl() is
 * ethtool's and the terminal's. */
static const char *const sockets[] = {
	"accept", "accept4",	"bind",	    "connect", "getpeername", "getsockname", "getsockopt",
	"ioctl",  "listen",	"recvfrom", "recvmsg", "sendfile",    "sendmmsg",    "sendmsg",
	"sendto", "setsockopt", "shutdown", "socket",  "socketpair",
};

/* Waiting, and what time it is. */
static const char *const waiting[] = {
	"clock_getres",
	"clock_gettime",
	"clock_nanosleep",
	"epoll_create",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_pwait2",
	"epoll_wait",
	"eventfd2",
	"gettimeofday",
	"nanosleep",
	"poll",
	"ppoll",
	"pselect6",
	"restart_syscall",
	"select",
	"signalfd4",
	"time",
	"timerfd_create",
	"timerfd_gettime",
	"timerfd_settime",
};

/* Threads and signals; clone() itself has a rule below. */
static const char *const threads[] = {
	"exit",		"exit_group",	     "futex",	    "get_robust_list", "gettid",
	"kill",		"membarrier",	     "rseq",	    "rt_sigaction",    "rt_sigprocmask",
	"rt_sigreturn", "sched_getaffinity", "sched_yield", "set_robust_list", "sigaltstack",
	"tgkill",
};

/* Who and where we are. prctl() names threads; the rest of it can only take away by now. */
static const char *const self[] = {
	"capget", "getcpu",  "getegid",	  "geteuid",   "getgid",
	"getpid", "getppid", "getrandom", "getrlimit", "getrusage",
	"getuid", "prctl",   "prlimit64", "sysinfo",   "uname",
};

/* The data plane. Which programs it may load, the kernel's verifier decides. */
static const char *const dataplane[] = { "bpf" };

/* Hooks: brasd starts them, waits, and ends them; and they are programs of the operator's, which
 * inherit this filter: what shells and common tools use, as the user they run as is allowed to. */
static const char *const of_scripts[] = {
	"alarm",
	"arch_prctl",
	"chdir",
	"chown",
	"close_range",
	"copy_file_range",
	"creat",
	"eventfd",
	"execve",
	"execveat",
	"fadvise64",
	"fchdir",
	"fchown",
	"fchownat",
	"fdatasync",
	"fgetxattr",
	"flistxattr",
	"fork",
	"futimesat",
	"getcwd",
	"getgroups",
	"getitimer",
	"getpgid",
	"getpgrp",
	"getpriority",
	"getresgid",
	"getresuid",
	"getsid",
	"getxattr",
	"inotify_add_watch",
	"inotify_init",
	"inotify_init1",
	"inotify_rm_watch",
	"lchown",
	"lgetxattr",
	"link",
	"linkat",
	"listxattr",
	"llistxattr",
	"mincore",
	"mknod",
	"mknodat",
	"mlock",
	"msync",
	"munlock",
	"openat2",
	"pause",
	"personality",
	"pidfd_open",
	"pidfd_send_signal",
	"preadv",
	"preadv2",
	"pwritev",
	"pwritev2",
	"recvmmsg",
	"rt_sigpending",
	"rt_sigqueueinfo",
	"rt_sigsuspend",
	"rt_sigtimedwait",
	"sched_get_priority_max",
	"sched_get_priority_min",
	"sched_getparam",
	"sched_getscheduler",
	"sched_setaffinity",
	"set_tid_address",
	"setitimer",
	"setpgid",
	"setpriority",
	"setrlimit",
	"setsid",
	"splice",
	"symlink",
	"symlinkat",
	"sync",
	"sync_file_range",
	"tee",
	"timer_create",
	"timer_delete",
	"timer_getoverrun",
	"timer_gettime",
	"timer_settime",
	"times",
	"tkill",
	"truncate",
	"utime",
	"utimensat",
	"utimes",
	"vfork",
	"wait4",
	"waitid",
};

/* What neither brasd nor anything that it starts has any use for: whoever calls it is an intruder.
 */
static const char *const deadly[] = {
	"add_key",
	"delete_module",
	"finit_module",
	"init_module",
	"io_uring_setup",
	"ioperm",
	"iopl",
	"kexec_file_load",
	"kexec_load",
	"keyctl",
	"kcmp",
	"open_by_handle_at",
	"pivot_root",
	"process_vm_readv",
	"process_vm_writev",
	"ptrace",
	"reboot",
	"request_key",
	"swapoff",
	"swapon",
	"userfaultfd",
};

/* The helper loads modules, and named and tayga change their user and directory: of the deadly ones
 * it may do module calls only, and of namespaces nothing. */
static const char *const not_helper[] = {
	"acct",
	"add_key",
	"fsmount",
	"fsopen",
	"ioperm",
	"iopl",
	"kcmp",
	"kexec_file_load",
	"kexec_load",
	"keyctl",
	"mount",
	"mount_setattr",
	"move_mount",
	"open_by_handle_at",
	"open_tree",
	"pivot_root",
	"process_vm_readv",
	"process_vm_writev",
	"ptrace",
	"quotactl",
	"reboot",
	"request_key",
	"setns",
	"settimeofday",
	"swapoff",
	"swapon",
	"umount2",
	"unshare",
	"userfaultfd",
	"clock_settime",
	"clock_adjtime",
	"adjtimex",
	"sethostname",
	"setdomainname",
};

#define NAMESPACES                                                                                 \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	 CLONE_NEWPID | CLONE_NEWNET)

static int add(scmp_filter_ctx f, uint32_t action, const char *const *names, unsigned count)
{
	int rc = 0;

	for (unsigned i = 0; i < count && !rc; i++) {
		int nr = seccomp_syscall_resolve_name(names[i]);

		if (nr != __NR_SCMP_ERROR && nr >= 0) /* less: of another machine */
			rc = seccomp_rule_add(f, action, nr, 0);
	}
	return rc;
}
#define ADD(f, action, group) add(f, action, group, ARRAY_SIZE(group))

/* A thread; or, for scripts, a process; never a namespace. clone3() keeps its flags in memory,
 * where no filter can look: without it the C library takes clone(). */
static int add_clone(scmp_filter_ctx f, bool scripts)
{
	uint64_t mask = NAMESPACES | (scripts ? 0 : CLONE_THREAD);
	int rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				  SCMP_A0(SCMP_CMP_MASKED_EQ, mask, scripts ? 0 : CLONE_THREAD));

	return rc ? rc : seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int allow_all(scmp_filter_ctx f, bool scripts)
{
	int rc = ADD(f, SCMP_ACT_ALLOW, memory);

	rc = rc ? rc : ADD(f, SCMP_ACT_ALLOW, files);
	rc = rc ? rc : ADD(f, SCMP_ACT_ALLOW, sockets);
	rc = rc ? rc : ADD(f, SCMP_ACT_ALLOW, waiting);
	rc = rc ? rc : ADD(f, SCMP_ACT_ALLOW, threads);
	rc = rc ? rc : ADD(f, SCMP_ACT_ALLOW, self);
	rc = rc ? rc : ADD(f, SCMP_ACT_ALLOW, dataplane);
	rc = rc ? rc : add_clone(f, scripts);
	return rc || !scripts ? rc : ADD(f, SCMP_ACT_ALLOW, of_scripts);
}

/* Into @fd, by a child and twice: where an allocation of its own fails, libseccomp (2.5.4) crashes,
 * never comes to an end, or makes half of it and says that all is well. -ENOMEM, for it says no
 * more. */
static int compile(scmp_filter_ctx f, int fd)
{
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		alarm(COMPILE_SECONDS);
		_exit(seccomp_export_bpf(f, fd) || seccomp_export_bpf(f, fd) ? 1 : 0);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (pid < 0)
		return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -ENOMEM;
}

/* The program becomes this process's, if both are the same. */
static int apply(int fd)
{
	_cleanup_free_ struct sock_filter *code = NULL;
	struct sock_fprog prog;
	struct stat st;
	size_t count;

	if (fstat(fd, &st))
		return -errno;
	count = (size_t)st.st_size / (2 * sizeof(*code));
	if (!count || count > BPF_MAXINSNS || (size_t)st.st_size != 2 * count * sizeof(*code))
		return -ENOMEM;
	code = malloc(2 * count * sizeof(*code));
	if (!code)
		return -ENOMEM;
	if (pread(fd, code, (size_t)st.st_size, 0) != st.st_size)
		return -EIO;
	if (memcmp(code, code + count, count * sizeof(*code)) != 0)
		return -ENOMEM;
	prog = (struct sock_fprog){ (unsigned short)count, code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog))
		return -errno;
	return 0;
}

static int load(scmp_filter_ctx f)
{
	_cleanup_close_ int fd = memfd_create("seccomp", MFD_CLOEXEC);
	int rc;

	if (fd < 0)
		return -errno;
	rc = compile(f, fd);
	return rc ? rc : apply(fd);
}

int seccomp_brasd(enum seccomp_mode mode, bool scripts)
{
	static const char *const exec[] = { "execve", "execveat" };
	bool log = mode == SECCOMP_MODE_LOG;
	scmp_filter_ctx f;
	int rc;

	if (mode == SECCOMP_MODE_OFF)
		return 0;
	f = seccomp_init(log ? SCMP_ACT_LOG : SCMP_ACT_ERRNO(EPERM));
	if (!f)
		return -ENOMEM;
	rc = allow_all(f, scripts);
	if (!log)
		rc = rc ? rc : ADD(f, SCMP_ACT_KILL_PROCESS, deadly);
	if (!log && !scripts)
		rc = rc ? rc : ADD(f, SCMP_ACT_KILL_PROCESS, exec);
	rc = rc ? rc : load(f);
	seccomp_release(f);
	return rc;
}

int seccomp_helper(void)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	int rc = f ? ADD(f, SCMP_ACT_ERRNO(EPERM), not_helper) : -ENOMEM;

	rc = rc ? rc : load(f);
	seccomp_release(f);
	return rc;
}
