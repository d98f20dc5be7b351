// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Neighbour discovery against packets of others: those called *_linux were taken with tcpdump from
 * a Linux kernel (6.18) on a veth; the rest was built by scapy 2.5.
 */
#include "ipv6/nd.h"

#include "base/dname.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>

struct packet {
	uint8_t b[256];
	size_t len;
};

static const struct ip6 self = { .b = { 0xfe, 0x80, [15] = 1 } };

#define TO_PEER "fe800000000000000000000000000001fe800000000000000a0027fffe000001"
#define TO_ALL	"fe800000000000000000000000000001ff020000000000000000000000000001"
#define PEER	"fe800000000000000a0027fffe000001"
#define UNSET	"00000000000000000000000000000000"
#define SELF	"fe800000000000000000000000000001"
#define SOLNODE "ff0200000000000000000001ff000001" /* of fe80::1 */
#define ROUTERS "ff020000000000000000000000000002"

static const char rs[] = "6000000000083aff" PEER ROUTERS "85004d3600000000";
static const char rs_link[] = "6000000000103aff" PEER ROUTERS "8500992b00000000010102005e005301";
static const char rs_unset[] = "6000000000083aff" UNSET ROUTERS "85007bb800000000";
static const char rs_linux[] = "6000000000103afffe8000000000000000005efffe005301" ROUTERS
			       "8500192b00000000010102005e005301";
static const char ns[] = "6000000000183aff" PEER SOLNODE "87004da300000000" SELF;
static const char ns_probe[] = "6000000000183aff" UNSET SOLNODE "87007c2500000000" SELF;
static const char ns_other[] = "6000000000183aff" UNSET SOLNODE "87004c2500000000" PEER;
static const char ns_linux[] = "6000000000203afffe8000000000000000005efffe005301" SOLNODE
			       "8700199800000000" SELF "010102005e005301";
static const char ns_probe_linux[] = "6000000000203aff" UNSET "ff0200000000000000000001ff005301"
				     "87003c6600000000fe8000000000000000005efffe005301"
				     "0e01830c4ed55cd3"; /* with a nonce, RFC 7527 */
static const char echo[] = "6000000000113a40" PEER SELF "80002eb712340007627261736265727279";
static const char echo_linux[] =
	"600c6bf700403a40fe8000000000000000005efffe005301" SELF
	"8000c40e2b240003cbd8006b000000005334050000000000101112131415161718191a1b1c1d1e1f2021222324"
	"25262728292a2b2c2d2e2f3031323334353637";
/* The kernel's own answer, but for its flow label. */
static const char echo_linux_reply[] =
	"6000000000403a40" SELF "fe8000000000000000005efffe005301"
	"8100c30e2b240003cbd8006b000000005334050000000000101112131415161718191a1b1c1d1e1f2021222324"
	"25262728292a2b2c2d2e2f3031323334353637";
static const char dhcp[] = "60000000000c1101" PEER "ff020000000000000000000000010002"
			   "02220223000ccd0801000001";
static const char mld_linux[] = "6000000000240001fe8000000000000000005efffe005301"
				"ff0200000000000000000000000000163a000502000001008f006e0600000001"
				"04000000ff0200000000000000000001ff005301";

static struct packet from_hex(const char *hex)
{
	struct packet p = { 0 };

	for (; *hex; hex += 2) {
		unsigned v;

		assert_int_equal(sscanf(hex, "%2x", &v), 1);
		assert_true(p.len < sizeof(p.b));
		p.b[p.len++] = (uint8_t)v;
	}
	return p;
}

static struct ipv6_nd parse(const struct packet *p)
{
	enum ipv6_nd_drop reason = IPV6_ND_DROP_NONE;
	struct ipv6_nd nd;

	assert_int_equal(ipv6_nd_parse(&self, p->b, p->len, &nd, &reason), 0);
	assert_int_equal(reason, IPV6_ND_DROP_NONE);
	return nd;
}

static void assert_drop(const struct packet *p, enum ipv6_nd_drop want)
{
	enum ipv6_nd_drop reason = IPV6_ND_DROP_NONE;
	struct ipv6_nd nd = { .echo_id = 0x5a5a };

	assert_int_equal(ipv6_nd_parse(&self, p->b, p->len, &nd, &reason), -EBADMSG);
	assert_string_equal(ipv6_nd_drop_name(reason), ipv6_nd_drop_name(want));
	assert_int_equal(nd.echo_id, 0x5a5a);
}

