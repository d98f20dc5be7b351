/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNS64 (RFC 6147) by bind9's named: its whole configuration, and a question that finds out whether
 * it serves, and serves what we told it. This part runs nothing: daemon/dns64.c does.
 *
 *	dns64_conf.c	the configuration, of bind9 9.18
 *	dns64_probe.c	the question, and the judgement of an answer
 *	dns64_stats.c	what named has counted
 *	dns64_sys.c	the door: files, the sockets
 */
#ifndef NAT64_DNS64_H
#define NAT64_DNS64_H

#include "base/addr.h"
#include "base/dname.h"
#include "base/str.h"

#define DNS64_DOT_PORT	 853 /* RFC 7858 */
#define DNS64_DOH_PORT	 443 /* RFC 8484 */
#define DNS64_DOH_PATH	 "/dns-query"
#define DNS64_WELL_KNOWN "ipv4only.arpa" /* RFC 7050: 192.0.0.170 and 192.0.0.171 for ever */

/* A network of either family, or what is not one. */
struct dns64_net {
	bool is6, except;
	struct prefix4 p4;
	struct prefix6 p6;
};

struct dns64_config {
	const char *work_dir; /* where named may write */
	struct prefix6 pool6; /* of 32, 40, 48, 56, 64 or 96 bits */
	struct ip6 listen;
	uint32_t listen4;	       /* host order; 0: none */
	const struct dns64_net *allow; /* who is answered at all */
	unsigned allow_count;
	const struct dns64_net *clients; /* who gets synthesised addresses; none: everybody */
	unsigned client_count;
	const struct dns64_net *mapped; /* IPv4 that pool6 stands for; none: whatever it may */
	unsigned mapped_count;
	const struct prefix6 *exclude; /* IPv6 addresses that count as none, beyond ::ffff:0:0/96 */
	unsigned exclude_count;
	bool break_dnssec, validate;
	const char *const *forward; /* addresses; none: the world is asked, from the root on */
	unsigned forward_count;
	const char *tls_cert, *tls_key; /* NULL: neither DNS over TLS nor over HTTPS */
	uint32_t cache;			/* MB */
	uint32_t rate_limit;		/* the same answer to one line, a second; 0: no limit */
	uint32_t recursive_clients, tcp_clients;
};

/* The same configuration, the same text. Lack of memory makes `out` bad. */
void dns64_conf_write(const struct dns64_config *c, struct sbuf *out);

/* What the one before us has set up, in a file beside the configuration: so that what is not wanted
 * any more goes, and a named that has loaded just this text is left alone. */
struct dns64_mark {
	struct ip6 listen;
	uint32_t listen4;
	uint64_t loaded; /* of the text that named has; 0: not known */
};
#define DNS64_MARK_MAX 256

uint64_t dns64_conf_hash(const struct sbuf *text);
void dns64_mark_write(const struct dns64_mark *m, struct sbuf *out);
int dns64_mark_parse(const char *text, struct dns64_mark *ret); /* 0 or -EBADMSG */

/* --- the question -------------------------------------------------------------------------- */

#define DNS64_QUERY_MAX	 (12 + DNAME_MAX + 4)
#define DNS64_ANSWER_MAX 512 /* RFC 1035, section 4.2.1: we offer no more */

struct dns64_question {
	uint16_t id;
	const char *name; /* one that has an IPv4 address only */
	struct prefix6 pool6;
};

/* AAAA of the name, recursion desired. Octets, or -EINVAL: not a name; -ENOSPC. */
int dns64_query_write(void *buf, size_t cap, const struct dns64_question *q);

enum dns64_verdict {
	DNS64_GOOD,   /* every address is of pool6 */
	DNS64_FAILED, /* it says that it cannot: SERVFAIL, REFUSED */
	DNS64_WRONG,  /* another address, or none: this is not what we have configured */
};

struct dns64_answer {
	enum dns64_verdict verdict;
	uint8_t rcode;
	unsigned count;	    /* of addresses */
	struct ip6 address; /* the first one that is wrong, else the first */
};

