// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pcapng, the blocks that we write: Section Header (section 4.1), Interface Description (4.2),
 * Enhanced Packet (4.3), Interface Statistics (4.5). Left out: name resolution, decryption secrets.
 */
#include "mirror/pcapng.h"

#include <string.h>

enum block {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,
	BLOCK_STATISTICS = 5
};
enum option {
	OPT_END = 0,
	OPT_COMMENT = 1,
	OPT_USERAPPL = 4, /* of the section */
	OPT_IF_NAME = 2,
	OPT_IF_TSRESOL = 9,
	OPT_EPB_FLAGS = 2,
	OPT_EPB_VERDICT = 7,
	OPT_ISB_IFRECV = 4,
	OPT_ISB_IFDROP = 5,
};

#define LINKTYPE_ETHERNET 1
#define LINKTYPE_RAW	  101
#define VERDICT_XDP_DROP  1 /* XDP_DROP, TC_ACT_SHOT */
#define VERDICT_TC_SHOT	  2
#define BYTE_ORDER_MAGIC  0x1a2b3c4d
#define FLAG_INBOUND	  1
#define FLAG_OUTBOUND	  2
#define TSRESOL_NS	  9

static const struct {
	const char *name;
	uint16_t linktype;
} interfaces_of[PCAPNG_INTERFACES] = {
	[PCAPNG_IP] = { "brasberry", LINKTYPE_RAW },
	[PCAPNG_PPPOE] = { "pppoe", LINKTYPE_ETHERNET },
	[PCAPNG_RADIUS] = { "radius", LINKTYPE_RAW },
};

static void put32(struct sbuf *b, uint32_t v)
{
	sbuf_append(b, &v, sizeof(v));
}

static void put16(struct sbuf *b, uint16_t v)
{
	sbuf_append(b, &v, sizeof(v));
}

static void put_time(struct sbuf *b, uint64_t ns)
{
	put32(b, (uint32_t)(ns >> 32));
	put32(b, (uint32_t)ns);
}

/* To a multiple of four octets. */
static void pad(struct sbuf *b, size_t len)
{
	sbuf_append(b, "\0\0\0", (4 - len % 4) % 4);
}

/* Type and a length that block_end() fills. Returns where the block begins. */
static size_t block_begin(struct sbuf *b, enum block type)
{
	size_t at = b->len;

	put32(b, (uint32_t)type);
	put32(b, 0);
	return at;
}

static void block_end(struct sbuf *b, size_t at)
{
	uint32_t len = (uint32_t)(b->len - at + 4);

	put32(b, len);
	if (!b->bad)
		memcpy(b->p + at + 4, &len, sizeof(len));
}

static void option(struct sbuf *b, enum option code, const void *value, size_t len)
{
	put16(b, (uint16_t)code);
	put16(b, (uint16_t)len);
	sbuf_append(b, value, len);
	pad(b, len);
}

static void option_text(struct sbuf *b, enum option code, const char *text)
{
	if (text && *text)
		option(b, code, text, strnlen(text, PCAPNG_COMMENT_MAX));
}

static void put_interface(struct sbuf *out, enum pcapng_interface i, uint32_t snap)
{
	const uint8_t resolution = TSRESOL_NS;
	size_t at = block_begin(out, BLOCK_INTERFACE);

	put16(out, interfaces_of[i].linktype);
	put16(out, 0);
	put32(out, i == PCAPNG_IP ? snap : 0);
	option_text(out, OPT_IF_NAME, interfaces_of[i].name);
	option(out, OPT_IF_TSRESOL, &resolution, sizeof(resolution));
	option(out, OPT_END, NULL, 0);
	block_end(out, at);
}

void pcapng_begin(struct sbuf *out, const char *application, unsigned interfaces, uint32_t snap)
{
	size_t at = block_begin(out, BLOCK_SECTION);

	put32(out, BYTE_ORDER_MAGIC);
	put16(out, 1); /* version 1.0 */
	put16(out, 0);
	put32(out, UINT32_MAX); /* the section's length is not known */
	put32(out, UINT32_MAX);
	option_text(out, OPT_USERAPPL, application);
	option(out, OPT_END, NULL, 0);
	block_end(out, at);

	for (unsigned i = 0; i < interfaces; i++)
		put_interface(out, (enum pcapng_interface)i, snap);
}

/* epb_verdict: whose it is, and what it said. */
static void option_verdict(struct sbuf *out, enum pcapng_dropper dropped)
{
	uint64_t said = dropped == PCAPNG_DROPPED_XDP ? VERDICT_XDP_DROP : VERDICT_TC_SHOT;
	uint8_t value[1 + sizeof(said)] = { dropped == PCAPNG_DROPPED_XDP ? 2 : 1 };

	if (dropped != PCAPNG_DROPPED_TC && dropped != PCAPNG_DROPPED_XDP)
		return;
	memcpy(value + 1, &said, sizeof(said));
	option(out, OPT_EPB_VERDICT, value, sizeof(value));
}

void pcapng_packet(struct sbuf *out, const struct pcapng_packet *p)
{
	uint32_t flags = p->up ? FLAG_INBOUND : FLAG_OUTBOUND;
	size_t at = block_begin(out, BLOCK_PACKET);

	put32(out, (uint32_t)p->interface);
	put_time(out, p->time);
	put32(out, p->caplen);
	put32(out, p->len);
	sbuf_append(out, p->data, p->caplen);
	pad(out, p->caplen);
	option_text(out, OPT_COMMENT, p->comment);
	option(out, OPT_EPB_FLAGS, &flags, sizeof(flags));
	option_verdict(out, p->dropped);
	option(out, OPT_END, NULL, 0);
	block_end(out, at);
}

void pcapng_end(struct sbuf *out, uint64_t time, uint64_t received, uint64_t lost)
{
	size_t at = block_begin(out, BLOCK_STATISTICS);

	put32(out, 0);
	put_time(out, time);
	option(out, OPT_ISB_IFRECV, &received, sizeof(received));
	option(out, OPT_ISB_IFDROP, &lost, sizeof(lost));
	option(out, OPT_END, NULL, 0);
	block_end(out, at);
}
