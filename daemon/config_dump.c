// SPDX-License-Identifier: GPL-2.0-or-later
/* The rows of the configuration, written: what is in effect, what there is, the manual page. */
#include "daemon/config_table.h"

#include <string.h>

void config_row_syntax(const struct config_row *row, struct sbuf *out)
{
	bool list = row->count_offset && row->type->each;

	if (row->type->syntax) {
		sbuf_printf(out, "%s", row->type->syntax);
		if (row->type->range)
			sbuf_printf(out, " (%u to %u)", row->min, row->max);
		if (list && !strchr(row->type->syntax, ','))
			sbuf_printf(out, "[,%s]...", row->type->syntax);
		return;
	}
	for (unsigned i = 0; row->names[i]; i++)
		sbuf_printf(out, "%s%s", i ? " | " : "", row->names[i]);
	if (list)
		sbuf_printf(out, " [,...]");
}

static void each_value(const struct config_place *place, const void *base,
		       const struct config_row *row, config_value_fn *fn, void *arg)
{
	bool each = row->count_offset && row->type->each;
	unsigned count = config_item_count(base, row);
	struct sbuf value = { 0 };

	for (unsigned i = 0; i < count; i++) {
		if (each && value.len)
			sbuf_append(&value, ",", 1);
		if (!row->type->format(row, config_item(base, row, i), &value))
			break;
		/* Four texts at their longest fit a line. */
		if (each && i + 1 < count && (!(row->flags & CONFIG_REPEAT) || i % 4 != 3))
			continue;
		sbuf_append(&value, "", 1);
		if (!value.bad)
			fn(arg, place, row, value.p);
		value.len = 0;
	}
	sbuf_fini(&value);
}

static void each_of_section(const struct config_place *place, const void *base, config_value_fn *fn,
			    void *arg)
{
	fn(arg, place, NULL, NULL);
	for (unsigned i = 0; i < config_row_count; i++)
		if (!strcmp(config_rows[i].section, place->section->name))
			each_value(place, base, &config_rows[i], fn, arg);
}

void config_each(const struct config *cfg, config_value_fn *fn, void *arg)
{
	for (unsigned s = 0; s < config_section_count; s++) {
		struct config_place place = { .section = &config_sections[s] };

		for (unsigned i = 0; i < config_base_count(cfg, place.section); i++) {
			const void *base = config_base(cfg, place.section, i);

			if (place.section->list)
				place.name = ((const struct config_head *)base)->name;
			each_of_section(&place, base, fn, arg);
		}
	}
}

static void dump_value(void *arg, const struct config_place *place, const struct config_row *row,
		       const char *value)
{
	struct sbuf *out = arg;

	if (row)
		sbuf_printf(out, "%s = %s\n", row->key, value);
	else
		sbuf_printf(out, "%s[%s%s%s]\n", out->len ? "\n" : "", place->section->name,
			    place->name ? " " : "", place->name ? place->name : "");
}

void config_dump(const struct config *cfg, struct sbuf *out)
{
	config_each(cfg, dump_value, out);
}

void config_table_print(struct sbuf *out)
{
	for (unsigned i = 0; i < config_row_count; i++) {
		const struct config_row *row = &config_rows[i];

		sbuf_printf(out, "%s\t%s\t", row->section, row->key);
		config_row_syntax(row, out);
		sbuf_printf(out, "\t%s\t%s\n", row->def ? row->def : "-", row->help);
	}
}

/* mdoc takes a letter at the start of a line for what it is, but not '.' and '\''; a backslash
 * and a dash need an escape anywhere. No row has one of the former. */
static void man_text(struct sbuf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\\')
			sbuf_printf(out, "\\e");
		else if (*s == '.' && s[1] == ' ')
			sbuf_printf(out, ".\n"), s++; /* a sentence a line */
		else
			sbuf_append(out, s, 1);
	}
}

static void man_row(struct sbuf *out, const struct config_row *row)
{
	struct sbuf syntax = { 0 };

	config_row_syntax(row, &syntax);
	sbuf_printf(out, ".It Ic %s No = ", row->key);
	man_text(out, syntax.p ? syntax.p : "");
	sbuf_printf(out, "\n");
	man_text(out, row->help);
	sbuf_printf(out, "\n");
	if (row->flags & CONFIG_REPEAT)
		sbuf_printf(out, "May stand more than once.\n");
	if (row->def)
		sbuf_printf(out, "Default:\n.Li %s .\n", row->def);
	sbuf_fini(&syntax);
}

void config_man_print(struct sbuf *out)
{
	for (unsigned s = 0; s < config_section_count; s++) {
		sbuf_printf(out, ".Ss [%s%s]\n%s\n.Bl -tag -width Ds\n", config_sections[s].name,
			    config_sections[s].list ? " NAME" : "", config_sections[s].help);
		for (unsigned i = 0; i < config_row_count; i++)
			if (!strcmp(config_rows[i].section, config_sections[s].name))
				man_row(out, &config_rows[i]);
		sbuf_printf(out, ".El\n");
	}
}
