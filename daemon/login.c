// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who the peer is. The users file answers at once; a RADIUS server answers later, and the session
 * may be gone by then: login_forget() takes the question back. Either way the answer is a grant
 * (grant.h), and one place, login_done(), tells PPP.
 */
#include "base/str.h"
#include "daemon/daemon.h"
#include "daemon/hooks.h"
#include "daemon/grant.h"
#include "daemon/mirror.h"
#include "daemon/timeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASKING_MAX 1024 /* logins that wait for a server, before they are refused */
/* Discovery answers slow down when the servers do: as many logins may wait as the servers answer in
 * this time, and never fewer than ASKING_FEW. Others' PADIs come again, 1, 2, 4 s later: so many
 * must wait for the servers to have work until then. */
#define ASKING_NS  (2 * NSEC_PER_SEC)
#define ASKING_FEW 32

static const char no_memory[] = "no memory for what the line is granted";

static void log_failure(struct session *s, const char *peer, const char *why)
{
	char text[96];

	session_provoked(s, &s->d->log_failed[table_share(s->d, &s->line)], LOG_LEVEL_NOTICE,
			 "login-failed", "authentication failed for '%s': %s",
			 str_escape(text, sizeof(text), peer, strlen(peer)), why);
}

static void log_renewed(const struct session *s, const struct grant *g)
{
	session_log(s, LOG_LEVEL_INFO,
		    "session-timeout is over, authenticated anew, for %llu s (0: no limit)",
		    (unsigned long long)(g->session_timeout / NSEC_PER_SEC));
}

/* How many other living sessions has this name? */
static uint32_t others(const struct session *s, const char *name)
{
	struct session *first = names_find(s->d, name), *o = first;
	uint32_t n = 0;

	if (!first)
		return 0;
	do {
		n += o != s && o->state != SESSION_CLOSING;
		o = o->name_next;
	} while (o != first);
	return n;
}

static void close_others(struct session *s, uint64_t now, const char *name)
{
	struct session *o;

	/* Closing may end a session at once and change the ring: begin again each time. */
	do {
		struct session *first = names_find(s->d, name);

		o = first;
		while (o && (o == s || o->state == SESSION_CLOSING)) {
			o = o->name_next;
			if (o == first)
				o = NULL;
		}
		if (o)
			session_close(o, now, PPP_CAUSE_ADMIN_RESET);
	} while (o);
}

/* One login, one line; and Port-Limit. NULL, or why not. */
static const char *too_many(struct session *s, uint64_t now, const char *name, uint32_t port_limit)
{
	struct daemon *d = s->d;
	uint32_t n = others(s, name);

	if (!n)
		return NULL;
	switch (d->config->auth.single_session) {
	case CONFIG_SINGLE_ALLOW:
		break;
	case CONFIG_SINGLE_DENY:
		d->stats.single_session++;
		return "the user is logged in already";
	case CONFIG_SINGLE_REPLACE:
		d->stats.single_session++;
		close_others(s, now, name);
		return NULL;
	}
	return port_limit && n >= port_limit ? "the user has as many sessions as it may" : NULL;
}

/* @g NULL: refused for `why`. @res->message is for the peer already. */
static void login_done(struct session *s, uint64_t now, const char *name, struct grant *g,
		       uint32_t port_limit, const char *why, struct ppp_auth_result *res)
{
	_cleanup_free_ char *username = strdup(name);
	struct daemon *d = s->d;

	if (g)
		why = username ? too_many(s, now, name, port_limit) : no_memory;
	res->ok = g && !why;
	timeline_login(s, name, res->ok ? NULL : why);
	if (res->ok) {
		if (!s->username) {
			s->username = username;
			username = NULL;
		}
		names_add(s);
		trace_look(s);
		session_debug(s, "let in by %s",
			      s->has & SESSION_LOCAL ? "the users file" : "RADIUS");
		volume_open(s);
		d->stats.auth_ok++;
		grant_apply(s, now, g, res);
		if (s->link.auth.renewing)
			log_renewed(s, g);
		if (s->state == SESSION_AUTH)
			table_state(s, SESSION_NETWORK);
		health_phase_done(s, now, HEALTH_AUTH);
	} else {
		d->stats.auth_failed++;
		log_failure(s, name, why);
		if (g) /* the peer proved who it is: what we tell it is ours */
			snprintf(res->message, sizeof(res->message), "%s%s",
				 s->link.lcp.method == PPP_AUTH_MSCHAP_V2 ? "E=691 R=0 V=3 M=" : "",
				 why);
	}
	if (g)
		grant_fini(g);
	ppp_link_auth_done(&s->link, now, res);
}

