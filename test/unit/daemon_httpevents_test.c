// SPDX-License-Identifier: GPL-2.0-or-later
/* /api/v1/events and a viewer who is slow: he is told that he has missed something, and nobody else
 * is. */
#include "daemon/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* The daemon, in place of http_sys.c: a line whose counter moves each time, as an event needs. */
int http_ask(struct http *h, unsigned argc, const char *const *argv, struct sbuf *ret,
	     char *message, size_t message_len)
{
	static unsigned octets;

	(void)h, (void)message, (void)message_len;
	assert_int_equal(argc, 2);
	if (!strcmp(argv[1], "health"))
		sbuf_printf(ret, "{}\n");
	else
		sbuf_printf(ret, "[[1,\"0123456789abcdef\",\"open\",%u,0]]\n", octets++);
	return 0;
}

struct viewer {
	struct http_events *events;
	uint64_t seq;
};

/* One turn: what he is told agrees with how far he has got. How many events he missed. */
static unsigned next(struct viewer *v)
{
	uint64_t before = v->seq;
	struct sbuf text = { 0 };
	unsigned missed = 0;

	assert_int_equal(http_events_next(v->events, &v->seq, &text), 0);
	sbuf_append(&text, "", 1);
	if (sscanf(text.p, "event: missed\ndata: %u\n\n", &missed) != 1)
		assert_null(strstr(text.p, "missed"));
	assert_int_equal(missed, v->seq - before > 1 ? v->seq - before - 1 : 0);
	if (v->seq != before)
		assert_non_null(strstr(text.p, "event: sessions\ndata: {"));
	sbuf_fini(&text);
	return missed;
}

static void test_slow_viewer(void **state)
{
	struct viewer fast, slow;

	(void)state;
	assert_int_equal(http_events_new(&fast.events, NULL), 0);
	slow.events = fast.events;
	assert_true(http_events_enter(slow.events, &slow.seq));
	assert_true(http_events_enter(fast.events, &fast.seq));
	while (fast.seq < slow.seq + 3)
		(void)next(&fast);
	assert_in_range(next(&slow), 2, 100);
	assert_true(slow.seq >= fast.seq);
	http_events_leave(slow.events);
	http_events_leave(fast.events);
	http_events_free(fast.events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slow_viewer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
