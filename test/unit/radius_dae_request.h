/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests as a dynamic authorization client makes them, for the tests of who takes them. */
#ifndef TEST_RADIUS_DAE_REQUEST_H
#define TEST_RADIUS_DAE_REQUEST_H

#include "radius/dae.h"
#include "radius/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECRET "a secret"

enum { WITH_MA = 1, WITH_STAMP = 2 };

static const uint8_t no_auth[RADIUS_AUTH_LEN];

/* A request for the session with this Acct-Session-Id (NULL: without a key). */
static size_t request_of(uint8_t *buf, enum radius_code code, uint8_t id, const char *session,
			 unsigned flags, uint32_t stamp, const char *secret)
{
	struct wr w;
	int len;

	radius_begin(&w, buf, code, id, no_auth, flags & WITH_MA);
	radius_put_text(&w, 44, session);
	if (code == RADIUS_COA_REQUEST)
		radius_put_u32(&w, 27, 3600);
	if (flags & WITH_STAMP)
		radius_put_u32(&w, 55, stamp);
	len = radius_finish_request(&w, secret);
	assert_true(len > 0);
	return (size_t)len;
}

#endif
