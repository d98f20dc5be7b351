// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A link frozen and thawed: the same run, over a wire that loses, doubles and reorders, once as it
 * is and once with the link frozen, forgotten and thawed at random moments. Not an octet may
 * differ. PPP_SEED=n runs that seed alone, PPP_SEEDS=n as many from 1 on.
 */
#include "test/unit/ppp_peer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define IN_FLIGHT 512
#define TRACE_MAX 4096

static struct rig r;
static struct peer p;
static struct wheel peer_wheel;
static uint64_t seed, thaw_seed;
static unsigned thaws, thaws_busy; /* of them: with a family or a challenge under way */
static size_t frozen_max;

static struct flying {
	uint64_t at, hash;
	bool to_peer;
	struct rig_frame frame;
} wire[IN_FLIGHT];
static unsigned flying;
static unsigned loss, twice, delay_ms;

/* What the link sent and told, in order. */
static struct trace {
	uint64_t at, what;
} trace[2][TRACE_MAX];
static unsigned traced[2], run_now;

static void note(uint64_t what)
{
	if (traced[run_now] < TRACE_MAX)
		trace[run_now][traced[run_now]++] = (struct trace){ r.now, what };
}

static uint64_t fnv(const uint8_t *b, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < len; i++)
		h = (h ^ b[i]) * 0x100000001b3ull;
	return h;
}

/* What becomes of a frame is drawn from itself and the time: two timers of one tick fire in the
 * order in which they were set, which a thaw may change, and nobody on the wire may notice. */
static uint64_t draw(uint64_t h)
{
	h = (h ^ seed ^ r.now) * 0x9e3779b97f4a7c15ull;
	h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9ull;
	return h ^ h >> 32;
}

static void throw(bool to_peer, const uint8_t *frame, size_t len)
{
	uint64_t h = draw(fnv(frame, len) + to_peer);
	unsigned copies = h % 100 < twice ? 2 : 1;

	while (copies--) {
		struct flying *f = &wire[flying];

		h = draw(h);
		if (h % 100 < loss || flying == IN_FLIGHT)
			continue;
		flying++;
		f->hash = draw(h);
		f->at = r.now + (1 + f->hash % delay_ms) * NSEC_PER_MSEC;
		f->to_peer = to_peer;
		memcpy(f->frame.b, frame, len);
		f->frame.len = len;
	}
}

static void from_link(struct rig *rig, const uint8_t *frame, size_t len)
{
	(void)rig;
	note(fnv(frame, len));
	throw(true, frame, len);
}

static void from_peer(struct peer *peer, const uint8_t *frame, size_t len)
{
	(void)peer;
	throw(false, frame, len);
}

/* The next that has arrived, in an order of its own. */
static struct flying *arrived(void)
{
	struct flying *next = NULL;

	for (unsigned i = 0; i < flying; i++)
		if (wire[i].at <= r.now && (!next || wire[i].hash < next->hash))
			next = &wire[i];
	return next;
}

static void deliver(void)
{
	struct flying *next;

	while ((next = arrived())) {
		struct flying f = *next;

		*next = wire[--flying];
		if (f.to_peer)
			peer_input(&p, r.now, f.frame.b, f.frame.len);
		else
			ppp_link_input(&r.link, r.now, f.frame.b, f.frame.len);
	}
}

