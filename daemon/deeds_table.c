// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The fixed list. A deed says all that may vary, and how far: nothing here goes through a shell,
 * and no argument can become an option, because each has a pattern that begins with no dash.
 */
#include "daemon/deeds_table.h"

#include "base/str.h"
#include "nat64/held.h"
#include "nat64/nat64.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

#define MODULES                                                                                    \
	"jool|tun|veth|sch_ingress|sch_htb|sch_tbf|sch_fq_codel|sch_mq|cls_bpf|act_mirred|"        \
	"act_police|8021q|nf_conntrack|nf_tables|nft_chain_nat|nft_masq|vxlan|ip_gre|ip6_gre"
#define CHILDREN "named|tayga|brasmon"

const char *const deed_dirs[] = { "/usr/sbin",	     "/usr/bin",       "/sbin", "/bin",
				  "/usr/local/sbin", "/usr/local/bin", NULL };

/* '*' is one part of a path: an interface's name, "all" or "default". */
static const char *const sysctls[] = {
	"net/ipv4/ip_forward",
	"net/ipv4/conf/*/forwarding",
	"net/ipv4/conf/*/rp_filter",
	"net/ipv4/conf/*/send_redirects",
	"net/ipv4/conf/*/accept_redirects",
	"net/ipv4/conf/*/proxy_arp",
	"net/ipv6/conf/*/forwarding",
	"net/ipv6/conf/*/disable_ipv6",
	"net/ipv6/conf/*/accept_ra",
	"net/ipv6/conf/*/autoconf",
	"net/ipv6/conf/*/accept_dad",
	"net/ipv6/conf/*/addr_gen_mode",
	"net/netfilter/nf_conntrack_acct",
	"net/netfilter/nf_conntrack_max",
	"net/netfilter/nf_conntrack_tcp_be_liberal",
	"net/core/bpf_jit_enable",
	"net/core/rps_sock_flow_entries",
};

const struct deed deed_table[] = {
	{ "module", DEED_RUN, false, "modprobe", { "--", "%c" }, MODULES, NULL },
	{ "sysctl", DEED_SYSCTL, false, NULL, { "%s", "%d" }, NULL, NULL },

	/* NAT64: Jool (one instance of ours), tayga */
	{ "jool-remove", DEED_RUN, false, "jool", { "instance", "remove", "%n" }, NULL, NULL },
	{ "jool-instances",
	  DEED_RUN,
	  false,
	  "jool",
	  { "instance", "display", "--csv", "--no-headers" },
	  NULL,
	  NULL },
	{ "jool-file",
	  DEED_RUN,
	  true,
	  "jool",
	  { "-i", "%n", "file", "handle", "/dev/stdin" },
	  NULL,
	  NULL },
	{ "jool-show",
	  DEED_RUN,
	  false,
	  "jool",
	  { "-i", "%n", "%c", "display", "--csv", "--no-headers" },
	  "global|stats",
	  NULL },
	{ "jool-pool4",
	  DEED_RUN,
	  false,
	  "jool",
	  { "-i", "%n", "pool4", "display", "--csv", "--no-headers", "%c" },
	  "--tcp|--udp|--icmp",
	  NULL },
	{ "jool-count",
	  DEED_COUNT,
	  true,
	  "jool",
	  { "-i", "%n", "session", "display", "--csv", "--no-headers", "--numeric", "%c" },
	  "--tcp|--udp|--icmp",
	  deed_of_ok },
	/* not -d: it would tell of each new host, which subscribers may make at will */
	{ "start-tayga", DEED_START, false, "tayga", { "-n", "-c", "%f" }, NULL, NULL },
	{ "tayga-mktun", DEED_RUN, false, "tayga", { "-c", "%f", "--mktun" }, NULL, NULL },
	{ "tayga-rmtun", DEED_RUN, false, "tayga", { "-c", "%f", "--rmtun" }, NULL, NULL },

	{ "nft", DEED_RUN, true, "nft", { "-f", "-" }, NULL, deed_nft_ok },
	{ "nft-list", DEED_RUN, false, "nft", { "list", "table", "inet", "%n" }, NULL, NULL },

	/* DNS64: bind9 */
	{ "named-dir", DEED_DIR, false, NULL, { "%u", "%f" }, NULL, NULL },
	{ "named-check", DEED_RUN, false, "named-checkconf", { "%f" }, NULL, NULL },
	{ "start-named", DEED_START, false, "named", { "-f", "-u", "%u", "-c", "%f" }, NULL, NULL },

	/* the mirror's virtual port */
	{ "start-brasmon",
	  DEED_START,
	  false,
	  "brasmon",
	  { "-i", "%n", "-d", "%n", "-s", "%d", "all", "%c" },
	  "both|control",
	  NULL },

	{ "stop", DEED_STOP, false, NULL, { "%c" }, CHILDREN, NULL },
	{ "status", DEED_STATUS, false, NULL, { "%c" }, CHILDREN, NULL },
	{ "hup", DEED_HUP, false, NULL, { "%c" }, CHILDREN, NULL },
};
const unsigned deed_count = ARRAY_SIZE(deed_table);

