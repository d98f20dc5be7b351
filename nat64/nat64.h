/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NAT64 (RFC 6146): what is to be had, and what Jool, tayga and nft are told and say. The packets
 * are the business of the kernel, or of tayga; this part writes their configurations, reads their
 * answers and judges them. It runs no tool: daemon/nat64.c does.
 *
 *	jool.c	   Jool's configuration for `jool file handle`; is it what the kernel has?
 *	jool_csv.c what `jool ... display --csv` says; jool_log.c what its kernel module logs
 *	tayga.c	   tayga.conf, and the nft rules that give its private addresses those of pool4
 *	held.c	   what one line has of it
 *	check.c	   pool4 against the box's own addresses and ports; which backend, and why
 *	sys.c	   the door: addresses, files, routes, conntrack
 */
#ifndef NAT64_NAT64_H
#define NAT64_NAT64_H

#include "base/addr.h"
#include "base/str.h"

#include <net/if.h>

#define NAT64_LABEL_MAX 16 /* of an instance in Jool and nft, with the NUL: Jool's limit */
#define NAT64_TABLE_MAX 40 /* of an nft table's name, with the NUL */
/* Of tayga's device: more than any packet of the core, so that what is too big is told by the line,
 * which knows best, and not in two steps. */
#define NAT64_TAYGA_MTU	 9216
#define NAT64_MTU_LOWEST 1280 /* RFC 8200, section 5: what every line carries */

/* A protocol is a bit here, so that a range may be for several. */
enum nat64_proto { NAT64_TCP, NAT64_UDP, NAT64_ICMP, NAT64_PROTOS };
#define NAT64_ALL ((1u << NAT64_PROTOS) - 1)

enum nat64_backend { NAT64_OFF, NAT64_JOOL, NAT64_TAYGA };

struct nat64_range {
	uint32_t addr;	      /* host order */
	uint16_t first, last; /* ports, or ICMP identifiers; both ends included */
	uint8_t protos;	      /* bits of enum nat64_proto */
};

struct nat64_ranges {
	struct nat64_range *item;
	unsigned count;
};

/* What is wanted. */
struct nat64_config {
	const char *instance; /* brasd's */
	struct prefix6 pool6; /* of 32, 40, 48, 56, 64 or 96 bits (RFC 6052, section 2.2) */
	const struct nat64_range *pool4;
	unsigned pool4_count;	 /* at least 1 */
	bool iptables;		 /* Jool's framework; else netfilter */
	bool log;		 /* Jool tells the kernel's log who gets which port */
	const char *subscribers; /* the device that they are behind; NULL: whoever asks is served */
	const char *device;	 /* tayga's */
	struct prefix4 hosts;	 /* private addresses, one for each host that tayga serves */
	const char *data_dir;	 /* where tayga keeps who has which */
};

const char *nat64_proto_name(enum nat64_proto p); /* "tcp" */
const char *nat64_backend_name(enum nat64_backend b);

/* The instance's name where 15 octets must do; a longer one is cut, and told apart by a hash. */
const char *nat64_label(char buf[NAT64_LABEL_MAX], const char *instance);
/* The name of our nft table. */
const char *nat64_table(char buf[NAT64_TABLE_MAX], const char *instance);

/* Ranges of one protocol each, in ascending order; what overlaps or adjoins is one. 0 or -ENOMEM.
 * The caller frees ret->item. */
int nat64_ranges_normal(const struct nat64_range *item, unsigned count, struct nat64_ranges *ret);
bool nat64_ranges_equal(const struct nat64_ranges *a, const struct nat64_ranges *b);
/* How many ports (of all protocols together) the ranges have. */
uint64_t nat64_ranges_size(const struct nat64_ranges *r);

/* --- Jool ---------------------------------------------------------------------------------- */

/* Its atomic configuration, as JSON: one instance, whole. What is not in it gets Jool's default. */
void nat64_jool_write(const struct nat64_config *c, struct sbuf *out);

/* A counter of `jool stats display --csv`. */
struct nat64_stat {
	char name[56]; /* lower case, with dashes, without JSTAT: "pool4-mismatch" */
	uint64_t value;
};
#define NAT64_STATS_MAX 128

