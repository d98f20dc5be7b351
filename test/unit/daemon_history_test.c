// SPDX-License-Identifier: GPL-2.0-or-later
/* Timelines: what is kept, in which order, what makes room, and whom floods do not push away. */
#include "daemon/history.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct mac mac1 = { { 2, 0, 0, 0, 0, 1 } }, mac2 = { { 2, 0, 0, 0, 0, 2 } };

static struct history *make(uint32_t slots, uint32_t ended, uint32_t refused)
{
	struct history *h = NULL;

	assert_int_equal(history_new(&h, NULL, slots, ended, refused), 0);
	return h;
}

/* A line's events as "event:detail event:detail". */
static const char *story(const struct history *h, uint32_t line)
{
	static char text[4096];
	struct history_item item;
	size_t cursor = 0, len = 0;

	*text = '\0';
	while (history_next(h, line, &cursor, &item))
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s:%.*s", len ? " " : "",
					history_event_name(item.event), (int)item.detail_len,
					item.detail);
	return text;
}

static void whole(struct history *h, uint32_t slot, const char *name, uint16_t sid, bool accepted)
{
	history_begin(h, slot, &mac1, sid);
	history_add(h, slot, 1, HISTORY_DIAL, "acc");
	history_name(h, slot, name, accepted);
	history_add(h, slot, 2, accepted ? HISTORY_ACCEPT : HISTORY_REJECT, "");
	history_end(h, slot);
}

static void test_life(void **state)
{
	struct history *h = make(4, 4, 2);
	uint32_t found[HISTORY_FOUND_MAX];
	struct history_item item;
	size_t cursor = 0;

	(void)state;
	history_begin(h, 2, &mac1, 7);
	history_add(h, 2, 1000, HISTORY_DIAL, "acc");
	assert_int_equal(history_find(h, "ann", NULL, found), 0);
	assert_int_equal(history_find(h, NULL, &mac1, found), 1);
	history_name(h, 2, "ann", true);
	history_add(h, 2, 2000, HISTORY_ACCEPT, "users file");
	assert_int_equal(history_find(h, "ann", NULL, found), 1);
	assert_string_equal(story(h, found[0]), "dial:acc accept:users file");
	assert_true(history_next(h, found[0], &cursor, &item));
	assert_int_equal(item.time, 1000);
	history_add(h, 2, 3000, HISTORY_END, "lost-carrier");
	history_end(h, 2);
	assert_int_equal(history_find(h, "ann", NULL, found), 1);
	assert_string_equal(story(h, found[0]), "dial:acc accept:users file end:lost-carrier");
	assert_string_equal(history_who(h, found[0]).name, "ann");
	assert_int_equal(history_who(h, found[0]).sid, 7);
	/* The same slot again, another's; and nothing is added to a free one. */
	history_add(h, 2, 4000, HISTORY_END, "");
	history_begin(h, 2, &mac2, 8);
	assert_int_equal(history_find(h, NULL, &mac2, found), 1);
	assert_string_equal(story(h, found[0]), "");
	assert_int_equal(history_find(h, NULL, &mac1, found), 1);
	assert_int_equal(history_find(h, "an", NULL, found), 0);
	history_free(h);
}

/* Old and new lines of one name, in the order of their beginning. */
static void test_order(void **state)
{
	struct history *h = make(4, 40, 2);
	uint32_t found[HISTORY_FOUND_MAX];

	(void)state;
	for (uint16_t i = 1; i <= 30; i++)
		whole(h, i % 4, "ann", i, true);
	assert_int_equal(history_find(h, "ann", NULL, found), HISTORY_FOUND_MAX);
	for (unsigned i = 0; i < HISTORY_FOUND_MAX; i++)
		assert_int_equal(history_who(h, found[i]).sid, 30 - HISTORY_FOUND_MAX + 1 + i);
	/* One that lives comes last, though its place is first. */
	history_begin(h, 0, &mac1, 99);
	history_name(h, 0, "ann", false);
	assert_int_equal(history_find(h, "ann", NULL, found), HISTORY_FOUND_MAX);
	assert_int_equal(history_who(h, found[HISTORY_FOUND_MAX - 1]).sid, 99);
	assert_int_equal(history_who(h, found[0]).sid, 30 - HISTORY_FOUND_MAX + 2);
	history_free(h);
}