/* Into memory that remembers nothing. What the thaw draws is not the run's business. */
static int freeze_and_thaw(void)
{
	uint8_t buf[PPP_LINK_FROZEN_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct rd in;
	uint64_t keep = rig_seed, sent = r.sent_frames;
	unsigned calls = r.calls;
	int rc = ppp_link_freeze(&r.link, &w);

	if (rc)
		return rc;
	if (w.len > frozen_max)
		frozen_max = w.len;
	thaws++;
	thaws_busy += r.link.auth.state != PPP_AUTH_DONE ||
		      (r.link.fsm[1].state > FSM_CLOSED && r.link.fsm[1].state < FSM_OPENED) ||
		      (r.link.fsm[2].state > FSM_CLOSED && r.link.fsm[2].state < FSM_OPENED);
	ppp_link_fini(&r.link);
	assert_int_equal(r.wheel.armed, 0);
	memset(&r.link, 0xa5, sizeof(r.link));
	in = rd_init(buf, w.len);
	assert_int_equal(ppp_link_frozen_check(in), 0);
	rc = ppp_link_thaw(&r.link, &r.ctx, &in, r.now);
	assert_int_equal(rc, 0);
	assert_int_equal(r.sent_frames, sent);
	assert_int_equal(r.calls, calls);
	rig_seed = keep;
	return 0;
}

static uint32_t thaw_rand(void)
{
	thaw_seed = thaw_seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(thaw_seed >> 33);
}

/* What a peer may do at any time, and what it should not. */
static void meddle(uint32_t dice)
{
	static const uint8_t unknown[] = { 0xc0, 0x21, 0x77, 9, 0, 6, 1, 2 };
	static const uint8_t ccp[] = { 0x80, 0xfd, 1, 3, 0, 4 };
	static const uint8_t term_ipcp[] = { 0x80, 0x21, 5, 8, 0, 4 };
	static const uint8_t rej_ip6[] = { 0xc0, 0x21, 8, 4, 0, 8, 0x80, 0x57, 1, 2 };
	uint8_t echo[] = { 0xc0, 0x21, 9, (uint8_t)dice, 0, 8, 0, 0, 0, 0 };

	switch (dice % 24) {
	case 0:
		throw(false, unknown, sizeof(unknown));
		break;
	case 1:
		throw(false, ccp, sizeof(ccp));
		break;
	case 2:
		throw(false, term_ipcp, sizeof(term_ipcp));
		break;
	case 3:
		throw(false, rej_ip6, sizeof(rej_ip6));
		break;
	case 4: /* the result did not reach it */
		if (p.auth_len)
			throw(false, p.auth_frame, p.auth_len);
		break;
	case 5: /* it begins anew, a family or all */
		if (dice & 0x1000)
			ppp_fsm_run(&p.fsm[1], r.now, FSM_RXJ_MINUS, NULL);
		else if (p.opened & 1)
			ppp_fsm_run(&p.fsm[0], r.now, FSM_RCN, NULL);
		break;
	case 6:
		if (p.opened & 1 && !(dice & 0x3000))
			ppp_fsm_run(&p.fsm[0], r.now, FSM_CLOSE, NULL);
		break;
	default:
		if (dice & 0x100)
			throw(false, echo, sizeof(echo));
	}
}

static void dial(void)
{
	memset(&r, 0, sizeof(r));
	rig_seed = seed * 0x9e3779b97f4a7c15ull | 1;
	rig_init(&r);
	r.tap = from_link;
	wheel_init(&peer_wheel, r.now);
	flying = 0;
	for (unsigned i = 0; i < 3; i++)
		r.config.auth[i] = (enum ppp_auth_method)((seed / 3 + i) % 3);
	r.config.network_timeout = seed % 7 ? 0 : 30 * NSEC_PER_SEC;
	r.config.rechallenge = seed % 2 ? 7 * NSEC_PER_SEC : 0;
	r.result.ipv4 = r.result.ipv6 = seed % 3 ? PPP_PREFER : PPP_ALLOW;
	r.result.session_timeout = seed % 5 ? 0 : 40 * NSEC_PER_SEC;
	r.result.reauthenticate = seed % 2;
	r.result.idle_timeout = seed % 11 ? 0 : 30 * NSEC_PER_SEC;
	loss = seed % 31;
	twice = seed / 31 % 30;
	delay_ms = 1 + seed % 200;
	peer_init(&p, &peer_wheel);
	p.transmit = from_peer;
	p.methods = 1u << seed % 3 | (seed % 5 ? 1u << seed % 2 : 0);
	if (seed % 4 == 1)
		p.ifid[7] = 1;
	rig_start(&r);
	peer_start(&p, r.now);
}

static void play(bool freeze)
{
	uint64_t until, script = seed;

	run_now = freeze;
	traced[run_now] = 0;
	thaw_seed = seed * 31;
	dial();
	for (until = r.now + 60 * NSEC_PER_SEC; r.now < until && !r.finished;) {
		r.now += WHEEL_TICK;
		wheel_run(&r.wheel, r.now);
		wheel_run(&peer_wheel, r.now);
		deliver();
		script = script * 6364136223846793005ull + 1442695040888963407ull;
		if (script >> 33 & 0x80 && !(script >> 42 & 31))
			meddle((uint32_t)(script >> 33 >> 8));
		if (freeze && !(thaw_rand() % 20) && !r.finished)
			(void)freeze_and_thaw();
	}
	note(r.finished * 1000 + r.cause);
	for (unsigned i = 0; i < PPP_LAYERS; i++)
		note(r.up[i] * 1000 + r.down[i]);
	ppp_link_fini(&r.link);
	peer_fini(&p);
	assert_int_equal(r.wheel.armed, 0);
}

static int by_time(const void *a, const void *b)
{
	const struct trace *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->what > y->what) - (x->what < y->what);
}

