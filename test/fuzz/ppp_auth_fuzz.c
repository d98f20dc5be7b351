// SPDX-License-Identifier: GPL-2.0-or-later
/* PAP and CHAP packets, and the check of what they carry against a secret of any octets. The
 * first octet: method and length of the secret, which follows. */
#include "ppp/auth.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t challenge[PPP_CHALLENGE_LEN];
	struct rd r = rd_init(data, size);
	uint8_t head = rd_u8(&r);
	enum ppp_auth_method method = (enum ppp_auth_method)(head % 3);
	struct rd secret = rd_sub(&r, head / 3);
	struct ppp_credentials c;
	struct ppp_auth_request req;
	struct ppp_auth_result res;
	int err;

	if (r.bad)
		return 0;
	if (method == PPP_AUTH_PAP)
		err = ppp_pap_parse(r.p, rd_left(&r), &c);
	else
		err = ppp_chap_parse(method, r.p, rd_left(&r), &c);
	if (err)
		return 0;
	if (c.name_len > PPP_NAME_MAX || c.name_len + c.response_len >= rd_left(&r))
		abort();
	req = (struct ppp_auth_request){ .method = method,
					 .name = c.name,
					 .name_len = c.name_len,
					 .challenge = challenge,
					 .challenge_len = sizeof(challenge),
					 .response = c.response,
					 .response_len = c.response_len };
	ppp_auth_verify(&req, secret.p, rd_left(&secret), &res);
	if (strnlen(res.message, sizeof(res.message)) == sizeof(res.message))
		abort();
	return 0;
}
