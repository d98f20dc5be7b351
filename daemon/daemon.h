/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's inside: what its files share. One struct daemon, one thread, one loop.
 *
 *	daemon.c   puts the parts together and takes them apart
 *	device.c   the subscriber device
 *	port.c     access interfaces: open, read, lost, found again
 *	table.c    the session table: slots, indices, limits
 *	session.c  a session's life: open, state, close
 *	line.c     what PPP and IPv6 of a session ask of us: frames, layers up and down
 *	advert.c   what its router advertisements say
 *	login.c    who the peer is: users file or RADIUS; grant.c what it is given for that
 *	dhcp.c     DHCPv6 on its link; lease.c the prefixes and addresses that it gives
 *	names.c    the sessions of a user name: one login, one line
 *	acct.c     a session's accounting records
 *	freeze.c   a session as octets; keep.c writes it down, adopt.c goes on with it, check.c
 *		   and its like compare
 *	record.c   the file that outlives the process: a slot of octets for each session
 *	volume.c   what users carry by period (usage.c, period.c), quotas
 *	dae.c      dynamic authorization: Disconnect and CoA
 *	deeds.c    what needs more than we should have, done by a helper (deeds_main.c)
 *	nat64.c    NAT64: Jool or tayga, chosen, set up and watched
 *	dns64.c    DNS64: a named of our own
 *	damage.c   what somebody else takes away is put back
 *	mirror.c   copies of traffic to a monitoring port; monitor.c to readers
 *	fastpath.c what goes around the kernel's stack; nat44.c translation; connections.c how many
 *	plan.c     the speed of a session; shaping.c the operator's view of it
 *	path.c     a session's entries in the data plane and its routes
 *	trial.c    a login for no line, by hand
 *	source.c   where a session's values came from; timeline.c what happened to it (history.c)
 *	show.c, command.c   the control socket's commands; telnet.c the console; health.c what is measured always
 *	trace.c	   what the log says of a session, and of one that is followed
 *	hooks.c	   scripts for lines that come and go
 *	http.h	   what answers over HTTP, as a client of the control socket
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "base/hidx.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/siphash.h"
#include "bpf/dataplane.h"
#include "daemon/config.h"
#include "daemon/control.h"
#include "daemon/given6.h"
#include "daemon/health.h"
#include "daemon/history_sys.h"
#include "daemon/process.h"
#include "daemon/lease.h"
#include "daemon/log_share.h"
#include "daemon/net.h"
#include "daemon/plan.h"
#include "daemon/pool.h"
#include "daemon/source.h"
#include "daemon/tally.h"
#include "daemon/trace.h"
#include "daemon/users.h"
#include "ipv6/nd.h"
#include "ipv6/ra.h"
#include "ppp/link.h"
#include "ppp/stats.h"
#include "pppoe/pppoe.h"
#include "radius/radius.h"

#include <sys/queue.h>

struct check_run;
struct daemon;
struct deeds;
struct dns64;
struct fastpath;
struct history;
struct nat44;
struct hooks;
struct http;
struct keep_area;
struct keep_pools;
struct nat64;
struct mirrors;
struct monitor;
struct monitor_memory;
struct record;
struct reload;
struct ping;
struct telnet;
struct timeline_reader;
struct watch;

/* In the order of a life; the names are those of `show sessions`. */
#define SESSION_STATES(X)                                                                          \
	X(FREE, "free")                                                                            \
	X(DISCOVERY, "discovery")                                                                  \
	X(LCP, "lcp")                                                                              \
	X(AUTH, "auth")                                                                            \
	X(NETWORK, "network")                                                                      \
	X(OPEN, "open")                                                                            \
	X(CLOSING, "closing")                                                                      \
	X(DEAD, "dead") /* ended, waits to be reaped */

enum session_state {
#define X(id, name) SESSION_##id,
	SESSION_STATES(X)
#undef X
		SESSION_STATE_COUNT
};

