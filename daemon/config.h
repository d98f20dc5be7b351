/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration: accel-ppp's file shape ([section], key = value, #), read as one transaction.
 * A field is named as its key, with '_' for '-'; a key that may be repeated has a plural and a
 * count. Times are in seconds and rates in kbit/s, as they are written, unless a field says
 * otherwise. Numbers that are limits mean "none" with 0. Text is never NULL; empty is "not given".
 */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include "base/addr.h"
#include "base/dname.h"
#include "base/str.h"
#include "bpf/dataplane.h"
#include "daemon/period.h"
#include "mirror/rule.h"
#include "mirror/tunnel.h"
#include "nat64/dns64.h"
#include "ppp/ppp.h"
#include "pppoe/pppoe.h"
#include "shaper/plan.h"

#include <net/if.h>

#define CONFIG_NAME_MAX	  64   /* names of pools, identifiers; with the NUL */
#define CONFIG_SECRET_MAX 256  /* shared secrets; with the NUL */
#define CONFIG_PATH_MAX	  256  /* with the NUL */
#define CONFIG_LINE_MAX	  1024 /* octets of a line */
#define CONFIG_ERRORS_MAX 20   /* errors told of one file */

/* down/up in kbit/s of a user; `set` false: not given ("-" or nothing), the default counts. */
struct config_rate {
	bool set;
	uint32_t down, up; /* 0: unshaped */
};

struct config_interface {
	char name[IFNAMSIZ];
	uint32_t max_sessions; /* 0 = none but the total */
	uint32_t padi_limit;   /* its own, or [pppoe] padi-limit */
	unsigned line;	       /* of the file; so in the other list items */
};

/* [shaper] default as it is written; `default_plan` is what it means. */
struct config_default {
	bool set;
	struct shaper_plan plan;
	char profile[SHAPER_NAME_MAX]; /* empty: the plan */
};

/* What a section that stands several times begins with: [SECTION NAME]. */
struct config_head {
	char name[CONFIG_NAME_MAX];
	unsigned line;
};

/* A line of a [profile]: for always (range empty) or for a time range. */
struct config_profile_value {
	char range[SHAPER_NAME_MAX];
	uint64_t down, up; /* bit/s, octets, or the priority in both */
	unsigned line;
};

struct config_profile_values {
	struct config_profile_value *items;
	unsigned count;
};

/* [profile NAME] as it is written; `profiles` is what it means. */
struct config_profile {
	struct config_head head;
	struct config_profile_values rate, guaranteed, peak, burst, priority;
};

struct config_mac_filter {
	char file[CONFIG_PATH_MAX]; /* empty: no filter */
	bool deny;		    /* the list is of those refused; else of those admitted */
};

/* An IPv4 range. Host order, both ends included; network and broadcast address still in it. */
struct config_pool {
	uint32_t first, last;
	bool is_prefix; /* written as one: its network and broadcast address are not given out */
	char name[CONFIG_NAME_MAX]; /* empty: the default pool */
	unsigned line;
};

/* A prefix cut into prefixes of `plen`: one each session. */
struct config_prefix_pool {
	struct prefix6 prefix;
	uint8_t plen;
	char name[CONFIG_NAME_MAX];
	unsigned line;
};

struct config_domain {
	char name[DNAME_STRLEN];
};

/* A literal address (either family) and a port. */
struct telnet_user;

struct config_endpoint {
	char address[IP6_STRLEN]; /* empty: not given */
	uint16_t port;
};

struct config_radius_server {
	char address[IP6_STRLEN];
	char secret[CONFIG_SECRET_MAX];
	uint16_t auth_port, acct_port; /* 0: not used for it */
	uint32_t weight;	       /* 0: not given */
	bool backup;
};

struct config_dae_server {
	struct config_endpoint listen;
	char secret[CONFIG_SECRET_MAX];
};

/* Ports of an address, of one or more protocols. */
struct config_pool4 {
	uint32_t addr;
	uint16_t first_port, last_port;
	uint8_t protos; /* bits of enum nat64_proto */
	unsigned line;
};

