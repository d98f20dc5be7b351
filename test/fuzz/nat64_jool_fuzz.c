// SPDX-License-Identifier: GPL-2.0-or-later
/* Any octets as what Jool's tools, the kernel's log and nft say. What comes out is within bounds,
 * and is told to a console. */
#include "nat64/held.h"
#include "nat64/nat64.h"

#include <string.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void stats(const char *text, size_t len)
{
	static struct nat64_stats s;
	uint64_t sum = 0;

	if (nat64_stats_parse(text, len, &s))
		return;
	check(s.drop_count <= NAT64_STATS_MAX);
	for (unsigned i = 0; i < s.drop_count; i++) {
		size_t n = strnlen(s.drop[i].name, sizeof(s.drop[i].name));

		check(n && n < sizeof(s.drop[i].name));
		for (size_t k = 0; k < n; k++)
			check(s.drop[i].name[k] > ' ' && s.drop[i].name[k] < 0x7f);
		sum += s.drop[i].value;
	}
	check(sum == s.drops);
}

static void pool4(const char *text, size_t len)
{
	struct nat64_ranges r;

	if (nat64_pool4_parse(text, len, &r))
		return;
	for (unsigned i = 0; i < r.count; i++) {
		check(r.item[i].first <= r.item[i].last);
		check(__builtin_popcount(r.item[i].protos) == 1);
	}
	check(!r.count || nat64_ranges_size(&r) >= r.count);
	free(r.item);
}

/* In pieces as whole. */
static void held(const char *text, size_t len)
{
	static const char of[] = "2001:db8::/32\n";
	struct nat64_held *whole = NULL, *pieces = NULL;
	struct sbuf a = { 0 }, b = { 0 };
	uint64_t sessions, bib;

	check(!nat64_held_new(&whole, of, sizeof(of) - 1) &&
	      !nat64_held_new(&pieces, of, sizeof(of) - 1));
	nat64_held_jool(whole, text, len);
	for (size_t i = 0; i < len; i += 3)
		nat64_held_jool(pieces, text + i, len - i < 3 ? len - i : 3);
	if (!nat64_held_end(whole, 0, &a)) {
		check(whole->bib <= whole->sessions);
		check(!nat64_held_end(pieces, 0, &b) && a.len == b.len && !memcmp(a.p, b.p, a.len));
		check(!nat64_held_parse(a.p, a.len, &sessions, &bib) && bib == whole->bib);
	}
	whole->bad = false;
	nat64_held_tayga(whole, text, len);
	check(whole->host_count <= NAT64_HOSTS_MAX);
	(void)nat64_held_parse(text, len, &sessions, &bib);
	(void)nat64_of_parse(text, len, &whole->of);
	free(whole);
	free(pieces);
	sbuf_fini(&a);
	sbuf_fini(&b);
}

static void rest(const char *text, size_t len)
{
	struct nat64_mapping m;
	struct nat64_global g;
	struct nat64_nft nft;
	bool iptables;

	if (!nat64_global_parse(text, len, &g))
		check(g.pool6.len <= 128);
	(void)nat64_framework_parse(text, len, "default", &iptables);
	if (!nat64_log_parse(text, len, "default", &m))
		check(m.proto < NAT64_PROTOS);
	(void)nat64_nft_parse(text, len, &nft);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	stats(text, size);
	pool4(text, size);
	held(text, size);
	rest(text, size);
	return 0;
}