/* --- patterns ----------------------------------------------------------------------------------
 */

static bool only(const char *s, const char *chars, size_t max)
{
	size_t n = strspn(s, chars);

	return n && n <= max && !s[n];
}

static bool is_choice(const char *s, const char *choices)
{
	size_t len = strlen(s);

	if (strchr(s, '|'))
		return false;
	for (const char *c = choices; len; c++) {
		size_t n = strcspn(c, "|");

		if (n == len && !memcmp(c, s, n))
			return true;
		c += n;
		if (!*c)
			break;
	}
	return false;
}

static bool is_number(const char *s, size_t len)
{
	char text[16];
	uint64_t v;

	if (!len || len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	return !str_to_u64(text, 0, UINT32_MAX, &v);
}

static bool below(const char *file, const char *dir, const char *instance)
{
	size_t n = strlen(dir), m = strlen(instance);

	if (strncmp(file, dir, n))
		return false;
	file += n;
	if (!m)
		return *file;
	return !strncmp(file, instance, m) && file[m] == '/' && file[m + 1];
}

bool deed_file_ok(const char *s, const char *instance)
{
	return only(s, NAME_CHARS "./+", 255) && !strstr(s, "//") && !strstr(s, "/.") &&
	       (below(s, "/run/brasberry/", instance) ||
		below(s, "/var/lib/brasberry/", instance) || below(s, "/etc/brasberry/", ""));
}

static bool is_sysctl(const char *s)
{
	for (unsigned i = 0; i < ARRAY_SIZE(sysctls); i++) {
		const char *p = sysctls[i], *star = strchr(p, '*');
		size_t head = star ? (size_t)(star - p) : strlen(p), part;

		if (strncmp(s, p, head))
			continue;
		if (!star && !s[head])
			return true;
		if (!star)
			continue;
		part = strspn(s + head, NAME_CHARS ".:@");
		if (part && part < 16 && s[head] != '.' && !strcmp(s + head + part, star + 1))
			return true;
	}
	return false;
}

/* --- nft ---------------------------------------------------------------------------------------
 */

/* A word that would bring in what is not here, outside of quotes. */
static bool is_foreign(const char *s, size_t len)
{
	static const char *const words[] = { "include", "define", "redefine", "undefine" };

	for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
		if (len == strlen(words[i]) && !memcmp(s, words[i], len))
			return true;
	return false;
}

/* A line: plain characters, quotes that close and have no braces in them. @depth: of braces. */
static bool nft_line_ok(const char *s, size_t len, unsigned *depth)
{
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		size_t n = strcspn(s + i, "\t\n \"{};");

		n = n < len - i ? n : len - i;
		if (!quoted && is_foreign(s + i, n))
			return false;
		i += n;
		if (i == len)
			break;
		if (s[i] == '"')
			quoted = !quoted;
		else if (quoted && strchr("{};", s[i]))
			return false;
		else if (s[i] == '{')
			++*depth;
		else if (s[i] == '}' && !(*depth)--)
			return false;
	}
	return !quoted && !memchr(s, '#', len) && !memchr(s, '$', len) && !memchr(s, '\\', len);
}