/* --- the users file ------------------------------------------------------------------------ */

static const struct user *user_find(struct session *s, const char *name)
{
	struct daemon *d = s->d;

	(void)daemon_users_check(d);
	return d->users ? users_find(d->users, name, strlen(name), d->config->pppoe.ac_name) : NULL;
}

/* A name that we do not know costs the same work as a wrong secret. */
static void ask_file(struct session *s, uint64_t now, const char *name, const struct user *user,
		     const struct ppp_auth_request *req)
{
	struct ppp_auth_result res = { 0 };
	struct grant g;

	ppp_auth_verify(req, user ? user->secret : "", user ? user->secret_len : 0, &res);
	s->has |= SESSION_LOCAL;
	if (user && res.ok) {
		grant_of_user(s, user, &g);
		login_done(s, now, name, &g, 0, NULL, &res);
	} else {
		login_done(s, now, name, NULL, 0, "wrong name or secret", &res);
	}
}

/* --- RADIUS -------------------------------------------------------------------------------- */

/* Once: routes of a session that is up are not changed by a repeated login. */
static int take_routes(struct login *l, const struct radius_reply *r)
{
	struct prefix4 *routes4;
	struct prefix6 *routes6;

	if (l->routes4 || l->routes6)
		return 0;
	routes4 = calloc(r->route4_count + 1, sizeof(*routes4));
	routes6 = calloc(r->route6_count + 1, sizeof(*routes6));
	if (!routes4 || !routes6) {
		free(routes4);
		free(routes6);
		return -ENOMEM;
	}
	memcpy(routes4, r->routes4, r->route4_count * sizeof(*routes4));
	memcpy(routes6, r->routes6, r->route6_count * sizeof(*routes6));
	l->routes4 = routes4;
	l->routes6 = routes6;
	l->route4_count = r->route4_count;
	l->route6_count = r->route6_count;
	return 0;
}

/* RFC 2865, 5.24: it goes out again when Termination-Action asks. */
static int take_state(struct login *l, const struct radius_reply *r)
{
	free(l->state);
	l->state = NULL;
	if (r->termination_action != RADIUS_TERMINATION_REQUEST || !r->state.len)
		return 0;
	l->state = malloc(sizeof(*l->state));
	if (!l->state)
		return -ENOMEM;
	*l->state = r->state;
	return 0;
}

/* The name and the Class that accounting has to send (RFC 2865, 5.1 and 5.25). */
static int take_identity(struct login *l, const struct radius_reply *r)
{
	char *name = *r->username ? strdup(r->username) : NULL;
	struct radius_octets *class = calloc(r->class_count + 1, sizeof(*class));

	if (!class || (*r->username && !name)) {
		free(class);
		free(name);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < r->class_count; i++)
		class[i] = r->class[i];
	free(l->name);
	l->name = name;
	free(l->class);
	l->class = class;
	l->class_count = r->class_count;
	return 0;
}

static void forget_password(struct login *l)
{
	if (l->password)
		explicit_bzero(l->password, sizeof(*l->password));
	free(l->password);
	l->password = NULL;
}

/* PAP cannot ask the peer again, so what it said is kept where Termination-Action may want it;
 * until the server has said so, too. */
