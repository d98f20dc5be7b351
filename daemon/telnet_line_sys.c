// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A client's thread: libcli edits its lines, the loop answers its commands, and the answer is
 * rendered here. libcli keeps nothing outside of struct cli_def but what this file keeps for itself
 * in `self`: its callback for passwords has no other argument.
 */
#include "daemon/telnet.h"

#include "base/client.h"
#include "base/str.h"
#include "console/render.h"
#include "console/rows.h"
#include "console/stat.h"
#include "console/view.h"

#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <libcli.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define ANSWER_MAX   (128u << 20) /* octets of JSON; 60,000 sessions are 40 MB */
#define FAILURES_MAX 3
#define FAILURE_WAIT 2000 /* ms */
#define READ_LEVEL   0	  /* libcli's privileges */
#define ADMIN_LEVEL  15
/* What is hashed where there is no such user, so that the time tells nothing. */
#define NOBODY "$5$nobody$KIpEbZ5OvFhg7bcsKY2FdBnzJvPNrJ4e3KIz8FKmqq5"

struct line {
	struct telnet_line *t;
	struct cli_def *cli;
	enum tree_level level;
	char user[TELNET_NAME_MAX];
	unsigned failures;
	unsigned shown; /* lines since the last page */
	bool json, quit;
};

static __thread struct line *self;

/* --- who it is ----------------------------------------------------------------------------------
 */

static void tell(struct line *l, enum telnet_event_kind kind, const char *user, int fd)
{
	struct telnet_event e = { .kind = kind, .fd = fd, .level = l->level };

	snprintf(e.user, sizeof(e.user), "%s", user);
	snprintf(e.peer, sizeof(e.peer), "%s", l->t->peer);
	telnet_tell(l->t->event, &e);
}

static const struct telnet_user *find_user(const struct telnet_config *c, const char *name)
{
	for (unsigned i = 0; i < c->user_count; i++)
		if (!strcmp(c->users[i].name, name))
			return &c->users[i];
	return NULL;
}

static bool password_right(const char *hash, const char *password)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	const char *got = data ? crypt_r(password, hash, data) : NULL;
	bool yes = got && *got != '*' && str_equal_secret(got, strlen(got), hash, strlen(hash));

	if (data)
		explicit_bzero(data, sizeof(*data));
	free(data);
	return yes;
}

static int on_login(const char *name, const char *password)
{
	struct line *l = self;
	const struct telnet_user *u = find_user(l->t->config, name);
	struct pollfd gone = { .fd = l->t->fd };

	if (password_right(u ? u->hash : NOBODY, password) && u) {
		snprintf(l->user, sizeof(l->user), "%s", u->name);
		l->level = u->level;
		cli_set_privilege(l->cli, u->level == TREE_ADMIN ? ADMIN_LEVEL : READ_LEVEL);
		tell(l, TELNET_LOGIN, l->user, -1);
		return CLI_OK;
	}
	tell(l, TELNET_FAILED, name, -1);
	(void)poll(&gone, 1, FAILURE_WAIT);
	if (++l->failures == FAILURES_MAX)
		(void)shutdown(l->t->fd, SHUT_RDWR);
	return CLI_ERROR;
}

/* --- showing ------------------------------------------------------------------------------------
 */

/* Waits for a key; false: q, or nobody is there. */
static bool more(struct line *l)
{
	struct pollfd p = { .fd = l->t->fd, .events = POLLIN };
	static const char prompt[] = "--More--", clear[] = "\r        \r";
	char key = 'q';

	(void)send(l->t->fd, prompt, sizeof(prompt) - 1, MSG_NOSIGNAL);
	if (poll(&p, 1, (int)l->t->config->idle_timeout * 1000) <= 0 ||
	    recv(l->t->fd, &key, 1, 0) != 1)
		key = 'q';
	(void)send(l->t->fd, clear, sizeof(clear) - 1, MSG_NOSIGNAL);
	l->shown = key == '\r' ? l->shown - 1 : 0;
	return key != 'q' && key != 'Q' && key != 3;
}

