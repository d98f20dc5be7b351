// SPDX-License-Identifier: GPL-2.0-or-later
/* Each attribute by itself: its unit, its direction, what it may be, and where others went wrong.
 */
#include "test/unit/shaper_rig.h"

#define RANGE  "a rate is 8000 to 1000000000000 bit/s"
#define NUMBER "a rate is a number, with B, K, M or G behind it or without"

/* --- integers ----------------------------------------------------------------------------------
 */

static const struct {
	const char *name; /* what the case is about */
	uint32_t vendor;
	uint8_t type;
	uint32_t value;
	uint64_t down, up; /* both 0: it is wrong, or says nothing by itself */
	const char *wrong;
} numbers[] = {
	{ "RP is kbit/s, up", RP, 1, 2000, 0, 2 * MBIT, "" },
	{ "RP is kbit/s, down", RP, 2, 10000, 10 * MBIT, 0, "" },
	{ "RP: 10 Gbit/s", RP, 2, 10000000, 10 * GBIT, 0, "" },
	{ "RP: 2.147 Gbit/s and more are no int", RP, 2, 2147484, 2147484 * KBIT, 0, "" },
	{ "RP: the smallest", RP, 2, 8, 8000, 0, "" },
	{ "RP: the largest", RP, 2, 1000000000, 1000 * GBIT, 0, "" },
	{ "RP: too small", RP, 2, 7, 0, 0, "RP-Downstream-Speed-Limit = 7: " RANGE },
	{ "RP: 0", RP, 1, 0, 0, 0, "RP-Upstream-Speed-Limit = 0: " RANGE },
	{ "RP: too large", RP, 2, 1000000001, 0, 0,
	  "RP-Downstream-Speed-Limit = 1000000001: " RANGE },
	{ "RP: what was -1", RP, 2, 0xffffffff, 0, 0,
	  "RP-Downstream-Speed-Limit = 4294967295: " RANGE },
	{ "RP: would wrap in 32 bits to 704 kbit/s", RP, 2, 4295000, 4295000 * KBIT, 0, "" },
	{ "RP: HURL is no speed", RP, 3, 1000, 0, 0, "" },

	{ "WISPr is bit/s, max is the limit, up", WISPR, 7, 512000, 0, 512 * KBIT, "" },
	{ "WISPr is bit/s, max is the limit, down", WISPR, 8, 10000000, 10 * MBIT, 0, "" },
	{ "WISPr: its 32 bits are unsigned", WISPR, 8, 4294967295, 4294967295, 0, "" },
	{ "WISPr: 0", WISPR, 8, 0, 0, 0, "WISPr-Bandwidth-Max-Down = 0: " RANGE },
	{ "WISPr: kbit/s by mistake", WISPR, 8, 5000, 0, 0,
	  "WISPr-Bandwidth-Max-Down = 5000: " RANGE },
	{ "WISPr: a minimum is no limit, up", WISPR, 5, 512000, 0, 0, "" },
	{ "WISPr: a minimum is no limit, down", WISPR, 6, 512000, 0, 0, "" },
	{ "WISPr: a minimum is a rate", WISPR, 6, 1, 0, 0, "WISPr-Bandwidth-Min-Down = 1: " RANGE },

	{ "Ascend: Data-Rate alone is to the client", ASCEND, 197, 2000000, 2 * MBIT, 0, "" },
	{ "Ascend: Xmit-Rate is to the client", ASCEND, 255, 2000000, 2 * MBIT, 0, "" },
	{ "Ascend: 0", ASCEND, 197, 0, 0, 0, "Ascend-Data-Rate = 0: " RANGE },

	{ "Huawei: input is up, average alone", HUAWEI, 2, 2000000, 0, 2 * MBIT, "" },
	{ "Huawei: input is up, peak alone", HUAWEI, 3, 2000000, 0, 2 * MBIT, "" },
	{ "Huawei: output is down, average alone", HUAWEI, 5, 2000000, 2 * MBIT, 0, "" },
	{ "Huawei: output is down, peak alone", HUAWEI, 6, 2000000, 2 * MBIT, 0, "" },
	{ "Huawei: 0", HUAWEI, 6, 0, 0, 0, "Huawei-Output-Peak-Rate = 0: " RANGE },

	{ "ERX: Cos-Shaping-Rate as an integer", ERX, 177, 20000000, 20 * MBIT, 0, "" },
	{ "ERX: four octets that begin with a digit are a text", ERX, 177, 0x3130306d, 100 * MBIT,
	  0, "" },
	{ "another vendor's attribute of this number", 14989, 8, 20000000, 0, 0, "" },
};

