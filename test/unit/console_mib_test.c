// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers as the daemon gives them, read and walked as SNMP does; and that the MIB's text and the
 * tables name the same objects in the same order. */
#include "console/mib.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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

static struct mib_image image(const char *name, const char *text)
{
	struct mib_image m;

	assert_int_equal(mib_image_read(&m, table(name), text, strlen(text)), 0);
	return m;
}

static const char two[] =
	"[{\"acct-session-id\":\"00000000000000ff\",\"username\":\"b\\u0000c\",\"ifname\":\"eth1\","
	"\"svlan\":null,\"cvlan\":7,\"calling-sid\":\"02:00:00:00:00:01\",\"state\":\"open\","
	"\"ip\":\"192.0.2.1\",\"ip6\":\"2001:db8:1::/64\",\"ip6-dp\":null,\"uptime\":42949673,"
	"\"rx-bytes\":5000000000,\"rate-up\":5000000000},\n"
	" {\"acct-session-id\":\"0000000000000102\",\"username\":\"a\",\"state\":\"strange\"},"
	" {\"acct-session-id\":\"0000000000000001\",\"username\":\"z\",\"sid\":-1}]\n";

/* Walks from `oid` and writes what it finds as text. */
static void walk(const struct mib_image *m, char *ret, size_t cap)
{
	uint32_t oid[1 + MIB_KEY_MAX];
	size_t len = 0, at = 0;
	const struct mib_value *v;
	struct mib_place p, q;

	*ret = '\0';
	while ((v = mib_next(m, oid, len, &p))) {
		len = mib_oid(m, &p, oid);
		assert_ptr_equal(mib_get(m, oid, len, &q), v);
		for (size_t i = 0; i < len; i++)
			at += (size_t)snprintf(ret + at, cap - at, "%u%s", oid[i],
					       i + 1 < len ? "." : " ");
	}
}

static void walk_is_in_order(void **state)
{
	struct mib_image m = image("brasSessionTable", two);
	char text[2048];

	(void)state;
	walk(&m, text, sizeof(text));
	assert_string_equal(text, "2.0.0.0.0.0.0.0.1 2.0.0.0.0.0.0.0.255 2.0.0.0.0.0.0.1.2 "
				  "3.0.0.0.0.0.0.0.255 5.0.0.0.0.0.0.0.255 6.0.0.0.0.0.0.0.255 "
				  "9.0.0.0.0.0.0.0.255 10.0.0.0.0.0.0.0.255 "
				  "11.0.0.0.0.0.0.0.255 12.0.0.0.0.0.0.0.255 "
				  "15.0.0.0.0.0.0.0.255 16.0.0.0.0.0.0.0.255 "
				  "20.0.0.0.0.0.0.0.255 ");
	mib_image_fini(&m);
}

static const struct mib_value *value(const struct mib_image *m, unsigned column,
				     const char **octets)
{
	struct mib_place p;
	const struct mib_value *v =
		mib_get(m, (const uint32_t[]){ column, 0, 0, 0, 0, 0, 0, 0, 255 }, 9, &p);

	assert_non_null(v);
	if (octets)
		*octets = m->octets.p + v->number;
	return v;
}

static void values(void **state)
{
	struct mib_image m = image("brasSessionTable", two);
	const char *octets;

	(void)state;
	assert_int_equal(value(&m, 2, &octets)->len, 3);
	assert_memory_equal(octets, "b\0c", 3);
	assert_int_equal(value(&m, 5, NULL)->number, 7);
	assert_int_equal(value(&m, 6, &octets)->len, 6);
	assert_memory_equal(octets, "\2\0\0\0\0\1", 6);
	assert_int_equal(value(&m, 9, NULL)->number, 5);
	assert_int_equal(value(&m, 10, &octets)->len, 4);
	assert_memory_equal(octets, "\300\0\2\1", 4);
	assert_int_equal(value(&m, 11, &octets)->len, 16);
	assert_memory_equal(octets, "\x20\1\r\xb8\0\1\0\0\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(value(&m, 12, NULL)->number, 64);
	assert_int_equal(value(&m, 15, NULL)->number, 4); /* 4294967300 hundredths have wrapped */
	assert_true(value(&m, 16, NULL)->number == 5000000000);
	assert_true(value(&m, 20, NULL)->number == UINT32_MAX);
	mib_image_fini(&m);
}

/* Names between, before and behind the keys, shorter, longer, and with what no key can have. */
static void next_of_odd_names(void **state)
{
	static const struct {
		uint32_t oid[12];
		size_t len;
		unsigned row; /* of column 2; 9: none of it */
	} rows[] = {
		{ { 0 }, 0, 0 },
		{ { 1, 9, 9 }, 3, 0 },
		{ { 2 }, 1, 0 },
		{ { 2, 0, 0, 0, 0, 0, 0, 0 }, 8, 0 },
		{ { 2, 0, 0, 0, 0, 0, 0, 0, 0 }, 9, 0 },
		{ { 2, 0, 0, 0, 0, 0, 0, 0, 1 }, 9, 1 },
		{ { 2, 0, 0, 0, 0, 0, 0, 0, 1, 5 }, 10, 1 },
		{ { 2, 0, 0, 0, 0, 0, 0, 0, 254, 5 }, 10, 1 },
		{ { 2, 0, 0, 0, 0, 0, 0, 0, 255 }, 9, 2 },
		{ { 2, 0, 0, 0, 0, 0, 0, 0, 256 }, 9, 2 },
		{ { 2, 0, 0, 0, 0, 0, 0, 1 }, 8, 2 },
		{ { 2, 0, 0, 0, 0, 0, 0, 1, 2 }, 9, 9 },
		{ { 2, 0, 0, 0, 0, 0, 0, 4000000000, 2 }, 9, 9 },
		{ { 2, 4000000000 }, 2, 9 },
	};
	struct mib_image m = image("brasSessionTable", two);
	struct mib_place p;

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_non_null(mib_next(&m, rows[i].oid, rows[i].len, &p));
		assert_int_equal(p.column == 2 ? p.row : 9, rows[i].row);
	}
	assert_null(mib_next(&m, (const uint32_t[]){ 24 }, 1, &p));
	assert_null(mib_get(&m, (const uint32_t[]){ 2, 0, 0, 0, 0, 0, 0, 0, 256 }, 9, &p));
	assert_null(mib_get(&m, (const uint32_t[]){ 2, 0, 0, 0, 0, 0, 0, 0, 1, 0 }, 10, &p));
	assert_null(mib_get(&m, (const uint32_t[]){ 1, 0, 0, 0, 0, 0, 0, 0, 1 }, 9, &p));
	mib_image_fini(&m);
}

