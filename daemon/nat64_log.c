// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who had which address and port of pool4, from when and until when: a line for each beginning and
 * each end, as Jool tells the kernel's log.
 *
 *	2026-11-26T17:03:09Z begin tcp 203.0.113.10 64307 2001:db8:1::2 41434
 */
#include "daemon/nat64_priv.h"
#include "daemon/port_log.h"

#include <errno.h>
#include <stdio.h>

struct nat64_log {
	struct nat64_kmsg *kmsg;
	struct port_log *file;
	char label[NAT64_LABEL_MAX];
};

static void on_line(void *arg, uint64_t now, const char *line, size_t len)
{
	struct nat64_log *l = arg;
	char ip4[IP4_STRLEN], ip6[IP6_STRLEN];
	struct nat64_mapping m;

	if (nat64_log_parse(line, len, l->label, &m))
		return;
	port_log_put(l->file, now, "%s %s %s %u %s %u", m.gone ? "end" : "begin",
		     nat64_proto_name(m.proto), ip4_str(ip4, m.src4), m.port4,
		     ip6_str(ip6, &m.src6), m.port6);
}

static void on_lost(void *arg, uint64_t now)
{
	struct nat64_log *l = arg;

	port_log_missed(l->file);
	port_log_put(l->file, now, "lost");
}

int nat64_log_open(struct nat64_log **ret, struct loop *loop, const char *path, uint32_t megabytes,
		   const char *label)
{
	static const struct nat64_kmsg_ops ops = { on_line, on_lost };
	struct nat64_log *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return -ENOMEM;
	snprintf(l->label, sizeof(l->label), "%s", label);
	rc = port_log_open(&l->file, "nat64", path, megabytes);
	rc = rc ? rc : nat64_kmsg_open(&l->kmsg, loop, &ops, l);
	if (rc) {
		nat64_log_close(l);
		return rc;
	}
	*ret = l;
	return 0;
}

void nat64_log_close(struct nat64_log *l)
{
	if (!l)
		return;
	nat64_kmsg_close(l->kmsg);
	port_log_close(l->file);
	free(l);
}

uint64_t nat64_log_lost(const struct nat64_log *l)
{
	return port_log_lost(l->file);
}