static void test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct rig g;

		print_message("%s\n", numbers[i].name);
		rig_init(&g);
		rig_u32(&g, numbers[i].vendor, numbers[i].type, numbers[i].value);
		if (*numbers[i].wrong) {
			assert_string_equal(rig_read(&g)->wrong, numbers[i].wrong);
			assert_false(g.v.has_down || g.v.has_up);
		} else {
			rig_limits(&g, numbers[i].down, numbers[i].up);
			assert_int_equal(g.v.plan.down.cir, 0);
		}
	}
}

/* --- texts -------------------------------------------------------------------------------------
 */

static const struct {
	const char *name;
	uint32_t vendor;
	uint8_t type;
	const char *value;
	uint64_t down, up;
} texts[] = {
	{ "the first number is up", MIKROTIK, 8, "2M/10M", 10 * MBIT, 2 * MBIT },
	{ "one number is both", MIKROTIK, 8, "128k", 128 * KBIT, 128 * KBIT },
	{ "a bare number is bit/s, not kbit/s", MIKROTIK, 8, "2000000/10000000", 10 * MBIT,
	  2 * MBIT },
	{ "k is 1000", MIKROTIK, 8, "64k/128M", 128 * MBIT, 64 * KBIT },
	{ "K as well", MIKROTIK, 8, "64K/10G", 10 * GBIT, 64 * KBIT },
	{ "a fraction", MIKROTIK, 8, "1.5M/2.5M", 2500 * KBIT, 1500 * KBIT },
	{ "blanks at the end", MIKROTIK, 8, "1M/2M  ", 2 * MBIT, 1 * MBIT },
	{ "no burst, but a priority", MIKROTIK, 8, "1M/2M 0/0 0/0 0/0 5", 2 * MBIT, 1 * MBIT },

	{ "output is down", CISCO, 1,
	  "lcp:interface-config#1=rate-limit output 10000000 1875000 3750000 conform-action "
	  "transmit exceed-action drop",
	  10 * MBIT, 0 },
	{ "input is up", CISCO, 1,
	  "lcp:interface-config#2=rate-limit input 2000000 375000 750000 conform-action transmit "
	  "exceed-action drop",
	  0, 2 * MBIT },
	{ "no number of the command", CISCO, 1,
	  "lcp:interface-config=rate-limit input 2000000 375000 750000", 0, 2 * MBIT },
	{ "no octets", CISCO, 1, "lcp:interface-config#12=rate-limit output 2000000", 2 * MBIT, 0 },
	{ "another command", CISCO, 1, "lcp:interface-config#1=ip unnumbered Loopback0", 0, 0 },
	{ "another text", CISCO, 1, "ip:addr-pool=customers", 0, 0 },

	{ "a shaping rate in bit/s", ERX, 177, "20000000", 20 * MBIT, 0 },
	{ "a shaping rate of four digits with m", ERX, 177, "100m", 100 * MBIT, 0 },
	{ "a service's arguments are down, up", ERX, 65, "\1net(10m,2m)", 10 * MBIT, 2 * MBIT },
	{ "without a tag", ERX, 65, "net(10000000,2000000)", 10 * MBIT, 2 * MBIT },
	{ "one argument", ERX, 65, "\1net(1.5M)", 1500 * KBIT, 1500 * KBIT },
	{ "a service of other arguments", ERX, 65, "\1tv(239.1.1.1,5)", 0, 0 },
	{ "a service of three arguments", ERX, 65, "\1net(5m,5m,5m)", 0, 0 },
	{ "a service of no arguments", ERX, 65, "\1tv()", 0, 0 },

	{ "kbit/s, down first", FILTER, "10000/5000", 10 * MBIT, 5 * MBIT },
	{ "one number", FILTER, "8000", 8 * MBIT, 8 * MBIT },
	{ "a backslash", FILTER, "10000\\5000", 10 * MBIT, 5 * MBIT },
	{ "a colon", FILTER, "10000:5000", 10 * MBIT, 5 * MBIT },
	{ "what is behind a blank", FILTER, "10000/5000 gold, since 2019", 10 * MBIT, 5 * MBIT },
	{ "B is 0.001", FILTER, "10000000B/5000000B", 10 * MBIT, 5 * MBIT },
	{ "K and M", FILTER, "512K/1M", 512 * KBIT, 1 * MBIT },
	{ "G is not ten times too big", FILTER, "1G/1G", 1 * GBIT, 1 * GBIT },
	{ "10 Gbit/s", FILTER, "10000000/10G", 10 * GBIT, 10 * GBIT },
	{ "Cisco's text is bit/s in it", FILTER,
	  "lcp:interface-config#1=rate-limit output 10000000 1875000 3750000 conform-action "
	  "transmit exceed-action drop",
	  10 * MBIT, 0 },
	{ "Cisco's text without what is before it", FILTER, "rate-limit input 2000000 1 2", 0,
	  2 * MBIT },
	{ "a packet filter", FILTER, "std.ppp", 0, 0 },
	{ "a packet filter with a comma", FILTER, "dmz,in", 0, 0 },
	{ "a packet filter with a slash", FILTER, "web/out", 0, 0 },
	{ "an access list", FILTER, "101.in", 0, 0 },
	{ "an access list, out", FILTER, "2001.out", 0, 0 },
	{ "only a blank", FILTER, " ", 0, 0 },
	{ "no range before the comma", FILTER, ",5", 0, 0 },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct rig g;

		print_message("%s: %s\n", texts[i].value, texts[i].name);
		rig_init(&g);
		rig_text(&g, texts[i].vendor, texts[i].type, texts[i].value);
		rig_limits(&g, texts[i].down, texts[i].up);
		assert_int_equal(g.v.plan.down.cir, 0);
		assert_int_equal(g.v.plan.down.peak, 0);
	}
}

