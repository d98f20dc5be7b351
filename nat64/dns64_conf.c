// SPDX-License-Identifier: GPL-2.0-or-later
/* named.conf. Whatever an operator can be harmed by is off or bounded: zone transfers, updates, new
 * zones, the control channel, what it tells of itself, and the cache, which is most of the memory
 * where nobody says otherwise. */
#include "nat64/dns64.h"
#include "base/siphash.h"
#include "nat64/nat64.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ACL "subscribers"
#define TLS "brasberry"

/* RFC 6052, section 3.1: the well-known prefix is not for private addresses. Left out of the list
 * of RFC 6890 are the ranges of documentation, and 100.64.0.0/10: nobody's name has such an
 * address, but that of a laboratory. */
static const char *const not_global[] = {
	"0.0.0.0/8",	 "10.0.0.0/8",	   "127.0.0.0/8", "169.254.0.0/16",
	"172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
};

static void quoted(struct sbuf *out, const char *s)
{
	sbuf_append(out, "\"", 1);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			sbuf_append(out, "\\", 1);
		sbuf_append(out, s, 1);
	}
	sbuf_append(out, "\"", 1);
}

static void net(struct sbuf *out, const struct dns64_net *n)
{
	char text[PREFIX_STRLEN];

	sbuf_printf(out, " %s%s;", n->except ? "!" : "",
		    n->is6 ? prefix6_str(text, &n->p6) : prefix4_str(text, &n->p4));
}

/* What is not to be in comes first: the first that fits decides. */
static void nets(struct sbuf *out, const struct dns64_net *n, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (n[i].except)
			net(out, &n[i]);
	for (unsigned i = 0; i < count; i++)
		if (!n[i].except)
			net(out, &n[i]);
}

/* Our own addresses are always in a list of clients: it is from them that we ask. */
static void ours(struct sbuf *out, const struct dns64_config *c)
{
	char text[IP6_STRLEN];

	sbuf_printf(out, " %s;", ip6_str(text, &c->listen));
	if (c->listen4)
		sbuf_printf(out, " %s;", ip4_str(text, c->listen4));
}

static void listen_on(struct sbuf *out, unsigned port, const char *how,
		      const struct dns64_config *c)
{
	char text[IP6_STRLEN];

	sbuf_printf(out, "\tlisten-on-v6 port %u%s { %s; };\n", port, how,
		    ip6_str(text, &c->listen));
	if (c->listen4)
		sbuf_printf(out, "\tlisten-on port %u%s { %s; };\n", port, how,
			    ip4_str(text, c->listen4));
}

static void write_addresses(struct sbuf *out, const struct dns64_config *c)
{
	listen_on(out, 53, "", c);
	if (!c->listen4)
		sbuf_printf(out, "\tlisten-on { none; };\n");
	if (!c->tls_cert)
		return;
	listen_on(out, DNS64_DOT_PORT, " tls \"" TLS "\"", c);
	listen_on(out, DNS64_DOH_PORT, " tls \"" TLS "\" http \"" TLS "\"", c);
}

static void write_head(struct sbuf *out, const struct dns64_config *c)
{
	char listen[IP6_STRLEN];

	sbuf_printf(out, "# made by brasd; changes are lost\n");
	sbuf_printf(out, "acl \"" ACL "\" {");
	ours(out, c);
	nets(out, c->allow, c->allow_count);
	sbuf_printf(out, " };\n");
	sbuf_printf(out, "controls { };\n"
			 "logging {\n"
			 "\tchannel \"helper\" { stderr; severity notice; print-category yes; };\n"
			 "\tcategory \"default\" { \"helper\"; };\n"
			 "\tcategory \"lame-servers\" { null; };\n"
			 "};\n");
	/* From itself to itself: nobody else on the box or on a line reads it. */
	sbuf_printf(out, "statistics-channels { inet %s port %u allow { %s; }; };\n",
		    ip6_str(listen, &c->listen), DNS64_STATS_PORT, listen);
	if (!c->tls_cert)
		return;
	sbuf_printf(out, "tls \"" TLS "\" {\n\tcert-file ");
	quoted(out, c->tls_cert);
	sbuf_printf(out, ";\n\tkey-file ");
	quoted(out, c->tls_key);
	sbuf_printf(out, ";\n"
			 "\tprotocols { TLSv1.2; TLSv1.3; };\n"
			 "\tprefer-server-ciphers yes;\n"
			 "};\n"
			 "http \"" TLS "\" { endpoints { \"" DNS64_DOH_PATH "\"; }; };\n");
}