/* Some of the world, a station, or what is behind an interface. */
struct config_network {
	enum {
		CONFIG_NETWORK_IP4,
		CONFIG_NETWORK_IP6,
		CONFIG_NETWORK_MAC,
		CONFIG_NETWORK_BEHIND
	} kind;
	char name[IFNAMSIZ]; /* CONFIG_NETWORK_BEHIND */
	struct prefix4 p4;
	struct prefix6 p6;
	struct mac mac;
};

/* Of what a line sends: all of it, or what the box lets through. */
enum config_mirror_where { CONFIG_MIRROR_EDGE, CONFIG_MIRROR_FORWARDED };

/* Where copies go: out of an interface, to a station that is told, or is the gateway's; or to a
 * remote address, wrapped up. */
struct config_mirror_port {
	char name[MIRROR_PORT_MAX]; /* an interface's, or as it was written: vxlan:ADDRESS */
	struct config_network gateway;
	struct mac mac;
	bool has_gateway, has_mac;
	bool remote; /* tunnel holds: kind, ip6, destination, port, id, snap, and a source that
		      * was told */
	bool has_id, has_source;
	struct mirror_tunnel tunnel;
	unsigned line;
};

enum config_single { CONFIG_SINGLE_ALLOW, CONFIG_SINGLE_REPLACE, CONFIG_SINGLE_DENY };
/* Who a line is: by what its subscriber says, or by what the access node or the line itself does.
 */
enum config_username {
	CONFIG_USERNAME_PPP,
	CONFIG_USERNAME_CIRCUIT_ID,
	CONFIG_USERNAME_REMOTE_ID,
	CONFIG_USERNAME_MAC,
};
enum config_auto { CONFIG_AUTO, CONFIG_YES, CONFIG_NO };
enum config_shaper_mode { CONFIG_SHAPER_HTB, CONFIG_SHAPER_TBF, CONFIG_SHAPER_OFF };
enum config_shaper_up { CONFIG_UP_HTB, CONFIG_UP_POLICE };
enum config_shaper_leaf { CONFIG_LEAF_FIFO, CONFIG_LEAF_FAIR };
enum config_bad_rate { CONFIG_BAD_RATE_DEFAULT, CONFIG_BAD_RATE_REFUSE };
#define CONFIG_CORES_MAX 8

#define CONFIG_CORES_MAX 8
enum config_fastpath { CONFIG_FASTPATH_FLOWS, CONFIG_FASTPATH_ROUTED, CONFIG_FASTPATH_OFF };
enum config_nat64 { CONFIG_NAT64_AUTO, CONFIG_NAT64_JOOL, CONFIG_NAT64_TAYGA, CONFIG_NAT64_OFF };
enum config_framework { CONFIG_FRAMEWORK_NETFILTER, CONFIG_FRAMEWORK_IPTABLES };
enum config_serve { CONFIG_SERVE_SUBSCRIBERS, CONFIG_SERVE_ANY };

/* An interface to the internet, and how it is read where lines are by XDP. */
struct config_core {
	char name[IFNAMSIZ];
	enum dp_core_kind kind;
};

/* CPUs that sessions are spread over; neither: they are not. */
struct config_spread {
	bool all; /* that are online */
	uint16_t count;
	uint16_t cpu[ABI_SPREAD_MAX];
};

