/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The growing byte buffer that renderers and writers fill.  Invariants: bytes <= room, and
 * while !failed one more byte than `bytes` is allocated when data is not NULL, so that
 * buf_text() can terminate in place.
 */
#include "common/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST_ROOM 256

void buf_done(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}

void buf_clear(struct buf *buf)
{
	buf->bytes = 0;
	buf->failed = false;
}

/* Makes room for `more` bytes and a NUL. */
static bool buf_grow(struct buf *buf, size_t more)
{
	size_t room = buf->room ? buf->room : BUF_FIRST_ROOM;
	char *data;

	if (buf->failed)
		return false;
	if (more < buf->room - buf->bytes)
		return true;
	if (more >= SIZE_MAX / 4 - buf->bytes) {
		buf->failed = true;
		return false;
	}
	while (room - buf->bytes <= more)
		room *= 2;
	data = realloc(buf->data, room);
	if (!data) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->room = room;
	return true;
}

void buf_add_slowly(struct buf *buf, const void *data, size_t bytes)
{
	if (!buf_grow(buf, bytes))
		return;
	memcpy(buf->data + buf->bytes, data, bytes);
	buf->bytes += bytes;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		buf->failed = true;
	if (length < 0 || !buf_grow(buf, (size_t)length))
		return;
	va_start(args, format);
	vsnprintf(buf->data + buf->bytes, (size_t)length + 1, format, args);
	va_end(args);
	buf->bytes += (size_t)length;
}

const char *buf_text(struct buf *buf)
{
	if (buf->failed)
		return NULL;
	if (!buf->data)
		return "";
	buf->data[buf->bytes] = '\0';
	return buf->data;
}
