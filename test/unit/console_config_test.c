// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration in rows: what brasd -p prints, and what differs between two of them. */
#include "console/config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static json_t *rows_of(const char *text)
{
	json_t *rows = NULL;

	assert_int_equal(config_rows_read(text, &rows), 0);
	return rows;
}

/* What one of the printers makes of the rows. */
static void prints(int (*print)(FILE *out, const json_t *rows), const json_t *rows,
		   const char *expected)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(print(out, rows), 0);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void reads_and_prints(void **state)
{
	static const char text[] = "[pppoe]\ninterface = acc0\ninterface = acc1\n\n"
				   "[profile gold]\nrate = 1000/500\n";
	json_t *rows = rows_of(text), *none = NULL;

	(void)state;
	assert_int_equal(json_array_size(rows), 3);
	prints(config_rows_print, rows, text);
	json_decref(rows);
	assert_int_equal(config_rows_read("mtu = 1492\n", &none), -EBADMSG);
	assert_int_equal(config_rows_read("[ppp]\nmtu\n", &none), -EBADMSG);
	assert_null(none);
	json_decref(rows_of(""));
}

static void differs(const char *a, const char *b, const char *expected)
{
	json_t *from = rows_of(a), *to = rows_of(b), *diff = NULL;

	assert_int_equal(config_rows_diff(from, to, &diff), 0);
	prints(config_diff_print, diff, expected);
	json_decref(from);
	json_decref(to);
	json_decref(diff);
}

static void differences(void **state)
{
	(void)state;
	differs("[ppp]\nmtu = 1492\n", "[ppp]\nmtu = 1492\n", "");
	differs("[ppp]\nmtu = 1492\ntimeout = 3\n", "[ppp]\ntimeout = 3\nmtu = 1480\n",
		"- [ppp] mtu = 1492\n+ [ppp] mtu = 1480\n");
	differs("[ppp]\ntimeout = 3\n", "[auth]\ntimeout = 3\n",
		"- [ppp] timeout = 3\n+ [auth] timeout = 3\n");
	differs("[a]\nk = 1\nk = 1\n", "[a]\nk = 1\n", "- [a] k = 1\n- [a] k = 1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_prints),
		cmocka_unit_test(differences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
