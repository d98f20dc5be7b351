// SPDX-License-Identifier: GPL-2.0-or-later
/* Leases: where each one comes from, and as octets and back. What carries them is tested in
 * namespaces (test/netns/ipv6_pd.sh). */
#include "daemon/lease.h"

#include "base/log.h"
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

static struct daemon d;
static struct config *config;
static struct session one, two;

static int setup(void **state)
{
	static const char text[] =
		"[pppoe]\ninterface = eth1\nmax-sessions = 16\n[auth]\nusers-file = /u\n"
		"[ipv6-pool]\nprefix = 2001:db8:100::/60,64\n"
		"delegate = 2001:db8:8000::/54,56\ndelegate = 2001:db8:a000::/59,60,name=named\n"
		"address = 2001:db8:200::/64\n";
	struct sbuf errors = { 0 };

	(void)state;
	memset(&d, 0, sizeof(d));
	if (config_parse("f", text, strlen(text), &config, &errors))
		fail_msg("%s", errors.p);
	d.config = config;
	assert_int_equal(loop_new(&d.loop), 0);
	assert_int_equal(pools_new(&d.pools, config), 0);
	d.dhcp6 = (struct dhcp6_ctx){ .wheel = loop_wheel(d.loop) };
	one = (struct session){ .d = &d, .username = (char *)"alice" };
	two = (struct session){ .d = &d, .username = (char *)"bob" };
	return 0;
}

static void give_back(struct session *s)
{
	for (unsigned i = 0; s->leases && i < s->leases->count; i++)
		s->leases->lease[i].flags &= LEASE_OF_POOL; /* there is no data plane here */
	leases_free(s);
	free(s->given6);
	s->given6 = NULL;
}

static int teardown(void **state)
{
	(void)state;
	give_back(&one);
	give_back(&two);
	pools_free(d.pools);
	config_free(config);
	assert_int_equal(loop_wheel(d.loop)->armed, 0);
	loop_free(d.loop);
	return 0;
}

static const char *choose(struct session *s, enum dhcp6_kind kind, unsigned index, const char *wish)
{
	static char text[PREFIX_STRLEN];
	struct prefix6 p, w;
	int rc;

	if (wish)
		assert_int_equal(prefix6_parse(wish, &w), 0);
	rc = lease_choose(leases_get(s), kind, index, wish ? &w : NULL, &p);
	if (rc)
		snprintf(text, sizeof(text), "%d", rc);
	else
		prefix6_str(text, &p);
	return text;
}

static char error[8];

static const char *err(int rc)
{
	snprintf(error, sizeof(error), "%d", rc);
	return error;
}

static void from_pools(void **state)
{
	(void)state;
	assert_string_equal(choose(&one, DHCP6_PD, 0, NULL), "2001:db8:8000::/56");
	assert_string_equal(choose(&one, DHCP6_PD, 0, "2001:db8:8000:300::/56"),
			    "2001:db8:8000::/56"); /* it has one */
	assert_string_equal(choose(&one, DHCP6_PD, 1, "2001:db8:8000:300::/56"),
			    "2001:db8:8000:300::/56");
	assert_string_equal(choose(&one, DHCP6_NA, 0, NULL), "2001:db8:200::1/128");
	assert_string_equal(choose(&two, DHCP6_PD, 0, "2001:db8:8000:300::/56"),
			    "2001:db8:8000:100::/56"); /* that is somebody's */
	give_back(&one);
	/* Both are kept, each for its place; another's wish does not get them. */
	assert_string_equal(choose(&two, DHCP6_PD, 1, "2001:db8:8000::/56"),
			    "2001:db8:8000:200::/56");
	assert_string_equal(choose(&one, DHCP6_PD, 1, NULL), "2001:db8:8000:300::/56");
	assert_string_equal(choose(&one, DHCP6_PD, 0, NULL), "2001:db8:8000::/56");
	give_back(&one);
	give_back(&two);
	one.username = two.username = NULL; /* nobody's are kept for nobody */
	for (unsigned i = 0; i < 4; i++)
		assert_string_not_equal(choose(&one, DHCP6_PD, i, NULL), err(-ENOSPC));
	assert_string_equal(choose(&two, DHCP6_PD, 0, NULL), err(-ENOSPC));
	assert_int_equal(d.stats.lease_refused, 1);
}

/* More than there is room for is refused, whatever the pools have. */
static void bounded(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LEASES_MAX; i++)
		assert_string_not_equal(choose(&one, DHCP6_NA, i, NULL), err(-ENOSPC));
	assert_string_equal(choose(&one, DHCP6_PD, 0, NULL), err(-ENOSPC));
}

