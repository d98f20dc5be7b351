// SPDX-License-Identifier: GPL-2.0-or-later
/* The index of user names: rings agree with a naive count, whichever session of a name goes first.
 */
#include "daemon/daemon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX   48
#define NAMES 5

static struct daemon d;
static struct config config;

static int setup(void **state)
{
	(void)state;
	memset(&d, 0, sizeof(d));
	memset(&config, 0, sizeof(config));
	config.pppoe.max_sessions = MAX;
	d.config = &config;
	assert_int_equal(loop_new(&d.loop), 0);
	assert_int_equal(table_setup(&d), 0);
	for (uint32_t i = 0; i < MAX; i++) {
		d.table.sessions[i].d = &d;
		d.table.sessions[i].slot = i;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < MAX; i++)
		free(d.table.sessions[i].username);
	table_teardown(&d);
	loop_free(d.loop);
	return 0;
}

static void put(uint32_t i, const char *name)
{
	struct session *s = &d.table.sessions[i];

	free(s->username);
	s->username = strdup(name);
	names_add(s);
}

static unsigned count(const char *name)
{
	struct session *first = names_find(&d, name), *s = first;
	unsigned n = 0;

	if (!first)
		return 0;
	do {
		assert_ptr_equal(s->name_next->name_prev, s);
		assert_true(n++ < MAX);
		s = s->name_next;
	} while (s != first);
	return n;
}

static void the_first_goes(void **state)
{
	(void)state;
	put(1, "alice");
	put(2, "alice");
	put(3, "bob");
	assert_int_equal(count("alice"), 2);
	names_del(&d.table.sessions[1]);
	assert_ptr_equal(names_find(&d, "alice"), &d.table.sessions[2]);
	names_del(&d.table.sessions[1]); /* twice does nothing */
	names_del(&d.table.sessions[2]);
	assert_null(names_find(&d, "alice"));
	assert_int_equal(count("bob"), 1);
	names_del(&d.table.sessions[3]);
}

static void case_counts_or_not(void **state)
{
	(void)state;
	put(1, "Alice");
	assert_null(names_find(&d, "alice"));
	config.auth.single_session_ignore_case = true;
	assert_ptr_equal(names_find(&d, "alice"), &d.table.sessions[1]);
	put(2, "ALICE");
	assert_int_equal(count("alice"), 2);
	names_del(&d.table.sessions[1]);
	names_del(&d.table.sessions[2]);
}

static void random_model(void **state)
{
	unsigned have[NAMES] = { 0 };
	bool in[MAX] = { 0 };

	(void)state;
	srandom(7);
	for (unsigned n = 0; n < 20000; n++) {
		uint32_t i = (uint32_t)random() % MAX;
		char name[16];

		snprintf(name, sizeof(name), "user%u", i % NAMES);
		if (in[i])
			names_del(&d.table.sessions[i]);
		else
			put(i, name);
		have[i % NAMES] += in[i] ? -1u : 1u;
		in[i] = !in[i];
		assert_int_equal(count(name), have[i % NAMES]);
	}
	for (uint32_t i = 0; i < MAX; i++)
		names_del(&d.table.sessions[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(case_counts_or_not, setup, teardown),
		cmocka_unit_test_setup_teardown(random_model, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
