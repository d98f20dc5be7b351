// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration for those who ask: daemon/config_show.h. */
#include "daemon/config_show.h"

#include "base/json.h"
#include "daemon/config_table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct showing {
	struct json json;
	const char *section;  /* this one alone; NULL: all */
	const char *defaults; /* what it says is left out; NULL: nothing is */
	unsigned shown;
};

static void place_text(const struct config_place *place, char *ret, size_t cap)
{
	snprintf(ret, cap, "%s%s%s", place->section->name, place->name ? " " : "",
		 place->name ? place->name : "");
}

/* Whether the line stands in the section of a dump. */
static bool has_line(const char *dump, const char *section, const char *key, const char *value)
{
	char head[CONFIG_NAME_MAX * 2 + sizeof("[]\n")];
	struct sbuf line = { 0 };
	const char *at, *end, *found;

	snprintf(head, sizeof(head), "[%s]\n", section);
	at = strstr(dump, head);
	if (!at)
		return false;
	at += strlen(head) - 1;
	end = strstr(at, "\n[");
	sbuf_printf(&line, "\n%s = %s\n", key, value);
	found = line.bad ? NULL : strstr(at, line.p);
	sbuf_fini(&line);
	return found && (!end || found < end);
}

static void show_value(void *arg, const struct config_place *place, const struct config_row *row,
		       const char *value)
{
	struct showing *s = arg;
	char section[CONFIG_NAME_MAX * 2];

	if (!row || (s->section && strcmp(s->section, place->section->name) != 0))
		return;
	place_text(place, section, sizeof(section));
	if (s->defaults && has_line(s->defaults, section, row->key, value))
		return;
	json_open(&s->json, NULL, '{');
	json_str(&s->json, "section", section);
	json_str(&s->json, "key", row->key);
	json_str(&s->json, "value", value);
	if (s->defaults)
		json_str(&s->json, "default", row->def);
	json_close(&s->json, '}');
	s->shown++;
}

static bool is_section(const char *name)
{
	for (unsigned i = 0; i < config_section_count; i++)
		if (!strcmp(config_sections[i].name, name))
			return true;
	return false;
}

int config_show(const struct config *cfg, const char *section, struct sbuf *out)
{
	struct showing s = { .json.out = out, .section = section };

	if (section && !is_section(section))
		return -ENOENT;
	json_open(&s.json, NULL, '[');
	config_each(cfg, show_value, &s);
	json_close(&s.json, ']');
	return 0;
}

int config_show_changed(const struct config *cfg, struct sbuf *out)
{
	struct sbuf defaults = { 0 }, errors = { 0 };
	struct showing s = { .json.out = out };
	struct config *plain;
	int rc = config_parse("defaults", NULL, 0, &plain, &errors);

	sbuf_fini(&errors);
	if (rc)
		return rc;
	config_dump(plain, &defaults);
	config_free(plain);
	s.defaults = defaults.p;
	if (defaults.bad || !defaults.p) {
		sbuf_fini(&defaults);
		return -ENOMEM;
	}
	json_open(&s.json, NULL, '[');
	config_each(cfg, show_value, &s);
	json_close(&s.json, ']');
	sbuf_fini(&defaults);
	return 0;
}

/* --- one key ------------------------------------------------------------------------------- */

/* "shaper.up" and "up" both mean it. */
static bool means(const struct config_row *row, const char *section, size_t section_len,
		  const char *key)
{
	return !strcmp(row->key, key) &&
	       (!section_len || (strlen(row->section) == section_len &&
				 !strncmp(row->section, section, section_len)));
}

struct guess {
	char (*text)[CONFIG_NAME_MAX];
	bool whole; /* "section.key", else the key alone */
};

static const char *guess_name(unsigned i, const void *arg)
{
	const struct guess *g = arg;

	return g->whole ? g->text[i] : config_rows[i].key;
}

static int unknown(const char *name, struct sbuf *why)
{
	struct guess g = { .whole = strchr(name, '.') != NULL };
	const char *found = NULL;
	char esc[64];

	g.text = calloc(config_row_count, sizeof(*g.text));
	for (unsigned i = 0; g.text && i < config_row_count; i++)
		snprintf(g.text[i], sizeof(*g.text), "%s.%s", config_rows[i].section,
			 config_rows[i].key);
	/* What is longer than any key is none. */
	if (g.text && strlen(name) < CONFIG_NAME_MAX)
		found = config_closest(name, guess_name, config_row_count, &g);
	str_escape(esc, sizeof(esc), name, strlen(name));
	sbuf_printf(why, "unknown key '%s'", esc);
	if (found)
		sbuf_printf(why, "; did you mean %s?", found);
	else
		sbuf_printf(why, "; brasd.conf(5) has them all");
	free(g.text);
	return -ENOENT;
}

int config_find(const char *name, const struct config_row **ret, struct sbuf *why)
{
	const char *dot = strchr(name, '.'), *key = dot ? dot + 1 : name;
	const struct config_row *found = NULL;
	size_t len = dot ? (size_t)(dot - name) : 0;
	unsigned count = 0;

	for (unsigned i = 0; i < config_row_count; i++) {
		if (!means(&config_rows[i], name, len, key) || (dot && !len))
			continue;
		sbuf_printf(why, "%s%s.%s", count ? ", " : "", config_rows[i].section, key);
		found = &config_rows[i];
		count++;
	}
	if (count > 1) {
		sbuf_printf(why, ": say which one");
		return -EEXIST;
	}
	if (!found)
		return unknown(name, why);
	why->len = 0;
	*ret = found;
	return 0;
}

struct holding {
	struct json *json;
	const struct config_row *row;
};

static void holds(void *arg, const struct config_place *place, const struct config_row *row,
		  const char *value)
{
	struct holding *h = arg;

	if (row != h->row)
		return;
	if (place->name) {
		struct sbuf text = { 0 };

		sbuf_printf(&text, "%s: %s", place->name, value);
		json_strn(h->json, NULL, text.p ? text.p : "", text.len);
		sbuf_fini(&text);
	} else {
		json_str(h->json, NULL, value);
	}
}

void config_explain(const struct config_row *row, const struct config *cfg, struct json *j)
{
	struct holding h = { .json = j, .row = row };
	struct sbuf syntax = { 0 };

	config_row_syntax(row, &syntax);
	json_open(j, NULL, '{');
	json_str(j, "section", row->section);
	json_str(j, "key", row->key);
	json_strn(j, "value", syntax.p ? syntax.p : "", syntax.len);
	json_str(j, "default", row->def);
	json_bool(j, "repeat", row->flags & CONFIG_REPEAT);
	json_str(j, "help", row->help);
	json_open(j, "in-effect", '[');
	config_each(cfg, holds, &h);
	json_close(j, ']');
	json_close(j, '}');
	sbuf_fini(&syntax);
}

void config_explain_text(const struct config_row *row, struct sbuf *out)
{
	sbuf_printf(out, "[%s] %s = ", row->section, row->key);
	config_row_syntax(row, out);
	sbuf_printf(out, "\n%s\n", row->help);
	if (row->flags & CONFIG_REPEAT)
		sbuf_printf(out, "May stand more than once.\n");
	sbuf_printf(out, "Default: %s\n", row->def ? row->def : "none");
}
