// SPDX-License-Identifier: GPL-2.0-or-later
/* The door to libnftables. A context is made for each call: what one keeps of the kernel's tables
 * would be old by the next. */
#include "daemon/nft.h"

#include "base/log.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <string.h>

int nft_do(const char *text, struct sbuf *ret_out)
{
	struct nft_ctx *ctx = nft_ctx_new(NFT_CTX_DEFAULT);
	const char *said;
	int rc;

	if (!ctx)
		return -ENOMEM;
	if (nft_ctx_buffer_output(ctx) || nft_ctx_buffer_error(ctx)) {
		nft_ctx_free(ctx);
		return -ENOMEM;
	}
	rc = nft_run_cmd_from_buffer(ctx, text) ? -EINVAL : 0;
	said = rc ? nft_ctx_get_error_buffer(ctx) : nft_ctx_get_output_buffer(ctx);
	if (ret_out && said)
		sbuf_append(ret_out, said, strlen(said));
	nft_ctx_free(ctx);
	return rc;
}

int nft_put(const struct sbuf *text, const char *whose, const char *kernel)
{
	struct sbuf said = { 0 };
	int rc = text->bad ? -ENOMEM : nft_do(text->p, &said);

	if (said.p && rc)
		log_error("%s: nftables refuses it: %s", whose, said.p);
	else if (rc)
		log_error("%s: nftables refuses it: does this kernel have %s?", whose, kernel);
	sbuf_fini(&said);
	return rc;
}
