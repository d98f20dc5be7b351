/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RADIUS as the daemon sees it: access, accounting, dynamic authorization (RFC 2865, 2866, 2869,
 * 3162, 4679, 4818, 5080, 5176, 6911, 2548). Packets, their verification, sockets' windows and
 * timers are pure code with functions injected; radius/sys.c has the sockets and libradcli (the
 * dictionary). Nothing here knows sessions: requests carry values, answers come back by callback.
 *
 * Addresses are as in base/addr.h; times of the wall are seconds since 1970; `now` is monotonic ns.
 */
#ifndef RADIUS_RADIUS_H
#define RADIUS_RADIUS_H

#include "base/addr.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/str.h"
#include "base/wheel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RADIUS_TEXT_MAX	   253 /* octets of one attribute's value */
#define RADIUS_SERVERS_MAX 16
#define RADIUS_LEASES_MAX  4  /* DHCPv6 prefixes, and addresses, that accounting tells */
#define RADIUS_ROUTES_MAX  16 /* Framed-Route and Framed-IPv6-Route each */
#define RADIUS_CLASS_MAX   4
#define RADIUS_SPEED_MAX   512 /* octets of the attributes that say how fast a line is */
#define RADIUS_ACCT_ID_LEN 16  /* hex digits */

/* --- what we say of a line, in access, accounting, and as CoA keys ------------------------- */

struct radius_line {
	const char *username; /* as sent: after realm rules */
	char acct_session_id[RADIUS_ACCT_ID_LEN + 1];
	char acct_multi_session_id[RADIUS_ACCT_ID_LEN + 1];
	const char *calling_station_id;	    /* the MAC, "02:00:00:00:00:01" */
	const char *called_station_id;	    /* service name, or the interface's MAC; NULL: none */
	uint32_t nas_port;		    /* the session's slot */
	const char *nas_port_id;	    /* "acc0:100.200" */
	const char *circuit_id, *remote_id; /* TR-101: 3561/1, 3561/2; NULL: none */
};

/* --- access ------------------------------------------------------------------------------------
 */

struct radius_octets {
	uint8_t len;
	uint8_t b[RADIUS_TEXT_MAX];
};

enum radius_method { RADIUS_PAP, RADIUS_CHAP_MD5, RADIUS_MSCHAP_V2 };

struct radius_access {
	struct radius_line line;
	enum radius_method method;
	uint8_t chap_id;
	const uint8_t *challenge; /* 16 octets; PAP: NULL */
	size_t challenge_len;
	const uint8_t *response; /* password; 16 octets; 49 octets (RFC 2759) */
	size_t response_len;
	uint16_t mtu;			   /* Framed-MTU, a hint; 0: none */
	const struct radius_octets *state; /* of the Accept that this renews; NULL: none */
};

enum radius_verdict {
	RADIUS_ACCEPT,
	RADIUS_REJECT,
	RADIUS_UNREACHABLE, /* no server answered, or there are too many requests */
	RADIUS_BAD,	    /* accepted, but an attribute is malformed: `message` names it */
};

/* Which values the server gave. A value without its bit is zero. */
enum radius_has {
	RADIUS_HAS_IP4 = 1 << 0,      /* an address of its own */
	RADIUS_HAS_IP4_POOL = 1 << 1, /* Framed-IP-Address 255.255.255.254: of a pool */
	RADIUS_HAS_IP4_ANY = 1 << 2,  /* 255.255.255.255: the user may choose: taken as a pool's */
	RADIUS_HAS_MTU = 1 << 3,
	RADIUS_HAS_IFID = 1 << 4,
	RADIUS_HAS_PREFIX6 = 1 << 5,
	RADIUS_HAS_ADDRESS6 = 1 << 6,
	RADIUS_HAS_DELEGATED6 = 1 << 7,
	RADIUS_HAS_SESSION_TIMEOUT = 1 << 8,
	RADIUS_HAS_IDLE_TIMEOUT = 1 << 9,
	RADIUS_HAS_INTERIM = 1 << 10,
	RADIUS_HAS_SPEED = 1 << 11, /* there is something in `speed` */
	RADIUS_HAS_QUOTA = 1 << 12,
	RADIUS_HAS_PORT_LIMIT = 1 << 13,
	RADIUS_HAS_DNS4 = 1 << 14,
	RADIUS_HAS_DNS6 = 1 << 15,
};

