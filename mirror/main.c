// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * brasmon: subscribers' packets as a capture file, or at a virtual port. Asks brasd for a stream,
 * reads the packets from the data plane's rings, writes pcapng or frames. The stream ends with our
 * connection to brasd; a virtual port lives on, and asks again.
 */
#include "base/client.h"
#include "mirror/frame.h"
#include "mirror/pcapng.h"
#include "mirror/port.h"
#include "mirror/ring.h"
#include "mirror/rule.h"
#include "mirror/stream.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>

#define NAME	      "brasmon"
#define LINE_MAX_TOLD 16384
#define MOMENT_MS     2
#define MOMENT	      (MOMENT_MS * 1000000ull)
#define AGAIN_MS      500 /* until a virtual port asks brasd again */

enum { EXIT_REFUSED = 1, EXIT_WRONG = 2, EXIT_ALONE = 3 }; /* as brasctl's */

struct options {
	const char *socket, *file, *device, *snap;
	bool control, secrets;
	unsigned argc;
	char *const *argv; /* USER, RULE... */
	uint32_t seconds;  /* 0: until it is ended */
};

struct monitor {
	const struct options *options;
	struct client client;
	struct stream stream;
	struct ring *ring;
	struct sbuf out;
	FILE *file;
	int port;  /* of a virtual port; -1: none */
	bool full; /* the file takes no more */
	char line[LINE_MAX_TOLD];
	size_t line_len;
	uint64_t ring_lost; /* of which the rings have told */
	unsigned number;
	char map[256];
	bool begun;
};

static void usage(FILE *out)
{
	fputs("usage: " NAME " [-i INSTANCE | -S SOCKET] USER|all [RULE...] [-s SNAP]\n"
	      "               [-w FILE | -d DEVICE] [--control [--secrets]]\n"
	      "  -s SNAP    octets of a packet that are kept\n"
	      "  -w FILE    the capture, pcapng; - or none: standard output\n"
	      "  -d DEVICE  a virtual port that is made, for programs that read with libpcap\n"
	      "  --control  discovery, PPP and RADIUS too, secrets masked; --secrets: not\n"
	      "a rule: both|up|down ip4|ip6 proto= port= net= sample= for= until=\n",
	      out);
}

/* --- what brasd tells ------------------------------------------------------------------------ */

static uint64_t number_of(const json_t *o, const char *name)
{
	json_int_t v = json_integer_value(json_object_get(o, name));

	return v > 0 ? (uint64_t)v : 0;
}

static int on_session(struct monitor *m, const json_t *o)
{
	struct stream_session who = {
		.generation = (uint32_t)number_of(o, "generation"),
		.sid = (uint32_t)number_of(o, "sid"),
		.rate_down = number_of(o, "rate-down"),
		.rate_up = number_of(o, "rate-up"),
	};
	char *name = strdup(json_string_value(json_object_get(o, "username")) ?: "");
	int rc;

	if (!name)
		return -ENOMEM;
	who.username = name;
	rc = stream_learn(&m->stream, (uint32_t)number_of(o, "slot"), &who);
	free(name);
	return rc;
}

static int on_control(struct monitor *m, const json_t *o, const char *kind)
{
	const char *hex = json_string_value(json_object_get(o, "data"));
	uint8_t data[STREAM_CONTROL_MAX];
	struct stream_control c = {
		.kind = strcmp(kind, "radius") ? STREAM_PPPOE : STREAM_RADIUS,
		.time = number_of(o, "time"),
		.user = json_string_value(json_object_get(o, "username")),
		.sid = (uint32_t)number_of(o, "sid"),
		.up = json_is_true(json_object_get(o, "in")),
		.data = data,
	};
	int n = hex ? stream_hex(hex, data, sizeof(data)) : -EBADMSG;

	if (n < 0)
		return n;
	c.len = (uint32_t)n;
	return stream_control(&m->stream, &c);
}