/* What is wrong begins with the attribute and what it said, and ends with what is allowed. */
static const struct {
	uint32_t vendor;
	uint8_t type;
	const char *value, *why;
} wrongs[] = {
#define MT_FORM "RX[/TX] [BURST[/..] [THRESHOLD[/..] [TIME[/..] [PRIORITY [MIN[/..]]]]]] is allowed"
	{ MIKROTIK, 8, "0", RANGE },
	{ MIKROTIK, 8, "0/10M", RANGE },
	{ MIKROTIK, 8, "10M/0", RANGE },
	{ MIKROTIK, 8, "-1M", NUMBER },
	{ MIKROTIK, 8, "fast", NUMBER },
	{ MIKROTIK, 8, "10M/", NUMBER },
	{ MIKROTIK, 8, " 10M", NUMBER },
	{ MIKROTIK, 8, "10Mbit", MT_FORM },
	{ MIKROTIK, 8, "10M/10M/10M", MT_FORM },
	{ MIKROTIK, 8, "10M,10M", MT_FORM },
	{ MIKROTIK, 8, "7999", RANGE },
	{ MIKROTIK, 8, "1001G", RANGE },
	{ MIKROTIK, 8, "4294967296G", RANGE },
	{ MIKROTIK, 8, "99999999999999999999999999999999", RANGE },
	{ MIKROTIK, 8, "10M 5M", "a burst's rate may not be below the rate" },
	{ MIKROTIK, 8, "10M/10M 20M/5M", "a burst's rate may not be below the rate" },
	{ MIKROTIK, 8, "1M 1000.5G", RANGE },
	{ MIKROTIK, 8, "1M 2M 1M 3601", "a burst's time is 0 to 3600 seconds" },
	{ MIKROTIK, 8, "1M 2M 1M 1/", "a burst's time is 0 to 3600 seconds" },
	{ MIKROTIK, 8, "1M 2M 1M 1 0", "a priority is 1 to 8" },
	{ MIKROTIK, 8, "1M 2M 1M 1 9", "a priority is 1 to 8" },
	{ MIKROTIK, 8, "1M 2M 1M 1 257", "a priority is 1 to 8" },
	{ MIKROTIK, 8, "1M 2M 1M 1 8 1", RANGE },
	{ MIKROTIK, 8, "1M 2M 1M 1 8 1M/2M", "what is guaranteed may not be above it" },
	{ MIKROTIK, 8, "1M 2M 1M 1 8 1M x", MT_FORM },
#define CISCO_FORM                                                                                 \
	"rate-limit input|output [access-group N] BPS NORMAL EXCESS conform-action transmit "      \
	"exceed-action drop is allowed"
#define CONFIG "lcp:interface-config#1="
	{ CISCO, 1, CONFIG "rate-limit output 0 1 1", RANGE },
	{ CISCO, 1, CONFIG "rate-limit output x", NUMBER },
	{ CISCO, 1, CONFIG "rate-limit output -5", NUMBER },
	{ CISCO, 1, CONFIG "rate-limit output", NUMBER },
	{ CISCO, 1, CONFIG "rate-limit both 9", CISCO_FORM },
	{ CISCO, 1, CONFIG "rate-limit output 9000 x", CISCO_FORM },
	{ CISCO, 1, CONFIG "rate-limit output 9000x 1 1", CISCO_FORM },
	{ CISCO, 1, CONFIG "rate-limit output 9000 4294967296", CISCO_FORM },
	{ CISCO, 1, CONFIG "rate-limit output 9000 1 1 1", CISCO_FORM },
	{ ERX, 177, "0", RANGE },
	{ ERX, 177, "10mb", "one rate in bit/s, or with k, m or g, is allowed" },
	{ ERX, 177, "faster", NUMBER },
	{ ERX, 65, "net(0,5m)", RANGE },
	{ ERX, 65, "net(5m,99999999999999)", RANGE },
#define FILTER_FORM "[RANGE,]DOWN[/UP] is allowed, in kbit/s or with B, K, M or G behind a number"
	{ FILTER, "0", RANGE },
	{ FILTER, "0/0", RANGE },
	{ FILTER, "10000/0", RANGE },
	{ FILTER, "-1/5", NUMBER },
	{ FILTER, "10000/-5", NUMBER },
	{ FILTER, "+5", NUMBER },
	{ FILTER, "10000/", NUMBER },
	{ FILTER, "10000/fast", NUMBER },
	{ FILTER, "10Mbit/2Mbit", FILTER_FORM },
	{ FILTER, "10M/2M/1M", FILTER_FORM },
	{ FILTER, "10M|2M", FILTER_FORM },
	{ FILTER, "4294967296000", RANGE },
	{ FILTER, "99999999999999999999/1", RANGE },
	{ FILTER, "1,5,6", FILTER_FORM },
	{ FILTER, "rate-limit output 5", RANGE },
};

