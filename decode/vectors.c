/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies behind vectors and in control messages.  The arrays themselves are one capture, what
 * the vectors hold is another, joined; here they are laid beside each other.
 *
 * Invariant: a vector's data lies within the capture of the payload.
 */
#include "decode/vectors.h"

#include <string.h>

#define VECTOR_BYTES 16 /* struct iovec, include/uapi/linux/uio.h */

static const struct field vector_data = {
	.name = "", .type = VALUE_DATA, .bytes = 8, .length = FIELD_NONE};

static uint64_t read_u64(const unsigned char *data)
{
	uint64_t number;

	memcpy(&number, data, sizeof(number));
	return number;
}

static struct value data_value(const unsigned char *data, size_t bytes, bool truncated)
{
	return (struct value){
		.type = VALUE_DATA,
		.truncated = truncated,
		.field = &vector_data,
		.data = data,
		.data_bytes = bytes,
	};
}

bool iovec_payload(const struct value *iovec, struct value *ret)
{
	const struct event_capture *payload = event_payload_of(iovec->event, iovec->arg);

	if (!payload || (payload->unreadable && !payload->bytes))
		return false;
	*ret = data_value(payload->data, payload->bytes, payload->truncated || payload->unreadable);
	if (ret->data_bytes > iovec->filled)
		ret->data_bytes = iovec->filled;
	return true;
}

size_t iovec_count(const struct value *iovec)
{
	return iovec->data_bytes / VECTOR_BYTES;
}

static uint64_t vector_bytes(const struct value *iovec, size_t index)
{
	return read_u64(iovec->data + index * VECTOR_BYTES + 8);
}

struct vector iovec_vector(const struct value *iovec, size_t index)
{
	struct vector vector = {
		.base = read_u64(iovec->data + index * VECTOR_BYTES),
		.bytes = vector_bytes(iovec, index),
	};
	uint64_t filled = iovec->filled, there;
	struct value payload;
	size_t at = 0, take;

	if (!iovec_payload(iovec, &payload))
		return vector;
	for (size_t i = 0; i < index; i++) {
		uint64_t bytes = vector_bytes(iovec, i);

		filled -= iovec->filled == UINT64_MAX ? 0 : bytes < filled ? bytes : filled;
		at += bytes < payload.data_bytes - at ? bytes : payload.data_bytes - at;
	}
	there = vector.bytes < filled ? vector.bytes : filled;
	take = there < payload.data_bytes - at ? there : payload.data_bytes - at;
	vector.captured = true;
	vector.data = data_value(payload.data + at, take, take < there);
	return vector;
}

#define CONTROL_HEADER_BYTES 16 /* struct cmsghdr, include/linux/socket.h */

bool control_next(const struct value *control, size_t *offset, struct value *ret)
{
	size_t left = control->data_bytes - *offset;
	uint64_t bytes;

	if (left < CONTROL_HEADER_BYTES)
		return false;
	bytes = read_u64(control->data + *offset);
	if (bytes < CONTROL_HEADER_BYTES)
		return false;
	*ret = (struct value){
		.type = VALUE_STRUCT,
		.truncated = bytes > left,
		.field = control->field,
		.data = control->data + *offset,
		.data_bytes = bytes < left ? bytes : left,
	};
	ret->layout = layout_select(control->field->layout, ret->data, ret->data_bytes);
	bytes = bytes < left ? (bytes + 7) & ~(uint64_t)7 : left;
	*offset += bytes < left ? bytes : left;
	return true;
}