/* A line that has passed the filters. */
static void on_print(struct cli_def *cli, const char *text)
{
	struct line *l = cli_get_context(cli);
	unsigned rows = atomic_load(&l->t->rows);

	if (l->quit)
		return;
	if (rows > 1 && l->shown >= rows - 1 && !more(l)) {
		l->quit = true;
		return;
	}
	l->shown++;
	l->quit = fprintf(cli->client, "%s\r\n", text) < 0;
}

static void print_lines(struct line *l, char *text)
{
	char *rest = text, *one;

	l->shown = 0;
	l->quit = false;
	while (!l->quit && (one = strsep(&rest, "\n")))
		if (*one || rest)
			cli_print(l->cli, "%s", one);
}

/* --- asking the loop ----------------------------------------------------------------------------
 */

static int body_read(struct client *c, struct sbuf *body)
{
	char some[16384];
	size_t n;
	int r;

	while (!(r = client_some(c, some, sizeof(some), &n)) && body->len < ANSWER_MAX)
		sbuf_append(body, some, n);
	if (!r)
		return -EFBIG;
	if (r == -EPIPE && (!body->len || body->p[body->len - 1] == '\n'))
		r = 0;
	return body->bad ? -ENOMEM : r;
}

/* A connection to the control server, made in the loop. */
static int connect_loop(struct line *l, struct client *c)
{
	struct timeval tv = { .tv_sec = CLIENT_TIMEOUT_S };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return -errno;
	c->pos = c->len = 0;
	c->fd = pair[0];
	(void)fcntl(c->fd, F_SETFL, 0);
	(void)setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	tell(l, TELNET_COMMAND, l->user, pair[1]);
	return 0;
}

/* 0 and the body; -EPERM: refused, as `message` says. */
static int ask(struct line *l, unsigned argc, const char *const *argv, struct sbuf *body,
	       char message[CONTROL_MESSAGE_MAX])
{
	struct client *c = malloc(sizeof(*c));
	enum control_status status;
	int r = c ? connect_loop(l, c) : -ENOMEM;

	if (!r) {
		r = client_request(c, argc, argv);
		r = r ? r : client_status(c, &status, message);
		if (!r && status != CONTROL_OK)
			r = -EPERM;
		r = r ? r : body_read(c, body);
		client_fini(c);
	}
	free(c);
	return r;
}

static int render(const struct line *l, const struct view *v, struct sbuf *body, FILE *out,
		  const char **ret_missing)
{
	int r = 0;

	if (view_changes(v) && rows_is_table(body->p, body->len))
		r = view_apply(v, body);
	if (r || !body->len)
		return r;
	if (v->stat && !l->json)
		r = stat_apply(body);
	if (r)
		return r;
	if (!l->json)
		return render_text(out, body->p, body->len, &v->columns, ret_missing);
	if (v->chosen)
		return render_json(out, body->p, body->len, &v->columns, ret_missing);
	return fwrite(body->p, 1, body->len, out) == body->len ? 0 : -EIO;
}

static void run(struct line *l, unsigned argc, const char **argv)
{
	char message[CONTROL_MESSAGE_MAX] = "";
	_cleanup_free_ char *text = NULL;
	const char *bad = "";
	struct sbuf body = { 0 };
	struct view v;
	size_t len;
	FILE *out;
	int r;

	if (view_take(&v, &argc, argv, &bad)) {
		cli_error(l->cli, "invalid argument: %s", bad);
		return;
	}
	r = ask(l, argc, argv, &body, message);
	out = r ? NULL : open_memstream(&text, &len);
	if (out) {
		r = render(l, &v, &body, out, &bad);
		fclose(out);
	}
	sbuf_fini(&body);
	if (r == -EPERM)
		cli_error(l->cli, "%s", message);
	else if (r == -ENOENT)
		cli_error(l->cli, "invalid argument: no column %s", bad);
	else if (r)
		cli_error(l->cli, "command failed: %s", strerror(-r));
	else if (text)
		print_lines(l, text);
}

