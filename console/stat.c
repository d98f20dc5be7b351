// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/stat.h"

#include "console/rows.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const struct name {
	const char *section, *theirs, *from, *ours;
} names[] = {
	{ "sessions", "starting", "sessions", "starting" },
	{ "sessions", "active", "sessions", "active" },
	{ "sessions", "finishing", "sessions", "closing" },
	{ "pppoe", "starting", "sessions", "starting" },
	{ "pppoe", "active", "sessions", "active" },
	{ "pppoe", "recv PADI", "pppoe", "padi-rx" },
	{ "pppoe", "drop PADI", "drops", "padi-rate" },
	{ "pppoe", "sent PADO", "pppoe", "pado-tx" },
	{ "pppoe", "recv PADR(dup)", "pppoe", "padr-rx" },
	{ "pppoe", "sent PADS", "pppoe", "pads-tx" },
	{ "pppoe", "filtered", "drops", "mac-filter" },
};

static json_t *value_of(const json_t *root, const char *section, const char *key)
{
	return json_object_get(json_object_get(root, section), key);
}

/* "12(3)": of twelve, three came again. */
static json_t *with_duplicates(const json_t *root, const json_t *all)
{
	const json_t *again = value_of(root, "pppoe", "padr-dup-rx");
	char text[64];

	snprintf(text, sizeof(text), "%lld(%lld)", (long long)json_integer_value(all),
		 (long long)json_integer_value(again));
	return json_string(text);
}

static bool is_theirs(const char *section, const char *ours)
{
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i].from, section) && !strcmp(names[i].section, section) &&
		    !strcmp(names[i].ours, ours))
			return true;
	return !strcmp(section, "pppoe") && !strcmp(ours, "padr-dup-rx");
}

/* A section with their names in front, and what of ours they have no name for behind. */
static json_t *section_of(const json_t *root, const char *section)
{
	json_t *ret = json_object(), *value, *old = json_object_get(root, section);
	const char *key;

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		value = value_of(root, names[i].from, names[i].ours);
		if (strcmp(names[i].section, section) != 0 || !value)
			continue;
		if (!strcmp(names[i].ours, "padr-rx"))
			json_object_set_new(ret, names[i].theirs, with_duplicates(root, value));
		else
			json_object_set(ret, names[i].theirs, value);
	}
	json_object_foreach(old, key, value)
		if (!is_theirs(section, key))
			json_object_set(ret, key, value);
	return ret;
}

/* "4.03:02:01" */
static json_t *uptime_of(const json_t *value)
{
	long long s = json_integer_value(value);
	char text[48];

	snprintf(text, sizeof(text), "%lld.%02d:%02d:%02d", s / 86400, (int)(s / 3600 % 24),
		 (int)(s / 60 % 60), (int)(s % 60));
	return json_string(text);
}

static json_t *percent_of(const json_t *value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld%%", (long long)json_integer_value(value));
	return json_string(text);
}

static json_t *memory_of(const json_t *value)
{
	char text[64];

	snprintf(text, sizeof(text), "%lld/%lld kB",
		 (long long)json_integer_value(json_object_get(value, "rss")),
		 (long long)json_integer_value(json_object_get(value, "virt")));
	return json_string(text);
}

static const struct {
	const char *theirs, *ours;
} server_names[] = {
	{ "fail count", "timeouts" },		  { "request count", "inflight" },
	{ "queue length", "queue" },		  { "auth sent", "auth-requests" },
	{ "auth lost(total)", "auth-timeouts" },  { "auth avg query time", "auth-latency-ms" },
	{ "acct sent", "acct-requests" },	  { "acct lost(total)", "acct-timeouts" },
	{ "acct avg query time", "acct-latency-ms" },
};

/* We count no minutes: their three figures of what was lost are our one. */
static json_t *server_of(const json_t *server)
{
	const char *state = json_string_value(json_object_get(server, "state"));
	json_t *ret = json_object();
	char text[48];

	json_object_set_new(ret, "state",
			    json_string(state && !strcmp(state, "up") ? "active" : "failed"));
	for (unsigned i = 0; i < ARRAY_SIZE(server_names); i++) {
		json_t *v = json_object_get(server, server_names[i].ours);

		snprintf(text, sizeof(text), "%lld ms", (long long)json_integer_value(v));
		if (strstr(server_names[i].theirs, "time"))
			json_object_set_new(ret, server_names[i].theirs, json_string(text));
		else
			json_object_set(ret, server_names[i].theirs, v);
	}
	return ret;
}

static void put_servers(json_t *out, json_t *servers)
{
	const char *key;
	char name[96];
	json_t *value;

	json_object_foreach(servers, key, value)
	{
		snprintf(name, sizeof(name), "radius(%.80s)", key);
		json_object_set_new(out, name, server_of(value));
	}
}

/* What a member is among theirs; most are what they are. */
static void put_member(json_t *out, const json_t *root, const char *key, json_t *value)
{
	if (!strcmp(key, "sessions") || !strcmp(key, "pppoe"))
		json_object_set_new(out, key, section_of(root, key));
	else if (!strcmp(key, "uptime"))
		json_object_set_new(out, key, uptime_of(value));
	else if (!strcmp(key, "cpu"))
		json_object_set_new(out, key, percent_of(value));
	else if (!strcmp(key, "mem"))
		json_object_set_new(out, "mem(rss/virt)", memory_of(value));
	else if (!strcmp(key, "radius"))
		put_servers(out, value);
	else
		json_object_set(out, key, value);
}

static int write_back(const json_t *root, struct sbuf *body)
{
	_cleanup_free_ char *text = json_dumps(root, JSON_COMPACT | JSON_ENSURE_ASCII);

	if (!text)
		return -ENOMEM;
	body->len = 0;
	sbuf_printf(body, "%s\n", text);
	return body->bad ? -ENOMEM : 0;
}

int stat_apply(struct sbuf *body)
{
	json_t *root = json_loadb(body->p, body->len, ROWS_JSON_FLAGS, NULL), *out, *value;
	int rc = json_is_object(root) ? 0 : -EBADMSG;
	const char *key;

	out = json_object();
	json_object_foreach(root, key, value) put_member(out, root, key, value);
	rc = rc ? rc : write_back(out, body);
	json_decref(out);
	json_decref(root);
	return rc;
}