static void scalars_and_places(void **state)
{
	struct mib_image m = image("brasNat64", "{\"bib\":3,\"sessions\":null,\"drops\":4}\n");
	char text[256];

	(void)state;
	walk(&m, text, sizeof(text));
	assert_string_equal(text, "1.0 5.0 ");
	mib_image_fini(&m);
	m = image("brasInterfaceTable", "{\"interfaces\":[{\"name\":\"a\",\"sessions\":1},{"
					"\"name\":\"b\",\"sessions\":0}]}");
	walk(&m, text, sizeof(text));
	assert_string_equal(text, "2.1 2.2 3.1 3.2 ");
	mib_image_fini(&m);
	m = image("brasPoolTable", " [ ] \n");
	walk(&m, text, sizeof(text));
	assert_string_equal(text, "");
	mib_image_fini(&m);
}

static void not_an_answer(void **state)
{
	static const char *const bad[] = { "",	     "{}",  "[",       "[{}",  "[{},]",
					   "[{}] x", "[1]", "[{} {}]", "null", "[{\"a\":}]" };
	struct mib_image m = { .rows = 77 };

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
			mib_image_read(&m, table("brasSessionTable"), bad[i], strlen(bad[i])),
			-EBADMSG);
	for (size_t n = 0; n < strlen(two) - 2; n++)
		assert_int_equal(mib_image_read(&m, table("brasSessionTable"), two, n), -EBADMSG);
	assert_int_equal(mib_image_read(&m, table("brasBox"), "[]", 2), -EBADMSG);
	assert_int_equal(mib_image_read(&m, table("brasInterfaceTable"), "{}", 2), -EBADMSG);
	assert_int_equal(m.rows, 77);
}

/* A letter of three octets across the limit: the text ends before it. */
static void long_text(void **state)
{
	char json[512] = "{\"x\":\"", *p = json + strlen(json);
	const struct mib_column c = { "x", MIB_TEXT, NULL };
	struct sbuf octets = { 0 };
	struct mib_value v;
	json_t *j;

	(void)state;
	memset(p, 'a', 254);
	strcpy(p + 254, "\xe2\x82\xac\"}");
	j = json_loads(json, 0, NULL);
	v = mib_value_of(j, &c, &octets);
	assert_true(v.there);
	assert_int_equal(v.len, 254);
	json_decref(j);
	sbuf_fini(&octets);
}

/* "NAME OBJECT-TYPE" ... "::= { PARENT NUMBER }": of the parent's objects, the number of each. */
static unsigned objects_of(const char *mib, const char *parent, unsigned first)
{
	char end[80];
	unsigned n = first;

	for (;; n++) {
		snprintf(end, sizeof(end), "::= { %s %u }", parent, n);
		if (!strstr(mib, end))
			return n - first;
	}
}

/* The number of a table or group below brasObjects. */
static unsigned place_of(const char *mib, const char *name)
{
	static const char end[] = "::= { brasObjects ";
	char head[80];
	const char *p;

	snprintf(head, sizeof(head), "\n%s OBJECT", name);
	p = strstr(mib, head);
	p = p ? strstr(p, end) : NULL;
	return p ? (unsigned)atoi(p + sizeof(end) - 1) : 0;
}

static void mib_has_the_same(void **state)
{
	static char mib[131072];
	FILE *f = fopen("etc/BRASBERRY-MIB.txt", "re");

	(void)state;
	assert_non_null(f);
	mib[fread(mib, 1, sizeof(mib) - 1, f)] = '\0';
	fclose(f);
	for (unsigned i = 0; i < mib_table_count; i++) {
		const struct mib_table *t = &mib_tables[i];
		char parent[64];
		char *suffix;

		snprintf(parent, sizeof(parent), "%s", t->name);
		suffix = strstr(parent, "Table");
		if (suffix)
			strcpy(suffix, "Entry");
		assert_int_equal(objects_of(mib, parent, t->first), t->count);
		assert_int_equal(place_of(mib, t->name), t->at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walk_is_in_order),  cmocka_unit_test(values),
		cmocka_unit_test(next_of_odd_names), cmocka_unit_test(scalars_and_places),
		cmocka_unit_test(not_an_answer),     cmocka_unit_test(long_text),
		cmocka_unit_test(mib_has_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
