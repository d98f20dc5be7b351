// SPDX-License-Identifier: GPL-2.0-or-later
/* `brasctl setup`, its pure part: answers, what follows from them and from the box, the file. */
#include "console/setup.h"

#include <errno.h>
#include <string.h>

const struct setup_question setup_questions[] = {
	{ "access", "Interface that subscribers are behind (several: a,b)", true },
	{ "pool", "IPv4 addresses for subscribers (prefix)", true },
	{ "radius", "RADIUS server (ADDRESS,SECRET), or none for a file of users", true },
	{ "core", "interface to the internet", false },
	{ "gateway", "our address on every line", false },
	{ "nat", "yes: subscribers share the address of core", false },
	{ "ipv6", "prefix that lines get a /64 of, or none", false },
	{ "dns", "name servers for subscribers: A,B or none", false },
	{ "users", "file of users", false },
	{ "user", "the first one in it, where it is made", false },
	{ "password", "of that user", false },
	{ "speed", "of who has no other: DOWN/UP in kbit/s, or none", false },
	{ "name", "name of this concentrator", false },
};
const unsigned setup_question_count = ARRAY_SIZE(setup_questions);

static bool is_question(const char *key, size_t len)
{
	for (unsigned i = 0; i < setup_question_count; i++)
		if (strlen(setup_questions[i].key) == len &&
		    !strncmp(setup_questions[i].key, key, len))
			return true;
	return false;
}

const char *setup_answer_of(const struct setup_answers *a, const char *key)
{
	for (unsigned i = 0; i < a->count; i++)
		if (!strcmp(a->item[i].key, key))
			return a->item[i].value;
	return NULL;
}

static int refuse(struct sbuf *why, const char *text, const char *what)
{
	char esc[80];

	sbuf_printf(why, "'%s': %s", str_escape(esc, sizeof(esc), text, strlen(text)), what);
	return -EINVAL;
}

static int unknown_key(struct sbuf *why, const char *text)
{
	(void)refuse(why, text, "unknown; known are");
	for (unsigned i = 0; i < setup_question_count; i++)
		sbuf_printf(why, " %s", setup_questions[i].key);
	sbuf_printf(why, ", and SECTION.KEY of brasd.conf(5)");
	return -EINVAL;
}

int setup_answer(struct setup_answers *a, const char *text, struct sbuf *why)
{
	const char *equals = strchr(text, '=');
	size_t len = equals ? (size_t)(equals - text) : 0;
	bool verbatim = memchr(text, '.', len);

	if (!len)
		return refuse(why, text, "an answer is KEY=VALUE");
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return refuse(why, text, "control characters are not allowed");
	if (len >= SETUP_KEY_MAX || strlen(equals + 1) >= SETUP_VALUE_MAX)
		return refuse(why, text, "too long");
	if (verbatim ? text[0] == '.' || equals[-1] == '.' || strcspn(text, "[]#") < len
		     : !is_question(text, len))
		return unknown_key(why, text);
	if (a->count == SETUP_ANSWERS_MAX)
		return refuse(why, text, "too many answers");
	memcpy(a->item[a->count].key, text, len);
	a->item[a->count].key[len] = '\0';
	strcpy(a->item[a->count].value, equals + 1);
	if (!verbatim && setup_answer_of(a, a->item[a->count].key) != a->item[a->count].value &&
	    setup_answer_of(a, a->item[a->count].key))
		return refuse(why, text, "answered already");
	a->count++;
	return 0;
}

int setup_answers_read(struct setup_answers *a, const char *path, const char *text,
		       struct sbuf *why)
{
	for (unsigned line = 1; *text; line++) {
		size_t len = strcspn(text, "\n");
		size_t skip = strspn(text, " \t");
		char one[SETUP_KEY_MAX + SETUP_VALUE_MAX + 1];
		size_t start = why->len;

		if (skip < len && text[skip] != '#') {
			struct sbuf what = { 0 };
			int rc = -EINVAL;

			if (len - skip >= sizeof(one)) {
				sbuf_printf(&what, "too long");
			} else {
				memcpy(one, text + skip, len - skip);
				one[len - skip] = '\0';
				rc = setup_answer(a, one, &what);
			}
			explicit_bzero(one, sizeof(one));
			if (rc)
				sbuf_printf(why, "%s:%u: %s", path, line, what.p ? what.p : "");
			sbuf_fini(&what);
			if (why->len != start)
				return -EINVAL;
		}
		text += len + !!text[len];
	}
	return 0;
}

/* --- the box ------------------------------------------------------------------------------- */

enum setup_have setup_kernel_option(const char *text, const char *name)
{
	char line[96];
	int len = snprintf(line, sizeof(line), "\nCONFIG_%s=", name);
	const char *found = strstr(text, line);

	if (!found && !strncmp(text, line + 1, (size_t)len - 1))
		found = text - 1;
	if (!found)
		return SETUP_NO;
	return found[len] == 'y' || found[len] == 'm' ? SETUP_YES : SETUP_NO;
}

bool setup_driver_has_xdp(const char *driver)
{
	/* Those of Linux 6.1 that have both ndo_bpf and ndo_xdp_xmit (read in its drivers/net), by
	 * the names that ethtool tells. ixgbevf, nicvf, mlx4_en and nfp run XDP, but take no
	 * redirects. */
	static const char *const names[] = {
		"atlantic", "bnxt_en",	     "cpsw",	    "cpsw-switch", "ena",
		"fsl_dpa",  "fsl_dpaa2_eth", "fsl_enetc",   "funeth",	   "hv_netvsc",
		"i40e",	    "ice",	     "igb",	    "igc",	   "ixgbe",
		"mana",	    "mlx5_core",     "mtk_soc_eth", "mvneta",	   "mvpp2",
		"netsec",   "qede",	     "rvu-nicpf",   "sfc",	   "sfc_siena",
		"st_gmac",  "st_xgmac",	     "veth",	    "virtio_net",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], driver))
			return true;
	return false;
}

