// SPDX-License-Identifier: GPL-2.0-or-later
/* The dialer's command line. */
#include "base/str.h"
#include "test/dialer/dialer.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
	"usage: dialer -i IFACE [options]: PPPoE subscribers, many in one process\n"
	"  -i IFACE               the access link\n"
	"  -n N                   lines (1)\n"
	"  -u PATTERN             user name; %d is the line's number (user%d)\n"
	"  -p PATTERN             password (secret)\n"
	"  -a METHODS             any, or of pap,chap,mschapv2: others are refused (any)\n"
	"  --rate R               dials a second (1000); 0: at once\n"
	"  --max-outstanding K    dials at the same time (1000)\n"
	"  --retries N            repeats of PADI and PADR, 1, 2, 4, 8 ... s apart (5); from 10 on\n"
	"                         the fourth PADR in vain is followed by a PADI again\n"
	"  --service NAME         Service-Name (empty: any)\n"
	"  --max-payload M        PPP-Max-Payload (RFC 4638)\n"
	"  --mru M                the MRU to ask for, if smaller than the carrier's\n"
	"  --circuit-id, --remote-id TEXT   as an access node adds them; %d as above\n"
	"  --vlan S[.C]           one or two tags; --tpid T the outer one's (8100, with C 88a8)\n"
	"  --qinq-range S-S.C-C   one line for each pair\n"
	"  --mac-base MAC         the first line's (02:bb:00:00:00:00)\n"
	"  --same-mac             all lines have that one\n"
	"  --no-ipv4, --no-ipv6\n"
	"  --pd, --na             a prefix, an address by DHCPv6 as well\n"
	"  --echo-interval S      LCP echo of our own\n"
	"  --no-echo-reply        do not answer theirs\n"
	"  --hold S, --hold-forever   then hang up (for ever, until SIGTERM;\n"
	"                         SIGUSR1: each sends a PADT and is gone)\n"
	"  --flap N               dial again N times after the end\n"
	"  --plumb DEV[@NS]       the line's IP traffic through DEV (%d as above), by BPF\n"
	"  --json, --quiet\n";

enum {
	O_RATE = 256,
	O_OUTSTANDING,
	O_RETRIES,
	O_SERVICE,
	O_MAX_PAYLOAD,
	O_MRU,
	O_CIRCUIT,
	O_REMOTE,
	O_VLAN,
	O_TPID,
	O_QINQ,
	O_MAC_BASE,
	O_SAME_MAC,
	O_NO_IPV4,
	O_NO_IPV6,
	O_PD,
	O_NA,
	O_ECHO,
	O_NO_ECHO,
	O_HOLD,
	O_FOREVER,
	O_FLAP,
	O_PLUMB,
	O_JSON,
	O_QUIET,
	O_HELP,
};

static const struct option longs[] = {
	{ "rate", 1, NULL, O_RATE },
	{ "max-outstanding", 1, NULL, O_OUTSTANDING },
	{ "retries", 1, NULL, O_RETRIES },
	{ "service", 1, NULL, O_SERVICE },
	{ "max-payload", 1, NULL, O_MAX_PAYLOAD },
	{ "mru", 1, NULL, O_MRU },
	{ "circuit-id", 1, NULL, O_CIRCUIT },
	{ "remote-id", 1, NULL, O_REMOTE },
	{ "vlan", 1, NULL, O_VLAN },
	{ "tpid", 1, NULL, O_TPID },
	{ "qinq-range", 1, NULL, O_QINQ },
	{ "mac-base", 1, NULL, O_MAC_BASE },
	{ "same-mac", 0, NULL, O_SAME_MAC },
	{ "no-ipv4", 0, NULL, O_NO_IPV4 },
	{ "no-ipv6", 0, NULL, O_NO_IPV6 },
	{ "pd", 0, NULL, O_PD },
	{ "na", 0, NULL, O_NA },
	{ "echo-interval", 1, NULL, O_ECHO },
	{ "no-echo-reply", 0, NULL, O_NO_ECHO },
	{ "hold", 1, NULL, O_HOLD },
	{ "hold-forever", 0, NULL, O_FOREVER },
	{ "flap", 1, NULL, O_FLAP },
	{ "plumb", 1, NULL, O_PLUMB },
	{ "json", 0, NULL, O_JSON },
	{ "quiet", 0, NULL, O_QUIET },
	{ "help", 0, NULL, O_HELP },
	{ 0 },
};

size_t expand(char *dst, size_t cap, const char *pattern, uint32_t n)
{
	const char *d = strstr(pattern, "%d");
	int len = d ? snprintf(dst, cap, "%.*s%u%s", (int)(d - pattern), pattern, n, d + 2)
		    : snprintf(dst, cap, "%s", pattern);

	return len < 0 ? 0 : (size_t)len < cap ? (size_t)len : cap - 1;
}

static bool number(const char *s, uint64_t min, uint64_t max, uint64_t *ret)
{
	return !str_to_u64(s, min, max, ret);
}

static bool parse_auth(struct options *o, const char *s)
{
	o->auth_mask = 0;
	if (!strcmp(s, "any")) {
		o->auth_mask = 1u << AUTH_PAP | 1u << AUTH_CHAP | 1u << AUTH_MSCHAPV2;
		return true;
	}
	while (*s) {
		size_t n = strcspn(s, ",");
		unsigned a = AUTH_PAP;

		while (a < AUTH_COUNT && (strlen(auth_name(a)) != n || strncmp(auth_name(a), s, n)))
			a++;
		if (a == AUTH_COUNT)
			return false;
		o->auth_mask |= 1u << a;
		s += n + (s[n] == ',');
	}
	return o->auth_mask;
}

