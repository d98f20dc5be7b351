// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of users: found by a keyed hash of the name, read again when the file changes. The
 * file's form is read in users_lex.c. */
#include "daemon/users.h"

#include "base/hidx.h"
#include "base/siphash.h"
#include "daemon/config_file.h"
#include "daemon/users_lex.h"

#include <errno.h>
#include <string.h>

#define USERS_FILE_MAX (64u << 20)
#define NO_ENTRY       UINT32_MAX

/* Lines of one name hang on the first of them, in the file's order. */
struct entry {
	struct user user;
	uint32_t next, last;
};

struct users {
	char *arena; /* all words, each ended */
	size_t arena_len;
	struct entry *entry;
	uint32_t count, cap;
	struct hidx index; /* the first of each name */
	struct hidx fixed; /* entries by their fixed address */
	struct siphash_key key;
	struct file_stamp stamp; /* of the file as it was looked at last, good or bad */
	int stat_rc;
};

void users_free(struct users *u)
{
	if (!u)
		return;
	if (u->arena)
		explicit_bzero(u->arena, u->arena_len);
	free(u->arena);
	free(u->entry);
	hidx_fini(&u->index);
	hidx_fini(&u->fixed);
	explicit_bzero(u, sizeof(*u));
	free(u);
}

uint32_t users_count(const struct users *u)
{
	return u->count;
}

struct name {
	const char *p;
	size_t len;
};

static bool name_equal(uint32_t value, const void *key, void *arg)
{
	const struct users *u = arg;
	const struct name *name = key;
	const char *have = u->entry[value].user.name;

	return strlen(have) == name->len && !memcmp(have, name->p, name->len);
}

/* The first line of this name, or NO_ENTRY. */
static uint32_t first_of(const struct users *u, const char *p, size_t len)
{
	struct name name = { .p = p, .len = len };

	return hidx_find(&u->index, siphash(&u->key, p, len), name_equal, &name, (void *)u);
}

/* Of the lines of one name: that of this server, else that of any. */
static const struct user *best_of(const struct users *u, uint32_t first, const char *server)
{
	const struct user *any = NULL;

	for (uint32_t i = first; i != NO_ENTRY; i = u->entry[i].next) {
		const struct user *user = &u->entry[i].user;

		if (server && !strcmp(user->server, server))
			return user;
		if (!any && !strcmp(user->server, "*"))
			any = user;
	}
	return any;
}

const struct user *users_find(const struct users *u, const char *name, size_t name_len,
			      const char *server)
{
	const struct user *user = best_of(u, first_of(u, name, name_len), server);

	return user ? user : best_of(u, first_of(u, "*", 1), server);
}

static uint64_t ip4_hash(const struct users *u, uint32_t addr)
{
	return siphash(&u->key, &addr, sizeof(addr));
}

static bool ip4_equal(uint32_t value, const void *key, void *arg)
{
	const struct users *u = arg;

	return u->entry[value].user.ip4 == *(const uint32_t *)key;
}

bool users_have_ip4(const struct users *u, uint32_t addr)
{
	return hidx_find(&u->fixed, ip4_hash(u, addr), ip4_equal, &addr, (void *)u) != HIDX_NONE;
}

