// SPDX-License-Identifier: GPL-2.0-or-later
/* brasctl: sends one command to brasd and shows the answer, as a table or as the JSON it is. */
#include "console/brasctl.h"

#include "base/client.h"
#include "console/cell.h"
#include "console/config.h"
#include "console/follow.h"
#include "console/import.h"
#include "console/password.h"
#include "console/render.h"
#include "console/rows.h"
#include "console/run.h"
#include "console/setup.h"
#include "console/stat.h"
#include "console/view.h"

#include <crypt.h>
#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
	"usage: brasctl [-i INSTANCE | -s SOCKET] COMMAND... [--json] [--watch [SECONDS]]\n"
	"\n"
	"  -i INSTANCE  the daemon's instance (default \"" CONTROL_INSTANCE "\")\n"
	"  -s SOCKET    its control socket (default " CONTROL_RUN_DIR "/INSTANCE/control)\n"
	"  --json       the answer as JSON\n"
	"  --watch [S]  again every S seconds (default 2)\n"
	"  -h, --help   this text\n"
	"\n"
	"brasctl help asks the daemon for its commands, and brasctl COMMAND ? for what may "
	"follow;\n"
	"brasctl setup makes a first configuration, brasctl import FILE one of accel-ppp's;\n"
	"brasctl passwd makes a hash for [cli] user.\n";

struct options {
	char path[CONTROL_PATH_MAX];
	const char *instance; /* as it was told */
	bool json, help;
	unsigned watch; /* s; 0: once */
	unsigned argc;
	const char *argv[CONTROL_WORDS_MAX];
	struct view view;
	char password[PASSWORD_MAX]; /* of `test radius` */
};

static int fail(FILE *err, int code, const char *what, const char *detail)
{
	struct sbuf text = { 0 };

	cell_escape(&text, detail, strlen(detail));
	fprintf(err, "brasctl: %s%s\n", what, text.len ? text.p : "");
	sbuf_fini(&text);
	return code;
}

static bool is_test_radius(const struct options *o)
{
	return o->argc >= 2 && !strcmp(o->argv[0], "test") && !strcmp(o->argv[1], "radius");
}

static bool is_config(const struct options *o, const char *what)
{
	return o->argc >= 2 && !strcmp(o->argv[0], "config") && !strcmp(o->argv[1], what);
}

/* `test radius USER`: the password becomes the last word, but never stands in a command line. */
static int take_password(struct options *o, FILE *err)
{
	int r;

	if (!is_test_radius(o))
		return 0;
	if (o->argc != 3)
		return fail(err, BRASCTL_USAGE, "usage: test radius USER",
			    o->argc > 3 ? " (the password is asked for)" : "");
	r = password_read(STDIN_FILENO, err, o->password, sizeof(o->password));
	if (r)
		return fail(err, BRASCTL_USAGE, "no password: ",
			    r == -EINTR	    ? "interrupted"
			    : r == -ENODATA ? "nothing on standard input"
			    : r == -E2BIG   ? "too long"
					    : strerror(-r));
	o->argv[o->argc++] = o->password;
	return 0;
}

/* The answer to `test radius` is an answer, but its verdict is our exit code. */
static int verdict(const struct sbuf *body)
{
	json_t *answer = json_loadb(body->p, body->len, 0, NULL);
	const char *v = json_string_value(json_object_get(answer, "verdict"));
	int r = v && !strcmp(v, "accept") ? BRASCTL_OK : BRASCTL_REFUSED;

	json_decref(answer);
	return r;
}

/* What of a list to show is our affair, not the daemon's. */
static int take_view(struct options *o, FILE *err)
{
	const char *bad = "";

	if (view_take(&o->view, &o->argc, o->argv, &bad))
		return fail(err, BRASCTL_USAGE, "not a list of columns: ", bad);
	return 0;
}

/* The option's value: the rest of the word, or the next one. */
static const char *value_of(int argc, char **argv, int *i)
{
	if (argv[*i][2])
		return argv[*i] + 2;
	return *i + 1 < argc ? argv[++*i] : NULL;
}