static int keep_password(struct login *l, const struct ppp_auth_request *req)
{
	struct radius_octets *o;

	if (req->method != PPP_AUTH_PAP || req->response_len > sizeof(o->b) ||
	    (l->password && req->response == l->password->b))
		return 0;
	o = malloc(sizeof(*o));
	if (!o)
		return -ENOMEM;
	o->len = (uint8_t)req->response_len;
	memcpy(o->b, req->response, req->response_len);
	forget_password(l);
	l->password = o;
	return 0;
}

/* -ENOMEM: the line cannot be what the server says that it is. */
static int take_reply(struct login *l, uint64_t now, const struct radius_reply *r)
{
	const struct config *c = l->s->d->config;
	uint32_t interim = l->interim;

	if (take_identity(l, r) || take_routes(l, r) || take_state(l, r))
		return -ENOMEM;
	snprintf(l->filter_id, sizeof(l->filter_id), "%.*s", (int)sizeof(l->filter_id) - 1,
		 r->filter_id);
	l->interim = r->has & RADIUS_HAS_INTERIM ? r->interim : c->radius.acct_interim_interval;
	if (l->interim != interim)
		acct_interim(l->s, now);
	volume_quota(l->s, r->has & RADIUS_HAS_QUOTA ? r->quota : 0);
	l->port_limit = r->has & RADIUS_HAS_PORT_LIMIT ? r->port_limit : 0;
	return 0;
}

static const char *verdict_why(const struct radius_reply *r)
{
	switch (r->verdict) {
	case RADIUS_ACCEPT:
		return NULL;
	case RADIUS_REJECT:
		return "refused by the server";
	case RADIUS_UNREACHABLE:
		return "no RADIUS server answers";
	case RADIUS_BAD:
		return r->message;
	}
	return "";
}

/* What a server says is for the peer; what we found wrong with it is for the log. */
static void message_for_peer(const struct login *l, const struct radius_reply *r,
			     struct ppp_auth_result *res)
{
	char *retry;

	if (r->verdict != RADIUS_BAD)
		snprintf(res->message, sizeof(res->message), "%s", r->message);
	if (l->method != RADIUS_MSCHAP_V2 || r->verdict == RADIUS_ACCEPT)
		return;
	if (strncmp(res->message, "E=", 2) != 0)
		snprintf(res->message, sizeof(res->message), "E=691 R=0 V=3 M=%.200s", r->message);
	retry = strstr(res->message, "R=1");
	if (retry)
		retry[2] = '0'; /* a server may offer it; we take no second try (RFC 2759, 6) */
}

static void on_reply(void *arg, uint64_t now, const struct radius_reply *r)
{
	struct session *s = arg;
	struct login *l = s->login;
	struct ppp_auth_result res = { 0 };
	const char *why = verdict_why(r);
	char name[PPP_NAME_MAX + 1], bad[256];
	struct grant g;

	l->request = NULL;
	l->answered_after = now - l->asked_at;
	l->answered_by = r->verdict == RADIUS_UNREACHABLE ? 0 : r->server + 1u;
	s->d->asking--;
	if (r->verdict == RADIUS_UNREACHABLE)
		s->d->stats.auth_unreachable++;
	message_for_peer(l, r, &res);
	if (!why && l->method == RADIUS_MSCHAP_V2 && strncmp(res.message, "S=", 2) != 0)
		why = "accepted without MS-CHAP2-Success, which the peer demands";
	snprintf(name, sizeof(name), "%s", l->asked);
	if (why || r->termination_action != RADIUS_TERMINATION_REQUEST)
		forget_password(l);
	if (!why && grant_of_reply(s, r, &g, bad, sizeof(bad)))
		why = bad;
	if (!why && take_reply(l, now, r)) {
		why = no_memory;
		grant_fini(&g);
	}
	if (!why) {
		hooks_attributes(s, r->raw);
		login_done(s, now, name, &g, l->port_limit, NULL, &res);
		if (res.ok)
			mirror_given(s, r->mirror, "RADIUS");
	} else {
		login_done(s, now, name, NULL, 0, why, &res);
	}
}