struct config {
	struct {
		struct config_interface *interfaces; /* at least one */
		unsigned interface_count;
		char ac_name[PPPOE_SERVICE_MAX];
		char (*service_names)[PPPOE_SERVICE_MAX];
		unsigned service_name_count;
		bool accept_any_service, accept_blank_service;
		uint32_t max_sessions; /* never 0 */
		uint32_t max_starting, max_sessions_per_mac;
		uint32_t max_sessions_per_vlan, max_sessions_per_circuit_id;
		uint32_t padi_limit, padr_limit;      /* per second and interface */
		struct pppoe_pado_delay *pado_delays; /* rising in sessions; the first is from 0 */
		unsigned pado_delay_count;
		struct config_mac_filter mac_filter;
		uint32_t cookie_timeout;
		uint32_t padt_unknown_limit; /* per second, all interfaces together */
	} pppoe;
	struct {
		uint32_t mtu;
		enum ppp_mode ipv4, ipv6;
		uint32_t lcp_echo_interval, lcp_echo_failure;
		bool lcp_echo_adaptive;
		uint32_t timeout; /* the restart timer */
		uint32_t max_configure, max_terminate, max_failure;
		uint32_t ncp_timeout;
		uint32_t session_timeout, idle_timeout;
	} ppp;
	struct {
		enum ppp_auth_method methods[PPP_AUTH_MAX]; /* at least one, in the order offered */
		unsigned method_count;
		char users_file[CONFIG_PATH_MAX];
		bool users_file_first;
		uint32_t timeout, interval;
		enum config_single single_session;
		bool single_session_ignore_case;
		enum config_username username;
		char line_password[129]; /* RFC 2865, section 5.2: 128 octets; empty: the name */
	} auth;
	struct {
		uint32_t gw_ip_address; /* host order; 0: not given */
		struct config_pool *pools;
		unsigned pool_count;
	} ip_pool;
	struct {
		uint32_t dns1, dns2; /* host order; 0: none */
	} dns;
	struct {
		struct ip6 gw_ip6_address; /* link-local: fe80::1 */
		struct config_prefix_pool *prefixes, *delegates;
		unsigned prefix_count, delegate_count;
		struct config_prefix_pool *addresses; /* plen 128 */
		unsigned address_count;
	} ipv6_pool;
	struct {
		uint32_t max_rtr_adv_interval, adv_default_lifetime;
		uint32_t adv_valid_lifetime, adv_preferred_lifetime; /* UINT32_MAX: for ever */
		bool adv_on_link_flag, adv_autonomous_flag;
		enum config_auto adv_managed_flag, adv_other_config_flag;
		uint32_t adv_cur_hop_limit;
		bool pref64;
	} ipv6_nd;
	struct {
		struct ip6 *dns;
		unsigned dns_count;
		struct config_domain *dnssl;
		unsigned dnssl_count;
		uint32_t lifetime; /* 0: by the interval of the advertisements */
	} ipv6_dns;
	struct {
		uint32_t pref_lifetime, valid_lifetime; /* UINT32_MAX: for ever */
		uint32_t max_leases;			/* of a line and kind */
		bool rapid_commit;
	} ipv6_dhcp;
	struct {
		struct config_radius_server *servers;
		unsigned server_count;
		struct config_endpoint *binds; /* port is 0; one of a family */
		unsigned bind_count;
		char nas_identifier[CONFIG_NAME_MAX];
		uint32_t acct_interim_interval;
		struct config_dae_server dae_server;
		struct config_endpoint *dae_allowed; /* port is 0 */
		unsigned dae_allowed_count;
		enum config_auto require_message_authenticator;
		uint32_t nas_ip_address;     /* host order; 0: none */
		struct ip6 nas_ipv6_address; /* zero: none */
		bool dae_require_message_authenticator, dae_require_event_timestamp;
		uint32_t timeout, max_try, fail_timeout, req_limit;
		char default_realm[CONFIG_NAME_MAX];
		bool strip_realm;
		enum period_kind accounting_period;
	} radius;
	struct {
		enum config_shaper_mode mode;
		enum config_shaper_up up;
		enum config_shaper_leaf up_leaf;
		struct config_default default_;
		struct shaper_plan default_plan; /* pir 0: unshaped */
		uint32_t backhaul_down, backhaul_up;
		uint32_t queues, class_pool;
		uint32_t overhead;     /* octets */
		uint32_t police_burst; /* ms */
		enum shaper_dict attributes[SHAPER_DICT_COUNT];
		unsigned attribute_count;
		enum config_bad_rate bad_rate;
		struct shaper_range *time_ranges;
		unsigned time_range_count;
		char quota_profile[SHAPER_NAME_MAX]; /* empty: the line ends */
	} shaper;
	struct config_profile *profile_texts;
	unsigned profile_text_count;
	struct shaper_profile *profiles; /* made of those */
	unsigned profile_count;
	struct {
		char device[IFNAMSIZ]; /* with room for a letter more: its peer is DEVICEp */
		enum dp_mode datapath;
		enum config_fastpath fastpath;
		struct config_core *cores; /* none: found by the routes */
		unsigned core_count;
		uint32_t flows, flows_per_line;
		uint32_t connections; /* of a line; 0: no limit */
		struct config_spread spread;
		bool mss_clamp;
	} subscriber;
	struct {
		char masquerade[IFNAMSIZ]; /* empty: not given */
		struct config_pool *pools; /* one at most, without a name */
		unsigned pool_count;
		uint32_t block;		   /* ports of a line; 0: none of its own */
		char log[CONFIG_PATH_MAX]; /* empty: none */
		uint32_t log_size;	   /* MB */
	} nat44;
	struct {
		enum config_nat64 backend;
		struct prefix6 pool6;
		struct config_pool4 *pool4; /* none: no NAT64 */
		unsigned pool4_count;
		enum config_framework framework;
		enum config_serve serve;
		char tayga_device[IFNAMSIZ];
		struct prefix4 tayga_hosts;
		char log[CONFIG_PATH_MAX]; /* empty: none */
		uint32_t log_size;	   /* MB */
	} nat64;
	struct {
		bool enable;
		struct ip6 listen;
		uint32_t listen4; /* host order; 0: none */
		struct config_endpoint *forwards; /* port is 0 */
		unsigned forward_count;
		struct dns64_net *allows, *clients, *mapped;
		unsigned allow_count, client_count, mapped_count;
		struct prefix6 *excludes;
		unsigned exclude_count;
		bool break_dnssec, dnssec_validation;
		char tls_cert[CONFIG_PATH_MAX], tls_key[CONFIG_PATH_MAX]; /* empty: none */
		uint32_t cache_size;					  /* MB */
		uint32_t rate_limit;					  /* a second; 0: none */
		char user[32];
		struct config_domain probe;
	} dns64;
	struct {
		enum config_mirror_where where;
		struct config_mirror_port *ports;
		unsigned port_count;
		struct mirror_rule everybody;
		struct config_network *excludes;
		unsigned exclude_count;
		char virtual_port[IFNAMSIZ]; /* empty: none */
		uint32_t virtual_snap;
		bool virtual_control;
	} mirror;
	struct {
		struct config_endpoint telnet;
		struct telnet_user *users;
		unsigned user_count;
		uint32_t idle_timeout; /* s */
		uint32_t max_clients;
	} cli;
	struct {
		struct config_endpoint *listens;
		unsigned listen_count;
		uint32_t max_connections;
	} http;
	struct {
		char ip_up[CONFIG_PATH_MAX], ip_down[CONFIG_PATH_MAX], ip_change[CONFIG_PATH_MAX];
		char radattr_prefix[CONFIG_PATH_MAX]; /* empty: none of it */
		uint32_t fork_limit, timeout;	      /* timeout: s */
	} hooks;
	struct {
		char user[32], group[32]; /* names or numbers, or "auto" */
		uint32_t seccomp;	  /* enum seccomp_mode */
	} privileges;
	struct {
		uint32_t level;	 /* as log_setup() wants it */
		uint32_t format; /* enum log_format */
		uint32_t target; /* enum log_target */
		uint32_t limit;	 /* lines a second; 0: none */
		uint32_t limit_per_line; /* lines a minute; 0: none */
	} log;

