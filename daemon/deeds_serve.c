// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/deeds_serve.h"

#include "base/log.h"
#include "daemon/deeds_child.h"
#include "daemon/deeds_exec.h"
#include "daemon/deeds_sys.h"
#include "daemon/deeds_table.h"
#include "daemon/deeds_wire.h"
#include "daemon/net.h"
#include "nat64/held.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>

#define CLIENTS_MAX  8
#define LONELY	     (10 * NSEC_PER_SEC) /* whoever started us has died before asking */
#define LISTEN_AGAIN NSEC_PER_SEC	 /* no descriptor, no memory */
#define PIECES_MAX   32			 /* of 4 KiB, that one turn reads: more than a pipe holds */
#define OUT_MAX	     512 /* messages that wait for a client; one that never reads is sent away */

struct out {
	TAILQ_ENTRY(out) link;
	size_t len;
	uint8_t message[];
};

struct client {
	LIST_ENTRY(client) link;
	struct helper *h;
	int fd;
	struct loop_io *io;
	TAILQ_HEAD(, out) out;
	unsigned out_count;
	bool bad; /* closed by its own descriptor's next turn */
};

struct job {
	TAILQ_ENTRY(job) link;
	struct client *client; /* NULL: it has gone */
	struct deeds_request request;
	uint8_t *input;
	struct deed_call call;
};

struct helper {
	struct loop *loop;
	const char *instance;
	uid_t uid;
	int fd;
	struct loop_io *io;
	LIST_HEAD(, client) clients;
	unsigned client_count, job_count;
	TAILQ_HEAD(, job) jobs; /* the first is the one that is done now, if `busy` */
	bool busy, quitting;
	struct deeds_process process; /* of a DEED_RUN or DEED_COUNT */
	struct nat64_held *held;      /* of a DEED_COUNT */
	struct loop_io *ended, *output;
	struct timer patience, next, lonely, listen_again;
	bool too_long;
	struct sbuf text;
	struct children *children;
	uint8_t message[DEEDS_MESSAGE_MAX];
};

/* --- to the clients ----------------------------------------------------------------------------
 */

static void post(struct client *c, const void *message, size_t len)
{
	struct out *o = c->out_count < OUT_MAX ? malloc(sizeof(*o) + len) : NULL;

	if (!o) {
		c->bad = true;
		deeds_exec_hang_up(c->fd); /* full as it is, it may never be writable again */
		return;
	}
	o->len = len;
	memcpy(o->message, message, len);
	TAILQ_INSERT_TAIL(&c->out, o, link);
	c->out_count++;
	loop_io_events(c->io, LOOP_READ | LOOP_WRITE);
}

static void broadcast(struct helper *h, const struct deeds_reply *reply)
{
	int len = deeds_reply_write(h->message, sizeof(h->message), reply);
	struct client *c;

	if (len > 0)
		LIST_FOREACH(c, &h->clients, link)
			post(c, h->message, (size_t)len);
}

/* brasd logs it; we do while there is none. */
static void say(struct helper *h, enum log_level level, const char *line)
{
	struct deeds_reply reply = {
		.kind = DEEDS_LOG,
		.level = level,
		.text = (const uint8_t *)line,
		.len = strlen(line),
	};

	if (LIST_EMPTY(&h->clients))
		log_printf(level, "%s", line);
	else
		broadcast(h, &reply);
}

/* --- a deed ------------------------------------------------------------------------------------
 */

static void job_free(struct helper *h, struct job *job)
{
	TAILQ_REMOVE(&h->jobs, job, link);
	h->job_count--;
	free(job->input);
	free(job);
}

static void end_process(struct helper *h)
{
	loop_io_free(h->ended);
	loop_io_free(h->output);
	h->ended = h->output = NULL;
	timer_cancel(loop_wheel(h->loop), &h->patience);
}

static void finish(struct helper *h, int status)
{
	struct job *job = TAILQ_FIRST(&h->jobs);
	struct deeds_reply reply = {
		.kind = DEEDS_RESULT,
		.id = job->request.id,
		.status = status,
		.text = (const uint8_t *)h->text.p,
		.len = h->text.len,
	};
	int len = deeds_reply_write(h->message, sizeof(h->message), &reply);

	if (job->client && len > 0)
		post(job->client, h->message, (size_t)len);
	job_free(h, job);
	h->busy = false;
	free(h->held);
	h->held = NULL;
	h->text.len = 0;
	timer_set(loop_wheel(h->loop), &h->next, loop_now(h->loop));
}

