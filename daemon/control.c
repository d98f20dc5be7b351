// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A client is read until its request line is whole, answered, and closed. The states are passed
 * through downwards only:
 *
 *	READING -> HANDLING -> FOLLOWING -> STREAMING -> DRAINING -> closed
 *
 * All but the first and the last may be skipped. Nothing but close_client() frees, and it is called
 *only from the loop: from a client's own descriptor or timer, or from control_free().
 */
#include "daemon/control.h"

#include "base/control.h"
#include "base/json.h"
#include "base/log.h"
#include "daemon/control_sys.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#define CLIENTS_DEFAULT 16
#define TIMEOUT_DEFAULT (30 * NSEC_PER_SEC)
/* Of producing, in one turn of the loop; beside it come a piece more, and whatever else is due. */
#define TURN_MAX	(NSEC_PER_MSEC / 4)
#define ACCEPT_PAUSE	(1 * NSEC_PER_SEC)  /* when there is no descriptor left */

enum client_state { READING, HANDLING, FOLLOWING, STREAMING, DRAINING };

/* A client is the reply to its one request. */
struct control_reply {
	struct control *control;
	LIST_ENTRY(control_reply) link;
	enum client_state state;
	int fd;
	struct loop_io *io;
	struct timer timer;
	const struct control_command *command;
	enum tree_level level;
	char who[64];
	char line[CONTROL_REQUEST_MAX];
	size_t line_len;
	struct sbuf out; /* the status line, the body */
	size_t sent;	 /* of out */
	struct control_producer producer;
	void *producer_state;
	void (*gone)(void *state);
	void *gone_state;
};

struct control {
	struct control_config config;
	struct loop *loop;
	int fd;
	struct loop_io *io;
	struct timer accept_timer;
	LIST_HEAD(, control_reply) clients;
	unsigned client_count, streaming; /* share a turn of the loop */
	struct log_limit accept_log;
};

static void close_client(struct control_reply *r)
{
	struct control *c = r->control;

	if (r->producer.free) {
		r->producer.free(r->producer_state);
		c->streaming--;
	}
	if (r->gone)
		r->gone(r->gone_state);
	timer_cancel(loop_wheel(c->loop), &r->timer);
	loop_io_free(r->io);
	close(r->fd);
	LIST_REMOVE(r, link);
	c->client_count--;
	sbuf_fini(&r->out);
	free(r);
}

static void progress(struct control_reply *r)
{
	struct control *c = r->control;

	timer_set(loop_wheel(c->loop), &r->timer, loop_now(c->loop) + c->config.timeout);
}

static void enter(struct control_reply *r, enum client_state state)
{
	r->state = state;
	loop_io_events(r->io, state >= STREAMING ? LOOP_WRITE : LOOP_READ);
	if (state == HANDLING) /* how long that takes is the handler's affair */
		timer_cancel(loop_wheel(r->control->loop), &r->timer);
	else
		progress(r);
}

/* --- what handlers call ---------------------------------------------------------------------- */

const char *control_who(const struct control_reply *r)
{
	return r->who;
}

struct sbuf *control_body(struct control_reply *r)
{
	return &r->out;
}

void control_done(struct control_reply *r)
{
	r->gone = NULL;
	if (r->out.len > 2) /* more than the status line "0\n" */
		sbuf_append(&r->out, "\n", 1);
	enter(r, DRAINING);
}

static void status_line(struct control_reply *r, enum control_status status, const char *message)
{
	r->out.len = 0;
	r->gone = NULL;
	sbuf_printf(&r->out, "%d %s", (int)status, message);
	for (size_t i = 0; i < r->out.len; i++)
		if ((unsigned char)r->out.p[i] < 0x20 || r->out.p[i] == 0x7f)
			r->out.p[i] = '?';
	sbuf_append(&r->out, "\n", 1);
	enter(r, DRAINING);
}