const struct setup_port *setup_port_of(const struct setup_box *box, const char *name, size_t len)
{
	for (unsigned i = 0; i < box->port_count; i++)
		if (strlen(box->ports[i].name) == len && !strncmp(box->ports[i].name, name, len))
			return &box->ports[i];
	return NULL;
}

static bool has_address(const struct setup_box *box, const char *ifname)
{
	for (unsigned i = 0; i < box->address_count; i++)
		if (!strcmp(box->addresses[i].ifname, ifname))
			return true;
	return false;
}

static bool is_way(const struct setup_box *box, const struct setup_port *p)
{
	return p->default4 || p->default6 || has_address(box, p->name);
}

bool setup_port_used(const struct setup_box *box, const struct setup_port *p)
{
	bool used = is_way(box, p);

	for (unsigned i = 0; i < box->port_count && *p->name; i++)
		used |= !strcmp(box->ports[i].vlan_of, p->name) && is_way(box, &box->ports[i]);
	return used;
}

/* A cable's end that nothing else uses. */
static bool is_free(const struct setup_box *box, const struct setup_port *p)
{
	return p->ethernet && !p->wireless && !setup_port_used(box, p);
}

static const struct setup_port *uplink(const struct setup_box *box)
{
	const struct setup_port *found = NULL;

	for (unsigned i = 0; i < box->port_count; i++) {
		if (box->ports[i].default4)
			return &box->ports[i];
		if (box->ports[i].default6)
			found = &box->ports[i];
	}
	/* Without a default route: the one that has an address. */
	for (unsigned i = 0, n = 0; !found && i < box->port_count; i++) {
		if (!box->ports[i].ethernet || !has_address(box, box->ports[i].name))
			continue;
		if (n++)
			return NULL;
		found = &box->ports[i];
	}
	return found;
}

/* --- defaults ------------------------------------------------------------------------------ */

/* How many are free, of those that are VLAN devices or of the others. */
static unsigned free_ports(const struct setup_box *box, bool vlan, const struct setup_port **ret)
{
	unsigned n = 0;

	for (unsigned i = 0; i < box->port_count; i++) {
		if (!is_free(box, &box->ports[i]) || vlan != !!*box->ports[i].vlan_of)
			continue;
		*ret = &box->ports[i];
		n++;
	}
	return n;
}

/* The only free interface, or none. A VLAN device where there is no other, as on a box with one
 * port. */
static void default_access(const struct setup_box *box, struct sbuf *out)
{
	const struct setup_port *found = NULL;
	unsigned n = free_ports(box, false, &found);

	if (!n)
		n = free_ports(box, true, &found);
	if (n == 1)
		sbuf_printf(out, "%s", found->name);
}

/* RFC 1918, and RFC 6598's shared space of providers. */
static bool is_private(const struct prefix4 *p)
{
	static const struct prefix4 nets[] = {
		{ 0x0a000000, 8 }, { 0xac100000, 12 }, { 0xc0a80000, 16 }, { 0x64400000, 10 }
	};

	for (unsigned i = 0; i < ARRAY_SIZE(nets); i++)
		if (p->len >= nets[i].len && !((p->addr ^ nets[i].addr) >> (32 - nets[i].len)))
			return true;
	return false;
}

static void default_gateway(const char *pool, struct sbuf *out)
{
	struct prefix4 p;
	char text[IP4_STRLEN];

	/* A pool that is none is refused for itself. */
	sbuf_printf(out, "%s",
		    pool && !prefix4_parse(pool, &p) && p.len <= 30 ? ip4_str(text, p.addr + 1)
								    : "none");
}

static void default_nat(const struct setup_answers *a, struct sbuf *out)
{
	const char *pool = setup_answer_of(a, "pool"), *core = setup_answer_of(a, "core");
	struct prefix4 p;

	sbuf_printf(out, "%s",
		    pool && core && *core && strcmp(core, "none") != 0 &&
				    !prefix4_parse(pool, &p) && is_private(&p)
			    ? "yes"
			    : "no");
}

static void default_dns(const struct setup_box *box, struct sbuf *out)
{
	sbuf_printf(out, "%s%s%s", *box->dns[0] ? box->dns[0] : "none", *box->dns[1] ? "," : "",
		    box->dns[1]);
}

static void default_name(const struct setup_box *box, struct sbuf *out)
{
	size_t len = strspn(box->host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789-._");

	sbuf_printf(out, "%s", len && !box->host[len] ? box->host : "brasberry");
}

void setup_default(const struct setup_box *box, const struct setup_answers *a, const char *key,
		   struct sbuf *out)
{
	const struct setup_port *core = uplink(box);

	if (!strcmp(key, "access"))
		default_access(box, out);
	else if (!strcmp(key, "pool"))
		sbuf_printf(out, "100.64.0.0/18");
	else if (!strcmp(key, "core"))
		sbuf_printf(out, "%s", core ? core->name : "none");
	else if (!strcmp(key, "gateway"))
		default_gateway(setup_answer_of(a, "pool"), out);
	else if (!strcmp(key, "nat"))
		default_nat(a, out);
	else if (!strcmp(key, "dns"))
		default_dns(box, out);
	else if (!strcmp(key, "users"))
		sbuf_printf(out, SETUP_USERS);
	else if (!strcmp(key, "user"))
		sbuf_printf(out, "test");
	else if (!strcmp(key, "name"))
		default_name(box, out);
	else if (!strcmp(key, "radius") || !strcmp(key, "ipv6") || !strcmp(key, "speed"))
		sbuf_printf(out, "none");
}
