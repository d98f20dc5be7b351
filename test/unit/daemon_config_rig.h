/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of configurations, good and bad: what tests of daemon/config*.c have in common. */
#ifndef TEST_UNIT_DAEMON_CONFIG_RIG_H
#define TEST_UNIT_DAEMON_CONFIG_RIG_H

#include "daemon/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The least that is good: four lines. */
#define MINIMAL "[pppoe]\ninterface = acc0\n[auth]\nusers-file = /etc/brasberry/users\n"

static struct sbuf errors;

/* Of the group. */
static int teardown(void **state)
{
	(void)state;
	sbuf_fini(&errors);
	return 0;
}

static struct config *parse(const char *text)
{
	struct config *cfg = NULL;

	sbuf_fini(&errors);
	if (config_parse("f", text, strlen(text), &cfg, &errors)) {
		assert_null(cfg);
		assert_true(errors.len > 0);
		return NULL;
	}
	assert_int_equal(errors.len, 0);
	return cfg;
}

static inline struct config *good(const char *text)
{
	struct config *cfg = parse(text);

	if (!cfg)
		fail_msg("%s", errors.p);
	return cfg;
}

/* The text is refused with exactly these lines. */
static inline void bad(const char *text, const char *expected)
{
	struct config *cfg = parse(text);

	config_free(cfg);
	assert_null(cfg);
	assert_string_equal(errors.p, expected);
}

#endif
