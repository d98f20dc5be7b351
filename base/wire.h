/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounds-checked reader and writer for everything that comes from, or goes to, a wire.
 *
 * A reader that was asked for more than there is becomes `bad`, is empty from then on and yields
 * zeros: a parser reads on and asks `bad` once. A writer that does not fit becomes `bad` and
 * writes nothing more; wr_done() then refuses. No struct is ever laid over received bytes.
 */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rd {
	const uint8_t *p, *end;
	bool bad;
};

static inline struct rd rd_init(const void *buf, size_t len)
{
	const uint8_t *p = buf;

	return (struct rd){ .p = p, .end = len ? p + len : p };
}

/* Octets left; 0 at the end and after an error, so that `while (rd_left(&r))` always ends. */
static inline size_t rd_left(const struct rd *r)
{
	return (size_t)(r->end - r->p);
}

/* The next `len` octets in place, or NULL and `bad`. NULL is also what 0 octets of NULL are. */
static inline const uint8_t *rd_bytes(struct rd *r, size_t len)
{
	const uint8_t *p = r->p;

	if (len > rd_left(r)) {
		r->bad = true;
		r->p = r->end;
		return NULL;
	}
	if (len)
		r->p += len;
	return p;
}

static inline void rd_skip(struct rd *r, size_t len)
{
	(void)rd_bytes(r, len);
}

/* Copies `len` octets, or zeros and `bad`. */
static inline void rd_copy(struct rd *r, void *dst, size_t len)
{
	const uint8_t *p = rd_bytes(r, len);

	if (p && len)
		memcpy(dst, p, len);
	else
		memset(dst, 0, len);
}

static inline uint8_t rd_u8(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 1);

	return p ? p[0] : 0;
}

static inline uint16_t rd_be16(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 2);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static inline uint32_t rd_be32(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

static inline uint64_t rd_be64(struct rd *r)
{
	uint64_t hi = rd_be32(r);

	return hi << 32 | rd_be32(r);
}

/* A reader over the next `len` octets. Where they are not there, both readers are bad. */
static inline struct rd rd_sub(struct rd *r, size_t len)
{
	const uint8_t *p = rd_bytes(r, len);

	if (r->bad)
		return (struct rd){ .p = r->end, .end = r->end, .bad = true };
	return rd_init(p, len);
}

struct wr {
	uint8_t *buf;
	size_t len, cap;
	bool bad;
};

static inline struct wr wr_init(void *buf, size_t cap)
{
	return (struct wr){ .buf = buf, .cap = cap };
}

/* Room for `len` octets, or NULL and `bad`. */
static inline uint8_t *wr_room(struct wr *w, size_t len)
{
	uint8_t *p = w->buf + w->len;

	if (w->bad || len > w->cap - w->len) {
		w->bad = true;
		return NULL;
	}
	w->len += len;
	return p;
}

static inline void wr_bytes(struct wr *w, const void *src, size_t len)
{
	uint8_t *p = wr_room(w, len);

	if (p && len)
		memcpy(p, src, len);
}

static inline void wr_zero(struct wr *w, size_t len)
{
	uint8_t *p = wr_room(w, len);

	if (p)
		memset(p, 0, len);
}

static inline void wr_u8(struct wr *w, uint8_t v)
{
	wr_bytes(w, &v, 1);
}

static inline void wr_be16(struct wr *w, uint16_t v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	wr_bytes(w, b, sizeof(b));
}

static inline void wr_be32(struct wr *w, uint32_t v)
{
	wr_be16(w, (uint16_t)(v >> 16));
	wr_be16(w, (uint16_t)v);
}

static inline void wr_be64(struct wr *w, uint64_t v)
{
	wr_be32(w, (uint32_t)(v >> 32));
	wr_be32(w, (uint32_t)v);
}

/* Overwrites two octets at `off`, written earlier: for lengths known only afterwards. */
static inline void wr_patch_be16(struct wr *w, size_t off, size_t v)
{
	if (w->bad || off + 2 > w->len || v > UINT16_MAX) {
		w->bad = true;
		return;
	}
	w->buf[off] = (uint8_t)(v >> 8);
	w->buf[off + 1] = (uint8_t)v;
}

static inline void wr_patch_u8(struct wr *w, size_t off, size_t v)
{
	if (w->bad || off + 1 > w->len || v > UINT8_MAX) {
		w->bad = true;
		return;
	}
	w->buf[off] = (uint8_t)v;
}

/* The number of octets written, or -ENOSPC when something did not fit. */
static inline int wr_done(const struct wr *w)
{
	return w->bad ? -ENOSPC : (int)w->len;
}

#endif
