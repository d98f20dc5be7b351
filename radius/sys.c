// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The client's door to the kernel: connected UDP sockets (so that only the server's own address and
 * port are heard, and ICMP errors are told), IPv4 and IPv6; the files of the state directory; the
 * clock of the wall; randomness. Nothing here decides anything.
 *
 * Writes to the spool are small appends into the page cache, made from the loop. They are not
 * fsynced: they outlive the process, which is what ends unexpectedly.
 */
#include "radius/client.h"

#include "base/killpoint.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#define PER_TURN   64 /* datagrams of one socket, then others get their turn */
#define RECV_BYTES (512 << 10)
#define NAME_LEN   64

struct door_socket {
	struct doors *doors;
	struct loop_io *io;
	int fd;
	unsigned server, number;
	enum radius_kind kind;
};

struct doors {
	struct radius_client *client;
	struct loop *loop;
	struct radius_store store;
	struct radius_tap tap;
	int dir;				    /* the state directory */
	int out, in;				    /* the files appended to and read last, */
	char out_name[NAME_LEN], in_name[NAME_LEN]; /* and their names */
	struct door_socket socket[RADIUS_SERVERS_MAX][RADIUS_KINDS][RADIUS_SOCKETS_MAX];
};

/* --- files --------------------------------------------------------------------------------- */

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The file, kept open from one call to the next. */
static int reach(struct doors *d, int *fd, char kept[NAME_LEN], const char *name, int flags)
{
	if (*fd >= 0 && !strcmp(kept, name))
		return 0;
	shut(fd);
	if (strlen(name) >= NAME_LEN)
		return -ENAMETOOLONG;
	*fd = openat(d->dir, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0)
		return -errno;
	memcpy(kept, name, strlen(name) + 1);
	return 0;
}

static int store_append(void *arg, const char *name, const void *p, size_t len)
{
	struct doors *d = arg;
	struct stat st;
	ssize_t n;
	int rc = reach(d, &d->out, d->out_name, name, O_WRONLY | O_CREAT | O_APPEND);

	if (rc)
		return rc;
	KILLPOINT("spool");
	n = write(d->out, p, len);
	if (n == (ssize_t)len)
		return 0;
	rc = n < 0 ? -errno : -ENOSPC;
	/* Half an entry is cut off again; where even that fails, the reader finds it torn. */
	if (n > 0 && (fstat(d->out, &st) || ftruncate(d->out, st.st_size - n)))
		rc = -EIO;
	return rc;
}

static int store_read(void *arg, const char *name, uint64_t off, void *p, size_t len)
{
	struct doors *d = arg;
	size_t have = 0;
	int rc = reach(d, &d->in, d->in_name, name, O_RDONLY);

	if (rc)
		return rc;
	while (have < len) {
		ssize_t n = pread(d->in, (uint8_t *)p + have, len - have, (off_t)(off + have));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		have += (size_t)n;
	}
	return (int)have;
}

static int store_remove(void *arg, const char *name)
{
	struct doors *d = arg;

	if (!strcmp(d->out_name, name))
		shut(&d->out);
	if (!strcmp(d->in_name, name))
		shut(&d->in);
	KILLPOINT("spool goes");
	return unlinkat(d->dir, name, 0) ? -errno : 0;
}

static int store_replace(void *arg, const char *name, const void *p, size_t len)
{
	struct doors *d = arg;
	char temp[NAME_LEN + 8];
	_cleanup_close_ int fd = -1;

	snprintf(temp, sizeof(temp), "%.*s.new", NAME_LEN, name);
	fd = openat(d->dir, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, p, len) != (ssize_t)len)
		return -EIO;
	KILLPOINT("rename");
	return renameat(d->dir, temp, d->dir, name) ? -errno : 0;
}

