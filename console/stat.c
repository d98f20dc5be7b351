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
	json_t *root = json_loadb(body->p, body->len, ROWS_JSON_FLAGS, NULL);
	json_t *sessions, *pppoe;
	int rc = json_is_object(root) ? 0 : -EBADMSG;

	if (!rc) {
		sessions = section_of(root, "sessions");
		pppoe = section_of(root, "pppoe");
		if (json_object_get(root, "sessions"))
			json_object_set(root, "sessions", sessions);
		if (json_object_get(root, "pppoe"))
			json_object_set(root, "pppoe", pppoe);
		json_decref(sessions);
		json_decref(pppoe);
		rc = write_back(root, body);
	}
	json_decref(root);
	return rc;
}
