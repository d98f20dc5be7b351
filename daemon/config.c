// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads the configuration file into a struct config, by the rows of config_table.c. Nothing of a
 * file with an error in it is handed over. */
#include "daemon/config_table.h"

#include "daemon/config_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CONFIG_FILE_MAX (1u << 20)

void config_error(struct config_reader *r, unsigned line, const char *section, const char *key,
		  const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (r->error_count++ >= CONFIG_ERRORS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sbuf_printf(r->errors, "%s:%u: ", r->path, line);
	if (section)
		sbuf_printf(r->errors, "[%s]%s%s: ", section, key ? " " : "", key ? key : "");
	sbuf_printf(r->errors, "%s\n", text);
}

static const struct config_row *find_row(const char *section, const char *key)
{
	for (unsigned i = 0; i < config_row_count; i++)
		if (!strcmp(config_rows[i].section, section) && !strcmp(config_rows[i].key, key))
			return &config_rows[i];
	return NULL;
}

unsigned config_line_of(const struct config_reader *r, const char *section, const char *key)
{
	const struct config_row *row = find_row(section, key);

	if (row && r->row_line[row - config_rows])
		return r->row_line[row - config_rows];
	for (unsigned i = 0; i < config_section_count; i++)
		if (!strcmp(config_sections[i].name, section) && r->section_line[i])
			return r->section_line[i];
	return 1;
}

bool config_given(const struct config_reader *r, const char *section, const char *key)
{
	const struct config_row *row = find_row(section, key);

	return row && r->row_line[row - config_rows];
}

unsigned config_item_count(const void *base, const struct config_row *row)
{
	unsigned n;

	if (!row->count_offset)
		return 1;
	memcpy(&n, (const char *)base + row->count_offset, sizeof(n));
	return n;
}

const void *config_item(const void *base, const struct config_row *row, unsigned i)
{
	const char *items = (const char *)base + row->offset;

	if (row->count_offset && !row->fixed)
		memcpy(&items, (const char *)base + row->offset, sizeof(items));
	return items + (size_t)i * row->size;
}

const struct config_section *config_section_of(const struct config_row *row)
{
	unsigned i = 0;

	while (strcmp(config_sections[i].name, row->section) != 0)
		i++;
	return &config_sections[i];
}

unsigned config_base_count(const struct config *cfg, const struct config_section *s)
{
	return s->list ? config_item_count(cfg, s->list) : 1;
}

const void *config_base(const struct config *cfg, const struct config_section *s, unsigned i)
{
	return s->list ? config_item(cfg, s->list, i) : cfg;
}

/* Room for one item more at the list's end. A copy that is left behind is wiped: it may hold a
 * secret. */
static void *list_room(void *base, const struct config_row *row, unsigned count)
{
	char *field = (char *)base + row->offset;
	void *items, *bigger;

	if (row->fixed)
		return field + (size_t)count * row->size;
	memcpy(&items, field, sizeof(items));
	if (!(count & (count - 1))) {
		bigger = calloc(count ? 2 * (size_t)count : 1, row->size);
		if (!bigger)
			return NULL;
		if (count) {
			memcpy(bigger, items, (size_t)count * row->size);
			explicit_bzero(items, (size_t)count * row->size);
		}
		free(items);
		memcpy(field, &bigger, sizeof(bigger));
		items = bigger;
	}
	return (char *)items + (size_t)count * row->size;
}

/* Whether the list's first @count items say what @item says. */
static bool stands_already(const void *base, const struct config_row *row, unsigned count,
			   const void *item)
{
	for (unsigned i = 0; i < count && row->type->same; i++)
		if (row->type->same(config_item(base, row, i), item))
			return true;
	return false;
}

static int add_item(void *base, const struct config_row *row, const struct config_input *in,
		    struct sbuf *why)
{
	unsigned count = config_item_count(base, row);
	char esc[64];
	void *item;
	int rc;

	if (!row->count_offset)
		return row->type->parse(row, in, (char *)base + row->offset, why);
	if (count >= row->items_max) {
		sbuf_printf(why, "given more often than %u times", row->items_max);
		return -EINVAL;
	}
	item = list_room(base, row, count);
	if (!item) {
		sbuf_printf(why, "no memory");
		return -ENOMEM;
	}
	rc = row->type->parse(row, in, item, why);
	if (!rc && stands_already(base, row, count, item)) {
		sbuf_printf(why, "'%s' stands there twice; once is allowed",
			    str_escape(esc, sizeof(esc), in->field[0], strlen(in->field[0])));
		rc = -EINVAL;
	}
	if (rc) {
		explicit_bzero(item, row->size);
		return rc;
	}
	count++;
	memcpy((char *)base + row->count_offset, &count, sizeof(count));
	return 0;
}

/* A value, taken apart, goes to its field or list. */
static int apply(void *base, const struct config_row *row, const struct config_input *in,
		 struct sbuf *why)
{
	bool each = row->type->each && row->count_offset;

	if (!each && in->count > 1 && !strchr(row->type->syntax ? row->type->syntax : "", ',')) {
		sbuf_printf(why, "%u values where one is allowed", in->count);
		return -EINVAL;
	}
	if (!each)
		return add_item(base, row, in, why);
	for (unsigned i = 0; i < in->count; i++) {
		struct config_input one = {
			.field = { in->field[i] },
			.count = 1,
			.line = in->line,
		};
		int rc = add_item(base, row, &one, why);

		if (rc)
			return rc;
	}
	return 0;
}

static void read_value(struct config_reader *r, const struct config_row *row, char *value)
{
	struct config_input in = { .line = r->line };
	unsigned *first = &r->row_line[row - config_rows];
	struct sbuf why = { 0 };
	int rc;

	if (*first && !(row->flags & CONFIG_REPEAT)) {
		config_error(r, r->line, row->section, row->key,
			     "given already in line %u; only one is allowed", *first);
		return;
	}
	if (!*first)
		*first = r->line;
	rc = config_lex_value(value, &in, &why);
	if (!rc && !in.count) {
		if (row->flags & CONFIG_EMPTY)
			return;
		sbuf_printf(&why, "no value; allowed is ");
		config_row_syntax(row, &why);
		rc = -EINVAL;
	}
	if (!rc)
		rc = apply(r->item ? r->item : r->cfg, row, &in, &why);
	if (rc)
		config_error(r, r->line, row->section, row->key, "%s", why.p ? why.p : "no memory");
	sbuf_fini(&why);
}

static const char *section_name(unsigned i, const void *arg)
{
	(void)arg;
	return config_sections[i].name;
}

static const char *key_name(unsigned i, const void *arg)
{
	return strcmp(config_rows[i].section, arg) ? NULL : config_rows[i].key;
}

static void unknown_key(struct config_reader *r, const char *section, const char *key)
{
	struct sbuf known = { 0 };
	const char *meant;
	char esc[64];

	if (r->error_count >= CONFIG_ERRORS_MAX) { /* counted, not told: spare the guessing */
		r->error_count++;
		return;
	}
	meant = config_closest(key, key_name, config_row_count, section);
	str_escape(esc, sizeof(esc), key, strlen(key));
	for (unsigned i = 0; i < config_row_count; i++)
		if (key_name(i, section))
			sbuf_printf(&known, " %s", config_rows[i].key);
	if (meant)
		config_error(r, r->line, section, esc, "unknown key; did you mean '%s'?", meant);
	else
		config_error(r, r->line, section, esc, "unknown key; allowed are:%s",
			     known.p ? known.p : "");
	sbuf_fini(&known);
}

/* Takes blanks off both ends, in place. */
static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " \t");
	for (len = strlen(s); len && (s[len - 1] == ' ' || s[len - 1] == '\t'); len--)
		s[len - 1] = '\0';
	return s;
}

