// SPDX-License-Identifier: GPL-2.0-or-later
/* The thread that listens and moves octets between clients and their line editors. */
#include "daemon/telnet.h"

#include "base/loop.h"
#include "base/str.h"
#include "console/telnet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>

#define BUFFER	    4096
#define STALL_MAX   (30 * NSEC_PER_SEC)
#define SCRIPT_WAIT (300 * NSEC_PER_MSEC) /* whoever speaks first is a script, not a telnet */
#define TICK_MS	    100

struct client {
	int fd, editor; /* its socket; our end to the editor; -1: none */
	bool eof;	/* it sends no more */
	bool greeted;	/* offered telnet, or known to be a script */
	uint64_t since, progress;
	struct telnet_input input;
	uint8_t in[BUFFER], out[BUFFER];
	size_t in_pos, in_len, out_pos, out_len;
	pthread_t thread;
	struct telnet_line line;
};

struct telnet_sys {
	const struct telnet_config *config;
	int fd;	      /* listens */
	int event[2]; /* packets to the loop */
	int stop[2];  /* closed to end the thread */
	pthread_t thread;
	unsigned count;
	struct client **clients; /* max_clients */
	struct pollfd *poll;
};

void telnet_tell(int fd, const struct telnet_event *e)
{
	ssize_t n;

	do
		n = send(fd, e, sizeof(*e), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0 && e->kind == TELNET_COMMAND)
		close(e->fd);
}

static void peer_name(int fd, char *dst, size_t cap)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char host[48] = "?", port[8] = "?";

	if (!getpeername(fd, (struct sockaddr *)&ss, &len))
		(void)getnameinfo((struct sockaddr *)&ss, len, host, sizeof(host), port,
				  sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(dst, cap, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

static struct client *client_new(struct telnet_sys *t, int fd)
{
	struct client *c = calloc(1, sizeof(*c));
	int pair[2];

	if (!c || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		free(c);
		return NULL;
	}
	c->fd = fd;
	c->editor = pair[0];
	c->line = (struct telnet_line){ .config = t->config, .fd = pair[1], .event = t->event[1] };
	peer_name(fd, c->line.peer, sizeof(c->line.peer));
	(void)fcntl(c->editor, F_SETFL, O_NONBLOCK);
	/* libcli selects on its descriptor. */
	if (pair[1] >= FD_SETSIZE || pthread_create(&c->thread, NULL, telnet_line_main, &c->line)) {
		close(pair[0]);
		close(pair[1]);
		free(c);
		return NULL;
	}
	c->since = c->progress = loop_clock();
	return c;
}

static void on_accept(struct telnet_sys *t)
{
	static const char busy[] = "too many console clients\r\n";
	int fd = accept4(t->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *c;

	if (fd < 0) {
		/* No descriptor, no memory: it stays readable. */
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			(void)poll(NULL, 0, TICK_MS);
		return;
	}
	c = t->count < t->config->max_clients ? client_new(t, fd) : NULL;
	if (c) {
		t->clients[t->count++] = c;
	} else {
		struct telnet_event e = { .kind = TELNET_BUSY, .fd = -1 };

		peer_name(fd, e.peer, sizeof(e.peer));
		telnet_tell(t->event[1], &e);
		(void)send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		close(fd);
	}
}

/* The client is gone; its editor sees the end of its input. */
static void drop(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	if (c->editor >= 0)
		close(c->editor);
	c->fd = c->editor = -1;
}

static bool again(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* To the editor: what the client typed. */
static bool move_in(struct client *c)
{
	uint8_t raw[BUFFER];
	ssize_t n;

	if (c->in_pos == c->in_len && !c->eof) {
		n = recv(c->fd, raw, sizeof(raw), MSG_DONTWAIT);
		if (n < 0 && !again(n))
			return false;
		c->in_pos = c->in_len = 0;
		if (n > 0)
			c->in_len = telnet_keys(&c->input, raw, (size_t)n, c->in);
		c->eof = !n; /* a line without its end is none: it may have been cut off */
		atomic_store(&c->line.rows, c->input.rows);
	}
	if (c->in_pos < c->in_len) {
		n = send(c->editor, c->in + c->in_pos, c->in_len - c->in_pos,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && !again(n))
			return false;
		c->in_pos += n > 0 ? (size_t)n : 0;
	}
	if (c->eof && c->in_pos == c->in_len)
		(void)shutdown(c->editor, SHUT_WR);
	return true;
}

/* To the client: what the editor says. */
static bool move_out(struct client *c, uint64_t now)
{
	ssize_t n;

	if (c->out_pos == c->out_len) {
		n = recv(c->editor, c->out, sizeof(c->out), MSG_DONTWAIT);
		if (!n || (n < 0 && !again(n)))
			return false;
		c->out_pos = 0;
		c->out_len = n > 0 ? (size_t)n : 0;
		c->progress = now;
	}
	if (c->out_pos < c->out_len) {
		n = send(c->fd, c->out + c->out_pos, c->out_len - c->out_pos,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && !again(n))
			return false;
		if (n > 0)
			c->progress = now;
		c->out_pos += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* Nobody but a person waits for us to speak first. WILL and DO: echo, suppress go-ahead (RFC 857,
 * 858); DO: window size (RFC 1073). */
static void greet(struct client *c, uint64_t now)
{
	static const uint8_t offer[] = { 255, 251, 1, 255, 251, 3, 255, 253, 3, 255, 253, 31 };

	if (c->greeted || (!c->in_len && !c->eof && now - c->since < SCRIPT_WAIT))
		return;
	if (!c->in_len && !c->eof)
		(void)send(c->fd, offer, sizeof(offer), MSG_DONTWAIT | MSG_NOSIGNAL);
	c->greeted = true;
}

static void serve(struct telnet_sys *t, struct client *c, uint64_t now)
{
	bool stalled;

	greet(c, now);
	if (!move_in(c) || (c->greeted && !move_out(c, now))) {
		drop(c);
		return;
	}
	stalled = c->out_pos < c->out_len && now - c->progress > STALL_MAX;
	if (stalled) {
		struct telnet_event e = { .kind = TELNET_STALLED, .fd = -1 };

		snprintf(e.peer, sizeof(e.peer), "%s", c->line.peer);
		telnet_tell(t->event[1], &e);
		drop(c);
	}
}

static void reap(struct telnet_sys *t)
{
	for (unsigned i = 0; i < t->count;) {
		struct client *c = t->clients[i];

		if (c->fd >= 0 || !atomic_load(&c->line.done)) {
			i++;
			continue;
		}
		pthread_join(c->thread, NULL);
		explicit_bzero(c->in, sizeof(c->in)); /* there was a password in it */
		free(c);
		t->clients[i] = t->clients[--t->count];
	}
}

static unsigned interests(struct telnet_sys *t)
{
	unsigned n = 2;

	t->poll[0] = (struct pollfd){ .fd = t->stop[0], .events = POLLIN };
	t->poll[1] = (struct pollfd){ .fd = t->fd, .events = POLLIN };
	for (unsigned i = 0; i < t->count; i++) {
		struct client *c = t->clients[i];
		bool in = c->in_pos < c->in_len, out = c->out_pos < c->out_len;

		t->poll[n++] = (struct pollfd){
			.fd = c->fd,
			.events = (short)((!in && !c->eof ? POLLIN : 0) | (out ? POLLOUT : 0)),
		};
		t->poll[n++] = (struct pollfd){
			.fd = c->editor,
			.events = (short)((in ? POLLOUT : 0) | (!out && c->greeted ? POLLIN : 0)),
		};
	}
	return n;
}

static void *telnet_main(void *arg)
{
	struct telnet_sys *t = arg;

	for (;;) {
		(void)poll(t->poll, interests(t), t->count ? TICK_MS : -1);
		if (t->poll[0].revents)
			break;
		for (unsigned i = 0; i < t->count; i++)
			if (t->clients[i]->fd >= 0)
				serve(t, t->clients[i], loop_clock());
		reap(t);
		if (t->poll[1].revents)
			on_accept(t);
	}
	for (unsigned i = 0; i < t->count; i++)
		drop(t->clients[i]);
	while (t->count) {
		reap(t);
		(void)poll(NULL, 0, 10);
	}
	return NULL;
}

static int listen_at(const struct telnet_config *config, int *ret)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_port = htons(config->port) };
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(config->port) };
	bool v6 = inet_pton(AF_INET6, config->address, &sin6.sin6_addr) == 1;
	int on = 1, fd, r;

	if (!v6 && inet_pton(AF_INET, config->address, &sin.sin_addr) != 1)
		return -EINVAL;
	fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    (v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on))) ||
	    bind(fd, v6 ? (struct sockaddr *)&sin6 : (struct sockaddr *)&sin,
		 v6 ? sizeof(sin6) : sizeof(sin)) ||
	    listen(fd, 64)) {
		r = -errno;
		close(fd);
		return r;
	}
	*ret = fd;
	return 0;
}

