// SPDX-License-Identifier: GPL-2.0-or-later
/* `brasctl setup`: whether the answers fit the box, and the file that they make. */
#include "console/setup.h"

#include <errno.h>
#include <string.h>

static bool is_none(const char *s)
{
	return !*s || !strcmp(s, "none");
}

static const char *get(const struct setup_answers *a, const char *key)
{
	const char *v = setup_answer_of(a, key);

	return v ? v : "";
}

static int bad(struct sbuf *why, const char *key, const char *value, const char *what)
{
	char esc[80];

	sbuf_printf(why, "%s=%s: %s", key, str_escape(esc, sizeof(esc), value, strlen(value)),
		    what);
	return -EINVAL;
}

static void name_ports(const struct setup_box *box, struct sbuf *out)
{
	const char *comma = "; there are ";

	for (unsigned i = 0; i < box->port_count; i++) {
		if (!box->ports[i].ethernet)
			continue;
		sbuf_printf(out, "%s%s", comma, box->ports[i].name);
		comma = ", ";
	}
}

/* Every question gets its answer; `password` is made by who can. */
static int fill(const struct setup_box *box, struct setup_answers *a, struct sbuf *why)
{
	for (unsigned i = 0; i < setup_question_count; i++) {
		const char *key = setup_questions[i].key;
		struct sbuf answer = { 0 };
		int rc;

		if (setup_answer_of(a, key) || !strcmp(key, "password"))
			continue;
		sbuf_printf(&answer, "%s=", key);
		setup_default(box, a, key, &answer);
		rc = answer.bad ? -ENOMEM : 0;
		if (!rc && answer.p[answer.len - 1] == '=') {
			sbuf_printf(why, "%s needs an answer: %s", key, setup_questions[i].text);
			if (!strcmp(key, "access"))
				name_ports(box, why);
			rc = -EINVAL;
		}
		if (!rc)
			rc = setup_answer(a, answer.p, why);
		sbuf_fini(&answer);
		if (rc)
			return rc;
	}
	return 0;
}

static int check_port(const struct setup_box *box, const char *key, const char *list, size_t len,
		      struct sbuf *why)
{
	if (setup_port_of(box, list, len))
		return 0;
	(void)bad(why, key, list, "there is no such interface");
	name_ports(box, why);
	return -EINVAL;
}

static void warn_port(const struct setup_box *box, const struct setup_port *p, bool is_core,
		      struct sbuf *warnings)
{
	const struct setup_port *parent = setup_port_of(box, p->vlan_of, strlen(p->vlan_of));

	if (is_core)
		sbuf_printf(
			warnings,
			"%s is the way to the internet as well: a switch has to keep subscribers "
			"in VLANs of their own there; a VLAN device of it as access lets in one "
			"VLAN alone\n",
			p->name);
	else if (p->default4 || p->default6)
		sbuf_printf(warnings,
			    "%s has the default route: it is the way to the internet, "
			    "hardly that to subscribers\n",
			    p->name);
	if (*p->vlan_of && (!parent || !setup_port_used(box, parent)))
		sbuf_printf(warnings,
			    "%s is a VLAN device of %s: brasd takes tagged frames from %s "
			    "itself, and serves lines of all tags there\n",
			    p->name, p->vlan_of, p->vlan_of);
	if (!p->ethernet)
		sbuf_printf(warnings, "%s is no Ethernet\n", p->name);
	if (p->wireless)
		sbuf_printf(warnings, "%s is Wi-Fi, hardly the way to subscribers\n", p->name);
}

static int check_access(const struct setup_box *box, const struct setup_answers *a,
			struct sbuf *why, struct sbuf *warnings)
{
	const char *list = get(a, "access"), *core = get(a, "core");

	for (size_t len; *list; list += len + !!list[len]) {
		int rc;

		len = strcspn(list, ",");
		rc = check_port(box, "access", list, len, why);
		if (rc)
			return rc;
		warn_port(box, setup_port_of(box, list, len),
			  strlen(core) == len && !strncmp(core, list, len), warnings);
	}
	return is_none(core) ? 0 : check_port(box, "core", core, strlen(core), why);
}

static bool overlap(const struct prefix4 *a, const struct prefix4 *b)
{
	uint8_t len = a->len < b->len ? a->len : b->len;

	return !len || !((a->addr ^ b->addr) >> (32 - len));
}

static int check_pool(const struct setup_box *box, const struct setup_answers *a, struct sbuf *why)
{
	const char *pool = get(a, "pool"), *gateway = get(a, "gateway");
	char text[IP4_STRLEN];
	struct prefix4 p;
	uint32_t gw;

	if (prefix4_parse(pool, &p) || p.len < 8 || p.len > 30)
		return bad(why, "pool", pool, "a prefix of /8 to /30 is needed: 100.64.0.0/18");
	if (ip4_parse(gateway, &gw))
		return bad(why, "gateway", gateway, "that is no address");
	for (unsigned i = 0; i < box->address_count; i++) {
		const struct setup_address *other = &box->addresses[i];

		if (!overlap(&p, &other->net))
			continue;
		(void)bad(why, "pool", pool, "it overlaps the network of ");
		sbuf_printf(why, "%s (%s/%u): take another", other->ifname,
			    ip4_str(text, other->addr), other->net.len);
		return -EINVAL;
	}
	return 0;
}

