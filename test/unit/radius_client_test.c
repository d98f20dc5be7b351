// SPDX-License-Identifier: GPL-2.0-or-later
/* The RADIUS client's engine: repetition (RFC 5080, 2.2.1), the choice of a server, death, probes
 * (RFC 5997), replies that are none, limits, who signs, latencies. */
#include "test/unit/radius_engine.h"
#include <nettle/md5.h>

/* --- repetition ---------------------------------------------------------------------------- */

static void a_request_is_signed_first(void **state)
{
	struct radius_packet p;
	enum radius_ma ma;

	(void)state;
	begin(1);
	open_client();
	login(&result[0]);
	assert_int_equal(f.sent_count, 1);
	assert_int_equal(radius_packet_parse(fake_last(&f)->p, fake_last(&f)->len, &p), 0);
	assert_int_equal(p.code, RADIUS_ACCESS_REQUEST);
	assert_int_equal(radius_verify_request(&p, f.servers[0].secret, &ma), 0);
	assert_int_equal(ma, RADIUS_MA_GOOD);
	assert_int_equal(fake_last(&f)->p[RADIUS_HEADER_LEN], 80);
	fake_reply(&f, fake_last(&f));
	assert_int_equal(result[0].count, 1);
	assert_int_equal(result[0].reply.verdict, RADIUS_ACCEPT);
	fake_run(&f, 60 * SEC);
	assert_int_equal(f.sent_count, 1);
	assert_int_equal(result[0].count, 1);
	end();
}

static bool wants_signature(uint32_t vendor, uint8_t type, const uint8_t *value, size_t len)
{
	return !vendor && type == 80 && value && len == 16;
}

static void what_is_wanted_is_kept(void **state)
{
	(void)state;
	begin(1);
	f.config.wants_speed = wants_signature;
	open_client();
	login(&result[0]);
	fake_reply(&f, fake_last(&f));
	assert_int_equal(result[0].reply.has, RADIUS_HAS_SPEED);
	assert_int_equal(result[0].reply.speed_len, 6 + 16);
	end();
}

/* RT = IRT + RAND*IRT; RT = 2*RTprev + RAND*RTprev; beyond MRT: MRT + RAND*MRT. */
static void repeats_back_off(void **state)
{
	uint64_t least = UINT64_MAX, most = 0;

	(void)state;
	for (unsigned seed = 1; seed <= 50; seed++) {
		uint64_t rt = 0;

		begin(1);
		f.seed = seed * 7919;
		f.config.max_try = 6;
		open_client();
		login(&result[0]);
		fake_run(&f, 120 * SEC);
		assert_true(f.sent_count > 6); /* then come the probes */
		for (unsigned i = 0; i < 6; i++) {
			uint64_t at = f.sent[i].at;
			uint64_t next = i < 5 ? f.sent[i + 1].at : result[0].at, took = next - at;
			uint64_t min = i ? 2 * rt - rt / 10 - 3 * TICK : 18 * SEC / 10;
			uint64_t max = i ? 2 * rt + rt / 10 + 3 * TICK : 22 * SEC / 10 + 2 * TICK;

			assert_int_equal(f.sent[i].p[0], RADIUS_ACCESS_REQUEST);
			assert_int_equal(f.sent[i].len, f.sent[0].len);
			assert_memory_equal(f.sent[i].p, f.sent[0].p, f.sent[0].len);
			if (min > RADIUS_MRT / 10 * 9)
				min = RADIUS_MRT / 10 * 9;
			if (max > RADIUS_MRT / 10 * 11 + 3 * TICK)
				max = RADIUS_MRT / 10 * 11 + 3 * TICK;
			assert_between(took, min, max);
			rt = took;
			if (!i) {
				least = took < least ? took : least;
				most = took > most ? took : most;
			}
		}
		assert_int_equal(result[0].count, 1);
		assert_int_equal(result[0].reply.verdict, RADIUS_UNREACHABLE);
		end();
	}
	assert_true(most - least > SEC / 4); /* there is jitter */
}

static void tries_end(void **state)
{
	unsigned requests = 0;

	(void)state;
	begin(1);
	open_client();
	login(&result[0]);
	fake_run(&f, 30 * SEC);
	for (unsigned i = 0; i < f.sent_count; i++)
		requests += f.sent[i].p[0] == RADIUS_ACCESS_REQUEST;
	assert_int_equal(requests, 3);
	assert_int_equal(result[0].count, 1);
	assert_int_equal(result[0].reply.verdict, RADIUS_UNREACHABLE);
	assert_between(result[0].at - FAKE_START, 12 * SEC, 16 * SEC);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->count.retransmits, 2);
	end();
}