	struct sbuf warnings; /* lines, each ended; for the caller to log */
};

/*
 * Reads, checks and hands over a whole configuration; @ret is untouched on failure. Everything
 * that is wrong goes to @errors, a line each: "FILE:LINE: [section] key: what, what is allowed".
 * 0, -EINVAL (told in @errors), or the -errno of open and read, which is in @errors as well.
 */
int config_load(const char *path, struct config **ret, struct sbuf *errors);
/* The same of a text in memory; @path is what errors name. NULL: the defaults alone, which need not
 * be a configuration that one can run. */
int config_parse(const char *path, const char *text, size_t len, struct config **ret,
		 struct sbuf *errors);
void config_free(struct config *cfg); /* wipes secrets */

/* The configuration in effect, defaults included, in the file's own form; secrets as "***". */
void config_dump(const struct config *cfg, struct sbuf *out);

/* "10000/5000", "8000" (both directions), "-". 0 or -EINVAL: other than 0 it must be a rate that a
 * line can have, 8 to 1000000000. */
int config_rate_parse(const char *s, struct config_rate *ret);

/* Whether a host may have this address: not 0/8, 127/8, 224/3. */
bool config_ip4_is_host(uint32_t addr);

/* One row for each keyword, for manual page and tests: "section\tkey\tvalue\tdefault\thelp\n". */
void config_table_print(struct sbuf *out);

#endif