/* Puts the checksum right after a change, so that the change is what is refused. */
static void resum(struct packet *p)
{
	size_t len = (size_t)(p->b[4] << 8 | p->b[5]);
	uint32_t acc = (uint32_t)len + 58;

	p->b[42] = p->b[43] = 0;
	for (size_t i = 8; i < 40 + len; i++)
		acc += i % 2 ? p->b[i] : (uint32_t)p->b[i] << 8;
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	p->b[42] = (uint8_t)(~acc >> 8);
	p->b[43] = (uint8_t)~acc;
}

static void test_kinds(void **state)
{
	static const struct {
		const char *hex;
		enum ipv6_nd_kind kind;
	} row[] = {
		{ rs, IPV6_ND_ROUTER_SOLICIT },		{ rs_link, IPV6_ND_ROUTER_SOLICIT },
		{ rs_unset, IPV6_ND_ROUTER_SOLICIT },	{ rs_linux, IPV6_ND_ROUTER_SOLICIT },
		{ ns, IPV6_ND_NEIGHBOR_SOLICIT },	{ ns_probe, IPV6_ND_NEIGHBOR_SOLICIT },
		{ ns_linux, IPV6_ND_NEIGHBOR_SOLICIT }, { ns_other, IPV6_ND_IGNORE },
		{ ns_probe_linux, IPV6_ND_IGNORE },	{ echo, IPV6_ND_ECHO_REQUEST },
		{ echo_linux, IPV6_ND_ECHO_REQUEST },	{ dhcp, IPV6_ND_DHCP },
		{ mld_linux, IPV6_ND_IGNORE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct packet p = from_hex(row[i].hex);

		assert_int_equal(parse(&p).kind, row[i].kind);
	}
}

static void test_fields(void **state)
{
	struct packet p = from_hex(echo);
	struct ipv6_nd nd = parse(&p);

	(void)state;
	assert_memory_equal(nd.src.b, p.b + 8, 16);
	assert_memory_equal(nd.dst.b, p.b + 24, 16);
	assert_int_equal(nd.echo_id, 0x1234);
	assert_int_equal(nd.echo_seq, 7);
	assert_int_equal(rd_left(&nd.data), 9);
	assert_memory_equal(nd.data.p, "brasberry", 9);
	p = from_hex(dhcp);
	nd = parse(&p);
	assert_int_equal(rd_left(&nd.data), 12);
	p = from_hex(ns);
	nd = parse(&p);
	assert_true(ip6_equal(&nd.target, &self));
}

/* Every truncation is refused; with the IPv6 length shortened along, as what it is then. */
static void test_truncated(void **state)
{
	static const char *const all[] = { rs_link, ns_linux, echo_linux };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct packet whole = from_hex(all[i]), p = whole;

		for (p.len = 0; p.len < whole.len; p.len++)
			assert_drop(&p, IPV6_ND_DROP_SHORT);
	}
	for (size_t len = 0; len < 24; len++) {
		struct packet p = from_hex(ns);

		p.len = 40 + len;
		p.b[5] = (uint8_t)len;
		if (len >= 4)
			resum(&p);
		assert_drop(&p, IPV6_ND_DROP_LENGTH);
	}
	for (size_t len = 4; len < 8; len++) {
		struct packet p = from_hex(rs);

		p.len = 40 + len;
		p.b[5] = (uint8_t)len;
		resum(&p);
		assert_drop(&p, IPV6_ND_DROP_LENGTH);
	}
}

static void test_padding_is_cut_off(void **state)
{
	struct packet p = from_hex(echo);
	struct ipv6_nd nd;

	(void)state;
	p.len += 20;
	nd = parse(&p);
	assert_int_equal(rd_left(&nd.data), 9);
}

static struct packet changed(const char *hex, size_t off, uint8_t value)
{
	struct packet p = from_hex(hex);

	p.b[off] = value;
	resum(&p);
	return p;
}

