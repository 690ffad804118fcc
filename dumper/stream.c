/* SPDX-License-Identifier: Apache-2.0 */
/* Between a chunk's columns and numbers, both directions: see stream.h. */
#include "dumper/stream.h"

#define SMALL	      (1ULL << 16) /* folded: words from -32768 to 32767 */
#define MAGNITUDE_MAX 127
#define VARINT_BYTES  10
#define DIFFERENCE    1 /* flag of a word */

void stream_put(struct buf *out, uint64_t value)
{
	unsigned char bytes[VARINT_BYTES];
	size_t count = 0;

	for (; value >= 0x80; value >>= 7)
		bytes[count++] = (unsigned char)(value | 0x80);
	bytes[count++] = (unsigned char)value;
	buf_add(out, bytes, count);
}

bool stream_get(struct stream *in, uint64_t *ret)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && in->left; shift += 7) {
		unsigned char byte = *in->data++;

		in->left--;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*ret = value;
			return shift < 63 || byte <= 1;
		}
	}
	return false;
}

bool stream_get_bytes(struct stream *in, void *ret, size_t bytes)
{
	if (in->left < bytes)
		return false;
	memcpy(ret, in->data, bytes);
	in->data += bytes;
	in->left -= bytes;
	return true;
}

/* The first byte has the flag and 6 bits; the others are a varint of the rest. */
static void put_flagged(struct buf *out, unsigned char flag, uint64_t number)
{
	unsigned char first = (unsigned char)((number & 0x3f) << 1) | flag;

	if (number < 0x40) {
		buf_add_char(out, (char)first);
		return;
	}
	buf_add_char(out, (char)(first | 0x80));
	stream_put(out, number >> 6);
}

void stream_put_word(struct buf *out, uint64_t word, uint64_t expected)
{
	uint64_t folded = stream_fold(word);

	if (word == expected)
		buf_add_char(out, 0);
	else if (folded < SMALL)
		put_flagged(out, 0, folded + 1);
	else
		put_flagged(out, DIFFERENCE, stream_fold(word - expected));
}

bool stream_get_word(struct stream *in, uint64_t expected, uint64_t *ret)
{
	uint64_t number, rest = 0;
	unsigned char first;

	if (!stream_get_bytes(in, &first, 1))
		return false;
	if (first & 0x80 && (!stream_get(in, &rest) || rest >> 58))
		return false;
	number = rest << 6 | (first >> 1 & 0x3f);
	if (first & DIFFERENCE)
		*ret = expected + stream_unfold(number);
	else
		*ret = number ? stream_unfold(number - 1) : expected;
	return true;
}

static void put_bits(struct bits_out *bits, uint64_t value, unsigned count)
{
	for (; count; count--, value >>= 1) {
		bits->pending |= (value & 1) << bits->count++;
		if (bits->count == 8)
			bits_out_end(bits);
	}
}

void bits_out_end(struct bits_out *bits)
{
	if (bits->count)
		buf_add_char(bits->out, (char)bits->pending);
	bits->pending = 0;
	bits->count = 0;
}

static bool get_bits(struct bits_in *bits, unsigned count, uint64_t *ret)
{
	uint64_t value = 0;

	for (unsigned done = 0; done < count;) {
		unsigned take = count - done;
		unsigned char byte;

		if (!bits->count) {
			if (!stream_get_bytes(&bits->in, &byte, 1))
				return false;
			bits->pending = byte;
			bits->count = 8;
		}
		take = take < bits->count ? take : bits->count;
		value |= (bits->pending & ((1U << take) - 1)) << done;
		bits->pending >>= take;
		bits->count -= take;
		done += take;
	}
	*ret = value;
	return true;
}

void stream_put_number(struct buf *magnitudes, struct bits_out *bits, uint64_t value)
{
	unsigned top, rest;

	if (value < 2) {
		buf_add_char(magnitudes, (char)value);
		return;
	}
	top = 63 - (unsigned)__builtin_clzll(value);
	rest = top - 1;
	buf_add_char(magnitudes, (char)(2 * top + (value >> rest & 1)));
	put_bits(bits, value, rest);
}

bool stream_get_number(struct stream *magnitudes, struct bits_in *bits, uint64_t *ret)
{
	unsigned char magnitude;
	uint64_t low;

	if (!stream_get_bytes(magnitudes, &magnitude, 1) || magnitude > MAGNITUDE_MAX)
		return false;
	if (magnitude < 2) {
		*ret = magnitude;
		return true;
	}
	if (!get_bits(bits, magnitude / 2 - 1, &low))
		return false;
	*ret = (2ULL | (magnitude & 1)) << (magnitude / 2 - 1) | low;
	return true;
}