void control_refuse(struct control_reply *r, const char *fmt, ...)
{
	char message[CONTROL_MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	status_line(r, CONTROL_REFUSED, message);
}

void control_usage(struct control_reply *r, const char *fmt, ...)
{
	char message[CONTROL_MESSAGE_MAX];
	va_list ap;

	if (!fmt) {
		const char *args = r->command && r->command->args ? r->command->args : NULL;

		snprintf(message, sizeof(message), "usage: %s%s%s",
			 r->command ? r->command->words : "help", args ? " " : "",
			 args ? args : "");
	} else {
		va_start(ap, fmt);
		vsnprintf(message, sizeof(message), fmt, ap);
		va_end(ap);
	}
	status_line(r, CONTROL_USAGE, message);
}

void control_stream(struct control_reply *r, const struct control_producer *p, void *state)
{
	r->gone = NULL;
	r->producer = *p;
	r->control->streaming++;
	r->producer_state = state;
	enter(r, STREAMING);
}

/* The timer runs while something is ready that the client does not take. */
void control_push(struct control_reply *r)
{
	struct control *c = r->control;

	if (r->sent)
		memmove(r->out.p, r->out.p + r->sent, r->out.len - r->sent);
	r->out.len -= r->sent;
	r->sent = 0;
	loop_io_events(r->io, r->out.len ? LOOP_READ | LOOP_WRITE : LOOP_READ);
	if (!r->out.len)
		timer_cancel(loop_wheel(c->loop), &r->timer);
	else if (r->out.bad || r->out.len > CONTROL_BUFFER_MAX)
		timer_set(loop_wheel(c->loop), &r->timer, loop_now(c->loop)); /* closes it */
	else if (!timer_is_set(&r->timer))
		progress(r);
}

size_t control_waiting(const struct control_reply *r)
{
	return r->out.len - r->sent;
}

bool control_is_root(const struct control_reply *r)
{
	return control_sys_is_root(r->fd);
}

void control_follow(struct control_reply *r, void (*gone)(void *state), void *state)
{
	r->gone = gone;
	r->gone_state = state;
	r->state = FOLLOWING;
	timer_cancel(loop_wheel(r->control->loop), &r->timer);
	control_push(r);
}

void control_defer(struct control_reply *r, void (*gone)(void *state), void *state)
{
	r->gone = gone;
	r->gone_state = state;
}

/* --- from the request line to the handler ------------------------------------------------------
 */

static void help(struct control_reply *r)
{
	const struct control_config *config = &r->control->config;
	struct sbuf *out = control_body(r);
	struct json j = { .out = out };

	json_open(&j, NULL, '[');
	for (unsigned i = 0; i < config->command_count; i++) {
		const struct control_command *cmd = &config->commands[i];
		char synopsis[CONTROL_MESSAGE_MAX];

		snprintf(synopsis, sizeof(synopsis), "%s%s%s", cmd->words, cmd->args ? " " : "",
			 cmd->args ? cmd->args : "");
		if (!tree_allows(r->level, cmd))
			continue;
		json_open(&j, NULL, '{');
		json_str(&j, "command", synopsis);
		json_str(&j, "help", cmd->help);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	control_done(r);
}

static void completion(void *arg, const char *word, const char *text, bool is_value)
{
	struct json *j = arg;

	json_open(j, NULL, '{');
	json_str(j, "word", word);
	json_str(j, "help", text);
	json_bool(j, "value", is_value);
	json_close(j, '}');
}

/* `complete WORD... PARTIAL`, or `WORD... ?` */
static void complete(struct control_reply *r, unsigned argc, const char *const *argv,
		     const char *partial)
{
	const struct control_config *config = &r->control->config;
	struct tree t = { config->commands, config->command_count };
	struct json j = { .out = control_body(r) };

	json_open(&j, NULL, '[');
	tree_complete(&t, r->level, argc, argv, partial, completion, &j);
	json_close(&j, ']');
	control_done(r);
}

/* The client says how it wants to see the answer; we always give JSON. */
static void drop_json_option(struct control_request *req)
{
	unsigned n = 0;

	for (unsigned i = 0; i < req->argc; i++)
		if (strcmp(req->argv[i], "--json"))
			req->argv[n++] = req->argv[i];
	req->argc = n;
	req->argv[n] = NULL;
}

static void dispatch(struct control_reply *r, struct control_request *req)
{
	const struct control_config *config = &r->control->config;
	struct tree t = { config->commands, config->command_count };
	const char *const *argv = req->argv;
	char why[CONTROL_MESSAGE_MAX / 2];
	unsigned words = 0, n;
	int rc;

	drop_json_option(req);
	if (req->argc == 1 && !strcmp(argv[0], "help")) {
		help(r);
		return;
	}
	if (req->argc >= 2 && !strcmp(argv[0], "complete")) {
		complete(r, req->argc - 2, argv + 1, argv[req->argc - 1]);
		return;
	}
	if (req->argc && !strcmp(argv[req->argc - 1], "?")) {
		complete(r, req->argc - 1, argv, "");
		return;
	}
	rc = tree_find(&t, r->level, req->argc, argv, &r->command, &words, why, sizeof(why));
	n = req->argc - words;
	if (rc == -EEXIST)
		control_usage(r, "ambiguous command: %s", why);
	else if (rc == -ENOTUNIQ)
		control_usage(r, "this changes something: write it in full: %s", why);
	else if (rc == -EPERM)
		control_refuse(r, "not allowed: this command is for admins");
	else if (rc)
		control_usage(r, "unknown command: %s%s%s (see help)", n ? argv[0] : "(none)",
			      n > 1 ? " " : "", n > 1 ? argv[1] : "");
	else if (n < r->command->min_args || n > r->command->max_args)
		control_usage(r, NULL);
	else
		r->command->handler(config->ctx, n, argv + words, r);
}

static void on_request(struct control_reply *r, size_t len)
{
	struct control_request req;

	enter(r, HANDLING);
	sbuf_printf(&r->out, "0\n");
	switch (control_request_parse(r->line, len, &req)) {
	case 0:
		dispatch(r, &req);
		break;
	case -E2BIG:
		control_usage(r, "more than %d words", CONTROL_WORDS_MAX);
		break;
	default:
		control_usage(r, "control character or open quote in the request");
		break;
	}
	/* Some requests hold a password. No handler keeps words. */
	explicit_bzero(&req, sizeof(req));
	explicit_bzero(r->line, sizeof(r->line));
}

/* --- a client's descriptor ------------------------------------------------------------------- */

static bool gone_for_good(int err)
{
	return err != -EAGAIN && err != -EINTR;
}

static void on_readable(struct control_reply *r)
{
	char *nl;
	ssize_t n = control_sys_read(r->fd, r->line + r->line_len, sizeof(r->line) - r->line_len);

	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0) {
		close_client(r);
		return;
	}
	nl = memchr(r->line + r->line_len, '\n', (size_t)n);
	r->line_len += (size_t)n;
	if (nl)
		on_request(r, (size_t)(nl - r->line));
	else if (r->line_len == sizeof(r->line))
		control_usage(r, "the request is longer than %d octets", CONTROL_REQUEST_MAX);
}

/* While a handler takes its time: the client may only go away. */
static void on_impatient(struct control_reply *r)
{
	char more[64];
	ssize_t n = control_sys_read(r->fd, more, sizeof(more));

	if (!n && !control_sys_hung_up(r->fd)) /* it closed its sending half only */
		loop_io_events(r->io, 0);
	else if (!n || (n < 0 && gone_for_good((int)n)))
		close_client(r);
}

/* Lets the producer work while there is room, for a moment. */
static void produce(struct control_reply *r)
{
	uint64_t start = loop_clock(), turn = TURN_MAX / r->control->streaming;

	memmove(r->out.p, r->out.p + r->sent, r->out.len - r->sent);
	r->out.len -= r->sent;
	r->sent = 0;
	for (unsigned i = 0; i < CONTROL_PIECES_MAX; i++) {
		int more;

		if (r->out.len >= CONTROL_BUFFER_MAX || loop_clock() - start > turn)
			return;
		more = r->producer.more(r->producer_state, &r->out);
		if (more > 0)
			continue;
		if (!more)
			sbuf_append(&r->out, "\n", 1);
		r->producer.free(r->producer_state);
		r->producer = (struct control_producer){ 0 };
		r->control->streaming--;
		r->state = DRAINING;
		return;
	}
}

/* Sends what is ready; false when the client is gone. */
static bool flush(struct control_reply *r)
{
	ssize_t n;

	if (r->out.bad || r->sent == r->out.len)
		return !r->out.bad;
	n = control_sys_write(r->fd, r->out.p + r->sent, r->out.len - r->sent);
	if (n < 0)
		return !gone_for_good((int)n);
	progress(r);
	r->sent += (size_t)n;
	if (r->sent == r->out.len)
		r->sent = r->out.len = 0;
	return true;
}

static void on_writable(struct control_reply *r)
{
	if (r->state == STREAMING)
		produce(r);
	if (!flush(r) || (r->state == DRAINING && !r->out.len))
		close_client(r);
}

/* It may go away at any time; what it says means nothing. */
static void on_follower(struct control_reply *r, unsigned events)
{
	char more[64];
	ssize_t n = events & LOOP_READ ? control_sys_read(r->fd, more, sizeof(more)) : -EAGAIN;

	if (!n || (n < 0 && gone_for_good((int)n)) || (events & LOOP_WRITE && !flush(r)))
		close_client(r);
	else
		control_push(r);
}

static void on_client(void *arg, uint64_t now, unsigned events)
{
	struct control_reply *r = arg;

	(void)now;
	switch (r->state) {
	case READING:
		on_readable(r);
		break;
	case HANDLING:
		on_impatient(r);
		break;
	case FOLLOWING:
		on_follower(r, events);
		break;
	case STREAMING:
	case DRAINING:
		on_writable(r);
		break;
	}
}

static void on_client_timeout(struct timer *t, uint64_t now)
{
	(void)now;
	close_client(container_of(t, struct control_reply, timer));
}

/* --- the listening socket -------------------------------------------------------------------- */

static int client_new(struct control *c, int fd, enum tree_level level, const char *who)
{
	struct control_reply *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->control = c;
	r->fd = fd;
	r->level = level;
	snprintf(r->who, sizeof(r->who), "%s", who);
	timer_init(&r->timer, on_client_timeout);
	err = loop_io_new(c->loop, fd, LOOP_READ, on_client, r, &r->io);
	if (err) {
		free(r);
		return err;
	}
	LIST_INSERT_HEAD(&c->clients, r, link);
	c->client_count++;
	progress(r);
	return 0;
}

int control_attach(struct control *c, int fd, enum tree_level level, const char *who)
{
	int r = client_new(c, fd, level, who);

	if (r)
		close(fd);
	return r;
}

static void on_accept(void *arg, uint64_t now, unsigned events)
{
	static const char busy[] = "1 too many control clients\n";
	struct control *c = arg;
	int fd = control_sys_accept(c->fd);
	uint64_t suppressed;

	(void)events;
	if (fd == -EAGAIN || fd == -EINTR || fd == -ECONNABORTED)
		return;
	if (fd < 0) { /* no descriptor left: the loop would call us again and again */
		if (log_limit_ok(&c->accept_log, now, &suppressed))
			log_warn("control socket: cannot accept: %s", strerror(-fd));
		loop_io_events(c->io, 0);
		timer_set(loop_wheel(c->loop), &c->accept_timer, now + ACCEPT_PAUSE);
		return;
	}
	if (c->client_count >= c->config.max_clients) {
		(void)control_sys_write(fd, busy, sizeof(busy) - 1);
		close(fd);
	} else if (client_new(c, fd, TREE_ADMIN, "control socket")) {
		close(fd);
	}
}

static void on_accept_timer(struct timer *t, uint64_t now)
{
	(void)now;
	loop_io_events(container_of(t, struct control, accept_timer)->io, LOOP_READ);
}

int control_new(struct control **ret, struct loop *loop, const struct control_config *config,
		char *why, size_t why_len)
{
	struct control *c = calloc(1, sizeof(*c));
	int r;

	if (!c) {
		snprintf(why, why_len, "no memory for the control socket");
		return -ENOMEM;
	}
	c->config = *config;
	c->loop = loop;
	if (!c->config.max_clients)
		c->config.max_clients = CLIENTS_DEFAULT;
	if (!c->config.timeout)
		c->config.timeout = TIMEOUT_DEFAULT;
	LIST_INIT(&c->clients);
	timer_init(&c->accept_timer, on_accept_timer);
	r = control_sys_listen(config->path, &c->fd, why, why_len);
	if (r) {
		free(c);
		return r;
	}
	r = loop_io_new(loop, c->fd, LOOP_READ, on_accept, c, &c->io);
	if (r) {
		snprintf(why, why_len, "no memory for the control socket");
		control_sys_unlisten(c->fd, config->path);
		free(c);
		return r;
	}
	*ret = c;
	return 0;
}

void control_free(struct control *c)
{
	struct control_reply *r;

	if (!c)
		return;
	while ((r = LIST_FIRST(&c->clients))) {
		if (r->state == DRAINING || r->state == FOLLOWING)
			(void)flush(r);
		close_client(r);
	}
	timer_cancel(loop_wheel(c->loop), &c->accept_timer);
	loop_io_free(c->io);
	control_sys_unlisten(c->fd, c->config.path);
	free(c);
}