static void test_refused(void **state)
{
	static const struct {
		const char *hex;
		size_t off;
		uint8_t value;
		enum ipv6_nd_drop want;
	} row[] = {
		{ rs, 0, 0x40, IPV6_ND_DROP_VERSION },
		{ rs, 8, 0xff, IPV6_ND_DROP_SOURCE },	  /* multicast */
		{ rs_unset, 23, 1, IPV6_ND_DROP_SOURCE }, /* ::1 */
		{ rs, 7, 254, IPV6_ND_DROP_HOP_LIMIT },
		{ ns, 7, 64, IPV6_ND_DROP_HOP_LIMIT },
		{ rs, 41, 1, IPV6_ND_DROP_CODE },
		{ echo, 41, 1, IPV6_ND_DROP_CODE },
		{ ns, 48, 0xff, IPV6_ND_DROP_TARGET },
		{ ns_probe, 24, 0xfe, IPV6_ND_DROP_DESTINATION },
		{ ns_probe, 36, 0xfe, IPV6_ND_DROP_DESTINATION },
		{ rs_link, 49, 0, IPV6_ND_DROP_OPTION }, /* of length 0: for ever */
		{ rs_link, 49, 2, IPV6_ND_DROP_OPTION }, /* beyond the end */
		{ ns_linux, 65, 0, IPV6_ND_DROP_OPTION },
		{ ns_linux, 65, 255, IPV6_ND_DROP_OPTION },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct packet p = changed(row[i].hex, row[i].off, row[i].value);

		assert_drop(&p, row[i].want);
	}
}

/* Who is no router speaks as one. */
static void test_not_his_to_say(void **state)
{
	static const struct {
		const char *hex;
		enum ipv6_nd_drop want;
	} row[] = {
		{ "6000000000103aff" PEER "ff020000000000000000000000000001"
		  "86000000400007080000000000000000",
		  IPV6_ND_DROP_ROUTER_ADVERT },
		{ "6000000000083aff" PEER SELF "8600000000000000", IPV6_ND_DROP_ROUTER_ADVERT },
		{ "6000000000283aff" PEER SELF "8900000000000000" SELF PEER,
		  IPV6_ND_DROP_REDIRECT },
		{ "6000000000183aff" PEER "ff020000000000000000000000000001"
		  "8800000020000000" SELF,
		  IPV6_ND_DROP_OUR_ADDRESS },
		{ "60000000000c1101" PEER "ff020000000000000000000000000001"
		  "02230222000c000007000001",
		  IPV6_ND_DROP_DHCP_SERVER },
	};
	struct packet na = from_hex("6000000000183aff" PEER ROUTERS "8800000020000000" PEER);

	(void)state;
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct packet p = from_hex(row[i].hex);

		assert_drop(&p, row[i].want);
	}
	assert_int_equal(parse(&na).kind, IPV6_ND_IGNORE);
}

static void test_checksum_refused(void **state)
{
	static const char *const all[] = { rs_link, ns_linux, echo_linux };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct packet p = from_hex(all[i]);

		for (size_t off = 42; off < p.len; off++) {
			p.b[off] ^= 0x10;
			assert_drop(&p, IPV6_ND_DROP_CHECKSUM);
			p.b[off] ^= 0x10;
		}
	}
}

static void test_link_address_from_unset(void **state)
{
	struct packet p = from_hex(rs_link);

	(void)state;
	memset(p.b + 8, 0, 16);
	resum(&p);
	assert_drop(&p, IPV6_ND_DROP_LINK_ADDRESS);
	p = from_hex(ns_linux);
	memset(p.b + 8, 0, 16);
	resum(&p);
	assert_drop(&p, IPV6_ND_DROP_LINK_ADDRESS);
	p = from_hex(echo);
	memset(p.b + 8, 0, 16);
	resum(&p);
	assert_drop(&p, IPV6_ND_DROP_SOURCE);
}

/* A peer that took our address is told nothing: it would be ourselves. */
static void test_our_source(void **state)
{
	struct packet p = from_hex(ns);

	(void)state;
	memcpy(p.b + 8, self.b, 16);
	resum(&p);
	assert_drop(&p, IPV6_ND_DROP_SOURCE);
}

static void assert_packet(const struct wr *w, int r, const char *want)
{
	struct packet p = from_hex(want);

	assert_int_equal(r, 0);
	assert_int_equal(w->len, p.len);
	assert_memory_equal(w->buf, p.b, p.len);
}

static struct ipv6_ra full_ra(void)
{
	struct ipv6_ra ra = { .hop_limit = 64,
			      .managed = true,
			      .other = true,
			      .lifetime = 1800,
			      .reachable_time = 30000,
			      .retrans_timer = 1000,
			      .mtu = 1492,
			      .prefix_count = 1 };

