// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * brasmon: subscribers' packets as a capture file. Asks brasd for a stream, reads the packets from
 * the data plane's rings, writes pcapng. The stream ends with our connection to brasd.
 */
#include "base/client.h"
#include "mirror/pcapng.h"
#include "mirror/ring.h"
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
#define LINE_MAX_TOLD 4096
#define MOMENT_MS     2
#define MOMENT	      (MOMENT_MS * 1000000ull)

enum { EXIT_REFUSED = 1, EXIT_WRONG = 2, EXIT_ALONE = 3 }; /* as brasctl's */

struct monitor {
	struct client client;
	struct stream stream;
	struct ring *ring;
	struct sbuf out;
	FILE *file;
	bool full; /* the file takes no more */
	char line[LINE_MAX_TOLD];
	size_t line_len;
	unsigned number;
	char map[256];
	bool begun;
};

static void usage(FILE *out)
{
	fputs("usage: " NAME " [-i INSTANCE | -S SOCKET] USER|all [RULE...] [-s SNAP] [-w FILE]\n"
	      "  -s SNAP  octets of a packet that are kept\n"
	      "  -w FILE  the capture, pcapng; - or none: standard output\n"
	      "a rule: both|up|down ip4|ip6 proto= port= net= sample=\n",
	      out);
}

/* --- what brasd tells ------------------------------------------------------------------------ */

static uint64_t number_of(const json_t *o, const char *name)
{
	json_int_t v = json_integer_value(json_object_get(o, name));

	return v > 0 ? (uint64_t)v : 0;
}

static int on_told(struct monitor *m, const json_t *o)
{
	const char *map = json_string_value(json_object_get(o, "map"));
	struct stream_session who = {
		.generation = (uint32_t)number_of(o, "generation"),
		.sid = (uint32_t)number_of(o, "sid"),
		.rate_down = number_of(o, "rate-down"),
		.rate_up = number_of(o, "rate-up"),
	};
	char *name;
	int rc;

	if (map) {
		m->number = (unsigned)number_of(o, "stream");
		snprintf(m->map, sizeof(m->map), "%s", map);
		m->begun = true;
		return 0;
	}
	name = strdup(json_string_value(json_object_get(o, "username")) ?: "");
	if (!name)
		return -ENOMEM;
	who.username = name;
	rc = stream_learn(&m->stream, (uint32_t)number_of(o, "slot"), &who);
	free(name);
	return rc;
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
	((struct monitor *)arg)->stream.lost += count;
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* What is younger than a moment waits: another CPU's ring may have what came before. */
static int pass_on(struct monitor *m, bool all)
{
	int rc = ring_read(m->ring);

	stream_write(&m->stream, all ? UINT64_MAX : clock_ns(CLOCK_MONOTONIC) - MOMENT,
		     stream_pcapng, &m->out);
	write_out(m);
	if (m->full || fflush(m->file))
		return -EPIPE; /* whoever reads has what he wanted */
	return rc;
}

/* Until the reader, brasd or the user ends it. */
static int run(struct monitor *m, int signals)
{
	struct pollfd fds[] = {
		{ .fd = ring_fd(m->ring), .events = POLLIN },
		{ .fd = m->client.fd, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	int rc;

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), m->stream.waiting_count ? MOMENT_MS : -1) < 0)
			return -errno;
		if (fds[1].revents && (rc = take_told(m)))
			return rc == -EPIPE ? -ECONNRESET : rc;
		if ((fds[0].revents || m->stream.waiting_count) && (rc = pass_on(m, false)))
			return rc;
		if (fds[2].revents) {
			rc = pass_on(m, true);
			return rc ? rc : 1;
		}
	}
}

/* --- the beginning --------------------------------------------------------------------------- */

static int ask(struct monitor *m, unsigned argc, char *const *argv, const char *snap)
{
	const char *words[CONTROL_WORDS_MAX] = { "monitor" };
	char message[CONTROL_MESSAGE_MAX], text[32];
	enum control_status status;
	unsigned n = 1;
	int rc;

	if (argc > CONTROL_WORDS_MAX - 2) {
		fprintf(stderr, NAME ": too many words\n");
		return EXIT_WRONG;
	}
	for (unsigned i = 0; i < argc; i++)
		words[n++] = argv[i];
	if (snap) {
		snprintf(text, sizeof(text), "snap=%.20s", snap);
		words[n++] = text;
	}
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

static int open_all(struct monitor *m, const char *path)
{
	int rc = 0;

	while (!m->begun && !rc)
		rc = take_told(m);
	rc = rc ? rc : ring_open(&m->ring, m->map, m->number, on_event, on_lost, m);
	if (rc) {
		fprintf(stderr, NAME ": the stream cannot be opened: %s\n", strerror(-rc));
		return rc;
	}
	m->file = !path || !strcmp(path, "-") ? stdout : fopen(path, "we");
	if (!m->file) {
		fprintf(stderr, NAME ": %s: %s\n", path, strerror(errno));
		return -errno;
	}
	m->stream.offset = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	pcapng_begin(&m->out, "brasberry", 1, 0);
	return pass_on(m, false);
}

static void close_all(struct monitor *m)
{
	if (m->file) {
		pcapng_end(&m->out, clock_ns(CLOCK_REALTIME), m->stream.received, m->stream.lost);
		write_out(m);
		(void)fclose(m->file);
		fprintf(stderr, NAME ": %" PRIu64 " packets, %" PRIu64 " lost on the way\n",
			m->stream.received, m->stream.lost);
	}
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

static int monitor(const char *socket, const char *file, const char *snap, unsigned argc,
		   char *const *argv)
{
	static struct monitor m;
	int signals = signals_open(), rc = client_init(&m.client, socket);

	if (rc) {
		fprintf(stderr, NAME ": %s: %s\n", socket, strerror(-rc));
		return EXIT_ALONE;
	}
	rc = ask(&m, argc, argv, snap);
	if (rc) {
		close_all(&m);
		return rc;
	}
	rc = open_all(&m, file);
	if (!rc) {
		fprintf(stderr, NAME ": ready\n");
		rc = run(&m, signals);
	}
	if (rc == -ECONNRESET)
		fprintf(stderr, NAME ": brasd has ended\n");
	close_all(&m);
	return rc == 1 || rc == -EPIPE ? 0 : rc == -ECONNRESET ? EXIT_ALONE : EXIT_REFUSED;
}

int main(int argc, char **argv)
{
	const char *instance = CONTROL_INSTANCE, *file = NULL, *snap = NULL, *socket = NULL;
	char path[CONTROL_PATH_MAX];
	int opt;

	while ((opt = getopt(argc, argv, "i:S:s:w:h")) != -1) {
		switch (opt) {
		case 'i':
			instance = optarg;
			break;
		case 'S':
			socket = optarg;
			break;
		case 's':
			snap = optarg;
			break;
		case 'w':
			file = optarg;
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return EXIT_WRONG;
		}
	}
	if (optind == argc || (!socket && control_path(path, instance))) {
		usage(stderr);
		return EXIT_WRONG;
	}
	return monitor(socket ? socket : path, file, snap, (unsigned)(argc - optind),
		       argv + optind);
}
