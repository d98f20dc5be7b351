// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A link and a subscriber (ppp_peer.h) back to back over a wire that loses, doubles and reorders,
 * from a printed seed: PPP_SEED=n runs that one alone, PPP_SEEDS=n as many from 1 on.
 */
#include "test/unit/ppp_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define IN_FLIGHT 512

static struct rig r;
static struct peer p;
static struct wheel peer_wheel;
static uint64_t seed;

static struct flying {
	uint64_t at;
	bool to_peer;
	struct rig_frame frame;
} wire[IN_FLIGHT];
static unsigned flying;
static unsigned loss, twice, delay_ms; /* per cent, per cent, at most */

static void throw(bool to_peer, const uint8_t *frame, size_t len)
{
	unsigned copies = rig_rand() % 100 < twice ? 2 : 1;

	while (copies--) {
		struct flying *f = &wire[flying];

		if (rig_rand() % 100 < loss || flying == IN_FLIGHT)
			continue;
		flying++;
		f->at = r.now + (1 + rig_rand() % delay_ms) * NSEC_PER_MSEC;
		f->to_peer = to_peer;
		memcpy(f->frame.b, frame, len);
		f->frame.len = len;
	}
}

static void from_link(struct rig *rig, const uint8_t *frame, size_t len)
{
	(void)rig;
	throw(true, frame, len);
}

static void from_peer(struct peer *peer, const uint8_t *frame, size_t len)
{
	(void)peer;
	throw(false, frame, len);
}

static void deliver(void)
{
	for (unsigned i = 0; i < flying;) {
		struct flying f = wire[i];

		if (f.at > r.now) {
			i++;
			continue;
		}
		wire[i] = wire[--flying];
		if (f.to_peer)
			peer_input(&p, r.now, f.frame.b, f.frame.len);
		else
			ppp_link_input(&r.link, r.now, f.frame.b, f.frame.len);
	}
}

static void run(uint64_t ns)
{
	for (uint64_t until = r.now + ns; r.now < until;) {
		r.now += WHEEL_TICK;
		wheel_run(&r.wheel, r.now);
		wheel_run(&peer_wheel, r.now);
		deliver();
	}
}

static bool both_open(void)
{
	return p.opened == 7 && r.link.up == 7;
}

/* A call of its own, as after a new PPPoE session: nothing of the one before is in flight. */
static void dial(void)
{
	flying = 0;
	memset(r.up, 0, sizeof(r.up));
	memset(r.down, 0, sizeof(r.down));
	r.finished = 0;
	peer_init(&p, &peer_wheel);
	p.transmit = from_peer;
	p.methods = 1u << seed % 3 | (seed % 5 ? 1u << seed % 2 : 0);
	if (seed % 4 == 1)
		p.ifid[7] = 1; /* that of the router */
	else if (seed % 4 > 1)
		rig_random(p.ifid, 8);
	ppp_link_init(&r.link, &r.ctx, 1492);
	ppp_link_start(&r.link, r.now);
	peer_start(&p, r.now);
}

static void hang_up(void)
{
	ppp_link_fini(&r.link);
	peer_fini(&p);
	assert_int_equal(r.wheel.armed, 0);
	assert_int_equal(peer_wheel.armed, 0);
}

static unsigned redials;

static void converge(void)
{
	uint64_t deadline = r.now + 600 * NSEC_PER_SEC;
	unsigned bad_loss = loss;

	dial();
	while (!both_open() || flying) {
		run(WHEEL_TICK);
		if (r.now > deadline - 500 * NSEC_PER_SEC && loss) {
			printf("seed %llu: calm after 100 s at %u %% loss\n",
			       (unsigned long long)seed, bad_loss);
			loss = 0;
		}
		if (r.now > deadline)
			fail_msg("seed %llu: link %s %x %s %s, peer %x after 600 s",
				 (unsigned long long)seed,
				 ppp_phase_name((enum ppp_phase)r.link.phase), r.link.up,
				 ppp_fsm_state_name((enum ppp_fsm_state)r.link.fsm[1].state),
				 ppp_fsm_state_name((enum ppp_fsm_state)r.link.fsm[2].state),
				 p.opened);
		if (p.refused)
			fail_msg("seed %llu: a right secret was refused", (unsigned long long)seed);
		if (r.finished || p.over) {
			hang_up();
			redials++;
			dial();
		}
	}
}

