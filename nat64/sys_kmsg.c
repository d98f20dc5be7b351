// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's log, record by record: /dev/kmsg gives one with each read(), as
 * "PRIORITY,NUMBER,TIME,FLAGS;TEXT\n", perhaps with lines of attributes behind. */
#include "nat64/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define RECORDS_MAX 256 /* in one turn of the loop */

struct nat64_kmsg {
	int fd;
	struct loop_io *io;
	struct nat64_kmsg_ops ops;
	void *arg;
};

static void record(struct nat64_kmsg *k, uint64_t now, const char *buf, size_t len)
{
	const char *text = memchr(buf, ';', len), *end;

	if (!text)
		return;
	text++;
	end = memchr(text, '\n', len - (size_t)(text - buf));
	k->ops.line(k->arg, now, text, end ? (size_t)(end - text) : len - (size_t)(text - buf));
}

static void on_readable(void *arg, uint64_t now, unsigned events)
{
	struct nat64_kmsg *k = arg;
	char buf[2048];

	(void)events;
	for (unsigned i = 0; i < RECORDS_MAX; i++) {
		ssize_t n = read(k->fd, buf, sizeof(buf));

		if (n > 0)
			record(k, now, buf, (size_t)n);
		else if (n < 0 && errno == EPIPE)
			k->ops.lost(k->arg, now);
		else if (!(n < 0 && (errno == EINTR || errno == EINVAL))) /* EINVAL: too long */
			return;
	}
}

int nat64_kmsg_open(struct nat64_kmsg **ret, struct loop *loop, const struct nat64_kmsg_ops *ops,
		    void *arg)
{
	struct nat64_kmsg *k = calloc(1, sizeof(*k));
	int rc = 0;

	if (!k)
		return -ENOMEM;
	k->ops = *ops;
	k->arg = arg;
	k->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (k->fd < 0 || lseek(k->fd, 0, SEEK_END) < 0)
		rc = -errno;
	rc = rc ? rc : loop_io_new(loop, k->fd, LOOP_READ, on_readable, k, &k->io);
	if (rc) {
		nat64_kmsg_close(k);
		return rc;
	}
	*ret = k;
	return 0;
}

void nat64_kmsg_close(struct nat64_kmsg *k)
{
	if (!k)
		return;
	loop_io_free(k->io);
	if (k->fd >= 0)
		close(k->fd);
	free(k);
}
