/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that a call changes in place: what IGREC_ARG_CHANGED holds becomes part of the argument's
 * value.
 *
 * Invariant: as event_argument()'s, a value's data lies within one capture.
 */
#include "decode/changed.h"

#include <string.h>

/* A set has as many bits as another argument says. */
static void limit_to_bits(const struct event *event, struct value *value)
{
	int32_t bits = (int32_t)event->arg[value->field->length];
	size_t bytes = bits > 0 ? ((size_t)bits + 7) / 8 : 0;

	if (bytes > value->data_bytes)
		value->truncated = true;
	else
		value->data_bytes = bytes;
	if (!bytes)
		value->type = VALUE_POINTER;
}

void changed_take(const struct event *event, struct value *value)
{
	const struct event_capture *capture =
		event_capture_of(event, IGREC_ARG_CHANGED + value->field->argument);
	bool has_own = value->data;
	size_t half;

	if (!capture || capture->unreadable || capture->bytes % 2)
		return;
	half = capture->bytes / 2;
	if (has_own) {
		value->before = capture->data;
		value->before_bytes = half;
		return;
	}
	value->type = value->field->type;
	value->data = capture->data;
	value->data_bytes = half;
	value->after = capture->data + half;
	if (value->type == VALUE_STRUCT)
		value->layout = layout_select(value->field->layout, value->data, half);
	if (value->type == VALUE_FD_SET)
		limit_to_bits(event, value);
}

void changed_limit(const struct event *event, struct value *value)
{
	const struct event_capture *capture;
	uint32_t room;

	if (value->field->length >= IGREC_ARGS_MAX)
		return;
	capture = event_capture_of(event, IGREC_ARG_CHANGED + value->field->length);
	if (!capture || capture->bytes != 2 * sizeof(room))
		return;
	memcpy(&room, capture->data, sizeof(room));
	if (room < value->data_bytes)
		value->data_bytes = room;
	if (!room || (value->type == VALUE_STRUCT && room < value->layout->fields[0].bytes))
		value->type = VALUE_POINTER;
}

struct value value_after(const struct value *value)
{
	struct value after = *value;

	after.data = value->after;
	after.after = NULL;
	if (after.type == VALUE_STRUCT)
		after.layout = layout_select(value->field->layout, after.data, after.data_bytes);
	return after;
}

bool value_was(const struct value *value, unsigned index, struct value *ret)
{
	return value->before && value->layout->fields[index].length == FIELD_NONE &&
	       layout_member(value->layout, index, value->before, value->before_bytes, ret);
}

int fd_set_next(const struct value *set, int fd)
{
	for (size_t at = (size_t)fd + 1; at < set->data_bytes * 8; at++) {
		if (set->data[at / 8] >> at % 8 & 1)
			return (int)at;
	}
	return -1;
}