static void an_answer_to_a_repeat_counts(void **state)
{
	(void)state;
	begin(1);
	open_client();
	login(&result[0]);
	fake_run(&f, 3 * SEC);
	assert_int_equal(f.sent_count, 2);
	fake_reply(&f, &f.sent[1]);
	assert_int_equal(result[0].reply.verdict, RADIUS_ACCEPT);
	fake_reply(&f, &f.sent[0]);
	assert_int_equal(result[0].count, 1);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->count.drop_unexpected, 1);
	end();
}

/* --- servers ------------------------------------------------------------------------------- */

static void the_next_server_gets_its_own_packet(void **state)
{
	struct radius_packet p;
	enum radius_ma ma;
	const struct fake_sent *s;

	(void)state;
	begin(2);
	open_client();
	login(&result[0]);
	fake_run(&f, 16 * SEC);
	for (s = f.sent; s->server == 0; s++)
		assert_true(s < f.sent + f.sent_count);
	assert_int_equal(s - f.sent, 3);
	assert_memory_not_equal(s->p + 4, f.sent[0].p + 4, RADIUS_AUTH_LEN);
	assert_int_equal(radius_packet_parse(s->p, s->len, &p), 0);
	assert_int_equal(radius_verify_request(&p, f.servers[1].secret, &ma), 0);
	fake_reply(&f, s);
	assert_int_equal(result[0].reply.verdict, RADIUS_ACCEPT);
	assert_int_equal(result[0].reply.server, 1);
	assert_int_equal(fake_link(&f, 1, RADIUS_AUTH)->count.failovers, 1);
	end();
}

/* Three requests time out at once: dead after 2 s, and they all move. */
static void kill_first(void)
{
	for (unsigned i = 0; i < 3; i++)
		login(&result[i]);
	fake_run(&f, 3 * SEC);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->state, LINK_DEAD);
	for (unsigned i = f.sent_count - 3; i < f.sent_count; i++)
		assert_int_equal(f.sent[i].server, 1);
	for (unsigned i = f.sent_count - 3, n = f.sent_count; i < n; i++)
		fake_reply(&f, &f.sent[i]);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(result[i].reply.verdict, RADIUS_ACCEPT);
}

static void a_dead_server_is_probed_after_its_time(void **state)
{
	uint64_t died;
	unsigned before;
	struct radius_packet p;
	enum radius_ma ma;

	(void)state;
	begin(2);
	open_client();
	kill_first();
	died = f.now;
	before = f.sent_count;
	login(&result[0]);
	assert_int_equal(fake_last(&f)->server, 1); /* no delay at all */
	fake_reply(&f, fake_last(&f));
	assert_int_equal(result[0].count, 1);
	fake_run(&f, 26 * SEC);
	assert_int_equal(f.sent_count, before + 1);
	fake_run(&f, 4 * SEC);
	assert_int_equal(fake_last(&f)->p[0], RADIUS_STATUS_SERVER);
	assert_int_equal(fake_last(&f)->server, 0);
	assert_between(fake_last(&f)->at - died, 28 * SEC, 30 * SEC + TICK);
	assert_int_equal(radius_packet_parse(fake_last(&f)->p, fake_last(&f)->len, &p), 0);
	assert_int_equal(radius_verify_request(&p, f.servers[0].secret, &ma), 0);
	assert_int_equal(ma, RADIUS_MA_GOOD);
	fake_reply(&f, fake_last(&f));
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->state, LINK_UP);
	login(&result[0]);
	assert_int_equal(fake_last(&f)->server, 0);
	end();
}

static void one_request_probes_what_knows_no_status(void **state)
{
	unsigned before;

	(void)state;
	begin(2);
	open_client();
	kill_first();
	fake_run(&f, 40 * SEC); /* dead time, three Status-Server in vain */
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->count.probes, 3);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->state, LINK_TRIAL);
	login(&result[0]);
	assert_int_equal(fake_last(&f)->server, 0);
	before = f.sent_count;
	login(&result[1]); /* the second one is not risked */
	assert_int_equal(fake_last(&f)->server, 1);
	fake_run(&f, 3 * SEC);
	assert_int_equal(f.sent[before + 1].server, 1); /* one try, then the next server */
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->state, LINK_DEAD);
	fake_run(&f, 60 * SEC);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->state, LINK_TRIAL);
	login(&result[2]);
	assert_int_equal(fake_last(&f)->server, 0);
	fake_reply(&f, fake_last(&f));
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->state, LINK_UP);
	assert_int_equal(result[2].reply.verdict, RADIUS_ACCEPT);
	end();
}