	assert_int_equal(prefix6_parse("2001:db8:100:7::/64", &ra.prefix[0].prefix), 0);
	ra.prefix[0].on_link = ra.prefix[0].autonomous = true;
	ra.prefix[0].valid = 86400;
	ra.prefix[0].preferred = 14400;
	return ra;
}

static void test_write_ra(void **state)
{
	struct packet to = from_hex(PEER);
	struct ipv6_ra ra = full_ra(), none = { 0 };
	uint8_t buf[IPV6_RA_PACKET_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	struct ip6 peer;
	int r;

	(void)state;
	memcpy(peer.b, to.b, 16);
	r = ipv6_ra_write(&w, &self, &peer, &ra);
	assert_packet(&w, r,
		      "6000000000383aff" TO_PEER "8600848d40c0070800007530000003e8"
		      "05010000000005d4030440c000015180000038400000000020010db8010000070000000000"
		      "000000");
	w = wr_init(buf, sizeof(buf));
	r = ipv6_ra_write(&w, &self, &ipv6_all_nodes, &none);
	assert_packet(&w, r, "6000000000103aff" TO_ALL "86007c2f000000000000000000000000");
	none.prefix_count = IPV6_RA_PREFIXES + 1;
	w = wr_init(buf, sizeof(buf));
	assert_int_equal(ipv6_ra_write(&w, &self, &ipv6_all_nodes, &none), -EINVAL);
	assert_int_equal(w.len, 0);
}

static void test_write_ra_dns_and_nat64(void **state)
{
	static const char *const names[] = { "example.net", "a.example.org." };
	uint8_t buf[IPV6_RA_PACKET_MAX], name_buf[64];
	struct wr w = wr_init(buf, sizeof(buf)), n = wr_init(name_buf, sizeof(name_buf));
	struct ipv6_ra ra = full_ra();
	int r;

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(dname_write(&n, names[i]), 0);
	assert_int_equal(ip6_parse("2001:db8::53", &ra.dns[0]), 0);
	assert_int_equal(ip6_parse("2001:db8:0:1::53", &ra.dns[1]), 0);
	assert_int_equal(prefix6_parse("64:ff9b::/96", &ra.pref64), 0);
	ra.dns_count = 2;
	ra.dns_lifetime = 1800;
	ra.dnssl = name_buf;
	ra.dnssl_len = n.len;
	ra.pref64_lifetime = 1800;
	r = ipv6_ra_write(&w, &self, &ipv6_all_nodes, &ra);
	assert_packet(&w, r,
		      "6000000000983aff" TO_ALL "86004e1e40c0070800007530000003e8"
		      "05010000000005d4030440c000015180000038400000000020010db8010000070000000000"
		      "0000001905000000000708"
		      "20010db800000000000000000000005320010db8000000010000000000000053"
		      "1f05000000000708076578616d706c65036e6574000161076578616d706c65036f72670000"
		      "000000"
		      "260207080064ff9b0000000000000000");
}

/* RFC 8781, section 4: length and code, and the lifetime in eights, rounded up, at the end of its
 * room. */
static void test_pref64_values(void **state)
{
	static const struct {
		const char *prefix;
		uint32_t lifetime;
		uint16_t want; /* scaled lifetime << 3 | code */
	} row[] = {
		{ "64:ff9b::/96", 0, 0 },
		{ "64:ff9b::/96", 8, 1 << 3 },
		{ "64:ff9b::/96", 9, 2 << 3 },
		{ "64:ff9b::/96", 65528, 0xfff8 },
		{ "64:ff9b::/96", 65529, 0xfff8 },
		{ "64:ff9b::/96", UINT32_MAX, 0xfff8 },
		{ "2001:db8:64::/64", 16, 2 << 3 | 1 },
		{ "2001:db8:64::/56", 16, 2 << 3 | 2 },
		{ "2001:db8:64::/48", 16, 2 << 3 | 3 },
		{ "2001:db8::/40", 16, 2 << 3 | 4 },
		{ "2001:db8::/32", 16, 2 << 3 | 5 },
	};
	uint8_t buf[IPV6_RA_PACKET_MAX];

	(void)state;
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct ipv6_ra ra = { .pref64_lifetime = row[i].lifetime };
		struct wr w = wr_init(buf, sizeof(buf));

		assert_int_equal(prefix6_parse(row[i].prefix, &ra.pref64), 0);
		assert_int_equal(ipv6_ra_write(&w, &self, &ipv6_all_nodes, &ra), 0);
		assert_int_equal(w.len, 40 + 16 + 16);
		assert_int_equal(buf[56] << 8 | buf[57], 38 << 8 | 2);
		assert_int_equal(buf[58] << 8 | buf[59], row[i].want);
		assert_memory_equal(buf + 60, ra.pref64.addr.b, 12);
		ra.pref64.len = 95;
		assert_int_equal(ipv6_ra_write(&w, &self, &ipv6_all_nodes, &ra), -EINVAL);
	}
}

