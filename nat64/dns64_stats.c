// SPDX-License-Identifier: GPL-2.0-or-later
/* named's statistics channel (bind9's reference manual, "statistics-channels"): JSON over HTTP, of
 * which we read the counters of the server. One that named leaves out is 0. */
#include "nat64/dns64.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

const char *dns64_counter_name(enum dns64_counter c)
{
	static const char *const name[] = {
#define X(id, ours, object, theirs) [DNS64_COUNT_##id] = ours,
		DNS64_COUNTERS(X)
#undef X
	};

	return c < DNS64_COUNTER_COUNT ? name[c] : "unknown";
}

/* RFC 9112, section 4: "HTTP/1.1 200 OK"; what comes behind the empty line, or NULL. */
static const char *body_of(const char *reply, size_t len)
{
	static const char ok[] = "HTTP/1.1 200 ", end[] = "\r\n\r\n";
	const char *at;

	if (len < sizeof(ok) - 1 || memcmp(reply, ok, sizeof(ok) - 1) != 0)
		return NULL;
	at = memmem(reply, len, end, sizeof(end) - 1);
	return at ? at + sizeof(end) - 1 : NULL;
}

int dns64_stats_parse(const char *reply, size_t len, struct dns64_stats *ret)
{
	static const struct {
		const char *object, *name;
	} theirs[] = {
#define X(id, ours, object, theirs) [DNS64_COUNT_##id] = { object, theirs },
		DNS64_COUNTERS(X)
#undef X
	};
	const char *body = body_of(reply, len);
	struct dns64_stats stats = { 0 };
	json_t *root;
	bool good;

	if (!body)
		return -EBADMSG;
	root = json_loadb(body, len - (size_t)(body - reply), 0, NULL);
	good = json_is_object(json_object_get(root, "nsstats"));
	for (unsigned i = 0; good && i < DNS64_COUNTER_COUNT; i++) {
		const json_t *object = json_object_get(root, theirs[i].object);
		json_int_t v = json_integer_value(json_object_get(object, theirs[i].name));

		stats.count[i] = v > 0 ? (uint64_t)v : 0;
	}
	json_decref(root);
	if (good)
		*ret = stats;
	return good ? 0 : -EBADMSG;
}
