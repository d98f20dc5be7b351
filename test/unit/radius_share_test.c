// SPDX-License-Identifier: GPL-2.0-or-later
/* How the RADIUS client shares requests between servers: ranks by weight, backups last. */
#include "test/unit/radius_engine.h"

/* Shares among the first two by weight; a window that is full sends the rest to the other. */
static void weights_share(void **state)
{
	unsigned count[3] = { 0 };

	(void)state;
	begin(3);
	f.servers[0].weight = 3;
	f.servers[1].weight = 1;
	open_client();
	for (unsigned i = 0; i < 4000; i++) {
		login(&result[0]);
		count[fake_last(&f)->server]++;
		fake_reply(&f, fake_last(&f));
	}
	assert_between(count[0], 2850, 3150); /* 3000, and more than 5 sigma to each side */
	assert_int_equal(count[0] + count[1], 4000);
	for (unsigned i = 0; i < 128; i++)
		login(&result[i]);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->inflight, 64);
	assert_int_equal(fake_link(&f, 1, RADIUS_AUTH)->inflight, 64);
	login(&result[128]); /* waits: servers of the rank live */
	assert_int_equal(fake_link(&f, 2, RADIUS_AUTH)->inflight, 0);
	end();
}

/* The dead one of a rank has no share; without any, the next rank is asked. */
static void the_dead_have_no_share(void **state)
{
	(void)state;
	begin(3);
	f.servers[0].weight = 1000;
	f.servers[1].weight = 1;
	open_client();
	fake_link(&f, 0, RADIUS_AUTH)->state = LINK_DEAD;
	for (unsigned i = 0; i < 20; i++) {
		login(&result[0]);
		assert_int_equal(fake_last(&f)->server, 1);
		fake_reply(&f, fake_last(&f));
	}
	fake_link(&f, 1, RADIUS_AUTH)->state = LINK_DEAD;
	login(&result[0]);
	assert_int_equal(fake_last(&f)->server, 2);
	fake_reply(&f, fake_last(&f));
	end();
}

/* First in the list, last in turn; accounting too. */
static void a_backup_comes_last(void **state)
{
	(void)state;
	begin(3);
	f.servers[0].backup = true;
	open_client();
	login(&result[0]);
	assert_int_equal(fake_last(&f)->server, 1);
	fake_reply(&f, fake_last(&f));
	fake_link(&f, 1, RADIUS_AUTH)->state = LINK_DEAD;
	login(&result[0]);
	assert_int_equal(fake_last(&f)->server, 2);
	fake_reply(&f, fake_last(&f));
	fake_link(&f, 2, RADIUS_AUTH)->state = LINK_DEAD;
	login(&result[0]);
	assert_int_equal(fake_last(&f)->server, 0);
	fake_reply(&f, fake_last(&f));
	end();
}

/* What the servers have at once: all of the rank that is asked, and of it those that live. */
static void windows_add_up(void **state)
{
	(void)state;
	begin(5);
	f.servers[0].backup = true;
	f.servers[1].weight = 3;
	f.servers[2].weight = 1;
	f.servers[3].auth_port = 0; /* accounting only */
	open_client();
	assert_int_equal(radius_client_window(f.c), 2 * 64);
	fake_link(&f, 1, RADIUS_AUTH)->state = LINK_DEAD;
	assert_int_equal(radius_client_window(f.c), 64);
	fake_link(&f, 2, RADIUS_AUTH)->state = LINK_PROBING;
	assert_int_equal(radius_client_window(f.c), 64); /* the fifth, alone in its rank */
	fake_link(&f, 4, RADIUS_AUTH)->state = LINK_DEAD;
	assert_int_equal(radius_client_window(f.c), 64); /* the backup */
	fake_link(&f, 0, RADIUS_AUTH)->state = LINK_DEAD;
	assert_int_equal(radius_client_window(f.c), 64);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weights_share),
		cmocka_unit_test(the_dead_have_no_share),
		cmocka_unit_test(a_backup_comes_last),
		cmocka_unit_test(windows_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
