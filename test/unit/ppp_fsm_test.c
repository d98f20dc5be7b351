// SPDX-License-Identifier: GPL-2.0-or-later
/* The automaton against RFC 1661 section 4.1, cell by cell, and the runner's counters and timer. */
#include "ppp/fsm.h"
#include "ppp/packet.h"
#include "ppp/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* The RFC's table in the RFC's notation: action/new-state, with its footnotes p, r and x. */
static const char *const rfc[FSM_EVENTS] = {
	[FSM_UP] = "2 irc,scr/6 - - - - - - - -",
	[FSM_DOWN] = "- - 0 tls/1 0 1 1 1 1 tld/1",
	[FSM_OPEN] = "tls/1 1 irc,scr/6 3r 5r 5r 6 7 8 9r",
	[FSM_CLOSE] = "0 tlf/0 2 2 4 4 irc,str/4 irc,str/4 irc,str/4 tld,irc,str/4",
	[FSM_TO_PLUS] = "- - - - str/4 str/5 scr/6 scr/6 scr/8 -",
	[FSM_TO_MINUS] = "- - - - tlf/2 tlf/3 tlf/3p tlf/3p tlf/3p -",
	[FSM_RCR_PLUS] = "- - sta/2 irc,scr,sca/8 4 5 sca/8 sca,tlu/9 sca/8 tld,scr,sca/8",
	[FSM_RCR_MINUS] = "- - sta/2 irc,scr,scn/6 4 5 scn/6 scn/7 scn/6 tld,scr,scn/6",
	[FSM_RCA] = "- - sta/2 sta/3 4 5 irc/7 scr/6x irc,tlu/9 tld,scr/6x",
	[FSM_RCN] = "- - sta/2 sta/3 4 5 irc,scr/6 scr/6x irc,scr/8 tld,scr/6x",
	[FSM_RTR] = "- - sta/2 sta/3 sta/4 sta/5 sta/6 sta/6 sta/6 tld,zrc,sta/5",
	[FSM_RTA] = "- - 2 3 tlf/2 tlf/3 6 6 8 tld,scr/6",
	[FSM_RUC] = "- - scj/2 scj/3 scj/4 scj/5 scj/6 scj/7 scj/8 scj/9",
	[FSM_RXJ_PLUS] = "- - 2 3 4 5 6 6 8 9",
	[FSM_RXJ_MINUS] = "- - tlf/2 tlf/3 tlf/2 tlf/3 tlf/3 tlf/3 tlf/3 tld,irc,str/5",
	[FSM_RXR] = "- - 2 3 4 5 6 7 8 ser/9",
};
static const char *const event_name[FSM_EVENTS] = {
	"Up",  "Down", "Open", "Close", "TO+", "TO-",  "RCR+", "RCR-",
	"RCA", "RCN",  "RTR",  "RTA",	"RUC", "RXJ+", "RXJ-", "RXR",
};
/* Our table is printed with the actions in the order of the RFC's cells. */
static const struct {
	unsigned bit;
	const char *name;
} rfc_order[] = {
	{ FSM_TLD, "tld" }, { FSM_TLS, "tls" }, { FSM_TLF, "tlf" }, { FSM_IRC, "irc" },
	{ FSM_ZRC, "zrc" }, { FSM_SCR, "scr" }, { FSM_SCA, "sca" }, { FSM_SCN, "scn" },
	{ FSM_TLU, "tlu" }, { FSM_STR, "str" }, { FSM_STA, "sta" }, { FSM_SCJ, "scj" },
	{ FSM_SER, "ser" },
};

static void print_cell(char *buf, size_t cap, const struct ppp_fsm_cell *c)
{
	size_t n = 0;

	if (!c->valid) {
		snprintf(buf, cap, "-");
		return;
	}
	for (size_t i = 0; i < sizeof(rfc_order) / sizeof(rfc_order[0]); i++)
		if (c->actions & rfc_order[i].bit)
			n += (size_t)snprintf(buf + n, cap - n, "%s%s", n ? "," : "",
					      rfc_order[i].name);
	snprintf(buf + n, cap - n, "%s%u", n ? "/" : "", c->next);
}

