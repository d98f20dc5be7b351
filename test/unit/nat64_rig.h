/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of nat64/ share: a configuration, and vectors from files. */
#ifndef TEST_UNIT_NAT64_RIG_H
#define TEST_UNIT_NAT64_RIG_H

#include "nat64/nat64.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The first range is the vectors' own. */
static const struct nat64_range rig_pool4[] = {
	{ .addr = 0xcb00710a, .first = 61000, .last = 65535, .protos = NAT64_ALL },
	{ .addr = 0xcb00710b, .first = 1024, .last = 2047, .protos = 1u << NAT64_TCP },
};

static inline struct nat64_config rig_config(const char *pool6, unsigned pool4_count)
{
	struct nat64_config c = {
		.instance = "default",
		.pool4 = rig_pool4,
		.pool4_count = pool4_count,
		.subscribers = "subs0",
		.device = "nat64",
		.hosts = { .addr = 0xc6120000, .len = 16 },
		.data_dir = "/run/brasberry/default/tayga",
	};

	assert_int_equal(prefix6_parse(pool6, &c.pool6), 0);
	return c;
}

/* Octets of the file, in @buf. */
static inline size_t rig_vector(const char *name, char *buf, size_t cap)
{
	char path[128];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "test/vectors/%s", name);
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s: no such vector", path);
	n = fread(buf, 1, cap - 1, f);
	fclose(f);
	buf[n] = '\0';
	return n;
}

#endif
