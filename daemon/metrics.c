// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * JSON of commands as Prometheus' text, format 0.0.4. Nothing here has a label that grows with the
 * number of lines: labels are of our enumerations, or of what the configuration names. What is not
 * there (no RADIUS, no NAT64) has no samples.
 */
#include "daemon/http.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

enum source { STAT, HEALTH, POOLS, RADIUS, NAT64, MIRROR, KERNEL, SOURCES };

struct metrics {
	struct sbuf *out;
	json_t *in[SOURCES];
};

/* How a row is made of the JSON at its path. */
enum shape {
	NUMBER,	   /* a sample */
	KEYS,	   /* an object of numbers: a sample of each, the key is the label */
	ROWS,	   /* an array of objects: a sample of each, labels as of label_keys */
	HISTOGRAM, /* as of hist_show() */
	HISTOGRAMS /* an object of these: the key is the label */
};

struct metric {
	const char *name, *type, *help;
	enum source source;
	const char *path; /* keys, or indices of arrays, with dots between them; "": all of it */
	enum shape shape;
	const char *label; /* KEYS, HISTOGRAMS: its name. ROWS: "label=key,label=key" */
	const char *fixed; /* more labels, as text; NULL: none */
	const char *key;   /* ROWS: of the value; an array's histogram is one too */
	double scale;	   /* 0: 1 */
};

/* Rows of one name stand together. */
static const struct metric metrics[] = {
#include "daemon/metrics_rows.h"
};
#define METRICS ARRAY_SIZE(metrics)

static json_t *at(json_t *j, const char *path)
{
	while (j && *path) {
		char key[48];
		size_t n = strcspn(path, ".");

		if (n >= sizeof(key))
			return NULL;
		memcpy(key, path, n);
		key[n] = '\0';
		j = json_is_array(j) ? json_array_get(j, (size_t)atoi(key)) : json_object_get(j, key);
		path += n + (path[n] == '.');
	}
	return j;
}

/* Label values may hold anything: a backslash, a quote and a newline are escaped. */
static void label(struct sbuf *out, const char **comma, const char *name, const char *value)
{
	sbuf_printf(out, "%s%s=\"", *comma, name);
	*comma = ",";
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			sbuf_append(out, "\\", 1);
		if (*value == '\n')
			sbuf_append(out, "\\n", 2);
		else
			sbuf_append(out, value, 1);
	}
	sbuf_append(out, "\"", 1);
}

/* "label=key,label=key" of an object's members. */
static void labels_of(struct sbuf *out, const char **comma, const char *list, const json_t *row)
{
	while (list && *list) {
		char name[32] = "", key[32] = "", text[32];
		const json_t *v;
		int used = 0;

		if (sscanf(list, "%31[^=]=%31[^,]%n", name, key, &used) != 2)
			return;
		v = json_object_get(row, key);
		snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		label(out, comma, name, json_is_string(v) ? json_string_value(v) : text);
		list += used + (list[used] == ',');
	}
}

static bool number(const json_t *v, double *ret)
{
	if (json_is_boolean(v))
		*ret = json_is_true(v);
	else if (json_is_number(v))
		*ret = json_number_value(v);
	else
		return false;
	return true;
}

static void value(struct sbuf *out, const struct metric *m, const json_t *v)
{
	double d = 0;

	if (json_is_integer(v) && !m->scale) { /* all of its digits */
		sbuf_printf(out, " %" JSON_INTEGER_FORMAT "\n", json_integer_value(v));
		return;
	}
	(void)number(v, &d);
	sbuf_printf(out, " %.15g\n", m->scale ? d * m->scale : d);
}

/* The labels that every sample of this one has; the bracket is closed by the caller. */
static void begin(struct metrics *s, const struct metric *m, const char *suffix,
		  const char *label_value, const json_t *row, const char **comma)
{
	*comma = "{";
	sbuf_printf(s->out, "%s%s", m->name, suffix);
	if (m->shape == KEYS || m->shape == HISTOGRAMS)
		label(s->out, comma, m->label, label_value);
	else
		labels_of(s->out, comma, m->label, row);
	if (m->fixed) {
		sbuf_printf(s->out, "%s%s", *comma, m->fixed);
		*comma = ",";
	}
}

static void sample(struct metrics *s, const struct metric *m, const char *label_value,
		   const json_t *row, const json_t *v)
{
	const char *comma;
	double d;

	if (!number(v, &d))
		return;
	begin(s, m, "", label_value, row, &comma);
	sbuf_printf(s->out, "%s", *comma == ',' ? "}" : "");
	value(s->out, m, v);
}

static void bucket(struct metrics *s, const struct metric *m, const char *label_value,
		   const json_t *row, const char *bound, uint64_t count)
{
	const char *comma;

	begin(s, m, "_bucket", label_value, row, &comma);
	label(s->out, &comma, "le", bound);
	sbuf_printf(s->out, "} %" PRIu64 "\n", count);
}