static void write_policy(struct sbuf *out, const struct dns64_config *c)
{
	sbuf_printf(out, "\tdirectory ");
	quoted(out, c->work_dir);
	sbuf_printf(out, ";\n"
			 "\tpid-file none;\n"
			 "\tlock-file none;\n"
			 "\tsession-keyfile none;\n"
			 "\trecursion yes;\n"
			 "\tallow-query { \"" ACL "\"; };\n"
			 "\tallow-query-cache { \"" ACL "\"; };\n"
			 "\tallow-recursion { \"" ACL "\"; };\n"
			 "\tallow-transfer { none; };\n"
			 "\tallow-update { none; };\n"
			 "\tallow-notify { none; };\n"
			 "\tallow-new-zones no;\n"
			 "\tnotify no;\n"
			 "\tversion none;\n"
			 "\thostname none;\n"
			 "\tserver-id none;\n"
			 "\tminimal-responses yes;\n"
			 "\tminimal-any yes;\n"
			 "\tzone-statistics none;\n");
	sbuf_printf(out,
		    "\tdnssec-validation %s;\n"
		    "\tmax-cache-size %uM;\n"
		    "\trecursive-clients %u;\n"
		    "\ttcp-clients %u;\n",
		    c->validate ? "auto" : "no", c->cache, c->recursive_clients, c->tcp_clients);
	if (!c->rate_limit)
		return;
	sbuf_printf(out,
		    "\trate-limit { responses-per-second %u; ipv6-prefix-length 64; "
		    "ipv4-prefix-length 32; exempt-clients {",
		    c->rate_limit);
	ours(out, c);
	sbuf_printf(out, " }; };\n");
}

static void write_forward(struct sbuf *out, const struct dns64_config *c)
{
	if (!c->forward_count)
		return;
	sbuf_printf(out, "\tforward only;\n\tforwarders {");
	for (unsigned i = 0; i < c->forward_count; i++)
		sbuf_printf(out, " %s;", c->forward[i]);
	sbuf_printf(out, " };\n");
}

static void write_mapped(struct sbuf *out, const struct dns64_config *c)
{
	bool some = false;

	if (!c->mapped_count && !nat64_is_well_known(&c->pool6))
		return; /* any */
	sbuf_printf(out, "\t\tmapped {");
	nets(out, c->mapped, c->mapped_count);
	for (unsigned i = 0; !c->mapped_count && i < ARRAY_SIZE(not_global); i++)
		sbuf_printf(out, " !%s;", not_global[i]);
	for (unsigned i = 0; i < c->mapped_count; i++)
		some = some || !c->mapped[i].except;
	sbuf_printf(out, "%s };\n", some ? "" : " any;");
}

static void write_dns64(struct sbuf *out, const struct dns64_config *c)
{
	char text[PREFIX_STRLEN];

	sbuf_printf(out, "\tdns64 %s {\n", prefix6_str(text, &c->pool6));
	sbuf_printf(out, "\t\tclients {");
	if (c->client_count) {
		ours(out, c);
		nets(out, c->clients, c->client_count);
	} else {
		sbuf_printf(out, " \"" ACL "\";");
	}
	sbuf_printf(out, " };\n");
	write_mapped(out, c);
	sbuf_printf(out, "\t\texclude { ::ffff:0:0/96;"); /* RFC 6147, section 5.1.4 */
	for (unsigned i = 0; i < c->exclude_count; i++)
		sbuf_printf(out, " %s;", prefix6_str(text, &c->exclude[i]));
	sbuf_printf(out, " };\n");
	sbuf_printf(out, "\t\tbreak-dnssec %s;\n", c->break_dnssec ? "yes" : "no");
	sbuf_printf(out, "\t};\n");
}

/* The name that tells the prefix (RFC 7050, 8880): named makes this zone by itself, but not where
 * all is forwarded. The zone of the addresses' names (RFC 6147, section 5.3.1) it makes always. */
static void write_zones(struct sbuf *out)
{
	sbuf_printf(out, "zone \"" DNS64_WELL_KNOWN
			 "\" { type primary; database \"_dns64 ipv4only . .\"; };\n");
}

void dns64_conf_write(const struct dns64_config *c, struct sbuf *out)
{
	write_head(out, c);
	sbuf_printf(out, "options {\n");
	write_policy(out, c);
	write_addresses(out, c);
	write_forward(out, c);
	write_dns64(out, c);
	sbuf_printf(out, "};\n");
	write_zones(out);
}

/* --- the mark -------------------------------------------------------------------------------- */

uint64_t dns64_conf_hash(const struct sbuf *text)
{
	static const struct siphash_key key = { { 0 } }; /* against change, not against enemies */

	return siphash(&key, text->p, text->len) | 1;
}

void dns64_mark_write(const struct dns64_mark *m, struct sbuf *out)
{
	char a[IP6_STRLEN], b[IP4_STRLEN];

	sbuf_printf(out, "listen %s\nlisten4 %s\nloaded %016llx\n", ip6_str(a, &m->listen),
		    ip4_str(b, m->listen4), (unsigned long long)m->loaded);
}

int dns64_mark_parse(const char *text, struct dns64_mark *ret)
{
	unsigned long long loaded;
	struct dns64_mark m;
	char a[IP6_STRLEN], b[IP4_STRLEN];

	if (sscanf(text, "listen %45s listen4 %15s loaded %16llx", a, b, &loaded) != 3 ||
	    ip6_parse(a, &m.listen) || ip4_parse(b, &m.listen4))
		return -EBADMSG;
	m.loaded = loaded;
	*ret = m;
	return 0;
}