static void test_bounds(void **state)
{
	struct history *h = make(2, 3, 2);
	uint32_t found[HISTORY_FOUND_MAX];
	char name[16];

	(void)state;
	for (uint16_t i = 1; i <= 5; i++) {
		snprintf(name, sizeof(name), "user%u", i);
		whole(h, 0, name, i, true);
	}
	assert_int_equal(history_find(h, "user2", NULL, found), 0);
	assert_int_equal(history_find(h, "user3", NULL, found), 1);
	/* Those who dial in vain push only their like away. */
	for (uint16_t i = 1; i <= 100; i++) {
		snprintf(name, sizeof(name), "guess%u", i);
		whole(h, 1, name, i, false);
	}
	assert_int_equal(history_find(h, "user3", NULL, found), 1);
	assert_int_equal(history_find(h, "guess98", NULL, found), 0);
	assert_int_equal(history_find(h, "guess99", NULL, found), 1);
	assert_string_equal(story(h, found[0]), "dial:acc reject:");
	history_free(h);
}

/* The newest events stay, whole; a detail is cut. */
static void test_room(void **state)
{
	struct history *h = make(1, 1, 1);
	char detail[300], number[16];
	struct history_item item;
	size_t cursor = 0;
	uint64_t last = 0;
	unsigned n = 0;

	(void)state;
	history_begin(h, 0, &mac1, 1);
	for (uint64_t i = 1; i <= 1000; i++) {
		snprintf(number, sizeof(number), "%u", (unsigned)i);
		history_add(h, 0, i, HISTORY_ECHO_LOST, number);
		cursor = 0;
		n = 0;
		while (history_next(h, 0, &cursor, &item)) {
			snprintf(number, sizeof(number), "%u", (unsigned)item.time);
			assert_int_equal(item.detail_len, strlen(number));
			assert_memory_equal(item.detail, number, item.detail_len);
			last = item.time;
			n++;
		}
		assert_int_equal(last, i);
		assert_true(n >= 30 || n == i);
	}
	memset(detail, 'x', sizeof(detail) - 1);
	detail[sizeof(detail) - 1] = '\0';
	for (unsigned i = 0; i < 10; i++)
		history_add(h, 0, 5000 + i, HISTORY_MIRROR, detail);
	cursor = 0;
	for (n = 0; history_next(h, 0, &cursor, &item); n++)
		assert_int_equal(item.detail_len, HISTORY_DETAIL_MAX);
	assert_int_equal(n, 3);
	assert_int_equal(item.time, 5009);
	history_free(h);
}

/* --- what the next process reads -------------------------------------------------------------- */

#define SLOTS	4u
#define ENDED	3u
#define REFUSED 2u

static int taken;

static int take(void *arg, size_t at, size_t len)
{
	(void)arg, (void)at, (void)len;
	return taken-- > 0 ? 0 : -ENOSPC;
}

static struct history *in_memory(uint8_t *octets)
{
	struct history_memory memory = { .p = octets, .take = take };
	struct history *h = NULL;

	taken = 1000;
	assert_int_equal(history_new(&h, &memory, SLOTS, ENDED, REFUSED), 0);
	return h;
}

/* A line that lives, one that lives and has said no name, one that has ended, one refused. */
static uint8_t *process_before(size_t *len)
{
	uint8_t *octets;
	struct history *h;

	*len = history_size(SLOTS, ENDED, REFUSED);
	octets = calloc(1, *len);
	h = in_memory(octets);
	whole(h, 0, "old", 5, true);
	whole(h, 0, "guess", 6, false);
	history_begin(h, 1, &mac1, 7);
	history_add(h, 1, 10, HISTORY_DIAL, "acc");
	history_name(h, 1, "ann", true);
	history_add(h, 1, 11, HISTORY_ACCEPT, "users file");
	history_begin(h, 3, &mac2, 8);
	history_add(h, 3, 12, HISTORY_DIAL, "acc");
	history_free(h);
	return octets;
}

static const char *of(const struct history *h, const char *name, const struct mac *mac)
{
	uint32_t found[HISTORY_FOUND_MAX];
	unsigned n = history_find(h, name, mac, found);

	return n ? story(h, found[n - 1]) : "nobody";
}