static int take_socket(struct options *o, char option, const char *value, FILE *err)
{
	if (!value)
		return fail(err, BRASCTL_USAGE, "a value must follow -", option == 'i' ? "i" : "s");
	if (option == 'i') {
		if (control_path(o->path, value))
			return fail(err, BRASCTL_USAGE, "not an instance's name: ", value);
		o->instance = value;
		return 0;
	}
	if (!*value || strlen(value) >= sizeof(o->path))
		return fail(err, BRASCTL_USAGE, "not a socket's path: ", value);
	memcpy(o->path, value, strlen(value) + 1);
	return 0;
}

/* The number behind --watch, where there is one; else 2. */
static unsigned take_seconds(int argc, char **argv, int *i)
{
	uint64_t s = 2;

	if (*i + 1 < argc && !str_to_u64(argv[*i + 1], 1, 86400, &s))
		++*i;
	return (unsigned)s;
}

/* Options stand before the command, --json and --help anywhere; after "--" nothing is an option. */
static int parse_options(struct options *o, int argc, char **argv, FILE *err)
{
	bool rest = false;

	o->instance = CONTROL_INSTANCE;
	(void)control_path(o->path, CONTROL_INSTANCE);
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		int r;

		if (!rest && !strcmp(a, "--json")) {
			o->json = true;
		} else if (!rest && (!strcmp(a, "--help") || !strcmp(a, "-h"))) {
			o->help = true;
		} else if (!rest && !strcmp(a, "--watch")) {
			o->watch = take_seconds(argc, argv, &i);
		} else if (!rest && !strcmp(a, "--")) {
			rest = true;
		} else if (!rest && !o->argc && (!strncmp(a, "-i", 2) || !strncmp(a, "-s", 2))) {
			r = take_socket(o, a[1], value_of(argc, argv, &i), err);
			if (r)
				return r;
		} else if (!rest && !o->argc && a[0] == '-') {
			return fail(err, BRASCTL_USAGE, "unknown option ", a);
		} else if (o->argc == CONTROL_WORDS_MAX) {
			return fail(err, BRASCTL_USAGE, "too many words", "");
		} else {
			o->argv[o->argc++] = a;
		}
	}
	return take_view(o, err);
}

static int broken(FILE *err, int r)
{
	if (r == -EIO)
		return fail(err, BRASCTL_REFUSED, "cannot write the answer", "");
	if (r == -ENOMEM)
		return fail(err, BRASCTL_REFUSED, "no memory for the answer", "");
	if (r == -EPIPE)
		return fail(err, BRASCTL_UNREACHABLE, "the daemon's answer was cut off", "");
	if (r == -EBADMSG)
		return fail(err, BRASCTL_UNREACHABLE, "the daemon's answer is not understood", "");
	return fail(err, BRASCTL_UNREACHABLE, "no answer from the daemon: ", strerror(-r));
}

/* `config show` as a file. */
static int show_config(const struct sbuf *body, FILE *out)
{
	json_t *rows = json_loadb(body->p, body->len, 0, NULL);
	int r = json_is_array(rows) ? config_rows_print(out, rows) : -EBADMSG;

	json_decref(rows);
	return r;
}

static int show(struct client *c, const struct options *o, FILE *out, FILE *err)
{
	struct sbuf body = { 0 };
	const char *missing = "";
	int code = BRASCTL_OK, r;
	bool change = view_changes(&o->view);

	if (o->json && !o->view.chosen && !change && !is_test_radius(o))
		r = client_body_copy(c, out);
	else
		r = client_body_read(c, &body);
	if (!r && change && rows_is_table(body.p, body.len))
		r = view_apply(&o->view, &body);
	if (!r && o->view.stat && !o->json && body.len)
		r = stat_apply(&body);
	if (r == -EINVAL) {
		sbuf_fini(&body);
		return fail(err, BRASCTL_USAGE, "not a regular expression: ", o->view.regex);
	}
	if (!r && body.len && o->json && !o->view.chosen)
		r = fwrite(body.p, 1, body.len, out) == body.len ? 0 : -EIO;
	else if (!r && is_config(o, "show") && !o->json)
		r = show_config(&body, out);
	else if (!r && body.len)
		r = (o->json ? render_json : render_text)(out, body.p, body.len, &o->view.columns,
							  &missing);
	if (!r && is_test_radius(o))
		code = verdict(&body);
	if (fflush(out) && !r)
		r = -EIO;
	if (r == -ENOENT)
		r = fail(err, BRASCTL_USAGE, "no such column: ", missing);
	else
		r = r ? broken(err, r) : code;
	sbuf_fini(&body);
	return r;
}