static void test_table_is_the_rfcs(void **state)
{
	(void)state;
	for (unsigned e = 0; e < FSM_EVENTS; e++) {
		char row[256], *cell, *save = NULL;
		unsigned s = 0;

		snprintf(row, sizeof(row), "%s", rfc[e]);
		printf("%-5s|", event_name[e]);
		for (cell = strtok_r(row, " ", &save); cell; cell = strtok_r(NULL, " ", &save)) {
			char ours[64];
			size_t len = strlen(cell);

			if (strchr("prx", cell[len - 1]))
				cell[len - 1] = '\0';
			assert_true(s < FSM_STATES);
			print_cell(ours, sizeof(ours), &ppp_fsm_table[e][s]);
			printf(" %-13s", ours);
			if (strcmp(ours, cell))
				fail_msg("%s in state %u: RFC %s, ours %s", event_name[e], s, cell,
					 ours);
			s++;
		}
		printf("\n");
		assert_int_equal(s, FSM_STATES);
	}
}

/* --- the runner --------------------------------------------------------------------------------
 */

static char did[256];
static struct wheel wheel;
static struct ppp_stats stats;
static const struct ppp_config config = { .restart_timer = 3 * NSEC_PER_SEC,
					  .max_configure = 10,
					  .max_terminate = 2 };
static const struct ppp_ctx ctx = { .config = &config, .wheel = &wheel, .stats = &stats };
static int close_on_tlu;

static void act(struct ppp_fsm *f, uint64_t now, enum ppp_fsm_action action,
		const struct ppp_packet *in)
{
	(void)in;
	for (size_t i = 0; i < sizeof(rfc_order) / sizeof(rfc_order[0]); i++)
		if ((unsigned)action == rfc_order[i].bit)
			strcat(strcat(did, rfc_order[i].name), " ");
	if (action == FSM_TLU && close_on_tlu)
		ppp_fsm_run(f, now, FSM_CLOSE, NULL);
}

static void begin(struct ppp_fsm *f)
{
	wheel_init(&wheel, 0);
	memset(&stats, 0, sizeof(stats));
	did[0] = '\0';
	close_on_tlu = 0;
	ppp_fsm_init(f, &ctx, PPP_LAYER_LCP, act);
}

static void expect(const char *what)
{
	assert_string_equal(did, what);
	did[0] = '\0';
}

/* Every cell through the runner: the state and the actions that the table says; an empty one is
 * counted and changes nothing; the timer runs in the states with a TO event only. */
static void test_runner_does_every_cell(void **state)
{
	(void)state;
	for (unsigned e = 0; e < FSM_EVENTS; e++) {
		for (unsigned s = 0; s < FSM_STATES; s++) {
			const struct ppp_fsm_cell *c = &ppp_fsm_table[e][s];
			struct ppp_packet in = { .code = 1 };
			struct ppp_fsm f;

			begin(&f);
			f.state = (uint8_t)s;
			f.restarts = 3;
			timer_set(&wheel, &f.timer, NSEC_PER_SEC);
			ppp_fsm_run(&f, 0, (enum ppp_fsm_event)e, &in);
			assert_int_equal(f.state, c->valid ? c->next : s);
			assert_int_equal(stats.drop_unexpected, !c->valid);
			for (size_t i = 0; i < sizeof(rfc_order) / sizeof(rfc_order[0]); i++)
				if (!(rfc_order[i].bit & (FSM_IRC | FSM_ZRC)))
					assert_int_equal(!!strstr(did, rfc_order[i].name),
							 c->valid && c->actions & rfc_order[i].bit);
			if (c->valid)
				assert_int_equal(timer_is_set(&f.timer),
						 c->next >= FSM_CLOSING && c->next <= FSM_ACK_SENT);
			ppp_fsm_fini(&f);
		}
	}
}

static void test_up_comes_before_the_ack(void **state)
{
	struct ppp_packet in = { .code = 1 };
	struct ppp_fsm f;

	(void)state;
	begin(&f);
	ppp_fsm_run(&f, 0, FSM_OPEN, NULL);
	ppp_fsm_run(&f, 0, FSM_UP, NULL);
	expect("tls scr ");
	ppp_fsm_run(&f, 0, FSM_RCA, &in);
	expect("");
	ppp_fsm_run(&f, 0, FSM_RCR_PLUS, &in);
	expect("tlu sca ");
	ppp_fsm_run(&f, 0, FSM_RCR_PLUS, &in);
	expect("tld scr sca ");
	ppp_fsm_fini(&f);
}