static void test_wrongs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrongs); i++) {
		const char *at;
		struct rig g;

		print_message("%s\n", wrongs[i].value);
		rig_init(&g);
		rig_text(&g, wrongs[i].vendor, wrongs[i].type, wrongs[i].value);
		at = strstr(rig_read(&g)->wrong, ": ");
		while (at && strcmp(at + 2, wrongs[i].why) != 0)
			at = strstr(at + 1, ": ");
		if (!at)
			fail_msg("says: %s", g.v.wrong);
		assert_non_null(strstr(g.v.wrong, " = "));
		assert_false(g.v.has_down || g.v.has_up);
		assert_int_equal(g.v.plan.down.pir, 0);
	}
}

/* --- bursts ------------------------------------------------------------------------------------
 */

static void rate_is(const struct shaper_rate *r, uint64_t pir, uint64_t cir, uint64_t peak,
		    uint64_t burst, unsigned priority)
{
	assert_int_equal(r->pir, pir);
	assert_int_equal(r->cir, cir);
	assert_int_equal(r->peak, peak);
	assert_int_equal(r->burst, burst);
	assert_int_equal(r->priority, priority);
}

static const struct shaper_plan *mikrotik(struct rig *g, const char *text)
{
	rig_init(g);
	rig_text(g, MIKROTIK, 8, text);
	assert_string_equal(rig_read(g)->wrong, "");
	assert_true(g->v.has_down && g->v.has_up);
	return &g->v.plan;
}

