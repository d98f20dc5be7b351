// SPDX-License-Identifier: GPL-2.0-or-later
/* Names, and ranges of pool4. */
#include "nat64/nat64.h"

#include "base/siphash.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *nat64_proto_name(enum nat64_proto p)
{
	static const char *const names[NAT64_PROTOS] = { "tcp", "udp", "icmp" };

	return names[p];
}

const char *nat64_backend_name(enum nat64_backend b)
{
	static const char *const names[] = { "off", "jool", "tayga" };

	return names[b];
}

/* The key is a constant: the same instance has the same name after a restart. */
const char *nat64_label(char buf[NAT64_LABEL_MAX], const char *instance)
{
	static const struct siphash_key key = { { 0x6e6174, 0x3634 } };
	size_t len = strlen(instance);

	if (len < NAT64_LABEL_MAX)
		memcpy(buf, instance, len + 1);
	else
		snprintf(buf, NAT64_LABEL_MAX, "%.8s-%06x", instance,
			 (unsigned)(siphash(&key, instance, len) & 0xffffff));
	return buf;
}

const char *nat64_table(char buf[NAT64_TABLE_MAX], const char *instance)
{
	char label[NAT64_LABEL_MAX];

	snprintf(buf, NAT64_TABLE_MAX, "brasberry-%s-nat64", nat64_label(label, instance));
	return buf;
}

static int by_range(const void *a, const void *b)
{
	const struct nat64_range *x = a, *y = b;

	if (x->protos != y->protos)
		return x->protos - y->protos;
	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->first != y->first ? x->first - y->first : x->last - y->last;
}

static bool joins(const struct nat64_range *a, const struct nat64_range *next)
{
	return a->protos == next->protos && a->addr == next->addr &&
	       next->first <= (uint32_t)a->last + 1;
}

int nat64_ranges_normal(const struct nat64_range *item, unsigned count, struct nat64_ranges *ret)
{
	struct nat64_range *all = calloc((size_t)count * NAT64_PROTOS + 1, sizeof(*all));
	unsigned n = 0, kept = 0;

	if (!all)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++)
		for (unsigned p = 0; p < NAT64_PROTOS; p++) {
			if (!(item[i].protos & 1u << p))
				continue;
			all[n] = item[i];
			all[n++].protos = (uint8_t)(1u << p);
		}
	qsort(all, n, sizeof(*all), by_range);
	for (unsigned i = 0; i < n; i++) {
		if (!kept || !joins(&all[kept - 1], &all[i]))
			all[kept++] = all[i];
		else if (all[i].last > all[kept - 1].last)
			all[kept - 1].last = all[i].last;
	}
	*ret = (struct nat64_ranges){ .item = all, .count = kept };
	return 0;
}

bool nat64_ranges_equal(const struct nat64_ranges *a, const struct nat64_ranges *b)
{
	if (a->count != b->count)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (by_range(&a->item[i], &b->item[i]))
			return false;
	return true;
}

uint64_t nat64_ranges_size(const struct nat64_ranges *r)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < r->count; i++)
		n += (uint64_t)(r->item[i].last - r->item[i].first + 1) *
		     (unsigned)__builtin_popcount(r->item[i].protos);
	return n;
}
