/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `brasctl setup`: from a look at the box and a few answers to a working configuration.
 *
 * An answer is KEY=VALUE: one of setup_questions, or, with a dot, a key of brasd.conf(5) as it is
 * to stand there (shaper.up=police; again for keys that may be repeated). setup_sys.c and
 * setup_look_sys.c look, ask, and write; everything else here is pure.
 */
#ifndef CONSOLE_SETUP_H
#define CONSOLE_SETUP_H

#include "base/addr.h"
#include "base/str.h"

#include <net/if.h>
#include <stdio.h>

#define SETUP_PORTS_MAX	    128
#define SETUP_ADDRESSES_MAX 256
#define SETUP_ANSWERS_MAX   64
#define SETUP_KEY_MAX	    64
#define SETUP_VALUE_MAX	    512
#define SETUP_FILE	    "/etc/brasberry/brasd.conf"
#define SETUP_USERS	    "/etc/brasberry/users"

struct setup_port {
	char name[IFNAMSIZ], driver[32];
	char vlan_of[IFNAMSIZ]; /* empty: it is no VLAN device */
	bool ethernet, wireless, up, carrier, default4, default6;
	unsigned mtu;
};

struct setup_address {
	char ifname[IFNAMSIZ];
	struct prefix4 net;
	uint32_t addr;
};

enum setup_have { SETUP_UNKNOWN, SETUP_NO, SETUP_YES };

/* What is here. The kernel's options are unknown where its .config is nowhere to be read. */
struct setup_box {
	struct setup_port ports[SETUP_PORTS_MAX];
	unsigned port_count;
	struct setup_address addresses[SETUP_ADDRESSES_MAX];
	unsigned address_count;
	char host[64], release[65];
	unsigned kernel; /* 5.15 is 5015 */
	enum setup_have bpf, veth, cls_bpf, htb, fq_codel;
	enum setup_have jool_module, jool_tools, tayga, nft, named, freeradius;
	char dns[2][IP4_STRLEN]; /* the box's own name servers, empty where there is none */
};

struct setup_answers {
	struct {
		char key[SETUP_KEY_MAX], value[SETUP_VALUE_MAX];
	} item[SETUP_ANSWERS_MAX];
	unsigned count;
};

/* Asked in this order; only the first three are asked of people, the others have their default. */
struct setup_question {
	const char *key, *text;
	bool asked;
};
extern const struct setup_question setup_questions[];
extern const unsigned setup_question_count;

/* One KEY=VALUE. 0; -EINVAL and @why (also for a key given twice, but for those with a dot). */
int setup_answer(struct setup_answers *a, const char *text, struct sbuf *why);
/* A file of them, a line each; '#' begins a comment line. @path is what @why names. */
int setup_answers_read(struct setup_answers *a, const char *path, const char *text,
		       struct sbuf *why);
const char *setup_answer_of(const struct setup_answers *a, const char *key); /* or NULL */

/* What counts where the question has no answer; empty: there must be one. */
void setup_default(const struct setup_box *box, const struct setup_answers *a, const char *key,
		   struct sbuf *out);
/* Gives every question without an answer its default, and checks what brasd -t cannot: that the
 * interfaces are there, and the pool is nobody's. 0, or -EINVAL and @why. @warnings: lines. */
int setup_decide(const struct setup_box *box, struct setup_answers *a, struct sbuf *why,
		 struct sbuf *warnings);
/* The file. After setup_decide(). */
void setup_write(const struct setup_answers *a, struct sbuf *out);

/* CONFIG_@name in the text of a kernel's .config. */
enum setup_have setup_kernel_option(const char *text, const char *name);
/* Whether the driver is known for native XDP that receives redirects. */
bool setup_driver_has_xdp(const char *driver);
/* Whether it, or a VLAN device of it, has an address or a default route. */
bool setup_port_used(const struct setup_box *box, const struct setup_port *p);
const struct setup_port *setup_port_of(const struct setup_box *box, const char *name, size_t len);

/* Texts of the system, into the box (setup_parse.c): /proc/net/route, /proc/net/ipv6_route,
 * /proc/net/vlan/config, /etc/resolv.conf. What is not understood is passed over. */
void setup_routes4_read(struct setup_box *box, const char *text);
void setup_routes6_read(struct setup_box *box, const char *text);
void setup_vlans_read(struct setup_box *box, const char *text);
void setup_resolv_read(struct setup_box *box, const char *text);

/* For people: what was found; what to plug where, and what to do next (setup_report.c). */
void setup_describe(const struct setup_box *box, struct sbuf *out);
void setup_report(const struct setup_box *box, const struct setup_answers *a, const char *file,
		  const char *instance, struct sbuf *out);

/* The whole command: @argv is what follows `setup`. An exit code of brasctl. */
int setup(unsigned argc, const char *const *argv, const char *instance, FILE *out, FILE *err);
/* What is here. 0 or -errno. */
int setup_look(struct setup_box *ret);

#endif