/* What of a session has been set up, so that closing undoes just that. */
enum session_has {
	SESSION_HAS_LINE = 1 << 0,    /* upstream finds it */
	SESSION_HAS_POOL4 = 1 << 1,   /* ip4 is of a pool */
	SESSION_HAS_PREFIX6 = 1 << 2, /* prefix6 is of a pool */
	SESSION_HAS_DST4 = 1 << 3,    /* downstream finds ip4 */
	SESSION_HAS_DST6 = 1 << 4,
	SESSION_HAS_ROUTE4 = 1 << 5, /* a route of its own */
	SESSION_HAS_ROUTE6 = 1 << 6,
	SESSION_UP4 = 1 << 7, /* IPCP is open */
	SESSION_UP6 = 1 << 8,
	SESSION_PEER_GONE = 1 << 9,   /* it sent PADT: none is sent back */
	SESSION_HAS_POOL6 = 1 << 10,  /* prefix6 is of a pool */
	SESSION_HAS_NAME = 1 << 11,   /* in the index of names */
	SESSION_HAS_START = 1 << 12,  /* accounting has begun */
	SESSION_LOCAL = 1 << 13,      /* the users file knew it, not RADIUS */
	SESSION_HAS_USAGE = 1 << 14,  /* an entry in the book of usage */
	SESSION_OVER_QUOTA = 1 << 15, /* and its speed is that of quota-profile */
	SESSION_STOPPED = 1 << 16,    /* its Stop is in the spool already; never frozen */
	SESSION_HOOKED = 1 << 17,     /* its ip-up has been asked for */
	SESSION_TRACED = 1 << 18,     /* somebody follows it; never frozen */
	SESSION_SLOW = 1 << 30,	      /* nothing of it goes around the stack */
};

/* What RADIUS adds to a session; only there when servers are configured. */
struct login {
	struct session *s;
	struct radius_request *request; /* the question that is out; NULL: none */
	enum radius_method method;
	char *asked; /* the name in it */
	unsigned answered_by; /* the server's place in the configuration, from 1; 0: none has */
	uint64_t asked_at, answered_after; /* ns; of the question, all its tries */
	char *name;  /* the server's, for accounting; NULL: the peer's */
	struct radius_octets *class;
	unsigned class_count;
	struct radius_octets *state; /* for the question after Session-Timeout; NULL: none */
	struct radius_octets *password; /* so, by PAP; in no record: it is wiped with the process */
	struct prefix4 *routes4;     /* Framed-Route; the first `carried` of them are in place */
	struct prefix6 *routes6;
	unsigned route4_count, route6_count, carried4, carried6;
	char filter_id[64];
	char *radattr; /* what the next script's file says; NULL: it stays as it is */
	uint32_t interim;	 /* s; 0: none */
	uint32_t port_limit;	 /* 0: none */
	struct timer timer;	 /* Start, then interims */
	uint64_t multi_id;	 /* Acct-Multi-Session-Id: the first record's id */
	uint64_t record_started; /* ns */
	uint64_t lease_told;	 /* ns; when a record went out for the sake of a lease */
};