static void test_same_as_without(void **state)
{
	const char *one = getenv("PPP_SEED"), *many = getenv("PPP_SEEDS");
	uint64_t first = one ? strtoull(one, NULL, 10) : 1;
	uint64_t count = one ? 1 : many ? strtoull(many, NULL, 10) : 1500, frames = 0;

	(void)state;
	for (seed = first; seed < first + count; seed++) {
		play(false);
		play(true);
		frames += traced[0];
		qsort(trace[0], traced[0], sizeof(trace[0][0]), by_time);
		qsort(trace[1], traced[1], sizeof(trace[1][0]), by_time);
		for (unsigned i = 0; i < traced[0] && i < traced[1]; i++)
			if (trace[0][i].what != trace[1][i].what ||
			    trace[0][i].at != trace[1][i].at)
				fail_msg("seed %llu: another frame, %u of %u, after %llu ms",
					 (unsigned long long)seed, i, traced[0],
					 (unsigned long long)((trace[0][i].at -
							       1000 * NSEC_PER_SEC) /
							      NSEC_PER_MSEC));
		if (traced[0] != traced[1])
			fail_msg("seed %llu: %u and %u frames", (unsigned long long)seed, traced[0],
				 traced[1]);
	}
	printf("%llu seeds, %llu frames, %u thaws, %u of them amid a negotiation, up to %zu "
	       "octets\n",
	       (unsigned long long)count, (unsigned long long)frames, thaws, thaws_busy,
	       frozen_max);
	assert_true(one || (thaws > 10000 && thaws_busy > 100));
	assert_in_range(frozen_max, 1, PPP_LINK_FROZEN_MAX);
}

/* --- single properties ---------------------------------------------------------------------------
 */

static void run(uint64_t ns)
{
	for (uint64_t until = r.now + ns; r.now < until;) {
		r.now += WHEEL_TICK;
		wheel_run(&r.wheel, r.now);
		wheel_run(&peer_wheel, r.now);
		deliver();
	}
}

static void dial_up(uint64_t s)
{
	seed = s;
	dial();
	loss = twice = 0;
	run(15 * NSEC_PER_SEC);
	assert_int_equal(r.link.up, 7);
}

static void hang_up(void)
{
	ppp_link_fini(&r.link);
	peer_fini(&p);
}

