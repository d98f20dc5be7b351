// SPDX-License-Identifier: GPL-2.0-or-later
/* How [subscriber] core is read and written. */
#include "daemon/config_table.h"

#include <errno.h>
#include <string.h>

static const char *const kinds[] = { "auto", "xdp", "tc" };

static int core_parse(const struct config_row *row, const struct config_input *in, void *item,
		      struct sbuf *why)
{
	struct config_core v = { .kind = DP_CORE_AUTO };
	unsigned i;

	(void)row;
	if (in->count > 2)
		return config_refuse(why, in->field[2], "expected: INTERFACE[,auto|xdp|tc]");
	if (config_ifname_copy(v.name, in->field[0], why))
		return -EINVAL;
	for (i = 0; in->count == 2 && i < ARRAY_SIZE(kinds) && strcmp(in->field[1], kinds[i]) != 0;)
		i++;
	if (in->count == 2 && i == ARRAY_SIZE(kinds))
		return config_refuse(why, in->field[1], "auto, xdp or tc");
	if (in->count == 2)
		v.kind = (enum dp_core_kind)i;
	*(struct config_core *)item = v;
	return 0;
}

static bool core_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_core *v = item;

	(void)row;
	config_text_write(v->name, out);
	if (v->kind != DP_CORE_AUTO)
		sbuf_printf(out, ",%s", kinds[v->kind]);
	return true;
}

static bool core_same(const void *a, const void *b)
{
	return !strcmp(((const struct config_core *)a)->name, ((const struct config_core *)b)->name);
}

const struct config_type config_type_core = {
	.syntax = "INTERFACE[,auto|xdp|tc]",
	.parse = core_parse,
	.format = core_format,
	.same = core_same,
};