enum radius_termination { RADIUS_TERMINATION_DEFAULT, RADIUS_TERMINATION_REQUEST };

struct radius_packet;

struct radius_reply {
	enum radius_verdict verdict;
	uint32_t has; /* enum radius_has */
	char message[RADIUS_TEXT_MAX +
		     1]; /* Reply-Message for the peer; MS-CHAP: "S=..." or "E=..." */
	char username[RADIUS_TEXT_MAX +
		      1]; /* replaces the name in accounting; empty: it does not */
	uint32_t ip4, dns4[2];
	char pool[64], pool6[64], delegated_pool[64], address_pool[64];
	uint16_t mtu;
	uint8_t ifid[8];
	struct prefix6 prefix6, delegated6;
	struct ip6 address6, dns6[3];
	unsigned dns6_count;
	struct prefix4 routes4[RADIUS_ROUTES_MAX];
	unsigned route4_count;
	struct prefix6 routes6[RADIUS_ROUTES_MAX];
	unsigned route6_count;
	uint32_t session_timeout, idle_timeout, interim; /* s */
	uint32_t termination_action;			 /* enum radius_termination */
	uint64_t quota;					 /* octets, both directions */
	uint32_t port_limit;
	bool quota_mikrotik, port_limit_rp; /* that dictionary's attribute said so */
	char filter_id[RADIUS_TEXT_MAX + 1];
	char mirror[RADIUS_TEXT_MAX + 1]; /* empty: not spoken of */
	struct radius_octets class[RADIUS_CLASS_MAX];
	unsigned class_count;
	struct radius_octets state;
	/* Attributes that radius_wants_speed wanted, as they came, one after the other: vendor (4
	 * octets, 0: none), type (1), length of the value (1), value. */
	uint16_t speed_len;
	uint8_t speed[RADIUS_SPEED_MAX];
	uint16_t server; /* which one answered */
	const struct radius_packet *raw; /* as it came, during the callback only; NULL: not known */
};

/* Whether an attribute may say how fast a line is; the shaper knows, which has no place here. A
 * vendor's attributes that are no chain are asked for as type 0, all of them (radius/packet.h). */
typedef bool radius_wants_speed(uint32_t vendor, uint8_t type, const uint8_t *value, size_t len);

/* --- accounting ------------------------------------------------------------------------------ */

enum radius_status {
	RADIUS_START = 1,
	RADIUS_STOP = 2,
	RADIUS_INTERIM = 3,
	RADIUS_ON = 7,
	RADIUS_OFF = 8
};

/* RFC 2866, section 5.10. */
enum radius_terminate {
	RADIUS_USER_REQUEST = 1,
	RADIUS_LOST_CARRIER = 2,
	RADIUS_IDLE_TIMEOUT = 4,
	RADIUS_SESSION_TIMEOUT = 5,
	RADIUS_ADMIN_RESET = 6,
	RADIUS_ADMIN_REBOOT = 7,
	RADIUS_PORT_ERROR = 8,
	RADIUS_NAS_ERROR = 9,
	RADIUS_NAS_REQUEST = 10,
	RADIUS_NAS_REBOOT = 11,
	RADIUS_USER_ERROR = 17,
};

struct radius_record {
	enum radius_status status;
	struct radius_line line;     /* unused for ON and OFF */
	uint64_t event_time;	     /* wall clock, s */
	uint32_t session_time;	     /* s */
	enum radius_terminate cause; /* STOP */
	uint32_t ip4;		     /* 0: none */
	bool has_ifid, has_prefix6;
	uint8_t ifid[8];
	struct prefix6 prefix6;
	struct prefix6 delegated6[RADIUS_LEASES_MAX];
	struct ip6 address6[RADIUS_LEASES_MAX]; /* Framed-IPv6-Address */
	unsigned delegated6_count, address6_count;
	uint64_t rx4_bytes, rx4_packets, rx6_bytes, rx6_packets; /* from the subscriber: Input */
	uint64_t tx4_bytes, tx4_packets, tx6_bytes, tx6_packets; /* Output */
	const struct radius_octets *class;
	unsigned class_count;
	bool authentic_local; /* Acct-Authentic: Local, else RADIUS */
};

/* --- the client ------------------------------------------------------------------------------ */

