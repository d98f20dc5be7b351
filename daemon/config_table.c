// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every keyword of the configuration, a row each. The row makes the check, the effective dump
 * and the options part of the manual page.
 */
#include "daemon/config_table.h"
#include "daemon/telnet.h"
#include "daemon/lease.h"

#define FIELD(f) .offset = offsetof(struct config, f), .size = sizeof(((struct config *)0)->f)
#define LIST(f, n, most)                                                                           \
	.offset = offsetof(struct config, f), .size = sizeof(*((struct config *)0)->f),            \
	.count_offset = offsetof(struct config, n), .items_max = (most)
#define NUMBER(f, lo, hi) .type = &config_type_number, FIELD(f), .min = (lo), .max = (hi)
#define BOOL(f)		  .type = &config_type_bool, FIELD(f)
#define ENUM(f, n)	  .type = &config_type_enum, FIELD(f), .names = (n)
#define DAY		  86400u
#define YEAR		  (366u * DAY)

static const char *const mode_names[] = { "deny", "allow", "prefer", "require", NULL };
static const char *const method_names[] = { "pap", "chap-md5", "mschap-v2", NULL };
static const char *const log_format_names[] = { "text", "json", NULL };
static const char *const log_target_names[] = { "auto", "stderr", "journal", "syslog", NULL };
static const char *const auto_names[] = { "auto", "yes", "no", NULL };
static const char *const single_names[] = { "allow", "replace", "deny", NULL };
static const char *const username_names[] = { "ppp", "circuit-id", "remote-id", "mac", NULL };
static const char *const datapath_names[] = { "auto", "xdp", "tc", NULL };
static const char *const where_names[] = { "edge", "forwarded", NULL };
static const char *const fastpath_names[] = { "flows", "routed", "off", NULL };
static const char *const shaper_names[] = { "htb", "tbf", "off", NULL };
static const char *const bad_rate_names[] = { "default", "refuse", NULL };
static const char *const dict_names[] = {
#define X(id, name) name,
	SHAPER_DICTS(X)
#undef X
		NULL
};
static const char *const up_names[] = { "htb", "police", NULL };
static const char *const up_leaf_names[] = { "fifo", "fq_codel", NULL };
static const char *const period_names[] = { "none", "daily", "weekly", "monthly", NULL };
static const char *const nat64_names[] = { "auto", "jool", "tayga", "off", NULL };
static const char *const framework_names[] = { "netfilter", "iptables", NULL };
static const char *const serve_names[] = { "subscribers", "any", NULL };
static const char *const seccomp_names[] = { "on", "log", "off", NULL };

static const struct config_row profile_list = {
	LIST(profile_texts, profile_text_count, 1024),
};

const struct config_section config_sections[] = {
	{ "pppoe", "Discovery (RFC 2516) on the access interfaces.", NULL },
	{ "ppp", "The PPP link (RFC 1661) of every session.", NULL },
	{ "auth", "How subscribers prove who they are.", NULL },
	{ "ip-pool", "IPv4 addresses of subscribers.", NULL },
	{ "dns", "Name servers that IPCP tells (RFC 1877).", NULL },
	{ "ipv6-pool", "IPv6 prefixes of subscribers.", NULL },
	{ "ipv6-nd", "Router advertisements (RFC 4861, 8781); the keys are radvd's.", NULL },
	{ "ipv6-dns", "Name servers that router advertisements and DHCPv6 tell.", NULL },
	{ "ipv6-dhcp", "Prefixes and addresses by DHCPv6 (RFC 8415).", NULL },
	{ "radius", "RADIUS servers (RFC 2865, 2866, 5176).", NULL },
	{ "shaper", "Speeds.", NULL },
	{ "profile", "A speed with a name, for RADIUS attributes and the console.", &profile_list },
	{ "subscriber", "The device that stands for all subscribers, and the data plane.", NULL },
	{ "nat44", "Address translation of IPv4 subscribers.", NULL },
	{ "nat64", "IPv4 for subscribers with IPv6 only (RFC 6146).", NULL },
	{ "dns64", "Synthesised addresses for NAT64 (RFC 6147).", NULL },
	{ "mirror", "Copies of subscribers' traffic.", NULL },
	{ "cli", "The telnet console.", NULL },
	{ "http", "Metrics and JSON over HTTP.", NULL },
	{ "hooks", "Scripts for lines that come and go.", NULL },
	{ "privileges", "What brasd may do to this machine.", NULL },
	{ "log", "What is told.", NULL },
};
const unsigned config_section_count = ARRAY_SIZE(config_sections);

