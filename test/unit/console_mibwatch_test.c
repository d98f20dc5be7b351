// SPDX-License-Identifier: GPL-2.0-or-later
/* What is notified of, when, and once; and that the MIB's text numbers it the same. */
#include "console/mib_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct mib_table *table(const char *name)
{
	for (unsigned i = 0; i < mib_table_count; i++)
		if (!strcmp(mib_tables[i].name, name))
			return &mib_tables[i];
	fail_msg("no table %s", name);
	return NULL;
}

static struct mib_watch watch;
static char told[256];

static void notify(void *arg, enum mib_event e, const struct mib_image *m, unsigned row)
{
	size_t at = strlen(told);

	(void)arg;
	if (m)
		assert_string_equal(m->table->name, mib_events[e].table);
	snprintf(told + at, sizeof(told) - at, "%d:%u ", e, row);
}

/* The answer of a table's command, NULL: none. What was told of it. */
static const char *look(const char *name, const char *answer)
{
	struct mib_image m = { 0 };

	*told = '\0';
	if (answer)
		assert_int_equal(mib_image_read(&m, table(name), answer, strlen(answer)), 0);
	if (!strcmp(name, "brasBox"))
		mib_watch_box(&watch, answer ? &m : NULL, notify, NULL);
	else
		assert_int_equal(mib_watch_table(&watch, &m, notify, NULL), 0);
	mib_image_fini(&m);
	return told;
}

static int forget(void **state)
{
	(void)state;
	mib_watch_fini(&watch);
	return 0;
}

static void the_daemon(void **state)
{
	(void)state;
	assert_string_equal(look("brasBox", "{\"uptime\":7}"), "");
	assert_string_equal(look("brasBox", "{\"uptime\":9}"), "");
	assert_string_equal(look("brasBox", NULL), "1:0 ");
	assert_string_equal(look("brasBox", NULL), "");
	assert_string_equal(look("brasBox", "{\"uptime\":90}"), "2:0 ");
	assert_string_equal(look("brasBox", "{\"uptime\":3}"), "2:0 "); /* another one already */
	assert_string_equal(look("brasBox", "{\"uptime\":4}"), "");
}

static void a_daemon_that_is_not_there(void **state)
{
	(void)state;
	assert_string_equal(look("brasBox", NULL), "1:0 ");
	assert_string_equal(look("brasBox", "{\"uptime\":1}"), "2:0 ");
}

#define POOLS(a, b)                                                                                \
	"[{\"name\":\"p\",\"family\":4,\"kind\":\"address\",\"total\":20,\"used\":" #a "},"        \
	"{\"name\":\"p\",\"family\":4,\"kind\":\"address\",\"total\":3,\"used\":" #b "},"          \
	"{\"name\":\"none\",\"total\":0,\"used\":0},{}]"

static void pools(void **state)
{
	(void)state;
	assert_string_equal(look("brasPoolTable", POOLS(19, 2)), "");
	assert_string_equal(look("brasPoolTable", POOLS(20, 2)), "3:0 ");
	assert_string_equal(look("brasPoolTable", POOLS(20, 3)), "3:1 ");
	assert_string_equal(look("brasPoolTable", POOLS(19, 3)),
			    ""); /* not for one that comes and goes */
	assert_string_equal(look("brasPoolTable", POOLS(20, 3)), "");
	assert_string_equal(look("brasPoolTable", POOLS(18, 2)), "4:0 4:1 ");
	assert_string_equal(look("brasPoolTable", POOLS(18, 3)), "3:1 ");
	assert_string_equal(look("brasPoolTable", "[]"), ""); /* a reload took it away */
	assert_string_equal(look("brasPoolTable", POOLS(18, 2)), "");
}

#define SERVERS(a, b)                                                                              \
	"[{\"server\":\"192.0.2.1\",\"auth-port\":1812,\"state\":\"" a "\"},"                      \
	"{\"server\":\"192.0.2.2\",\"auth-port\":1812,\"state\":\"" b "\"}]"

static void servers(void **state)
{
	(void)state;
	assert_string_equal(look("brasRadiusTable", SERVERS("up", "up")), "");
	assert_string_equal(look("brasPoolTable", POOLS(20, 2)), "3:0 ");
	assert_string_equal(look("brasRadiusTable", SERVERS("up", "dead")), "5:1 ");
	assert_string_equal(look("brasRadiusTable", SERVERS("up", "trial")), "");
	assert_string_equal(look("brasRadiusTable", SERVERS("strange", "strange")), "");
	assert_string_equal(look("brasRadiusTable", SERVERS("dead", "up")), "5:0 6:1 ");
	assert_string_equal(look("brasRadiusTable", SERVERS("up", "up")), "6:0 ");
	assert_string_equal(look("brasPoolTable", POOLS(0, 0)), "4:0 ");
}

static void mib_has_the_same(void **state)
{
	static const char *const names[] = { "brasDown",     "brasUp",	       "brasPoolExhausted",
					     "brasPoolFree", "brasRadiusDown", "brasRadiusUp" };
	static char mib[131072];
	FILE *f = fopen("etc/BRASBERRY-MIB.txt", "re");

	(void)state;
	assert_non_null(f);
	mib[fread(mib, 1, sizeof(mib) - 1, f)] = '\0';
	fclose(f);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		char head[64], end[64];
		const char *p;
		unsigned c;

		snprintf(head, sizeof(head), "\n%s NOTIFICATION-TYPE", names[i]);
		snprintf(end, sizeof(end), "::= { brasNotifications %u }", i + 1);
		p = strstr(mib, head);
		assert_non_null(p);
		assert_ptr_equal(strstr(p, "::= { brasNotifications"), strstr(p, end));
		for (unsigned k = 0; k < MIB_EVENT_OBJECTS && mib_events[i + 1].objects[k]; k++)
			assert_int_equal(mib_column_at(table(mib_events[i + 1].table),
						       mib_events[i + 1].objects[k], &c),
					 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_daemon, forget),
		cmocka_unit_test_teardown(a_daemon_that_is_not_there, forget),
		cmocka_unit_test_teardown(pools, forget),
		cmocka_unit_test_teardown(servers, forget),
		cmocka_unit_test(mib_has_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