static int add_user(struct users *u, const struct user *user)
{
	if (u->count == u->cap) {
		uint32_t cap = u->cap ? 2 * u->cap : 64;
		struct entry *bigger = realloc(u->entry, cap * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		u->entry = bigger;
		u->cap = cap;
	}
	u->entry[u->count] = (struct entry){ .user = *user, .next = NO_ENTRY, .last = u->count };
	u->count++;
	return 0;
}

static int build_index(struct users *u)
{
	int rc = siphash_key_random(&u->key);

	if (!rc)
		rc = hidx_init(&u->index, u->count);
	if (!rc)
		rc = hidx_init(&u->fixed, u->count);
	for (uint32_t i = 0; i < u->count && !rc; i++) {
		const struct user *user = &u->entry[i].user;
		const char *name = user->name;
		uint32_t first = first_of(u, name, strlen(name));

		if (user->address == USER_ADDRESS_FIXED && !users_have_ip4(u, user->ip4))
			(void)hidx_add(&u->fixed, ip4_hash(u, user->ip4), i);
		if (first == NO_ENTRY) {
			rc = hidx_add(&u->index, siphash(&u->key, name, strlen(name)), i);
			continue;
		}
		u->entry[u->entry[first].last].next = i;
		u->entry[first].last = i;
	}
	return rc;
}

static int read_users(struct users *u, const char *path, struct sbuf *errors)
{
	struct users_lex lex = {
		.path = path,
		.errors = errors,
		.src = u->arena,
		.end = u->arena + u->arena_len - 1,
		.dst = u->arena,
		.line = 1,
	};
	struct user user;

	while (users_lex_user(&lex, &user) > 0) {
		int rc = add_user(u, &user);

		if (rc)
			return rc;
	}
	if (lex.error_count > CONFIG_ERRORS_MAX)
		sbuf_printf(errors, "%s: %u more errors are not shown\n", path,
			    lex.error_count - CONFIG_ERRORS_MAX);
	return lex.error_count ? -EINVAL : 0;
}

int users_parse(const char *path, const char *text, size_t len, struct users **ret,
		struct sbuf *errors)
{
	struct users *u = calloc(1, sizeof(*u));
	int rc;

	if (!u)
		return -ENOMEM;
	/* Words are unquoted in place; one octet more, for the last word's end. */
	u->arena_len = len + 1;
	u->arena = malloc(u->arena_len);
	if (!u->arena) {
		users_free(u);
		return -ENOMEM;
	}
	if (len)
		memcpy(u->arena, text, len);
	u->arena[len] = '\0';
	rc = read_users(u, path, errors);
	if (!rc)
		rc = build_index(u);
	if (rc && rc != -EINVAL)
		sbuf_printf(errors, "%s: %s\n", path, strerror(-rc));
	if (rc) {
		users_free(u);
		return rc;
	}
	*ret = u;
	return 0;
}

/* @stamp is filled also where the file is found bad. */
static int load(const char *path, struct users **ret, struct file_stamp *stamp, struct sbuf *errors)
{
	struct file_text file;
	struct users *u;
	int rc = file_read(path, USERS_FILE_MAX, &file);

	if (rc) {
		sbuf_printf(errors, "%s: %s\n", path, file_strerror(rc));
		return rc;
	}
	*stamp = file.stamp;
	rc = users_parse(path, file.text, file.len, &u, errors);
	file_text_fini(&file);
	if (rc)
		return rc;
	u->stamp = *stamp;
	*ret = u;
	return 0;
}

int users_load(const char *path, struct users **ret, struct sbuf *errors)
{
	struct file_stamp stamp;

	return load(path, ret, &stamp, errors);
}

int users_reload_if_changed(struct users **u, const char *path, struct sbuf *errors)
{
	struct users *old = *u, *new;
	struct file_stamp stamp = { 0 };
	int rc = file_stamp_get(path, &stamp);

	if (rc) {
		if (old && old->stat_rc == rc)
			return 0; /* told already */
		if (old)
			old->stat_rc = rc;
		sbuf_printf(errors, "%s: %s\n", path, file_strerror(rc));
		return rc;
	}
	if (old && !old->stat_rc && !file_stamp_cmp(&stamp, &old->stamp))
		return 0;
	rc = load(path, &new, &stamp, errors);
	if (!rc) {
		users_free(old);
		*u = new;
		return 1;
	}
	/* A file that is still being written, or that we lack memory for, is tried again. */
	if (old && rc != -EAGAIN && rc != -ENOMEM) {
		old->stamp = stamp;
		old->stat_rc = 0;
	}
	return rc;
}