static bool is_line(const char *s, size_t len, const char *before, const char *table,
		    const char *after)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "%s%s%s", before, table, after);

	return n > 0 && (size_t)n == len && !memcmp(line, s, len);
}

bool deed_nft_ok(const char *text, size_t len, const char *instance)
{
	char table[NAT64_TABLE_MAX];
	const char *s = text, *end = text + len;
	unsigned depth = 0;

	nat64_table(table, instance);
	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		size_t n = (size_t)((nl ? nl : end) - s);
		unsigned before = depth;

		if (!nl || memchr(s, '\0', n) || !nft_line_ok(s, n, &depth))
			return false;
		if (!before && !is_line(s, n, "table inet ", table, "") &&
		    !is_line(s, n, "delete table inet ", table, "") &&
		    !is_line(s, n, "table inet ", table, " {"))
			return false;
		if (before && !depth && !is_line(s, n, "}", "", ""))
			return false;
		s = nl + 1;
	}
	return !depth;
}

bool deed_of_ok(const char *text, size_t len, const char *instance)
{
	struct nat64_of of;

	(void)instance;
	return !nat64_of_parse(text, len, &of);
}

static bool fits(char pattern, const char *s, const struct deed *d, const char *instance)
{
	switch (pattern) {
	case 'c':
		return is_choice(s, d->choices);
	case 'n':
		return *s != '-' && only(s, NAME_CHARS, DEEDS_NAME_MAX);
	case 'u':
		return *s != '-' && only(s, NAME_CHARS, DEEDS_NAME_MAX) && strcmp(s, "root") &&
		       !is_number(s, strlen(s));
	case 'd':
		return is_number(s, strlen(s));
	case 'f':
		return deed_file_ok(s, instance);
	case 's':
		return is_sysctl(s);
	default:
		return false;
	}
}

static const struct deed *find(const char *name)
{
	for (unsigned i = 0; i < deed_count; i++)
		if (!strcmp(deed_table[i].name, name))
			return &deed_table[i];
	return NULL;
}

int deed_resolve(const char *const *words, unsigned count, bool input, const char *instance,
		 struct deed_call *ret, char *why, size_t why_len)
{
	const struct deed *d = count ? find(words[0]) : NULL;
	struct deed_call call = { .deed = d };
	unsigned next = 1;
	char shown[128];

	if (!d) {
		snprintf(why, why_len, "no such deed: %s",
			 count ? str_escape(shown, sizeof(shown), words[0], strlen(words[0])) : "");
		return -EPERM;
	}
	if (d->tool)
		call.argv[call.argc++] = d->tool;
	for (unsigned i = 0; i < DEED_ARGV_MAX && d->argv[i]; i++) {
		const char *arg = d->argv[i];

		if (*arg == '%') {
			const char *s = next < count ? words[next] : "";

			if (!fits(arg[1], s, d, instance)) {
				snprintf(why, why_len, "%s: argument %u does not fit: %s", d->name,
					 next, str_escape(shown, sizeof(shown), s, strlen(s)));
				return -EINVAL;
			}
			if (arg[1] == 'f')
				call.files[call.file_count++] = s;
			next++;
			arg = s;
		}
		call.argv[call.argc++] = arg;
	}
	if (next < count || (input && !d->input)) {
		snprintf(why, why_len, "%s: %s", d->name,
			 next < count ? "too many arguments" : "it takes no input");
		return -EINVAL;
	}
	*ret = call;
	return 0;
}