/* A tool may write faster than we read: others have their turns, too. */
static void read_output(struct helper *h)
{
	char buf[4096];
	ssize_t n = 1;

	for (unsigned i = 0; i < PIECES_MAX && (n = read(h->process.output, buf, sizeof(buf))) > 0;
	     i++) {
		size_t room = DEEDS_OUTPUT_MAX - h->text.len;

		if (h->held)
			nat64_held_jool(h->held, buf, (size_t)n);
		else
			sbuf_append(&h->text, buf, (size_t)n < room ? (size_t)n : room);
	}
	if (!n)
		loop_io_events(h->output, 0);
}

static void on_output(void *arg, uint64_t now, unsigned events)
{
	(void)now;
	(void)events;
	read_output(arg);
}

static void on_ended(void *arg, uint64_t now, unsigned events)
{
	struct helper *h = arg;
	int status;

	(void)now;
	(void)events;
	read_output(h);
	end_process(h);
	status = deeds_exec_reap(&h->process);
	if (h->too_long)
		status = -ETIMEDOUT;
	else
		status = WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
	finish(h, h->held ? nat64_held_end(h->held, status, &h->text) : status);
}

static void on_patience(struct timer *t, uint64_t now)
{
	struct helper *h = container_of(t, struct helper, patience);

	(void)now;
	h->too_long = true;
	deeds_exec_kill(&h->process, SIGKILL);
}

static int run_tool(struct helper *h, uint64_t now, struct job *job)
{
	bool count = job->call.deed->kind == DEED_COUNT;
	int input = -1;
	int rc = job->request.input_len && !count
			 ? deeds_exec_input(job->input, job->request.input_len, &input)
			 : 0;

	if (count)
		rc = nat64_held_new(&h->held, (const char *)job->input, job->request.input_len);
	rc = rc ? rc : deeds_exec(job->call.deed->tool, job->call.argv, input, false, &h->process);
	if (rc)
		return rc;
	h->too_long = false;
	timer_set(loop_wheel(h->loop), &h->patience, now + DEED_PATIENCE);
	rc = loop_io_new(h->loop, h->process.pidfd, LOOP_READ, on_ended, h, &h->ended);
	rc = rc ? rc : loop_io_new(h->loop, h->process.output, LOOP_READ, on_output, h, &h->output);
	if (!rc)
		return -EINPROGRESS;
	end_process(h);
	deeds_exec_kill(&h->process, SIGKILL);
	(void)deeds_exec_reap(&h->process);
	return rc;
}

/* What a name leads to counts, and not only the name. */
static int check_files(struct helper *h, const struct deed_call *call)
{
	char real[PATH_MAX];

	for (unsigned i = 0; i < call->file_count; i++) {
		int rc = deeds_exec_real(call->files[i], real);

		if (rc) {
			sbuf_printf(&h->text, "%s: %s", call->files[i], strerror(-rc));
			return rc;
		}
		if (!deed_file_ok(real, h->instance)) {
			sbuf_printf(&h->text, "%s leads to %s", call->files[i], real);
			return -EINVAL;
		}
	}
	return 0;
}

/* -EINPROGRESS: finish() follows. */
static int act(struct helper *h, uint64_t now, struct job *job)
{
	const struct deed_call *call = &job->call;
	const struct deeds_request *q = &job->request;
	int rc = check_files(h, call);

	if (rc)
		return rc;
	if (call->deed->input_ok &&
	    !call->deed->input_ok((const char *)job->input, q->input_len, h->instance)) {
		sbuf_printf(&h->text, "%s: its input is none that is allowed", call->deed->name);
		return -EINVAL;
	}
	switch (call->deed->kind) {
	case DEED_RUN:
	case DEED_COUNT:
		return run_tool(h, now, job);
	case DEED_DIR:
		rc = deeds_exec_dir(call->argv[1], call->argv[0], h->uid);
		if (rc)
			sbuf_printf(&h->text, "%s for %s: %s", call->argv[1], call->argv[0],
				    strerror(-rc));
		return rc;
	case DEED_SYSCTL:
		return net_sysctl_set(call->argv[0], (int)strtol(call->argv[1], NULL, 10));
	case DEED_START:
		return child_start(h->children, now, call->argv, call->argc);
	case DEED_STOP:
		return child_stop(h->children, now, call->argv[0]);
	case DEED_STATUS:
		return child_status(h->children, now, call->argv[0], &h->text);
	case DEED_HUP:
		return child_hup(h->children, call->argv[0]);
	}
	return -EPERM;
}