static void histogram(struct metrics *s, const struct metric *m, const char *label_value,
		      const json_t *row, json_t *h)
{
	const json_t *bounds = json_object_get(h, "le-us"), *counts = json_object_get(h, "counts");
	uint64_t total = 0;
	const char *comma;
	char text[32];

	if (!json_is_array(bounds) || json_array_size(counts) != json_array_size(bounds) + 1)
		return;
	for (size_t i = 0; i < json_array_size(counts); i++) {
		total += (uint64_t)json_integer_value(json_array_get(counts, i));
		if (i < json_array_size(bounds))
			snprintf(text, sizeof(text), "%g",
				 json_number_value(json_array_get(bounds, i)) / 1e6);
		else
			snprintf(text, sizeof(text), "+Inf");
		bucket(s, m, label_value, row, text, total);
	}
	begin(s, m, "_sum", label_value, row, &comma);
	sbuf_printf(s->out, "%s %.15g\n", *comma == ',' ? "}" : "",
		    json_number_value(json_object_get(h, "sum-us")) / 1e6);
	begin(s, m, "_count", label_value, row, &comma);
	sbuf_printf(s->out, "%s %" PRIu64 "\n", *comma == ',' ? "}" : "", total);
}

static void rows(struct metrics *s, const struct metric *m, json_t *array)
{
	bool histograms = !strcmp(m->type, "histogram");
	json_t *row;
	size_t i;

	json_array_foreach(array, i, row)
	{
		json_t *v = json_object_get(row, m->key);

		if (histograms)
			histogram(s, m, NULL, row, v);
		else
			sample(s, m, NULL, row, v);
	}
}

static void write_metric(struct metrics *s, const struct metric *m)
{
	json_t *j = at(s->in[m->source], m->path), *v;
	const char *key;

	switch (m->shape) {
	case NUMBER:
		sample(s, m, NULL, j, j);
		break;
	case KEYS:
		json_object_foreach(j, key, v) sample(s, m, key, NULL, v);
		break;
	case ROWS:
		rows(s, m, j);
		break;
	case HISTOGRAM:
		histogram(s, m, NULL, NULL, j);
		break;
	case HISTOGRAMS:
		json_object_foreach(j, key, v) histogram(s, m, key, NULL, v);
		break;
	}
}

/* Mirror rules are of users: only their sums are told. */
static void sum_mirror(struct metrics *s)
{
	static const char *const keys[] = { "packets", "bytes", "drops" };
	json_t *sum, *row;
	size_t i;

	if (!json_is_array(s->in[MIRROR]))
		return;
	sum = json_object();
	json_object_set_new(sum, "rules", json_integer((json_int_t)json_array_size(s->in[MIRROR])));
	for (unsigned k = 0; k < ARRAY_SIZE(keys); k++) {
		json_int_t total = 0;

		json_array_foreach(s->in[MIRROR], i, row) total +=
			json_integer_value(json_object_get(row, keys[k]));
		json_object_set_new(sum, keys[k], json_integer(total));
	}
	json_decref(s->in[MIRROR]);
	s->in[MIRROR] = sum;
}

/* One server's states as numbers, so that an alert can be built of them. */
static void server_states(json_t *radius)
{
	json_t *row;
	size_t i;

	json_array_foreach(radius, i, row)
	{
		const char *state = json_string_value(json_object_get(row, "state"));

		json_object_set_new(row, "up", json_boolean(state && !strcmp(state, "up")));
	}
}

int metrics_write(const struct metrics_input *in, struct sbuf *out)
{
	const char *text[SOURCES] = { in->stat,	 in->health, in->pools, in->radius,
				      in->nat64, in->mirror, in->kernel };
	struct metrics s = { .out = out };
	size_t head = 0, body = 0;

	for (unsigned i = 0; i < SOURCES; i++)
		s.in[i] = text[i] && *text[i] ? json_loads(text[i], JSON_DECODE_ANY, NULL) : NULL;
	sum_mirror(&s);
	server_states(s.in[RADIUS]);
	for (unsigned i = 0; i < METRICS; i++) {
		const struct metric *m = &metrics[i];

		if (!i || strcmp(m->name, m[-1].name) != 0) {
			head = out->len;
			sbuf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name,
				    m->type);
			body = out->len;
		}
		write_metric(&s, m);
		if ((i + 1 == METRICS || strcmp(m->name, m[1].name) != 0) && out->len == body)
			out->len = head; /* no sample: no head */
	}
	for (unsigned i = 0; i < SOURCES; i++)
		json_decref(s.in[i]);
	return out->bad ? -ENOMEM : 0;
}

int metrics_member(const char *object, const char *name, struct sbuf *out)
{
	json_t *j = json_loads(object, 0, NULL), *member = json_object_get(j, name);
	char *text = member ? json_dumps(member, JSON_COMPACT) : NULL;

	if (text)
		sbuf_printf(out, "%s\n", text);
	json_decref(j);
	if (!text)
		return -EBADMSG;
	free(text);
	return 0;
}

static void copy_name(char ret[16], const json_t *v)
{
	snprintf(ret, 16, "%s", json_is_string(v) ? json_string_value(v) : "");
}

void metrics_wanted_parse(const char *health, struct metrics_wanted *ret)
{
	json_t *j = health ? json_loads(health, 0, NULL) : NULL, *row;
	size_t i;

	*ret = (struct metrics_wanted){ 0 };
	copy_name(ret->device, json_object_get(j, "device"));
	ret->shaper = json_is_true(json_object_get(j, "shaper"));
	json_array_foreach(json_object_get(j, "interfaces"), i, row)
	{
		if (ret->count < METRICS_NAMES_MAX)
			copy_name(ret->names[ret->count++], json_object_get(row, "name"));
	}
	json_decref(j);
}