struct nat64_stats {
	uint64_t bib, sessions, received6, received4, translated;
	uint64_t drops;	  /* all of `drop` together */
	uint64_t no_port; /* of these, those that most likely found no free port of pool4 */
	uint64_t passed;  /* left to the kernel's stack: not for the translator */
	struct nat64_stat drop[NAT64_STATS_MAX];
	unsigned drop_count;
};

/* Texts with or without header lines. 0; -EBADMSG: that is not what Jool says; -E2BIG. */
int nat64_stats_parse(const char *text, size_t len, struct nat64_stats *ret);
/* `jool pool4 display --csv` of one protocol, or of several behind each other. The caller frees
 * ret->item. 0, -EBADMSG or -ENOMEM. */
int nat64_pool4_parse(const char *text, size_t len, struct nat64_ranges *ret);

/* Of `jool global display --csv`: what we set. */
struct nat64_global {
	bool enabled, log;
	struct prefix6 pool6;
	uint32_t lowest_mtu;
};
int nat64_global_parse(const char *text, size_t len, struct nat64_global *ret); /* 0, -EBADMSG */

/* Of `jool instance display --csv`, which tells of all namespaces: the framework of the first
 * instance of this name. 0, -ENOENT, -EBADMSG. */
int nat64_framework_parse(const char *text, size_t len, const char *label, bool *ret_iptables);

/* What has to be done so that the instance becomes what is wanted. */
enum nat64_change { NAT64_SAME, NAT64_UPDATE, NAT64_REPLACE };
/* @pool4: as it is, normal. Jool cannot change pool6 or framework of an instance: REPLACE. */
enum nat64_change nat64_jool_compare(const struct nat64_config *c,
				     const struct nat64_global *global, bool iptables,
				     const struct nat64_ranges *pool4);

/* A line of the kernel's log about a mapping of this instance. 0; -ENOENT: it is something else. */
struct nat64_mapping {
	bool gone; /* else new */
	enum nat64_proto proto;
	struct ip6 src6;
	uint32_t src4;
	uint16_t port6, port4;
};
int nat64_log_parse(const char *line, size_t len, const char *label, struct nat64_mapping *ret);

/* --- tayga and nft ------------------------------------------------------------------------- */

void nat64_tayga_write(const struct nat64_config *c, struct sbuf *out);
struct prefix4 nat64_tayga_route4(const struct nat64_config *c); /* what is routed to its device */
/* Our table, whole, in one transaction: what was in it is gone. With the backend's rules:
 * masquerade of tayga's hosts, and, for both, nobody but subscribers reaches pool6. */
void nat64_nft_write(const struct nat64_config *c, enum nat64_backend b, struct sbuf *out);
void nat64_nft_delete(const struct nat64_config *c,
		      struct sbuf *out); /* also where there is none */
/* What the table's comment says; the same text, the same table. */
uint64_t nat64_nft_hash(const struct nat64_config *c, enum nat64_backend b);

struct nat64_nft {
	uint64_t hash;	    /* 0: not known */
	uint64_t no_pool4;  /* packets that no range of pool4 was for */
	uint64_t strangers; /* not from a subscriber */
	uint64_t flows;	    /* that got an address of pool4, ever */
};
/* The output of `nft list table`. 0 or -EBADMSG. */
int nat64_nft_parse(const char *text, size_t len, struct nat64_nft *ret);

/* --- judgement ----------------------------------------------------------------------------- */

/* An address of the box. */
struct nat64_own {
	uint32_t addr;
	uint8_t len;
	char ifname[IF_NAMESIZE];
};

struct nat64_ports {
	uint16_t first, last; /* net.ipv4.ip_local_port_range */
	const char *reserved; /* net.ipv4.ip_local_reserved_ports: "8080,9000-9100"; "" is none */
};

/* The traps, a line each into @why: a range of pool4 that the box itself uses for its own
 * connections; an address that is not the box's and that its neighbours would ask for in vain.
 * -EADDRINUSE: with this backend it must not be, @why says what to do; else 0, @why may have
 * warnings. */
int nat64_check(const struct nat64_config *c, enum nat64_backend b, const struct nat64_own *own,
		unsigned own_count, const struct nat64_ports *ports, struct sbuf *why);

/* RFC 6052, section 3.1: the well-known prefix does not stand for private IPv4 addresses. */
bool nat64_is_well_known(const struct prefix6 *p);

#endif
