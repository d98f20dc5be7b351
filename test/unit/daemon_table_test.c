// SPDX-License-Identifier: GPL-2.0-or-later
/* The session table: indices agree with a naive model through thousands of random operations. */
#include "daemon/daemon.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX 64

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
	d.ppp = (struct ppp_ctx){
		.config = &d.ppp_config,
		.ops = &line_ppp_ops,
		.wheel = loop_wheel(d.loop),
		.stats = &d.ppp_stats,
	};
	return table_setup(&d);
}

static int teardown(void **state)
{
	(void)state;
	table_teardown(&d);
	loop_free(d.loop);
	return 0;
}

static struct pppoe_request request(unsigned station, uint64_t cookie)
{
	struct pppoe_request req = { .line = { .port = 1 }, .cookie_id = cookie };

	req.mac.b[0] = 2;
	req.mac.b[5] = (uint8_t)station;
	strcpy(req.service, "internet");
	return req;
}

/* As a session is opened: in the table, and with a link that the reaper will end. */
static int add(const struct pppoe_request *req, uint16_t sid, struct session **ret)
{
	int rc = table_add(&d, req, sid, ret);

	if (!rc)
		ppp_link_init(&(*ret)->link, &d.ppp, 1492);
	return rc;
}

static void reap(void)
{
	static uint64_t ahead;

	ahead += NSEC_PER_SEC;
	wheel_run(loop_wheel(d.loop), loop_clock() + ahead);
}

static void add_find_remove(void **state)
{
	struct pppoe_request req = request(1, 77), other = request(2, 77);
	struct session *s;
	uint32_t first;

	(void)state;
	assert_int_equal(add(&req, 5, &s), 0);
	first = s->generation;
	assert_ptr_equal(table_by_sid(&d, &req.line, 5), s);
	assert_null(table_by_sid(&d, &req.line, 6));
	assert_ptr_equal(table_by_request(&d, &req), s);
	assert_null(table_by_request(&d, &other)); /* the same cookie of another station */
	assert_string_equal(s->service, "internet");
	assert_int_equal(table_starting(&d), 1);
	table_remove(s);
	assert_null(table_by_sid(&d, &req.line, 5));
	assert_null(table_by_request(&d, &req));
	assert_int_equal(table_count_station(&d, &req.line, &req.mac), 0);
	assert_int_equal(table_starting(&d), 0);
	assert_int_equal(d.table.used, 1); /* dead, and still in its slot under its caller */
	reap();
	assert_int_equal(d.table.used, 0);
	assert_int_equal(add(&req, 5, &s), 0);
	assert_int_not_equal(s->generation, first);
	table_remove(s);
	reap();
}

/* One session id may live once on each line. */
static void lines_are_apart(void **state)
{
	struct pppoe_request a = request(1, 1), b = request(1, 2), c = request(1, 3);
	struct session *sa, *sb, *sc;

	(void)state;
	b.line.svlan = PPPOE_VLAN_PRESENT | 100;
	c.line.svlan = PPPOE_VLAN_PRESENT | PPPOE_VLAN_8021AD | 100;
	assert_int_equal(add(&a, 9, &sa), 0);
	assert_int_equal(add(&b, 9, &sb), 0);
	assert_int_equal(add(&c, 9, &sc), 0);
	assert_ptr_equal(table_by_sid(&d, &a.line, 9), sa);
	assert_ptr_equal(table_by_sid(&d, &b.line, 9), sb);
	assert_ptr_equal(table_by_sid(&d, &c.line, 9), sc);
	assert_int_equal(table_count_station(&d, &a.line, &a.mac), 1);
	assert_int_equal(table_count_station(&d, &b.line, &b.mac), 1);
	table_remove(sa);
	table_remove(sb);
	table_remove(sc);
	reap();
}

static void full(void **state)
{
	struct session *s[MAX + 1];
	struct pppoe_request req;

	(void)state;
	for (unsigned i = 0; i < MAX; i++) {
		req = request(i, i);
		assert_int_equal(add(&req, (uint16_t)(i + 1), &s[i]), 0);
	}
	req = request(200, 200);
	assert_int_equal(add(&req, 999, &s[MAX]), -EBUSY);
	for (unsigned i = 0; i < MAX; i++)
		table_remove(s[i]);
	reap();
	assert_int_equal(d.table.used, 0);
}

