// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NAT64 by Jool: the module, what there is of our instance, and the instance as it should be. Then
 * the nft table, which both backends have.
 */
#include "daemon/nat64_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define RC_NO_INSTANCE 3 /* ESRCH: "This namespace lacks an instance named ..." */

/* --- nft ----------------------------------------------------------------------------------- */

static void rules_set(struct nat64 *n, int rc, const char *out, size_t len)
{
	char line[256];

	if (rc)
		nat64_fail(n, "nft: %s", nat64_first_line(line, sizeof(line), out, len));
	else
		nat64_up(n);
}

static void rules_listed(struct nat64 *n, int rc, const char *out, size_t len)
{
	bool wanted = n->backend == NAT64_TAYGA || n->want.subscribers;
	struct sbuf text = { 0 };
	struct nat64_nft nft;

	if (rc < 0) { /* nft is not installed, or the helper is gone */
		rules_set(n, rc, out, len);
		return;
	}
	if (rc || nat64_nft_parse(out, len, &nft))
		nft.hash = 0;
	if ((!wanted && rc) || (wanted && nft.hash == nat64_nft_hash(&n->want, n->backend))) {
		nat64_up(n);
		return;
	}
	if (wanted)
		nat64_nft_write(&n->want, n->backend, &text);
	else
		nat64_nft_delete(&n->want, &text);
	nat64_ask_text(n, rules_set, "nft", NULL, &text);
}

void nat64_rules(struct nat64 *n)
{
	NAT64_ASK(n, rules_listed, "nft-list", n->table);
}

static void rules_deleted(struct nat64 *n, int rc, const char *out, size_t len)
{
	(void)rc, (void)out, (void)len;
	n->rules_then(n);
}

void nat64_rules_remove(struct nat64 *n, nat64_step_fn *then)
{
	struct sbuf text = { 0 };

	n->rules_then = then;
	nat64_nft_delete(&n->want, &text);
	nat64_ask_text(n, rules_deleted, "nft", NULL, &text);
}

/* --- away with it -------------------------------------------------------------------------- */

static void jool_removed(struct nat64 *n, int rc, const char *out, size_t len)
{
	char line[256];

	if (rc && rc != RC_NO_INSTANCE)
		log_warn("nat64: Jool's instance %s stays: %s", n->label,
			 nat64_first_line(line, sizeof(line), out, len));
	nat64_sys_remove(n->jool_conf);
	n->jool_then(n);
}

void nat64_jool_remove(struct nat64 *n, nat64_step_fn *then)
{
	n->jool_then = then;
	if (!nat64_sys_exists(n->jool_conf)) {
		then(n);
		return;
	}
	NAT64_ASK(n, jool_removed, "jool-remove", n->label);
}

/* --- as it should be ----------------------------------------------------------------------- */

static void tayga_gone(struct nat64 *n)
{
	nat64_rules(n);
}

/* Jool has it from here on. */
static void jool_is_set(struct nat64 *n)
{
	n->backend = NAT64_JOOL;
	nat64_tayga_remove(n, tayga_gone);
}

static void file_handled(struct nat64 *n, int rc, const char *out, size_t len)
{
	char line[256];

	if (rc) {
		nat64_fail(n, "jool: %s", nat64_first_line(line, sizeof(line), out, len));
		return;
	}
	log_notice("nat64: Jool's instance %s is %s", n->label, n->found ? "changed" : "made");
	jool_is_set(n);
}

/* The file is for people, and says that the instance is ours: before it is made, so that nothing
 * is left behind if we die in between. */
static void file_handle(struct nat64 *n)
{
	struct sbuf text = { 0 };
	int rc;

	nat64_jool_write(&n->want, &text);
	rc = text.bad ? -ENOMEM : nat64_sys_write(n->jool_conf, text.p, text.len);
	if (rc < 0) {
		nat64_fail(n, "%s: %s", n->jool_conf, strerror(-rc));
		sbuf_fini(&text);
		return;
	}
	nat64_ask_text(n, file_handled, "jool-file", n->label, &text);
}

static void old_removed(struct nat64 *n, int rc, const char *out, size_t len)
{
	char line[256];

	if (rc) {
		nat64_fail(n, "jool: %s", nat64_first_line(line, sizeof(line), out, len));
		return;
	}
	n->found = false;
	file_handle(n);
}

