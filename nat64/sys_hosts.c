// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tayga's file of who has which private address. A box of many hosts has one of megabytes: a piece
 * of it is read in each turn of the loop. tayga puts a new file in its place, so what is open stays
 * whole.
 */
#include "nat64/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#define PIECE 16384

struct nat64_finding {
	struct loop *loop;
	struct timer timer;
	int fd;
	struct nat64_held *held;
	void (*done)(void *arg, uint64_t now, int rc);
	void *arg;
};

static void on_timer(struct timer *timer, uint64_t now)
{
	struct nat64_finding *f = container_of(timer, struct nat64_finding, timer);
	char buf[PIECE];
	ssize_t n = f->fd < 0 ? 0 : read(f->fd, buf, sizeof(buf));

	if (n > 0)
		nat64_held_tayga(f->held, buf, (size_t)n);
	if (n > 0 || (n < 0 && errno == EINTR))
		timer_set(loop_wheel(f->loop), timer, now);
	else
		f->done(f->arg, now, n < 0 ? -errno : 0);
}

int nat64_find(struct nat64_finding **ret, struct loop *loop, const char *data_dir,
	       struct nat64_held *held, void (*done)(void *arg, uint64_t now, int rc), void *arg)
{
	struct nat64_finding *f = calloc(1, sizeof(*f));
	char path[256];

	if (!f)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/dynamic.map", data_dir);
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0 && errno != ENOENT) {
		int rc = -errno;

		free(f);
		return rc;
	}
	f->loop = loop;
	f->held = held;
	f->done = done;
	f->arg = arg;
	timer_init(&f->timer, on_timer);
	timer_set(loop_wheel(loop), &f->timer, loop_now(loop));
	*ret = f;
	return 0;
}

void nat64_find_free(struct nat64_finding *f)
{
	if (!f)
		return;
	timer_cancel(loop_wheel(f->loop), &f->timer);
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}
