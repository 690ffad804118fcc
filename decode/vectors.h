/* SPDX-License-Identifier: Apache-2.0 */
/* The vectors of readv and its kin and of messages, and a message's control data. */
#ifndef DECODE_VECTORS_H
#define DECODE_VECTORS_H

#include "decode/value.h"

/* struct iovec, and what it holds. */
struct vector {
	uint64_t base, bytes;
	bool captured; /* false: of what it holds nothing is known */
	struct value data;
};

/* Vectors that were captured whole, and one of them; index < iovec_count(). */
size_t iovec_count(const struct value *iovec);
struct vector iovec_vector(const struct value *iovec, size_t index);
/* What they hold, joined, as VALUE_DATA. False if that was not captured. */
bool iovec_payload(const struct value *iovec, struct value *ret);

/* The control message at *offset of a VALUE_CONTROL, as a struct; moves on behind it. */
bool control_next(const struct value *control, size_t *offset, struct value *ret);

#endif
