/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the configuration reader: rows (one for each keyword), types (how a value is read and
 * written), and the state of one reading. Nobody outside daemon/config*.c and its tests needs it.
 */
#ifndef DAEMON_CONFIG_TABLE_H
#define DAEMON_CONFIG_TABLE_H

#include "daemon/config.h"

#define CONFIG_FIELDS_MAX 32 /* comma-separated fields of a value */

/* A value taken apart: at its commas, blanks trimmed, quotes and escapes undone. */
struct config_input {
	const char *field[CONFIG_FIELDS_MAX];
	unsigned count;
	unsigned line;
};

struct config_row;

struct config_type {
	const char *syntax; /* what may be written, for people; NULL: made of the row's names */
	/* Fills @item from the value, or says in @why what is wrong and what is allowed. */
	int (*parse)(const struct config_row *row, const struct config_input *in, void *item,
		     struct sbuf *why);
	/* Writes the item as the file has it. False: it is not set, nothing was written. */
	bool (*format)(const struct config_row *row, const void *item, struct sbuf *out);
	/* Whether two items of a list say the same, which may be said once. NULL: any may stand. */
	bool (*same)(const void *a, const void *b);
	bool each;  /* every field is an item of its own */
	bool range; /* the row's min and max are those of the value */
};

enum config_row_flags {
	CONFIG_REPEAT = 1 << 0, /* may stand more than once: the lines add up */
	CONFIG_EMPTY = 1 << 2,	/* may have no value: as if it were not there */
};

struct config_row {
	const char *section, *key;
	const struct config_type *type;
	const char *const *names; /* of an enum, in its order, NULL at the end */
	uint32_t offset, size;	  /* of the field, or of a list's pointer and one item */
	uint32_t count_offset;	  /* of a list's counter; 0: not a list */
	uint32_t items_max;	  /* of a list */
	bool fixed;		  /* the list's items lie at offset, not behind a pointer */
	uint32_t min, max;
	const char *def; /* as it would be written; NULL: none */
	unsigned flags;
	const char *help; /* a sentence or two for the manual page */
};

extern const struct config_row config_rows[];
extern const unsigned config_row_count;

/* Sections as people see them, in the order of the table. One with a list stands once for each
 * item of it, as [NAME ITEM]: its rows' offsets are those of an item, which begins with a struct
 * config_head. Such rows are lists without a default: what stands where is in their items. */
struct config_section {
	const char *name, *help;
	const struct config_row *list;
};
extern const struct config_section config_sections[];
extern const unsigned config_section_count;

extern const struct config_type config_type_number, config_type_bool, config_type_enum,
	config_type_enum_list, config_type_text, config_type_ifname, config_type_path,
	config_type_ip4, config_type_ip6, config_type_prefix6, config_type_endpoint,
	config_type_address, config_type_interface, config_type_mac_filter, config_type_pado_delay,
	config_type_pool, config_type_prefix_pool, config_type_address_pool, config_type_secret,
	config_type_radius_server, config_type_dae_server, config_type_pool4, config_type_default,
	config_type_domain, config_type_cli_user, config_type_time_range, config_type_profile_rate,
	config_type_profile_burst, config_type_profile_priority,
	config_type_mirror_port, config_type_mirror_rule, config_type_network, config_type_prefix4,
	config_type_dns64_net, config_type_dns64_mapped, config_type_user,
	config_type_core, config_type_spread;

/* Shared by the types. The copies say in @why what is allowed; -EINVAL. */
/* Says "'VALUE' is not ALLOWED"; -EINVAL. */
int config_refuse(struct sbuf *why, const char *value, const char *allowed);
int config_text_copy(char *dst, size_t cap, const char *src, struct sbuf *why);
int config_ifname_copy(char dst[IFNAMSIZ], const char *src, struct sbuf *why);
void config_text_write(const char *s, struct sbuf *out); /* quoted where it must be */
/* Whether a [SECTION NAME] can have this name: 1 to 63 letters, digits, '.', '_' and '-'. */
bool config_is_name(const char *s);

/* One reading of one file. */
struct config_reader {
	const char *path;
	struct config *cfg;
	struct sbuf *errors;
	unsigned error_count;
	unsigned line;
	const struct config_section *section; /* NULL: none yet, or an unknown one */
	bool skip;			      /* the section is unknown: told once, its keys not */
	void *item;			      /* of a section with a list: the one being read */
	unsigned *row_line;		      /* where each row stood first; 0: nowhere */
	unsigned *section_line;
};

void config_error(struct config_reader *r, unsigned line, const char *section, const char *key,
		  const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The line of a key, else of its section, else 1. */
unsigned config_line_of(const struct config_reader *r, const char *section, const char *key);
/* Whether the key stands in the file. */
bool config_given(const struct config_reader *r, const char *section, const char *key);

/* Takes @text (which it overwrites) apart. 0, or -EINVAL and @why. */
int config_lex_value(char *text, struct config_input *ret, struct sbuf *why);
/* The name that was most likely meant, or NULL. */
const char *config_closest(const char *s, const char *(*name)(unsigned i, const void *arg),
			   unsigned count, const void *arg);

/* What no single line shows. Told as errors of @r. */
void config_check(struct config_reader *r);
void config_check_shaper(struct config_reader *r); /* makes the profiles, too */
void config_check_nat64(struct config_reader *r);
void config_check_mirror(struct config_reader *r);
void config_check_dns64(struct config_reader *r);
void config_check_spread(struct config_reader *r);
void config_check_cli(struct config_reader *r);

/* A field in place: item @i of a list (0 where the row is not one). @base: the configuration, or
 * the item of the row's section. */
const void *config_item(const void *base, const struct config_row *row, unsigned i);
unsigned config_item_count(const void *base, const struct config_row *row);
const struct config_section *config_section_of(const struct config_row *row);
/* How often the row's section stands in it, and what each one's base is. */
unsigned config_base_count(const struct config *cfg, const struct config_section *s);
const void *config_base(const struct config *cfg, const struct config_section *s, unsigned i);
/* [SECTION], or [SECTION NAME]. */
struct config_place {
	const struct config_section *section;
	const char *name; /* NULL: it stands once */
};
/* Each value that is in effect, as it would be written (secrets as "***"), in the table's order; a
 * section begins with a call without a row. */
typedef void config_value_fn(void *arg, const struct config_place *place,
			     const struct config_row *row, const char *value);
void config_each(const struct config *cfg, config_value_fn *fn, void *arg);
/* What may be written for this row, for people: "yes | no", "NUMBER (1..10)". */
void config_row_syntax(const struct config_row *row, struct sbuf *out);

/* The options part of the manual page, in mdoc. */
void config_man_print(struct sbuf *out);

#endif