static void agree(void)
{
	assert_int_equal(p.ip4, r.result.ip4);
	assert_int_equal(p.dns[0], r.result.dns[0]);
	assert_int_equal(p.dns[1], r.result.dns[1]);
	assert_memory_equal(p.ifid, r.link.ifid_peer, 8);
	assert_memory_not_equal(p.ifid, r.link.ifid_local, 8);
	assert_int_equal(p.magic, r.link.lcp.peer_magic);
	assert_int_equal(p.method, r.link.lcp.method);
	assert_true(p.methods & 1u << p.method);
	assert_string_equal(r.name, "user");
}

static void one_seed(void)
{
	rig_seed = seed * 0x9e3779b97f4a7c15ull | 1;
	rig_init(&r);
	r.tap = from_link;
	wheel_init(&peer_wheel, r.now);
	r.config.echo_interval = 10 * NSEC_PER_SEC;
	r.config.echo_failure = 200; /* while much of what we send is lost */
	for (unsigned i = 0; i < 3; i++)
		r.config.auth[i] = (enum ppp_auth_method)((seed / 3 + i) % 3);
	r.result.ipv4 = r.result.ipv6 = seed % 2 ? PPP_ALLOW : PPP_PREFER;
	loss = seed % 31;
	twice = seed / 31 % 30;
	delay_ms = 1 + seed % 200;
	converge();
	loss = twice = 0;
	delay_ms = 20;
	run(10 * NSEC_PER_SEC); /* a last duplicate may have begun LCP again */
	for (int i = 0; i < 60 && !both_open(); i++)
		run(NSEC_PER_SEC);
	if (!both_open())
		fail_msg("seed %llu: link %s up %x fin %u cause %s, peer %x",
			 (unsigned long long)seed, ppp_phase_name((enum ppp_phase)r.link.phase),
			 r.link.up, r.finished, ppp_cause_name(r.cause), p.opened);
	agree();
	run(20 * NSEC_PER_SEC);
	assert_in_range(r.link.lcp.echo_pending, 0, 1);
	r.config.echo_failure = 2;
	run(120 * NSEC_PER_SEC); /* echo keeps it */
	assert_true(both_open());
	assert_true(r.link.lcp.echo_rtt > 0);
	if (seed % 2)
		ppp_link_close(&r.link, r.now, PPP_CAUSE_ADMIN_RESET);
	else
		ppp_fsm_run(&p.fsm[0], r.now, FSM_CLOSE, NULL);
	run(5 * NSEC_PER_SEC);
	assert_int_equal(r.finished, 1);
	assert_int_equal(r.cause, seed % 2 ? PPP_CAUSE_ADMIN_RESET : PPP_CAUSE_USER_REQUEST);
	assert_int_equal(p.opened, 0);
	hang_up();
}

static void test_seeds_converge(void **state)
{
	const char *one = getenv("PPP_SEED"), *many = getenv("PPP_SEEDS");
	uint64_t first = one ? strtoull(one, NULL, 10) : 1;
	uint64_t count = one ? 1 : many ? strtoull(many, NULL, 10) : 3000;

	(void)state;
	redials = 0;
	for (seed = first; seed < first + count; seed++)
		one_seed();
	printf("%llu seeds from %llu on, %u redials\n", (unsigned long long)count,
	       (unsigned long long)first, redials);
}

static void test_wrong_secret_never_gets_in(void **state)
{
	(void)state;
	for (seed = 1; seed <= 300; seed++) {
		rig_seed = seed * 0x9e3779b97f4a7c15ull | 1;
		rig_init(&r);
		r.tap = from_link;
		r.secret = "another";
		wheel_init(&peer_wheel, r.now);
		loss = seed % 20;
		twice = 10;
		delay_ms = 50;
		dial();
		while (!r.finished) {
			run(NSEC_PER_SEC);
			assert_false(p.authenticated);
			assert_int_equal(r.link.up & 6, 0);
		}
		assert_true(r.cause == PPP_CAUSE_AUTH_FAILED || r.cause == PPP_CAUSE_LCP_FAILED);
		hang_up();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds_converge),
		cmocka_unit_test(test_wrong_secret_never_gets_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
