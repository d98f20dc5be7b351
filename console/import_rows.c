// SPDX-License-Identifier: GPL-2.0-or-later
/* Every key of accel-ppp's that a concentrator of PPPoE may have, in the order of its manual. */
#include "console/import_row.h"

#define NUM(s, k, to_, tk, lo, hi)                                                                 \
	{                                                                                          \
		.section = (s), .key = (k), .convert = import_number, .to = (to_), .to_key = (tk), \
		.min = (lo), .max = (hi)                                                           \
	}
#define ROW(s, k, fn, to_, tk)                                                                     \
	{                                                                                          \
		.section = (s), .key = (k), .convert = (fn), .to = (to_), .to_key = (tk)           \
	}
#define DIFFERS(s, k, fn, to_, tk, text)                                                           \
	{                                                                                          \
		.section = (s), .key = (k), .convert = (fn), .to = (to_), .to_key = (tk),          \
		.note = (text)                                                                     \
	}
#define ENUM(s, k, to_, tk, list)                                                                  \
	{                                                                                          \
		.section = (s), .key = (k), .convert = import_enum, .to = (to_), .to_key = (tk),   \
		.names = (list)                                                                    \
	}
#define IGNORED(s, k, why)                                                                         \
	{                                                                                          \
		.section = (s), .key = (k), .note = (why)                                          \
	}

#define DAY  86400u
#define YEAR (366u * DAY)

#define FAMILIES   "deny|allow|prefer|require"
#define NOT_PPPOE  "not PPPoE: brasd speaks nothing else"
#define NO_VERBOSE "[log] level says how much is told; brasctl debug USER follows one line"
#define NO_THREADS "brasd has one loop and no threads to set"
#define NO_DEVICES "no device is made for a line, so there is none to name or to keep"
#define ALWAYS	   "always so"
#define NO_CHOICE  "brasd has no such choice"

const struct import_module import_modules[] = {
	{ "radius", "radius" },	  { "chap-secrets", "chap-secrets" },
	{ "ip-pool", "ippool" },  { "ipv6-pool", "ipv6pool" },
	{ "ipv6-nd", "ipv6_nd" }, { "ipv6-dhcp", "ipv6_dhcp" },
	{ "shaper", "shaper" },	  { "pppd-compat", "pppd_compat" },
	{ "snmp", "net-snmp" },	  { "connlimit", "connlimit" },
	{ "metrics", "metrics" },
};
const unsigned import_module_count = ARRAY_SIZE(import_modules);