static struct login *login_get(struct session *s)
{
	struct login *l = s->login ? s->login : calloc(1, sizeof(*l));

	if (l && !s->login) {
		l->s = s;
		l->interim = s->d->config->radius.acct_interim_interval;
		l->multi_id = s->acct_id;
		s->login = l;
	}
	return l;
}

int login_realm(const struct config *c, char *dst, size_t cap, const char *name)
{
	const char *at = strrchr(name, '@'), *realm = c->radius.default_realm;
	size_t len = c->radius.strip_realm && at ? (size_t)(at - name) : strlen(name);
	bool more = !at && *realm;
	size_t all = more ? len + 1 + strlen(realm) : len;

	if (!len)
		return -ENOENT;
	if (all > RADIUS_TEXT_MAX || all >= cap)
		return -EMSGSIZE;
	snprintf(dst, cap, "%.*s%s%s", (int)len, name, more ? "@" : "", more ? realm : "");
	return 0;
}

const char *login_unsent(int rc)
{
	switch (rc) {
	case -ENOENT:
		return "nothing is left of the name without its realm";
	case -EMSGSIZE:
		return "a name or password that is longer than RADIUS can carry";
	case -EBUSY:
		return "too many logins at once";
	default:
		return strerror(-rc);
	}
}

static int ask_server(struct session *s, uint64_t now, const char *name,
		      const struct ppp_auth_request *req)
{
	static const enum radius_method methods[] = {
		[PPP_AUTH_PAP] = RADIUS_PAP,
		[PPP_AUTH_CHAP_MD5] = RADIUS_CHAP_MD5,
		[PPP_AUTH_MSCHAP_V2] = RADIUS_MSCHAP_V2,
	};
	struct login *l = login_get(s);
	char username[RADIUS_TEXT_MAX + 1];
	struct radius_access a = {
		.method = methods[req->method],
		.chap_id = req->id,
		.challenge = req->challenge,
		.challenge_len = req->challenge_len,
		.response = req->response,
		.response_len = req->response_len,
		.mtu = session_mtu(s),
	};
	int rc = 0;

	if (!l)
		return -ENOMEM;
	if (s->d->asking >= ASKING_MAX)
		return -EBUSY;
	free(l->asked);
	l->asked = strdup(name);
	l->asked_at = now;
	l->method = a.method;
	acct_line(s, &a.line);
	a.line.username = name;
	if (s->d->config->auth.username == CONFIG_USERNAME_PPP) {
		rc = login_realm(s->d->config, username, sizeof(username), name);
		a.line.username = username;
	}
	a.state = s->link.auth.renewing ? l->state : NULL;
	if (!rc && s->d->config->auth.username == CONFIG_USERNAME_PPP)
		rc = keep_password(l, req);
	if (!rc)
		rc = l->asked ? radius_access_send(s->d->radius, now, &a, on_reply, s, &l->request)
			      : -ENOMEM;
	if (!rc && ++s->d->asking > s->d->asking_most)
		s->d->asking_most = s->d->asking;
	return rc;
}

/* The name of a line that logs in by itself; NULL: by what its subscriber says, or it has none. */
static const char *line_name(const struct session *s, char mac[MAC_STRLEN])
{
	switch (s->d->config->auth.username) {
	case CONFIG_USERNAME_CIRCUIT_ID:
		return s->circuit_id;
	case CONFIG_USERNAME_REMOTE_ID:
		return s->remote_id;
	case CONFIG_USERNAME_MAC:
		return mac_str(mac, &s->mac);
	case CONFIG_USERNAME_PPP:
		break;
	}
	return NULL;
}

