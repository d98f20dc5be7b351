// SPDX-License-Identifier: GPL-2.0-or-later
/* named's own counters: asked for by its statistics channel with each question that it answers
 * well. Nothing depends on them, so what goes wrong is silent: the counters are those of before,
 * and age. */
#include "daemon/dns64_priv.h"

#include "base/json.h"

#include <errno.h>

void dns64_stats_stop(struct dns64 *n)
{
	loop_io_free(n->stats_io);
	n->stats_io = NULL;
	if (n->stats_fd >= 0)
		close(n->stats_fd);
	n->stats_fd = -1;
	sbuf_fini(&n->stats_reply);
	n->stats_reply = (struct sbuf){ 0 };
}

static void on_reply(void *arg, uint64_t now, unsigned events)
{
	struct dns64 *n = arg;
	struct sbuf *reply = &n->stats_reply;
	char buf[4096];
	int len = -EAGAIN;

	(void)events;
	while (reply->len < DNS64_STATS_REPLY_MAX &&
	       (len = dns64_sys_recv(n->stats_fd, buf, sizeof(buf))) > 0)
		sbuf_append(reply, buf, (size_t)len);
	if (len == -EAGAIN && reply->len < DNS64_STATS_REPLY_MAX)
		return;
	if (!len && !reply->bad && !dns64_stats_parse(reply->p, reply->len, &n->stats))
		n->stats_at = now;
	dns64_stats_stop(n);
}

static void on_connected(void *arg, uint64_t now, unsigned events)
{
	struct dns64 *n = arg;

	(void)now, (void)events;
	loop_io_free(n->stats_io);
	n->stats_io = NULL;
	if (dns64_sys_send(n->stats_fd, DNS64_STATS_QUERY, sizeof(DNS64_STATS_QUERY) - 1) ||
	    loop_io_new(n->d->loop, n->stats_fd, LOOP_READ, on_reply, n, &n->stats_io))
		dns64_stats_stop(n);
}

void dns64_stats_ask(struct dns64 *n)
{
	dns64_stats_stop(n);
	if (dns64_sys_connect(&n->want.listen, &n->stats_fd))
		return;
	if (loop_io_new(n->d->loop, n->stats_fd, LOOP_WRITE, on_connected, n, &n->stats_io))
		dns64_stats_stop(n);
}

void dns64_stats_show(struct json *j, const struct dns64 *n, uint64_t now)
{
	if (!n->stats_at) {
		json_null(j, "queries");
		return;
	}
	json_open(j, "queries", '{');
	json_u64(j, "seconds-ago", (now - n->stats_at) / NSEC_PER_SEC);
	for (unsigned i = 0; i < DNS64_COUNTER_COUNT; i++)
		json_u64(j, dns64_counter_name(i), n->stats.count[i]);
	json_close(j, '}');
}
