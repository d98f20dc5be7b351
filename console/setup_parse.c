// SPDX-License-Identifier: GPL-2.0-or-later
/* `brasctl setup`: what the system says of itself in texts. */
#include "console/setup.h"

#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 12
#define RTF_UP	   0x0001
#define RTF_REJECT 0x0200

struct fields {
	char line[256];
	char *field[FIELDS_MAX];
	unsigned count;
};

/* The next line, taken apart at blanks and '|'. False at the end. */
static bool next_line(const char **text, struct fields *f)
{
	size_t len = strcspn(*text, "\n");
	char *save = NULL;

	if (!**text)
		return false;
	snprintf(f->line, sizeof(f->line), "%.*s", (int)len, *text);
	*text += len + !!(*text)[len];
	f->count = 0;
	for (char *p = strtok_r(f->line, " \t|", &save); p && f->count < FIELDS_MAX;
	     p = strtok_r(NULL, " \t|", &save))
		f->field[f->count++] = p;
	return true;
}

static struct setup_port *port_of(struct setup_box *box, const char *name)
{
	return (struct setup_port *)setup_port_of(box, name, strlen(name));
}

/* Iface Destination Gateway Flags RefCnt Use Metric Mask ... */
void setup_routes4_read(struct setup_box *box, const char *text)
{
	struct fields f;

	while (next_line(&text, &f)) {
		struct setup_port *p = f.count < 8 ? NULL : port_of(box, f.field[0]);
		unsigned long flags = p ? strtoul(f.field[3], NULL, 16) : 0;

		if (flags & RTF_UP && !(flags & RTF_REJECT) && !strcmp(f.field[1], "00000000") &&
		    !strcmp(f.field[7], "00000000"))
			p->default4 = true;
	}
}

/* destination plen source plen next-hop metric refcnt use flags device */
void setup_routes6_read(struct setup_box *box, const char *text)
{
	struct fields f;

	while (next_line(&text, &f)) {
		struct setup_port *p = f.count < 10 ? NULL : port_of(box, f.field[9]);
		unsigned long flags = p ? strtoul(f.field[8], NULL, 16) : 0;

		if (flags & RTF_UP && !(flags & RTF_REJECT) && !strcmp(f.field[1], "00") &&
		    strspn(f.field[0], "0") == 32)
			p->default6 = true;
	}
}

/* NAME | ID | PARENT, behind two lines of headings. */
void setup_vlans_read(struct setup_box *box, const char *text)
{
	struct fields f;

	while (next_line(&text, &f)) {
		struct setup_port *p = f.count != 3 ? NULL : port_of(box, f.field[0]);

		if (p)
			snprintf(p->vlan_of, sizeof(p->vlan_of), "%s", f.field[2]);
	}
}

/* IPv4 only, which IPCP can tell; not the resolver on this box, which subscribers cannot reach. */
void setup_resolv_read(struct setup_box *box, const char *text)
{
	struct fields f;
	unsigned n = 0;

	while (n < ARRAY_SIZE(box->dns) && next_line(&text, &f)) {
		uint32_t addr;

		if (f.count < 2 || strcmp(f.field[0], "nameserver") != 0 ||
		    ip4_parse(f.field[1], &addr) || addr >> 24 == 127 || !addr)
			continue;
		ip4_str(box->dns[n++], addr);
	}
}
