// SPDX-License-Identifier: GPL-2.0-or-later
/* Timelines: what is kept, in which order, what makes room, and whom floods do not push away. */
#include "daemon/history.h"

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

	assert_int_equal(history_new(&h, slots, ended, refused), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
