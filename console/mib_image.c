// SPDX-License-Identifier: GPL-2.0-or-later
/* A table read from an answer, and the walk through it in the order of SNMP (RFC 3416, section
 * 4.2.2: the lexicographically next name). */
#include "console/mib.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A subscriber names himself as he likes: an octet of 0 in it must not cost us the whole table. */
#define FLAGS JSON_ALLOW_NUL

void mib_image_fini(struct mib_image *m)
{
	free(m->keys);
	free(m->values);
	sbuf_fini(&m->octets);
	*m = (struct mib_image){ 0 };
}

/* Sub-identifiers of the key, and the greatest that one of them may be. */
static unsigned key_len(const struct mib_table *t)
{
	return t->key == MIB_KEY_ID ? 8 : 1;
}

static uint32_t key_max(const struct mib_table *t)
{
	return t->key == MIB_KEY_ID ? 0xff : UINT32_MAX;
}

static unsigned key_bits(const struct mib_table *t)
{
	return t->key == MIB_KEY_ID ? 8 : 32;
}

/* Sixteen hexadecimal digits, or nothing. */
static int read_id(const json_t *row, uint64_t *ret)
{
	const char *s = json_string_value(json_object_get(row, "acct-session-id"));
	char *end;

	if (!s || strspn(s, "0123456789abcdef") != 16 || s[16])
		return -EBADMSG;
	*ret = strtoull(s, &end, 16);
	return 0;
}

static int grow(struct mib_image *m, unsigned *cap)
{
	unsigned more = *cap ? *cap * 2 : 16;
	void *keys, *values;

	if (m->rows < *cap)
		return 0;
	if (m->rows >= MIB_ROWS_MAX)
		return -E2BIG;
	keys = reallocarray(m->keys, more, sizeof(*m->keys));
	if (keys)
		m->keys = keys;
	values = reallocarray(m->values, (size_t)more * m->table->count, sizeof(*m->values));
	if (values)
		m->values = values;
	if (!keys || !values)
		return -ENOMEM;
	*cap = more;
	return 0;
}

/* `place`: of the row in the answer, from 1. */
static int add_row(struct mib_image *m, const json_t *row, unsigned place, unsigned *cap)
{
	const struct mib_table *t = m->table;
	uint64_t key = t->key == MIB_KEY_NONE ? 0 : place;
	int r;

	if (!json_is_object(row))
		return -EBADMSG;
	if (t->key == MIB_KEY_ID && read_id(row, &key))
		return 0;
	r = grow(m, cap);
	if (r)
		return r;
	m->keys[m->rows] = key;
	for (unsigned i = 0; i < t->count; i++)
		m->values[(size_t)m->rows * t->count + i] =
			mib_value_of(row, &t->columns[i], &m->octets);
	m->rows++;
	return m->octets.bad ? -ENOMEM : 0;
}

static size_t skip_blanks(const char *text, size_t at, size_t len)
{
	while (at < len && strchr(" \t\r\n", text[at]) && text[at])
		at++;
	return at;
}

/* An array of many objects, one at a time: the tree of all of them would be ten times the text. */
static int read_array(struct mib_image *m, const char *text, size_t len, unsigned *cap)
{
	size_t at = skip_blanks(text, 0, len);
	unsigned place = 0;
	char wanted = '[';

	for (;; wanted = ',') {
		json_error_t error;
		json_t *row;
		int r;

		at = skip_blanks(text, at, len);
		if (at < len && text[at] == ']' && wanted == ',')
			return skip_blanks(text, at + 1, len) == len ? 0 : -EBADMSG;
		if (at == len || text[at] != wanted)
			return -EBADMSG;
		at = skip_blanks(text, at + 1, len);
		if (!place && at < len && text[at] == ']')
			return skip_blanks(text, at + 1, len) == len ? 0 : -EBADMSG;
		row = json_loadb(text + at, len - at, FLAGS | JSON_DISABLE_EOF_CHECK, &error);
		if (!row)
			return -EBADMSG;
		at += (size_t)error.position; /* octets taken */
		r = add_row(m, row, ++place, cap);
		json_decref(row);
		if (r)
			return r;
	}
}

/* One object: it is the row, or has the array of rows. */
static int read_object(struct mib_image *m, const char *text, size_t len, unsigned *cap)
{
	json_t *answer = json_loadb(text, len, FLAGS, NULL);
	const json_t *rows, *row;
	size_t i;
	int r = 0;

	if (!json_is_object(answer)) {
		json_decref(answer);
		return -EBADMSG;
	}
	if (!m->table->path) {
		r = add_row(m, answer, 0, cap);
		json_decref(answer);
		return r;
	}
	rows = json_object_get(answer, m->table->path);
	json_array_foreach(rows, i, row) if (!r) r = add_row(m, row, (unsigned)i + 1, cap);
	if (!json_is_array(rows))
		r = -EBADMSG;
	json_decref(answer);
	return r;
}