struct session {
	struct daemon *d;
	uint32_t slot, generation, station;
	uint32_t vlan, circuit; /* places in the table's tally; HIDX_NONE: it has none */
	uint32_t has;  /* enum session_has */
	uint8_t state; /* enum session_state */
	uint16_t sid;
	uint16_t mtu_limit;		 /* Framed-MTU; 0: none */
	uint8_t source[SOURCE_OF_COUNT]; /* enum source */
	uint32_t session_timeout;	 /* s, as granted; 0: none */
	uint8_t ifid[8];		 /* the peer's interface identifier, once IPV6CP was open */
	struct pppoe_line line;
	struct mac mac;
	uint64_t cookie_id;
	uint32_t ip4; /* host order; 0: none */
	struct prefix6 prefix6;
	uint64_t acct_id;
	uint64_t started, opened;			   /* ns; opened 0: not yet */
	uint64_t offered, phase_at; /* ns; its PADO, its last phase; 0: of an earlier process */
	char *username, *service, *circuit_id, *remote_id; /* NULL: none */
	uint32_t usage;					   /* its entry there */
	uint32_t flows; /* of the fast path, about: flows_share.c */
	uint64_t period;	   /* start of the one its counters are of */
	uint64_t quota;		   /* octets, both directions, until the line ends; 0: none */
	struct abi_counters *base; /* what the counters were when they were cleared; NULL: 0 */
	struct login *login;	   /* NULL: no RADIUS */
	struct leases *leases;	   /* NULL: it never spoke DHCPv6 */
	struct given6 *given6;	   /* NULL: RADIUS has said nothing of DHCPv6 and name servers */
	struct plan *plan;	   /* NULL: nobody ever spoke of its speed */
	struct session *name_next, *name_prev; /* the others of its user name; a ring */
	struct ppp_link link;
	struct ipv6_ra_sender ra;
	TAILQ_ENTRY(session) reap;
};

/* A MAC address on a line, and how many sessions it has: cheap CPEs of different lines may well
 * have the same one. */
struct station {
	struct pppoe_line line;
	struct mac mac;
	uint32_t count;
};

#define TABLE_SHARES 256

struct table {
	struct session *sessions; /* max of them; a page is memory once it is used */
	struct station *stations;
	uint32_t *free_slots, *free_stations; /* stacks */
	uint32_t max, free_slot_count, free_station_count, used;
	uint32_t high; /* slots at and beyond this one were never used */
	uint32_t by_state[SESSION_STATE_COUNT];
	uint32_t starting[TABLE_SHARES]; /* of a group of lines (port and VLANs, by hash) */
	struct siphash_key key;
	struct hidx by_sid, by_cookie, by_station, by_name;
	struct tally lines; /* sessions of each VLAN and of each circuit id */
	TAILQ_HEAD(, session) dead;
	struct timer reaper;
};

struct port {
	struct daemon *d;
	uint16_t number; /* 1 and up */
	struct config_interface conf;
	struct net_link link;  /* as last seen; ifindex 0: not there */
	struct pppoe_tap *tap; /* NULL: not open */
	struct loop_io *io;
	struct timer tap_timer; /* of the tap's next reading, when nothing may wake us for it */
	struct net_offload offload;
	uint32_t sessions;
	bool leaving;	      /* the configuration has it no more: no new sessions */
	uint64_t tap_dropped; /* of the taps that were closed */
	uint64_t tap_seen;    /* of this one, when last looked at */
};

/* Counted by the daemon itself; `show stat` has them under `drops` and `session`. */
#define DAEMON_STATS(X)                                                                            \
	X(sessions_opened)                                                                         \
	X(sessions_closed)                                                                         \
	X(sessions_adopted)                                                                        \
	X(auth_ok)                                                                                 \
	X(auth_failed)                                                                             \
	X(auth_unreachable)                                                                        \
	X(single_session)                                                                          \
	X(pool4_empty)                                                                             \
	X(pool6_empty)                                                                             \
	X(lease_refused)                                                                           \
	X(drop_session_malformed)                                                                  \
	X(drop_session_code)                                                                       \
	X(drop_session_wrong_mac)                                                                  \
	X(drop_session_unknown) X(drop_ip6_not_open) X(drop_ra_rate) X(transmit_failed)

struct daemon_stats {
#define X(name) uint64_t name;
	DAEMON_STATS(X)
#undef X
};

/* What advertisements said before a reload and say no more; told until then. */
struct advert_gone {
	struct ip6 dns[IPV6_RA_DNS];
	unsigned dns_count;
	uint8_t dnssl[IPV6_RA_DNSSL];
	size_t dnssl_len;
	struct prefix6 pref64;
	uint64_t until;
};