static int store_list(void *arg, const char *folder, void (*fn)(void *ctx, const char *name),
		      void *ctx)
{
	struct doors *d = arg;
	struct dirent *e;
	DIR *dir;
	int fd = openat(d->dir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			fn(ctx, e->d_name);
	closedir(dir);
	return 0;
}

static int store_open(struct doors *d, const char *path, char *why, size_t why_len)
{
	int rc;

	d->store = (struct radius_store){ .arg = d,
					  .append = store_append,
					  .read = store_read,
					  .replace = store_replace,
					  .remove = store_remove,
					  .list = store_list };
	if ((!mkdir(path, 0700) || errno == EEXIST) &&
	    (d->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0 &&
	    (!mkdirat(d->dir, "spool", 0700) || errno == EEXIST))
		return 0;
	rc = -errno;
	snprintf(why, why_len, "%s: %s", path, strerror(-rc));
	return rc;
}

/* --- sockets ------------------------------------------------------------------------------- */

static void end_of(const struct sockaddr_storage *a, struct ip6 *ret, uint16_t *ret_port)
{
	const struct sockaddr_in6 *v6 = (const void *)a;
	const struct sockaddr_in *v4 = (const void *)a;

	*ret = (struct ip6){ .b = { [10] = 0xff, [11] = 0xff } };
	if (a->ss_family == AF_INET)
		memcpy(ret->b + 12, &v4->sin_addr, sizeof(v4->sin_addr));
	else
		memcpy(ret->b, &v6->sin6_addr, sizeof(ret->b));
	*ret_port = ntohs(a->ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
}

static void tell(const struct radius_tap *tap, int fd, bool sent, const uint8_t *p, size_t len)
{
	struct radius_datagram g = { .sent = sent, .p = p, .len = len };
	struct sockaddr_storage ours = { 0 }, theirs = { 0 };
	socklen_t n = sizeof(ours), m = sizeof(theirs);

	if (!tap->on || !*tap->on || getsockname(fd, (struct sockaddr *)&ours, &n) ||
	    getpeername(fd, (struct sockaddr *)&theirs, &m))
		return;
	end_of(sent ? &ours : &theirs, &g.from, &g.from_port);
	end_of(sent ? &theirs : &ours, &g.to, &g.to_port);
	tap->see(tap->arg, &g);
}

static int door_send(void *arg, unsigned server, enum radius_kind kind, unsigned socket,
		     const uint8_t *p, size_t len)
{
	struct doors *d = arg;
	int fd = d->socket[server][kind][socket].fd;

	/* An ICMP error of an earlier packet is told instead of sending this one: so, once more. */
	for (unsigned again = 0; again < 2; again++) {
		if (send(fd, p, len, MSG_NOSIGNAL) >= 0) {
			tell(&d->tap, fd, true, p, len);
			return 0;
		}
		if (errno != ECONNREFUSED && errno != EHOSTUNREACH && errno != ENETUNREACH)
			break;
		radius_engine_error(d->client, server, kind, -errno);
	}
	return -errno;
}

static void on_readable(void *arg, uint64_t now, unsigned events)
{
	struct door_socket *s = arg;
	uint8_t buf[RADIUS_PACKET_MAX + 1];

	(void)events;
	for (unsigned i = 0; i < PER_TURN; i++) {
		ssize_t n = recv(s->fd, buf, sizeof(buf), 0);

		if (n >= 0) {
			tell(&s->doors->tap, s->fd, false, buf, (size_t)n);
			radius_engine_input(s->doors->client, s->server, s->kind, s->number, buf,
					    (size_t)n, now);
			continue;
		}
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return;
		if (errno != EINTR)
			radius_engine_error(s->doors->client, s->server, s->kind, -errno);
	}
}

/* @from is of the same family, or empty. */
static int bind_to(int fd, const char *from, bool is4)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (!*from)
		return 0;
	if (inet_pton(is4 ? AF_INET : AF_INET6, from,
		      is4 ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr) != 1)
		return -EINVAL;
	return (is4 ? bind(fd, (struct sockaddr *)&v4, sizeof(v4))
		    : bind(fd, (struct sockaddr *)&v6, sizeof(v6)))
		       ? -errno
		       : 0;
}

static int connect_to(const char *address, uint16_t port, const char *from)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	bool is4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
	int bytes = RECV_BYTES, fd, rc;

	if (!is4 && inet_pton(AF_INET6, address, &v6.sin6_addr) != 1)
		return -EINVAL;
	fd = socket(is4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	rc = bind_to(fd, from, is4);
	if (!rc && (is4 ? connect(fd, (struct sockaddr *)&v4, sizeof(v4))
			: connect(fd, (struct sockaddr *)&v6, sizeof(v6))))
		rc = -errno;
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

static int socket_open(struct doors *d, const struct radius_server_config *c, unsigned server,
		       enum radius_kind kind, unsigned number)
{
	struct door_socket *s = &d->socket[server][kind][number];
	int fd = connect_to(c->address, kind == RADIUS_AUTH ? c->auth_port : c->acct_port, c->bind);

	if (fd < 0)
		return fd;
	*s = (struct door_socket){
		.doors = d, .fd = fd, .server = server, .number = number, .kind = kind
	};
	return loop_io_new(d->loop, fd, LOOP_READ, on_readable, s, &s->io);
}

static int sockets_open(struct doors *d, const struct radius_config *c, char *why, size_t why_len)
{
	for (unsigned i = 0; i < c->server_count; i++)
		for (unsigned n = 0; n < RADIUS_KINDS * RADIUS_SOCKETS_MAX; n++) {
			enum radius_kind kind = (enum radius_kind)(n % RADIUS_KINDS);
			unsigned number = n / RADIUS_KINDS;
			int rc;

			if (number >= radius_sockets(c->window < RADIUS_IDS ? c->window
									    : RADIUS_IDS) ||
			    !(kind == RADIUS_AUTH ? c->servers[i].auth_port
						  : c->servers[i].acct_port))
				continue;
			rc = socket_open(d, &c->servers[i], i, kind, number);
			if (rc) {
				snprintf(why, why_len, "server %s: %s", c->servers[i].address,
					 strerror(-rc));
				return rc;
			}
		}
	return 0;
}

/* --- the rest ------------------------------------------------------------------------------ */

static void door_random(void *arg, void *p, size_t len)
{
	(void)arg;
	/* At most 512 octets at a time: it neither fails nor is cut short (random(7)). */
	if (getrandom(p, len, 0) != (ssize_t)len)
		abort();
}

static uint64_t door_wall(void *arg)
{
	(void)arg;
	return (uint64_t)time(NULL);
}

static void doors_close(void *arg)
{
	struct doors *d = arg;

	for (unsigned i = 0; i < RADIUS_SERVERS_MAX; i++)
		for (unsigned kind = 0; kind < RADIUS_KINDS; kind++)
			for (unsigned n = 0; n < RADIUS_SOCKETS_MAX; n++) {
				struct door_socket *s = &d->socket[i][kind][n];

				if (!s->doors)
					continue;
				if (s->io)
					loop_io_free(s->io);
				close(s->fd);
			}
	shut(&d->in);
	shut(&d->out);
	shut(&d->dir);
	free(d);
}

int radius_client_new(struct radius_client **ret, struct loop *loop, const struct radius_config *c,
		      char *why, size_t why_len)
{
	struct radius_doors doors = {
		.send = door_send, .random = door_random, .wall = door_wall, .close = doors_close
	};
	struct doors *d = calloc(1, sizeof(*d));
	int rc = 0;

	if (!d) {
		snprintf(why, why_len, "out of memory");
		return -ENOMEM;
	}
	d->loop = loop;
	d->tap = c->tap;
	d->dir = d->in = d->out = -1;
	doors.arg = d;
	if (c->server_count > RADIUS_SERVERS_MAX) {
		snprintf(why, why_len, "more than %d servers", RADIUS_SERVERS_MAX);
		rc = -EINVAL;
	}
	if (!rc && c->state_dir)
		rc = store_open(d, c->state_dir, why, why_len);
	if (!rc)
		rc = sockets_open(d, c, why, why_len);
	doors.store = d->dir >= 0 ? &d->store : NULL;
	if (!rc)
		rc = radius_engine_new(&d->client, loop_wheel(loop), loop_now(loop), c, &doors, why,
				       why_len);
	if (rc) {
		doors_close(d);
		return rc;
	}
	*ret = d->client;
	return 0;
}