static void on_next(struct timer *t, uint64_t now)
{
	struct helper *h = container_of(t, struct helper, next);
	struct job *job = TAILQ_FIRST(&h->jobs);
	const struct deeds_request *q;
	char why[256];
	int rc;

	if (h->busy || h->quitting || !job)
		return;
	h->busy = true;
	q = &job->request;
	rc = deed_resolve(q->words, q->count, q->input, h->instance, &job->call, why, sizeof(why));
	if (rc)
		sbuf_printf(&h->text, "%s", why);
	else
		rc = act(h, now, job);
	if (rc == -ENOENT && !h->text.len && job->call.deed->tool)
		sbuf_printf(&h->text, "%s is not installed", job->call.deed->tool);
	else if (rc < 0 && rc != -EINPROGRESS && !h->text.len)
		sbuf_printf(&h->text, "%s", strerror(-rc));
	if (rc != -EINPROGRESS)
		finish(h, rc);
}

/* --- children ----------------------------------------------------------------------------------
 */

static void child_log(struct helper *h, const char *name, enum deeds_child_state state, int detail)
{
	char line[128];

	if (state == DEEDS_CHILD_RUNS)
		snprintf(line, sizeof(line), "%s: runs as process %d", name, detail);
	else if (state == DEEDS_CHILD_ENDED)
		snprintf(line, sizeof(line), "%s: ended", name);
	else
		snprintf(line, sizeof(line), "%s: died (%s %d), and is started again", name,
			 WIFSIGNALED(detail) ? "signal" : "exit status",
			 WIFSIGNALED(detail) ? WTERMSIG(detail) : WEXITSTATUS(detail));
	say(h, state == DEEDS_CHILD_DIED ? LOG_LEVEL_WARN : LOG_LEVEL_NOTICE, line);
}

static void on_child(void *arg, uint64_t now, const char *name, enum deeds_child_state state,
		     int detail)
{
	struct helper *h = arg;
	struct job *job = TAILQ_FIRST(&h->jobs);
	struct deeds_reply reply = {
		.kind = DEEDS_CHILD,
		.state = state,
		.status = detail,
		.text = (const uint8_t *)name,
		.len = strlen(name),
	};

	child_log(h, name, state, detail);
	broadcast(h, &reply);
	if (state != DEEDS_CHILD_ENDED)
		return;
	if (h->busy && job->call.deed && job->call.deed->kind == DEED_STOP &&
	    !strcmp(job->call.argv[0], name))
		finish(h, 0);
	if (h->quitting && !children_stop_all(h->children, now))
		loop_stop(h->loop);
}

static void on_line(void *arg, uint64_t now, const char *name, const char *line)
{
	char text[DEEDS_LINE_MAX];

	(void)now;
	snprintf(text, sizeof(text), "%s: %s", name, line);
	say(arg, LOG_LEVEL_INFO, text);
}

static const struct children_ops children_ops = { on_child, on_line };

/* --- from the clients --------------------------------------------------------------------------
 */

static void client_close(struct client *c)
{
	struct helper *h = c->h;
	struct job *job;
	struct out *o;

	TAILQ_FOREACH(job, &h->jobs, link) /* what has been asked for is done */
		if (job->client == c)
			job->client = NULL;
	while ((o = TAILQ_FIRST(&c->out))) {
		TAILQ_REMOVE(&c->out, o, link);
		free(o);
	}
	LIST_REMOVE(c, link);
	h->client_count--;
	loop_io_free(c->io);
	close(c->fd);
	free(c);
}

static int enqueue(struct client *c, const struct deeds_request *q)
{
	struct helper *h = c->h;
	struct job *job;

	if (h->job_count >= DEEDS_QUEUE_MAX)
		return -ENOBUFS;
	job = calloc(1, sizeof(*job));
	if (!job)
		return -ENOMEM;
	job->client = c;
	job->request = *q;
	for (unsigned i = 0; i < q->count; i++) /* they pointed into q */
		job->request.words[i] = job->request.text + (q->words[i] - q->text);
	if (q->input_len) {
		job->input = malloc(q->input_len);
		if (!job->input) {
			free(job);
			return -ENOMEM;
		}
		memcpy(job->input, q->input, q->input_len);
		job->request.input = job->input;
	}
	TAILQ_INSERT_TAIL(&h->jobs, job, link);
	h->job_count++;
	timer_set(loop_wheel(h->loop), &h->next, loop_now(h->loop));
	return 0;
}

/* One message; -EAGAIN: no more; else the client goes. */
static int client_read(struct client *c, uint64_t now)
{
	struct helper *h = c->h;
	static struct deeds_request q;
	ssize_t n = deeds_sys_recv(c->fd, h->message, sizeof(h->message));
	int rc;

	if (n <= 0)
		return n ? (int)n : -ECONNRESET;
	rc = deeds_request_parse(h->message, (size_t)n, &q);
	if (rc)
		return rc;
	if (q.kind == DEEDS_QUIT) {
		helper_quit(h, now);
		return 0;
	}
	return h->quitting ? -ESHUTDOWN : enqueue(c, &q);
}

