// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands about the configuration; what they answer is made in config_show.c. */
#include "base/json.h"
#include "daemon/config_show.h"
#include "daemon/daemon.h"

#include <stdio.h>

void config_show_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;

	if (config_show(d->config, argc ? argv[0] : NULL, control_body(r)))
		control_usage(r, "there is no section [%s]", argv[0]);
	else
		control_done(r);
}

void config_diff_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;

	(void)argc, (void)argv;
	if (config_show_changed(d->config, control_body(r)))
		control_refuse(r, "out of memory");
	else
		control_done(r);
}

void config_explain_command(void *ctx, unsigned argc, const char *const *argv,
			    struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };
	const struct config_row *row;
	struct sbuf why = { 0 };

	(void)argc;
	if (config_find(argv[0], &row, &why)) {
		control_refuse(r, "%s", why.p ? why.p : "out of memory");
	} else {
		config_explain(row, d->config, &j);
		control_done(r);
	}
	sbuf_fini(&why);
}
