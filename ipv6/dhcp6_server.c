// SPDX-License-Identifier: GPL-2.0-or-later
/* So that the header links; what it promises comes with the next commits. */
#include "ipv6/dhcp6.h"

const char *dhcp6_drop_name(enum dhcp6_drop reason)
{
	(void)reason;
	return "unknown";
}

const char *dhcp6_counter_name(enum dhcp6_counter counter)
{
	(void)counter;
	return "unknown";
}

const char *dhcp6_unbind_name(enum dhcp6_unbind why)
{
	(void)why;
	return "unknown";
}

void dhcp6_line_init(struct dhcp6_line *line, const struct dhcp6_ctx *ctx)
{
	*line = (struct dhcp6_line){ .ctx = ctx };
}

int dhcp6_line_input(struct dhcp6_line *line, uint64_t now, const uint8_t *packet, size_t len,
		     enum dhcp6_drop *ret_drop)
{
	(void)line, (void)now, (void)packet, (void)len;
	*ret_drop = DHCP6_DROP_TYPE;
	return -EBADMSG;
}

int dhcp6_line_withdraw(struct dhcp6_line *line, enum dhcp6_kind kind, unsigned index)
{
	(void)line, (void)kind, (void)index;
	return -ENOENT;
}

void dhcp6_line_down(struct dhcp6_line *line, uint64_t now)
{
	(void)line, (void)now;
}

void dhcp6_line_fini(struct dhcp6_line *line)
{
	(void)line;
}

int dhcp6_line_freeze(const struct dhcp6_line *line, struct wr *w)
{
	(void)line;
	wr_u8(w, 1);
	return w->bad ? -ENOSPC : 0;
}

int dhcp6_line_thaw(struct dhcp6_line *line, const struct dhcp6_ctx *ctx, struct rd *r)
{
	(void)r;
	dhcp6_line_init(line, ctx);
	return 0;
}

int dhcp6_line_frozen_check(struct rd r)
{
	(void)r;
	return 0;
}
