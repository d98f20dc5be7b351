// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Classes and trees: what each session's plan makes of them against what the kernel has. The shaper
 * reads that in its own thread, so the answer to `check` comes later; what has been repaired is
 * looked at a second time.
 */
#include "daemon/check.h"

#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/keep.h"

#include <stdlib.h>
#include <string.h>

#define ADOPTED_TOLD                                                                               \
	10 /* of those that a restart finds: all of them, where [shaper] has changed               \
	    */

struct check_run {
	struct daemon *d;
	struct check_report report;
	struct sbuf text;
	bool again; /* after the repair */
	void (*done)(struct check_run *run, struct control_reply *reply);
	struct control_reply *reply; /* NULL: whoever asked is gone */
};

unsigned check_classes(struct daemon *d, const struct shaper_seen *seen,
		       void (*fn)(void *arg, struct session *s, const char *why), void *arg)
{
	const struct shaper_plan *plan;
	char why[256];
	struct session *s;
	unsigned n = 0;

	for (uint32_t i = 0; (s = table_next(d, &i));) {
		plan = plan_programmed(s);
		if (!plan || !shaper_fault(seen, s->slot, plan, why, sizeof(why)))
			continue;
		n++;
		fn(arg, s, why);
	}
	return n;
}

/* --- `check` ------------------------------------------------------------------------------- */

static void on_fault(void *arg, struct session *s, const char *why)
{
	struct check_run *run = arg;
	char name[160];

	session_name(s, name, sizeof(name));
	if (run->again) {
		check_found(&run->report, name, "and its speed cannot be programmed");
		return;
	}
	check_found(&run->report, name, why);
	if (run->report.repair)
		plan_adopted(s, loop_now(run->d->loop));
}

static void finish(struct check_run *run)
{
	struct daemon *d = run->d;

	d->check_run = NULL;
	if (run->reply)
		check_answer(d, run->reply, &run->report);
	sbuf_fini(&run->text);
	free(run);
}

static void on_checked(void *arg, uint64_t now, const struct shaper_seen *seen, int rc)
{
	struct check_run *run = arg;
	struct daemon *d = run->d;
	unsigned n;

	(void)now;
	if (rc) {
		check_found(&run->report, "shaper", strerror(-rc));
		finish(run);
		return;
	}
	if (shaper_missing_trees(seen)) { /* no class can be there then; all of it comes back */
		check_found(&run->report, "shaper", "a tree is missing");
		if (run->report.repair)
			(void)shaper_look(d->shaper);
		finish(run);
		return;
	}
	n = check_classes(d, seen, on_fault, run);
	if (!n || run->again || !run->report.repair) {
		finish(run);
		return;
	}
	run->again = true;
	if (shaper_check(d->shaper, true, on_checked, run))
		finish(run);
}

static void on_reader_gone(void *arg)
{
	((struct check_run *)arg)->reply = NULL;
}

bool check_shaper(struct daemon *d, const struct check_report *report, struct control_reply *reply)
{
	struct check_run *run = d->shaper && !d->check_run ? calloc(1, sizeof(*run)) : NULL;

	if (!run || shaper_check(d->shaper, true, on_checked, run)) {
		free(run);
		return false;
	}
	run->d = d;
	run->report = *report;
	run->text = *report->text; /* ours from here on */
	*report->text = (struct sbuf){ 0 };
	run->report.text = &run->text;
	run->reply = reply;
	d->check_run = run;
	control_defer(reply, on_reader_gone, run);
	return true;
}

void check_teardown(struct daemon *d)
{
	if (!d->check_run)
		return;
	sbuf_fini(&d->check_run->text);
	free(d->check_run);
	d->check_run = NULL;
}

/* --- at adoption --------------------------------------------------------------------------- */

static void on_adopted_fault(void *arg, struct session *s, const char *why)
{
	unsigned *told = arg;

	if ((*told)++ < ADOPTED_TOLD)
		session_log(s, LOG_LEVEL_NOTICE, "%s", why);
}

static void on_adopted(void *arg, uint64_t now, const struct shaper_seen *seen, int rc)
{
	unsigned told = 0;

	(void)now;
	if (!rc && check_classes(arg, seen, on_adopted_fault, &told))
		log_notice("shaper: the classes of %u sessions were not as they should be: "
			   "programmed again",
			   told);
}

void check_shaper_adopted(struct daemon *d)
{
	if (d->shaper)
		(void)shaper_check(d->shaper, false, on_adopted, d);
}
