// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/deeds_child.h"

#include "base/json.h"
#include "base/log.h"
#include "daemon/deeds_exec.h"
#include "daemon/deeds_table.h"
#include "daemon/deeds_wire.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define CHILDREN_MAX 8

struct child {
	struct children *all;
	char *argv[DEED_ARGV_MAX + 2]; /* ours; argv[0] is its name */
	struct deeds_process process;  /* pid 0: it does not run */
	struct loop_io *ended, *output;
	struct timer timer; /* when it runs: SIGKILL is due; else: it is started */
	bool wanted;
	unsigned restarts;
	uint64_t since, pause;
	char line[DEEDS_LINE_MAX];
	size_t line_len;
	struct log_limit limit;
};

struct children {
	struct loop *loop;
	const struct children_ops *ops;
	void *arg;
	struct child list[CHILDREN_MAX];
};

static struct child *find(struct children *c, const char *name)
{
	for (unsigned i = 0; i < CHILDREN_MAX; i++)
		if (c->list[i].argv[0] && !strcmp(c->list[i].argv[0], name))
			return &c->list[i];
	return NULL;
}

static void tell(struct child *k, uint64_t now, enum deeds_child_state state, int detail)
{
	k->all->ops->state(k->all->arg, now, k->argv[0], state, detail);
}

static void tell_line(struct child *k, uint64_t now)
{
	char text[2 * DEEDS_LINE_MAX];
	uint64_t suppressed;

	if (k->line_len && log_limit_ok(&k->limit, now, &suppressed))
		k->all->ops->line(k->all->arg, now, k->argv[0],
				  str_escape(text, sizeof(text), k->line, k->line_len));
	k->line_len = 0;
}

static void read_output(struct child *k, uint64_t now)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(k->process.output, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (buf[i] == '\n')
				tell_line(k, now);
			else if (k->line_len < sizeof(k->line))
				k->line[k->line_len++] = buf[i];
		}
	}
	if (!n) /* it has closed them, and lives on */
		loop_io_events(k->output, 0);
}

static void on_output(void *arg, uint64_t now, unsigned events)
{
	(void)events;
	read_output(arg, now);
}

static void forget_process(struct child *k)
{
	loop_io_free(k->ended);
	loop_io_free(k->output);
	k->ended = k->output = NULL;
	timer_cancel(loop_wheel(k->all->loop), &k->timer);
}

static void plan_restart(struct child *k, uint64_t now)
{
	if (now - k->since > CHILD_LONG)
		k->pause = 0;
	timer_set(loop_wheel(k->all->loop), &k->timer, now + k->pause);
	k->pause = !k->pause ? CHILD_PAUSE : 2 * k->pause;
	k->pause = k->pause > CHILD_PAUSE_MAX ? CHILD_PAUSE_MAX : k->pause;
}

static void on_ended(void *arg, uint64_t now, unsigned events)
{
	struct child *k = arg;
	int status;

	(void)events;
	read_output(k, now);
	tell_line(k, now);
	forget_process(k);
	status = deeds_exec_reap(&k->process);
	if (k->wanted)
		plan_restart(k, now);
	tell(k, now, k->wanted ? DEEDS_CHILD_DIED : DEEDS_CHILD_ENDED, status);
}

static int run(struct child *k, uint64_t now)
{
	struct loop *loop = k->all->loop;
	int rc;

	if (deeds_exec_orphans((const char *const *)k->argv))
		return -EAGAIN; /* it must be gone first, and its sockets with it */
	rc = deeds_exec(k->argv[0], (const char *const *)k->argv, -1, true, &k->process);
	if (rc)
		return rc;
	k->since = now;
	rc = loop_io_new(loop, k->process.pidfd, LOOP_READ, on_ended, k, &k->ended);
	rc = rc ? rc : loop_io_new(loop, k->process.output, LOOP_READ, on_output, k, &k->output);
	if (rc) {
		deeds_exec_kill(&k->process, SIGKILL);
		forget_process(k);
		(void)deeds_exec_reap(&k->process);
		return rc;
	}
	tell(k, now, DEEDS_CHILD_RUNS, k->process.pid);
	return 0;
}

static void on_timer(struct timer *t, uint64_t now)
{
	struct child *k = container_of(t, struct child, timer);
	int rc;

	if (k->process.pid) {
		deeds_exec_kill(&k->process, SIGKILL);
		return;
	}
	rc = run(k, now);
	if (rc == -EAGAIN)
		timer_set(loop_wheel(k->all->loop), t, now + CHILD_PAUSE);
	else if (rc)
		plan_restart(k, now);
	k->restarts += rc != -EAGAIN;
}

