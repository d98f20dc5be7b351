/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One engine with fake servers (radius_fake.h), for the tests of how it chooses and repeats. */
#ifndef TEST_RADIUS_ENGINE_H
#define TEST_RADIUS_ENGINE_H

#include "test/unit/radius_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define SEC  NSEC_PER_SEC
#define TICK WHEEL_TICK

static struct fake f;
static struct fake_result result[2048];

static inline void begin(unsigned servers)
{
	fake_begin(&f, servers);
}

static inline void open_client(void)
{
	assert_int_equal(fake_open(&f), 0);
}

static inline void end(void)
{
	fake_close(&f);
	fake_forget_files(&f);
	assert_int_equal(f.wheel.armed, 0);
}

static inline void login(struct fake_result *r)
{
	assert_int_equal(fake_login(&f, r, NULL), 0);
}

static inline void assert_between(uint64_t v, uint64_t min, uint64_t max)
{
	assert_true(v >= min);
	assert_true(v <= max);
}

#endif