static void test_owner_closing_within_up_stops_the_rest(void **state)
{
	struct ppp_packet in = { .code = 1 };
	struct ppp_fsm f;

	(void)state;
	begin(&f);
	ppp_fsm_run(&f, 0, FSM_OPEN, NULL);
	ppp_fsm_run(&f, 0, FSM_UP, NULL);
	ppp_fsm_run(&f, 0, FSM_RCA, &in);
	did[0] = '\0';
	close_on_tlu = 1;
	ppp_fsm_run(&f, 0, FSM_RCR_PLUS, &in);
	expect("tlu tld str ");
	assert_int_equal(f.state, FSM_CLOSING);
	ppp_fsm_fini(&f);
}

static unsigned count(const char *what)
{
	unsigned n = 0;

	for (const char *p = did; (p = strstr(p, what)); p++)
		n++;
	return n;
}

static void test_max_configure_and_max_terminate(void **state)
{
	struct ppp_fsm f;

	(void)state;
	begin(&f);
	ppp_fsm_run(&f, 0, FSM_OPEN, NULL);
	ppp_fsm_run(&f, 0, FSM_UP, NULL);
	wheel_run(&wheel, 2990 * NSEC_PER_MSEC);
	assert_int_equal(count("scr"), 1);
	for (uint64_t t = 0; t <= 29; t++)
		wheel_run(&wheel, t * NSEC_PER_SEC);
	assert_int_equal(count("scr"), 10);
	assert_int_equal(f.state, FSM_REQ_SENT);
	wheel_run(&wheel, 30 * NSEC_PER_SEC);
	assert_int_equal(count("scr"), 10);
	assert_int_equal(count("tlf"), 1);
	assert_int_equal(f.state, FSM_STOPPED);
	assert_int_equal(wheel.armed, 0);

	begin(&f);
	f.state = FSM_OPENED;
	ppp_fsm_run(&f, 0, FSM_CLOSE, NULL);
	for (uint64_t t = 0; t <= 5; t++)
		wheel_run(&wheel, t * NSEC_PER_SEC);
	expect("tld str str ");
	wheel_run(&wheel, 6 * NSEC_PER_SEC);
	expect("tlf ");
	assert_int_equal(f.state, FSM_CLOSED);
}

/* zrc: the peer's Terminate-Request in Opened is followed by one period of waiting, no packet. */
static void test_zero_restart_count(void **state)
{
	struct ppp_packet in = { .code = 5 };
	struct ppp_fsm f;

	(void)state;
	begin(&f);
	f.state = FSM_OPENED;
	f.restarts = 7;
	ppp_fsm_run(&f, 0, FSM_RTR, &in);
	expect("tld sta ");
	wheel_run(&wheel, 2990 * NSEC_PER_MSEC);
	expect("");
	wheel_run(&wheel, 3 * NSEC_PER_SEC);
	expect("tlf ");
	assert_int_equal(f.state, FSM_STOPPED);
}

/* Our deviation: Opened is left with a full Restart counter, whatever was left of it. */
static void test_renegotiation_starts_afresh(void **state)
{
	struct ppp_packet in = { .code = 1 };
	struct ppp_fsm f;

	(void)state;
	begin(&f);
	f.state = FSM_OPENED;
	ppp_fsm_run(&f, 0, FSM_RCR_PLUS, &in);
	assert_int_equal(f.restarts, 9);
	ppp_fsm_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_the_rfcs),
		cmocka_unit_test(test_runner_does_every_cell),
		cmocka_unit_test(test_up_comes_before_the_ack),
		cmocka_unit_test(test_owner_closing_within_up_stops_the_rest),
		cmocka_unit_test(test_max_configure_and_max_terminate),
		cmocka_unit_test(test_zero_restart_count),
		cmocka_unit_test(test_renegotiation_starts_afresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