/* 0; -ENOENT: an answer to something else; -EBADMSG. */
int dns64_answer_parse(const void *message, size_t len, const struct dns64_question *q,
		       struct dns64_answer *ret);

/* The IPv4 address in an address of the prefix (RFC 6052, section 2.2), host order. */
uint32_t dns64_embedded(const struct prefix6 *pool6, const struct ip6 *addr);
bool dns64_within(const struct prefix6 *pool6, const struct ip6 *addr);

/* --- what named has counted ----------------------------------------------------------------- */

#define DNS64_STATS_PORT      8053 /* of our own address, and for it alone: bind9's usual one */
#define DNS64_STATS_REPLY_MAX (1 << 18) /* octets; a busy named's has some 10,000 */
#define DNS64_STATS_QUERY     "GET /json/v1/server HTTP/1.1\r\nHost: named\r\nConnection: close\r\n\r\n"

/* Ours; the object of its reply that has it, and its name there. Since named was started. */
#define DNS64_COUNTERS(X)                                                                          \
	X(IPV4, "ipv4", "nsstats", "Requestv4")                                                    \
	X(IPV6, "ipv6", "nsstats", "Requestv6")                                                    \
	X(UDP, "udp", "nsstats", "QryUDP")                                                         \
	X(TCP, "tcp", "nsstats", "QryTCP")                                                         \
	X(RESPONSES, "responses", "nsstats", "Response")                                           \
	X(SUCCESS, "success", "nsstats", "QrySuccess")                                             \
	X(SYNTHESISED, "synthesised", "nsstats", "DNS64")                                          \
	X(NO_DATA, "no-data", "nsstats", "QryNxrrset")                                             \
	X(NXDOMAIN, "nxdomain", "nsstats", "QryNXDOMAIN")                                          \
	X(SERVFAIL, "servfail", "nsstats", "QrySERVFAIL")                                          \
	X(REFUSED, "refused", "rcodes", "REFUSED")                                                 \
	X(RECURSION, "recursion", "nsstats", "QryRecursion")                                       \
	X(RATE_DROPPED, "rate-dropped", "nsstats", "RateDropped")                                  \
	X(RATE_SLIPPED, "rate-truncated", "nsstats", "RateSlipped")

enum dns64_counter {
#define X(id, name, object, theirs) DNS64_COUNT_##id,
	DNS64_COUNTERS(X)
#undef X
		DNS64_COUNTER_COUNT
};

struct dns64_stats {
	uint64_t count[DNS64_COUNTER_COUNT];
};

const char *dns64_counter_name(enum dns64_counter c);
/* All that came over the connection. 0; -EBADMSG: not such a reply, or one that says no. */
int dns64_stats_parse(const char *reply, size_t len, struct dns64_stats *ret);

/* --- the door: 0 or -errno ------------------------------------------------------------------ */

/* Writes a file that everybody may read, whole or not at all; 1: it had this content already. */
int dns64_sys_write(const char *path, const char *text, size_t len);
/* NUL-terminated; -E2BIG: longer than that. */
int dns64_sys_read(const char *path, char *buf, size_t cap);
void dns64_sys_remove(const char *path); /* a file, or an empty directory */
int dns64_sys_mkdir(const char *path);	 /* 0 also where it is there; everybody may look into it */
/* A UDP socket that talks to port 53 of this address and to nobody else. */
int dns64_sys_open(const struct ip6 *addr, int *ret_fd);
/* Octets; -EAGAIN: none waits; -ECONNREFUSED: nobody listens there. */
int dns64_sys_recv(int fd, void *buf, size_t cap);
int dns64_sys_send(int fd, const void *buf, size_t len);
/* A TCP connection to DNS64_STATS_PORT, from this address to itself, that is being made. */
int dns64_sys_connect(const struct ip6 *addr, int *ret_fd);
/* Whether AppArmor keeps named from /run/brasberry, as far as files tell. */
bool dns64_sys_confined(void);

#endif
