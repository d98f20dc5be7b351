// SPDX-License-Identifier: GPL-2.0-or-later
/* `brasctl setup`: asks, has brasd check what came of it, and writes. Nothing is overwritten unless
 * --force says so, and nothing is left behind where something fails. */
#include "console/setup.h"

#include "console/brasctl.h"
#include "console/run.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#define ANSWERS_FILE_MAX (1u << 16)

struct work {
	struct setup_box box;
	struct setup_answers answers;
	const char *file, *instance;
	bool force;
	FILE *out, *err;
};

static int refuse(struct work *w, int code, struct sbuf *why)
{
	fprintf(w->err, "brasctl setup: %s\n", why->len ? why->p : "no memory");
	sbuf_fini(why);
	return code;
}

static int failed(struct work *w, const char *what, int rc)
{
	fprintf(w->err, "brasctl setup: %s: %s\n", what, strerror(-rc));
	return BRASCTL_REFUSED;
}

/* --- the command line ---------------------------------------------------------------------- */

static int take_file(struct work *w, const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *text = calloc(1, ANSWERS_FILE_MAX);
	struct sbuf why = { 0 };
	ssize_t n = 0, len = 0;
	int rc;

	if (fd < 0)
		return failed(w, path, -errno);
	if (!text)
		return failed(w, path, -ENOMEM);
	while (len < ANSWERS_FILE_MAX - 1 &&
	       (n = read(fd, text + len, (size_t)(ANSWERS_FILE_MAX - 1 - len))) > 0)
		len += n;
	if (n < 0)
		return failed(w, path, -errno);
	if (len == ANSWERS_FILE_MAX - 1)
		return failed(w, path, -EFBIG);
	rc = setup_answers_read(&w->answers, path, text, &why);
	explicit_bzero(text, ANSWERS_FILE_MAX);
	return rc ? refuse(w, BRASCTL_USAGE, &why) : 0;
}

static int take_words(struct work *w, unsigned argc, const char *const *argv)
{
	struct sbuf why = { 0 };
	int rc = 0;

	for (unsigned i = 0; !rc && i < argc; i++) {
		bool more = i + 1 < argc;

		if (!strcmp(argv[i], "--force")) {
			w->force = true;
		} else if (!strcmp(argv[i], "-o") && more) {
			w->file = argv[++i];
		} else if (!strcmp(argv[i], "--answers") && more) {
			rc = take_file(w, argv[++i]);
		} else if (*argv[i] == '-') {
			fprintf(w->err, "usage: brasctl setup [--answers FILE | KEY=VALUE]... "
					"[-o FILE] [--force]\n");
			rc = BRASCTL_USAGE;
		} else if (setup_answer(&w->answers, argv[i], &why)) {
			rc = refuse(w, BRASCTL_USAGE, &why);
		}
	}
	return rc;
}

/* --- asking -------------------------------------------------------------------------------- */

static int ask_one(struct work *w, const struct setup_question *q)
{
	struct sbuf text = { 0 }, why = { 0 };
	char line[SETUP_VALUE_MAX];
	int rc;

	sbuf_printf(&text, "%s=", q->key);
	setup_default(&w->box, &w->answers, q->key, &text);
	if (text.bad)
		return failed(w, q->key, -ENOMEM);
	fprintf(w->err, "%s [%s]: ", q->text, text.p + strlen(q->key) + 1);
	fflush(w->err);
	if (!fgets(line, sizeof(line), stdin)) {
		sbuf_fini(&text);
		return failed(w, q->key, -ENODATA);
	}
	line[strcspn(line, "\r\n")] = '\0';
	if (*line) {
		text.len = 0;
		sbuf_printf(&text, "%s=%s", q->key, line);
	}
	rc = text.bad ? -ENOMEM : 0;
	if (!rc && text.p[text.len - 1] != '=')
		rc = setup_answer(&w->answers, text.p, &why);
	sbuf_fini(&text);
	return rc ? refuse(w, BRASCTL_USAGE, &why) : 0;
}

/* Of a terminal only; elsewhere defaults count. */
static int ask(struct work *w)
{
	for (unsigned i = 0; isatty(STDIN_FILENO) && i < setup_question_count; i++) {
		const struct setup_question *q = &setup_questions[i];
		int rc = !q->asked || setup_answer_of(&w->answers, q->key) ? 0 : ask_one(w, q);

		if (rc)
			return rc;
	}
	return 0;
}

/* --- files --------------------------------------------------------------------------------- */

/* The directory of the file, where only it is missing. */
static void make_dir(const char *file)
{
	_cleanup_free_ char *copy = strdup(file);

	if (copy)
		(void)mkdir(dirname(copy), 0755);
}

/* A directory with set-group-id says whose group reads what is in it: brasd's, in the package's. */
static void let_group_read(int fd)
{
	struct stat st;

	if (!fstat(fd, &st) && st.st_gid != getegid())
		(void)fchmod(fd, 0640);
}

/* A new file beside @file, readable by us alone, or that group: it has secrets. Its name is in @tmp. */
static int write_beside(const char *file, const struct sbuf *text, char *tmp, size_t cap)
{
	_cleanup_close_ int fd = -1;
	size_t done = 0;

	if ((size_t)snprintf(tmp, cap, "%s.XXXXXX", file) >= cap)
		return -ENAMETOOLONG;
	make_dir(file);
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	let_group_read(fd);
	while (done < text->len) {
		ssize_t n = write(fd, text->p + done, text->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || (done += (size_t)n) > text->len) {
			int rc = n < 0 ? -errno : -EIO;

			unlink(tmp);
			return rc;
		}
	}
	return 0;
}

