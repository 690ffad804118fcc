/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captures have a fixed size or a limit; how much of them belongs to the value another argument
 * says.  A step of captured_value() in value.c.
 *
 * Invariant: a value only gets shorter.
 */
#include "decode/value_build.h"

/* Captured are always as many bytes; there are as many as the range has pages. */
static void limit_to_pages(const struct event *event, struct value *value)
{
	uint64_t bytes = event->arg[value->field->length];
	uint64_t pages = bytes / VALUE_PAGE_BYTES + (bytes % VALUE_PAGE_BYTES != 0);

	value->truncated = pages > value->data_bytes;
	if (pages < value->data_bytes)
		value->data_bytes = pages;
}

/* The same for a mask of as many nodes as the argument says. */
static void limit_to_nodes(const struct event *event, struct value *value)
{
	uint64_t nodes = event->arg[value->field->length];
	uint64_t bytes = nodes ? (nodes - 1) / 64 * 8 + ((nodes - 1) % 64 ? 8 : 0) : 0;

	if (nodes && !bytes)
		value->type = VALUE_POINTER;
	value->truncated = bytes > value->data_bytes;
	if (bytes < value->data_bytes)
		value->data_bytes = bytes;
}

/* A struct with a size of its own, or with data behind it. */
static void limit_struct(const struct event *event, struct value *value)
{
	const struct field *field = value->field;
	uint64_t length = field->length != FIELD_RESULT ? event->arg[field->length]
			  : event->result > 0		? (uint64_t)event->result
							: 0;
	uint64_t known = field->layout->bytes;

	if (field->fixed == STRUCT_SIZED) {
		value->truncated |= length > known;
		return;
	}
	value->truncated = length > value->data_bytes - known;
	if (!value->truncated)
		value->data_bytes = known + length;
}

/* Captured for a variant are always as many bytes. */
static void limit_to_elements(const struct event *event, struct value *value)
{
	const struct field *field = value->field, *element = field->element;
	size_t bytes = element->type == VALUE_STRUCT ? element->layout->bytes : element->bytes;

	if (field->length >= IGREC_ARGS_MAX || field->fixed || !bytes ||
	    event->arg[field->length] >= value->data_bytes / bytes)
		return;
	value->data_bytes = event->arg[field->length] * bytes;
	value->truncated = false;
}

void value_limit(const struct event *event, struct value *value)
{
	switch (value->type) {
	case VALUE_STRUCT:
		if (!value->data_bytes) {
			value->type = VALUE_POINTER;
			return;
		}
		if (value->field->fixed == STRUCT_SIZED ||
		    (value->field->fixed == STRUCT_AND_DATA &&
		     value->data_bytes >= value->field->layout->bytes))
			limit_struct(event, value);
		value->layout = layout_select(value->field->layout, value->data, value->data_bytes);
		return;
	case VALUE_ARRAY:
		limit_to_elements(event, value);
		return;
	case VALUE_PAGES:
		limit_to_pages(event, value);
		return;
	case VALUE_NODES:
		limit_to_nodes(event, value);
		return;
	case VALUE_SIGNAL_SET:
		if (value->data_bytes == sizeof(value->number))
			memcpy(&value->number, value->data, sizeof(value->number));
		else
			value->type = VALUE_POINTER;
		return;
	default:
		return;
	}
}