/* A login by PAP that is renewed without asking the peer: it is what it was. */
static void as_before(const struct session *s, struct ppp_auth_request *req)
{
	const struct radius_octets *password = s->login ? s->login->password : NULL;

	if (!password || !s->username)
		return;
	req->name = (const uint8_t *)s->username;
	req->name_len = strlen(s->username);
	req->response = password->b;
	req->response_len = password->len;
}

/* Whose login it is; NULL, or why it is refused. A line's becomes one by PAP, whatever the peer has
 * sent. */
static const char *who_asks(const struct session *s, const struct ppp_auth_request *peer,
			    struct ppp_auth_request *req, char name[PPP_NAME_MAX + 1])
{
	const struct config *c = s->d->config;
	char mac[MAC_STRLEN];
	const char *line = line_name(s, mac), *password = c->auth.line_password;
	bool by_peer = c->auth.username == CONFIG_USERNAME_PPP;
	bool renews = by_peer && s->link.auth.renewing && !peer->name_len;

	*name = '\0';
	*req = *peer;
	if (renews)
		as_before(s, req);
	if (renews && !req->name_len)
		return "the password is no longer known: brasd was restarted since the login";
	if (by_peer) {
		if (req->name_len <= PPP_NAME_MAX && !memchr(req->name, '\0', req->name_len)) {
			memcpy(name, req->name, req->name_len);
			name[req->name_len] = '\0';
		}
	} else if (line) {
		snprintf(name, PPP_NAME_MAX + 1, "%s", line);
		if (!*password)
			password = name;
		*req = (struct ppp_auth_request){ .method = PPP_AUTH_PAP,
						  .name = (const uint8_t *)name,
						  .name_len = strlen(name),
						  .response = (const uint8_t *)password,
						  .response_len = strlen(password) };
	}
	if (*name && (!s->username || !strcmp(s->username, name)))
		return NULL;
	return by_peer ? "not a name, or another than before"
		       : "the line has no such id, or another than before";
}

void login_ask(struct session *s, uint64_t now, const struct ppp_auth_request *peer)
{
	struct daemon *d = s->d;
	struct ppp_auth_result res = { 0 };
	struct ppp_auth_request req;
	char name[PPP_NAME_MAX + 1];
	const struct user *user = NULL;
	const char *why = who_asks(s, peer, &req, name);
	int rc;

	if (why) {
		login_done(s, now, s->username ? s->username : name, NULL, 0, why, &res);
		return;
	}
	if (!d->radius || d->config->auth.users_file_first)
		user = user_find(s, name);
	if (d->radius)
		(void)login_get(s); /* the users file's people are accounted for, too */
	if (!d->radius || user) {
		ask_file(s, now, name, user, &req);
		return;
	}
	rc = ask_server(s, now, name, &req);
	if (rc)
		login_done(s, now, name, NULL, 0, login_unsent(rc), &res);
}

bool login_busy(const struct daemon *d)
{
	uint64_t latency, may = ASKING_MAX;

	if (!d->radius || d->asking < ASKING_FEW)
		return false;
	latency = radius_client_latency(d->radius);
	if (latency)
		may = radius_client_window(d->radius) * ASKING_NS / latency;
	return d->asking >= (may < ASKING_FEW ? ASKING_FEW : may) || d->asking >= ASKING_MAX;
}

void login_forget(struct session *s)
{
	struct login *l = s->login;

	if (!l || !l->request)
		return;
	radius_request_cancel(l->request);
	l->request = NULL;
	s->d->asking--;
	forget_password(l);
}

void login_free(struct session *s)
{
	struct login *l = s->login;

	if (!l)
		return;
	timer_cancel(loop_wheel(s->d->loop), &l->timer);
	free(l->asked);
	free(l->radattr);
	free(l->name);
	free(l->class);
	free(l->state);
	forget_password(l);
	free(l->routes4);
	free(l->routes6);
	free(l);
	s->login = NULL;
}