/* All signals are the loop's, but those of a fault. */
static int start(struct telnet_sys *t)
{
	sigset_t all, before;
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	int r;

	sigfillset(&all);
	for (unsigned i = 0; i < ARRAY_SIZE(faults); i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&t->thread, NULL, telnet_main, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

static void release(struct telnet_sys *t)
{
	int fds[] = { t->fd, t->event[0], t->event[1], t->stop[0], t->stop[1] };

	for (unsigned i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(t->clients);
	free(t->poll);
	free(t);
}

int telnet_sys_new(struct telnet_sys **ret, const struct telnet_config *config, char *why,
		   size_t why_len)
{
	struct telnet_sys *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->config = config;
	t->fd = t->event[0] = t->event[1] = t->stop[0] = t->stop[1] = -1;
	t->clients = calloc(config->max_clients, sizeof(struct client *));
	t->poll = calloc(2 + 2 * (size_t)config->max_clients, sizeof(*t->poll));
	r = t->clients && t->poll ? listen_at(config, &t->fd) : -ENOMEM;
	if (!r && (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, t->event) ||
		   socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, t->stop)))
		r = -errno;
	r = r ? r : start(t);
	if (r) {
		snprintf(why, why_len, "cannot serve %s port %u: %s", config->address, config->port,
			 strerror(-r));
		release(t);
		return r;
	}
	*ret = t;
	return 0;
}

void telnet_sys_free(struct telnet_sys *t)
{
	struct telnet_event e;

	close(t->stop[1]);
	t->stop[1] = -1;
	(void)shutdown(t->event[0], SHUT_RD); /* no thread can wait for us to listen, */
	while (!telnet_sys_event(t, &e))      /* nor for an answer to what was not heard */
		if (e.kind == TELNET_COMMAND)
			close(e.fd);
	pthread_join(t->thread, NULL);
	release(t);
}

int telnet_sys_fd(const struct telnet_sys *t)
{
	return t->event[0];
}

int telnet_sys_event(struct telnet_sys *t, struct telnet_event *ret)
{
	ssize_t n = recv(t->event[0], ret, sizeof(*ret), MSG_DONTWAIT);

	return n == (ssize_t)sizeof(*ret) ? 0 : -EAGAIN;
}
