/* SPDX-License-Identifier: Apache-2.0 */
/* What decode/value.c and its siblings make values of; for decode/ alone. */
#ifndef DECODE_VALUE_BUILD_H
#define DECODE_VALUE_BUILD_H

#include <string.h>

#include "decode/value.h"

#define VALUE_PAGE_BYTES 4096

/* What a field of this width makes of 64 bits. */
static inline uint64_t value_narrow(const struct field *field, uint64_t bits)
{
	unsigned unused = field->bytes && field->bytes < 8 ? 64 - field->bytes * 8 : 0;

	if (field->is_signed)
		return (uint64_t)((int64_t)(bits << unused) >> unused);
	return bits << unused >> unused;
}

static inline struct value value_plain(const struct field *field, uint64_t bits)
{
	return (struct value){
		.type = field->type,
		.number = value_narrow(field, bits),
		.is_signed = field->is_signed,
		.bytes = field->bytes,
		.field = field,
		.layout = field->layout,
	};
}

/* Little endian bytes, at most 8, as 64 bits. */
static inline uint64_t value_bits(const unsigned char *data, unsigned bytes)
{
	uint64_t bits = 0;

	memcpy(&bits, data, bytes < sizeof(bits) ? bytes : sizeof(bits));
	return bits;
}

/*
 * What became of captured bytes, by the type of the field: cuts them to what arguments say that
 * there is, selects a struct's variant, or makes a pointer of what cannot be read as that type.
 */
void value_limit(const struct event *event, struct value *value);

#endif