static void test_mikrotik(void **state)
{
	const struct shaper_plan *p;
	struct rig g;

	(void)state;
	/* The manual's examples. Threshold = rate, time 1 s: 0.25 s at 192 kbit/s above the rate.
	 */
	p = mikrotik(&g, "64k 256k");
	rate_is(&p->up, 64000, 0, 256000, 192000 / 4 / 8, 0);
	rate_is(&p->down, 64000, 0, 256000, 192000 / 4 / 8, 0);
	/* 128k * 10 s / 256k: 5 s. */
	p = mikrotik(&g, "64k/64k 256k/256k 128k/128k 10/10");
	rate_is(&p->up, 64000, 0, 256000, 192000 * 5 / 8, 0);
	/* Each direction has its own, and the first is up in all of them. */
	p = mikrotik(&g, "1M/10M 2M/20M 1M/8M 8s/16s 3 256k/2M");
	rate_is(&p->up, 1 * MBIT, 256000, 2 * MBIT, 1 * MBIT * 4 / 8, 3);
	rate_is(&p->down, 10 * MBIT, 2 * MBIT, 20 * MBIT, 64 * MBIT / 8, 3);
	/* A burst of the rate itself, or of no time, is none. */
	p = mikrotik(&g, "1M/10M 1M/10M 1M/10M 8/8 1");
	rate_is(&p->down, 10 * MBIT, 0, 0, 0, 1);
	p = mikrotik(&g, "1M/10M 2M/20M 1M/10M 0 8");
	rate_is(&p->down, 10 * MBIT, 0, 0, 0, 8);
	/* The burst cannot last longer than the time, whatever the threshold; nothing overflows. */
	p = mikrotik(&g, "8k 16k 1M 10");
	rate_is(&p->up, 8000, 0, 16000, 8000 * 10 / 8, 0);
	p = mikrotik(&g, "8k/8k 1000G 1000G 3600 8 8k/0");
	rate_is(&p->up, 8000, 8000, 1000 * GBIT, (1000 * GBIT - 8000) * 3600 / 8, 8);
	rate_is(&p->down, 8000, 0, 1000 * GBIT, (1000 * GBIT - 8000) * 3600 / 8, 8);
}

static void test_cisco_burst(void **state)
{
	struct rig g;

	(void)state;
	rig_init(&g);
	rig_text(&g, CISCO, 1, CONFIG "rate-limit output 10000000 1875000 3750000");
	rig_text(&g, CISCO, 1, CONFIG "rate-limit input 2000000 375000");
	rig_limits(&g, 10 * MBIT, 2 * MBIT);
	rate_is(&g.v.plan.down, 10 * MBIT, 0, 0, 1875000, 0);
	rate_is(&g.v.plan.up, 2 * MBIT, 0, 0, 375000, 0);
}

/* --- pairs of attributes ------------------------------------------------------------------------
 */

static void test_wispr(void **state)
{
	struct rig g;

	(void)state;
	for (unsigned i = 0; i < 2; i++) { /* in either order */
		rig_init(&g);
		rig_u32(&g, WISPR, i ? 8 : 6, i ? 10000000 : 2000000);
		rig_u32(&g, WISPR, i ? 6 : 8, i ? 2000000 : 10000000);
		rig_u32(&g, WISPR, 7, 1000000);
		rig_limits(&g, 10 * MBIT, 1 * MBIT);
		rate_is(&g.v.plan.down, 10 * MBIT, 2 * MBIT, 0, 0, 0);
		assert_string_equal(g.v.down.said, "WISPr-Bandwidth-Max-Down = 10000000");
		assert_int_equal(g.v.down.dict, SHAPER_WISPR);
	}
	rig_u32(&g, WISPR, 6, 10000001);
	assert_string_equal(rig_read(&g)->wrong, "WISPr-Bandwidth-Max-Down = 10000000: what is "
						 "guaranteed may not be above it");
}

static void test_huawei(void **state)
{
	struct rig g;

	(void)state;
	rig_init(&g);
	rig_u32(&g, HUAWEI, 3, 4000000);
	rig_u32(&g, HUAWEI, 2, 2000000);
	rig_u32(&g, HUAWEI, 5, 10000000);
	rig_limits(&g, 10 * MBIT, 4 * MBIT);
	rate_is(&g.v.plan.up, 4 * MBIT, 2 * MBIT, 0, 0, 0);
	assert_string_equal(g.v.up.said, "Huawei-Input-Peak-Rate = 4000000");
	assert_string_equal(g.v.down.said, "Huawei-Output-Average-Rate = 10000000");
	rig_u32(&g, HUAWEI, 6, 9000000);
	assert_string_equal(rig_read(&g)->wrong, "Huawei-Output-Peak-Rate = 9000000: what is "
						 "guaranteed may not be above it");
}