/* The name goes to the file, which must not be there unless forced. */
static int put_in_place(const char *tmp, const char *file, bool force)
{
	int rc = force ? rename(tmp, file) : link(tmp, file);

	rc = rc ? -errno : 0;
	if (!force || rc)
		unlink(tmp);
	return rc;
}

/* brasd reads it, as it will. */
static int check(struct work *w, const char *tmp)
{
	const char *argv[] = { NULL, "-t", "-c", tmp, NULL };
	struct sbuf out = { 0 }, err = { 0 };
	int rc = run_program("brasd", argv, &out, &err);

	if (rc)
		fprintf(w->err,
			"brasctl setup: brasd -t does not take this configuration, "
			"nothing is written:\n%.*s",
			(int)err.len, err.len ? err.p : "");
	sbuf_fini(&out);
	sbuf_fini(&err);
	return rc ? BRASCTL_REFUSED : 0;
}

static int write_config(struct work *w)
{
	struct sbuf text = { 0 };
	char tmp[512];
	int rc;

	setup_write(&w->answers, &text);
	rc = text.bad ? -ENOMEM : write_beside(w->file, &text, tmp, sizeof(tmp));
	if (text.p)
		explicit_bzero(text.p, text.len);
	sbuf_fini(&text);
	if (rc)
		return failed(w, w->file, rc);
	rc = check(w, tmp);
	if (rc) {
		unlink(tmp);
		return rc;
	}
	rc = put_in_place(tmp, w->file, w->force);
	if (rc == -EEXIST) {
		fprintf(w->err, "brasctl setup: %s is there already; --force replaces it\n",
			w->file);
		return BRASCTL_REFUSED;
	}
	return rc ? failed(w, w->file, rc) : 0;
}

/* Letters that nobody takes for another. */
static int make_password(char ret[13])
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789"; /* 31 of them */
	unsigned n = 0;

	while (n < 12) {
		unsigned char c;

		if (getrandom(&c, 1, 0) != 1)
			return -errno;
		if (c % 32 < sizeof(letters) - 1)
			ret[n++] = letters[c % 32];
	}
	ret[n] = '\0';
	return 0;
}

/* A users file with one user, where there is none yet. */
static int write_users(struct work *w)
{
	const char *file = setup_answer_of(&w->answers, "users");
	const char *user = setup_answer_of(&w->answers, "user");
	const char *password = setup_answer_of(&w->answers, "password");
	struct sbuf text = { 0 };
	char made[13], tmp[512];
	int rc = 0;

	if (strcmp(setup_answer_of(&w->answers, "radius"), "none") != 0 || !access(file, F_OK))
		return 0;
	if (!password)
		rc = make_password(made);
	sbuf_printf(&text, "# user server secret address rate\n%s * %s * -\n", user,
		    password ? password : made);
	if (!rc)
		rc = text.bad ? -ENOMEM : write_beside(file, &text, tmp, sizeof(tmp));
	if (text.p)
		explicit_bzero(text.p, text.len);
	sbuf_fini(&text);
	if (!rc)
		rc = put_in_place(tmp, file, false);
	if (rc)
		return failed(w, file, rc);
	fprintf(w->out, "Written: %s, with one user: %s, password %s\n", file, user,
		password ? "as given" : made);
	return 0;
}

static int decide(struct work *w)
{
	struct sbuf why = { 0 }, warnings = { 0 };
	int rc = setup_decide(&w->box, &w->answers, &why, &warnings);

	fprintf(w->err, "%.*s", (int)warnings.len, warnings.len ? warnings.p : "");
	sbuf_fini(&warnings);
	if (rc)
		return refuse(w, BRASCTL_USAGE, &why);
	return 0;
}

/* Whom it is for: the last thing that is said. */
static void put_text(struct work *w, void (*fn)(struct work *w, struct sbuf *out))
{
	struct sbuf text = { 0 };

	fn(w, &text);
	fprintf(w->out, "%.*s", (int)text.len, text.len ? text.p : "");
	fflush(w->out);
	sbuf_fini(&text);
}

static void describe(struct work *w, struct sbuf *out)
{
	setup_describe(&w->box, out);
}

static void report(struct work *w, struct sbuf *out)
{
	setup_report(&w->box, &w->answers, w->file, w->instance, out);
}

static int work(struct work *w)
{
	int rc;

	put_text(w, describe);
	if (!w->force && !access(w->file, F_OK)) {
		fprintf(w->err,
			"brasctl setup: %s is there already; --force replaces it, -o FILE "
			"takes another\n",
			w->file);
		return BRASCTL_REFUSED;
	}
	rc = ask(w);
	if (!rc)
		rc = decide(w);
	if (!rc)
		rc = write_config(w);
	if (rc)
		return rc;
	fprintf(w->out, "Written: %s, and brasd -t takes it\n", w->file);
	rc = write_users(w);
	put_text(w, report);
	return rc;
}

int setup(unsigned argc, const char *const *argv, const char *instance, FILE *out, FILE *err)
{
	struct work *w = calloc(1, sizeof(*w));
	int rc;

	if (!w)
		return BRASCTL_REFUSED;
	*w = (struct work){ .file = SETUP_FILE, .instance = instance, .out = out, .err = err };
	rc = take_words(w, argc, argv);
	if (!rc) {
		rc = setup_look(&w->box);
		rc = rc ? failed(w, "looking at the box", rc) : work(w);
	}
	explicit_bzero(w, sizeof(*w));
	free(w);
	return rc;
}