struct daemon {
	struct config *config;
	const char *instance;
	struct loop *loop;
	struct net *net;
	struct deeds *deeds; /* what others do for us */
	struct dns64 *dns64; /* NULL: not set up yet */
	struct nat64 *nat64;
	struct dp *dp;
	enum dp_mode mode;
	unsigned spread_count; /* CPUs that sessions are spread over */
	uint16_t spread[ABI_SPREAD_MAX];
	struct pppoe_server *pppoe;
	struct pppoe_config pppoe_config;
	struct pppoe_mac_filter *mac_filter;
	struct pppoe_pado_delay pado_delay_set; /* by command */
	char service_set[1][PPPOE_SERVICE_MAX];
	struct pppoe_sids *sids;
	struct ppp_config ppp_config;
	struct ppp_ctx ppp;
	struct ppp_stats ppp_stats;
	struct ipv6_ra_ctx ra;
	struct dhcp6_ctx dhcp6;
	struct dhcp6_stats dhcp6_stats;
	uint8_t dnssl[IPV6_RA_DNSSL]; /* search domains, as they are sent */
	size_t dnssl_len;
	struct advert_gone gone;
	struct users *users;
	struct pools *pools;
	struct radius_client *radius; /* NULL: no server is configured */
	struct radius_dae *dae;
	uint32_t starting_most; /* sessions that were not up yet, at once, so far */
	uint32_t asking;      /* logins that wait for a server */
	uint32_t asking_most; /* at once, so far */
	struct volume *volume;
	struct shaper *shaper;		 /* NULL: mode = off */
	uint64_t plan_ticket;		 /* the last one given */
	struct shaper_plan *temporary;	 /* over everybody's speed; NULL: none */
	struct timer plan_timer;	 /* the time of day */
	uint32_t plan_ranges, plan_slot; /* ranges that hold; sessions below have heard of it */
	struct mirrors *mirrors; /* NULL: [mirror] has no port */
	struct monitor *monitors[ABI_STREAMS];
	struct history *history;
	struct history_file history_file; /* its memory */
	struct process_load load;	  /* as show stat saw it last */
	LIST_HEAD(, timeline_reader) readers; /* of events */
	LIST_HEAD(, ping) pings;	      /* that wait for an answer */
	unsigned monitor_controls;		 /* readers of control frames */
	struct monitor_memory *monitor_memory;	 /* while there are any */
	struct control *control;
	struct hooks *hooks; /* NULL: no script is configured */
	struct http *http; /* NULL: not configured, or it cannot listen */
	struct timer http_timer;
	struct telnet *telnet; /* NULL: no console */
	struct table table;
	struct port ports[ABI_PORTS_MAX];
	uint16_t port_count;	/* ports[1..port_count] */
	struct timer notes_timer; /* while there are PADTs that were noted */
	uint32_t notes_slot;	  /* of the walk through them: the next */
	struct net_link device; /* subs0 */
	struct net_pair pair;	/* it and subs0p */
	bool pair_gone;		/* while adopting: somebody has deleted it */
	struct watch *watch;
	struct check_run *check_run; /* NULL: none is under way */
	struct fastpath *fastpath;
	struct nat44 *nat44; /* NULL: no blocks */
	struct timer damage_timer, again_timer;
	bool look_hooks, look_trees, look_device; /* when damage_timer runs */
	bool looking;				  /* the shaper does */
	uint64_t look_after;			  /* ns */
	struct timer hooks_timer;		  /* what nothing tells of */
	struct dp_look *look;			  /* for it */
	struct loop_io *look_io;
	uint32_t again_slot;			  /* plans below are programmed again */
	int device_lock;
	struct loop_signal *sigterm, *sigint, *sighup;
	struct timer shutdown_timer;
	bool stopping;	/* sessions are ended */
	bool leaving;	/* they stay for the next process */
	bool adopting;	/* there are those of the process before us */
	bool fresh;	/* nothing was there; false as well before that is known */
	bool rebuild;	/* with maps of another size or layout */
	uint32_t trees; /* of the shaper, on each end of the device; 0: none */
	char pins[128];
	struct record *record;
	struct keep_area *area; /* while adopting */
	struct timer keep_timer;
	uint64_t keep_pools_at;
	struct keep_pools *keep_pools; /* being written */
	uint32_t secret_changes;
	struct loop_signal *sigusr2;
	struct reload *reload;
	struct timer watch_timer; /* the service manager's */
	uint64_t watch_period;
	bool draining, soft; /* no new sessions; and the end when the last one is gone */
	uint64_t started, acct_next;
	struct daemon_stats stats;
	struct health health;
	struct traces traces;
	uint64_t nd_drops[IPV6_ND_DROP_COUNT];
	struct log_share *log_share; /* of each peer; NULL: no limit */
	struct log_limit log_peer;   /* of what is then said of everybody, such as an empty pool */
	struct log_limit log_failed[TABLE_SHARES];    /* of a group of lines: logins in vain */
	struct log_limit log_vain[TABLE_SHARES];      /* and that their sessions have ended */
	struct log_limit log_discovery[TABLE_SHARES]; /* and what is wrong with discovery */
	struct log_limit log_keep;
};