static bool is_events(const struct options *o)
{
	return o->argc >= 2 && !strcmp(o->argv[0], "monitor") && !strcmp(o->argv[1], "events");
}

static int talk(struct client *c, const struct options *o, FILE *out, FILE *err)
{
	char message[CONTROL_MESSAGE_MAX];
	enum control_status status;
	int r = client_request(c, o->argc, o->argv);

	if (r == -EINVAL || r == -E2BIG)
		return fail(err, BRASCTL_USAGE,
			    "the command is too long, or has control characters", "");
	if (!r)
		r = client_status(c, &status, message);
	if (r)
		return broken(err, r);
	if (status != CONTROL_OK)
		return fail(err, status == CONTROL_USAGE ? BRASCTL_USAGE : BRASCTL_REFUSED, "",
			    message);
	if (is_events(o)) {
		r = follow(c, o->json, out);
		return r == -EPIPE ? BRASCTL_UNREACHABLE : broken(err, r);
	}
	return show(c, o, out, err);
}

/* One request on a connection of its own. */
static int ask(const struct options *o, FILE *out, FILE *err, bool quiet)
{
	struct client *c = malloc(sizeof(*c));
	int r;

	if (!c)
		return broken(err, -ENOMEM);
	r = client_init(c, o->path);
	if (!r) {
		r = talk(c, o, out, err);
	} else {
		if (!quiet)
			fprintf(err, "brasctl: brasd is not reachable at %s: %s\n", o->path,
				strerror(-r));
		r = BRASCTL_UNREACHABLE;
	}
	client_fini(c);
	free(c);
	return r;
}

static bool is_reload(const struct options *o)
{
	return o->argc && !strcmp(o->argv[0], "reload");
}

#define RELOAD_TRIES 150 /* of 100 ms */

/* The daemon sets itself up anew: what became of it is known when it is back. */
static int reload(struct options *o, FILE *out, FILE *err)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	FILE *nowhere = fopen("/dev/null", "we");
	char *text = NULL;
	size_t len = 0;
	FILE *answer;
	int r = nowhere ? ask(o, nowhere, err, false) : BRASCTL_REFUSED, tries = RELOAD_TRIES;

	if (nowhere)
		fclose(nowhere);
	if (r)
		return r;
	o->argc = 2;
	o->argv[0] = "show";
	o->argv[1] = "reload";
	do {
		free(text);
		answer = open_memstream(&text, &len);
		if (!answer)
			return broken(err, -ENOMEM);
		r = ask(o, answer, err, tries > 1);
		fclose(answer);
	} while ((r == BRASCTL_UNREACHABLE || (!r && strstr(text, "underway"))) && --tries &&
		 !nanosleep(&pause, NULL));
	if (!r && fputs(text, out) < 0)
		r = broken(err, -EIO);
	if (!r && strstr(text, "refused"))
		r = BRASCTL_REFUSED;
	free(text);
	return r;
}

/* What brasd says the file means, in rows; it is read with the rights of who asks. */
static int read_file_rows(const char *file, json_t **ret, FILE *err)
{
	const char *argv[] = { NULL, "-p", "-c", file, NULL };
	struct sbuf text = { 0 }, errors = { 0 };
	int r = run_program("brasd", argv, &text, &errors);

	if (r > 0)
		fwrite(errors.p ? errors.p : "", 1, errors.len, err);
	sbuf_append(&text, "", 1);
	if (!r)
		r = text.bad ? -ENOMEM : config_rows_read(text.p, ret);
	sbuf_fini(&text);
	sbuf_fini(&errors);
	return !r ? 0 : fail(err, BRASCTL_REFUSED, "brasd cannot read it: ", file);
}

static int put_diff(const char *running, size_t len, const json_t *file, bool json, FILE *out)
{
	json_t *rows = json_loadb(running, len, 0, NULL), *diff = NULL;
	int r = json_is_array(rows) ? config_rows_diff(rows, file, &diff) : -EBADMSG;

	if (!r && json)
		r = json_dumpf(diff, out, JSON_COMPACT) || fputs("\n", out) < 0 ? -EIO : 0;
	else if (!r)
		r = config_diff_print(out, diff);
	json_decref(rows);
	json_decref(diff);
	return r;
}

