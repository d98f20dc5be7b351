// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of [cli]. */
#include "base/addr.h"
#include "daemon/config_table.h"
#include "daemon/telnet.h"

#include <errno.h>
#include <string.h>

static int user_parse(const struct config_row *row, const struct config_input *in, void *item,
		      struct sbuf *why)
{
	struct telnet_user v = { .level = TREE_READ };

	(void)row;
	if (in->count != 3)
		return sbuf_printf(why, "not NAME,HASH,admin|read"), -EINVAL;
	if (config_text_copy(v.name, sizeof(v.name), in->field[0], why) ||
	    config_text_copy(v.hash, sizeof(v.hash), in->field[1], why))
		return -EINVAL;
	if (v.hash[0] != '$' || strlen(v.hash) < 12)
		return sbuf_printf(why,
				   "the second field is no hash of crypt(5), as brasctl passwd "
				   "makes one"),
		       -EINVAL;
	if (strcmp(in->field[2], "admin") && strcmp(in->field[2], "read"))
		return config_refuse(why, in->field[2], "admin or read");
	if (!strcmp(in->field[2], "admin"))
		v.level = TREE_ADMIN;
	*(struct telnet_user *)item = v;
	return 0;
}

static bool user_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct telnet_user *v = item;

	(void)row;
	config_text_write(v->name, out);
	sbuf_printf(out, ",***,%s", v->level == TREE_ADMIN ? "admin" : "read");
	return true;
}

static bool user_same(const void *a, const void *b)
{
	return !strcmp(((const struct telnet_user *)a)->name,
		       ((const struct telnet_user *)b)->name);
}

const struct config_type config_type_cli_user = {
	.syntax = "NAME,HASH,admin|read",
	.parse = user_parse,
	.format = user_format,
	.same = user_same,
};

static bool is_loopback(const char *address)
{
	uint32_t ip4;

	return !strcmp(address, "::1") || (!ip4_parse(address, &ip4) && ip4 >> 24 == 127);
}

void config_check_cli(struct config_reader *r)
{
	const struct config *cfg = r->cfg;

	if (*cfg->cli.telnet.address && !cfg->cli.user_count &&
	    !is_loopback(cfg->cli.telnet.address))
		config_error(r, config_line_of(r, "cli", "telnet"), "cli", "telnet",
			     "'%s' is not of the loopback, and without a user anybody could give "
			     "commands there; give a user, or listen at 127.0.0.1 or [::1]",
			     cfg->cli.telnet.address);
}