/* With nowhere else to go it is probed at once, and logins wait a little for it. */
static void the_last_server_is_probed_at_once(void **state)
{
	unsigned before;

	(void)state;
	begin(1);
	open_client();
	for (unsigned i = 0; i < 3; i++)
		login(&result[i]);
	fake_run(&f, 3 * SEC);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->state, LINK_PROBING);
	assert_int_equal(fake_last(&f)->p[0], RADIUS_STATUS_SERVER);
	before = f.sent_count;
	login(&result[3]);
	assert_int_equal(f.sent_count, before);
	fake_reply(&f, fake_last(&f));
	assert_int_equal(f.sent_count, before + 1); /* it goes as soon as the server lives */
	fake_reply(&f, fake_last(&f));
	assert_int_equal(result[3].reply.verdict, RADIUS_ACCEPT);
	end();
}

/* Three in a row: an answer in between begins the count anew. */
static void one_answer_is_life(void **state)
{
	(void)state;
	begin(2);
	open_client();
	for (unsigned round = 0; round < 20; round++) {
		login(&result[0]);
		login(&result[1]);
		fake_run(&f, 25 * SEC / 10);
		login(&result[2]);
		assert_int_equal(fake_last(&f)->server, 0);
		fake_reply(&f, fake_last(&f));
		for (unsigned i = f.sent_count - 3; i < f.sent_count - 1; i++)
			fake_reply(&f, &f.sent[i]);
		assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->state, LINK_UP);
	}
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->count.timeouts, 40);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->count.deaths, 0);
	end();
}

static void nobody_waits_for_ever(void **state)
{
	(void)state;
	begin(2);
	open_client();
	for (unsigned i = 0; i < 10; i++)
		login(&result[i]);
	fake_run(&f, 200 * SEC);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(result[i].count, 1);
		assert_int_equal(result[i].reply.verdict, RADIUS_UNREACHABLE);
	}
	login(&result[0]);
	fake_run(&f, 30 * SEC);
	assert_int_equal(result[0].count, 1);
	end();
}

/* --- what is no answer --------------------------------------------------------------------- */

/* An answer to the first request whatever stands in it, its authenticator right. */
static void give_signed(uint8_t *buf, size_t len)
{
	const char *secret = f.servers[0].secret;
	struct md5_ctx md5;

	buf[3] = (uint8_t)len;
	memcpy(buf + 4, f.sent[0].p + 4, RADIUS_AUTH_LEN);
	md5_init(&md5);
	md5_update(&md5, len, buf);
	md5_update(&md5, strlen(secret), (const uint8_t *)secret);
	md5_digest(&md5, RADIUS_AUTH_LEN, buf + 4);
	fake_input(&f, &f.sent[0], buf, len);
}

static void no_answers_change_nothing(void **state)
{
	static const struct fake_answer wrong[] = {
		{ .code = 2, .sign = true, .id_shift = 1 },
		{ .code = 2, .secret = "not the secret" },
		{ .code = 2, .sign = true, .secret = "not the secret" },
		{ .code = 5, .sign = true },
		{ .code = 1, .sign = true },
		{ .code = 2, .sign = true, .proxy_state = true },
		{ .code = 2 },
	};
	struct radius_counters *n;
	uint8_t buf[RADIUS_PACKET_MAX];
	size_t len;

	(void)state;
	begin(1);
	f.config.require_ma = RADIUS_MA_YES;
	open_client();
	n = &fake_link(&f, 0, RADIUS_AUTH)->count;
	login(&result[0]);
	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++)
		fake_answer_as(&f, &f.sent[0], &wrong[i]);
	assert_int_equal(n->drop_unexpected, 1);
	assert_int_equal(n->drop_authenticator, 2);
	assert_int_equal(n->drop_code, 2);
	assert_int_equal(n->drop_proxy_state, 1);
	assert_int_equal(n->drop_unsigned, 1);
	/* The authenticator right, the signature inside wrong. */
	len = fake_write(&f, &f.sent[0], &(struct fake_answer){ .code = 2, .sign = true }, buf);
	for (size_t cut = 0; cut < len; cut++)
		fake_input(&f, &f.sent[0], buf, cut);
	assert_int_equal(n->drop_malformed, len);
	buf[len - 1] ^= 1;
	fake_input(&f, &f.sent[0], buf, len);
	assert_int_equal(n->drop_authenticator, 3);
	/* The authenticator right, two signatures inside; and one that is too short. */
	buf[len - 1] ^= 1;
	memcpy(buf + len, buf + RADIUS_HEADER_LEN, 18);
	give_signed(buf, len + 18);
	assert_int_equal(n->drop_malformed_message_authenticator, 1);
	buf[RADIUS_HEADER_LEN + 1]--;
	give_signed(buf, len - 1);
	assert_int_equal(n->drop_malformed_message_authenticator, 2);
	assert_int_equal(n->drop_message_authenticator, 0);
	assert_int_equal(n->drop_authenticator, 3);
	assert_int_equal(f.sent_count, 1);
	assert_int_equal(result[0].count, 0);
	fake_reply(&f, &f.sent[0]);
	assert_int_equal(result[0].reply.verdict, RADIUS_ACCEPT);
	end();
}

