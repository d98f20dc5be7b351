// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The door of dynamic authorization over the loopback: it answers, from the address that was asked,
 * by IPv4 and IPv6, at once and later; what cannot be opened is told.
 */
#include "base/log.h"
#include "test/unit/radius_dae_request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define SEC NSEC_PER_SEC

struct door {
	struct loop *loop;
	struct radius_dae *dae;
	struct loop_io *io;
	int fd;
	uint8_t reply[RADIUS_PACKET_MAX];
	ssize_t len;
	unsigned acts;
	struct timer timer;
	uint64_t ticket[4]; /* of the requests that wait, in the order of their coming */
	unsigned tickets, until;
};

static enum radius_error_cause door_act(void *arg, uint64_t now,
					const struct radius_dae_request *req)
{
	struct door *d = arg;

	(void)now;
	d->acts++;
	if (req->disconnect)
		return RADIUS_DAE_OK;
	assert_true(d->tickets < ARRAY_SIZE(d->ticket));
	d->ticket[d->tickets++] = req->ticket;
	if (d->tickets == d->until)
		loop_stop(d->loop);
	return RADIUS_DAE_LATER;
}

static void door_reply(void *arg, uint64_t now, unsigned events)
{
	struct door *d = arg;

	(void)now;
	(void)events;
	d->len = recv(d->fd, d->reply, sizeof(d->reply), 0);
	loop_stop(d->loop);
}

static void door_late(struct timer *t, uint64_t now)
{
	(void)now;
	loop_stop(container_of(t, struct door, timer)->loop);
}

static uint16_t free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof(a)));
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static void door_open(struct door *d, const char *address, uint16_t *ret_port)
{
	static const char who[][IP6_STRLEN] = { "127.0.0.1", "::1" };
	struct radius_dae_config c = {
		.secret = SECRET, .allowed = who, .allowed_count = 2, .act = door_act, .arg = d
	};
	char why[200] = "";
	int rc = -1;

	*d = (struct door){ .fd = -1 };
	assert_int_equal(loop_new(&d->loop), 0);
	snprintf(c.address, sizeof(c.address), "%s", address);
	for (int i = 0; i < 20 && rc; i++) { /* another may take the port in between */
		c.port = *ret_port = free_port();
		rc = radius_dae_new(&d->dae, d->loop, &c, why, sizeof(why));
	}
	assert_string_equal(why, "");
	assert_int_equal(rc, 0);
}

/* A connected socket takes answers only from the address that it asked. */
static int door_send(const char *to, uint16_t port, enum radius_code code)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	bool is4 = inet_pton(AF_INET, to, &v4.sin_addr) == 1;
	uint8_t buf[RADIUS_PACKET_MAX];
	size_t len = request_of(buf, code, 1, "aa", WITH_MA, 0, SECRET);
	int fd = socket(is4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(is4 || inet_pton(AF_INET6, to, &v6.sin6_addr) == 1);
	assert_true(fd >= 0);
	assert_int_equal(is4 ? connect(fd, (struct sockaddr *)&v4, sizeof(v4))
			     : connect(fd, (struct sockaddr *)&v6, sizeof(v6)),
			 0);
	assert_int_equal(send(fd, buf, len, 0), len);
	return fd;
}

/* Until something stops the loop, which must not be the deadline. */
static void door_run(struct door *d)
{
	timer_init(&d->timer, door_late);
	timer_set(loop_wheel(d->loop), &d->timer, loop_clock() + 10 * SEC);
	loop_run(d->loop);
	assert_true(timer_is_set(&d->timer));
	timer_cancel(loop_wheel(d->loop), &d->timer);
}

static void door_await(struct door *d, int fd, enum radius_code code)
{
	d->fd = fd;
	d->len = 0;
	assert_int_equal(loop_io_new(d->loop, fd, LOOP_READ, door_reply, d, &d->io), 0);
	door_run(d);
	loop_io_free(d->io);
	close(fd);
	assert_int_equal(d->len, RADIUS_HEADER_LEN + 18);
	assert_int_equal(d->reply[0], code);
}

static void door_ask(struct door *d, const char *to, uint16_t port)
{
	door_await(d, door_send(to, port, RADIUS_DISCONNECT_REQUEST), RADIUS_DISCONNECT_ACK);
}

static void door_close(struct door *d)
{
	radius_dae_free(d->dae);
	loop_free(d->loop);
}

static void test_door(void **state)
{
	struct radius_dae_config c = { .address = "127.0.0.1", .secret = SECRET, .act = door_act };
	struct radius_dae *second = NULL;
	char why[200] = "";
	struct door d;
	uint16_t port;

	(void)state;
	door_open(&d, "127.0.0.1", &port);
	door_ask(&d, "127.0.0.1", port);
	assert_int_equal(d.acts, 1);
	c.port = port;
	assert_int_equal(radius_dae_new(&second, d.loop, &c, why, sizeof(why)), -EADDRINUSE);
	assert_non_null(strstr(why, "127.0.0.1"));
	snprintf(c.address, sizeof(c.address), "nowhere");
	assert_int_equal(radius_dae_new(&second, d.loop, &c, why, sizeof(why)), -EINVAL);
	assert_null(second);
	door_close(&d);
}

/* All of 127.0.0.0/8 is ours: the answer comes from the address that was asked. */
static void test_door_wildcard(void **state)
{
	struct door d;
	uint16_t port;

	(void)state;
	door_open(&d, "0.0.0.0", &port);
	door_ask(&d, "127.0.0.5", port);
	door_close(&d);
	door_open(&d, "::", &port);
	door_ask(&d, "127.0.0.5", port);
	door_ask(&d, "::1", port);
	assert_int_equal(d.acts, 2);
	door_close(&d);
}

/* Three clients asked three of our addresses, and the last is answered first. */
static void test_door_later(void **state)
{
	static const char *const asked[] = { "127.0.0.5", "::1", "127.0.0.6" };
	int fd[ARRAY_SIZE(asked)];
	struct door d;
	uint16_t port;

	(void)state;
	door_open(&d, "::", &port);
	for (unsigned i = 0; i < ARRAY_SIZE(asked); i++) {
		d.until = i + 1;
		fd[i] = door_send(asked[i], port, RADIUS_COA_REQUEST);
		door_run(&d);
	}
	for (unsigned i = ARRAY_SIZE(asked); i-- > 0;) {
		radius_dae_answer(d.dae, loop_clock(), d.ticket[i], RADIUS_DAE_OK);
		door_await(&d, fd[i], RADIUS_COA_ACK);
	}
	door_close(&d);
	door_open(&d, "0.0.0.0", &port);
	d.until = 1;
	fd[0] = door_send(asked[0], port, RADIUS_COA_REQUEST);
	door_run(&d);
	radius_dae_answer(d.dae, loop_clock(), d.ticket[0], RADIUS_DAE_OK);
	door_await(&d, fd[0], RADIUS_COA_ACK);
	door_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_door),
		cmocka_unit_test(test_door_wildcard),
		cmocka_unit_test(test_door_later),
	};

	log_setup(0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