static void read_key(struct config_reader *r, char *line)
{
	const struct config_row *row;
	char *value = strchr(line, '=');
	char esc[64], *key;

	if (r->skip)
		return;
	if (!r->section) {
		config_error(r, r->line, NULL, NULL, "a key before the first [section]");
		return;
	}
	if (!value) {
		str_escape(esc, sizeof(esc), line, strcspn(line, " \t#"));
		config_error(r, r->line, r->section->name, esc,
			     "no '='; a line is KEY = VALUE, [SECTION] or # COMMENT");
		return;
	}
	*value++ = '\0';
	key = trim(line);
	row = find_row(r->section->name, key);
	if (row)
		read_value(r, row, value);
	else
		unknown_key(r, r->section->name, key);
}

bool config_is_name(const char *s)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return len && !s[len] && len < CONFIG_NAME_MAX;
}

/* The list's item of this name, or NULL. */
static const struct config_head *find_head(const struct config *cfg, const struct config_row *list,
					   const char *name)
{
	for (unsigned i = 0; i < config_item_count(cfg, list); i++) {
		const struct config_head *head = config_item(cfg, list, i);

		if (!strcmp(head->name, name))
			return head;
	}
	return NULL;
}

/* [SECTION NAME] begins an item of the section's list. */
static void begin_item(struct config_reader *r, const struct config_section *s, const char *name)
{
	const struct config_row *list = s->list;
	unsigned count = config_item_count(r->cfg, list);
	const struct config_head *first = find_head(r->cfg, list, name);
	struct config_head *head;
	char esc[64];

	str_escape(esc, sizeof(esc), name, strlen(name));
	if (!config_is_name(name)) {
		config_error(r, r->line, s->name, NULL,
			     "'%s': a name of 1 to %u letters, digits, '.', '_' and '-' is needed: "
			     "[%s NAME]",
			     esc, CONFIG_NAME_MAX - 1, s->name);
		return;
	}
	if (first) {
		config_error(r, r->line, s->name, NULL, "'%s' stands already in line %u", esc,
			     first->line);
		return;
	}
	if (count >= list->items_max) {
		config_error(r, r->line, s->name, NULL, "'%s' is one too many; %u are allowed", esc,
			     list->items_max);
		return;
	}
	r->item = list_room(r->cfg, list, count);
	if (!r->item) {
		config_error(r, r->line, s->name, NULL, "no memory");
		return;
	}
	head = r->item;
	memcpy(head->name, name, strlen(name));
	head->line = r->line;
	count++;
	memcpy((char *)r->cfg + list->count_offset, &count, sizeof(count));
	r->skip = false;
}