struct radius_server_config {
	char address[IP6_STRLEN];
	char secret[256];
	uint16_t auth_port, acct_port; /* 0: not used for it */
	uint32_t weight;       /* 0: alone in its rank; else neighbours with one share by it */
	bool backup;	       /* after all others */
	char bind[IP6_STRLEN]; /* source address, of the same family; empty: the kernel's choice */
};

enum radius_require_ma { RADIUS_MA_AUTO, RADIUS_MA_YES, RADIUS_MA_NO };

/* A datagram that a socket of ours has sent or got. IPv4 addresses are mapped (::ffff:0:0/96). */
struct radius_datagram {
	bool sent;
	struct ip6 from, to;
	uint16_t from_port, to_port;
	const uint8_t *p;
	size_t len;
};

/* Who wants to see them: asked by `on`, which may change. All zero: nobody. */
struct radius_tap {
	const unsigned *on;
	void (*see)(void *arg, const struct radius_datagram *g);
	void *arg;
};

struct radius_config {
	const struct radius_server_config *servers; /* in the order of preference; copied */
	unsigned server_count;
	const char *nas_identifier;
	uint32_t nas_ip4;   /* 0: none; host order */
	struct ip6 nas_ip6; /* zero: none */
	uint64_t timeout;   /* ns, of the first try; 2 s */
	unsigned max_try;   /* per server, 3 */
	uint64_t dead_time; /* ns, 30 s: then a Status-Server probe decides */
	unsigned window;    /* requests in flight per server and kind, 64; at most 256 */
	unsigned queue_max; /* access requests waiting for a window, 1024 */
	enum radius_require_ma require_ma;
	const char *state_dir;		 /* spool, and which servers sign; NULL: nothing is kept */
	uint64_t spool_max;		 /* octets */
	radius_wants_speed *wants_speed; /* NULL: none is kept */
	struct radius_tap tap;
};

struct radius_client;
struct radius_request;

/* Opens the sockets. `why` has a sentence without a full stop on failure. */
int radius_client_new(struct radius_client **ret, struct loop *loop, const struct radius_config *c,
		      char *why, size_t why_len);
void radius_client_free(struct radius_client *c); /* no callback is called any more */

/* `done` is called once, later (never from within), unless cancelled. NULL *ret: not wanted.
 * -EBUSY: the queue is full; -EMSGSIZE: a name of more than RADIUS_TEXT_MAX octets or a PAP
 * password of more than 128, which no request can carry; `done` is not called then. */
int radius_access_send(struct radius_client *c, uint64_t now, const struct radius_access *a,
		       void (*done)(void *arg, uint64_t now, const struct radius_reply *reply),
		       void *arg, struct radius_request **ret);
void radius_request_cancel(struct radius_request *r);
/* Hands a record over: sent, repeated, spooled, replayed; it is never lost for want of an answer.
 */
int radius_account(struct radius_client *c, uint64_t now, const struct radius_record *r);

/* A session that records of wait for an answer. */
struct radius_waiting {
	char session[RADIUS_ACCT_ID_LEN + 1]; /* Acct-Session-Id */
	bool has_start;			      /* among them */
	const struct radius_record *stop;     /* as well; NULL: none */
};
/* Each of them once. -ENOMEM. */
int radius_waiting(struct radius_client *c, void (*fn)(void *arg, const struct radius_waiting *w),
		   void *arg);
/* A Stop with the figures of the session's last record that waits; @event_time: wall clock, s.
 * -ENOENT: none waits. */
int radius_account_close(struct radius_client *c, uint64_t now, const char *session,
			 enum radius_terminate cause, uint64_t event_time);
/* What of the spool could not be read when it was opened: a sentence with the file's name each. */
void radius_spool_damage(struct radius_client *c, void (*fn)(void *arg, const char *what),
			 void *arg);
/* How long the servers take just now: the median of the last answers, ns; the measure of pacing. */
uint64_t radius_client_latency(const struct radius_client *c);
/* How many logins the servers have at once: those that share them now, or the one that is asked
 * first; with none alive, what one would take. */
unsigned radius_client_window(const struct radius_client *c);
/* The array of `show radius`, as its contract in the design says, and `spool`. */
void radius_client_show(const struct radius_client *c, struct json *j);
/* An object "radius" of objects "NUMBER, ADDRESS": what people look at first. */
void radius_client_stat(const struct radius_client *c, struct json *j);
/* Objects {server, port, kind: auth | acct, latency}, the latter as of hist_show(); the array around
 * them is the caller's. */
