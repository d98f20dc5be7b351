// SPDX-License-Identifier: GPL-2.0-or-later
/* AC-Cookies: good for one station on one line for a while, and for nobody else. */
#include "pppoe/cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define SEC	 NSEC_PER_SEC
#define LIFETIME (5 * SEC)
#define START	 (1000 * SEC)

static const struct mac ac = { { 2, 0, 0, 0, 0, 1 } }, station = { { 2, 0, 0, 0, 1, 1 } };
static const struct pppoe_line line = { .port = 3, .svlan = 0x1064, .cvlan = 0x1007 };
static const struct pppoe_cookie_for us = {
	.ac = &ac, .station = &station, .line = &line, .host_uniq = { (const uint8_t *)"uniq", 4 }
};

static void setup(struct pppoe_cookies *c, uint8_t cookie[PPPOE_COOKIE_LEN])
{
	assert_int_equal(pppoe_cookies_init(c), 0);
	pppoe_cookie_make(c, START, START, LIFETIME, &us, cookie);
}

static int check_len(struct pppoe_cookies *c, uint64_t now, const struct pppoe_cookie_for *f,
		     const uint8_t *cookie, size_t len, uint64_t *ret_id)
{
	struct pppoe_bytes b = { .p = len ? cookie : NULL, .len = (uint16_t)len };

	return pppoe_cookie_check(c, now, LIFETIME, f, &b, ret_id);
}

static int check(struct pppoe_cookies *c, uint64_t now, const struct pppoe_cookie_for *f,
		 const uint8_t *cookie)
{
	uint64_t id = 0x77;
	int rc = check_len(c, now, f, cookie, PPPOE_COOKIE_LEN, &id);

	assert_true(!rc || id == 0x77);
	return rc;
}

static void test_good(void **state)
{
	uint8_t cookie[PPPOE_COOKIE_LEN], other[PPPOE_COOKIE_LEN];
	struct pppoe_cookies c;
	uint64_t a, b;

	(void)state;
	setup(&c, cookie);
	assert_int_equal(check_len(&c, START, &us, cookie, sizeof(cookie), &a), 0);
	assert_int_equal(check_len(&c, START + SEC, &us, cookie, sizeof(cookie), &b), 0);
	assert_true(a == b); /* a PADR sent again */
	pppoe_cookie_make(&c, START, START, LIFETIME, &us, other);
	assert_int_equal(check_len(&c, START, &us, other, sizeof(other), &b), 0);
	assert_true(a != b);
	pppoe_cookies_fini(&c);
}

static void test_lifetime(void **state)
{
	uint8_t cookie[PPPOE_COOKIE_LEN];
	struct pppoe_cookies c;

	(void)state;
	setup(&c, cookie);
	assert_int_equal(check(&c, START + LIFETIME, &us, cookie), 0);
	assert_int_equal(check(&c, START + LIFETIME + 2 * NSEC_PER_MSEC, &us, cookie), -ETIME);
	/* One that leaves later counts from then. */
	pppoe_cookie_make(&c, START, START + 10 * SEC, LIFETIME, &us, cookie);
	assert_int_equal(check(&c, START + 15 * SEC, &us, cookie), 0);
	assert_int_equal(check(&c, START + 16 * SEC, &us, cookie), -ETIME);
}

static void test_no_lifetime_is_a_minute(void **state)
{
	uint8_t cookie[PPPOE_COOKIE_LEN];
	struct pppoe_bytes b = { .p = cookie, .len = sizeof(cookie) };
	struct pppoe_cookies c;
	uint64_t id;

	(void)state;
	setup(&c, cookie);
	assert_int_equal(pppoe_cookie_check(&c, START + 60 * SEC, 0, &us, &b, &id), 0);
	assert_int_equal(pppoe_cookie_check(&c, START + 61 * SEC, 0, &us, &b, &id), -ETIME);
}

