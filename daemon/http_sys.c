// SPDX-License-Identifier: GPL-2.0-or-later
/* The door to libmicrohttpd: a thread for each connection, so many and no more, each of which ends
 * when its reader does not take what it asked for. Requests have no body, and only GET and HEAD are
 * answered. */
#include "base/log.h"
#include "daemon/config.h"
#include "daemon/http.h"
#include "daemon/http_path.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LISTENS_MAX   8
#define TIMEOUT_S     15		   /* without progress */
#define BODIES_MAX    (128u * 1024 * 1024) /* octets of answers that wait for their readers */
#define REQUEST_MAX   (16 * 1024)	   /* head of a request, and the same for sending */
#define STACK_SIZE    (256 * 1024)
#define ASK_PATIENCE  2 /* s */
#define EVENT_BUFFER  (64 * 1024)

struct http {
	struct http_config config;
	struct config_endpoint listens[LISTENS_MAX];
	struct MHD_Daemon *servers[LISTENS_MAX];
	struct http_events *events;
	pthread_mutex_t lock;
	pthread_cond_t asked; /* a question has its answer */
	unsigned asking;
	size_t bodies; /* octets */
	bool stopping;
};

struct http_events *http_events(struct http *h)
{
	return h->events;
}

bool http_stopping(const struct http *h)
{
	return __atomic_load_n(&h->stopping, __ATOMIC_ACQUIRE);
}

static bool ask_enter(struct http *h)
{
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ASK_PATIENCE;
	pthread_mutex_lock(&h->lock);
	while (h->asking == HTTP_ASKING && !rc)
		rc = pthread_cond_timedwait(&h->asked, &h->lock, &until);
	if (!rc)
		h->asking++;
	pthread_mutex_unlock(&h->lock);
	return !rc;
}

static void ask_leave(struct http *h)
{
	pthread_mutex_lock(&h->lock);
	h->asking--;
	pthread_cond_signal(&h->asked);
	pthread_mutex_unlock(&h->lock);
}

int http_ask(struct http *h, unsigned argc, const char *const *argv, struct sbuf *ret,
	     char *message, size_t message_len)
{
	int status;

	if (!ask_enter(h)) {
		snprintf(message, message_len, "too many questions at once");
		return MHD_HTTP_SERVICE_UNAVAILABLE;
	}
	status = http_ask_socket(h->config.socket, argc, argv, ret, message, message_len);
	ask_leave(h);
	return status;
}

/* --- answers --------------------------------------------------------------------------------- */

/* An answer's text on its way: it goes when libmicrohttpd has done with it. */
struct body {
	struct http *h;
	struct sbuf text;
};

static bool bodies_take(struct http *h, size_t len)
{
	bool ok;

	pthread_mutex_lock(&h->lock);
	ok = h->bodies + len <= BODIES_MAX;
	h->bodies += ok ? len : 0;
	pthread_mutex_unlock(&h->lock);
	return ok;
}

static void body_free(void *arg)
{
	struct body *b = arg;

	pthread_mutex_lock(&b->h->lock);
	b->h->bodies -= b->text.len;
	pthread_mutex_unlock(&b->h->lock);
	sbuf_fini(&b->text);
	free(b);
}

static ssize_t body_read(void *arg, uint64_t pos, char *buf, size_t max)
{
	const struct body *b = arg;
	size_t left = b->text.len - (size_t)pos, n = left < max ? left : max;

	if (!n)
		return MHD_CONTENT_READER_END_OF_STREAM;
	memcpy(buf, b->text.p + pos, n);
	return (ssize_t)n;
}

/* A viewer of events. */
struct viewer {
	struct http_events *events;
	uint64_t seq;
	struct sbuf text;
	size_t sent;
};

static void viewer_free(void *arg)
{
	struct viewer *v = arg;

	http_events_leave(v->events);
	sbuf_fini(&v->text);
	free(v);
}

static ssize_t viewer_read(void *arg, uint64_t pos, char *buf, size_t max)
{
	struct viewer *v = arg;
	size_t n;

	(void)pos;
	if (v->sent == v->text.len) {
		v->sent = v->text.len = 0;
		if (http_events_next(v->events, &v->seq, &v->text) || v->text.bad)
			return MHD_CONTENT_READER_END_OF_STREAM;
	}
	n = v->text.len - v->sent < max ? v->text.len - v->sent : max;
	memcpy(buf, v->text.p + v->sent, n);
	v->sent += n;
	return (ssize_t)n;
}

static struct MHD_Response *stream(struct http_answer *a)
{
	struct viewer *v = calloc(1, sizeof(*v));
	struct MHD_Response *r = NULL;

	if (!v || !http_events_enter(a->live, &v->seq)) {
		free(v);
		http_fail(a, MHD_HTTP_SERVICE_UNAVAILABLE, "too many viewers");
		return NULL;
	}
	v->events = a->live;
	r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, EVENT_BUFFER, viewer_read, v,
					      viewer_free);
	if (!r)
		viewer_free(v);
	return r;
}

static struct MHD_Response *whole(struct http *h, struct http_answer *a)
{
	struct body *b;
	struct MHD_Response *r;

	if (a->body.bad || !bodies_take(h, a->body.len)) {
		http_fail(a, MHD_HTTP_SERVICE_UNAVAILABLE, "too many answers wait for their readers");
		if (a->body.bad || !bodies_take(h, a->body.len))
			return NULL;
	}
	b = calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	b->h = h;
	b->text = a->body;
	a->body = (struct sbuf){ 0 };
	r = MHD_create_response_from_callback(b->text.len, 32 * 1024, body_read, b, body_free);
	if (!r)
		body_free(b);
	return r;
}

