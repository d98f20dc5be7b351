/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fake world for the RADIUS client's engine: what it sends is kept, time stands until it is
 * moved, files lie in memory, randomness is a seed. And the pen of a server. For the unit tests and
 * the fuzz target. */
#ifndef TEST_RADIUS_FAKE_H
#define TEST_RADIUS_FAKE_H

#include "base/log.h"
#include "radius/client.h"

#include <stdio.h>

#ifndef FAKE_SENT
#define FAKE_SENT 4096
#endif
#define FAKE_FILES 64
#define FAKE_START (1000 * NSEC_PER_SEC)
#define FAKE_WALL  1700000000ull

struct fake_sent {
	unsigned server, socket;
	enum radius_kind kind;
	uint64_t at;
	size_t len, disk; /* octets in files when it was sent */
	uint8_t p[RADIUS_PACKET_MAX];
};

struct fake_file {
	char name[64]; /* empty: free */
	uint8_t *p;
	size_t len;
};

struct fake {
	struct radius_client *c;
	struct wheel wheel;
	struct radius_server_config servers[RADIUS_SERVERS_MAX];
	struct radius_config config;
	struct radius_store store;
	uint64_t now, seed;
	int send_rc, append_rc;
	size_t append_max; /* longer ones find the disk full; 0: none does */
	bool no_store;
	struct fake_sent *sent;
	unsigned sent_count;
	struct fake_file file[FAKE_FILES];
};

/* --- doors --------------------------------------------------------------------------------- */

static inline size_t fake_disk(const struct fake *f)
{
	size_t n = 0;

	for (unsigned i = 0; i < FAKE_FILES; i++)
		n += strncmp(f->file[i].name, "spool/", 6) ? 0 : f->file[i].len;
	return n;
}

static inline int fake_send(void *arg, unsigned server, enum radius_kind kind, unsigned socket,
			    const uint8_t *p, size_t len)
{
	struct fake *f = arg;
	struct fake_sent *s = &f->sent[f->sent_count++ % FAKE_SENT];

	s->server = server;
	s->kind = kind;
	s->socket = socket;
	s->at = f->now;
	s->len = len;
	s->disk = fake_disk(f);
	memcpy(s->p, p, len);
	return f->send_rc;
}

static inline void fake_random(void *arg, void *p, size_t len)
{
	struct fake *f = arg;
	uint8_t *b = p;

	for (size_t i = 0; i < len; i++) {
		f->seed = f->seed * 6364136223846793005ull + 1442695040888963407ull;
		b[i] = (uint8_t)(f->seed >> 56);
	}
}

static inline uint64_t fake_wall(void *arg)
{
	struct fake *f = arg;

	return FAKE_WALL + (f->now - FAKE_START) / NSEC_PER_SEC;
}

static inline struct fake_file *fake_file(struct fake *f, const char *name)
{
	for (unsigned i = 0; i < FAKE_FILES; i++)
		if (!strcmp(f->file[i].name, name))
			return &f->file[i];
	return NULL;
}

static inline int fake_append(void *arg, const char *name, const void *p, size_t len)
{
	struct fake *f = arg;
	struct fake_file *file = fake_file(f, name);
	uint8_t *more;

	if (f->append_rc)
		return f->append_rc;
	if (f->append_max && len > f->append_max)
		return -ENOSPC;
	if (!file) {
		file = fake_file(f, "");
		if (!file)
			return -ENFILE;
		snprintf(file->name, sizeof(file->name), "%s", name);
	}
	more = realloc(file->p, file->len + len);
	if (!more)
		return -ENOMEM;
	memcpy(more + file->len, p, len);
	file->p = more;
	file->len += len;
	return 0;
}

static inline int fake_read(void *arg, const char *name, uint64_t off, void *p, size_t len)
{
	const struct fake_file *file = fake_file(arg, name);

	if (!file)
		return -ENOENT;
	if (off >= file->len)
		return 0;
	if (len > file->len - off)
		len = file->len - (size_t)off;
	memcpy(p, file->p + off, len);
	return (int)len;
}

static inline int fake_remove(void *arg, const char *name)
{
	struct fake_file *file = fake_file(arg, name);

	if (!file)
		return -ENOENT;
	free(file->p);
	*file = (struct fake_file){ 0 };
	return 0;
}

static inline int fake_replace(void *arg, const char *name, const void *p, size_t len)
{
	(void)fake_remove(arg, name);
	return fake_append(arg, name, p, len);
}

static inline int fake_list(void *arg, const char *folder, void (*fn)(void *ctx, const char *name),
			    void *ctx)
{
	struct fake *f = arg;
	size_t n = strlen(folder);

	for (unsigned i = 0; i < FAKE_FILES; i++)
		if (!strncmp(f->file[i].name, folder, n) && f->file[i].name[n] == '/')
			fn(ctx, f->file[i].name + n + 1);
	return 0;
}

/* --- the world ----------------------------------------------------------------------------- */

static inline void fake_begin(struct fake *f, unsigned servers)
{
	static struct fake_sent *sent;

	if (!sent)
		sent = calloc(FAKE_SENT, sizeof(*sent));
	*f = (struct fake){ .sent = sent, .now = FAKE_START, .seed = 1 };
	f->store = (struct radius_store){ .arg = f,
					  .append = fake_append,
					  .read = fake_read,
					  .replace = fake_replace,
					  .remove = fake_remove,
					  .list = fake_list };
	for (unsigned i = 0; i < servers; i++) {
		struct radius_server_config *s = &f->servers[i];

		snprintf(s->address, sizeof(s->address), "192.0.2.%u", i + 1);
		snprintf(s->secret, sizeof(s->secret), "secret-%u", i + 1);
		s->auth_port = 1812;
		s->acct_port = 1813;
	}
	f->config = (struct radius_config){ .servers = f->servers,
					    .server_count = servers,
					    .nas_identifier = "lab",
					    .timeout = 2 * NSEC_PER_SEC,
					    .max_try = 3,
					    .dead_time = 30 * NSEC_PER_SEC,
					    .window = 64,
					    .queue_max = 1024,
					    .spool_max = 1 << 20 };
	wheel_init(&f->wheel, f->now);
	log_setup(0);
}