/* daemon.c. On failure a line has been logged. */
int daemon_setup(struct daemon *d, struct config *config, const char *instance,
		 struct reload *reload); /* the configuration stays the caller's */
void daemon_teardown(struct daemon *d);
void daemon_stop(struct daemon *d, uint64_t now); /* ends all sessions, then the loop */
void daemon_leave(struct daemon *d);	    /* ends the loop; sessions stay for the next process */
int daemon_users_check(struct daemon *d);   /* reads the users file if it has changed */
void daemon_session_gone(struct daemon *d); /* one less; the last one ends a stop */

/* device.c */
int device_lock(struct daemon *d);
int device_setup(struct daemon *d);
/* Is it as it was made? If not it is put right, and all that hangs on it. */
void device_look(struct daemon *d);

/* port.c */
int port_open(struct port *p);	 /* -ENODEV: not there; else what failed has been logged */
void port_close(struct port *p); /* what is attached goes; its sessions stay */
int ports_setup(struct daemon *d);
void ports_teardown(struct daemon *d);
void port_transmit(struct daemon *d, uint16_t port, const uint8_t *frame, size_t len);
extern const struct net_events port_net_events;

/* table.c */
int table_setup(struct daemon *d);
void table_teardown(struct daemon *d);
/* A slot for a new session, in every index, state DISCOVERY. -EBUSY: none left. */
int table_add(struct daemon *d, const struct pppoe_request *req, uint16_t sid,
	      struct session **ret);
/* A session of an earlier process, in the slot and with the generation and accounting id that it
 * had there; in every index but that of names, state DISCOVERY. Sessions to come get generations
 * and accounting ids above. Fastest in ascending order of slots. -EINVAL: no such slot or port;
 * -EEXIST: the slot, or this id on its line, is another's. */
int table_adopt(struct daemon *d, uint32_t slot, uint32_t generation,
		const struct pppoe_request *req, uint16_t sid, uint64_t acct_id,
		struct session **ret);
/* What a slot that is free now had last: the next session in it comes after. */
void table_generation(struct daemon *d, uint32_t slot, uint32_t generation);
void table_remove(struct session *s); /* out of every index; freed by the loop, later */
void table_state(struct session *s, enum session_state state);
struct session *table_by_sid(struct daemon *d, const struct pppoe_line *line, uint16_t sid);
struct session *table_by_request(struct daemon *d, const struct pppoe_request *req);
/* Keyed hashes that stand for a MAC address on a line, for a VLAN (tally.h), and a line's group. */
uint64_t table_station_hash(const struct daemon *d, const struct pppoe_line *line,
			    const struct mac *mac);
uint64_t table_vlan_hash(const struct daemon *d, const struct pppoe_line *line);
uint32_t table_share(const struct daemon *d, const struct pppoe_line *line);
uint32_t table_count_station(struct daemon *d, const struct pppoe_line *line,
			     const struct mac *mac);