/* Each single bit counts, and so does each octet of length. */
static void test_tampered(void **state)
{
	uint8_t cookie[PPPOE_COOKIE_LEN + 1] = { 0 };
	struct pppoe_cookies c;
	uint64_t id;

	(void)state;
	setup(&c, cookie);
	for (unsigned i = 0; i < PPPOE_COOKIE_LEN * 8; i++) {
		cookie[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(check(&c, START, &us, cookie), -EBADMSG);
		cookie[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t len = 0; len <= sizeof(cookie); len++)
		assert_int_equal(check_len(&c, START, &us, cookie, len, &id),
				 len == PPPOE_COOKIE_LEN ? 0 : -EBADMSG);
}

static void test_of_another(void **state)
{
	static const struct mac other = { { 2, 0, 0, 0, 1, 2 } };
	static const struct pppoe_line port = { .port = 4, .svlan = 0x1064, .cvlan = 0x1007 };
	static const struct pppoe_line svlan = { .port = 3, .svlan = 0x1065, .cvlan = 0x1007 };
	static const struct pppoe_line cvlan = { .port = 3, .svlan = 0x1064, .cvlan = 0x1008 };
	uint8_t cookie[PPPOE_COOKIE_LEN];
	struct pppoe_cookie_for f[8];
	struct pppoe_cookies c;

	(void)state;
	setup(&c, cookie);
	for (unsigned i = 0; i < 8; i++)
		f[i] = us;
	f[0].ac = &other;
	f[1].station = &other;
	f[2].line = &port;
	f[3].line = &svlan;
	f[4].line = &cvlan;
	f[5].host_uniq.p = (const uint8_t *)"uniQ";
	f[6].host_uniq.len = 3;
	f[7].host_uniq = (struct pppoe_bytes){ 0 };
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(check(&c, START, &f[i], cookie), -EBADMSG);
	assert_int_equal(check(&c, START, &us, cookie), 0);
}

static void test_no_host_uniq_is_not_an_empty_one(void **state)
{
	struct pppoe_cookie_for none = us, empty = us;
	uint8_t cookie[PPPOE_COOKIE_LEN];
	struct pppoe_cookies c;

	(void)state;
	assert_int_equal(pppoe_cookies_init(&c), 0);
	none.host_uniq = (struct pppoe_bytes){ 0 };
	empty.host_uniq.len = 0;
	pppoe_cookie_make(&c, START, START, LIFETIME, &none, cookie);
	assert_int_equal(check(&c, START, &none, cookie), 0);
	assert_int_equal(check(&c, START, &empty, cookie), -EBADMSG);
}

static void test_of_another_daemon(void **state)
{
	uint8_t cookie[PPPOE_COOKIE_LEN], mine[PPPOE_COOKIE_LEN];
	struct pppoe_cookies a, b;

	(void)state;
	setup(&a, cookie);
	setup(&b, mine);
	assert_int_equal(check(&b, START, &us, cookie), -EBADMSG);
}

/* Over ten hours of keys: a cookie is good to its last moment whenever it was made, and a key two
 * changes back is not ours any more. */
static void test_keys_change(void **state)
{
	uint8_t cookie[PPPOE_COOKIE_LEN], first = 0;
	struct pppoe_cookies c;
	unsigned changes = 0;

	(void)state;
	setup(&c, cookie);
	for (uint64_t now = START; now < START + 36000 * SEC; now += 3 * SEC) {
		pppoe_cookie_make(&c, now, now, LIFETIME, &us, cookie);
		changes += first != cookie[0];
		first = cookie[0];
		assert_int_equal(check(&c, now + LIFETIME, &us, cookie), 0);
	}
	assert_true(changes > 36000 / 700 && changes < 36000 / 600);
	assert_int_equal(check(&c, START + 40000 * SEC, &us, cookie), -ETIME); /* previous key */
	assert_int_equal(check(&c, START + 50000 * SEC, &us, cookie), -EBADMSG);
}

static void test_nonces_do_not_repeat(void **state)
{
	static uint64_t seen[4096];
	uint8_t cookie[PPPOE_COOKIE_LEN];
	struct pppoe_cookies c;

	(void)state;
	setup(&c, cookie);
	for (unsigned i = 0; i < 4096; i++) {
		pppoe_cookie_make(&c, START, START, LIFETIME, &us, cookie);
		memcpy(&seen[i], cookie + 5, 8);
		for (unsigned j = 0; j < i; j++)
			assert_true(seen[i] != seen[j]);
	}
}

/* From one process to the next: its own cookies and those of before, current key and previous. */
static void test_thaw(void **state)
{
	uint8_t old[PPPOE_COOKIE_LEN], fresh[PPPOE_COOKIE_LEN], mine[PPPOE_COOKIE_LEN];
	uint8_t buf[PPPOE_COOKIES_FROZEN_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	uint64_t now = START + 670 * SEC, id_fresh, id_mine;
	struct pppoe_cookies c, next;
	uint32_t changes;
	struct rd r;

	(void)state;
	setup(&c, old);
	changes = c.changes;
	pppoe_cookie_make(&c, now - SEC, now - SEC, LIFETIME, &us, old);
	assert_int_not_equal(c.changes, changes); /* the next key */
	pppoe_cookie_make(&c, now, now, LIFETIME, &us, fresh);
	assert_int_equal(pppoe_cookies_freeze(&c, &w), 0);
	assert_int_equal(w.len, PPPOE_COOKIES_FROZEN_MAX);
	pppoe_cookies_fini(&c);
	assert_int_equal(pppoe_cookies_init(&next), 0);
	assert_int_equal(check(&next, now, &us, fresh), -EBADMSG);
	r = rd_init(buf, w.len);
	assert_int_equal(pppoe_cookies_thaw(&next, &r, now), 0);
	assert_int_equal(check(&next, now + SEC, &us, old), 0);
	assert_int_equal(check_len(&next, now + SEC, &us, fresh, sizeof(fresh), &id_fresh), 0);
	assert_int_equal(check(&next, now + 6 * SEC, &us, fresh), -ETIME);
	pppoe_cookie_make(&next, now, now, LIFETIME, &us, mine);
	assert_int_equal(check_len(&next, now, &us, mine, sizeof(mine), &id_mine), 0);
	assert_true(id_mine != id_fresh); /* each number once, also across restarts */
	pppoe_cookies_fini(&next);
}

static void test_thaw_refuses(void **state)
{
	uint8_t cookie[PPPOE_COOKIE_LEN], buf[PPPOE_COOKIES_FROZEN_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct pppoe_cookies c, other;
	struct rd r;

	(void)state;
	memset(buf, 0, sizeof(buf));
	setup(&c, cookie);
	assert_int_equal(pppoe_cookies_freeze(&c, &w), 0);
	for (size_t n = 0; n <= w.len + 1; n++) {
		if (n == w.len)
			continue;
		r = rd_init(buf, n);
		assert_int_equal(pppoe_cookies_thaw(&c, &r, START), -EBADMSG);
	}
	r = rd_init(buf, w.len);
	assert_int_equal(pppoe_cookies_thaw(&c, &r, START - 1), -EBADMSG); /* another clock's */
	buf[0]++;
	r = rd_init(buf, w.len);
	assert_int_equal(pppoe_cookies_thaw(&c, &r, START), -ENOTSUP);
	assert_int_equal(check(&c, START, &us, cookie), 0);
	/* Nothing was ever made with these: our own go on. */
	assert_int_equal(pppoe_cookies_init(&other), 0);
	w.len = 0;
	assert_int_equal(pppoe_cookies_freeze(&other, &w), 0);
	r = rd_init(buf, w.len);
	assert_int_equal(pppoe_cookies_thaw(&c, &r, START), 0);
	assert_int_equal(check(&c, START, &us, cookie), 0);
	pppoe_cookies_fini(&c);
	pppoe_cookies_fini(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_lifetime),
		cmocka_unit_test(test_no_lifetime_is_a_minute),
		cmocka_unit_test(test_tampered),
		cmocka_unit_test(test_of_another),
		cmocka_unit_test(test_no_host_uniq_is_not_an_empty_one),
		cmocka_unit_test(test_of_another_daemon),
		cmocka_unit_test(test_keys_change),
		cmocka_unit_test(test_nonces_do_not_repeat),
		cmocka_unit_test(test_thaw),
		cmocka_unit_test(test_thaw_refuses),
	};

	return cmocka_run_group_tests_name("pppoe_cookie", tests, NULL, NULL);
}
