// SPDX-License-Identifier: GPL-2.0-or-later
/* What `brasctl setup` reads: the first octet chooses the parser, the rest is its text. Of answers
 * that are taken, what is decided and written is lines of a configuration. */
#include "console/setup.h"

#include <stdlib.h>
#include <string.h>

static struct setup_box box;
static struct setup_answers answers;

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void make_box(void)
{
	memset(&box, 0, sizeof(box));
	for (unsigned i = 0; i < 3; i++) {
		struct setup_port *p = &box.ports[box.port_count++];

		snprintf(p->name, sizeof(p->name), "eth%u", i);
		p->ethernet = p->up = p->carrier = true;
		p->mtu = 1500;
	}
	box.ports[0].default4 = true;
	strcpy(box.host, "box");
	box.addresses[box.address_count++] =
		(struct setup_address){ "eth0", { 0xc0000200, 24 }, 0xc0000201 };
}

/* Each line of the file is empty, a comment, a section's head or KEY = VALUE. */
static void check_file(struct sbuf *text)
{
	sbuf_append(text, "", 1);
	check(!text->bad && strlen(text->p) == text->len - 1);
	for (char *p = text->p, *end; (end = strchr(p, '\n')); p = end + 1) {
		*end = '\0';
		check(!*p || *p == '#' || *p == '[' || strstr(p, " = "));
	}
}

static void read_answers(const char *text)
{
	struct sbuf why = { 0 }, warnings = { 0 }, file = { 0 };

	memset(&answers, 0, sizeof(answers));
	if (setup_answers_read(&answers, "fuzz", text, &why)) {
		check(why.len > 0);
	} else if (!setup_decide(&box, &answers, &why, &warnings)) {
		setup_write(&answers, &file);
		check_file(&file);
		file.len = 0;
		setup_report(&box, &answers, "fuzz", "default", &file);
	}
	sbuf_fini(&why);
	sbuf_fini(&warnings);
	sbuf_fini(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sbuf out = { 0 };
	char *text;

	if (!len)
		return 0;
	text = strndup((const char *)data + 1, len - 1);
	check(text);
	make_box();
	switch (data[0] % 6) {
	case 0:
		setup_routes4_read(&box, text);
		break;
	case 1:
		setup_routes6_read(&box, text);
		break;
	case 2:
		setup_vlans_read(&box, text);
		break;
	case 3:
		setup_resolv_read(&box, text);
		break;
	case 4:
		(void)setup_kernel_option(text, "BPF_SYSCALL");
		break;
	default:
		read_answers(text);
	}
	setup_describe(&box, &out);
	sbuf_fini(&out);
	free(text);
	return 0;
}