/* The largest fits what the header promises; one octet less of room is an error, not an overrun. */
static void test_write_room(void **state)
{
	static const uint8_t names[IPV6_RA_DNSSL];
	uint8_t buf[IPV6_RA_PACKET_MAX + 2];
	struct ipv6_ra ra = full_ra();

	(void)state;
	ra.prefix_count = IPV6_RA_PREFIXES;
	ra.dns_count = IPV6_RA_DNS;
	ra.dnssl = names;
	ra.dnssl_len = sizeof(names);
	assert_int_equal(prefix6_parse("64:ff9b::/96", &ra.pref64), 0);
	for (size_t room = 0; room <= sizeof(buf); room++) {
		struct wr w = wr_init(buf, room);
		int want = room < sizeof(buf) ? -ENOSPC : 0;

		wr_be16(&w, 0x0057); /* what stands before the packet is not part of it */
		assert_int_equal(ipv6_ra_write(&w, &self, &ipv6_all_nodes, &ra), want);
	}
	assert_int_equal(buf[0] << 8 | buf[1], 0x0057);
	assert_int_equal(buf[6] << 8 | buf[7], IPV6_RA_PACKET_MAX - 40);
}

static void test_answers(void **state)
{
	uint8_t buf[256];
	struct packet p = from_hex(ns);
	struct ipv6_nd nd = parse(&p);
	struct wr w = wr_init(buf, IPV6_NA_PACKET_MAX);
	int r = ipv6_na_write(&w, &self, &nd);

	(void)state;
	assert_packet(&w, r, "6000000000183aff" TO_PEER "88006c26e0000000" SELF);
	p = from_hex(ns_probe);
	nd = parse(&p);
	w = wr_init(buf, IPV6_NA_PACKET_MAX);
	r = ipv6_na_write(&w, &self, &nd);
	assert_packet(&w, r, "6000000000183aff" TO_ALL "8800dba4a0000000" SELF);
	p = from_hex(echo);
	nd = parse(&p);
	w = wr_init(buf, sizeof(buf));
	r = ipv6_echo_reply_write(&w, &self, &nd);
	assert_packet(&w, r, "6000000000113a40" TO_PEER "81002db712340007627261736265727279");
	p = from_hex(echo_linux);
	nd = parse(&p);
	w = wr_init(buf, sizeof(buf));
	r = ipv6_echo_reply_write(&w, &self, &nd);
	assert_packet(&w, r, echo_linux_reply);
	w = wr_init(buf, 103);
	assert_int_equal(ipv6_echo_reply_write(&w, &self, &nd), -ENOSPC);
}

/* To all nodes too, and answered from our own address. */
static void test_echo_to_all_nodes(void **state)
{
	struct packet p = from_hex(echo);
	struct ipv6_nd nd;
	uint8_t buf[256];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	memcpy(p.b + 24, ipv6_all_nodes.b, 16);
	resum(&p);
	nd = parse(&p);
	assert_int_equal(nd.kind, IPV6_ND_ECHO_REQUEST);
	assert_int_equal(ipv6_echo_reply_write(&w, &self, &nd), 0);
	assert_memory_equal(buf + 8, self.b, 16);
	p.b[39] = 9; /* some other group */
	resum(&p);
	assert_int_equal(parse(&p).kind, IPV6_ND_IGNORE);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(ipv6_nd_drop_name(IPV6_ND_DROP_HOP_LIMIT), "hop-limit");
	assert_string_equal(ipv6_nd_drop_name(IPV6_ND_DROP_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_padding_is_cut_off),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_checksum_refused),
		cmocka_unit_test(test_not_his_to_say),
		cmocka_unit_test(test_link_address_from_unset),
		cmocka_unit_test(test_our_source),
		cmocka_unit_test(test_write_ra),
		cmocka_unit_test(test_write_ra_dns_and_nat64),
		cmocka_unit_test(test_pref64_values),
		cmocka_unit_test(test_write_room),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_echo_to_all_nodes),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