static inline int fake_open(struct fake *f)
{
	struct radius_doors doors = { .arg = f,
				      .send = fake_send,
				      .random = fake_random,
				      .wall = fake_wall,
				      .store = f->no_store ? NULL : &f->store };
	char why[128] = "";

	return radius_engine_new(&f->c, &f->wheel, f->now, &f->config, &doors, why, sizeof(why));
}

static inline void fake_close(struct fake *f)
{
	radius_client_free(f->c);
	f->c = NULL;
}

static inline void fake_forget_files(struct fake *f)
{
	for (unsigned i = 0; i < FAKE_FILES; i++)
		if (f->file[i].name[0])
			(void)fake_remove(f, f->file[i].name);
}

/* The files as they are now; the engine that goes on does not touch the copy. */
static inline void fake_files_copy(struct fake_file to[FAKE_FILES], const struct fake *f)
{
	for (unsigned i = 0; i < FAKE_FILES; i++) {
		to[i] = f->file[i];
		if (!to[i].name[0])
			continue;
		to[i].p = malloc(to[i].len + 1);
		memcpy(to[i].p, f->file[i].p, to[i].len);
	}
}

/* Time goes on, timer by timer. */
static inline void fake_run(struct fake *f, uint64_t ns)
{
	uint64_t end = f->now + ns;

	while (f->now < end) {
		uint64_t next = wheel_next(&f->wheel);

		f->now = next <= f->now ? f->now + WHEEL_TICK : next;
		if (f->now > end)
			f->now = end;
		wheel_run(&f->wheel, f->now);
	}
}

static inline const struct fake_sent *fake_last(const struct fake *f)
{
	return &f->sent[(f->sent_count - 1) % FAKE_SENT];
}

static inline struct radius_link *fake_link(const struct fake *f, unsigned server,
					    enum radius_kind kind)
{
	return &f->c->server[server].link[kind];
}

/* --- the server's pen ---------------------------------------------------------------------- */

struct fake_answer {
	uint8_t code;
	bool sign; /* Message-Authenticator */
	bool proxy_state;
	const char *secret; /* NULL: the server's */
	int id_shift;	    /* the identifier is wrong by this */
};

static inline size_t fake_write(struct fake *f, const struct fake_sent *s,
				const struct fake_answer *a, uint8_t buf[RADIUS_PACKET_MAX])
{
	struct wr w;

	radius_begin(&w, buf, (enum radius_code)a->code, (uint8_t)(s->p[1] + a->id_shift), s->p + 4,
		     a->sign);
	if (a->proxy_state)
		radius_put_text(&w, 33, "x");
	return (size_t)radius_finish_reply(&w, a->secret ? a->secret : f->servers[s->server].secret,
					   s->p + 4);
}

static inline void fake_input(struct fake *f, const struct fake_sent *s, const uint8_t *p,
			      size_t len)
{
	radius_engine_input(f->c, s->server, s->kind, s->socket, p, len, f->now);
}

static inline void fake_answer_as(struct fake *f, const struct fake_sent *s,
				  const struct fake_answer *a)
{
	struct fake_sent copy = *s;
	uint8_t buf[RADIUS_PACKET_MAX];

	fake_input(f, &copy, buf, fake_write(f, &copy, a, buf));
}

/* The answer that the packet wants, signed. */
static inline void fake_reply(struct fake *f, const struct fake_sent *s)
{
	struct fake_answer a = { .code = s->kind == RADIUS_ACCT ? RADIUS_ACCOUNTING_RESPONSE
								: RADIUS_ACCESS_ACCEPT,
				 .sign = s->kind == RADIUS_AUTH };

	fake_answer_as(f, s, &a);
}

/* --- what is asked --------------------------------------------------------------------------- */

struct fake_result {
	unsigned count;
	uint64_t at;
	struct radius_reply reply;
};

static inline void fake_done(void *arg, uint64_t now, const struct radius_reply *reply)
{
	struct fake_result *r = arg;

	r->count++;
	r->at = now;
	r->reply = *reply;
}

static inline int fake_login(struct fake *f, struct fake_result *result,
			     struct radius_request **ret)
{
	struct radius_access a = {
		.line = { .username = "user",
			  .acct_session_id = "0000000000000001",
			  .acct_multi_session_id = "0000000000000001",
			  .calling_station_id = "02:00:00:00:00:01",
			  .nas_port_id = "acc0:100.200" },
		.method = RADIUS_PAP,
		.response = (const uint8_t *)"password",
		.response_len = 8,
	};

	*result = (struct fake_result){ 0 };
	return radius_access_send(f->c, f->now, &a, fake_done, result, ret);
}

static inline int fake_record(struct fake *f, unsigned session, enum radius_status status)
{
	struct radius_record r = { .status = status,
				   .line = { .username = "user",
					     .calling_station_id = "02:00:00:00:00:01",
					     .nas_port = session,
					     .nas_port_id = "acc0:100.200" },
				   .event_time = fake_wall(f),
				   .rx4_bytes = session };

	if (status != RADIUS_ON && status != RADIUS_OFF)
		snprintf(r.line.acct_session_id, sizeof(r.line.acct_session_id), "%016x", session);
	return radius_account(f->c, f->now, &r);
}

#endif
