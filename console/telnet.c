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

/* ESC [ A and its like: the editor knows these only. True: of one. */
static bool escape(struct telnet_input *t, uint8_t c)
{
	if (c == ESC) {
		t->escape = 1;
		return true;
	}
	if (!t->escape)
		return false;
	if (t->escape == 1 && c == '[') {
		t->escape = 2;
		return true;
	}
	if (t->escape == 2 && (c == 'A' || c == 'B'))
		recall(t);
	t->escape = 0;
	return true;
}

/* Is there room for it in the line? */
static bool fits(struct telnet_input *t, uint8_t c)
{
	unsigned need = c == CTRL('I') ? TELNET_TAB_MAX : c >= ' ' && c != DEL;

	if (c == CTRL('P') || c == CTRL('N'))
		recall(t);
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
		} else if (known(c) && (escape(t, c) || fits(t, c))) {
			keys[n++] = c;
		}
	}
	return n;
}