static void random_model(void **state)
{
	struct session *model[MAX] = { 0 };
	unsigned count[4] = { 0 };

	(void)state;
	srandom(1);
	for (unsigned n = 0; n < 20000; n++) {
		unsigned i = (unsigned)random() % MAX, st = i % 4;
		struct pppoe_request req = request(st, i + 1);

		if (model[i]) {
			assert_ptr_equal(table_by_sid(&d, &req.line, (uint16_t)(i + 1)), model[i]);
			table_remove(model[i]);
			model[i] = NULL;
			count[st]--;
			reap();
		} else {
			assert_null(table_by_sid(&d, &req.line, (uint16_t)(i + 1)));
			assert_int_equal(add(&req, (uint16_t)(i + 1), &model[i]), 0);
			count[st]++;
		}
		assert_int_equal(table_count_station(&d, &req.line, &req.mac), count[st]);
		assert_int_equal(d.table.used, count[0] + count[1] + count[2] + count[3]);
	}
	for (uint32_t cursor = 0, n = 0;; n++)
		if (!table_next(&d, &cursor)) {
			assert_int_equal(n, d.table.used);
			break;
		}
	for (unsigned i = 0; i < MAX; i++)
		if (model[i])
			table_remove(model[i]);
	reap();
}

static int adopt(uint32_t slot, uint32_t generation, const struct pppoe_request *req, uint16_t sid,
		 struct session **ret)
{
	int rc = table_adopt(&d, slot, generation, req, sid, 1000 + slot, ret);

	if (!rc)
		ppp_link_init(&(*ret)->link, &d.ppp, 1492);
	return rc;
}

static void adopted(void **state)
{
	struct pppoe_request req = request(1, 11);
	struct session *s, *other = NULL;

	(void)state;
	assert_int_equal(adopt(5, 7, &req, 500, &s), 0);
	assert_int_equal(s->slot, 5);
	assert_int_equal(s->generation, 7);
	assert_int_equal(s->acct_id, 1005);
	assert_ptr_equal(table_by_sid(&d, &req.line, 500), s);
	assert_ptr_equal(table_by_request(&d, &req), s);
	assert_int_equal(table_count_station(&d, &req.line, &req.mac), 1);
	assert_string_equal(s->service, "internet");
	assert_int_equal(adopt(5, 8, &req, 501, &other), -EEXIST);
	assert_int_equal(adopt(6, 8, &req, 500, &other), -EEXIST);
	assert_int_equal(adopt(MAX, 8, &req, 502, &other), -EINVAL);
	assert_int_equal(adopt(6, 0, &req, 502, &other), -EINVAL);
	req.line.port = ABI_PORTS_MAX;
	assert_int_equal(adopt(6, 8, &req, 502, &other), -EINVAL);
	assert_null(other);
	assert_int_equal(d.table.used, 1);
	/* Below it, out of order. */
	req = request(2, 12);
	assert_int_equal(adopt(2, 3, &req, 600, &s), 0);
	assert_int_equal(s->slot, 2);
	table_remove(s);
	reap();
	table_generation(&d, 0, 9);
	table_generation(&d, MAX, 9);
	table_generation(&d, 5, 99); /* in use: its own */
	for (unsigned i = 0; i < MAX - 1; i++) {
		req = request(3, 100 + i);
		assert_int_equal(add(&req, (uint16_t)(i + 1), &s), 0);
		assert_int_not_equal(s->slot, 5);
		assert_int_equal(s->generation, s->slot == 2 ? 4 : s->slot ? 1 : 10);
		assert_true(s->acct_id > 1005);
	}
	assert_int_equal(add(&req, 999, &s), -EBUSY);
	for (uint32_t i = 0; (s = table_next(&d, &i));) {
		assert_int_equal(s->slot == 5, s->generation == 7);
		table_remove(s);
	}
	reap();
	assert_int_equal(d.table.used, 0);
}

/* In any order, the free list has what is not adopted, each once. */
static void adopted_in_any_order(void **state)
{
	(void)state;
	srandom(2);
	for (unsigned n = 0; n < 300; n++) {
		struct session *s, *in[MAX] = { 0 };
		unsigned used = 0;

		for (unsigned i = 0; i < n % MAX; i++) {
			uint32_t slot = (uint32_t)random() % MAX;
			struct pppoe_request req = request(i % 4, i);

			if (in[slot]) {
				assert_int_equal(adopt(slot, 1, &req, (uint16_t)(i + 1), &s),
						 -EEXIST);
				continue;
			}
			assert_int_equal(adopt(slot, 1, &req, (uint16_t)(i + 1), &in[slot]), 0);
			used++;
		}
		for (unsigned i = used; i < MAX; i++) {
			struct pppoe_request req = request(5, i);

			assert_int_equal(add(&req, (uint16_t)(i + 1000), &s), 0);
			assert_null(in[s->slot]);
			in[s->slot] = s;
		}
		for (unsigned i = 0; i < MAX; i++)
			table_remove(in[i]);
		reap();
		teardown(NULL);
		setup(NULL);
	}
}