/* Another socket's identifier, and a reply that comes after its request moved on. */
static void late_replies_are_nobodys(void **state)
{
	(void)state;
	begin(2);
	open_client();
	kill_first();
	fake_reply(&f, &f.sent[0]);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->count.drop_unexpected, 1);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->state, LINK_DEAD);
	end();
}

static void a_challenge_is_a_reject(void **state)
{
	(void)state;
	begin(1);
	open_client();
	login(&result[0]);
	fake_answer_as(&f, &f.sent[0], &(struct fake_answer){ .code = 11, .sign = true });
	assert_int_equal(result[0].reply.verdict, RADIUS_REJECT);
	login(&result[0]);
	fake_answer_as(&f, fake_last(&f), &(struct fake_answer){ .code = 3, .sign = true });
	assert_int_equal(result[0].reply.verdict, RADIUS_REJECT);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->count.challenges, 1);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->count.rejects, 1);
	end();
}

/* --- limits -------------------------------------------------------------------------------- */

static void windows_and_queues_end(void **state)
{
	unsigned taken;

	(void)state;
	begin(1);
	f.config.window = 8;
	f.config.queue_max = 16;
	open_client();
	for (taken = 0; taken < 24; taken++)
		login(&result[taken]);
	assert_int_equal(f.sent_count, 8);
	assert_int_equal(fake_login(&f, &result[24], NULL), -EBUSY);
	fake_reply(&f, &f.sent[3]);
	assert_int_equal(f.sent_count, 9); /* in the order in which they came */
	login(&result[24]);
	for (unsigned i = 0; i < f.sent_count; i++)
		if (i != 3)
			fake_reply(&f, &f.sent[i]);
	assert_int_equal(f.sent_count, 25);
	for (unsigned i = 0; i < 25; i++)
		assert_int_equal(result[i].count, 1);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->inflight, 0);
	end();
}

/* What no request can carry is refused at once, and no server is blamed for it. */
static void too_long_is_refused(void **state)
{
	static uint8_t password[129];
	char name[255];
	struct radius_access a = { .line.username = name,
				   .method = RADIUS_PAP,
				   .response = password,
				   .response_len = 128 };

	(void)state;
	begin(1);
	open_client();
	memset(result, 0, 2 * sizeof(result[0]));
	memset(name, 'x', sizeof(name));
	name[253] = '\0';
	assert_int_equal(radius_access_send(f.c, f.now, &a, fake_done, &result[0], NULL), 0);
	assert_int_equal(f.sent_count, 1);
	a.response_len++;
	assert_int_equal(radius_access_send(f.c, f.now, &a, fake_done, &result[1], NULL),
			 -EMSGSIZE);
	a.response_len--;
	name[253] = 'x', name[254] = '\0';
	assert_int_equal(radius_access_send(f.c, f.now, &a, fake_done, &result[1], NULL),
			 -EMSGSIZE);
	fake_run(&f, SEC);
	assert_int_equal(f.sent_count, 1);
	assert_int_equal(result[1].count, 0);
	fake_reply(&f, &f.sent[0]);
	assert_int_equal(result[0].count, 1);
	end();
}

/* An identifier rests until all others were used. */
static void identifiers_rest(void **state)
{
	(void)state;
	begin(1);
	f.config.window = 256;
	open_client();
	for (unsigned i = 0; i < 3 * RADIUS_IDS; i++) {
		login(&result[0]);
		assert_int_equal(fake_last(&f)->socket, i / RADIUS_IDS);
		assert_int_equal(fake_last(&f)->p[1], i % RADIUS_IDS);
		fake_reply(&f, fake_last(&f));
		assert_int_equal(result[0].count, 1);
	}
	end();
}

static void a_cancelled_one_is_not_told(void **state)
{
	struct radius_request *r[3];

	(void)state;
	begin(1);
	f.config.window = 1;
	open_client();
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(fake_login(&f, &result[i], &r[i]), 0);
	radius_request_cancel(r[1]); /* waits */
	radius_request_cancel(r[0]); /* is on its way */
	fake_run(&f, SEC / 10);
	assert_int_equal(f.sent_count, 2);
	fake_reply(&f, &f.sent[0]);
	fake_reply(&f, &f.sent[1]);
	assert_int_equal(result[0].count + result[1].count, 0);
	assert_int_equal(result[2].count, 1);
	end();
}

