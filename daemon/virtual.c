// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The virtual port of [mirror]: brasmon serves it, as a child of the helper, and asks us for a
 * stream as anybody does. It outlives us with its device, so that who reads there need not begin
 * anew; a file says that there is one, for a brasd whose configuration has none any more.
 */
#include "daemon/virtual.h"

#include "daemon/daemon.h"
#include "daemon/deeds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHILD "brasmon"

static void begin(struct daemon *d);

static void on_done(void *arg, uint64_t now, int rc, const char *output, size_t len)
{
	const char *const *deed = arg;

	(void)now;
	if (rc && rc != -ESRCH)
		log_error("[mirror] virtual: %s: %.*s", *deed, (int)strcspn(output, "\n"), output);
	(void)len;
}

static void ask(struct daemon *d, const char *const *words, unsigned count)
{
	static const char *const names[] = { "start-brasmon", "stop" };
	int rc = deeds_do(d->deeds, words, count, NULL, 0, on_done,
			  (void *)&names[strcmp(words[0], names[0]) != 0]);

	if (rc)
		log_error("[mirror] virtual: %s: %s", words[0], strerror(-rc));
}

static void on_child(void *arg, uint64_t now, const char *name, enum deeds_child_state state,
		     int detail)
{
	struct daemon *d = arg;

	(void)now, (void)name, (void)detail;
	switch (state) {
	case DEEDS_CHILD_RUNS:
	case DEEDS_CHILD_ENDED:
		return;
	case DEEDS_CHILD_DIED:
		log_warn("[mirror] virtual: brasmon died, and is started again");
		return;
	case DEEDS_CHILD_UNKNOWN:
		begin(d);
		return;
	}
}

static void begin(struct daemon *d)
{
	const struct config *c = d->config;
	char snap[16];
	const char *words[] = { "start-brasmon", d->instance, c->mirror.virtual_port, snap,
				c->mirror.virtual_control ? "control" : "both" };

	snprintf(snap, sizeof(snap), "%u", c->mirror.virtual_snap);
	ask(d, words, ARRAY_SIZE(words));
}

void virtual_setup(struct daemon *d)
{
	static const char *const stop[] = { "stop", CHILD };
	bool wanted = *d->config->mirror.virtual_port;
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "/run/brasberry/%s/virtual", d->instance);
	if (!wanted) {
		if (!unlink(path))
			ask(d, stop, ARRAY_SIZE(stop));
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	if (deeds_listen(d->deeds, CHILD, on_child, d))
		log_warn("[mirror] virtual: a death of the helper will not be noticed");
	begin(d);
}

void virtual_teardown(struct daemon *d)
{
	char path[160];

	if (!d->config || !*d->config->mirror.virtual_port || d->leaving)
		return;
	snprintf(path, sizeof(path), "/run/brasberry/%s/virtual", d->instance);
	(void)unlink(path); /* the helper ends, and its children with it */
}
