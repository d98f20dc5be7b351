// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

int client_init(struct client *c, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct timeval tv = { .tv_sec = CLIENT_TIMEOUT_S };

	c->pos = c->len = 0;
	c->fd = -1;
	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, strlen(path));
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return -errno;
	if (setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) ||
	    setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) ||
	    connect(c->fd, (const struct sockaddr *)&sun, sizeof(sun)))
		return -errno;
	return 0;
}

void client_fini(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* A server that refuses us (too many clients) has closed already: the reason is there to be read,
 * so that a failed send is no error yet. */
int client_request(struct client *c, unsigned argc, const char *const *argv)
{
	struct sbuf line = { 0 };
	int r = control_request_write(&line, argc, argv);

	for (size_t sent = 0; !r && sent < line.len;) {
		ssize_t n = send(c->fd, line.p + sent, line.len - sent, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			break;
		sent += n > 0 ? (size_t)n : 0;
	}
	if (!r && line.bad)
		r = -ENOMEM;
	if (line.p)
		explicit_bzero(line.p, line.len); /* it may have held a password */
	sbuf_fini(&line);
	return r;
}

/* Octets in buf, 0 at the end, or -errno. A server may reset after its last octet. */
static ssize_t fill(struct client *c)
{
	ssize_t n;

	do
		n = recv(c->fd, c->buf, sizeof(c->buf), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == ECONNRESET)
		n = 0;
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	c->pos = 0;
	c->len = (size_t)n;
	return n;
}

int client_status(struct client *c, enum control_status *ret, char message[CONTROL_MESSAGE_MAX])
{
	char line[CONTROL_MESSAGE_MAX + 8];
	const char *text;
	size_t len = 0;
	int r;

	for (;;) {
		char ch;

		if (c->pos == c->len) {
			ssize_t n = fill(c);

			if (n <= 0)
				return n ? (int)n : -ECONNRESET;
		}
		ch = c->buf[c->pos++];
		if (ch == '\n')
			break;
		if (len == sizeof(line) - 1)
			return -EBADMSG;
		line[len++] = ch;
	}
	line[len] = '\0';
	r = control_status_parse(line, ret, &text);
	if (!r)
		snprintf(message, CONTROL_MESSAGE_MAX, "%s", text);
	return r;
}

/* Hands the body to `take`, piece by piece. */
static int each_piece(struct client *c, int (*take)(void *arg, const char *p, size_t len),
		      void *arg)
{
	char last = '\n';

	for (;;) {
		ssize_t n = (ssize_t)(c->len - c->pos);
		int r;

		if (!n)
			n = fill(c);
		if (n <= 0)
			return n ? (int)n : last == '\n' ? 0 : -EPIPE;
		last = c->buf[c->len - 1];
		r = take(arg, c->buf + c->pos, (size_t)n);
		if (r)
			return r;
		c->pos = c->len;
	}
}

int client_some(struct client *c, char *buf, size_t cap, size_t *ret_len)
{
	ssize_t n = (ssize_t)(c->len - c->pos);

	*ret_len = 0;
	if (!n)
		n = fill(c);
	if (n <= 0)
		return n ? (int)n : -EPIPE;
	*ret_len = (size_t)n < cap ? (size_t)n : cap;
	memcpy(buf, c->buf + c->pos, *ret_len);
	c->pos += *ret_len;
	return 0;
}

static int to_file(void *arg, const char *p, size_t len)
{
	return fwrite(p, 1, len, arg) == len ? 0 : -EIO;
}

int client_body_copy(struct client *c, FILE *out)
{
	return each_piece(c, to_file, out);
}

static int to_text(void *arg, const char *p, size_t len)
{
	struct sbuf *b = arg;

	sbuf_append(b, p, len);
	return b->bad ? -ENOMEM : 0;
}

int client_body_read(struct client *c, struct sbuf *ret)
{
	return each_piece(c, to_text, ret);
}