static int on_told(struct monitor *m, const json_t *o)
{
	const char *map = json_string_value(json_object_get(o, "map"));
	const char *control = json_string_value(json_object_get(o, "control"));

	if (control)
		return on_control(m, o, control);
	if (json_object_get(o, "lost")) {
		m->stream.lost += number_of(o, "lost");
		return 0;
	}
	if (!map)
		return on_session(m, o);
	m->number = (unsigned)number_of(o, "stream");
	snprintf(m->map, sizeof(m->map), "%s", map);
	m->begun = true;
	return 0;
}

static int on_line(struct monitor *m)
{
	json_t *o = json_loadb(m->line, m->line_len, 0, NULL);
	int rc = o && json_is_object(o) ? on_told(m, o) : -EBADMSG;

	json_decref(o);
	m->line_len = 0;
	return rc;
}

static int take_octets(struct monitor *m, const char *buf, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		if (buf[i] == '\n')
			rc = on_line(m);
		else if (m->line_len == sizeof(m->line))
			rc = -EBADMSG;
		else
			m->line[m->line_len++] = buf[i];
	}
	return rc;
}

/* What has come, and what the client has read ahead. -EPIPE: brasd has gone. */
static int take_told(struct monitor *m)
{
	char buf[4096];
	size_t n;
	int rc;

	do {
		rc = client_some(&m->client, buf, sizeof(buf), &n);
		rc = rc ? rc : take_octets(m, buf, n);
	} while (!rc && m->client.pos != m->client.len);
	return rc;
}

/* --- packets --------------------------------------------------------------------------------- */

static void write_out(struct monitor *m)
{
	if (m->out.len && !m->full && fwrite(m->out.p, 1, m->out.len, m->file) != m->out.len)
		m->full = true;
	m->out.len = 0;
}

static void on_event(void *arg, const void *event, size_t len)
{
	struct monitor *m = arg;

	if (stream_event(&m->stream, event, len) == -ENOMEM)
		m->stream.lost++;
}

static void on_lost(void *arg, uint64_t count)
{
	struct monitor *m = arg;

	m->ring_lost += count;
	m->stream.lost += count;
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void to_port(void *arg, const struct stream_packet *p)
{
	static uint8_t frame[FRAME_MAX];
	struct monitor *m = arg;
	int n = frame_write(p, frame, sizeof(frame));

	if (n < 0 || port_write(m->port, frame, (size_t)n))
		m->stream.lost++;
}

/* What is younger than a moment waits: another CPU's ring may have what came before. */
static int pass_on(struct monitor *m, bool all)
{
	uint64_t until = all ? UINT64_MAX : clock_ns(CLOCK_MONOTONIC) - MOMENT;
	int rc = ring_read(m->ring);

	if (m->port >= 0) {
		stream_write(&m->stream, until, to_port, m);
		return rc;
	}
	stream_write(&m->stream, until, stream_pcapng, &m->out);
	write_out(m);
	if (m->full || fflush(m->file))
		return -EPIPE; /* whoever reads has what he wanted */
	return rc;
}

/* ms to poll for, -1: for ever. */
static int patience(const struct monitor *m, uint64_t end)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC), left = end > now ? (end - now) / 1000000 + 1 : 0;

	if (m->stream.waiting_count)
		return MOMENT_MS;
	if (!m->options->seconds)
		return -1;
	return left < 1000 ? (int)left : 1000;
}

/* Until the reader, brasd, the user or the time ends it. */
static int run(struct monitor *m, int signals)
{
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + m->options->seconds * 1000000000ull;
	struct pollfd fds[] = {
		{ .fd = ring_fd(m->ring), .events = POLLIN },
		{ .fd = m->client.fd, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
		{ .fd = m->file ? fileno(m->file) : -1 }, /* a pipe's reader may end without a packet */
	};
	int rc;

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), patience(m, end)) < 0)
			return -errno;
		if (fds[3].revents & POLLERR)
			return -EPIPE;
		if (fds[1].revents && (rc = take_told(m)))
			return rc == -EPIPE ? -ECONNRESET : rc;
		if ((fds[0].revents || m->stream.waiting_count) && (rc = pass_on(m, false)))
			return rc;
		if (fds[2].revents || (m->options->seconds && clock_ns(CLOCK_MONOTONIC) >= end)) {
			rc = pass_on(m, true);
			return rc ? rc : 1;
		}
	}
}

