// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The fixed list. A deed says all that may vary, and how far: nothing here goes through a shell,
 * and no argument can become an option, because each has a pattern that begins with no dash.
 */
#include "daemon/deeds_table.h"

#include "base/str.h"

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
	{ "module", DEED_RUN, false, "modprobe", { "--", "%c" }, MODULES },
	{ "sysctl", DEED_SYSCTL, false, NULL, { "%s", "%d" }, NULL },

	/* NAT64: Jool (one instance of ours), tayga */
	{ "jool-remove", DEED_RUN, false, "jool", { "instance", "remove", "%n" }, NULL },
	{ "jool-instances",
	  DEED_RUN,
	  false,
	  "jool",
	  { "instance", "display", "--csv", "--no-headers" },
	  NULL },
	{ "jool-file",
	  DEED_RUN,
	  true,
	  "jool",
	  { "-i", "%n", "file", "handle", "/dev/stdin" },
	  NULL },
	{ "jool-show",
	  DEED_RUN,
	  false,
	  "jool",
	  { "-i", "%n", "%c", "display", "--csv", "--no-headers" },
	  "global|stats" },
	{ "jool-pool4",
	  DEED_RUN,
	  false,
	  "jool",
	  { "-i", "%n", "pool4", "display", "--csv", "--no-headers", "%c" },
	  "--tcp|--udp|--icmp" },
	/* not -d: it would tell of each new host, which subscribers may make at will */
	{ "start-tayga", DEED_START, false, "tayga", { "-n", "-c", "%f" }, NULL },
	{ "tayga-mktun", DEED_RUN, false, "tayga", { "-c", "%f", "--mktun" }, NULL },
	{ "tayga-rmtun", DEED_RUN, false, "tayga", { "-c", "%f", "--rmtun" }, NULL },

	{ "nft", DEED_RUN, true, "nft", { "-f", "-" }, NULL },
	{ "nft-list", DEED_RUN, false, "nft", { "list", "table", "inet", "%n" }, NULL },

	/* DNS64: bind9 */
	{ "named-dir", DEED_RUN, false, "install", { "-d", "-o", "%n", "-m", "0750", "%f" }, NULL },
	{ "named-check", DEED_RUN, false, "named-checkconf", { "%f" }, NULL },
	{ "start-named", DEED_START, false, "named", { "-f", "-u", "%n", "-c", "%f" }, NULL },

	/* the mirror's virtual port */
	{ "start-brasmon",
	  DEED_START,
	  false,
	  "brasmon",
	  { "-i", "%n", "-d", "%n", "-s", "%d", "all", "%c" },
	  "both|control" },

	{ "stop", DEED_STOP, false, NULL, { "%c" }, CHILDREN },
	{ "status", DEED_STATUS, false, NULL, { "%c" }, CHILDREN },
	{ "hup", DEED_HUP, false, NULL, { "%c" }, CHILDREN },
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

static bool fits(char pattern, const char *s, const struct deed *d, const char *instance)
{
	switch (pattern) {
	case 'c':
		return is_choice(s, d->choices);
	case 'n':
		return *s != '-' && only(s, NAME_CHARS, DEEDS_NAME_MAX);
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
