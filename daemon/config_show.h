/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration for those who ask: what is in effect, what of it is no default, what a key
 * means. Secrets are "***". */
#ifndef DAEMON_CONFIG_SHOW_H
#define DAEMON_CONFIG_SHOW_H

#include "daemon/config.h"

struct config_row;
struct json;

/* JSON, an array of {"section", "key", "value"}, of all or of one [section] (its name alone also
 * where it has several instances). 0; -ENOENT: there is no such section, nothing was written. */
int config_show(const struct config *cfg, const char *section, struct sbuf *out);
/* The same of what is not as by default, with a "default" each (null: there is none). 0, -ENOMEM.
 */
int config_show_changed(const struct config *cfg, struct sbuf *out);

/* "shaper.up", or "up" where one section alone has it. 0; -EEXIST: several have it; -ENOENT: it is
 * unknown; @why says so, and what was meant. */
int config_find(const char *name, const struct config_row **ret, struct sbuf *why);
/* An object: what may be written, the default, help, and what is in effect. */
void config_explain(const struct config_row *row, const struct config *cfg, struct json *j);
/* Lines for people, without what is in effect. */
void config_explain_text(const struct config_row *row, struct sbuf *out);

struct control_reply;
/* The commands `config show [SECTION]`, `config diff`, `config explain KEY`: command_config.c. */
void config_show_command(void *ctx, unsigned argc, const char *const *argv,
			 struct control_reply *r);
void config_diff_command(void *ctx, unsigned argc, const char *const *argv,
			 struct control_reply *r);
void config_explain_command(void *ctx, unsigned argc, const char *const *argv,
			    struct control_reply *r);

#endif
