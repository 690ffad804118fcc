/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte buffer.  Zero-initialised is empty; buf_done() frees.  A failed append leaves
 * the contents as they were and sets `failed`, which sticks: callers may append a whole line
 * and check once.
 */
#ifndef COMMON_BUF_H
#define COMMON_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buf {
	char *data;   /* owned; not NUL-terminated, see buf_text() */
	size_t bytes; /* in use */
	size_t room;
	bool failed; /* an append ran out of memory */
};

void buf_done(struct buf *buf);
/* Empties it and keeps the memory; clears `failed`. */
void buf_clear(struct buf *buf);
void buf_add_slowly(struct buf *buf, const void *data, size_t bytes);

/* Inline where there is room: a line of text is made of many short appends. */
static inline void buf_add(struct buf *buf, const void *data, size_t bytes)
{
	if (!bytes)
		return;
	if (buf->failed || bytes >= buf->room - buf->bytes) {
		buf_add_slowly(buf, data, bytes);
		return;
	}
	memcpy(buf->data + buf->bytes, data, bytes);
	buf->bytes += bytes;
}

static inline void buf_add_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

static inline void buf_add_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The contents with a NUL after them; "" if empty, NULL if it failed. Owned by the buffer. */
const char *buf_text(struct buf *buf);

#endif
