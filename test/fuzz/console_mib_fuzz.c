// SPDX-License-Identifier: GPL-2.0-or-later
/* The first octet chooses a table, the second a length of a name; then the name, then any text as
 * the daemon's answer. A walk ends, goes upwards, and each name it gives is one that is there. */
#include "console/mib.h"

#include <string.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static int compare(const uint32_t *a, size_t alen, const uint32_t *b, size_t blen)
{
	for (size_t i = 0; i < alen && i < blen; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return alen < blen ? -1 : alen > blen;
}

static void walk(const struct mib_image *m, uint32_t *name, size_t len)
{
	uint32_t next[1 + MIB_KEY_MAX];
	const struct mib_value *v;
	struct mib_place p, q;
	unsigned steps = 0;

	(void)mib_get(m, name, len, &p);
	while ((v = mib_next(m, name, len, &p))) {
		size_t n = mib_oid(m, &p, next);

		check(compare(name, len, next, n) < 0);
		check(mib_get(m, next, n, &q) == v);
		check(p.row < m->rows && ++steps <= m->rows * m->table->count);
		if (mib_is_octets(m->table->columns[p.column - m->table->first].type))
			check(v->number + v->len <= m->octets.len);
		memcpy(name, next, n * sizeof(*name));
		len = n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint32_t name[16];
	struct mib_image m;
	size_t n;

	if (len < 2)
		return 0;
	n = data[1] % 12;
	if (len < 2 + n)
		return 0;
	for (size_t i = 0; i < n; i++)
		name[i] = data[2 + i] == 255 ? UINT32_MAX : data[2 + i];
	if (mib_image_read(&m, &mib_tables[data[0] % mib_table_count], (const char *)data + 2 + n,
			   len - 2 - n))
		return 0;
	walk(&m, name, n);
	mib_image_fini(&m);
	return 0;
}