const struct import_row import_rows[] = {
	IGNORED("core", "thread-count", NO_THREADS),
	IGNORED("core", "*", "[log] target says where to"),
	ENUM("common", "single-session", TO_AUTH, "single-session", "replace|deny"),
	ROW("common", "single-session-ignore-case", import_bool, TO_AUTH,
	    "single-session-ignore-case"),
	NUM("common", "max-sessions", TO_PPPOE, "max-sessions", 1, 1000000),
	NUM("common", "max-starting", TO_PPPOE, "max-starting", 0, 1000000),
	NUM("common", "session-timeout", TO_PPP, "session-timeout", 0, YEAR),
	IGNORED("common", "check-ip", "an address is never given twice"),
	IGNORED("common", "*", NO_CHOICE),

	NUM("ppp", "mtu", TO_PPP, "mtu", 1280, 1500),
	IGNORED("ppp", "mru", "the same as mtu"),
	IGNORED("ppp", "min-mtu", "mtu is the only choice"),
	IGNORED("ppp", "max-mtu", "mtu is the most"),
	ENUM("ppp", "ipv4", TO_PPP, "ipv4", FAMILIES),
	ENUM("ppp", "ipv6", TO_PPP, "ipv6", FAMILIES),
	NUM("ppp", "lcp-echo-interval", TO_PPP, "lcp-echo-interval", 0, 3600),
	NUM("ppp", "lcp-echo-failure", TO_PPP, "lcp-echo-failure", 1, 255),
	DIFFERS("ppp", "lcp-echo-timeout", import_echo_timeout, TO_PPP, "lcp-echo-adaptive",
		"a line is given up after lcp-echo-failure echoes, not after a time"),
	NUM("ppp", "timeout", TO_PPP, "timeout", 1, 60),
	NUM("ppp", "max-configure", TO_PPP, "max-configure", 1, 255),
	NUM("ppp", "max-failure", TO_PPP, "max-failure", 1, 255),
	NUM("ppp", "max-terminate", TO_PPP, "max-terminate", 1, 255),
	IGNORED("ppp", "verbose", NO_VERBOSE),
	IGNORED("ppp", "accomp", "never on PPPoE (RFC 2516, section 7)"),
	IGNORED("ppp", "pcomp", "never on PPPoE (RFC 2516, section 7)"),
	IGNORED("ppp", "mppe", "brasd does not encrypt"),
	IGNORED("ppp", "ccp", "brasd does not compress"),
	IGNORED("ppp", "ccp-max-configure", "brasd does not compress"),
	IGNORED("ppp", "ipv6-intf-id", "ours is that of [ipv6-pool] gw-ip6-address"),
	IGNORED("ppp", "ipv6-peer-intf-id", NO_CHOICE),
	IGNORED("ppp", "ipv6-accept-peer-intf-id", NO_CHOICE),
	IGNORED("ppp", "unit-cache", NO_DEVICES),
	IGNORED("ppp", "unit-preallocate", NO_DEVICES),
	IGNORED("ppp", "check-ip", "an address is never given twice"),

	NUM("auth", "timeout", TO_AUTH, "timeout", 1, 3600),
	NUM("auth", "interval", TO_AUTH, "interval", 0, DAY),
	IGNORED("auth", "max-failure", NO_CHOICE),
	IGNORED("auth", "any-login",
		"everybody has to prove who he is; a line of the users file "
		"may have * as user"),
	IGNORED("auth", "noauth", "everybody has to prove who he is"),
	IGNORED("auth", "challenge-name", "the name in challenges is [pppoe] ac-name"),

	{ .section = "pppoe",
	  .key = "interface",
	  .convert = import_interface,
	  .to = TO_PPPOE,
	  .to_key = "interface" },
	DIFFERS("pppoe", "vlan-mon", import_vlan_mon, TO_PPPOE, "interface",
		"tagged frames are served without a VLAN device, of all tags"),
	IGNORED("pppoe", "vlan-timeout", NO_DEVICES),
	IGNORED("pppoe", "vlan-name", NO_DEVICES),
	ROW("pppoe", "ac-name", import_copy, TO_PPPOE, "ac-name"),
	ROW("pppoe", "AC-Name", import_copy, TO_PPPOE, "ac-name"),
	ROW("pppoe", "service-name", import_list, TO_PPPOE, "service-name"),
	ROW("pppoe", "Service-Name", import_list, TO_PPPOE, "service-name"),
	ROW("pppoe", "accept-any-service", import_bool, TO_PPPOE, "accept-any-service"),
	ROW("pppoe", "accept-blank-service", import_bool, TO_PPPOE, "accept-blank-service"),
	ROW("pppoe", "pado-delay", import_raw, TO_PPPOE, "pado-delay"),
	ROW("pppoe", "PADO-Delay", import_raw, TO_PPPOE, "pado-delay"),
	ROW("pppoe", "mac-filter", import_raw, TO_PPPOE, "mac-filter"),
	NUM("pppoe", "padi-limit", TO_PPPOE, "padi-limit", 0, 1000000),
	NUM("pppoe", "cookie-timeout", TO_PPPOE, "cookie-timeout", 1, 3600),
	NUM("pppoe", "session-timeout", TO_PPP, "session-timeout", 0, YEAR),
	IGNORED("pppoe", "verbose", NO_VERBOSE),
	IGNORED("pppoe", "called-sid", NO_CHOICE),
	IGNORED("pppoe", "ifname-in-sid", "Calling-Station-Id is the MAC address"),
	IGNORED("pppoe", "sid-uppercase", "Calling-Station-Id has lower case letters"),
	IGNORED("pppoe", "tr101", ALWAYS),
	IGNORED("pppoe", "mppe", "brasd does not encrypt"),
	IGNORED("pppoe", "ifname", NO_DEVICES),
	IGNORED("pppoe", "ip-pool", "the pool without a name is everybody's; RADIUS names others"),
	IGNORED("pppoe", "ipv6-pool", "the pool without a name is everybody's"),
	IGNORED("pppoe", "ipv6-pool-delegate", "the pool without a name is everybody's"),

	ROW("dns", "dns1", import_host, TO_DNS, "dns1"),
	ROW("dns", "dns2", import_host, TO_DNS, "dns2"),
	IGNORED("wins", "*", "NetBIOS name servers are not told"),
	IGNORED("client-ip-range", "*", "of no use to PPPoE"),

	ROW("ip-pool", "gw-ip-address", import_host, TO_IP_POOL, "gw-ip-address"),
	ROW("ip-pool", "", import_ip_range, TO_IP_POOL, "pool"),
	IGNORED("ip-pool", "attr", "Framed-Pool names a pool"),
	IGNORED("ip-pool", "vendor", "Framed-Pool names a pool"),
	IGNORED("ip-pool", "shuffle", NO_CHOICE),
	IGNORED("ip-pool", "reload-orphan", "brasctl reload says what sessions use"),

	IGNORED("ipv6-pool", "gw-ip6-address",
		"ours on each line is link-local, fe80::1 when nothing is said"),
	ROW("ipv6-pool", "", import_prefix, TO_IPV6_POOL, "prefix"),
	ROW("ipv6-pool", "delegate", import_prefix, TO_IPV6_POOL, "delegate"),
	IGNORED("ipv6-pool", "*", "Framed-IPv6-Pool and Delegated-IPv6-Prefix-Pool name pools"),

	{ .section = "ipv6-dns",
	  .key = "",
	  .convert = import_address,
	  .to = TO_IPV6_DNS,
	  .to_key = "dns",
	  .min = 1 },
	{ .section = "ipv6-dns",
	  .key = "dns",
	  .convert = import_address,
	  .to = TO_IPV6_DNS,
	  .to_key = "dns",
	  .min = 1 },
	ROW("ipv6-dns", "dnssl", import_list, TO_IPV6_DNS, "dnssl"),
	NUM("ipv6-dns", "lifetime", TO_IPV6_DNS, "lifetime", 0, YEAR),

	NUM("ipv6-dhcp", "pref-lifetime", TO_IPV6_DHCP, "pref-lifetime", 120, YEAR),
	NUM("ipv6-dhcp", "valid-lifetime", TO_IPV6_DHCP, "valid-lifetime", 120, YEAR),
	IGNORED("ipv6-dhcp", "verbose", NO_VERBOSE),
	IGNORED("ipv6-dhcp", "route-via-gw", ALWAYS),
	IGNORED("ipv6-dhcp", "server-id", "brasd makes one of its own, and keeps it"),
	IGNORED("ipv6-dhcp", "aftr-gw", "DS-Lite is not there; [nat64] is"),

	NUM("ipv6-nd", "MaxRtrAdvInterval", TO_IPV6_ND, "MaxRtrAdvInterval", 4, 1800),
	NUM("ipv6-nd", "AdvDefaultLifetime", TO_IPV6_ND, "AdvDefaultLifetime", 0, 9000),
	NUM("ipv6-nd", "AdvValidLifetime", TO_IPV6_ND, "AdvValidLifetime", 1, YEAR),
	NUM("ipv6-nd", "AdvPreferredLifetime", TO_IPV6_ND, "AdvPreferredLifetime", 1, YEAR),
	NUM("ipv6-nd", "AdvCurHopLimit", TO_IPV6_ND, "AdvCurHopLimit", 0, 255),
	ROW("ipv6-nd", "AdvOnLinkFlag", import_bool, TO_IPV6_ND, "AdvOnLinkFlag"),
	ROW("ipv6-nd", "AdvAutonomousFlag", import_bool, TO_IPV6_ND, "AdvAutonomousFlag"),
	ROW("ipv6-nd", "AdvManagedFlag", import_bool, TO_IPV6_ND, "AdvManagedFlag"),
	ROW("ipv6-nd", "AdvOtherConfigFlag", import_bool, TO_IPV6_ND, "AdvOtherConfigFlag"),
	IGNORED("ipv6-nd", "*", "a number that brasd chooses"),

	ROW("radius", "server", import_server, TO_RADIUS, "server"),
	ROW("radius", "dae-server", import_endpoint_secret, TO_RADIUS, "dae-server"),
	ROW("radius", "dae-allowed", import_addresses, TO_RADIUS, "dae-allowed"),
	ROW("radius", "nas-identifier", import_copy, TO_RADIUS, "nas-identifier"),
	ROW("radius", "nas-ip-address", import_host, TO_RADIUS, "nas-ip-address"),
	ROW("radius", "gw-ip-address", import_host, TO_IP_POOL, "gw-ip-address"),
	ROW("radius", "bind", import_address, TO_RADIUS, "bind"),
	NUM("radius", "timeout", TO_RADIUS, "timeout", 1, 60),
	NUM("radius", "max-try", TO_RADIUS, "max-try", 1, 10),
	NUM("radius", "req-limit", TO_RADIUS, "req-limit", 1, 256),
	{ .section = "radius",
	  .key = "fail-timeout",
	  .convert = import_fail_timeout,
	  .to = TO_RADIUS,
	  .to_key = "fail-timeout",
	  .min = 1,
	  .max = 3600 },
	NUM("radius", "acct-interim-interval", TO_RADIUS, "acct-interim-interval", 0, DAY),
	ROW("radius", "default-realm", import_copy, TO_RADIUS, "default-realm"),
	ROW("radius", "strip-realm", import_bool, TO_RADIUS, "strip-realm"),
	IGNORED("radius", "auth-server", "an old form: server = ADDRESS,SECRET"),
	IGNORED("radius", "acct-server", "an old form: server = ADDRESS,SECRET"),
	IGNORED("radius", "verbose", NO_VERBOSE),
	IGNORED("radius", "interim-verbose", NO_VERBOSE),
	IGNORED("radius", "acct-timeout",
		"records wait on disk until a server answers; a line never ends for it"),
	IGNORED("radius", "acct-interim-jitter", NO_CHOICE),
	IGNORED("radius", "acct-delay-time", ALWAYS),
	IGNORED("radius", "acct-delay-start", NO_CHOICE),
	IGNORED("radius", "acct-on", ALWAYS),
	IGNORED("radius", "dictionary", "brasd's own is installed with it"),
	IGNORED("radius", "blast-protection", "[radius] require-message-authenticator is auto"),
	IGNORED("radius", "*", NO_CHOICE),

	ENUM("shaper", "up-limiter", TO_SHAPER, "up", "htb|police"),
	{ .section = "shaper",
	  .key = "down-limiter",
	  .convert = import_down_limiter,
	  .to = TO_SHAPER,
	  .to_key = "mode" },
	ROW("shaper", "rate-limit", import_raw, TO_SHAPER, "default"),
	ROW("shaper", "time-range", import_raw, TO_SHAPER, "time-range"),
	IGNORED("shaper", "attr", "all attributes with speeds are known; [shaper] attributes"),
	IGNORED("shaper", "attr-down", "all attributes with speeds are known"),
	IGNORED("shaper", "attr-up", "all attributes with speeds are known"),
	IGNORED("shaper", "vendor", "all attributes with speeds are known"),
	IGNORED("shaper", "rate-multiplier",
		"each attribute has the unit of who made it; look at brasd.conf(5), SPEEDS"),
	IGNORED("shaper", "ifb", "needs none"),
	IGNORED("shaper", "leaf-qdisc", "fq_codel down, and [shaper] up-leaf"),
	IGNORED("shaper", "verbose", NO_VERBOSE),
	IGNORED("shaper", "*", "brasd computes it from the speed"),

	{ .section = "pppd-compat",
	  .key = "ip-up",
	  .convert = import_copy,
	  .to = TO_HOOKS,
	  .to_key = "ip-up" },
	{ .section = "pppd-compat",
	  .key = "ip-down",
	  .convert = import_copy,
	  .to = TO_HOOKS,
	  .to_key = "ip-down" },
	{ .section = "pppd-compat",
	  .key = "ip-change",
	  .convert = import_copy,
	  .to = TO_HOOKS,
	  .to_key = "ip-change" },
	{ .section = "pppd-compat",
	  .key = "fork-limit",
	  .convert = import_number,
	  .to = TO_HOOKS,
	  .to_key = "fork-limit",
	  .min = 1,
	  .max = 64 },
	IGNORED("pppd-compat", "radattr-prefix",
		"[hooks] radattr-prefix; with the systemd unit below /run/brasberry/INSTANCE"),
	IGNORED("pppd-compat", "ip-pre-up", "ip-up runs when the line is there"),
	IGNORED("pppd-compat", "verbose", NO_VERBOSE),

	ROW("chap-secrets", "gw-ip-address", import_host, TO_IP_POOL, "gw-ip-address"),
	DIFFERS("chap-secrets", "chap-secrets", import_copy, TO_AUTH, "users-file",
		"the columns are the same; check it with brasd -t"),
	IGNORED("chap-secrets", "*", "secrets stand in the users file as they are"),

	{ .section = "log",
	  .key = "level",
	  .convert = import_log_level,
	  .to = TO_LOG,
	  .to_key = "level" },
	IGNORED("log", "*", "the log goes to stderr, journald or syslog: [log] target"),
	IGNORED("log-pgsql", "*", "the log goes to stderr, journald or syslog: [log] target"),

	ROW("cli", "telnet", import_telnet, TO_CLI, "telnet"),
	IGNORED("cli", "tcp", "scripts may use the telnet port, or brasctl"),
	IGNORED("cli", "password", "[cli] user has names and hashed passwords: brasctl passwd"),
	IGNORED("cli", "*", NO_CHOICE),
	IGNORED("snmp", "*", "brasd-snmp(8) is told all by its command line; its MIB is our own"),
	IGNORED("connlimit", "*", "[pppoe] padi-limit and limits of each MAC address, always on"),
	DIFFERS("metrics", "address", import_raw, TO_HTTP, "listen",
		"names of the metrics are brasberry's: etc/grafana.json"),
	IGNORED("metrics", "*", NO_CHOICE),

	IGNORED("pptp", "*", NOT_PPPOE),
	IGNORED("l2tp", "*", NOT_PPPOE),
	IGNORED("sstp", "*", NOT_PPPOE),
	IGNORED("ipoe", "*", NOT_PPPOE),
};
const unsigned import_row_count = ARRAY_SIZE(import_rows);