void radius_client_latencies(const struct radius_client *c, struct json *j);

/* --- dynamic authorization (RFC 5176) --------------------------------------------------- */

enum radius_key_bits {
	RADIUS_KEY_ACCT_ID = 1 << 0,
	RADIUS_KEY_MULTI_ID = 1 << 1,
	RADIUS_KEY_USERNAME = 1 << 2,
	RADIUS_KEY_IP4 = 1 << 3,
	RADIUS_KEY_PREFIX6 = 1 << 4,
	RADIUS_KEY_ADDRESS6 = 1 << 5,
	RADIUS_KEY_DELEGATED6 = 1 << 6,
	RADIUS_KEY_IFID = 1 << 7,
	RADIUS_KEY_CALLING = 1 << 8,
	RADIUS_KEY_PORT_ID = 1 << 9,
};

struct radius_dae_request {
	bool disconnect; /* else CoA */
	uint64_t ticket; /* what a later answer goes by; never 0, no other request has it */
	uint32_t keys;	 /* enum radius_key_bits; all of them must match */
	char acct_session_id[RADIUS_TEXT_MAX + 1], acct_multi_session_id[RADIUS_TEXT_MAX + 1];
	char username[RADIUS_TEXT_MAX + 1], calling_station_id[RADIUS_TEXT_MAX + 1];
	char nas_port_id[RADIUS_TEXT_MAX + 1];
	uint32_t ip4;
	struct prefix6 prefix6, delegated6;
	struct ip6 address6;
	uint8_t ifid[8];
	struct radius_reply change; /* CoA: what is to change, by its `has`, class, filter_id */
	char unsupported[64];	    /* an attribute that we cannot change; empty: none */
};

/* RFC 5176, section 3.6: what the NAK says. */
enum radius_error_cause {
	RADIUS_DAE_OK = 0,
	RADIUS_DAE_LATER = 1, /* never on the wire: radius_dae_answer() will tell */
	RADIUS_UNSUPPORTED_ATTRIBUTE = 401,
	RADIUS_MISSING_ATTRIBUTE = 402,
	RADIUS_NAS_IDENTIFICATION_MISMATCH = 403,
	RADIUS_INVALID_REQUEST = 404,
	RADIUS_UNSUPPORTED_SERVICE = 405,
	RADIUS_INVALID_ATTRIBUTE_VALUE = 407,
	RADIUS_ADMINISTRATIVELY_PROHIBITED = 501,
	RADIUS_SESSION_NOT_FOUND = 503,
	RADIUS_SESSION_NOT_REMOVABLE = 504,
	RADIUS_RESOURCES_UNAVAILABLE = 506,
	RADIUS_MULTIPLE_SELECTION = 508,
};

struct radius_dae_config {
	char address[IP6_STRLEN];
	uint16_t port;
	const char *secret;
	const char (*allowed)[IP6_STRLEN]; /* client addresses; empty: nobody */
	unsigned allowed_count;
	const char *nas_identifier;
	uint32_t nas_ip4;
	struct ip6 nas_ip6;
	bool require_ma, require_event_timestamp;
	radius_wants_speed *wants_speed; /* NULL: none can be changed */
	/* Acts, all or nothing, and says what the answer is. RADIUS_DAE_LATER, for a CoA only: it
	 * is not known yet; each such ticket is answered once, after `act` has returned. */
	enum radius_error_cause (*act)(void *arg, uint64_t now,
				       const struct radius_dae_request *req);
	void *arg;
	struct radius_tap tap;
};

struct radius_dae;
int radius_dae_new(struct radius_dae **ret, struct loop *loop, const struct radius_dae_config *c,
		   char *why, size_t why_len);
void radius_dae_free(struct radius_dae *d); /* what still waits gets no answer */
/* The outcome of a CoA for which `act` returned RADIUS_DAE_LATER. An unknown ticket is
 * counted, and ignored. */
void radius_dae_answer(struct radius_dae *d, uint64_t now, uint64_t ticket,
		       enum radius_error_cause cause);
void radius_dae_show(const struct radius_dae *d,
		     struct json *j); /* counters, one object's members */

#endif