const struct config_row config_rows[] = {
	{ .section = "pppoe",
	  .key = "interface",
	  .type = &config_type_interface,
	  LIST(pppoe.interfaces, pppoe.interface_count, ABI_PORTS_MAX - 1),
	  .flags = CONFIG_REPEAT,
	  .help = "An access interface, with a limit of sessions and of PADI a second of "
		  "its own where given. At least one. Tagged frames arrive here as well: "
		  "no VLAN device is needed, but lines with two tags need an MTU that is "
		  "4 octets larger." },
	{ .section = "pppoe",
	  .key = "ac-name",
	  .type = &config_type_text,
	  FIELD(pppoe.ac_name),
	  .def = "brasberry",
	  .help = "What the concentrator calls itself: AC-Name, and the name in CHAP "
		  "challenges and of the users file's server column." },
	{ .section = "pppoe",
	  .key = "service-name",
	  .type = &config_type_text,
	  LIST(pppoe.service_names, pppoe.service_name_count, 64),
	  .flags = CONFIG_REPEAT,
	  .help = "A service that is offered; several may stand on a line." },
	{ .section = "pppoe",
	  .key = "accept-any-service",
	  BOOL(pppoe.accept_any_service),
	  .def = "yes",
	  .help = "Whether a request for a service that is not in the list is answered." },
	{ .section = "pppoe",
	  .key = "accept-blank-service",
	  BOOL(pppoe.accept_blank_service),
	  .def = "yes",
	  .help = "Whether a request for no particular service is answered." },
	{ .section = "pppoe",
	  .key = "max-sessions",
	  NUMBER(pppoe.max_sessions, 1, 1000000),
	  .def = "4096",
	  .help = "Sessions in all. Tables are sized for it at start." },
	{ .section = "pppoe",
	  .key = "max-starting",
	  NUMBER(pppoe.max_starting, 0, 1000000),
	  .def = "1024",
	  .help = "Sessions that are not up yet, in all; 0 is no limit. Others wait for a few "
		  "seconds, 4096 at most." },
	{ .section = "pppoe",
	  .key = "max-sessions-per-mac",
	  NUMBER(pppoe.max_sessions_per_mac, 0, 65535),
	  .def = "8",
	  .help = "Sessions of one MAC address on one line; 0 is no limit." },
	{ .section = "pppoe",
	  .key = "max-sessions-per-vlan",
	  NUMBER(pppoe.max_sessions_per_vlan, 0, 65535),
	  .def = "0",
	  .help = "Sessions of one VLAN or pair of VLANs, whatever their MAC addresses, where each "
		  "customer has one of their own; 0 is no limit. A line without a tag has none." },
	{ .section = "pppoe",
	  .key = "max-sessions-per-circuit-id",
	  NUMBER(pppoe.max_sessions_per_circuit_id, 0, 65535),
	  .def = "0",
	  .help = "Sessions of one circuit id on one interface, whatever their MAC addresses and "
		  "VLANs, where the access node adds one to what each customer sends; 0 is no "
		  "limit. An access node that lets customers add their own makes it worth nothing." },
	{ .section = "pppoe",
	  .key = "padi-limit",
	  NUMBER(pppoe.padi_limit, 0, 1000000),
	  .def = "0",
	  .help = "PADI answered a second and interface; 0 is no limit." },
	{ .section = "pppoe",
	  .key = "padr-limit",
	  NUMBER(pppoe.padr_limit, 0, 1000000),
	  .def = "0",
	  .help = "PADR taken a second and interface; 0 is no limit." },
	{ .section = "pppoe",
	  .key = "pado-delay",
	  .type = &config_type_pado_delay,
	  LIST(pppoe.pado_delays, pppoe.pado_delay_count, CONFIG_FIELDS_MAX),
	  .def = "0",
	  .help = "How long an offer is held back, in milliseconds, and from how many "
		  "sessions on: 0,100:1000,200:2000,-1:4000. A delay of -1 offers "
		  "nothing. With it, a second concentrator takes over before the first is "
		  "full." },
	{ .section = "pppoe",
	  .key = "mac-filter",
	  .type = &config_type_mac_filter,
	  FIELD(pppoe.mac_filter),
	  .help = "A file of MAC addresses, one a line, and whether only they are served "
		  "(allow) or they are not (deny)." },
	{ .section = "pppoe",
	  .key = "cookie-timeout",
	  NUMBER(pppoe.cookie_timeout, 1, 3600),
	  .def = "30",
	  .help = "Seconds that a PADO's cookie is good for." },
	{ .section = "pppoe",
	  .key = "padt-unknown-limit",
	  NUMBER(pppoe.padt_unknown_limit, 0, 1000000),
	  .def = "100",
	  .help = "PADT a second in answer to data of sessions that do not exist, so that "
		  "after an outage customers redial at once; 0 is no limit." },
	{ .section = "ppp",
	  .key = "mtu",
	  NUMBER(ppp.mtu, 576, 1500),
	  .def = "1492",
	  .help = "The largest IP packet of a session. Above 1492 only for clients that "
		  "ask for it (RFC 4638), and the access interface must carry 8 octets "
		  "more. At least 1280 with IPv6." },
	{ .section = "ppp",
	  .key = "ipv4",
	  ENUM(ppp.ipv4, mode_names),
	  .def = "allow",
	  .help = "IPCP: refuse it, take it, ask for it, insist on it." },
	{ .section = "ppp",
	  .key = "ipv6",
	  ENUM(ppp.ipv6, mode_names),
	  .def = "allow",
	  .help = "The same of IPV6CP." },
	{ .section = "ppp",
	  .key = "lcp-echo-interval",
	  NUMBER(ppp.lcp_echo_interval, 0, 3600),
	  .def = "30",
	  .help = "Seconds between LCP Echo-Requests; 0 is none." },
	{ .section = "ppp",
	  .key = "lcp-echo-failure",
	  NUMBER(ppp.lcp_echo_failure, 1, 255),
	  .def = "3",
	  .help = "Echo-Requests without an answer that end the session." },
	{ .section = "ppp",
	  .key = "lcp-echo-adaptive",
	  BOOL(ppp.lcp_echo_adaptive),
	  .def = "yes",
	  .help = "No Echo-Request while the subscriber's packets arrive." },
	{ .section = "ppp",
	  .key = "timeout",
	  NUMBER(ppp.timeout, 1, 60),
	  .def = "3",
	  .help = "The restart timer: seconds until an unanswered request is sent again." },
	{ .section = "ppp",
	  .key = "max-configure",
	  NUMBER(ppp.max_configure, 1, 255),
	  .def = "10",
	  .help = "Configure-Requests without an answer until the link is given up." },
	{ .section = "ppp",
	  .key = "max-terminate",
	  NUMBER(ppp.max_terminate, 1, 255),
	  .def = "2",
	  .help = "Terminate-Requests without an answer." },
	{ .section = "ppp",
	  .key = "max-failure",
	  NUMBER(ppp.max_failure, 1, 255),
	  .def = "5",
	  .help = "Configure-Naks until an option is rejected." },
	{ .section = "ppp",
	  .key = "ncp-timeout",
	  NUMBER(ppp.ncp_timeout, 0, 3600),
	  .def = "60",
	  .help = "Seconds that a link may live with neither IPCP nor IPV6CP open; 0 is "
		  "no limit." },
	{ .section = "ppp",
	  .key = "session-timeout",
	  NUMBER(ppp.session_timeout, 0, YEAR),
	  .def = "0",
	  .help = "Seconds until a session is ended; 0 is never. A server's Session-Timeout "
		  "counts instead; where it comes with a Termination-Action of RADIUS-Request, "
		  "the subscriber is authenticated anew then, and the line goes on by the new "
		  "answer. CHAP asks it once more. PPP has no way to ask for a password once "
		  "more, so a PAP line's is kept in memory where its Accept had that "
		  "Termination-Action, and only there: it is wiped with the line or with an "
		  "Accept that says otherwise, and lies in no file. A brasd that was restarted "
		  "does not know it, and such a line ends with its Session-Timeout." },
	{ .section = "ppp",
	  .key = "idle-timeout",
	  NUMBER(ppp.idle_timeout, 0, YEAR),
	  .def = "0",
	  .help = "Seconds without a packet from the subscriber until a session is ended; "
		  "0 is never." },
	{ .section = "auth",
	  .key = "methods",
	  .type = &config_type_enum_list,
	  .names = method_names,
	  .fixed = true,
	  LIST(auth.methods, auth.method_count, PPP_AUTH_MAX),
	  .def = "chap-md5,mschap-v2,pap",
	  .help = "In the order offered." },
	{ .section = "auth",
	  .key = "users-file",
	  .type = &config_type_path,
	  FIELD(auth.users_file),
	  .help = "Who may dial in, in the form of chap-secrets: user server secret "
		  "address rate. Read again when it changes. Used when no RADIUS server "
		  "is given, or with users-file-first." },
	{ .section = "auth",
	  .key = "users-file-first",
	  BOOL(auth.users_file_first),
	  .def = "no",
	  .help = "Ask the users file before RADIUS; whom it does not know, the servers are asked "
		  "for. Where the servers are slow, discovery answers slow down for everybody: who "
		  "calls is not known yet then." },
	{ .section = "auth",
	  .key = "timeout",
	  NUMBER(auth.timeout, 1, 3600),
	  .def = "30",
	  .help = "Seconds that a subscriber has to authenticate." },
	{ .section = "auth",
	  .key = "interval",
	  NUMBER(auth.interval, 0, DAY),
	  .def = "0",
	  .help = "Seconds between CHAP challenges of an open session; 0 is never again." },
	{ .section = "auth",
	  .key = "single-session",
	  ENUM(auth.single_session, single_names),
	  .def = "allow",
	  .help = "What a login means for the sessions that its user has already: allow "
		  "leaves them, replace ends them, deny refuses the login." },
	{ .section = "auth",
	  .key = "single-session-ignore-case",
	  BOOL(auth.single_session_ignore_case),
	  .def = "no",
	  .help = "Whether names that differ in case only are one user." },
	{ .section = "auth",
	  .key = "username",
	  ENUM(auth.username, username_names),
	  .def = "ppp",
	  .help = "Who a line is: ppp takes the name and the proof that the subscriber "
		  "gives. With circuit-id, remote-id (what the access node adds, TR-101) or "
		  "mac (as 02:00:5e:00:53:01), the user is the line: what the subscriber says "
		  "does not matter, and the servers, or the users file, get this name and "
		  "line-password by PAP, without realm rules. Methods may then be pap and "
		  "chap-md5 only. A line without such an id is refused. Access nodes must "
		  "overwrite ids that subscribers send, and a MAC address is easily copied." },
	{ .section = "auth",
	  .key = "line-password",
	  .type = &config_type_secret,
	  FIELD(auth.line_password),
	  .help = "The password that goes with such a name. Without it, the name itself." },
	{ .section = "ip-pool",
	  .key = "gw-ip-address",
	  .type = &config_type_ip4,
	  FIELD(ip_pool.gw_ip_address),
	  .help = "Our address on every line. It is never given out." },
	{ .section = "ip-pool",
	  .key = "pool",
	  .type = &config_type_pool,
	  LIST(ip_pool.pools, ip_pool.pool_count, 1024),
	  .flags = CONFIG_REPEAT,
	  .help = "A range, as prefix or as two addresses. Ranges of one name are one "
		  "pool; those without a name are the default pool. Network and broadcast "
		  "address of a prefix, and the gateway, are not given out." },
	{ .section = "dns",
	  .key = "dns1",
	  .type = &config_type_ip4,
	  FIELD(dns.dns1),
	  .help = "The first name server." },
	{ .section = "dns",
	  .key = "dns2",
	  .type = &config_type_ip4,
	  FIELD(dns.dns2),
	  .help = "The second." },
#include "daemon/config_rows_ipv6.h"
	{ .section = "radius",
	  .key = "server",
	  .type = &config_type_radius_server,
	  LIST(radius.servers, radius.server_count, 16),
	  .flags = CONFIG_REPEAT,
	  .help = "A server's address, the secret shared with it, and its ports (1812 and "
		  "1813; 0: not used for it). Tried in this order. Neighbours that have a weight "
		  "are of one rank and share the requests by it. A backup is asked when no "
		  "other server lives, or none has answered." },
	{ .section = "radius",
	  .key = "bind",
	  .type = &config_type_address,
	  LIST(radius.binds, radius.bind_count, 2),
	  .flags = CONFIG_REPEAT,
	  .help = "Where requests come from: an address of ours, one for each family." },
	{ .section = "radius",
	  .key = "nas-identifier",
	  .type = &config_type_text,
	  FIELD(radius.nas_identifier),
	  .help = "NAS-Identifier. Without it, and without one of the addresses below, the "
		  "ac-name." },
	{ .section = "radius",
	  .key = "acct-interim-interval",
	  NUMBER(radius.acct_interim_interval, 0, DAY),
	  .def = "300",
	  .help = "Seconds between interim updates; 0 is none." },
	{ .section = "radius",
	  .key = "accounting-period",
	  ENUM(radius.accounting_period, period_names),
	  .def = "none",
	  .help = "At midnight (local time) of each day, of each Monday, or of the first day of "
		  "each month the record of every session is closed and its next one opened, its "
		  "counters begin at 0, and so does its quota; the line stays up. It is also the "
		  "period of brasctl show usage, without RADIUS, too." },
	{ .section = "radius",
	  .key = "dae-server",
	  .type = &config_type_dae_server,
	  FIELD(radius.dae_server),
	  .help = "Where Disconnect and CoA requests are taken, and the secret." },
	{ .section = "radius",
	  .key = "dae-allowed",
	  .type = &config_type_address,
	  LIST(radius.dae_allowed, radius.dae_allowed_count, 64),
	  .flags = CONFIG_REPEAT,
	  .help = "Who may send them." },
	{ .section = "radius",
	  .key = "dae-require-message-authenticator",
	  BOOL(radius.dae_require_message_authenticator),
	  .def = "no",
	  .help = "Whether such a request without Message-Authenticator is ignored. A wrong one "
		  "always is." },
	{ .section = "radius",
	  .key = "dae-require-event-timestamp",
	  BOOL(radius.dae_require_event_timestamp),
	  .def = "no",
	  .help = "Whether such a request without Event-Timestamp, which keeps it from being "
		  "replayed, is ignored. One that is more than 300 s off our clock always is." },
	{ .section = "radius",
	  .key = "require-message-authenticator",
	  ENUM(radius.require_message_authenticator, auto_names),
	  .def = "auto",
	  .help = "Whether an answer without Message-Authenticator is refused; auto: once "
		  "a server has sent one." },
	{ .section = "radius",
	  .key = "nas-ip-address",
	  .type = &config_type_ip4,
	  FIELD(radius.nas_ip_address),
	  .help = "NAS-IP-Address." },
	{ .section = "radius",
	  .key = "nas-ipv6-address",
	  .type = &config_type_ip6,
	  FIELD(radius.nas_ipv6_address),
	  .help = "NAS-IPv6-Address." },
	{ .section = "radius",
	  .key = "timeout",
	  NUMBER(radius.timeout, 1, 60),
	  .def = "2",
	  .help = "Seconds until a request is sent again; the wait doubles each time." },
	{ .section = "radius",
	  .key = "max-try",
	  NUMBER(radius.max_try, 1, 10),
	  .def = "3",
	  .help = "How often a request is sent to one server before the next is asked." },
	{ .section = "radius",
	  .key = "fail-timeout",
	  NUMBER(radius.fail_timeout, 1, 3600),
	  .def = "30",
	  .help = "Seconds after which a server that did not answer is probed again." },
	{ .section = "radius",
	  .key = "req-limit",
	  NUMBER(radius.req_limit, 1, 256),
	  .def = "64",
	  .help = "Requests in flight to one server; more wait their turn." },
	{ .section = "radius",
	  .key = "default-realm",
	  .type = &config_type_text,
	  FIELD(radius.default_realm),
	  .help = "Put behind user names without a realm, as user@realm." },
	{ .section = "radius",
	  .key = "strip-realm",
	  BOOL(radius.strip_realm),
	  .def = "no",
	  .help = "Whether the servers get user names without what follows the last @. A name that "
		  "is nothing but a realm, as in @realm, is refused: no server is asked for "
		  "nobody." },
#include "daemon/config_rows_shaper.h"
	{ .section = "subscriber",
	  .key = "device",
	  .type = &config_type_ifname,
	  FIELD(subscriber.device),
	  .def = "subs0",
	  .help = "The device that the daemon makes; its other end has a p behind its "
		  "name." },
	{ .section = "subscriber",
	  .key = "datapath",
	  ENUM(subscriber.datapath, datapath_names),
	  .def = "auto",
	  .help = "Where our programs sit on an access interface: xdp needs a driver with "
		  "native XDP, tc works everywhere, auto finds out and tells." },
	{ .section = "subscriber",
	  .key = "mss-clamp",
	  BOOL(subscriber.mss_clamp),
	  .def = "yes",
	  .help = "Lower the MSS of TCP connections to what the session's MTU carries, "
		  "IPv4 and IPv6." },
#include "daemon/config_rows_fast.h"
#include "daemon/config_rows_nat64.h"
#include "daemon/config_rows_dns64.h"
	{ .section = "mirror",
	  .key = "port",
	  .type = &config_type_mirror_port,
	  LIST(mirror.ports, mirror.port_count, ABI_MIRROR_PORTS),
	  .flags = CONFIG_REPEAT,
	  .help = "An interface that copies go out of, the first one where a rule names none. "
		  "They are addressed to the gateway's station, to this MAC, or to nobody's "
		  "(02:b5:6d:6f:6e:00), for a monitor that listens to everything. A gateway must pass "
		  "them to a monitor and to nobody else (by the interface that they come in by, not "
		  "by its routes): one that sends them back to us is noticed within a minute "
		  "and gets none, nor does one that our own default route leads to. Or a monitor "
		  "anywhere: vxlan:ADDRESS,vni=NUMBER; gre:ADDRESS[,key=NUMBER]; "
		  "erspan:ADDRESS[,session=NUMBER] (type II); tzsp:ADDRESS. All of these "
		  "take source=ADDRESS and snap=OCTETS, what of each packet is sent at most; vxlan and "
		  "tzsp port=NUMBER (4789, 37008). What the MTU of the way does not carry "
		  "is cut off." },
	{ .section = "mirror",
	  .key = "where",
	  ENUM(mirror.where, where_names),
	  .def = "edge",
	  .help = "What a line sends is copied as it comes in, before the firewall (edge), or only what "
		  "leaves by a core interface (those of [subscriber] core, else of the default "
		  "routes) or to a line (forwarded): with the line's own addresses whatever NAT44 makes of "
		  "them, and its TTL counted down. What NAT64 takes is copied as it comes in. What "
		  "a line is sent has passed the firewall in either case." },
	{ .section = "mirror",
	  .key = "everybody",
	  .type = &config_type_mirror_rule,
	  FIELD(mirror.everybody),
	  .def = "both",
	  .help = "What is copied of those whom no command named, in the words of the command "
		  "mirror of brasctl(1); off: nothing." },
	{ .section = "mirror",
	  .key = "exclude",
	  .type = &config_type_network,
	  LIST(mirror.excludes, mirror.exclude_count, 128),
	  .flags = CONFIG_REPEAT,
	  .help = "Never copied: what is from or to these addresses, and all of a line with this "
		  "MAC. Of an interface: the networks that its addresses are in and that routes "
		  "lead to out of it, but not the default route. So are those of the ports." },
	{ .section = "mirror",
	  .key = "virtual",
	  .type = &config_type_ifname,
	  FIELD(mirror.virtual_port),
	  .help = "A virtual port that is made: programs that read with libpcap see all "
		  "subscribers' packets there, each behind a header with session, direction, "
		  "length, time and verdict, as brasmon(1) has it. What they do not take in time "
		  "is lost to them alone; show monitor counts." },
	{ .section = "mirror",
	  .key = "virtual-snap",
	  NUMBER(mirror.virtual_snap, 1, ABI_STREAM_SNAP_MAX),
	  .def = "1600",
	  .help = "Octets that are kept of a packet there." },
	{ .section = "mirror",
	  .key = "virtual-control",
	  BOOL(mirror.virtual_control),
	  .def = "no",
	  .help = "Discovery, PPP and RADIUS there too, secrets masked." },
	{ .section = "cli",
	  .key = "telnet",
	  .type = &config_type_endpoint,
	  FIELD(cli.telnet),
	  .help = "Where the console listens. Without a user it answers there without a login, and "
		  "may listen at an address of the loopback only." },
	{ .section = "cli",
	  .key = "user",
	  .type = &config_type_cli_user,
	  LIST(cli.users, cli.user_count, 64),
	  .flags = CONFIG_REPEAT,
	  .help = "Who may use the console, and how: read shows, admin does everything. The hash is "
		  "one of crypt(5), as brasctl passwd makes it." },
	{ .section = "cli",
	  .key = "idle-timeout",
	  NUMBER(cli.idle_timeout, 10, 86400),
	  .def = "600",
	  .help = "Seconds without a key until the console closes the connection." },
	{ .section = "cli",
	  .key = "max-clients",
	  NUMBER(cli.max_clients, 1, 256),
	  .def = "16",
	  .help = "Connections to the console at a time." },
	{ .section = "http",
	  .key = "listen",
	  .type = &config_type_endpoint,
	  LIST(http.listens, http.listen_count, 8),
	  .flags = CONFIG_REPEAT,
	  .help = "Where metrics and the JSON of commands are served, for reading only and without "
		  "a "
		  "password: an address that others reach is warned of." },
	{ .section = "http",
	  .key = "max-connections",
	  NUMBER(http.max_connections, 1, 1000),
	  .def = "64",
	  .help = "Connections at once to each of the addresses." },
#include "daemon/config_rows_hooks.h"
#include "daemon/config_rows_privileges.h"
	{ .section = "log",
	  .key = "level",
	  NUMBER(log.level, 0, 4),
	  .def = "3",
	  .help = "0 errors, 1 warnings, 2 notices, 3 what happens to sessions, 4 "
		  "everything." },
	{ .section = "log",
	  .key = "format",
	  ENUM(log.format, log_format_names),
	  .def = "text",
	  .help = "json: each line is an object with time, level and message, and what it is "
		  "about: "
		  "username, ifname, sid, calling-sid, ip, acct-session-id, event (login, logout, "
		  "login-failed)." },
	{ .section = "log",
	  .key = "target",
	  ENUM(log.target, log_target_names),
	  .def = "auto",
	  .help = "auto: the journal where stderr is the journal, else stderr. The journal gets "
		  "fields "
		  "of what a line is about: PPPOE_USER, PPPOE_SID, PPPOE_MAC, PPPOE_IP, "
		  "PPPOE_INTERFACE, PPPOE_SESSION, PPPOE_EVENT. Lines that journal or syslog do "
		  "not "
		  "take at once are lost, and counted." },
	{ .section = "log",
	  .key = "limit",
	  NUMBER(log.limit, 0, 1000000),
	  .def = "2000",
	  .help = "Lines a second that are no errors and no warnings; 0: as many as there are. "
		  "What is "
		  "left out is counted and told." },
	{ .section = "log",
	  .key = "limit-per-line",
	  NUMBER(log.limit_per_line, 0, 60000),
	  .def = "300",
	  .help = "Lines a minute about one MAC address on one line, warnings included; 0: as many "
		  "as there are. With max-sessions-per-vlan and max-sessions-per-circuit-id, about "
		  "one VLAN or circuit id, whatever its MAC addresses. What is left out is told "
		  "with the next." },
};
const unsigned config_row_count = ARRAY_SIZE(config_rows);
