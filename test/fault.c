// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded into brasd (build/fault.so), it makes the n-th call of one kind fail as the kernel or the C
 * library might: test/faults.sh. The file that BRASD_FAULT names, mapped, says which; it is text, so
 * that a shell can write it (KINDS below; the number of the call from now on; upper case: it and
 * all after it), and read what came of it:
 *
 *	octet 0	     the kind, '-' none; 1 to 8 the number, 9 to 15 the order's: a new one counts anew
 *	octet 32     'F' once it has failed, else '.'; 33 to 40 the calls of that kind so far; then which call
 *
 * Where it happens goes to stderr, as addresses for addr2line.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum kind {
	ALLOC = 'a', /* malloc, calloc, realloc, mmap: ENOMEM */
	SEND = 'n',  /* a netlink request: ENOBUFS, and it is not sent */
	RECV = 'o',  /* a netlink message is lost, and ENOBUFS says so */
	BUSY = 'b',  /* a netlink request: the answer is EBUSY */
	MAP = 'm',   /* bpf(): E2BIG for an element, ENOMEM for what is to be made, ENOSPC for a pin */
	DISK = 'd',  /* to create, write, sync, rename a file: ENOSPC */
	FORK = 'f',  /* a process or thread: EAGAIN */
	CLOCK = 'c', /* the time of day jumps ten days on, or ten back, in turn */
	UDP = 'r',   /* a datagram (RADIUS) has become rubbish */
};

#define FILE_SIZE 128
#define STATE	  32
#define JUMP	  (10 * 86400L)

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static volatile char *ctl;
static atomic_ulong calls;
static char order[8];
static long offset;
static atomic_uint busy_seq;
static _Thread_local bool inside;

static void tell(const char *what, unsigned long n)
{
	void *frame[24];
	char line[96];
	int len = snprintf(line, sizeof(line), "fault %lu: %s\n", n, what);

	snprintf((char *)ctl + STATE + 1, FILE_SIZE - STATE - 1, "%08lu %s\n", n, what);
	ctl[STATE] = 'F';
	if (write(STDERR_FILENO, line, (size_t)len) == len)
		backtrace_symbols_fd(frame, backtrace(frame, 24), STDERR_FILENO);
}

static bool armed(enum kind kind)
{
	return ctl && !inside && (ctl[0] | 0x20) == (char)kind;
}

/* Is it this call's turn to fail? */
static bool fails(enum kind kind, const char *what)
{
	char number[9] = { 0 };
	unsigned long n, at;
	bool yes;

	if (!armed(kind))
		return false;
	inside = true;
	if (memcmp(order, (const char *)ctl + 9, 7) != 0) {
		memcpy(order, (const char *)ctl + 9, 7);
		atomic_store(&calls, 0);
	}
	memcpy(number, (const char *)ctl + 1, 8);
	at = strtoul(number, NULL, 10);
	n = atomic_fetch_add(&calls, 1) + 1;
	yes = n == at || (n > at && ctl[0] < 'a');
	if (n == at)
		tell(what, n);
	else if (ctl[STATE] != 'F') {
		char text[10];

		snprintf(text, sizeof(text), "%08lu\n", n);
		memcpy((char *)ctl + STATE + 1, text, 9);
	}
	inside = false;
	return yes;
}

__attribute__((constructor)) static void setup(void)
{
	const char *path = getenv("BRASD_FAULT");
	void *frame[2];
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p;

	unsetenv("LD_PRELOAD"); /* its helpers are as ever */
	backtrace(frame, 2);	/* loads what it needs, while that cannot fail */
	if (fd < 0)
		return;
	p = (void *)syscall(SYS_mmap, NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		ctl = p;
}

/* The function that this one hides. */
#define NEXT(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))
#define FAIL(error, ret)                                                                           \
	do {                                                                                       \
		errno = (error);                                                                   \
		return ret;                                                                        \
	} while (0)

/* --- memory ----------------------------------------------------------------------------------- */

void *malloc(size_t n)
{
	if (fails(ALLOC, "malloc"))
		FAIL(ENOMEM, NULL);
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	if (fails(ALLOC, "calloc"))
		FAIL(ENOMEM, NULL);
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	if (fails(ALLOC, "realloc"))
		FAIL(ENOMEM, NULL);
	return __libc_realloc(p, n);
}

void *mmap(void *at, size_t len, int prot, int flags, int fd, off_t off)
{
	if (fails(ALLOC, "mmap"))
		FAIL(ENOMEM, MAP_FAILED);
	return (void *)syscall(SYS_mmap, at, len, prot, flags, fd, off);
}

void *mmap64(void *at, size_t len, int prot, int flags, int fd, off_t off)
{
	return mmap(at, len, prot, flags, fd, off);
}

/* --- netlink and datagrams ---------------------------------------------------------------------- */

static int domain(int fd)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &len) ? 0 : value;
}