/* "S", "S.C", or "S-S.C-C". */
static bool parse_vlan(struct options *o, const char *s, bool range)
{
	unsigned v[4];
	int end = 0;

	o->vlan = true;
	o->qinq_range = range;
	if (range) {
		if (sscanf(s, "%4u-%4u.%4u-%4u%n", &v[0], &v[1], &v[2], &v[3], &end) != 4)
			return false;
		o->qinq = true;
	} else if (sscanf(s, "%4u.%4u%n", &v[0], &v[2], &end) == 2 && !s[end]) {
		o->qinq = true;
		v[1] = v[0];
		v[3] = v[2];
	} else if (sscanf(s, "%4u%n", &v[0], &end) == 1) {
		v[1] = v[0];
		v[2] = v[3] = 1;
	} else {
		return false;
	}
	for (unsigned i = 0; i < 4; i++)
		if (!v[i] || v[i] > 4094)
			return false;
	o->svlan_first = (uint16_t)v[0];
	o->svlan_last = (uint16_t)v[1];
	o->cvlan_first = (uint16_t)v[2];
	o->cvlan_last = (uint16_t)v[3];
	return !s[end] && v[0] <= v[1] && v[2] <= v[3];
}

static bool parse_tpid(struct options *o, const char *s)
{
	o->tpid = (uint16_t)strtoul(s, NULL, 16);
	return o->tpid == 0x8100 || o->tpid == 0x88a8;
}

static bool option_number(struct options *o, int c, const char *s)
{
	uint64_t v = 0;
	bool ok;

	switch (c) {
	case 'n':
		ok = number(s, 1, 1u << 20, &v);
		o->lines = (unsigned)v;
		return ok;
	case O_RATE:
		ok = number(s, 0, 1000000, &v);
		o->rate = (unsigned)v;
		return ok;
	case O_OUTSTANDING:
		ok = number(s, 1, 1u << 20, &v);
		o->max_outstanding = (unsigned)v;
		return ok;
	case O_RETRIES:
		ok = number(s, 0, 100, &v);
		o->retries = (unsigned)v;
		return ok;
	case O_FLAP:
		ok = number(s, 0, 1u << 20, &v);
		o->flap = (unsigned)v;
		return ok;
	case O_MAX_PAYLOAD:
		ok = number(s, 1492, 9000, &v);
		o->max_payload = (uint16_t)v;
		return ok;
	case O_MRU:
		ok = number(s, 128, 9000, &v);
		o->mru = (uint16_t)v;
		return ok;
	case O_ECHO:
		ok = number(s, 1, 3600, &v);
		o->echo_interval = v * NSEC_PER_SEC;
		return ok;
	default: /* O_HOLD */
		ok = number(s, 0, 1u << 20, &v);
		o->hold = v * NSEC_PER_SEC;
		o->hold_forever = false;
		return ok;
	}
}

static bool option_flag(struct options *o, int c)
{
	switch (c) {
	case O_SAME_MAC:
		o->same_mac = true;
		return true;
	case O_NO_IPV4:
		o->ipv4 = false;
		return true;
	case O_NO_IPV6:
		o->ipv6 = false;
		return true;
	case O_PD:
		o->dhcp_pd = true;
		return true;
	case O_NA:
		o->dhcp_na = true;
		return true;
	case O_NO_ECHO:
		o->echo_reply = false;
		return true;
	case O_FOREVER:
		o->hold_forever = true;
		return true;
	case O_JSON:
		o->json = true;
		return true;
	case O_QUIET:
		o->quiet = true;
		return true;
	default:
		return false;
	}
}

static bool option_text(struct options *o, int c, const char *s)
{
	switch (c) {
	case 'i':
		o->ifname = s;
		return true;
	case 'u':
		o->user = s;
		return true;
	case 'p':
		o->password = s;
		return true;
	case 'a':
		return parse_auth(o, s);
	case O_SERVICE:
		o->service = s;
		return true;
	case O_CIRCUIT:
		o->circuit_id = s;
		return true;
	case O_REMOTE:
		o->remote_id = s;
		return true;
	case O_VLAN:
		return parse_vlan(o, s, false);
	case O_QINQ:
		return parse_vlan(o, s, true);
	case O_TPID:
		return parse_tpid(o, s);
	case O_MAC_BASE:
		o->mac_set = true;
		return !mac_parse(s, &o->mac_base);
	case O_PLUMB:
		o->plumb = s;
		return true;
	default:
		return option_number(o, c, s);
	}
}

int options_parse(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){
		.user = "user%d",
		.password = "secret",
		.service = "",
		.lines = 1,
		.rate = 1000,
		.max_outstanding = 1000,
		.retries = 5,
		.ipv4 = true,
		.ipv6 = true,
		.echo_reply = true,
		.hold_forever = true,
		.mac_base = { { 0x02, 0xbb, 0, 0, 0, 0 } },
	};
	parse_auth(o, "any");
	while ((c = getopt_long(argc, argv, "i:n:u:p:a:h", longs, NULL)) != -1) {
		if (c == 'h' || c == O_HELP) {
			fputs(help, stdout);
			return 1;
		}
		if (c == '?' || !(optarg ? option_text(o, c, optarg) : option_flag(o, c))) {
			if (c != '?')
				fprintf(stderr, "dialer: bad value \"%s\"\n", optarg);
			return 3;
		}
	}
	if (!o->ifname || optind != argc || (!o->ipv4 && !o->ipv6)) {
		fputs(help, stderr);
		return 3;
	}
	if (!o->tpid)
		o->tpid = o->qinq ? 0x88a8 : 0x8100;
	if (o->qinq_range)
		o->lines = (o->svlan_last - o->svlan_first + 1u) *
			   (o->cvlan_last - o->cvlan_first + 1u);
	return 0;
}