static int client_write(struct client *c)
{
	struct out *o;

	while ((o = TAILQ_FIRST(&c->out))) {
		int rc = deeds_sys_send(c->fd, o->message, o->len);

		if (rc)
			return rc == -EAGAIN ? 0 : rc;
		TAILQ_REMOVE(&c->out, o, link);
		c->out_count--;
		free(o);
	}
	loop_io_events(c->io, LOOP_READ);
	return 0;
}

static void on_client(void *arg, uint64_t now, unsigned events)
{
	struct client *c = arg;
	int rc = c->bad ? -ENOBUFS : 0;

	while (!rc && events & LOOP_READ)
		rc = client_read(c, now);
	if (rc == -EAGAIN)
		rc = 0;
	if (!rc && events & LOOP_WRITE)
		rc = client_write(c);
	if (rc)
		client_close(c);
}

static void on_listen(void *arg, uint64_t now, unsigned events)
{
	struct helper *h = arg;
	struct client *c;
	int fd, rc;

	(void)events;
	rc = deeds_exec_accept(h->fd, h->uid, &fd);
	if (rc == -EACCES)
		log_warn("a process of another user asked, and was sent away");
	if (rc == -EMFILE || rc == -ENFILE || rc == -ENOMEM || rc == -ENOBUFS) {
		loop_io_events(h->io, 0); /* it would be readable all the time */
		timer_set(loop_wheel(h->loop), &h->listen_again, now + LISTEN_AGAIN);
	}
	if (rc)
		return;
	c = h->client_count < CLIENTS_MAX ? calloc(1, sizeof(*c)) : NULL;
	if (!c || loop_io_new(h->loop, fd, LOOP_READ, on_client, c, &c->io)) {
		free(c);
		close(fd);
		return;
	}
	c->h = h;
	c->fd = fd;
	TAILQ_INIT(&c->out);
	timer_cancel(loop_wheel(h->loop), &h->lonely);
	LIST_INSERT_HEAD(&h->clients, c, link);
	h->client_count++;
}

static void on_listen_again(struct timer *t, uint64_t now)
{
	struct helper *h = container_of(t, struct helper, listen_again);

	(void)now;
	if (h->io)
		loop_io_events(h->io, LOOP_READ);
}

static void on_lonely(struct timer *t, uint64_t now)
{
	helper_quit(container_of(t, struct helper, lonely), now);
}

/* --- the helper --------------------------------------------------------------------------------
 */

int helper_new(struct helper **ret, struct loop *loop, const char *instance, int fd, uid_t uid)
{
	struct helper *h = calloc(1, sizeof(*h));
	int rc;

	if (!h)
		return -ENOMEM;
	h->loop = loop;
	h->instance = instance;
	h->fd = fd;
	h->uid = uid;
	LIST_INIT(&h->clients);
	TAILQ_INIT(&h->jobs);
	timer_init(&h->patience, on_patience);
	timer_init(&h->next, on_next);
	timer_init(&h->lonely, on_lonely);
	timer_init(&h->listen_again, on_listen_again);
	timer_set(loop_wheel(loop), &h->lonely, loop_now(loop) + LONELY);
	rc = children_new(&h->children, loop, &children_ops, h);
	rc = rc ? rc : loop_io_new(loop, fd, LOOP_READ, on_listen, h, &h->io);
	if (rc) {
		helper_free(h);
		return rc;
	}
	*ret = h;
	return 0;
}

void helper_quit(struct helper *h, uint64_t now)
{
	if (h->quitting)
		return;
	h->quitting = true;
	loop_io_free(h->io);
	h->io = NULL;
	close(h->fd);
	h->fd = -1;
	if (!children_stop_all(h->children, now))
		loop_stop(h->loop);
}

void helper_free(struct helper *h)
{
	if (!h)
		return;
	if (h->process.pid) {
		deeds_exec_kill(&h->process, SIGKILL);
		end_process(h);
		(void)deeds_exec_reap(&h->process);
	}
	children_free(h->children);
	while (!LIST_EMPTY(&h->clients))
		client_close(LIST_FIRST(&h->clients));
	while (!TAILQ_EMPTY(&h->jobs))
		job_free(h, TAILQ_FIRST(&h->jobs));
	timer_cancel(loop_wheel(h->loop), &h->patience);
	timer_cancel(loop_wheel(h->loop), &h->next);
	timer_cancel(loop_wheel(h->loop), &h->lonely);
	timer_cancel(loop_wheel(h->loop), &h->listen_again);
	loop_io_free(h->io);
	if (h->fd >= 0)
		close(h->fd);
	sbuf_fini(&h->text);
	free(h->held);
	free(h);
}