static bool datagram(int fd)
{
	int value = 0, of = domain(fd);
	socklen_t len = sizeof(value);

	return (of == AF_INET || of == AF_INET6) &&
	       !getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &len) && value == SOCK_DGRAM;
}

static bool send_fails(int fd)
{
	return armed(SEND) && domain(fd) == AF_NETLINK && fails(SEND, "netlink request");
}

/* A request that nobody knows is refused, and on_answer() makes that EBUSY. */
static struct nlmsghdr *spoil(int fd, void *p, size_t len, uint16_t *ret_type)
{
	struct nlmsghdr *h = p;

	if (!armed(BUSY) || domain(fd) != AF_NETLINK || len < sizeof(*h) || !fails(BUSY, "netlink answer"))
		return NULL;
	atomic_store(&busy_seq, h->nlmsg_seq);
	*ret_type = h->nlmsg_type;
	h->nlmsg_type = 0xfffe;
	return h;
}

static void on_answer(int fd, void *p, ssize_t len)
{
	struct nlmsghdr *h = p;
	struct nlmsgerr *e = p ? NLMSG_DATA(h) : NULL;
	unsigned seq = atomic_load(&busy_seq);

	if (!seq || len < (ssize_t)NLMSG_LENGTH(sizeof(*e)) || h->nlmsg_type != NLMSG_ERROR || h->nlmsg_seq != seq ||
	    domain(fd) != AF_NETLINK)
		return;
	e->error = -EBUSY;
}

/* What is to be read, is read, and lost. */
static bool recv_fails(int fd)
{
	char gone[16];

	if (!armed(RECV) || domain(fd) != AF_NETLINK || syscall(SYS_recvfrom, fd, gone, sizeof(gone), MSG_PEEK | MSG_DONTWAIT, NULL, NULL) < 0 ||
	    !fails(RECV, "netlink message"))
		return false;
	syscall(SYS_recvfrom, fd, gone, sizeof(gone), MSG_DONTWAIT, NULL, NULL);
	return true;
}

/* What has been received, or what there is instead of it. */
static ssize_t rubbish(int fd, uint8_t *p, ssize_t len)
{
	unsigned long kind;

	if (len <= 0 || !armed(UDP) || !datagram(fd) || !fails(UDP, "datagram"))
		return len;
	kind = atomic_load(&calls) % 4;
	if (kind == 0)
		return len / 2;
	for (ssize_t i = kind == 1 ? 0 : kind == 2 ? 2 : 20; i < len; i++)
		p[i] = (uint8_t)(p[i] * 167 + i * 13 + 1);
	return len;
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	struct nlmsghdr *h;
	uint16_t type;
	ssize_t n;

	if (send_fails(fd))
		FAIL(ENOBUFS, -1);
	h = m->msg_iovlen ? spoil(fd, m->msg_iov[0].iov_base, m->msg_iov[0].iov_len, &type) : NULL;
	n = syscall(SYS_sendmsg, fd, m, flags);
	if (h)
		h->nlmsg_type = type;
	return n;
}

ssize_t sendto(int fd, const void *p, size_t len, int flags, const struct sockaddr *to, socklen_t to_len)
{
	struct nlmsghdr *h;
	uint16_t type;
	ssize_t n;

	if (send_fails(fd))
		FAIL(ENOBUFS, -1);
	h = spoil(fd, (void *)(uintptr_t)p, len, &type);
	n = syscall(SYS_sendto, fd, p, len, flags, to, to_len);
	if (h)
		h->nlmsg_type = type;
	return n;
}

ssize_t send(int fd, const void *p, size_t len, int flags)
{
	return sendto(fd, p, len, flags, NULL, 0);
}

ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	ssize_t n;

	if (recv_fails(fd))
		FAIL(ENOBUFS, -1);
	n = syscall(SYS_recvmsg, fd, m, flags);
	if (n <= 0 || !m->msg_iovlen)
		return n;
	on_answer(fd, m->msg_iov[0].iov_base, n < (ssize_t)m->msg_iov[0].iov_len ? n : (ssize_t)m->msg_iov[0].iov_len);
	return n <= (ssize_t)m->msg_iov[0].iov_len ? rubbish(fd, m->msg_iov[0].iov_base, n) : n;
}