struct keyed {
	uint64_t key;
	unsigned row;
};

static int by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

/* The walk wants ascending keys, each once. */
static int sort(struct mib_image *m)
{
	size_t width = m->table->count;
	struct keyed *order = calloc(m->rows ? m->rows : 1, sizeof(*order));
	struct mib_value *values = calloc(m->rows ? m->rows * width : 1, sizeof(*values));
	unsigned n = 0;

	if (!order || !values) {
		free(order);
		free(values);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < m->rows; i++)
		order[i] = (struct keyed){ m->keys[i], i };
	qsort(order, m->rows, sizeof(*order), by_key);
	for (unsigned i = 0; i < m->rows; i++) {
		if (n && m->keys[n - 1] == order[i].key)
			continue;
		m->keys[n] = order[i].key;
		memcpy(values + n * width, m->values + order[i].row * width,
		       width * sizeof(*values));
		n++;
	}
	free(order);
	free(m->values);
	m->values = values;
	m->rows = n;
	return 0;
}

int mib_image_read(struct mib_image *ret, const struct mib_table *t, const char *text, size_t len)
{
	struct mib_image m = { .table = t };
	bool array = t->key != MIB_KEY_NONE && !t->path;
	unsigned cap = 0;
	int r = array ? read_array(&m, text, len, &cap) : read_object(&m, text, len, &cap);

	if (!r && m.rows)
		r = sort(&m);
	if (r)
		mib_image_fini(&m);
	else
		*ret = m;
	return r;
}

/* The first row whose key is at least `key`. */
static unsigned lower_bound(const struct mib_image *m, uint64_t key)
{
	unsigned low = 0, high = m->rows;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (m->keys[mid] < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The first row whose key's identifier is behind `oid`, which may be shorter or longer than a key,
 * and have sub-identifiers that no key has. */
static unsigned row_behind(const struct mib_image *m, const uint32_t *oid, size_t len)
{
	unsigned n = key_len(m->table), bits = key_bits(m->table);
	uint32_t max = key_max(m->table);
	bool behind =
		len >= n; /* an exact match is not behind itself; what is longer is behind it */
	uint64_t key = 0;
	unsigned row;

	for (unsigned i = 0; i < n; i++) {
		uint32_t sub = i < len ? oid[i] : 0;

		if (sub > max) {
			for (; i < n; i++)
				key = key << bits | max;
			behind = true;
			break;
		}
		key = key << bits | sub;
	}
	row = lower_bound(m, key);
	if (behind && row < m->rows && m->keys[row] == key)
		row++;
	return row;
}

static const struct mib_value *value_at(const struct mib_image *m, const struct mib_place *p)
{
	return &m->values[(size_t)p->row * m->table->count + (p->column - m->table->first)];
}

const struct mib_value *mib_get(const struct mib_image *m, const uint32_t *oid, size_t len,
				struct mib_place *ret)
{
	unsigned n = key_len(m->table);
	struct mib_place p = { 0 };
	uint64_t key = 0;

	if (len != 1 + n || oid[0] < m->table->first || oid[0] - m->table->first >= m->table->count)
		return NULL;
	for (unsigned i = 0; i < n; i++) {
		if (oid[1 + i] > key_max(m->table))
			return NULL;
		key = key << key_bits(m->table) | oid[1 + i];
	}
	p.column = oid[0];
	p.row = lower_bound(m, key);
	if (p.row == m->rows || m->keys[p.row] != key || !value_at(m, &p)->there)
		return NULL;
	*ret = p;
	return value_at(m, &p);
}

const struct mib_value *mib_next(const struct mib_image *m, const uint32_t *oid, size_t len,
				 struct mib_place *ret)
{
	unsigned first = m->table->first, end = first + m->table->count;
	struct mib_place p = { .column = first };

	if (len && oid[0] >= end)
		return NULL;
	if (len && oid[0] >= first) {
		p.column = oid[0];
		p.row = row_behind(m, oid + 1, len - 1);
	}
	for (; p.column < end; p.column++, p.row = 0)
		for (; p.row < m->rows; p.row++)
			if (value_at(m, &p)->there) {
				*ret = p;
				return value_at(m, &p);
			}
	return NULL;
}

size_t mib_oid(const struct mib_image *m, const struct mib_place *p, uint32_t ret[1 + MIB_KEY_MAX])
{
	unsigned n = key_len(m->table), bits = key_bits(m->table);

	ret[0] = p->column;
	for (unsigned i = 0; i < n; i++)
		ret[1 + i] = (uint32_t)(m->keys[p->row] >> (n - 1 - i) * bits) & key_max(m->table);
	return 1 + n;
}
