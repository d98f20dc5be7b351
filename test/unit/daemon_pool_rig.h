/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools of a configuration's text, and what they say of themselves: what tests of them share. */
#ifndef TEST_UNIT_DAEMON_POOL_RIG_H
#define TEST_UNIT_DAEMON_POOL_RIG_H

#include "daemon/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct pools *pools_of(const char *text)
{
	struct sbuf all = { 0 }, errors = { 0 };
	struct config *cfg = NULL;
	struct pools *p = NULL;

	sbuf_printf(&all, "[pppoe]\ninterface = a\n[auth]\nusers-file = u\n%s", text);
	if (config_parse("f", all.p, all.len, &cfg, &errors))
		fail_msg("%s", errors.p);
	assert_int_equal(pools_new(&p, cfg), 0);
	config_free(cfg);
	sbuf_fini(&all);
	sbuf_fini(&errors);
	return p;
}

struct seen {
	unsigned count;
	struct pool_info info[8];
};

static void note(void *arg, const struct pool_info *info)
{
	struct seen *s = arg;

	s->info[s->count++] = *info;
}

static struct seen seen_of(const struct pools *p)
{
	struct seen s = { 0 };

	pools_each(p, note, &s);
	return s;
}

#endif