ssize_t recvfrom(int fd, void *p, size_t len, int flags, struct sockaddr *from, socklen_t *from_len)
{
	ssize_t n;

	if (recv_fails(fd))
		FAIL(ENOBUFS, -1);
	n = syscall(SYS_recvfrom, fd, p, len, flags, from, from_len);
	on_answer(fd, p, n);
	return rubbish(fd, p, n);
}

ssize_t recv(int fd, void *p, size_t len, int flags)
{
	return recvfrom(fd, p, len, flags, NULL, NULL);
}

/* --- maps and programs ---------------------------------------------------------------------------- */

static int bpf_error(long command)
{
	switch (command) {
	case BPF_MAP_UPDATE_ELEM:
	case BPF_MAP_UPDATE_BATCH:
		return fails(MAP, "map element") ? E2BIG : 0;
	case BPF_MAP_CREATE:
	case BPF_PROG_LOAD:
	case BPF_LINK_CREATE:
	case BPF_LINK_UPDATE:
		return fails(MAP, "map, program or link") ? ENOMEM : 0;
	case BPF_OBJ_PIN:
		return fails(MAP, "pin") ? ENOSPC : 0;
	default:
		return 0;
	}
}

long syscall(long number, ...)
{
	static long (*next)(long, ...);
	long a[6];
	va_list ap;
	int error;

	va_start(ap, number);
	for (unsigned i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (!next)
		next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	error = number == SYS_bpf ? bpf_error(a[0]) : 0;
	if (error)
		FAIL(error, -1);
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* --- files ------------------------------------------------------------------------------------------ */

static mode_t mode_of(int flags, va_list ap)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
}

static bool regular(int fd)
{
	return fd > STDERR_FILENO && lseek(fd, 0, SEEK_CUR) >= 0;
}

int openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	if (flags & O_CREAT && fails(DISK, "open"))
		FAIL(ENOSPC, -1);
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return openat(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

FILE *fopen(const char *path, const char *mode)
{
	if (*mode != 'r' && fails(DISK, "fopen"))
		FAIL(ENOSPC, NULL);
	return NEXT(fopen)(path, mode);
}

ssize_t write(int fd, const void *p, size_t len)
{
	if (armed(DISK) && regular(fd) && fails(DISK, "write"))
		FAIL(ENOSPC, -1);
	return syscall(SYS_write, fd, p, len);
}

ssize_t pwrite(int fd, const void *p, size_t len, off_t at)
{
	if (fails(DISK, "pwrite"))
		FAIL(ENOSPC, -1);
	return syscall(SYS_pwrite64, fd, p, len, at);
}

int fsync(int fd)
{
	if (fails(DISK, "fsync"))
		FAIL(ENOSPC, -1);
	return (int)syscall(SYS_fsync, fd);
}

int ftruncate(int fd, off_t len)
{
	if (fails(DISK, "ftruncate"))
		FAIL(ENOSPC, -1);
	return (int)syscall(SYS_ftruncate, fd, len);
}

int fallocate(int fd, int mode, off_t at, off_t len)
{
	if (fails(DISK, "fallocate"))
		FAIL(ENOSPC, -1);
	return (int)syscall(SYS_fallocate, fd, mode, at, len);
}

int rename(const char *from, const char *to)
{
	if (fails(DISK, "rename"))
		FAIL(ENOSPC, -1);
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* --- processes and the time --------------------------------------------------------------------------- */

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *files, const posix_spawnattr_t *attr,
		char *const argv[], char *const envp[])
{
	if (fails(FORK, "posix_spawn"))
		return EAGAIN;
	return NEXT(posix_spawn)(pid, path, files, attr, argv, envp);
}

pid_t fork(void)
{
	if (fails(FORK, "fork"))
		FAIL(EAGAIN, -1);
	return NEXT(fork)();
}

int pthread_create(pthread_t *t, const pthread_attr_t *attr, void *(*fn)(void *), void *arg)
{
	if (fails(FORK, "pthread_create"))
		return EAGAIN;
	return NEXT(pthread_create)(t, attr, fn, arg);
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	if (id == CLOCK_REALTIME && fails(CLOCK, "clock_gettime"))
		offset = offset > 0 ? -JUMP : JUMP;
	if (syscall(SYS_clock_gettime, id, ts))
		return -1;
	ts->tv_sec += id == CLOCK_REALTIME ? offset : 0;
	return 0;
}

time_t time(time_t *ret)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_REALTIME, &ts);
	if (ret)
		*ret = ts.tv_sec;
	return ts.tv_sec;
}
