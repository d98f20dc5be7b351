// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/telnet.h"

#include "daemon/daemon.h"

#include <errno.h>
#include <string.h>

struct telnet {
	struct daemon *d;
	struct telnet_sys *sys;
	struct telnet_config config;
	struct loop_io *io;
	struct log_limit log;
};

static void tell(struct telnet *t, uint64_t now, const struct telnet_event *e)
{
	char user[4 * TELNET_NAME_MAX];
	uint64_t suppressed;

	str_escape(user, sizeof(user), e->user, strlen(e->user));
	if (e->kind != TELNET_LOGIN && !log_limit_ok(&t->log, now, &suppressed))
		return;
	if (e->kind == TELNET_LOGIN)
		log_notice("console: %s has logged in from %s", user, e->peer);
	else if (e->kind == TELNET_FAILED)
		log_warn("console: a login as %s from %s failed", user, e->peer);
	else if (e->kind == TELNET_BUSY)
		log_warn("console: too many clients, %s was sent away", e->peer);
	else
		log_warn("console: %s does not read, and was sent away", e->peer);
}

static void on_event(void *arg, uint64_t now, unsigned events)
{
	struct telnet *t = arg;
	struct telnet_event e;

	(void)events;
	if (telnet_sys_event(t->sys, &e))
		return;
	if (e.kind == TELNET_COMMAND)
		(void)control_attach(t->d->control, e.fd, e.level, *e.user ? e.user : e.peer);
	else
		tell(t, now, &e);
}

int telnet_setup(struct daemon *d)
{
	const struct config *c = d->config;
	struct telnet *t;
	char why[256];
	int r;

	if (!*c->cli.telnet.address)
		return 0;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->d = d;
	t->config = (struct telnet_config){
		.address = c->cli.telnet.address,
		.port = c->cli.telnet.port,
		.users = c->cli.users,
		.user_count = c->cli.user_count,
		.max_clients = c->cli.max_clients,
		.idle_timeout = c->cli.idle_timeout,
		.commands = daemon_commands,
		.command_count = daemon_command_count,
	};
	r = telnet_sys_new(&t->sys, &t->config, why, sizeof(why));
	if (r) {
		log_error("[cli] telnet: %s", why);
		free(t);
		return r;
	}
	d->telnet = t;
	r = loop_io_new(d->loop, telnet_sys_fd(t->sys), LOOP_READ, on_event, t, &t->io);
	if (r)
		telnet_teardown(d);
	return r;
}

void telnet_teardown(struct daemon *d)
{
	struct telnet *t = d->telnet;

	if (!t)
		return;
	loop_io_free(t->io);
	telnet_sys_free(t->sys);
	free(t);
	d->telnet = NULL;
}
