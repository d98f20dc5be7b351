// SPDX-License-Identifier: GPL-2.0-or-later
/* The helper's messages; pure. */
#include "daemon/deeds_wire.h"

#include "base/log.h"
#include "base/wire.h"

int deeds_path(char ret[CONTROL_PATH_MAX], const char *instance)
{
	int rc = control_path(ret, instance);

	if (!rc) /* shorter than what it replaces */
		strcpy(strrchr(ret, '/'), "/deeds");
	return rc;
}

static int words_parse(struct rd *r, struct deeds_request *q)
{
	size_t used = 0;

	q->count = rd_u8(r);
	if (!q->count || q->count > DEEDS_WORDS_MAX)
		return -EBADMSG;
	for (unsigned i = 0; i < q->count; i++) {
		size_t len = rd_be16(r);
		const uint8_t *p = rd_bytes(r, len);

		if (!p || !len || len >= sizeof(q->text) - used || memchr(p, 0, len))
			return -EBADMSG;
		q->words[i] = q->text + used;
		memcpy(q->text + used, p, len);
		used += len;
		q->text[used++] = '\0';
	}
	return 0;
}

int deeds_request_parse(const void *message, size_t len, struct deeds_request *ret)
{
	struct rd r = rd_init(message, len);
	uint8_t version = rd_u8(&r), kind = rd_u8(&r);

	if (r.bad)
		return -EBADMSG;
	if (version != DEEDS_VERSION)
		return -EPROTO;
	*ret = (struct deeds_request){ .kind = (enum deeds_kind)kind };
	if (kind == DEEDS_QUIT)
		return rd_left(&r) ? -EBADMSG : 0;
	if (kind != DEEDS_DO)
		return -EBADMSG;
	ret->id = rd_be32(&r);
	if (words_parse(&r, ret) || r.bad)
		return -EBADMSG;
	ret->input_len = rd_left(&r);
	if (ret->input_len > DEEDS_INPUT_MAX)
		return -EBADMSG;
	if (ret->input_len)
		ret->input = rd_bytes(&r, ret->input_len);
	return 0;
}

int deeds_reply_parse(const void *message, size_t len, struct deeds_reply *ret)
{
	struct rd r = rd_init(message, len);
	uint8_t version = rd_u8(&r), kind = rd_u8(&r), small;

	if (r.bad)
		return -EBADMSG;
	if (version != DEEDS_VERSION)
		return -EPROTO;
	*ret = (struct deeds_reply){ .kind = (enum deeds_kind)kind };
	switch (kind) {
	case DEEDS_RESULT:
		ret->id = rd_be32(&r);
		ret->status = (int32_t)rd_be32(&r);
		break;
	case DEEDS_CHILD:
		small = rd_u8(&r);
		ret->status = (int32_t)rd_be32(&r);
		if (small >= DEEDS_CHILD_STATES || rd_left(&r) > DEEDS_NAME_MAX)
			return -EBADMSG;
		ret->state = (enum deeds_child_state)small;
		break;
	case DEEDS_LOG:
		small = rd_u8(&r);
		if (small > LOG_LEVEL_DEBUG)
			return -EBADMSG;
		ret->level = small;
		break;
	default:
		return -EBADMSG;
	}
	if (r.bad)
		return -EBADMSG;
	ret->len = rd_left(&r);
	ret->text = rd_bytes(&r, ret->len);
	return 0;
}

static int done(const struct wr *w)
{
	return w->bad ? -E2BIG : (int)w->len;
}

int deeds_request_write(void *buf, size_t cap, uint32_t id, const char *const *words,
			unsigned count, const void *input, size_t len)
{
	struct wr w = wr_init(buf, cap);
	size_t total = 0;

	if (!count || count > DEEDS_WORDS_MAX || len > DEEDS_INPUT_MAX)
		return -E2BIG;
	wr_u8(&w, DEEDS_VERSION);
	wr_u8(&w, DEEDS_DO);
	wr_be32(&w, id);
	wr_u8(&w, (uint8_t)count);
	for (unsigned i = 0; i < count; i++) {
		size_t n = strlen(words[i]);

		total += n + 1;
		if (total > DEEDS_WORDS_TOTAL)
			return -E2BIG;
		wr_be16(&w, (uint16_t)n);
		wr_bytes(&w, words[i], n);
	}
	if (len)
		wr_bytes(&w, input, len);
	return done(&w);
}

int deeds_quit_write(void *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);

	wr_u8(&w, DEEDS_VERSION);
	wr_u8(&w, DEEDS_QUIT);
	return done(&w);
}

int deeds_reply_write(void *buf, size_t cap, const struct deeds_reply *reply)
{
	struct wr w = wr_init(buf, cap);

	wr_u8(&w, DEEDS_VERSION);
	wr_u8(&w, (uint8_t)reply->kind);
	if (reply->kind == DEEDS_RESULT)
		wr_be32(&w, reply->id);
	if (reply->kind == DEEDS_CHILD)
		wr_u8(&w, (uint8_t)reply->state);
	if (reply->kind == DEEDS_LOG)
		wr_u8(&w, (uint8_t)reply->level);
	else
		wr_be32(&w, (uint32_t)reply->status);
	if (reply->len)
		wr_bytes(&w, reply->text, reply->len);
	return done(&w);
}
