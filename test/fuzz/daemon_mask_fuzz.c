// SPDX-License-Identifier: GPL-2.0-or-later
/* Any octets as a control frame and as a RADIUS packet that are shown: masking touches nothing
 * outside, does the same twice, and keeps what a filter needs; names have no NUL and end. */
#include "base/wire.h"
#include "daemon/mask.h"
#include "daemon/monitor_packet.h"

#include <stdlib.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void mask(void (*fn)(uint8_t *p, size_t len), const uint8_t *data, size_t len)
{
	uint8_t *once = malloc(len ? len : 1), *twice = malloc(len ? len : 1);

	check(once && twice);
	if (len)
		memcpy(once, data, len);
	fn(once, len);
	if (len)
		memcpy(twice, once, len);
	fn(twice, len);
	check(!len || !memcmp(once, twice, len));
	for (size_t i = 0; i < len; i++)
		check(once[i] == data[i] || once[i] == '*');
	free(once);
	free(twice);
}

static void packet(const uint8_t *data, size_t len, bool v4)
{
	struct radius_datagram g = { .from_port = 1, .to_port = 2, .p = data, .len = len };
	uint8_t buf[4096 + MONITOR_HEADERS_MAX];
	int n;

	if (v4)
		g.from.b[10] = g.from.b[11] = 0xff;
	n = monitor_radius_packet(&g, buf, sizeof(buf));
	check(n == -ENOSPC || (size_t)n == len + (v4 ? 28 : 48));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char name[MONITOR_NAME_CAP];
	struct pppoe_frame f;

	mask(mask_frame, data, len);
	mask(mask_radius, data, len);
	packet(data, len, len & 1);
	if (monitor_radius_user(data, len, name))
		check(strlen(name) > 0 && strlen(name) < sizeof(name));
	if (!pppoe_frame_parse(1, data, len, &f) && monitor_claim(&f, name))
		check(strlen(name) > 0 && strlen(name) < sizeof(name));
	return 0;
}