/* --- the beginning --------------------------------------------------------------------------- */

static int ask(struct monitor *m)
{
	const struct options *o = m->options;
	const char *words[CONTROL_WORDS_MAX] = { "monitor" };
	char message[CONTROL_MESSAGE_MAX], text[32];
	enum control_status status;
	unsigned n = 1;
	int rc;

	if (o->argc > CONTROL_WORDS_MAX - 4) {
		fprintf(stderr, NAME ": too many words\n");
		return EXIT_WRONG;
	}
	for (unsigned i = 0; i < o->argc; i++)
		words[n++] = o->argv[i];
	if (o->snap) {
		snprintf(text, sizeof(text), "snap=%.20s", o->snap);
		words[n++] = text;
	}
	if (o->control)
		words[n++] = "control";
	if (o->secrets)
		words[n++] = "secrets";
	rc = client_request(&m->client, n, words);
	rc = rc ? rc : client_status(&m->client, &status, message);
	if (rc) {
		fprintf(stderr, NAME ": %s\n", strerror(-rc));
		return EXIT_ALONE;
	}
	if (status != CONTROL_OK)
		fprintf(stderr, NAME ": %s\n", message);
	return (int)status;
}

static int open_file(struct monitor *m)
{
	const char *path = m->options->file;

	m->file = !path || !strcmp(path, "-") ? stdout : fopen(path, "we");
	if (!m->file) {
		fprintf(stderr, NAME ": %s: %s\n", path, strerror(errno));
		return -errno;
	}
	pcapng_begin(&m->out, "brasberry", m->options->control ? PCAPNG_INTERFACES : 1, 0);
	return 0;
}

static int open_all(struct monitor *m)
{
	int rc = 0;

	while (!m->begun && !rc)
		rc = take_told(m);
	rc = rc ? rc : ring_open(&m->ring, m->map, m->number, on_event, on_lost, m);
	if (rc) {
		fprintf(stderr, NAME ": the stream cannot be opened: %s\n", strerror(-rc));
		return rc;
	}
	rc = m->port < 0 ? open_file(m) : 0;
	m->stream.offset = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	return rc ? rc : pass_on(m, false);
}

static uint64_t lost_of(const json_t *rows, unsigned stream)
{
	size_t i;
	json_t *row;

	json_array_foreach(rows, i, row) if (number_of(row, "stream") ==
					     stream) return number_of(row, "lost");
	return 0;
}

/* A ring tells of its losses only with the next packet that it has room for: of the last ones, the
 * data plane's own count does. Without brasd, that was that. */
static void ask_lost(struct monitor *m)
{
	const char *words[] = { "show", "monitor" };
	char message[CONTROL_MESSAGE_MAX];
	enum control_status status;
	struct sbuf body = { 0 };
	struct client c;
	json_t *rows = NULL;
	uint64_t lost = 0;

	if (!client_init(&c, m->options->socket) && !client_request(&c, ARRAY_SIZE(words), words) &&
	    !client_status(&c, &status, message) && status == CONTROL_OK &&
	    !client_body_read(&c, &body))
		rows = json_loadb(body.p ? body.p : "", body.len, 0, NULL);
	lost = lost_of(rows, m->number);
	if (lost > m->ring_lost)
		m->stream.lost += lost - m->ring_lost;
	json_decref(rows);
	sbuf_fini(&body);
	client_fini(&c);
}

static void close_all(struct monitor *m)
{
	if (m->begun)
		ask_lost(m);
	if (m->file) {
		pcapng_end(&m->out, clock_ns(CLOCK_REALTIME), m->stream.received, m->stream.lost);
		write_out(m);
		(void)fclose(m->file);
	}
	if (m->begun)
		fprintf(stderr, NAME ": %" PRIu64 " packets, %" PRIu64 " lost on the way\n",
			m->stream.received, m->stream.lost);
	ring_close(m->ring);
	stream_fini(&m->stream);
	sbuf_fini(&m->out);
	client_fini(&m->client);
}