static void apply(struct nat64 *n)
{
	if (!nat64_checked(n))
		return;
	if (n->change == NAT64_SAME) {
		struct sbuf text = { 0 };

		nat64_jool_write(&n->want, &text);
		if (!text.bad) /* one of before our time, or made by hand, is ours now */
			(void)nat64_sys_write(n->jool_conf, text.p, text.len);
		sbuf_fini(&text);
		jool_is_set(n);
	} else if (n->change == NAT64_REPLACE) {
		log_warn("nat64: pool6 or framework is another: what Jool translates just now "
			 "ends");
		NAT64_ASK(n, old_removed, "jool-remove", n->label);
	} else {
		file_handle(n);
	}
}

/* --- as it is ------------------------------------------------------------------------------ */

static void pool4_ask(struct nat64 *n);

static void pool4_read(struct nat64 *n, int rc, const char *out, size_t len)
{
	struct nat64_ranges r;

	n->change = NAT64_UPDATE;
	if (!rc) {
		sbuf_append(&n->text, out, len);
		n->protocol++;
		if (n->protocol < NAT64_PROTOS) {
			pool4_ask(n);
			return;
		}
		if (!n->text.bad && !nat64_pool4_parse(n->text.p, n->text.len, &r)) {
			n->change = nat64_jool_compare(&n->want, &n->global, n->iptables, &r);
			free(r.item);
		}
	}
	apply(n);
}

static void pool4_ask(struct nat64 *n)
{
	char flag[16];

	snprintf(flag, sizeof(flag), "--%s", nat64_proto_name((enum nat64_proto)n->protocol));
	NAT64_ASK(n, pool4_read, "jool-pool4", n->label, flag);
}

static void global_read(struct nat64 *n, int rc, const char *out, size_t len)
{
	n->found = !rc && !nat64_global_parse(out, len, &n->global);
	if (!n->found) { /* another namespace's, of the same name */
		n->change = NAT64_UPDATE;
		apply(n);
		return;
	}
	sbuf_fini(&n->text);
	n->text = (struct sbuf){ 0 };
	n->protocol = 0;
	pool4_ask(n);
}

static void no_jool(struct nat64 *n, const char *what, const char *why)
{
	if (n->d->config->nat64.backend == CONFIG_NAT64_JOOL) {
		nat64_fail(n, "%s: %s", what, why);
		return;
	}
	snprintf(n->choice, sizeof(n->choice), "%s: %s", what, why);
	nat64_tayga_begin(n);
}

static void instances_read(struct nat64 *n, int rc, const char *out, size_t len)
{
	char line[256];
	int found;

	if (rc) {
		no_jool(n, "the tool jool does not work",
			nat64_first_line(line, sizeof(line), out, len));
		return;
	}
	n->backend = NAT64_JOOL;
	snprintf(n->choice, sizeof(n->choice), "%s",
		 n->d->config->nat64.backend == CONFIG_NAT64_JOOL ? "as configured"
								  : "its module is loaded");
	found = nat64_framework_parse(out, len, n->label, &n->iptables);
	if (found == -ENOENT) {
		n->found = false;
		n->change = NAT64_UPDATE;
		apply(n);
	} else if (found) {
		nat64_fail(n, "jool instance display: %s",
			   nat64_first_line(line, sizeof(line), out, len));
	} else {
		NAT64_ASK(n, global_read, "jool-show", n->label, "global");
	}
}

static void module_loaded(struct nat64 *n, int rc, const char *out, size_t len)
{
	char line[256];

	if (rc)
		no_jool(n, "Jool's module cannot be loaded",
			nat64_first_line(line, sizeof(line), out, len));
	else
		NAT64_ASK(n, instances_read, "jool-instances");
}

void nat64_jool_begin(struct nat64 *n)
{
	/* What is translated now would end, for nothing that was asked for. */
	if (n->d->config->nat64.backend == CONFIG_NAT64_AUTO && nat64_sys_exists(n->tayga_conf)) {
		snprintf(n->choice, sizeof(n->choice),
			 "it is in use since before; a clean end and a new "
			 "start choose again");
		nat64_tayga_begin(n);
		return;
	}
	NAT64_ASK(n, module_loaded, "module", "jool");
}
