// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any packet into ipv6_nd_parse(), once as it is and once with the checksum put right, which random
 * octets never are. What is found good must be answerable; our answers are checked against the
 * sum of their own.
 */
#include "ipv6/nd.h"

#include <stdlib.h>

static const struct ip6 self = { .b = { 0xfe, 0x80, [15] = 1 } };

/* RFC 1071 the slow way, over pseudo header and message. */
static uint16_t icmp_sum(const uint8_t *packet, size_t len)
{
	uint64_t acc = (len - 40) + 58;

	for (size_t i = 8; i < len; i++)
		acc += i % 2 ? packet[i] : (uint64_t)packet[i] << 8;
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return (uint16_t)acc;
}

static void expect(bool ok)
{
	if (!ok)
		abort();
}

static void check_answer(const struct wr *w, int r)
{
	expect(!r && w->len >= 48);
	expect((size_t)(w->buf[4] << 8 | w->buf[5]) == w->len - 40);
	expect(icmp_sum(w->buf, w->len) == 0xffff);
}

static void run(const uint8_t *packet, size_t len)
{
	enum ipv6_nd_drop reason = IPV6_ND_DROP_NONE;
	struct ipv6_nd nd;
	uint8_t buf[4096];
	struct wr w = wr_init(buf, sizeof(buf));
	int r = ipv6_nd_parse(&self, packet, len, &nd, &reason);

	expect(r ? reason > IPV6_ND_DROP_NONE && reason < IPV6_ND_DROP_COUNT : !reason);
	if (r)
		return;
	switch (nd.kind) {
	case IPV6_ND_IGNORE:
	case IPV6_ND_ROUTER_SOLICIT:
		break;
	case IPV6_ND_DHCP:
		expect(rd_left(&nd.data) >= 4 && nd.data.end <= packet + len);
		break;
	case IPV6_ND_NEIGHBOR_SOLICIT:
		expect(ip6_equal(&nd.target, &self));
		r = ipv6_na_write(&w, &self, &nd);
		check_answer(&w, r);
		break;
	case IPV6_ND_ECHO_REQUEST:
		expect(nd.data.p >= packet + 48 && nd.data.end <= packet + len);
		r = ipv6_echo_reply_write(&w, &self, &nd);
		check_answer(&w, r);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t payload = size >= 44 ? (size_t)(data[4] << 8 | data[5]) : 0;
	uint8_t *copy =
		malloc(size ? size : 1); /* exactly as long: the sanitizer sees one too many */

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	run(copy, size);
	if (payload >= 4 && payload + 40 <= size && size <= 3000) {
		uint16_t sum;

		copy[42] = copy[43] = 0;
		sum = (uint16_t)~icmp_sum(copy, payload + 40);
		copy[42] = (uint8_t)(sum >> 8);
		copy[43] = (uint8_t)sum;
		run(copy, size);
	}
	free(copy);
	return 0;
}