/* RouterOS's rule, whatever the order. D: Data-Rate, X: Xmit-Rate; the n-th is n Mbit/s. */
static void test_ascend(void **state)
{
	static const struct {
		const char *order;
		uint64_t down, up;
	} cases[] = {
		{ "D", 1, 0 },	 { "DD", 1, 2 },  { "X", 1, 0 },   { "DX", 2, 1 }, { "XD", 1, 2 },
		{ "DDX", 3, 2 }, { "XDD", 1, 3 }, { "DXD", 2, 3 }, { "XX", 2, 0 }, { "DXX", 3, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rig g;

		print_message("%s\n", cases[i].order);
		rig_init(&g);
		for (unsigned n = 0; cases[i].order[n]; n++)
			rig_u32(&g, ASCEND, cases[i].order[n] == 'D' ? 197 : 255,
				1000000 * (n + 1));
		rig_limits(&g, cases[i].down * MBIT, cases[i].up * MBIT);
	}
}

/* --- lengths, octets, and what is wanted --------------------------------------------------------
 */

static void test_lengths(void **state)
{
	static const uint8_t zeros[255];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		for (size_t len = 0; len < 9; len++) {
			struct rig g;

			if (!shaper_attr_wanted(numbers[i].vendor, numbers[i].type, zeros, 4) ||
			    numbers[i].vendor == ERX || len == 4)
				continue;
			rig_init(&g);
			rig_put(&g, numbers[i].vendor, numbers[i].type, zeros, len);
			assert_non_null(strstr(rig_read(&g)->wrong, ": 4 octets are allowed"));
		}
}

/* Cut anywhere, each text says something smaller, nothing, or what is wrong; the fuzzer looks for
 * more. */
static void test_every_truncation(void **state)
{
	static const char rates[] = "1M/10M 2M/20M 1M/8M 8s/16s 3 256k/2M";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (size_t len = 0; len < strlen(texts[i].value); len++) {
			char *exact = malloc(len ? len : 1); /* for the sanitizer */
			struct rig g;

			rig_init(&g);
			memcpy(exact, texts[i].value, len);
			(void)shaper_attr_wanted(texts[i].vendor, texts[i].type, (uint8_t *)exact,
						 len);
			rig_put(&g, texts[i].vendor, texts[i].type, exact, len);
			rig_read(&g);
			if (!len && texts[i].type != 1) /* an AVPair of nothing is none */
				assert_non_null(strstr(g.v.wrong, ": 1 to 253 octets are allowed"));
			free(exact);
		}
	for (size_t len = 1; len < sizeof(rates); len++) {
		char text[sizeof(rates)] = "";
		struct rig g;

		memcpy(text, rates, len);
		rig_init(&g);
		rig_text(&g, MIKROTIK, 8, text);
		rig_read(&g);
		if (rates[len - 1] == '/') /* half a pair */
			assert_string_not_equal(g.v.wrong, "");
	}
}

/* A record that ends too soon. */
static void test_cut_records(void **state)
{
	struct rig g;
	size_t len;

	(void)state;
	rig_init(&g);
	rig_u32(&g, RP, 1, 2000);
	rig_text(&g, MIKROTIK, 8, "1M/2M");
	len = g.w.len;
	for (g.w.len = 0; g.w.len <= len; g.w.len++) {
		bool whole = g.w.len == 0 || g.w.len == 10 || g.w.len == len;

		rig_read(&g);
		assert_string_equal(g.v.wrong,
				    whole ? "" : "attributes: the last one is cut short");
	}
}

/* Octets of a peer are escaped, and a long text is cut, in all that is told. */
static void test_escape(void **state)
{
	char text[254];
	struct rig g;

	(void)state;
	rig_init(&g);
	rig_put(&g, MIKROTIK, 8, "1M\n\0\x1b\\\xff", 7);
	assert_string_equal(rig_read(&g)->wrong,
			    "Mikrotik-Rate-Limit = 1M\\x0a\\x00\\x1b\\x5c\\xff: " MT_FORM);
	rig_init(&g);
	rig_text(&g, CISCO, 38, "go\x7fld");
	assert_string_equal(rig_read(&g)->missing,
			    "Cisco-Policy-Down = go\\x7fld: no such profile");
	memset(text, '\xff', 253);
	text[253] = '\0';
	rig_init(&g);
	rig_text(&g, CISCO, 38, text);
	assert_non_null(strstr(rig_read(&g)->missing, "...: no such profile"));
	rig_init(&g);
	rig_text(&g, MIKROTIK, 8, text);
	assert_non_null(strstr(rig_read(&g)->wrong, "...: " NUMBER));
	memset(text, ' ', 253);
	memcpy(text, "1M/2M", 5);
	rig_init(&g);
	rig_text(&g, MIKROTIK, 8, text);
	rig_limits(&g, 2 * MBIT, 1 * MBIT);
	assert_true(strlen(g.v.down.said) < SHAPER_SAID_MAX);
}

static bool wanted(uint32_t vendor, uint8_t type, const char *value)
{
	return shaper_attr_wanted(vendor, type, (const uint8_t *)value, strlen(value));
}

static void test_wanted(void **state)
{
	char text[100];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (numbers[i].down || numbers[i].up || *numbers[i].wrong)
			assert_true(wanted(numbers[i].vendor, numbers[i].type, "1234"));
	for (size_t i = 0; i < ARRAY_SIZE(wrongs); i++)
		assert_true(wanted(wrongs[i].vendor, wrongs[i].type, wrongs[i].value));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].down || texts[i].up)
			assert_true(wanted(texts[i].vendor, texts[i].type, texts[i].value));
	assert_true(wanted(CISCO, 1, "ip:sub-qos-policy-in=gold"));
	assert_true(wanted(CISCO, 1, "subscriber:sub-qos-policy-out=gold"));
	assert_false(wanted(CISCO, 1, "ip:sub-qos-policy-up=gold"));
	assert_false(wanted(CISCO, 1, "lcp:interface-config#1=ip unnumbered Loopback0"));
	assert_false(wanted(CISCO, 1, "lcp:interface-config#rate-limit output 9000"));
	assert_false(wanted(CISCO, 1, "shell:priv-lvl=15"));
	assert_false(wanted(CISCO, 1, "ip:rate-limit output 9000"));
	assert_false(wanted(CISCO, 2, "1234"));
	assert_false(wanted(RP, 5, "1234")); /* sessions per user */
	assert_false(wanted(MIKROTIK, 19, "list"));
	assert_false(wanted(0, 8, "1234"));
	assert_false(wanted(0xffffffff, 8, "1234"));
	memset(text, 'a', 99);
	text[99] = '\0';
	assert_false(wanted(FILTER, text)); /* too long for a profile's name */
	text[63] = '\0';
	assert_true(wanted(FILTER, text));
}