/* A minute away, in which the peer's frames are lost; echo then keeps the link. */
static void test_a_minute_away(void **state)
{
	uint8_t buf[PPP_LINK_FROZEN_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct rd in;

	(void)state;
	dial_up(2);
	r.config.echo_interval = 10 * NSEC_PER_SEC;
	ppp_lcp_echo_start(&r.link, r.now);
	run(25 * NSEC_PER_SEC);
	r.link.lcp.echo_pending = 2; /* one more and it would be lost */
	assert_int_equal(ppp_link_freeze(&r.link, &w), 0);
	ppp_link_fini(&r.link);
	flying = 0;
	r.now += 60 * NSEC_PER_SEC;
	in = rd_init(buf, w.len);
	assert_int_equal(ppp_link_thaw(&r.link, &r.ctx, &in, r.now), 0);
	run(120 * NSEC_PER_SEC);
	assert_int_equal(r.finished, 0);
	assert_int_equal(r.link.up, 7);
	assert_in_range(r.link.lcp.echo_pending, 0, 1);
	p.opened = 0; /* and one that has gone meanwhile is found */
	p.fsm[0].state = FSM_CLOSED;
	flying = 0;
	loss = 100;
	run(60 * NSEC_PER_SEC);
	assert_int_equal(r.finished, 1);
	assert_int_equal(r.cause, PPP_CAUSE_LOST_CARRIER);
	peer_fini(&p);
}

static void test_times_go_on(void **state)
{
	uint64_t deadline;

	(void)state;
	dial_up(2);
	ppp_link_session_timeout(&r.link, r.now, 30 * NSEC_PER_SEC);
	deadline = r.now + 30 * NSEC_PER_SEC;
	run(10 * NSEC_PER_SEC);
	assert_int_equal(freeze_and_thaw(), 0);
	assert_int_equal(r.link.session_deadline, deadline);
	run(19 * NSEC_PER_SEC);
	assert_int_equal(r.finished, 0);
	run(5 * NSEC_PER_SEC);
	assert_int_equal(r.finished, 1);
	assert_int_equal(r.cause, PPP_CAUSE_SESSION_TIMEOUT);
	hang_up();
	/* Idle for ten seconds of twenty before, ten after; and not, where something moved. */
	dial_up(2);
	ppp_link_idle_timeout(&r.link, r.now, 20 * NSEC_PER_SEC);
	run(10 * NSEC_PER_SEC);
	assert_int_equal(freeze_and_thaw(), 0);
	r.activity++;
	run(15 * NSEC_PER_SEC);
	assert_int_equal(r.finished, 0);
	assert_int_equal(freeze_and_thaw(), 0);
	run(12 * NSEC_PER_SEC);
	assert_int_equal(r.finished, 1);
	assert_int_equal(r.cause, PPP_CAUSE_IDLE_TIMEOUT);
	hang_up();
}

/* A challenge repeated, and the question to the server out: the peer is asked once more. */
static void test_question_is_asked_again(void **state)
{
	unsigned asked;

	(void)state;
	dial_up(3); /* MS-CHAPv2 or MD5, challenges repeated */
	assert_int_not_equal(r.link.lcp.method, PPP_AUTH_PAP);
	r.hold_auth = true;
	while (r.link.auth.state != PPP_AUTH_ASKED)
		run(WHEEL_TICK);
	assert_int_equal(freeze_and_thaw(), 0);
	assert_int_equal(r.link.auth.state, PPP_AUTH_WAITING);
	assert_false(r.link.auth.outstanding);
	asked = r.asked;
	r.hold_auth = false;
	run(NSEC_PER_SEC);
	assert_int_equal(r.asked, asked + 1);
	assert_int_equal(r.link.auth.state, PPP_AUTH_DONE);
	assert_int_equal(r.link.up, 7);
	hang_up();
}

/* A login by PAP that is being renewed: the owner is asked once more, and the peer hears nothing.
 */
static void test_renewal_is_asked_again(void **state)
{
	uint64_t frames;

	(void)state;
	dial_up(15); /* nothing but PAP */
	assert_int_equal(r.link.lcp.method, PPP_AUTH_PAP);
	ppp_link_session_timeout(&r.link, r.now, 10 * NSEC_PER_SEC);
	r.link.reauthenticate = true;
	r.hold_auth = true;
	while (r.link.auth.state != PPP_AUTH_ASKED)
		run(WHEEL_TICK);
	assert_int_equal(r.asked, 2);
	frames = r.sent_frames;
	assert_int_equal(freeze_and_thaw(), 0);
	run(3 * WHEEL_TICK);
	assert_int_equal(r.asked, 3);
	assert_int_equal(freeze_and_thaw(), 0);
	r.hold_auth = false;
	r.result.session_timeout = 0;
	run(3 * WHEEL_TICK);
	assert_int_equal(r.asked, 4);
	assert_int_equal(r.link.auth.state, PPP_AUTH_DONE);
	assert_false(r.link.auth.renewing);
	assert_int_equal(r.link.session_deadline, 0);
	assert_int_equal(r.sent_frames, frames);
	run(NSEC_PER_SEC);
	assert_int_equal(r.asked, 4);
	hang_up();
}

static void test_half_open_is_refused(void **state)
{
	uint8_t buf[PPP_LINK_FROZEN_MAX];
	struct wr w = wr_init(buf, sizeof(buf)), small;
	unsigned refused = 0;

	(void)state;
	seed = 2;
	dial();
	while (r.link.phase != PPP_NETWORK) {
		assert_int_equal(ppp_link_freeze(&r.link, &w), -EAGAIN);
		assert_int_equal(w.len, 0);
		refused++;
		run(WHEEL_TICK);
	}
	assert_true(refused > 2);
	run(5 * NSEC_PER_SEC);
	assert_int_equal(ppp_link_freeze(&r.link, &w), 0);
	for (size_t n = 0; n < w.len; n++) {
		uint8_t *exact = malloc(n + 1);

		small = wr_init(exact, n);
		assert_int_equal(ppp_link_freeze(&r.link, &small), -ENOSPC);
		free(exact);
	}
	ppp_link_close(&r.link, r.now, PPP_CAUSE_ADMIN_RESET);
	assert_int_equal(ppp_link_freeze(&r.link, &w), -EAGAIN);
	hang_up();
}

static void test_refuses_what_is_not_whole(void **state)
{
	uint8_t buf[PPP_LINK_FROZEN_MAX + 1];
	struct wr w = wr_init(buf, sizeof(buf));
	struct ppp_link l, untouched;
	struct rd in;

	(void)state;
	dial_up(2);
	assert_int_equal(ppp_link_freeze(&r.link, &w), 0);
	memset(&l, 0x5a, sizeof(l));
	untouched = l;
	for (size_t n = 0; n <= w.len + 1; n++) {
		uint8_t *exact;

		if (n == w.len)
			continue;
		exact = malloc(n + 1);
		memcpy(exact, buf, n);
		in = rd_init(exact, n);
		assert_int_equal(ppp_link_thaw(&l, &r.ctx, &in, r.now), -EBADMSG);
		free(exact);
	}
	buf[0]++;
	in = rd_init(buf, w.len);
	assert_int_equal(ppp_link_thaw(&l, &r.ctx, &in, r.now), -ENOTSUP);
	buf[0] = 0;
	in = rd_init(buf, w.len);
	assert_int_equal(ppp_link_thaw(&l, &r.ctx, &in, r.now), -EBADMSG);
	buf[0] = 1;
	buf[3] ^= 2; /* IPCP is open, and is not up */
	in = rd_init(buf, w.len);
	assert_int_equal(ppp_link_frozen_check(in), -EBADMSG);
	assert_memory_equal(&l, &untouched, sizeof(l));
	hang_up();
}

/* Reads what is another by one octet; how often that is a link. */
static unsigned read_changed(struct rig *other, uint8_t *buf, size_t len)
{
	unsigned links = 0;

	for (size_t i = 0; i < len; i++) {
		const uint8_t was = buf[i];

		for (unsigned v = 0; v <= UINT8_MAX; v++) {
			struct rd in = rd_init(buf, len);

			buf[i] = (uint8_t)v;
			if (ppp_link_thaw(&other->link, &other->ctx, &in, other->now))
				continue;
			links++;
			for (unsigned layer = 0; layer < PPP_LAYERS; layer++)
				assert_true(other->link.fsm[layer].state < FSM_STATES);
			ppp_link_fini(&other->link);
		}
		buf[i] = was;
	}
	return links;
}

/* No automaton gets a state that its table does not have. A layer that is up must be Opened: so
 * with each of the two that may be down, too. */
static void test_no_state_beyond_the_table(void **state)
{
	static const uint8_t up[] = { 7, 5, 3 };
	uint8_t buf[PPP_LINK_FROZEN_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	static struct rig other;

	(void)state;
	rig_init(&other);
	dial_up(2);
	assert_int_equal(ppp_link_freeze(&r.link, &w), 0);
	for (unsigned i = 0; i < sizeof(up); i++) {
		buf[3] = up[i];
		assert_true(read_changed(&other, buf, w.len) > 0);
	}
	hang_up();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_without),
		cmocka_unit_test(test_a_minute_away),
		cmocka_unit_test(test_times_go_on),
		cmocka_unit_test(test_question_is_asked_again),
		cmocka_unit_test(test_renewal_is_asked_again),
		cmocka_unit_test(test_half_open_is_refused),
		cmocka_unit_test(test_refuses_what_is_not_whole),
		cmocka_unit_test(test_no_state_beyond_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