static enum MHD_Result respond(struct http *h, struct MHD_Connection *c, struct http_answer *a)
{
	struct MHD_Response *r = a->live ? stream(a) : NULL;
	enum MHD_Result rc;

	r = r ? r : whole(h, a);
	if (!r)
		return MHD_NO;
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	(void)MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	(void)MHD_add_response_header(r, "Content-Security-Policy",
				      "default-src 'none'; script-src 'self'; style-src 'self'; "
				      "connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
				      "form-action 'none'; frame-ancestors 'none'");
	if (a->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	rc = MHD_queue_response(c, a->status, r);
	MHD_destroy_response(r);
	return rc;
}

/* --- requests -------------------------------------------------------------------------------- */

static bool is_loopback(const struct config_endpoint *e)
{
	return !strncmp(e->address, "127.", 4) || !strcmp(e->address, "::1");
}

static bool only_loopback(const struct http *h)
{
	for (unsigned i = 0; i < h->config.listen_count; i++)
		if (!is_loopback(&h->listens[i]))
			return false;
	return true;
}

/* Said at once, and the connection ends, whatever else comes. False: it is a fine request. */
static bool refuse(const char *method, struct MHD_Connection *c, struct http_answer *a)
{
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		http_fail(a, MHD_HTTP_METHOD_NOT_ALLOWED, "this is for reading: GET and HEAD");
	else if (MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH) ||
		 MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_TRANSFER_ENCODING))
		http_fail(a, MHD_HTTP_BAD_REQUEST, "a request here has no body");
	else
		return false;
	return true;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_len, void **state)
{
	static int seen;
	struct http *h = arg;
	struct http_answer a = { .status = MHD_HTTP_OK, .type = "application/json" };
	const char *host = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
	enum MHD_Result rc;

	(void)version, (void)upload, (void)upload_len;
	if (!*state && !refuse(method, c, &a)) { /* an answer now would end the connection */
		*state = &seen;
		return MHD_YES;
	}
	if (*state && only_loopback(h) && !http_host_is_literal(host))
		http_fail(&a, MHD_HTTP_FORBIDDEN, "ask by address or as localhost");
	else if (*state)
		http_answer(h, url, &a);
	rc = respond(h, c, &a);
	sbuf_fini(&a.body);
	return rc;
}

/* Paths are decoded by http_path_parse(). */
static size_t as_it_is(void *arg, struct MHD_Connection *c, char *s)
{
	(void)arg, (void)c;
	return strlen(s);
}

static void on_log(void *arg, const char *fmt, va_list ap)
{
	(void)arg, (void)fmt, (void)ap; /* what peers do wrong, one line each: not worth one */
}

/* --- start and end --------------------------------------------------------------------------- */

static int listen_on(struct http *h, unsigned i)
{
	const struct config_endpoint *e = &h->listens[i];
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(e->port) };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_port = htons(e->port) };
	bool v6 = inet_pton(AF_INET, e->address, &sin.sin_addr) != 1;

	if (v6 && inet_pton(AF_INET6, e->address, &sin6.sin6_addr) != 1)
		return -EINVAL;
	errno = 0;
	h->servers[i] = MHD_start_daemon(
		MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
			(v6 ? MHD_USE_IPv6 : 0),
		e->port, NULL, NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
		MHD_OPTION_SOCK_ADDR, v6 ? (struct sockaddr *)&sin6 : (struct sockaddr *)&sin,
		MHD_OPTION_UNESCAPE_CALLBACK, as_it_is, NULL, MHD_OPTION_CONNECTION_LIMIT,
		h->config.max_connections, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_MAX * 2,
		MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_SIZE, MHD_OPTION_END);
	return h->servers[i] ? 0 : errno ? -errno : -EADDRINUSE;
}

static int listen_all(struct http *h, char *why, size_t why_len)
{
	sigset_t all, before;
	int rc = 0;

	/* Signals are the loop's: none may interrupt a thread of ours. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = http_events_new(&h->events, h);
	if (rc)
		snprintf(why, why_len, "events: %s", strerror(-rc));
	for (unsigned i = 0; !rc && i < h->config.listen_count; i++) {
		rc = listen_on(h, i);
		if (rc)
			snprintf(why, why_len, "cannot listen on %s port %u: %s",
				 h->listens[i].address, h->listens[i].port, strerror(-rc));
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int http_new(struct http **ret, const struct http_config *config, char *why, size_t why_len)
{
	struct http *h = calloc(1, sizeof(*h));
	int rc;

	if (!h || config->listen_count > LISTENS_MAX) {
		snprintf(why, why_len, h ? "too many addresses" : "no memory");
		free(h);
		return h ? -E2BIG : -ENOMEM;
	}
	h->config = *config;
	memcpy(h->listens, config->listens, config->listen_count * sizeof(h->listens[0]));
	h->config.listens = h->listens;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->asked, NULL);
	rc = listen_all(h, why, why_len);
	if (rc)
		http_free(h);
	else
		*ret = h;
	return rc;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	__atomic_store_n(&h->stopping, true, __ATOMIC_RELEASE);
	if (h->events)
		http_events_stop(h->events);
	for (unsigned i = 0; i < h->config.listen_count; i++)
		if (h->servers[i])
			MHD_stop_daemon(h->servers[i]);
	http_events_free(h->events);
	pthread_cond_destroy(&h->asked);
	pthread_mutex_destroy(&h->lock);
	free(h);
}
