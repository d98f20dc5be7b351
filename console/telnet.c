// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/telnet.h"

#include "base/wire.h"

#include <string.h>

enum { SE = 240, SB = 250, WILL = 251, DONT = 254, IAC = 255, NAWS = 31 };

#define CTRL(c) ((c) - '@')
#define ESC	27
#define DEL	127

/* RFC 1073: the option, then width and height. */
static void end_sub(struct telnet_input *t)
{
	struct rd r = rd_init(t->sub, t->sub_len);

	if (t->sub_len != 5 || rd_u8(&r) != NAWS)
		return;
	(void)rd_be16(&r);
	t->rows = rd_be16(&r);
}

/* An octet of the protocol: true; data: false. */
static bool protocol(struct telnet_input *t, uint8_t c)
{
	switch (t->state) {
	case TELNET_DATA:
		if (c != IAC)
			return false;
		t->state = TELNET_IAC;
		return true;
	case TELNET_IAC:
		t->state = c >= WILL && c <= DONT ? TELNET_OPTION
			   : c == SB		  ? TELNET_SUB
						  : TELNET_DATA;
		t->negotiated |= t->state != TELNET_DATA;
		t->sub_len = 0;
		return true;
	case TELNET_OPTION:
		t->state = TELNET_DATA;
		return true;
	case TELNET_SUB:
	case TELNET_SUB_IAC:
		if (t->state == TELNET_SUB && c == IAC) {
			t->state = TELNET_SUB_IAC;
			return true;
		}
		if (t->state == TELNET_SUB_IAC && c == SE) {
			t->state = TELNET_DATA;
			end_sub(t);
			return true;
		}
		t->state = TELNET_SUB;
		if (t->sub_len < sizeof(t->sub))
			t->sub[t->sub_len++] = c;
		return true;
	}
	return true;
}

static bool known(uint8_t c)
{
	static const char control[] = { CTRL('A'), CTRL('B'), CTRL('C'), CTRL('D'),
					CTRL('E'), CTRL('F'), CTRL('H'), CTRL('I'),
					CTRL('K'), CTRL('L'), CTRL('N'), CTRL('P'),
					CTRL('U'), CTRL('W'), ESC,	 DEL };

	return (c >= ' ' && c < DEL) || (c && memchr(control, c, sizeof(control)));
}

/* An older line comes back: it may be as long as the longest one. */
static void recall(struct telnet_input *t)
{
	if (t->len < t->longest)
		t->len = t->longest;
	t->pipes = TELNET_PIPES_MAX / 2;
}

/* An arrow, ESC [ A and its like, becomes the editor's key; 0: not yet, or none. The editor sees no
 * ESC: its view of where a sequence ends must not differ from ours. */
static uint8_t escape(struct telnet_input *t, uint8_t c)
{
	static const uint8_t arrows[] = { CTRL('P'), CTRL('N'), CTRL('F'), CTRL('B') };
	unsigned at = t->escape;

	t->escape = at == 0 ? 1 : at == 1 && c == '[' ? 2 : 0;
	return at == 2 && c >= 'A' && c <= 'D' ? arrows[c - 'A'] : 0;
}

/* Is there room for it in the line? */
static bool fits(struct telnet_input *t, uint8_t c)
{
	unsigned need = c == CTRL('I') ? TELNET_TAB_MAX : c >= ' ' && c != DEL;

	if (c == CTRL('P') || c == CTRL('N'))
		recall(t);
	if (t->pipes && (c == CTRL('I') || c == '?'))
		return false;
	if (t->len + need > TELNET_LINE_MAX || (c == '|' && t->pipes == TELNET_PIPES_MAX))
		return false;
	t->len += need;
	t->pipes += c == '|';
	return true;
}

size_t telnet_keys(struct telnet_input *t, const uint8_t *p, size_t len, uint8_t *keys)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = p[i];
		bool after_cr = t->cr;

		if (protocol(t, c))
			continue;
		t->cr = c == '\r';
		if (after_cr && (c == '\n' || !c))
			continue;
		if (c == '\n' || c == '\r') {
			t->longest = t->len > t->longest ? t->len : t->longest;
			t->len = t->pipes = t->escape = 0;
			keys[n++] = '\r';
			continue;
		}
		if (c == ESC || t->escape)
			c = escape(t, c);
		if (known(c) && fits(t, c))
			keys[n++] = c;
	}
	return n;
}