/* --- who signs ----------------------------------------------------------------------------- */

static void who_has_signed_must_sign(void **state)
{
	static const struct fake_answer bare = { .code = RADIUS_ACCESS_ACCEPT };

	(void)state;
	begin(2);
	open_client();
	login(&result[0]);
	fake_answer_as(&f, fake_last(&f), &bare);
	assert_int_equal(result[0].count, 1);
	login(&result[0]);
	fake_reply(&f, fake_last(&f));
	login(&result[0]);
	fake_answer_as(&f, fake_last(&f), &bare);
	assert_int_equal(result[0].count, 0);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->count.drop_unsigned, 1);
	fake_close(&f);
	open_client(); /* another life remembers */
	assert_true(f.c->server[0].signs);
	assert_false(f.c->server[1].signs);
	login(&result[0]);
	fake_answer_as(&f, fake_last(&f), &bare);
	assert_int_equal(result[0].count, 0);
	fake_close(&f);
	f.config.require_ma = RADIUS_MA_NO;
	open_client();
	login(&result[0]);
	fake_answer_as(&f, fake_last(&f), &bare);
	assert_int_equal(result[0].count, 1);
	end();
}

/* --- what is told -------------------------------------------------------------------------- */

static void latencies_are_percentiles(void **state)
{
	struct sbuf b = { 0 };
	struct json j = { .out = &b };

	(void)state;
	begin(1);
	open_client();
	assert_int_equal(radius_client_latency(f.c), 0);
	for (unsigned i = 0; i < 1000; i++) {
		login(&result[0]);
		f.now += (i % 100 < 95 ? 10 : 200) * NSEC_PER_MSEC;
		fake_reply(&f, fake_last(&f));
	}
	assert_int_equal(radius_client_latency(f.c), 10 * NSEC_PER_MSEC);
	radius_client_show(f.c, &j);
	assert_non_null(strstr(b.p, "\"server\":\"192.0.2.1\""));
	assert_non_null(strstr(b.p, "\"state\":\"up\""));
	assert_non_null(strstr(b.p, "\"requests\":1000"));
	assert_non_null(strstr(b.p, "\"accepts\":1000"));
	assert_non_null(strstr(b.p, "\"latency-ms-p50\":10,"));
	assert_non_null(strstr(b.p, "\"latency-ms-p99\":200,"));
	assert_non_null(strstr(b.p, "\"spool\":0"));
	sbuf_fini(&b);
	end();
}

static void errors_on_the_way_are_counted(void **state)
{
	(void)state;
	begin(1);
	open_client();
	f.send_rc = -ENETUNREACH;
	login(&result[0]);
	radius_engine_error(f.c, 0, RADIUS_AUTH, -ECONNREFUSED);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->count.send_errors, 1);
	assert_int_equal(fake_link(&f, 0, RADIUS_AUTH)->count.icmp_errors, 1);
	f.send_rc = 0;
	fake_run(&f, 3 * SEC);
	fake_reply(&f, fake_last(&f));
	assert_int_equal(result[0].reply.verdict, RADIUS_ACCEPT);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_signed_first),
		cmocka_unit_test(what_is_wanted_is_kept),
		cmocka_unit_test(repeats_back_off),
		cmocka_unit_test(tries_end),
		cmocka_unit_test(an_answer_to_a_repeat_counts),
		cmocka_unit_test(the_next_server_gets_its_own_packet),
		cmocka_unit_test(a_dead_server_is_probed_after_its_time),
		cmocka_unit_test(one_request_probes_what_knows_no_status),
		cmocka_unit_test(the_last_server_is_probed_at_once),
		cmocka_unit_test(one_answer_is_life),
		cmocka_unit_test(nobody_waits_for_ever),
		cmocka_unit_test(no_answers_change_nothing),
		cmocka_unit_test(late_replies_are_nobodys),
		cmocka_unit_test(a_challenge_is_a_reject),
		cmocka_unit_test(windows_and_queues_end),
		cmocka_unit_test(too_long_is_refused),
		cmocka_unit_test(identifiers_rest),
		cmocka_unit_test(a_cancelled_one_is_not_told),
		cmocka_unit_test(who_has_signed_must_sign),
		cmocka_unit_test(latencies_are_percentiles),
		cmocka_unit_test(errors_on_the_way_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
