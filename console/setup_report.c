// SPDX-License-Identifier: GPL-2.0-or-later
/* `brasctl setup`: what was found, what to plug where, and what to do next. */
#include "console/setup.h"

#include <string.h>

static void describe_port(const struct setup_box *box, const struct setup_port *p, struct sbuf *out)
{
	char text[IP4_STRLEN];

	sbuf_printf(out, "  %-15s %s, %s", p->name, *p->driver ? p->driver : "no driver",
		    p->carrier ? "link"
		    : p->up    ? "no link"
			       : "down");
	if (*p->vlan_of)
		sbuf_printf(out, ", VLAN of %s", p->vlan_of);
	sbuf_printf(out, ", MTU %u, %s", p->mtu,
		    setup_driver_has_xdp(p->driver) ? "native XDP" : "no native XDP known: tc");
	for (unsigned i = 0; i < box->address_count; i++)
		if (!strcmp(box->addresses[i].ifname, p->name))
			sbuf_printf(out, ", %s/%u", ip4_str(text, box->addresses[i].addr),
				    box->addresses[i].net.len);
	if (p->default4 || p->default6)
		sbuf_printf(out, ", default route%s",
			    p->default4 && p->default6 ? ""
			    : p->default4	       ? " (IPv4)"
						       : " (IPv6)");
	sbuf_printf(out, "\n");
}

static void describe_have(struct sbuf *out, const char *what, enum setup_have have,
			  const char *without)
{
	static const char *const names[] = { "unknown", "no", "yes" };

	sbuf_printf(out, "  %-15s %s%s%s\n", what, names[have], have == SETUP_NO ? ": " : "",
		    have == SETUP_NO ? without : "");
}

void setup_describe(const struct setup_box *box, struct sbuf *out)
{
	sbuf_printf(out, "Interfaces:\n");
	for (unsigned i = 0; i < box->port_count; i++)
		if (box->ports[i].ethernet)
			describe_port(box, &box->ports[i], out);
	sbuf_printf(out, "Kernel %s%s:\n", box->release,
		    box->kernel >= 5015 ? "" : " (brasd needs 5.15 or later)");
	describe_have(out, "BPF", box->bpf, "brasd cannot work (CONFIG_BPF_SYSCALL)");
	describe_have(out, "veth", box->veth, "brasd cannot work (CONFIG_VETH)");
	describe_have(out, "cls_bpf", box->cls_bpf, "brasd cannot work (CONFIG_NET_CLS_BPF)");
	describe_have(out, "HTB", box->htb, "no speeds (CONFIG_NET_SCH_HTB)");
	describe_have(out, "fq_codel", box->fq_codel, "plain queues (CONFIG_NET_SCH_FQ_CODEL)");
	sbuf_printf(out, "Beside it:\n");
	describe_have(out, "FreeRADIUS", box->freeradius, "a server elsewhere, or a users file");
	describe_have(out, "Jool's module", box->jool_module, "for NAT64: jool-dkms, or tayga");
	describe_have(out, "Jool's tools", box->jool_tools, "for NAT64: jool-tools");
	describe_have(out, "tayga", box->tayga, "for NAT64 without Jool: tayga");
	describe_have(out, "nft", box->nft, "for NAT64 by tayga: nftables");
	describe_have(out, "named", box->named, "for DNS64: bind9");
}

static const char *get(const struct setup_answers *a, const char *key)
{
	const char *v = setup_answer_of(a, key);

	return v ? v : "";
}

static void report_access(const struct setup_box *box, const char *list, struct sbuf *out)
{
	for (size_t len; *list; list += len + !!list[len]) {
		const struct setup_port *p;

		len = strcspn(list, ",");
		p = setup_port_of(box, list, len);
		if (!p)
			continue;
		if (*p->vlan_of) {
			sbuf_printf(out, "  %s: the subscribers' side: that VLAN of %s%s\n",
				    p->name, p->vlan_of, p->carrier ? "" : "; it has no link yet");
			continue;
		}
		sbuf_printf(
			out,
			"  %s: the subscribers' side (access switch, DSLAM, OLT; up to two VLAN "
			"tags as they come)%s%s\n",
			p->name, p->carrier ? "" : "; nothing is plugged in yet",
			p->mtu < 1504 ? "; lines with two tags need its MTU to be 1504" : "");
	}
}

static void report_core(const struct setup_box *box, const struct setup_answers *a,
			struct sbuf *out)
{
	const char *core = get(a, "core"), *pool = get(a, "pool");
	const struct setup_port *p = setup_port_of(box, core, strlen(core));

	if (!p) {
		sbuf_printf(out, "  no interface to the internet is known: subscribers reach this "
				 "box alone, until there is a default route\n");
		return;
	}
	sbuf_printf(out, "  %s: the internet's side%s%s\n", p->name,
		    p->carrier ? "" : "; nothing is plugged in yet",
		    p->default4 ? "" : "; it has no default route for IPv4 yet");
	if (!strcmp(get(a, "nat"), "yes"))
		sbuf_printf(out, "  subscribers share the address of %s\n", p->name);
	else
		sbuf_printf(out, "  the router beyond %s must send %s to this box\n", p->name,
			    pool);
	if (strcmp(get(a, "ipv6"), "none") != 0)
		sbuf_printf(out, "  the router beyond %s must send %s to this box\n", p->name,
			    get(a, "ipv6"));
}

void setup_report(const struct setup_box *box, const struct setup_answers *a, const char *file,
		  const char *instance, struct sbuf *out)
{
	bool standard = !strcmp(file, SETUP_FILE);

	sbuf_printf(out, "What to plug where:\n");
	report_access(box, get(a, "access"), out);
	report_core(box, a, out);
	sbuf_printf(out, "Next:\n");
	if (standard)
		sbuf_printf(out, "  systemctl enable --now brasd@%s\n", instance);
	else if (strcmp(instance, "default") != 0)
		sbuf_printf(out, "  brasd -c %s -i %s\n", file, instance);
	else
		sbuf_printf(out, "  brasd -c %s\n", file);
	if (strcmp(get(a, "radius"), "none") != 0)
		sbuf_printf(out, "  brasctl test radius USER\n");
	else
		sbuf_printf(out, "  dial with a name and password of %s\n", get(a, "users"));
	sbuf_printf(out, "  brasctl show sessions\n");
}
