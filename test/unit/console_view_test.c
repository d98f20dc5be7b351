// SPDX-License-Identifier: GPL-2.0-or-later
/* `show sessions COLUMNS order C match C REGEX`. */
#include "console/view.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define ROWS                                                                                       \
	"[{\"username\":\"bob\",\"ip\":null,\"uptime\":9,\"rate-down\":null,\"rate-up\":null},"    \
	"{\"username\":\"alice\",\"ip\":\"100.64.0.1\",\"uptime\":10,\"rate-down\":8,"             \
	"\"rate-up\":4}]\n"

static struct view view;
static const char *bad;

static int take(char *line)
{
	const char *argv[16];
	unsigned argc = 0;

	for (char *w = strtok(line, " "); w; w = strtok(NULL, " "))
		argv[argc++] = w;
	return view_take(&view, &argc, argv, &bad) ? -1 : (int)argc;
}

#define TAKE(text) take((char[]){ text })

static void assert_body(const char *want)
{
	struct sbuf body = { 0 };

	sbuf_append(&body, ROWS, strlen(ROWS));
	assert_int_equal(view_apply(&view, &body), 0);
	sbuf_append(&body, "", 1);
	assert_string_equal(body.p, want);
	sbuf_fini(&body);
}

static void test_words(void **state)
{
	(void)state;
	assert_int_equal(TAKE("show stat x"), 3);
	assert_int_equal(TAKE("show sessions"), 2);
	assert_false(view.chosen || view_changes(&view));
	assert_int_equal(TAKE("show sessions a,b"), 2);
	assert_true(view.chosen);
	assert_false(view_changes(&view));
	assert_int_equal(TAKE("show sessions a,type order ip match ip x"), 2);
	assert_true(view_changes(&view));
	assert_string_equal(view.order, "ip");
	assert_string_equal(view.match, "ip");
	assert_string_equal(view.regex, "x");
	assert_int_equal(TAKE("show sessions order"), -1);
	assert_int_equal(TAKE("show sessions match ip"), -1);
	assert_int_equal(TAKE("show sessions a b"), -1);
	assert_int_equal(TAKE("show sessions ,"), -1);
	assert_int_equal(TAKE("show sessions ?"), 3);
}

static void test_order(void **state)
{
	(void)state;
	TAKE("show sessions order username");
	assert_body("[{\"username\":\"alice\",\"ip\":\"100.64.0.1\",\"uptime\":10,\"rate-down\":8,"
		    "\"rate-up\":4},{\"username\":\"bob\",\"ip\":null,\"uptime\":9,"
		    "\"rate-down\":null,\"rate-up\":null}]\n");
	TAKE("show sessions order uptime match uptime 0:00:1"); /* as it is shown */
	assert_body("[{\"username\":\"alice\",\"ip\":\"100.64.0.1\",\"uptime\":10,\"rate-down\":8,"
		    "\"rate-up\":4}]\n");
	TAKE("show sessions match username ^x");
	assert_body("[]\n");
}

static void test_columns_of_accel(void **state)
{
	(void)state;
	TAKE("show sessions username,rate-limit,type,comp,uptime-raw match username ali");
	assert_body("[{\"username\":\"alice\",\"ip\":\"100.64.0.1\",\"uptime\":10,\"rate-down\":8,"
		    "\"rate-up\":4,\"rate-limit\":\"8/4\",\"type\":\"pppoe\",\"comp\":null,"
		    "\"uptime-raw\":10}]\n");
}

static void test_bad_expression(void **state)
{
	struct sbuf body = { 0 };

	(void)state;
	TAKE("show sessions match username (");
	assert_int_equal(view_apply(&view, &body), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_columns_of_accel),
		cmocka_unit_test(test_bad_expression),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
