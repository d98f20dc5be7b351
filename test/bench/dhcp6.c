/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DHCPv6 server alone: how many exchanges a second, a message in and its answer out, with one
 * address and one prefix each; no daemon, no maps, no kernel. dhcp6 LINES ROUNDS prints rows of a
 * table.
 */
#include "ipv6/checksum.h"
#include "ipv6/dhcp6_msg.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NOW (1000 * NSEC_PER_SEC)

static const struct ip6 self = { .b = { 0xfe, 0x80, [15] = 1 } };
static const struct ip6 peer = { .b = { 0xfe, 0x80, [15] = 7 } };
static const uint8_t duid[] = { 0, 2, 0, 0, 0xaa, 0xbb, 1, 2, 3 };
static const uint8_t client[] = { 0, 3, 0, 1, 2, 0, 0, 0, 0, 1 };
static const struct ip6 dns[2] = { { .b = { 1 } }, { .b = { 2 } } };

static unsigned long answers, binds;

static struct prefix6 lease(enum dhcp6_kind kind)
{
	struct prefix6 p = { .addr = { .b = { 0x20, 0x01, 0x0d, 0xb8 } }, .len = 56 };

	p.addr.b[4] = kind == DHCP6_PD ? 0x80 : 2;
	if (kind == DHCP6_NA)
		p.len = 128;
	return p;
}

static int assign(struct dhcp6_line *line, enum dhcp6_kind kind, unsigned index,
		  const struct prefix6 *hint, struct prefix6 *ret)
{
	(void)line, (void)index, (void)hint;
	*ret = lease(kind);
	return 0;
}

static int bind_(struct dhcp6_line *line, uint64_t now, const struct dhcp6_binding *b,
		 enum dhcp6_bind what, struct rd d)
{
	(void)line, (void)now, (void)b, (void)what, (void)d;
	binds++;
	return 0;
}

static void unbind(struct dhcp6_line *line, uint64_t now, const struct dhcp6_binding *b,
		   enum dhcp6_unbind why)
{
	(void)line, (void)now, (void)b, (void)why;
}

static void transmit(struct dhcp6_line *line, uint64_t now, const uint8_t *packet, size_t len)
{
	(void)line, (void)now, (void)packet, (void)len;
	answers++;
}

static const struct dhcp6_ops ops = {
	.assign = assign, .bind = bind_, .unbind = unbind, .transmit = transmit
};

static void put_ia(struct wr *w, enum dhcp6_kind kind, bool named)
{
	struct prefix6 p = lease(kind);
	size_t at = dhcp6_option_begin(w, kind == DHCP6_PD ? DHCP6_OPT_IA_PD : DHCP6_OPT_IA_NA);

	wr_be32(w, 1);
	wr_zero(w, 8);
	if (named)
		dhcp6_write_lease(w, kind, &p, 0, 0, NULL);
	dhcp6_option_end(w, at);
}

/* As a client sends it: what dhclient asks for, too. */
static size_t build(uint8_t *buf, size_t cap, uint8_t type, uint32_t xid)
{
	static const uint8_t oro[] = { 0, 23, 0, 24, 0, 82 };
	struct wr w = wr_init(buf, cap);
	bool to_one = type != DHCP6_SOLICIT;
	size_t len;

	dhcp6_packet_begin(&w, &peer, &dhcp6_all_servers, type, xid);
	dhcp6_write_bytes(&w, DHCP6_OPT_CLIENTID, client, sizeof(client));
	if (to_one)
		dhcp6_write_bytes(&w, DHCP6_OPT_SERVERID, duid, sizeof(duid));
	dhcp6_write_bytes(&w, DHCP6_OPT_ORO, oro, sizeof(oro));
	dhcp6_write_bytes(&w, DHCP6_OPT_ELAPSED_TIME, "\0\0", 2);
	put_ia(&w, DHCP6_NA, to_one);
	put_ia(&w, DHCP6_PD, to_one);
	len = w.len - 40;
	wr_patch_be16(&w, 4, len);
	wr_patch_be16(&w, 40, DHCP6_CLIENT_PORT);
	wr_patch_be16(&w, 42, DHCP6_SERVER_PORT);
	wr_patch_be16(&w, 44, len);
	wr_patch_be16(&w, 46, ipv6_checksum(&peer, &dhcp6_all_servers, 17, buf + 40, len));
	if (w.bad)
		abort();
	return w.len;
}

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static const struct {
		uint8_t type;
		const char *name;
	} steps[] = { { DHCP6_SOLICIT, "Solicit, Advertise" },
		      { DHCP6_REQUEST, "Request, Reply: two bindings made" },
		      { DHCP6_RENEW, "Renew, Reply: two extended" },
		      { DHCP6_RELEASE, "Release, Reply: two ended" } };
	unsigned lines = argc > 2 ? (unsigned)atoi(argv[1]) : 10000;
	unsigned rounds = argc > 2 ? (unsigned)atoi(argv[2]) : 10;
	struct dhcp6_line *line = calloc(lines, sizeof(*line));
	struct dhcp6_stats stats = { 0 };
	static struct wheel wheel;
	struct dhcp6_ctx ctx = { .wheel = &wheel,
				 .ops = &ops,
				 .stats = &stats,
				 .self = self,
				 .duid_len = sizeof(duid),
				 .values = { .max = { 1, 1 },
					     .preferred = 1800,
					     .valid = 3600,
					     .dns = dns,
					     .dns_count = 2,
					     .sol_max_rt = 3600 } };
	double took[4] = { 0 };

	if (!line)
		return 1;
	memcpy(ctx.duid, duid, sizeof(duid));
	wheel_init(&wheel, NOW);
	for (unsigned i = 0; i < lines; i++)
		dhcp6_line_init(&line[i], &ctx);
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned s = 0; s < 4; s++) {
			uint8_t packet[600];
			size_t len = build(packet, sizeof(packet), steps[s].type, 4 * r + s);
			double began = cpu_s();
			enum dhcp6_drop reason;

			for (unsigned i = 0; i < lines; i++)
				if (dhcp6_line_input(&line[i], NOW, packet, len, &reason))
					return 1;
			took[s] += cpu_s() - began;
		}
	if (answers != 4ul * lines * rounds || binds != 4ul * lines * rounds)
		return 1;
	for (unsigned s = 0; s < 4; s++)
		printf("| %s | %u | %.0f | %.2f |\n", steps[s].name, lines,
		       lines * rounds / took[s], took[s] * 1e6 / (lines * rounds));
	printf("| memory of a line, octets | | %zu | |\n", sizeof(*line));
	free(line);
	return 0;
}
