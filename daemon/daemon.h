/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's inside: what its files share. One struct daemon, one thread, one loop.
 *
 *	daemon.c   puts the parts together and takes them apart
 *	port.c     access interfaces: open, read, lost, found again
 *	table.c    the session table: slots, indices, limits
 *	session.c  a session's life: open, state, close
 *	line.c     what PPP and IPv6 of a session ask of us: authentication, addresses, frames
 *	path.c     a session's entries in the data plane and its routes
 *	show.c, command.c   the control socket's commands
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
#include "daemon/net.h"
#include "daemon/pool.h"
#include "daemon/users.h"
#include "ipv6/nd.h"
#include "ipv6/ra.h"
#include "ppp/link.h"
#include "ppp/stats.h"
#include "pppoe/pppoe.h"

#include <sys/queue.h>

struct daemon;

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
	SESSION_PEER_GONE = 1 << 9, /* it sent PADT: none is sent back */
};

struct session {
	struct daemon *d;
	uint32_t slot, generation, station;
	uint16_t has;  /* enum session_has */
	uint8_t state; /* enum session_state */
	uint8_t tags;
	uint16_t sid;
	struct pppoe_line line;
	struct mac mac;
	uint64_t cookie_id;
	uint32_t ip4;		     /* host order; 0: none */
	uint32_t rate_down, rate_up; /* kbit/s; 0: none */
	struct prefix6 prefix6;
	uint64_t acct_id;
	uint64_t started, opened;			   /* ns; opened 0: not yet */
	char *username, *service, *circuit_id, *remote_id; /* NULL: none */
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

struct table {
	struct session *sessions; /* max of them; a page is memory once it is used */
	struct station *stations;
	uint32_t *free_slots, *free_stations; /* stacks */
	uint32_t max, free_slot_count, free_station_count, used;
	uint32_t high; /* slots at and beyond this one were never used */
	uint32_t by_state[SESSION_STATE_COUNT];
	struct siphash_key key;
	struct hidx by_sid, by_cookie, by_station;
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
	struct net_offload offload;
	uint32_t sessions;
	uint64_t tap_dropped; /* of the taps that were closed */
};

/* Counted by the daemon itself; `show stat` has them under `drops` and `session`. */
#define DAEMON_STATS(X)                                                                            \
	X(sessions_opened)                                                                         \
	X(sessions_closed)                                                                         \
	X(auth_ok) X(auth_failed) X(pool4_empty) X(pool6_empty) X(drop_session_malformed)          \
		X(drop_session_code) X(drop_session_wrong_mac) X(drop_session_unknown)             \
			X(drop_ip6_not_open) X(drop_ra_rate) X(transmit_failed)

struct daemon_stats {
#define X(name) uint64_t name;
	DAEMON_STATS(X)
#undef X
};

struct daemon {
	struct config *config;
	const char *instance;
	struct loop *loop;
	struct net *net;
	struct dp *dp;
	enum dp_mode mode;
	struct pppoe_server *pppoe;
	struct pppoe_config pppoe_config;
	struct pppoe_mac_filter *mac_filter;
	struct pppoe_sids *sids;
	struct ppp_config ppp_config;
	struct ppp_ctx ppp;
	struct ppp_stats ppp_stats;
	struct ipv6_ra_ctx ra;
	struct users *users;
	struct pools *pools;
	struct control *control;
	struct table table;
	struct port ports[ABI_PORTS_MAX];
	uint16_t port_count;	/* ports[1..port_count] */
	struct net_link device; /* subs0 */
	int device_lock;
	struct loop_signal *sigterm, *sigint, *sighup;
	struct timer shutdown_timer;
	bool stopping;
	uint64_t started, acct_next;
	struct daemon_stats stats;
	uint64_t nd_drops[IPV6_ND_DROP_COUNT];
	struct log_limit log_peer; /* of what peers provoke */
};

/* daemon.c. On failure a line has been logged. */
int daemon_setup(struct daemon *d, struct config *config, const char *instance);
void daemon_teardown(struct daemon *d);
void daemon_stop(struct daemon *d, uint64_t now); /* ends all sessions, then the loop */
int daemon_users_check(struct daemon *d);	  /* reads the users file if it has changed */
void daemon_session_gone(struct daemon *d);	  /* one less; the last one ends a stop */

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
void table_remove(struct session *s); /* out of every index; freed by the loop, later */
void table_state(struct session *s, enum session_state state);
struct session *table_by_sid(struct daemon *d, const struct pppoe_line *line, uint16_t sid);
struct session *table_by_request(struct daemon *d, const struct pppoe_request *req);
uint32_t table_count_station(struct daemon *d, const struct pppoe_line *line,
			     const struct mac *mac);
uint32_t table_starting(const struct daemon *d);
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

/* line.c */
extern const struct ppp_ops line_ppp_ops;
void line_ip6_input(struct session *s, uint64_t now, const uint8_t *packet, size_t len);
void line_ra_transmit(struct ipv6_ra_sender *ra, uint64_t now, const struct ip6 *dst, bool final);

/* path.c: 0 or -errno; nothing stays half done. */
int path_open(struct session *s);   /* upstream finds the session; nothing may pass yet */
int path_carry(struct session *s);  /* what the session's `has`, addresses and MTU say */
int path_halt(struct session *s);   /* LCP renegotiates: nothing may pass; addresses are kept */
void path_drop4(struct session *s); /* IPv4 of this session is over: address and route go */
void path_drop6(struct session *s);
void path_close(struct session *s);

/* show.c and command.c */
extern const struct control_command daemon_commands[];
extern const unsigned daemon_command_count;
struct json;
void show_session(struct json *j, struct session *s, uint64_t now,
		  const struct abi_counters *counters, bool all);

#endif