static void declined(void **state)
{
	struct lease *l;
	struct leases *all;

	(void)state;
	assert_string_equal(choose(&one, DHCP6_NA, 0, NULL), "2001:db8:200::1/128");
	all = one.leases;
	l = lease_find(all, DHCP6_NA, 0);
	assert_int_equal(pool6_put(d.pools, POOL_ADDRESS6, &l->prefix), 0);
	*l = all->lease[--all->count];
	all->declined = 1u << DHCP6_NA | 1u << DHCP6_PD;
	assert_string_equal(choose(&one, DHCP6_NA, 0, NULL), "2001:db8:200::2/128");
	assert_int_equal(all->declined, 1u << DHCP6_PD); /* that one's next is another, too */
}

static void given(struct session *s, const char *address, const char *delegated,
		  const char *address_pool, const char *delegated_pool)
{
	struct given6 *g = s->given6 = calloc(1, sizeof(*g));

	assert_non_null(g);
	g->has_address = address && !ip6_parse(address, &g->address);
	g->has_delegated = delegated && !prefix6_parse(delegated, &g->delegated);
	snprintf(g->address_pool, sizeof(g->address_pool), "%s", address_pool);
	snprintf(g->delegated_pool, sizeof(g->delegated_pool), "%s", delegated_pool);
}

static void from_radius(void **state)
{
	(void)state;
	given(&one, "2001:db8:9000::7", "2001:db8:9100::/48", "", "");
	assert_string_equal(choose(&one, DHCP6_PD, 0, "2001:db8:8000::/56"), "2001:db8:9100::/48");
	assert_string_equal(choose(&one, DHCP6_PD, 1, NULL), err(-ENOSPC)); /* there is one */
	assert_string_equal(choose(&one, DHCP6_NA, 0, NULL), "2001:db8:9000::7/128");
	assert_int_equal(lease_find(one.leases, DHCP6_PD, 0)->flags, 0);
	give_back(&one);
	given(&one, "2001:db8:200::77", "2001:db8:8000:200::/56", "", "");
	assert_string_equal(choose(&one, DHCP6_PD, 0, NULL), "2001:db8:8000:200::/56");
	assert_string_equal(choose(&one, DHCP6_NA, 0, NULL), "2001:db8:200::77/128");
	assert_int_equal(lease_find(one.leases, DHCP6_PD, 0)->flags, LEASE_OF_POOL);
	given(&two, "2001:db8:200::77", "2001:db8:8000:200::/56", "", "");
	assert_string_equal(choose(&two, DHCP6_PD, 0, NULL), err(-EEXIST));
	assert_string_equal(choose(&two, DHCP6_NA, 0, NULL), err(-EEXIST));
	give_back(&two);
	/* Of another length across a pool: its prefixes would be given to others. */
	given(&two, "2001:db8:100:5::1", "2001:db8:8000::/48", "", "");
	assert_string_equal(choose(&two, DHCP6_PD, 0, NULL), err(-EINVAL));
	assert_string_equal(choose(&two, DHCP6_NA, 0, NULL), err(-EINVAL));
	give_back(&two);
	given(&two, NULL, NULL, "none", "named");
	assert_string_equal(choose(&two, DHCP6_PD, 0, "2001:db8:8000:100::/56"),
			    "2001:db8:a000::/60"); /* not of its pool */
	assert_string_equal(choose(&two, DHCP6_PD, 1, "2001:db8:a000:10::/60"),
			    "2001:db8:a000:10::/60");
	assert_string_equal(choose(&two, DHCP6_NA, 0, NULL), err(-ENOENT));
}

/* --- octets --------------------------------------------------------------------------------- */

static size_t frozen(uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);
	struct leases *all;

	given(&one, "2001:db8:200::7", "2001:db8:8000:200::/56", "na", "pd");
	one.given6->dns_count = 2;
	assert_int_equal(ip6_parse("2001:db8::54", &one.given6->dns[1]), 0);
	(void)choose(&one, DHCP6_PD, 0, NULL);
	(void)choose(&one, DHCP6_NA, 0, NULL);
	all = one.leases;
	all->lease[0].flags |= LEASE_BOUND | LEASE_CARRIED;
	all->line.count = 1;
	all->line.binding[0] = (struct dhcp6_binding){
		.kind = DHCP6_PD,
		.iaid = 7,
		.client = 9,
		.prefix = all->lease[0].prefix,
		.since = 1,
		.preferred_until = UINT64_MAX,
		.valid_until = UINT64_MAX,
	};
	assert_int_equal(leases_freeze(&one, &w), 0);
	all->line.count = 0;
	give_back(&one);
	return w.len;
}