static void end(struct child *k, uint64_t now)
{
	deeds_exec_kill(&k->process, SIGTERM);
	timer_set(loop_wheel(k->all->loop), &k->timer, now + CHILD_PATIENCE);
}

static bool same(const struct child *k, const char *const *argv, unsigned argc)
{
	for (unsigned i = 0; i < argc; i++)
		if (!k->argv[i] || strcmp(k->argv[i], argv[i]))
			return false;
	return !k->argv[argc];
}

static int take_argv(struct child *k, const char *const *argv, unsigned argc)
{
	char *copy[DEED_ARGV_MAX + 2] = { NULL };
	bool ok = argc <= DEED_ARGV_MAX + 1;

	for (unsigned i = 0; i < argc && ok; i++) {
		copy[i] = strdup(argv[i]);
		ok = copy[i];
	}
	for (unsigned i = 0; i < ARRAY_SIZE(copy); i++)
		free(ok ? k->argv[i] : copy[i]);
	if (!ok)
		return -ENOMEM;
	memcpy(k->argv, copy, sizeof(copy));
	return 0;
}

int child_start(struct children *c, uint64_t now, const char *const *argv, unsigned argc)
{
	struct child *k = find(c, argv[0]);
	int rc;

	for (unsigned i = 0; i < CHILDREN_MAX && !k; i++)
		k = c->list[i].argv[0] ? NULL : &c->list[i];
	if (!k)
		return -ENOSPC;
	if (k->wanted && k->process.pid && same(k, argv, argc))
		return 0;
	rc = take_argv(k, argv, argc);
	if (rc)
		return rc;
	k->wanted = true;
	k->pause = 0;
	k->since = now;
	if (k->process.pid) { /* with other arguments, or on its way out: the next comes then */
		end(k, now);
		return 0;
	}
	timer_cancel(loop_wheel(c->loop), &k->timer);
	rc = run(k, now);
	if (rc == -EAGAIN) {
		timer_set(loop_wheel(c->loop), &k->timer, now + CHILD_PAUSE);
		rc = 0;
	}
	k->wanted = !rc;
	return rc;
}

int child_stop(struct children *c, uint64_t now, const char *name)
{
	struct child *k = find(c, name);

	if (!k)
		return 0;
	k->wanted = false;
	timer_cancel(loop_wheel(c->loop), &k->timer);
	if (!k->process.pid)
		return 0;
	end(k, now);
	return -EINPROGRESS;
}

int child_hup(struct children *c, const char *name)
{
	struct child *k = find(c, name);

	if (!k || !k->process.pid)
		return -ESRCH;
	deeds_exec_kill(&k->process, SIGHUP);
	return 0;
}

int child_status(struct children *c, uint64_t now, const char *name, struct sbuf *out)
{
	struct child *k = find(c, name);
	struct json j = { .out = out };

	if (!k)
		return -ESRCH;
	json_open(&j, NULL, '{');
	json_str(&j, "name", k->argv[0]);
	json_str(&j, "state", k->process.pid ? "runs" : k->wanted ? "waits" : "ended");
	json_u64(&j, "pid", (uint64_t)k->process.pid);
	json_u64(&j, "seconds", (now - k->since) / NSEC_PER_SEC);
	json_u64(&j, "restarts", k->restarts);
	json_close(&j, '}');
	return 0;
}

unsigned children_stop_all(struct children *c, uint64_t now)
{
	unsigned live = 0;

	for (unsigned i = 0; i < CHILDREN_MAX; i++)
		if (c->list[i].argv[0] && child_stop(c, now, c->list[i].argv[0]))
			live++;
	return live;
}

int children_new(struct children **ret, struct loop *loop, const struct children_ops *ops,
		 void *arg)
{
	struct children *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->loop = loop;
	c->ops = ops;
	c->arg = arg;
	for (unsigned i = 0; i < CHILDREN_MAX; i++) {
		c->list[i].all = c;
		timer_init(&c->list[i].timer, on_timer);
	}
	*ret = c;
	return 0;
}

void children_free(struct children *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < CHILDREN_MAX; i++) {
		struct child *k = &c->list[i];

		if (k->process.pid) {
			deeds_exec_kill(&k->process, SIGKILL);
			forget_process(k);
			(void)deeds_exec_reap(&k->process);
		}
		timer_cancel(loop_wheel(c->loop), &k->timer);
		for (unsigned a = 0; a < ARRAY_SIZE(k->argv); a++)
			free(k->argv[a]);
	}
	free(c);
}