static void begin_section(struct config_reader *r, const struct config_section *s, const char *name)
{
	r->section = s;
	if (!r->section_line[s - config_sections])
		r->section_line[s - config_sections] = r->line;
	if (s->list)
		begin_item(r, s, name);
	else
		r->skip = false;
}

/* Its first word tells what it was to be; overwrites the rest. */
static void unknown_section(struct config_reader *r, char *name)
{
	const struct config_section *meant = NULL;
	const char *closest;
	char esc[64];

	str_escape(esc, sizeof(esc), name, strlen(name));
	name[strcspn(name, " \t")] = '\0';
	closest = config_closest(name, section_name, config_section_count, NULL);
	for (unsigned i = 0; closest && !meant; i++)
		if (config_sections[i].name == closest)
			meant = &config_sections[i];
	if (meant)
		config_error(r, r->line, esc, NULL, "unknown section; did you mean [%s%s]?",
			     meant->name, meant->list ? " NAME" : "");
	else
		config_error(r, r->line, esc, NULL,
			     "unknown section; allowed are those of "
			     "brasd.conf(5), [pppoe] for one");
}

static void read_section(struct config_reader *r, char *line)
{
	char *end = strchr(line, ']'), *rest = end ? end + 1 + strspn(end + 1, " \t") : NULL;
	char *name;

	r->section = NULL;
	r->item = NULL;
	r->skip = true;
	if (!end || (*rest && *rest != '#')) {
		config_error(r, r->line, NULL, NULL, "a section is [NAME], alone on its line");
		return;
	}
	*end = '\0';
	name = trim(line + 1);
	for (unsigned i = 0; i < config_section_count; i++) {
		size_t len = strlen(config_sections[i].name);

		if (strncmp(config_sections[i].name, name, len) != 0)
			continue;
		if (!name[len] || (config_sections[i].list && strchr(" \t", name[len]))) {
			begin_section(r, &config_sections[i], trim(name + len));
			return;
		}
	}
	unknown_section(r, name);
}

