// SPDX-License-Identifier: GPL-2.0-or-later
/* The words for where a session's values came from; see daemon/source.h. */
#include "daemon/source.h"

#include "base/json.h"
#include "daemon/daemon.h"

#include <stdio.h>

#define TEXT_MAX 80

static const struct row {
	const char *key, *config, *attribute, *other;
} rows[] = {
#define X(id, key, config, attribute, other) { key, config, attribute, other },
	SOURCE_VALUES(X)
#undef X
};

static const char *source_text(const struct session *s, enum source_value v, char buf[TEXT_MAX])
{
	const struct row *row = &rows[v];

	switch ((enum source)s->source[v]) {
	case SOURCE_NONE:
		return NULL;
	case SOURCE_CONFIG:
		return row->config;
	case SOURCE_USERS:
		return "users file";
	case SOURCE_POOL:
		return "pool default";
	case SOURCE_RADIUS:
		snprintf(buf, TEXT_MAX, "radius %s", row->attribute);
		break;
	case SOURCE_RADIUS_ELSE:
		snprintf(buf, TEXT_MAX, "radius %s", row->other);
		break;
	case SOURCE_COA:
		snprintf(buf, TEXT_MAX, "coa %s", row->attribute);
		break;
	}
	return buf;
}

static void kept(struct json *j, const struct session *s, enum source_value v)
{
	char text[TEXT_MAX];

	json_str(j, rows[v].key, source_text(s, v, text));
}

/* Two servers, from one place or from two. */
static void dns(struct json *j, const struct session *s)
{
	char one[TEXT_MAX], two[TEXT_MAX], both[2 * TEXT_MAX];
	const char *first = s->link.dns[0] ? source_text(s, SOURCE_OF_DNS1, one) : NULL;
	const char *second = s->link.dns[1] ? source_text(s, SOURCE_OF_DNS2, two) : NULL;

	snprintf(both, sizeof(both), "%s%s%s", first ? first : "", first && second ? ", " : "",
		 second ? second : "");
	json_str(j, "dns", *both ? both : NULL);
}

/* What made it as small as it is. */
static const char *mtu(const struct session *s)
{
	uint16_t link = ppp_link_mtu(&s->link);

	if (s->mtu_limit && s->mtu_limit < link)
		return "radius Framed-MTU";
	if (link == s->d->ppp_config.mru)
		return "[ppp] mtu";
	return link == s->link.mru_limit ? "pppoe" : "peer MRU";
}

static const char *username(const struct session *s)
{
	switch (s->d->config->auth.username) {
	case CONFIG_USERNAME_CIRCUIT_ID:
		return "line circuit-id";
	case CONFIG_USERNAME_REMOTE_ID:
		return "line remote-id";
	case CONFIG_USERNAME_MAC:
		return "line mac";
	case CONFIG_USERNAME_PPP:
		break;
	}
	return "peer";
}

void source_show(struct json *j, const struct session *s)
{
	const struct login *l = s->login;

	json_open(j, "sources", '{');
	json_str(j, "username", s->username ? username(s) : NULL);
	json_str(j, "acct-username", l && l->name ? "radius User-Name" : NULL);
	kept(j, s, SOURCE_OF_IP);
	json_str(j, "gateway", s->has & SESSION_UP4 ? "[ip-pool] gw-ip-address" : NULL);
	dns(j, s);
	kept(j, s, SOURCE_OF_IP6);
	json_str(j, "peer-link-local",
		 !(s->has & SESSION_UP6) ? NULL
		 : s->link.ifid_required ? "radius Framed-Interface-Id"
					 : "peer");
	json_str(j, "mtu", mtu(s));
	for (unsigned v = SOURCE_OF_SESSION_TIMEOUT; v < SOURCE_OF_COUNT; v++)
		kept(j, s, (enum source_value)v);
	json_str(j, "termination-action",
		 s->link.reauthenticate ? "radius Termination-Action" : NULL);
	json_str(j, "routes", l && l->route4_count ? "radius Framed-Route" : NULL);
	json_str(j, "routes6", l && l->route6_count ? "radius Framed-IPv6-Route" : NULL);
	json_close(j, '}');
}