static int signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* One stream, from its request to its end. @port: -1: to a file. */
static int monitor(const struct options *o, int signals, int port)
{
	static struct monitor m;
	int rc;

	m = (struct monitor){ .options = o, .port = port };
	rc = client_init(&m.client, o->socket);
	if (rc) {
		fprintf(stderr, NAME ": %s: %s\n", o->socket, strerror(-rc));
		client_fini(&m.client);
		return EXIT_ALONE;
	}
	rc = ask(&m);
	if (rc) {
		close_all(&m);
		return rc;
	}
	rc = open_all(&m);
	if (!rc) {
		fprintf(stderr, NAME ": ready\n");
		rc = run(&m, signals);
	}
	if (rc == -ECONNRESET)
		fprintf(stderr, NAME ": brasd has ended\n");
	close_all(&m);
	return rc == 1 || rc == -EPIPE ? 0 : rc == -ECONNRESET ? EXIT_ALONE : EXIT_REFUSED;
}

/* Its readers stay while brasd comes and goes. */
static int virtual_port(const struct options *o, int signals)
{
	struct pollfd fd = { .fd = signals, .events = POLLIN };
	int port = port_make(o->device), rc;

	if (port < 0) {
		fprintf(stderr, NAME ": %s: %s\n", o->device, strerror(-port));
		return EXIT_REFUSED;
	}
	do
		rc = monitor(o, signals, port);
	while (rc == EXIT_ALONE && !poll(&fd, 1, AGAIN_MS));
	close(port);
	return rc == EXIT_ALONE ? 0 : rc;
}

/* for= and until= are ours: brasd's stream lasts as long as we do. What is wrong with a rule, brasd
 * says. Of a time that is over, a second is left. */
static uint32_t seconds_of(unsigned argc, char *const *argv)
{
	struct mirror_rule rule = { 0 };
	int64_t now = time(NULL), at;
	char why[160];

	for (unsigned i = 1; i < argc; i++)
		if ((!strncmp(argv[i], "for=", 4) || !strncmp(argv[i], "until=", 6)) &&
		    mirror_rule_parse((const char *const *)&argv[i], 1, &rule, why, sizeof(why)))
			return 0;
		else if (rule.seconds)
			return rule.seconds;
		else if (rule.has_until)
			return mirror_clock_at(&rule.until, now, &at) ? 1 : (uint32_t)(at - now);
	return 0;
}

/* 0, or an exit status; -1: help was wanted. */
static int read_options(struct options *o, const char **instance, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "control", no_argument, NULL, 'c' },
		{ "secrets", no_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "i:S:s:w:d:h", long_options, NULL)) != -1) {
		switch (opt) {
		case 'i':
			*instance = optarg;
			break;
		case 'S':
			o->socket = optarg;
			break;
		case 's':
			o->snap = optarg;
			break;
		case 'w':
			o->file = optarg;
			break;
		case 'd':
			o->device = optarg;
			break;
		case 'c':
			o->control = true;
			break;
		case 'p':
			o->secrets = true;
			break;
		case 'h':
			return -1;
		default:
			return EXIT_WRONG;
		}
	}
	return optind == argc || (o->file && o->device) ? EXIT_WRONG : 0;
}

int main(int argc, char **argv)
{
	const char *instance = CONTROL_INSTANCE;
	struct options o = { 0 };
	char path[CONTROL_PATH_MAX];
	int rc = read_options(&o, &instance, argc, argv), signals;

	if (rc < 0) {
		usage(stdout);
		return 0;
	}
	if (!rc && !o.socket && control_path(path, instance))
		rc = EXIT_WRONG;
	if (rc) {
		usage(stderr);
		return rc;
	}
	o.socket = o.socket ? o.socket : path;
	o.argc = (unsigned)(argc - optind);
	o.argv = argv + optind;
	o.seconds = seconds_of(o.argc, o.argv);
	signals = signals_open();
	return o.device ? virtual_port(&o, signals) : monitor(&o, signals, -1);
}
