// SPDX-License-Identifier: GPL-2.0-or-later
/* How [subscriber] spread is read and written: a list of CPUs as the kernel's own, "0-3,6". */
#include "base/str.h"
#include "daemon/config_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALLOWED "a list of CPUs below 256, as 0-3,6; or auto, or off"

/* @text: N or N-M. */
static bool range_parse(const char *text, unsigned *ret_first, unsigned *ret_last)
{
	unsigned long first, last;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	first = last = strtoul(text, &end, 10);
	if (*end == '-' && end[1] >= '0' && end[1] <= '9')
		last = strtoul(end + 1, &end, 10);
	if (*end || first > last || last >= ABI_SPREAD_MAX)
		return false;
	*ret_first = (unsigned)first;
	*ret_last = (unsigned)last;
	return true;
}

static bool has(const struct config_spread *s, unsigned cpu)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->cpu[i] == cpu)
			return true;
	return false;
}

static int spread_parse(const struct config_row *row, const struct config_input *in, void *item,
			struct sbuf *why)
{
	struct config_spread v = { 0 };
	unsigned first, last;

	(void)row;
	v.all = in->count == 1 && !strcmp(in->field[0], "auto");
	if (v.all || (in->count == 1 && !strcmp(in->field[0], "off"))) {
		*(struct config_spread *)item = v;
		return 0;
	}
	for (unsigned i = 0; i < in->count; i++) {
		if (!range_parse(in->field[i], &first, &last))
			return config_refuse(why, in->field[i], ALLOWED);
		for (unsigned cpu = first; cpu <= last; cpu++) {
			if (has(&v, cpu))
				return config_refuse(why, in->field[i],
						     "a CPU that the list has not yet");
			v.cpu[v.count++] = (uint16_t)cpu;
		}
	}
	*(struct config_spread *)item = v;
	return 0;
}

static bool spread_format(const struct config_row *row, const void *item, struct sbuf *out)
{
	const struct config_spread *v = item;

	(void)row;
	if (v->all)
		sbuf_printf(out, "auto");
	for (unsigned i = 0; i < v->count;) {
		unsigned n = 1;

		while (i + n < v->count && v->cpu[i + n] == v->cpu[i] + n)
			n++;
		sbuf_printf(out, n > 1 ? "%s%u-%u" : "%s%u", i ? "," : "", v->cpu[i],
			    v->cpu[i] + n - 1);
		i += n;
	}
	return v->all || v->count;
}

const struct config_type config_type_spread = {
	.syntax = "CPU[-CPU],... | auto | off",
	.parse = spread_parse,
	.format = spread_format,
};

void config_check_spread(struct config_reader *r)
{
	const struct config_spread *v = &r->cfg->subscriber.spread;
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	for (unsigned i = 0; cpus > 0 && i < v->count; i++)
		if (v->cpu[i] >= cpus) {
			config_error(r, config_line_of(r, "subscriber", "spread"), "subscriber",
				     "spread", "there is no CPU %u: this machine has 0 to %ld",
				     v->cpu[i], cpus - 1);
			return;
		}
}
