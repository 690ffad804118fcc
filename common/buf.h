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

struct buf {
	char *data;   /* owned; not NUL-terminated, see buf_text() */
	size_t bytes; /* in use */
	size_t room;
	bool failed; /* an append ran out of memory */
};

void buf_done(struct buf *buf);
/* Empties it and keeps the memory; clears `failed`. */
void buf_clear(struct buf *buf);
void buf_add(struct buf *buf, const void *data, size_t bytes);
void buf_add_char(struct buf *buf, char c);
void buf_add_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The contents with a NUL after them; "" if empty, NULL if it failed. Owned by the buffer. */
const char *buf_text(struct buf *buf);

#endif