/* `config diff FILE`: what a reload with it would change. */
static int config_diff(struct options *o, FILE *out, FILE *err)
{
	const char *file = o->argv[2];
	struct options show_all = *o;
	json_t *rows = NULL;
	char *text = NULL;
	size_t len = 0;
	FILE *answer;
	int r = read_file_rows(file, &rows, err);

	if (r)
		return r;
	show_all.argc = 2;
	show_all.argv[1] = "show";
	show_all.json = true;
	answer = open_memstream(&text, &len);
	r = answer ? ask(&show_all, answer, err, false) : broken(err, -ENOMEM);
	if (answer)
		fclose(answer);
	if (!r) {
		r = put_diff(text, len, rows, o->json, out);
		r = r ? broken(err, r) : BRASCTL_OK;
	}
	free(text);
	json_decref(rows);
	return r;
}

/* `monitor`: brasmon does it, from beside us or from the PATH. */
static int monitor(struct options *o, FILE *err)
{
	char *argv[CONTROL_WORDS_MAX + 4] = { "brasmon", "-S", o->path };
	char path[512];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof("brasmon"));
	char *slash;

	for (unsigned i = 1; i < o->argc; i++)
		argv[i + 2] = (char *)o->argv[i];
	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash) {
		strcpy(slash + 1, "brasmon");
		(void)execv(path, argv);
	}
	(void)execvp("brasmon", argv);
	return fail(err, BRASCTL_REFUSED, "brasmon: ", strerror(errno));
}

/* `passwd`: a hash for [cli] user, by the method that crypt(5) holds best. */
static int make_hash(struct options *o, FILE *out, FILE *err)
{
	char salt[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data *data;
	const char *hash = NULL;
	int r = password_read(STDIN_FILENO, err, o->password, sizeof(o->password));

	if (r)
		return fail(err, BRASCTL_USAGE, "no password: ", strerror(-r));
	data = calloc(1, sizeof(*data));
	if (data && crypt_gensalt_rn(NULL, 0, NULL, 0, salt, sizeof(salt)))
		hash = crypt_r(o->password, salt, data);
	explicit_bzero(o->password, sizeof(o->password));
	r = BRASCTL_OK;
	if (!hash || *hash == '*' || fprintf(out, "%s\n", hash) < 0)
		r = fail(err, BRASCTL_REFUSED, "cannot make a hash: ", strerror(errno));
	if (data)
		explicit_bzero(data, sizeof(*data));
	free(data);
	return r;
}

/* `--watch [SECONDS]`: again and again, until it fails or is interrupted. */
static int watch(const struct options *o, FILE *out, FILE *err)
{
	const struct timespec pause = { .tv_sec = o->watch };
	int r;

	do {
		if (isatty(STDOUT_FILENO))
			fputs("\033[H\033[2J", out);
		r = ask(o, out, err, false);
		fflush(out);
	} while (!r && !nanosleep(&pause, NULL));
	return r;
}

int brasctl(int argc, char **argv, FILE *out, FILE *err)
{
	struct options o = { 0 };
	int r = parse_options(&o, argc, argv, err);

	if (r)
		return r;
	if (o.help) {
		fputs(usage, out);
		return BRASCTL_OK;
	}
	if (!o.argc) {
		fputs(usage, err);
		return BRASCTL_USAGE;
	}
	if (!strcmp(o.argv[0], "import"))
		return o.argc == 2 ? import_file(o.argv[1], out, err)
				   : fail(err, BRASCTL_USAGE, "usage: import FILE", "");
	if (!strcmp(o.argv[0], "monitor") && !is_events(&o))
		return monitor(&o, err);
	if (!strcmp(o.argv[0], "passwd"))
		return make_hash(&o, out, err);
	if (o.watch)
		return watch(&o, out, err);
	if (!strcmp(o.argv[0], "setup"))
		return setup(o.argc - 1, o.argv + 1, o.instance, out, err);
	if (is_config(&o, "diff") && o.argc == 3)
		return config_diff(&o, out, err);
	r = take_password(&o, err);
	if (r)
		return r;
	r = is_reload(&o) ? reload(&o, out, err) : ask(&o, out, err, false);
	explicit_bzero(o.password, sizeof(o.password));
	return r;
}