static void come_back(void **state)
{
	uint8_t buf[1024], again[1024];
	size_t len = frozen(buf, sizeof(buf));
	struct wr w = wr_init(again, sizeof(again));
	char text[PREFIX_STRLEN];
	struct lease *l;

	(void)state;
	assert_int_equal(leases_frozen_check(rd_init(buf, len)), 0);
	assert_int_equal(leases_thaw(&one, rd_init(buf, len)), 0);
	assert_string_equal(ip6_str(text, &one.given6->address), "2001:db8:200::7");
	assert_string_equal(prefix6_str(text, &one.given6->delegated), "2001:db8:8000:200::/56");
	assert_int_equal(one.given6->dns_count, 2);
	assert_string_equal(ip6_str(text, &one.given6->dns[1]), "2001:db8::54");
	assert_string_equal(one.given6->address_pool, "na");
	assert_string_equal(one.given6->delegated_pool, "pd");
	assert_int_equal(one.leases->count, 2);
	assert_ptr_equal(one.leases->s, &one);
	l = lease_find(one.leases, DHCP6_PD, 0);
	assert_int_equal(l->flags, LEASE_OF_POOL | LEASE_BOUND | LEASE_CARRIED);
	assert_string_equal(prefix6_str(text, &l->prefix), "2001:db8:8000:200::/56");
	assert_int_equal(one.leases->line.count, 1);
	assert_int_equal(one.leases->line.binding[0].iaid, 7);
	assert_int_equal(leases_freeze(&one, &w), 0);
	assert_int_equal(w.len, len);
	assert_memory_equal(again, buf, len);
	/* In the pools, they are that session's again; a pool that is gone leaves them. */
	assert_int_equal(leases_take_pools(&one), 0);
	assert_string_equal(choose(&two, DHCP6_PD, 0, "2001:db8:8000:200::/56"),
			    "2001:db8:8000::/56");
}

static void nothing_of_it(void **state)
{
	uint8_t buf[64];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	assert_int_equal(leases_freeze(&one, &w), 0);
	assert_int_equal(leases_thaw(&one, rd_init(buf, w.len)), 0);
	assert_null(one.leases);
	assert_null(one.given6);
}

static void not_whole(void **state)
{
	uint8_t buf[1024];
	size_t len = frozen(buf, sizeof(buf));

	(void)state;
	for (size_t n = 0; n <= len; n++) {
		uint8_t *exact = malloc(n ? n : 1);

		assert_non_null(exact);
		memcpy(exact, buf, n);
		if (n < len)
			assert_int_equal(leases_thaw(&one, rd_init(exact, n)), -EBADMSG);
		free(exact);
	}
	assert_null(one.leases);
	for (size_t i = 0; i < len; i++) {
		int rc;

		buf[i] ^= 0x81;
		rc = leases_thaw(&one, rd_init(buf, len));
		assert_true(!rc || rc == -EBADMSG || rc == -ENOTSUP);
		buf[i] ^= 0x81;
		leases_fini(&one);
		free(one.given6);
		one.given6 = NULL;
	}
	buf[0] = 2;
	assert_int_equal(leases_thaw(&one, rd_init(buf, len)), -ENOTSUP);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* RADIUS says another thing while the client knows of a lease, and has not taken it yet. */
static void given_anew(void **state)
{
	(void)state;
	assert_string_equal(choose(&one, DHCP6_NA, 0, NULL), "2001:db8:200::1/128");
	given(&one, "2001:db8:9000::7", NULL, "", "");
	leases_given(&one);
	assert_int_equal(one.leases->count, 0);
	assert_string_equal(choose(&one, DHCP6_NA, 0, NULL), "2001:db8:9000::7/128");
	leases_given(&one);
	assert_int_equal(one.leases->count, 1);
	free(one.given6);
	one.given6 = NULL; /* and nothing, any more */
	leases_given(&one);
	assert_int_equal(one.leases->count, 0);
	assert_string_equal(choose(&one, DHCP6_NA, 0, NULL), "2001:db8:200::1/128");
	leases_given(&one);
	assert_int_equal(one.leases->count, 1); /* the pool's stays */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(from_pools),  WITH(bounded),   WITH(declined),	 WITH(given_anew),
		WITH(from_radius), WITH(come_back), WITH(nothing_of_it), WITH(not_whole),
	};

	log_setup(0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