/* Vendor-Specific that is no chain may hide a limit, so it is told. */
static void test_no_chain(void **state)
{
	static const uint32_t vendors[] = { CISCO, ASCEND, HUAWEI, ERX, RP, WISPR, MIKROTIK };
	char expected[128];
	struct rig g;

	(void)state;
	assert_false(wanted(0, 0, "x"));
	assert_false(wanted(311, 0, "x"));
	for (size_t i = 0; i < ARRAY_SIZE(vendors); i++) {
		assert_true(wanted(vendors[i], 0, "x"));
		rig_init(&g);
		rig_text(&g, vendors[i], 0, "\1\7x");
		snprintf(expected, sizeof(expected),
			 "Vendor-Specific %u = \\x01\\x07x: a chain of attributes is allowed",
			 vendors[i]);
		assert_string_equal(rig_read(&g)->wrong, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),	    cmocka_unit_test(test_texts),
		cmocka_unit_test(test_wrongs),	    cmocka_unit_test(test_mikrotik),
		cmocka_unit_test(test_cisco_burst), cmocka_unit_test(test_wispr),
		cmocka_unit_test(test_huawei),	    cmocka_unit_test(test_ascend),
		cmocka_unit_test(test_lengths),	    cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_cut_records), cmocka_unit_test(test_escape),
		cmocka_unit_test(test_wanted),	    cmocka_unit_test(test_no_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