/* Sessions of this request's VLAN and of its circuit id; 0 without one. */
uint32_t table_count_vlan(const struct daemon *d, const struct pppoe_request *req);
uint32_t table_count_circuit(const struct daemon *d, const struct pppoe_request *req);
uint32_t table_starting(const struct daemon *d);
/* Starting sessions have all that may start, or this line's have their share: eight times what is
 * left. So one line whose sessions never log in leaves a ninth to others. @max: 0, no limit. */
bool table_starting_full(const struct daemon *d, const struct pppoe_line *line, uint32_t max);
/* The next session in use (not dead) at or after slot *cursor, which moves on; NULL at the end. */
struct session *table_next(struct daemon *d, uint32_t *cursor);
const char *session_state_name(enum session_state state);

/* session.c */
extern const struct pppoe_ops session_pppoe_ops;
void session_input(struct port *p, uint64_t now, const uint8_t *frame, size_t len);
void session_close(struct session *s, uint64_t now, enum ppp_cause cause);
void session_finish(struct session *s, uint64_t now, enum ppp_cause cause);
void session_transmit(struct session *s, const uint8_t *frame, size_t len);
const char *session_name(const struct session *s, char *buf, size_t cap); /* for the log */
uint16_t session_mtu(const struct session *s);

/* What it carried since its counters were cleared; zeros where the data plane does not answer. */
void session_counters(struct session *s, struct abi_counters *ret);
void session_since(const struct session *s, struct abi_counters *c); /* takes off what was before */
void session_clear_counters(struct session *s, uint64_t now);

/* line.c */
extern const struct ppp_ops line_ppp_ops;
void line_ip6_input(struct session *s, uint64_t now, const uint8_t *packet, size_t len);
/* Sends what is in `w`, a PPP frame; rc: how writing it went. */
void line_ip6_transmit(struct session *s, struct wr *w, int rc);

/* advert.c */
void advert_setup(struct daemon *d);
/* Another configuration is in effect: lines are told soon, if it means anything to them. */
void advert_reload(struct daemon *d, const struct config *before);
struct json;
void advert_show(struct json *j, const struct session *s);
void line_ra_transmit(struct ipv6_ra_sender *ra, uint64_t now, const struct ip6 *dst, bool final);
/* What it says now. Points into the daemon. */
void advert_fill(const struct session *s, bool final, struct ipv6_ra *ret);
unsigned advert_dns(const struct session *s, struct ip6 ret[IPV6_RA_DNS]); /* how many */
/* Is there an address, or a prefix, for DHCPv6 to give? */
bool advert_address6(const struct session *s);
bool advert_delegation6(const struct session *s);
struct prefix6 advert_pref64(const struct daemon *d); /* what NAT64 translates; len 0: none */

/* path.c: 0 or -errno; nothing stays half done. */
int path_open(struct session *s);   /* upstream finds the session; nothing may pass yet */
int path_carry(struct session *s);  /* what the session's `has`, addresses and MTU say */
int path_replan(struct session *s); /* its speed is another */
/* All that its `has` says is there, or is made: of a session of the process before us. */
int path_adopt(struct session *s);
/* Each route of its own that it should have in the kernel. */
void path_routes(const struct session *s, void (*fn)(void *arg, const struct net_route *r),
		 void *arg);
struct abi_line path_line(const struct session *s); /* its entries, as they should be */
struct abi_session path_entry(const struct session *s);
int path_halt(struct session *s);   /* LCP renegotiates: nothing may pass; addresses are kept */
void path_drop4(struct session *s); /* IPv4 of this session is over: address and route go */
void path_drop6(struct session *s);
void path_close(struct session *s);

void path_stop(struct session *s); /* nothing passes any more; the counters stay */