/* What would be read as something else in the users file, or in a file of ours. */
static int check_words(const struct setup_answers *a, struct sbuf *why)
{
	static const char *const keys[] = { "user", "password", "users" };

	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *v = setup_answer_of(a, keys[i]);

		if (v && (!*v || strpbrk(v, " \t\"'\\#,")))
			return bad(why, keys[i], i == 1 ? "***" : v,
				   "blanks, quotes, commas, \\ and # are not allowed here");
	}
	return 0;
}

int setup_decide(const struct setup_box *box, struct setup_answers *a, struct sbuf *why,
		 struct sbuf *warnings)
{
	const char *nat;
	int rc = fill(box, a, why);

	if (!rc)
		rc = check_access(box, a, why, warnings);
	if (!rc)
		rc = check_pool(box, a, why);
	if (!rc)
		rc = check_words(a, why);
	if (rc)
		return rc;
	nat = get(a, "nat");
	if (strcmp(nat, "yes") && strcmp(nat, "no"))
		return bad(why, "nat", nat, "yes or no");
	if (!strcmp(nat, "yes") && is_none(get(a, "core")))
		return bad(why, "nat", nat, "needs core, an interface to the internet");
	return 0;
}

/* --- the file ------------------------------------------------------------------------------ */

struct writer {
	const struct setup_answers *a;
	struct sbuf *out;
	const char *section;
};

/* Whether an answer SECTION.KEY=... takes the place of what we would write. */
static bool is_given(const struct setup_answers *a, const char *section, const char *key)
{
	size_t len = strlen(section);

	for (unsigned i = 0; i < a->count; i++)
		if (!strncmp(a->item[i].key, section, len) && a->item[i].key[len] == '.' &&
		    !strcmp(a->item[i].key + len + 1, key))
			return true;
	return false;
}

static void put(struct writer *w, const char *key, const char *value)
{
	if (!is_given(w->a, w->section, key))
		sbuf_printf(w->out, "%s = %s\n", key, value);
}

static void put_each(struct writer *w, const char *key, const char *list)
{
	for (size_t len; *list; list += len + !!list[len]) {
		len = strcspn(list, ",");
		if (len && !is_given(w->a, w->section, key))
			sbuf_printf(w->out, "%s = %.*s\n", key, (int)len, list);
	}
}

/* The next section; what the answers say of this one stands first. */
static void begin(struct writer *w, const char *section)
{
	size_t len = strlen(section);

	sbuf_printf(w->out, "\n[%s]\n", section);
	w->section = section;
	for (unsigned i = 0; i < w->a->count; i++) {
		const char *key = w->a->item[i].key;

		if (!strncmp(key, section, len) && key[len] == '.')
			sbuf_printf(w->out, "%s = %s\n", key + len + 1, w->a->item[i].value);
	}
}

static void put_ipv6(struct writer *w)
{
	const char *ipv6 = get(w->a, "ipv6");
	struct sbuf value = { 0 };

	if (is_none(ipv6))
		return;
	begin(w, "ipv6-pool");
	put(w, "gw-ip6-address", "fe80::1");
	sbuf_printf(&value, "%s%s", ipv6, strchr(ipv6, ',') ? "" : ",64");
	put(w, "prefix", value.p ? value.p : "");
	sbuf_fini(&value);
}

static void put_dns(struct writer *w)
{
	const char *dns = get(w->a, "dns");
	size_t len = strcspn(dns, ",");
	char first[SETUP_VALUE_MAX];

	if (is_none(dns))
		return;
	begin(w, "dns");
	memcpy(first, dns, len);
	first[len] = '\0';
	put(w, "dns1", first);
	if (dns[len])
		put(w, "dns2", dns + len + 1);
}

/* Sections that only the answers with a dot name. */
static void put_others(struct writer *w)
{
	for (unsigned i = 0; i < w->a->count; i++) {
		const char *key = w->a->item[i].key;
		char section[SETUP_KEY_MAX + 2];
		size_t len = strcspn(key, ".");

		if (!key[len])
			continue;
		snprintf(section, sizeof(section), "[%.*s]", (int)len, key);
		if (strstr(w->out->p, section))
			continue;
		section[len + 1] = '\0';
		begin(w, section + 1);
	}
}

void setup_write(const struct setup_answers *a, struct sbuf *out)
{
	struct writer w = { .a = a, .out = out };
	bool radius = !is_none(get(a, "radius"));

	sbuf_printf(out, "# Written by brasctl setup. brasd.conf(5) has every key; "
			 "`brasctl config explain KEY`\n# tells of one.\n");
	begin(&w, "pppoe");
	put_each(&w, "interface", get(a, "access"));
	put(&w, "ac-name", get(a, "name"));
	begin(&w, "ppp");
	if (is_none(get(a, "ipv6")))
		put(&w, "ipv6", "deny");
	if (!radius) {
		begin(&w, "auth");
		put(&w, "users-file", get(a, "users"));
	} else {
		begin(&w, "radius");
		put(&w, "server", get(a, "radius"));
	}
	begin(&w, "ip-pool");
	put(&w, "gw-ip-address", get(a, "gateway"));
	put(&w, "pool", get(a, "pool"));
	put_dns(&w);
	put_ipv6(&w);
	if (!is_none(get(a, "speed"))) {
		begin(&w, "shaper");
		put(&w, "default", get(a, "speed"));
	}
	if (!strcmp(get(a, "nat"), "yes")) {
		begin(&w, "nat44");
		put(&w, "masquerade", get(a, "core"));
	}
	put_others(&w);
}
