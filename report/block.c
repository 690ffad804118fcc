/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON has < > & within strings only, where an escape means the same.  Without them nothing in the
 * block can end the element that it stands in, begin a comment, or begin another element.
 */
#include "report/block.h"

#include <errno.h>

#include "common/cleanup.h"
#include "replay/replay.h"

void block_done(struct block *block)
{
	buf_done(&block->text);
	buf_done(&block->safe);
}

/* Appends data, with each of the characters of `which` as its text. */
static void add_replaced(struct buf *out, const char *data, size_t bytes, const char *which,
			 const char *const *texts)
{
	size_t done = 0;

	for (size_t i = 0; i < bytes; i++) {
		const char *found = data[i] ? strchr(which, data[i]) : NULL;

		if (!found)
			continue;
		buf_add(out, data + done, i - done);
		buf_add_text(out, texts[found - which]);
		done = i + 1;
	}
	buf_add(out, data + done, bytes - done);
}

int block_flush(struct block *block)
{
	static const char *const escapes[] = {"\\u003c", "\\u003e", "\\u0026"};
	static const char *const nothing[] = {""};
	struct buf *text = &block->text;

	if (!block->err && block->form != BLOCK_AS_IS && !text->failed) {
		if (block->form == BLOCK_IN_PAGE)
			add_replaced(&block->safe, text->data, text->bytes, "<>&", escapes);
		else
			add_replaced(&block->safe, text->data, text->bytes, "\n", nothing);
		buf_clear(text);
		text = &block->safe;
	}
	if (!block->err)
		block->err = replay_write(text, block->out);
	buf_clear(text);
	return block->err;
}

static void flush_if_large(struct block *block)
{
	if (block->text.bytes >= REPLAY_FLUSH_BYTES || block->text.failed)
		block_flush(block);
}

void block_text(struct block *block, const char *text)
{
	buf_add_text(&block->text, text);
	flush_if_large(block);
}

void block_json(struct block *block, const struct json *json)
{
	if (json_write(json, &block->text))
		block->text.failed = true;
	flush_if_large(block);
}

void html_text(struct buf *out, const char *text, size_t bytes)
{
	static const char *const texts[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"};

	add_replaced(out, text, bytes, "<>&\"'", texts);
}