/* @command: the words of the path; @argv: the rest. */
static int on_command(struct cli_def *cli, const char *command, char **argv, int argc)
{
	struct line *l = cli_get_context(cli);
	const char *words[CONTROL_WORDS_MAX];
	char path[TREE_DEPTH_MAX * TREE_WORD_MAX], *rest = path, *word;
	unsigned n = 0;

	snprintf(path, sizeof(path), "%s", command);
	while (n < ARRAY_SIZE(words) && (word = strsep(&rest, " ")))
		words[n++] = word;
	for (int i = 0; i < argc && n < ARRAY_SIZE(words); i++)
		words[n++] = argv[i];
	run(l, n, words);
	l->json = false;
	return CLI_OK;
}

static int json_filter(struct cli_def *cli, const char *text, void *data)
{
	(void)cli, (void)text, (void)data;
	return CLI_OK;
}

/* `| json`: what is shown is shown as JSON. */
static int json_init(struct cli_def *cli, int argc, char **argv, struct cli_filter *filter)
{
	struct line *l = cli_get_context(cli);

	(void)argc, (void)argv;
	filter->filter = json_filter;
	l->json = true;
	return CLI_OK;
}

/* --- libcli's copy of the tree
 * -------------------------------------------------------------------- */

static struct cli_command *child(struct cli_def *cli, struct cli_command *parent, const char *word)
{
	struct cli_command *c = parent ? parent->children : cli->commands;

	while (c && (strcmp(c->command, word) != 0 || c->command_type != CLI_REGULAR_COMMAND))
		c = c->next;
	return c;
}

static void add(struct line *l, const struct control_command *row)
{
	int level = l->t->config->user_count && row->level == TREE_ADMIN ? ADMIN_LEVEL : READ_LEVEL;
	struct cli_command *at = NULL, *next;
	char words[TREE_DEPTH_MAX * TREE_WORD_MAX], *rest = words, *word;

	snprintf(words, sizeof(words), "%s", row->words);
	while ((word = strsep(&rest, " "))) {
		next = child(l->cli, at, word);
		if (!next)
			next = cli_register_command(l->cli, at, word, rest ? NULL : on_command,
						    level, MODE_EXEC, rest ? "" : row->help);
		else if (!rest)
			next->callback = on_command;
		if (next && next->privilege > level)
			next->privilege = level;
		at = next;
	}
}

static struct cli_def *editor_new(struct line *l)
{
	const struct telnet_config *c = l->t->config;
	struct cli_def *cli = cli_init();

	if (!cli)
		return NULL;
	l->cli = cli;
	cli_telnet_protocol(cli, 0);
	cli_set_context(cli, l);
	cli_set_hostname(cli, "brasberry");
	cli_set_promptchar(cli, "# ");
	cli_unregister_command(cli, "enable");
	cli_unregister_command(cli, "disable");
	cli_register_filter(cli, "json", json_init, json_filter, READ_LEVEL, MODE_ANY,
			    "the answer as JSON");
	for (unsigned i = 0; i < c->command_count; i++)
		add(l, &c->commands[i]);
	cli_print_callback(cli, on_print);
	cli_set_idle_timeout(cli, c->idle_timeout);
	if (c->user_count)
		cli_set_auth_callback(cli, on_login);
	return cli;
}

void *telnet_line_main(void *line)
{
	struct telnet_line *t = line;
	struct line l = { .t = t, .level = TREE_ADMIN };
	struct cli_def *cli = editor_new(&l);

	self = &l;
	if (cli) {
		cli_loop(cli, t->fd); /* closes it */
		cli_done(cli);
	} else {
		close(t->fd);
	}
	atomic_store(&t->done, true);
	return NULL;
}
