// SPDX-License-Identifier: GPL-2.0-or-later
/* The operator's side of the mirror: `mirror`, `show mirror`. */
#include "daemon/mirror_priv.h"

#include "base/json.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* Its target number @k. */
static void entry_show(struct json *j, struct mirrors *m, unsigned i, unsigned k, uint64_t now)
{
	const struct mirror_entry *e = &m->entries[i];
	struct abi_mirror_counters c = { 0 };
	struct sbuf rule = { 0 };
	int64_t wall = time(NULL);

	(void)dp_mirror_counters(m->d->dp, k ? e->more[k - 1] : (uint16_t)i, &c);
	mirror_rule_write(&e->rule, &rule);
	json_str(j, "target", m->d->config->mirror.ports[mirror_target_of(m, &e->rule, k)].name);
	json_str(j, "rule", rule.p);
	json_u64(j, "packets", c.packets);
	json_u64(j, "bytes", c.bytes);
	json_u64(j, "drops", c.dropped);
	json_u64(j, "truncated", c.truncated);
	json_str(j, "by", e->given ? "RADIUS" : NULL);
	if (e->until)
		json_u64(j, "seconds-left", e->until > now ? (e->until - now) / NSEC_PER_SEC : 0);
	else if (e->ends)
		json_u64(j, "seconds-left", e->ends > wall ? (uint64_t)(e->ends - wall) : 0);
	else
		json_null(j, "seconds-left");
	sbuf_fini(&rule);
}

static void show_row(struct json *j, struct mirrors *m, unsigned i, unsigned k, uint64_t now)
{
	json_open(j, NULL, '{');
	json_str(j, "username", m->entries[i].user);
	entry_show(j, m, i, k, now);
	json_close(j, '}');
}

void mirror_line_show(struct json *j, const struct session *s)
{
	uint16_t rule = mirror_of(s);

	if (!rule) {
		json_null(j, "mirror");
		return;
	}
	json_open(j, "mirror", '{'); /* its first target; the rule names them all */
	entry_show(j, s->d->mirrors, rule, 0, loop_now(s->d->loop));
	json_close(j, '}');
}

void mirror_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };

	(void)argc, (void)argv;
	json_open(&j, NULL, '[');
	for (unsigned i = MIRROR_EVERYBODY; d->mirrors && i < d->mirrors->high; i++)
		for (unsigned k = 0; d->mirrors->entries[i].user &&
				     k < mirror_targets(&d->mirrors->entries[i].rule);
		     k++)
			show_row(&j, d->mirrors, i, k, loop_now(d->loop));
	json_close(&j, ']');
	control_done(r);
}

static void answer(struct control_reply *r, const char *who, const struct mirror_rule *rule)
{
	struct json j = { .out = control_body(r) };
	struct sbuf text = { 0 };

	if (rule)
		mirror_rule_write(rule, &text);
	json_open(&j, NULL, '{');
	json_str(&j, "username", who);
	json_str(&j, "rule", rule ? text.p : NULL);
	json_close(&j, '}');
	sbuf_fini(&text);
	control_done(r);
}

void mirror_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct mirrors *m = d->mirrors;
	bool reset = argc == 2 && !strcmp(argv[1], "reset");
	struct mirror_rule rule;
	char why[256];
	const char *no;
	int rc;

	if (!m) {
		control_refuse(r, "[mirror] has no port");
		return;
	}
	if (!reset && (mirror_rule_parse(argv + 1, argc - 1, &rule, why, sizeof(why)) ||
		       mirror_rule_of_copies(&rule, why, sizeof(why)))) {
		control_usage(r, "%s", why);
		return;
	}
	no = reset ? NULL : mirror_no_port(d->config, &rule);
	if (no) {
		control_refuse(r, "'%s' is no port of [mirror]", no);
		return;
	}
	rc = reset ? mirror_reset(m, argv[0], control_who(r))
		   : mirror_set(m, argv[0], &rule, control_who(r), false);
	if (rc == -ENOENT)
		control_refuse(r, "'%s' has no rule of his own", argv[0]);
	else if (rc == -ENOSPC)
		control_refuse(r, "there are %u rules, and no more can be", ABI_MIRROR_RULES - 1);
	else if (rc == -ETIME || rc == -ERANGE)
		control_refuse(r, "until= is %s", rc == -ETIME ? "over" : "more than a year ahead");
	else if (rc)
		control_refuse(r, "the kernel refused it: %s", strerror(-rc));
	else
		answer(r, argv[0], reset ? NULL : &rule);
}
