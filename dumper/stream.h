/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers in the columns of a chunk: docs/dump-format.md, "Columns".  A varint has 7 bits a byte,
 * the lowest first, the high bit set on all bytes but the last.  Reading is total: it stops at the
 * end of the stream and says so.
 */
#ifndef DUMPER_STREAM_H
#define DUMPER_STREAM_H

#include <stdint.h>

#include "common/buf.h"

/* What is left to read. */
struct stream {
	const unsigned char *data;
	size_t left;
};

/* Signed numbers as unsigned ones: 0, -1, 1, -2, ... are 0, 1, 2, 3, ... */
static inline uint64_t stream_fold(uint64_t value)
{
	return value << 1 ^ (value >> 63 ? UINT64_MAX : 0);
}

static inline uint64_t stream_unfold(uint64_t folded)
{
	return folded >> 1 ^ (folded & 1 ? UINT64_MAX : 0);
}

void stream_put(struct buf *out, uint64_t value);
/* False: the stream ends, or the number does not end within 64 bits. */
bool stream_get(struct stream *in, uint64_t *ret);
bool stream_get_bytes(struct stream *in, void *ret, size_t bytes);

/*
 * A word of a record, given what it probably is: 0 if it is that, a small signed number for itself,
 * plus 1, any other as the difference, with the lowest bit of the first byte set.
 */
void stream_put_word(struct buf *out, uint64_t word, uint64_t expected);
bool stream_get_word(struct stream *in, uint64_t expected, uint64_t *ret);

/* Bits one after the other, the lowest first. */
struct bits_out {
	struct buf *out;
	uint64_t pending;
	unsigned count;
};

struct bits_in {
	struct stream in;
	uint64_t pending;
	unsigned count;
};

/*
 * A number without pattern, such as a time: its magnitude in one byte, which compresses, and the
 * bits below in another column, which do not. Magnitudes 0 and 1 are these numbers; from there on
 * twice the position of the highest set bit, plus the bit below it.
 */
void stream_put_number(struct buf *magnitudes, struct bits_out *bits, uint64_t value);
bool stream_get_number(struct stream *magnitudes, struct bits_in *bits, uint64_t *ret);
/* Writes the last, incomplete byte. */
void bits_out_end(struct bits_out *bits);

#endif
