// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sessions of a user name, found in O(1): an index of the first of each name, the others in a
 * ring behind it. Case counts or not, as the configuration says.
 */
#include "daemon/daemon.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static uint64_t name_hash(const struct daemon *d, const char *name)
{
	char folded[PPP_NAME_MAX + 1];
	size_t n = strnlen(name, sizeof(folded) - 1);

	for (size_t i = 0; i < n; i++)
		folded[i] = (char)tolower((unsigned char)name[i]);
	return siphash(&d->table.key, folded, n);
}

static bool name_eq(uint32_t slot, const void *key, void *arg)
{
	const struct daemon *d = arg;
	const char *have = d->table.sessions[slot].username;

	return d->config->auth.single_session_ignore_case ? !strcasecmp(have, key)
							  : !strcmp(have, key);
}

struct session *names_find(struct daemon *d, const char *name)
{
	uint32_t slot = hidx_find(&d->table.by_name, name_hash(d, name), name_eq, name, d);

	return slot == HIDX_NONE ? NULL : &d->table.sessions[slot];
}

void names_add(struct session *s)
{
	struct daemon *d = s->d;
	struct session *first;

	if (s->has & SESSION_HAS_NAME || !s->username)
		return;
	first = names_find(d, s->username);
	s->has |= SESSION_HAS_NAME;
	s->name_next = s->name_prev = s;
	if (!first) {
		(void)hidx_add(&d->table.by_name, name_hash(d, s->username), s->slot);
		return;
	}
	s->name_next = first;
	s->name_prev = first->name_prev;
	first->name_prev->name_next = s;
	first->name_prev = s;
}

/* The index may name this one: then the next of the ring takes its place there. */
void names_del(struct session *s)
{
	struct daemon *d = s->d;
	struct session *next = s->name_next;

	if (!(s->has & SESSION_HAS_NAME))
		return;
	s->has &= ~SESSION_HAS_NAME;
	if (!hidx_del(&d->table.by_name, name_hash(d, s->username), s->slot) && next != s)
		(void)hidx_add(&d->table.by_name, name_hash(d, s->username), next->slot);
	s->name_prev->name_next = s->name_next;
	s->name_next->name_prev = s->name_prev;
	s->name_next = s->name_prev = NULL;
}