static void read_line(struct config_reader *r, const char *text, size_t len)
{
	char line[CONFIG_LINE_MAX], *s;

	if (len && text[len - 1] == '\r')
		len--;
	if (len >= sizeof(line)) {
		config_error(r, r->line, r->section ? r->section->name : NULL, NULL,
			     "%zu octets in the line; at most %zu are allowed", len,
			     sizeof(line) - 1);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] >= ' ' || text[i] == '\t')
			continue;
		config_error(r, r->line, r->section ? r->section->name : NULL, NULL,
			     "octet 0x%02x at position %zu; control characters are not allowed",
			     (unsigned char)text[i], i + 1);
		return;
	}
	memcpy(line, text, len);
	line[len] = '\0';
	s = trim(line);
	if (*s == '[')
		read_section(r, s);
	else if (*s && *s != '#')
		read_key(r, s);
	explicit_bzero(line, sizeof(line));
}

/* What the file does not say. */
static void read_defaults(struct config_reader *r)
{
	for (unsigned i = 0; i < config_row_count; i++) {
		const struct config_row *row = &config_rows[i];
		struct config_input in = { 0 };
		struct sbuf why = { 0 };
		char text[128];

		if (!row->def || r->row_line[i] || config_section_of(row)->list)
			continue;
		snprintf(text, sizeof(text), "%s", row->def);
		if (config_lex_value(text, &in, &why) || apply(r->cfg, row, &in, &why))
			config_error(r, 1, row->section, row->key, "default: %s",
				     why.p ? why.p : "no memory");
		sbuf_fini(&why);
	}
}

static void read_text(struct config_reader *r, const char *text, size_t len)
{
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		r->line++;
		read_line(r, text, n);
		text += n + !!end;
		len -= n + !!end;
	}
	read_defaults(r);
	/* A check on half of what was meant would tell of errors that are none. */
	if (!r->error_count && text)
		config_check(r);
	if (r->error_count > CONFIG_ERRORS_MAX)
		sbuf_printf(r->errors, "%s: %u more errors are not shown\n", r->path,
			    r->error_count - CONFIG_ERRORS_MAX);
}

int config_parse(const char *path, const char *text, size_t len, struct config **ret,
		 struct sbuf *errors)
{
	_cleanup_free_ unsigned *row_line = calloc(config_row_count, sizeof(*row_line));
	_cleanup_free_ unsigned *section_line = calloc(config_section_count, sizeof(*section_line));
	struct config_reader r = {
		.path = path,
		.errors = errors,
		.row_line = row_line,
		.section_line = section_line,
		.cfg = calloc(1, sizeof(struct config)),
	};

	if (!row_line || !section_line || !r.cfg) {
		sbuf_printf(errors, "%s: no memory\n", path);
		config_free(r.cfg);
		return -ENOMEM;
	}
	read_text(&r, text, len);
	if (r.error_count) {
		config_free(r.cfg);
		return -EINVAL;
	}
	*ret = r.cfg;
	return 0;
}

int config_load(const char *path, struct config **ret, struct sbuf *errors)
{
	struct file_text file;
	int rc = file_read(path, CONFIG_FILE_MAX, &file);

	if (rc) {
		sbuf_printf(errors, "%s: %s\n", path, file_strerror(rc));
		return rc;
	}
	rc = config_parse(path, file.text, file.len, ret, errors);
	file_text_fini(&file);
	return rc;
}

static void free_list(void *base, const struct config_row *row)
{
	void *items;

	if (!row->count_offset || row->fixed)
		return;
	memcpy(&items, (char *)base + row->offset, sizeof(items));
	if (items)
		explicit_bzero(items, (size_t)config_item_count(base, row) * row->size);
	free(items);
}

void config_free(struct config *cfg)
{
	if (!cfg)
		return;
	for (unsigned i = 0; i < config_row_count; i++) {
		const struct config_section *s = config_section_of(&config_rows[i]);

		for (unsigned k = 0; k < config_base_count(cfg, s); k++)
			free_list((void *)config_base(cfg, s, k), &config_rows[i]);
	}
	for (unsigned i = 0; i < config_section_count; i++)
		if (config_sections[i].list)
			free_list(cfg, config_sections[i].list);
	free(cfg->profiles);
	sbuf_fini(&cfg->warnings);
	explicit_bzero(cfg, sizeof(*cfg));
	free(cfg);
}
