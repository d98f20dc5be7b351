// SPDX-License-Identifier: GPL-2.0-or-later
/* The rows of etc/BRASBERRY-MIB.txt: which member of which answer each object is. A test compares
 * the two. */
#include "console/mib.h"

#include <stddef.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const datapaths[] = { "xdp", "tc", NULL };
static const char *const states[] = {
	"discovery", "lcp", "auth", "network", "open", "closing", NULL
};
static const char *const kinds[] = { "address", "prefix", "delegate", NULL };
static const char *const server_states[] = { "up", "dead", "probing", "trial", NULL };

static const struct mib_column box[] = {
	{ "build.0.version", MIB_TEXT, NULL },
	{ "build.0.datapath", MIB_ENUM, datapaths },
	{ "uptime", MIB_TICKS, NULL },
	{ "max-sessions", MIB_GAUGE, NULL },
	{ "states.open", MIB_GAUGE, NULL },
	{ "states.discovery", MIB_GAUGE, NULL },
	{ "states.lcp", MIB_GAUGE, NULL },
	{ "states.auth", MIB_GAUGE, NULL },
	{ "states.network", MIB_GAUGE, NULL },
	{ "states.closing", MIB_GAUGE, NULL },
	{ "process.cpu-us", MIB_COUNTER, NULL },
	{ "process.memory-peak-bytes", MIB_COUNTER, NULL },
	{ "fastpath.hits-up", MIB_COUNTER, NULL },
	{ "fastpath.hits-down", MIB_COUNTER, NULL },
	{ "fastpath.slow-up", MIB_COUNTER, NULL },
	{ "fastpath.slow-down", MIB_COUNTER, NULL },
};

static const struct mib_column counters[] = {
	{ "sessions.opened", MIB_COUNTER, NULL },
	{ "sessions.closed", MIB_COUNTER, NULL },
	{ "sessions.adopted", MIB_COUNTER, NULL },
	{ "sessions.auth-ok", MIB_COUNTER, NULL },
	{ "sessions.auth-failed", MIB_COUNTER, NULL },
	{ "sessions.auth-unreachable", MIB_COUNTER, NULL },
	{ "sessions.auth-waiting", MIB_GAUGE, NULL },
	{ "pppoe.padi-rx", MIB_COUNTER, NULL },
	{ "pppoe.padr-rx", MIB_COUNTER, NULL },
	{ "ppp.echo-tx", MIB_COUNTER, NULL },
	{ "ppp.echo-lost", MIB_COUNTER, NULL },
	{ "shaper.classes-used", MIB_GAUGE, NULL },
	{ "shaper.changes-failed", MIB_COUNTER, NULL },
};

static const struct mib_column nat64[] = {
	{ "bib", MIB_GAUGE, NULL },	  { "sessions", MIB_GAUGE, NULL },
	{ "pool-size", MIB_GAUGE, NULL }, { "pool-used", MIB_GAUGE, NULL },
	{ "drops", MIB_COUNTER, NULL },
};

static const struct mib_column sessions[] = {
	{ "username", MIB_TEXT, NULL },	     { "ifname", MIB_TEXT, NULL },
	{ "svlan", MIB_GAUGE, NULL },	     { "cvlan", MIB_GAUGE, NULL },
	{ "calling-sid", MIB_MAC, NULL },    { "sid", MIB_GAUGE, NULL },
	{ "circuit-id", MIB_TEXT, NULL },    { "state", MIB_ENUM, states },
	{ "ip", MIB_ADDRESS4, NULL },	     { "ip6", MIB_PREFIX6, NULL },
	{ "ip6", MIB_PREFIX6_LEN, NULL },    { "ip6-dp", MIB_PREFIX6, NULL },
	{ "ip6-dp", MIB_PREFIX6_LEN, NULL }, { "uptime", MIB_TICKS, NULL },
	{ "rx-bytes", MIB_COUNTER, NULL },   { "tx-bytes", MIB_COUNTER, NULL },
	{ "rx-pkts", MIB_COUNTER, NULL },    { "tx-pkts", MIB_COUNTER, NULL },
	{ "rate-up", MIB_GAUGE, NULL },	     { "rate-down", MIB_GAUGE, NULL },
	{ "service-name", MIB_TEXT, NULL },  { "mtu", MIB_GAUGE, NULL },
};

static const struct mib_column pools[] = {
	{ "name", MIB_TEXT, NULL },   { "family", MIB_GAUGE, NULL }, { "kind", MIB_ENUM, kinds },
	{ "total", MIB_GAUGE, NULL }, { "used", MIB_GAUGE, NULL },
};

static const struct mib_column servers[] = {
	{ "server", MIB_TEXT, NULL },	      { "auth-port", MIB_GAUGE, NULL },
	{ "acct-port", MIB_GAUGE, NULL },     { "state", MIB_ENUM, server_states },
	{ "inflight", MIB_GAUGE, NULL },      { "requests", MIB_COUNTER, NULL },
	{ "retransmits", MIB_COUNTER, NULL }, { "timeouts", MIB_COUNTER, NULL },
	{ "accepts", MIB_COUNTER, NULL },     { "rejects", MIB_COUNTER, NULL },
	{ "spool", MIB_GAUGE, NULL },
};

static const struct mib_column drops[] = {
	{ "reason", MIB_TEXT, NULL },
	{ "packets", MIB_COUNTER, NULL },
};

static const struct mib_column interfaces[] = {
	{ "name", MIB_TEXT, NULL },
	{ "sessions", MIB_GAUGE, NULL },
};

#define COLUMNS(a) .columns = (a), .count = COUNT(a)

/* Column 1 of a table is its key, which is not accessible. */
const struct mib_table mib_tables[] = {
	{ "brasBox", 1, { "show", "health" }, NULL, MIB_KEY_NONE, 1, COLUMNS(box) },
	{ "brasCounters", 2, { "show", "stat" }, NULL, MIB_KEY_NONE, 1, COLUMNS(counters) },
	{ "brasNat64", 3, { "show", "nat64" }, NULL, MIB_KEY_NONE, 1, COLUMNS(nat64) },
	{ "brasSessionTable", 4, { "show", "sessions" }, NULL, MIB_KEY_ID, 2, COLUMNS(sessions) },
	{ "brasPoolTable", 5, { "show", "pools" }, NULL, MIB_KEY_PLACE, 2, COLUMNS(pools) },
	{ "brasRadiusTable", 6, { "show", "radius" }, NULL, MIB_KEY_PLACE, 2, COLUMNS(servers) },
	{ "brasDropTable", 7, { "show", "drops" }, NULL, MIB_KEY_PLACE, 2, COLUMNS(drops) },
	{ "brasInterfaceTable",
	  8,
	  { "show", "health" },
	  "interfaces",
	  MIB_KEY_PLACE,
	  2,
	  COLUMNS(interfaces) },
};
const unsigned mib_table_count = COUNT(mib_tables);