static void test_next_process(void **state)
{
	unsigned damaged = 7;
	size_t len;
	uint8_t *octets = process_before(&len);
	struct history *h = make(SLOTS, ENDED, REFUSED);

	(void)state;
	assert_int_equal(history_load(h, octets, len, &damaged), 0);
	assert_int_equal(damaged, 0);
	free(octets);
	assert_string_equal(of(h, "old", NULL), "dial:acc accept:");
	assert_string_equal(of(h, "guess", NULL), "dial:acc reject:");
	/* It goes on with one; the other has gone. */
	assert_true(history_resume(h, 1, &mac1, 7));
	history_add(h, 1, 20, HISTORY_ADOPTED, "");
	history_settle(h, 21, "gone");
	assert_string_equal(of(h, "ann", NULL), "dial:acc accept:users file adopted:");
	assert_string_equal(of(h, NULL, &mac2), "dial:acc end:gone");
	history_name(h, 1, "ann-of-the-long-name", true);
	history_end(h, 1);
	assert_string_equal(of(h, "ann-of-the-long-name", NULL), "dial:acc accept:users file adopted:");
	/* The oldest make room, as ever: the ring goes on where it was. */
	whole(h, 0, "b", 20, true);
	assert_string_equal(of(h, "old", NULL), "dial:acc accept:");
	whole(h, 0, "c", 21, true);
	assert_string_equal(of(h, "old", NULL), "nobody");
	history_free(h);
}

/* Another line in the slot than the one that was there; other sizes. */
static void test_next_differs(void **state)
{
	unsigned damaged;
	size_t len;
	uint8_t *octets = process_before(&len);
	struct history *h = make(1, 1, 1);

	(void)state;
	assert_int_equal(history_load(h, octets, len, &damaged), 0);
	assert_string_equal(of(h, "ann", NULL), "dial:acc accept:users file");
	assert_string_equal(of(h, "old", NULL), "nobody"); /* the newest one only */
	history_free(h);
	h = make(SLOTS, ENDED, REFUSED);
	assert_int_equal(history_load(h, octets, len, &damaged), 0);
	assert_true(history_resume(h, 1, &mac2, 7));
	assert_string_equal(of(h, "ann", NULL), "dial:acc accept:users file");
	assert_string_equal(story(h, 1), "");
	history_free(h);
	free(octets);
}

/* Any octet wrong: it is refused, or a line is missing, or its text is another. */
static void test_damage(void **state)
{
	size_t len;
	uint8_t *octets = process_before(&len), *copy = malloc(len);
	uint32_t found[HISTORY_FOUND_MAX];

	(void)state;
	for (size_t i = 0; i < len; i += i < 1100 ? 1 : 7) {
		struct history *h = make(SLOTS, ENDED, REFUSED);
		unsigned damaged = 0;

		memcpy(copy, octets, len);
		copy[i] ^= 0x85;
		if (history_load(h, copy, len, &damaged))
			assert_true(i < 28);
		history_settle(h, 1, "");
		for (unsigned n = history_find(h, "ann", NULL, found); n--;)
			(void)story(h, found[n]);
		history_free(h);
	}
	for (size_t i = 0; i < len; i += i < 600 ? 1 : 31) {
		struct history *h = make(SLOTS, ENDED, REFUSED);
		unsigned damaged;

		assert_int_equal(history_load(h, octets, i, &damaged), -EBADMSG);
		history_free(h);
	}
	free(octets);
	free(copy);
}

/* A process that was killed while it wrote a line: that one is not whole. */
static void test_killed(void **state)
{
	size_t len, at = HISTORY_LINE /* the head */ + 1 * HISTORY_LINE + 19 /* flags */;
	uint8_t *octets = process_before(&len);
	struct history *h = make(SLOTS, ENDED, REFUSED);
	unsigned damaged;

	(void)state;
	octets[at] |= 2;
	assert_int_equal(history_load(h, octets, len, &damaged), 0);
	assert_int_equal(damaged, 1);
	assert_string_equal(of(h, "ann", NULL), "nobody");
	assert_string_equal(of(h, NULL, &mac2), "dial:acc");
	history_free(h);
	free(octets);
}

static void test_no_memory(void **state)
{
	size_t len = history_size(SLOTS, ENDED, REFUSED);
	uint8_t *octets = calloc(1, len);
	struct history *h = in_memory(octets);

	(void)state;
	taken = 0;
	assert_false(history_begin(h, 1, &mac1, 7));
	history_add(h, 1, 10, HISTORY_DIAL, "acc");
	history_name(h, 1, "ann", true);
	history_end(h, 1);
	assert_string_equal(of(h, "ann", NULL), "nobody");
	taken = 1;
	assert_true(history_begin(h, 1, &mac1, 7));
	history_free(h);
	free(octets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_next_process),
		cmocka_unit_test(test_next_differs),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
