/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of a network protocol: parsed, then answered with every verdict the input chooses. The
 * answer must be well formed: it parses again. */
#include "ppp/cp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_options(const struct ppp_option_table *t, const uint8_t *data, size_t size)
{
	uint8_t buf[PPP_DATA_MAX];
	struct ppp_verdict v = { 0 };
	struct wr w = wr_init(buf, sizeof(buf));
	struct ppp_opts o;
	enum ppp_code code;

	if (size < 3 || ppp_options_parse(t, data + 3, size - 3, &o) < 0)
		return;
	v.nak = (o.seen | o.bad_length) & data[0] & 7;
	v.reject = data[1] & 7;
	v.append = data[2] & 7 & ~(o.seen | o.bad_length);
	if (t->count < 3)
		v.nak &= 1, v.append &= 1;
	code = ppp_options_answer(t, data + 3, size - 3, &v, &w);
	if (w.bad)
		return;
	if (ppp_options_parse(t, buf, w.len, &o) < 0)
		abort();
	if (code == PPP_CONF_ACK && (w.len != size - 3 || memcmp(buf, data + 3, w.len)))
		abort();
	if (code == PPP_CONF_REJ && w.len > size - 3)
		abort();
}