/* login.c */
void login_ask(struct session *s, uint64_t now, const struct ppp_auth_request *req);
bool login_busy(const struct daemon *d); /* no PADO now: the servers do not keep up */
void login_forget(struct session *s);	 /* no answer is wanted any more */
void login_free(struct session *s);
/* The name as the servers want it: by strip-realm and default-realm. 0; -ENOENT: there was nothing
 * but a realm to strip; -EMSGSIZE: RADIUS, or `cap`, has no room for it. */
int login_realm(const struct config *c, char *dst, size_t cap, const char *name);
/* Why no server was asked, by what login_realm() or radius_access_send() returned. */
const char *login_unsent(int rc);

/* names.c */
void names_add(struct session *s); /* by s->username */
void names_del(struct session *s);
/* The first session of a name, or NULL; the others follow by name_next, in a ring. */
struct session *names_find(struct daemon *d, const char *name);

/* acct.c: nothing happens without [radius] */
int acct_setup(struct daemon *d);
void acct_teardown(struct daemon *d);
void acct_family_up(struct session *s, uint64_t now);
void acct_stop(struct session *s, uint64_t now, enum ppp_cause cause, const struct abi_counters *c);
void acct_interim(struct session *s, uint64_t now); /* its interval has changed */
void acct_lease(struct session *s, uint64_t now);   /* DHCPv6 has given, or taken: it is told */
/* Goes on after a restart: its next record is due at `at` (ns; 0: none is). */
void acct_resume(struct session *s, uint64_t now, uint64_t at);
/* Closes the running record and opens the next, from `c` on; the line stays up. */
void acct_rollover(struct session *s, uint64_t now, const struct abi_counters *c);
/* After a crash: its Start is in the spool; its record was closed with these figures. */
void acct_begun(struct session *s);
void acct_rolled(struct session *s, uint64_t now, const struct abi_counters *stopped);
/* The server's name for it, or the one that the server was asked for. */
const char *acct_name(const struct session *s);
void acct_line(const struct session *s, struct radius_line *ret); /* texts valid until the next */

/* volume.c */
int volume_setup(struct daemon *d);
void volume_teardown(struct daemon *d);
void volume_open(struct session *s);		      /* its user is known */
void volume_quota(struct session *s, uint64_t quota); /* 0: none */
/* What it has carried since it was charged last, or opened, is the user's. */
void volume_charge(struct session *s, const struct abi_counters *c);
void volume_close(struct session *s, const struct abi_counters *c);
struct control_reply;
void volume_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

/* damage.c */
int damage_setup(struct daemon *d);
void damage_teardown(struct daemon *d);
void damage_rebuilt(struct daemon *d, uint64_t now, int rc);	/* the shaper has new trees */
void damage_link(struct daemon *d, uint64_t now, int ifindex);	/* one has changed, or gone */
void damage_missing(void *daemon, const char *ifname, int err); /* a dp_missing_fn: tells it */

/* shaping.c: handlers */
void shaping_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void shaping_change(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void shaping_restore(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

/* dae.c */
enum radius_error_cause dae_act(void *arg, uint64_t now, const struct radius_dae_request *req);

/* ping.c: `ping USER`, and an echo's answer has come to this line, after so many us */
void ping_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void ping_answered(struct session *s, uint32_t rtt);

/* top.c, drops.c: handlers; and each way that a packet can end */
void top_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void drops_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void drops_each(struct daemon *d, void (*fn)(void *arg, const char *reason, uint64_t packets),
		void *arg);

/* trial.c: the handler of `test radius` */
void trial_radius(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

/* What takes a while to find out: daemon/session_show.c. */
struct show_more {
	uint64_t flows; /* that go past the stack */
	uint64_t rx_bps, tx_bps, rx_pps, tx_pps;
	struct nat64_line *nat64;
	int nat64_rc; /* of nat64_line_ask() */
};

/* show.c and command.c */
extern const struct control_command daemon_commands[];
extern const unsigned daemon_command_count;
struct json;
void show_session(struct json *j, struct session *s, uint64_t now,
		  const struct abi_counters *counters, const struct show_more *more);

#endif