/* One line's sessions never log in: another line's still find room, and those of each line are
 * counted until they are open or gone. */
static void a_share_of_what_may_start(void **state)
{
	struct pppoe_line other = { .port = 1, .svlan = 0x1007 };
	struct session *s[MAX];
	unsigned n = 0;

	(void)state;
	d.table.key = (struct siphash_key){ 0 }; /* the two are not of one group */
	while (n < MAX) {
		struct pppoe_request req = request(1, n);

		if (table_starting_full(&d, &req.line, 18))
			break;
		assert_int_equal(add(&req, (uint16_t)(n + 1), &s[n]), 0);
		n++;
	}
	assert_int_equal(n, 16);
	assert_int_equal(table_starting(&d), 16);
	assert_false(table_starting_full(&d, &other, 18));
	assert_true(table_starting_full(&d, &other, 16));
	assert_false(table_starting_full(&d, &s[0]->line, 0));
	table_state(s[0], SESSION_OPEN);
	table_remove(s[1]);
	assert_int_equal(table_starting(&d), 14);
	assert_false(table_starting_full(&d, &s[0]->line, 18));
	for (unsigned i = 0; i < n; i++)
		if (i != 1)
			table_remove(s[i]);
	reap();
	assert_int_equal(table_starting(&d), 0);
	for (unsigned i = 0; i < TABLE_SHARES; i++)
		assert_int_equal(d.table.starting[i], 0);
}

static struct pppoe_request customer(unsigned station, uint16_t svlan, const char *circuit)
{
	struct pppoe_request req = request(station, station);

	req.line.svlan = svlan ? PPPOE_VLAN_PRESENT | svlan : 0;
	snprintf(req.circuit_id, sizeof(req.circuit_id), "%s", circuit);
	req.circuit_id_len = (uint8_t)strlen(circuit);
	return req;
}

/* Of whatever MAC, and whether they were opened here or adopted. */
static void sessions_of_a_vlan_and_a_circuit(void **state)
{
	struct pppoe_request a = customer(1, 100, "dslam1 1/1"), b = customer(2, 100, "dslam1 1/2");
	struct pppoe_request c = customer(3, 101, "dslam1 1/1"), plain = customer(4, 0, "");
	struct pppoe_request cut = customer(5, 0, "dslam1 1/2"), port = a;
	struct session *s[5];

	(void)state;
	cut.circuit_id_len += 5; /* and a NUL and more: as the record has it, it is b's */
	port.line.port = 2;
	assert_int_equal(add(&a, 1, &s[0]), 0);
	assert_int_equal(add(&b, 2, &s[1]), 0);
	assert_int_equal(add(&c, 3, &s[2]), 0);
	assert_int_equal(add(&plain, 4, &s[3]), 0);
	assert_int_equal(adopt(9, 1, &cut, 5, &s[4]), 0);
	assert_int_equal(table_count_vlan(&d, &a), 2);
	assert_int_equal(table_count_vlan(&d, &c), 1);
	assert_int_equal(table_count_vlan(&d, &plain), 0);
	assert_int_equal(table_count_vlan(&d, &port), 0);
	assert_int_equal(table_count_circuit(&d, &a), 2);
	assert_int_equal(table_count_circuit(&d, &b), 2);
	assert_int_equal(table_count_circuit(&d, &plain), 0);
	assert_int_equal(table_count_circuit(&d, &port), 0);
	table_remove(s[0]);
	table_remove(s[4]);
	assert_int_equal(table_count_vlan(&d, &a), 1);
	assert_int_equal(table_count_circuit(&d, &a), 1);
	assert_int_equal(table_count_circuit(&d, &b), 1);
	for (unsigned i = 1; i < 4; i++)
		table_remove(s[i]);
	assert_int_equal(table_count_vlan(&d, &b) + table_count_circuit(&d, &c), 0);
	assert_int_equal(d.table.lines.by_hash.used, 0);
	reap();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(add_find_remove, setup, teardown),
		cmocka_unit_test_setup_teardown(lines_are_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(sessions_of_a_vlan_and_a_circuit, setup, teardown),
		cmocka_unit_test_setup_teardown(full, setup, teardown),
		cmocka_unit_test_setup_teardown(random_model, setup, teardown),
		cmocka_unit_test_setup_teardown(adopted, setup, teardown),
		cmocka_unit_test_setup_teardown(adopted_in_any_order, setup, teardown),
		cmocka_unit_test_setup_teardown(a_share_of_what_may_start, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
