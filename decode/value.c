/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers and captured bytes -> typed values, by the rows of the tables.  Last step of
 * decoding; renderers make text of what comes out.
 *
 * Invariant: a value's data lies within one capture of the event, and nothing is read past it.
 */
#include "decode/value_build.h"

#include <string.h>

#include "decode/changed.h"

#define ERRNO_MAX	      4095 /* MAX_ERRNO, include/linux/err.h */
#define ERESTARTSYS	      512
#define ENOIOCTLCMD	      515
#define ERESTART_RESTARTBLOCK 516

/* For numbers that have no row. */
#define UNKNOWN_FIELD(n)                                                                           \
	{                                                                                          \
		.name = "arg" #n, .type = VALUE_HEX, .bytes = 8, .length = FIELD_NONE,             \
		.argument = (n)                                                                    \
	}
static const struct field unknown_fields[IGREC_ARGS_MAX] = {
	UNKNOWN_FIELD(0), UNKNOWN_FIELD(1), UNKNOWN_FIELD(2),
	UNKNOWN_FIELD(3), UNKNOWN_FIELD(4), UNKNOWN_FIELD(5),
};

#define UNKNOWN_LAYOUT(n)                                                                          \
	{                                                                                          \
		.name = "", .fields = unknown_fields, .count = (n), .key = FIELD_NONE              \
	}
static const struct layout unknown_layouts[IGREC_ARGS_MAX + 1] = {
	UNKNOWN_LAYOUT(0), UNKNOWN_LAYOUT(1), UNKNOWN_LAYOUT(2), UNKNOWN_LAYOUT(3),
	UNKNOWN_LAYOUT(4), UNKNOWN_LAYOUT(5), UNKNOWN_LAYOUT(6),
};

static const struct field number_field = {.name = "result",
					  .type = VALUE_NUMBER,
					  .bytes = 8,
					  .is_signed = true,
					  .length = FIELD_NONE};

/* One step; the layout itself if none of its variants applies. */
static const struct layout *pick_variant(const struct layout *layout, uint64_t key)
{
	for (unsigned i = 0; i < layout->n_variants; i++) {
		const struct layout_variant *variant = &layout->variants[i];

		if ((key & variant->mask) == variant->value)
			return variant->layout;
	}
	return layout;
}

static uint64_t event_outcome(const struct event *event)
{
	return event->result < 0 && event->result >= -ERRNO_MAX ? OUTCOME_FAILED : 0;
}

/* What the registers of a field hold; 0 for what the syscall does not take. */
static uint64_t register_bits(const struct event *event, const struct field *field)
{
	unsigned at = field->argument;
	uint64_t first = at < event->args ? event->arg[at] : 0;
	uint64_t next = at + 1 < event->args ? event->arg[at + 1] : 0;

	switch (field->registers) {
	case REGISTER_LOW_HIGH:
		return (uint32_t)first | next << 32;
	case REGISTER_HIGH_LOW:
		return (uint32_t)next | first << 32;
	case REGISTER_PAGES:
		return first * VALUE_PAGE_BYTES;
	default:
		return first;
	}
}

static uint64_t field_register(const struct event *event, const struct field *field)
{
	return value_narrow(field, register_bits(event, field));
}

const struct layout *event_layout(enum arch arch, const struct event *event)
{
	const struct layout *layout = NULL, *next;
	const struct syscall_descriptor *call;
	uint64_t key;

	call = syscall_of(arch, event->nr, event->compat);
	if (!call || event->args < call->args)
		return &unknown_layouts[event->args];
	for (next = &call->arguments; next != layout;) {
		layout = next;
		if (!layout->n_variants)
			break;
		key = layout->key == FIELD_RESULT
			      ? event_outcome(event)
			      : field_register(event, &layout->fields[layout->key]);
		next = pick_variant(layout, key);
	}
	return layout;
}

static bool in_memory(const struct field *field)
{
	switch (field->type) {
	case VALUE_STRING:
	case VALUE_PATH:
	case VALUE_DATA:
	case VALUE_SOCKET_DATA:
	case VALUE_IOVEC:
	case VALUE_STRUCT:
	case VALUE_ARRAY:
	case VALUE_HEX_DATA:
	case VALUE_OPTION:
	case VALUE_OFFSET:
	case VALUE_MOVED_OFFSET:
	case VALUE_CONTROL:
	case VALUE_ARGV:
	case VALUE_SIGNAL_SET:
	case VALUE_XATTR:
	case VALUE_CPU_SET:
	case VALUE_FD_SET:
	case VALUE_NODES:
	case VALUE_PAGES:
	case VALUE_COUNTED:
		return true;
	default:
		return false;
	}
}

/* Whether the call has filled what the capture then read. */
static bool is_filled(const struct event *event, const struct field *field)
{
	switch (field->needs) {
	case NEEDS_SUCCESS:
		return event_outcome(event) != OUTCOME_FAILED;
	case NEEDS_RESULT:
		return event->result > 0;
	default:
		return true;
	}
}

/* A range without a page: nothing was to be filled. */
static bool is_empty(const struct event *event, const struct field *field)
{
	return field->type == VALUE_PAGES && !event->arg[field->length];
}

static void add_tail(const struct event *event, struct value *value)
{
	const struct event_capture *tail = event_capture_of(event, IGREC_ARG_TAIL);

	if (!tail || value->type != VALUE_DATA || !value->truncated)
		return;
	value->tail = tail->data;
	value->tail_bytes = tail->bytes;
}

/* The memory that `arg`, an argument or a member behind one, points to. */
static struct value captured_value(const struct event *event, const struct field *field,
				   unsigned arg, uint64_t pointer, uint64_t filled)
{
	const struct event_capture *capture = event_capture_of(event, arg);
	struct value value = value_plain(field, pointer);

	value.event = event;
	value.arg = (uint8_t)arg;
	value.filled = filled;
	if (!capture || !is_filled(event, field)) {
		value.type = is_empty(event, field) && pointer ? field->type : VALUE_POINTER;
		return value;
	}
	value.truncated = capture->truncated;
	value.data = capture->data;
	value.data_bytes = capture->bytes;
	if (capture->unreadable && !capture->bytes)
		value.type = VALUE_UNREADABLE;
	else
		value_limit(event, &value);
	add_tail(event, &value);
	return value;
}

struct value event_argument(const struct event *event, const struct layout *layout, unsigned index)
{
	const struct field *field = &layout->fields[index];
	uint64_t bits = register_bits(event, field);
	struct value value;

	if (in_memory(field)) {
		value = captured_value(event, field, field->argument, bits,
				       field->length != FIELD_RESULT ? UINT64_MAX
				       : event->result < 0	     ? 0
								     : (uint64_t)event->result);
		if (field->both)
			changed_take(event, &value);
		else if (value.data)
			changed_limit(event, &value);
		return value;
	}
	if (field->type == VALUE_CHANGED)
		bits = (uint64_t)event->result;
	return value_plain(field, bits);
}

static bool condition_holds(const struct field_condition *when, uint64_t key)
{
	return when->any ? (key & when->mask) != 0 : (key & when->mask) == when->value;
}

/* All zeros if what it depends on was not captured. */
static uint64_t condition_key(const struct event *event, const struct layout *layout,
			      const struct field_condition *when)
{
	const struct field *key = &layout->fields[when->key], *member = when->member;
	const struct event_capture *capture;

	if (!member)
		return field_register(event, key);
	capture = event_capture_of(event, key->argument);
	if (!capture || (size_t)member->offset + member->bytes > capture->bytes)
		return 0;
	return value_narrow(member, value_bits(capture->data + member->offset, member->bytes));
}

/* What became of an argument: shown behind it, if anything did. */
static bool is_afterthought(const struct field *field)
{
	return field->label && !field->label[0];
}

bool event_has_argument(const struct event *event, const struct layout *layout, unsigned index)
{
	const struct field *field = &layout->fields[index];

	if (field->argument >= event->args && !event_capture_of(event, field->argument))
		return false;
	if (field->type == VALUE_CHANGED && event_outcome(event) == OUTCOME_FAILED)
		return false;
	if (is_afterthought(field) && !is_filled(event, field))
		return false;
	return !field->when ||
	       condition_holds(field->when, condition_key(event, layout, field->when));
}

const struct layout *layout_select(const struct layout *layout, const void *data, size_t bytes)
{
	const struct layout *next = layout;

	do {
		const struct field *key;

		layout = next;
		if (!layout->n_variants)
			break;
		key = &layout->fields[layout->key];
		if ((size_t)key->offset + key->bytes > bytes)
			break;
		next = pick_variant(
			layout,
			value_narrow(key, value_bits((const unsigned char *)data + key->offset,
						     key->bytes)));
	} while (next != layout);
	return layout;
}

/* The bytes that a member takes; 0 for one that goes on to the end of the struct. */
static size_t field_bytes(const struct field *field)
{
	if (field->type == VALUE_ARRAY)
		return field->fixed * field_bytes(field->element);
	return field->type == VALUE_STRUCT && field->length == FIELD_NONE ? field->layout->bytes
									  : field->bytes;
}

static struct value stored_value(const struct field *field, const unsigned char *data, size_t bytes)
{
	struct value value = value_plain(field, value_bits(data, field->bytes));

	if (field->bits)
		value.number = value.number >> field->shift & (UINT64_MAX >> (64 - field->bits));
	value.data = data;
	value.data_bytes = bytes;
	if (field->type == VALUE_CAPABILITIES)
		value.number = value_bits(data, 4) | value_bits(data + 12, 4) << 32;
	if (field->type == VALUE_STRUCT && field->length == FIELD_NONE)
		value.layout = layout_select(field->layout, data, bytes);
	else if (field->length != FIELD_NONE)
		value.type = VALUE_POINTER;
	return value;
}

static bool member_is_there(const struct layout *layout, const struct field_condition *when,
			    const unsigned char *data, size_t bytes)
{
	const struct field *key = &layout->fields[when->key];

	if ((size_t)key->offset + key->bytes > bytes)
		return false;
	return condition_holds(when, value_narrow(key, value_bits(data + key->offset, key->bytes)));
}

/* Bytes of which a member before says how many there are. */
static void limit_to_count(const struct layout *layout, const unsigned char *data,
			   struct value *value)
{
	const struct field *counter = &layout->fields[value->field->fixed - 1];
	uint64_t count = value_narrow(counter, value_bits(data + counter->offset, counter->bytes));

	value->truncated = count > value->data_bytes;
	if (count < value->data_bytes)
		value->data_bytes = count;
}

bool layout_member(const struct layout *layout, unsigned index, const void *data, size_t bytes,
		   struct value *ret)
{
	const struct field *field = &layout->fields[index];
	size_t wanted = field_bytes(field);

	if (field->offset > bytes || wanted > bytes - field->offset)
		return false;
	if (field->when && !member_is_there(layout, field->when, data, bytes))
		return false;
	if (!wanted)
		wanted = bytes - field->offset;
	if (!wanted)
		return false;
	*ret = stored_value(field, (const unsigned char *)data + field->offset, wanted);
	if (field->type == VALUE_HEX_DATA && field->fixed)
		limit_to_count(layout, data, ret);
	return true;
}

bool value_at(const struct field *field, const void *data, size_t bytes, struct value *ret)
{
	size_t wanted = field_bytes(field);

	if (wanted > bytes)
		return false;
	*ret = stored_value(field, data, wanted ? wanted : bytes);
	return true;
}

/* What lies in captured memory finds the other captures through what it lies in. */
static void inherit(struct value *inner, const struct value *outer, unsigned part)
{
	inner->event = outer->event;
	inner->filled = outer->filled;
	inner->part = (uint8_t)part;
}

bool struct_member(const struct value *value, unsigned index, struct value *ret)
{
	const struct field *field = &value->layout->fields[index];

	if (!layout_member(value->layout, index, value->data, value->data_bytes, ret))
		return false;
	if (value->event && field->length != FIELD_NONE)
		*ret = captured_value(value->event, field, field->length + value->part, ret->number,
				      value->filled);
	else if (field->type == VALUE_STRUCT)
		inherit(ret, value, value->part);
	else if (field->type == VALUE_DATA && !field_bytes(field))
		ret->truncated = value->truncated;
	return true;
}

#define MESSAGE_BYTES_AT 56 /* msg_len of struct mmsghdr, include/linux/socket.h */

/* Of what the kernel fills with as many elements as it says in the result. */
static bool counts_filled(const struct value *array)
{
	return array->event && array->filled != UINT64_MAX;
}

size_t array_elements(const struct value *array)
{
	size_t there = array->data_bytes / field_bytes(array->field->element);
	size_t fixed = array->field->fixed;

	if (counts_filled(array) && array->filled < there)
		return array->filled;
	return fixed && fixed < there ? fixed : there;
}

struct value array_element(const struct value *array, size_t index)
{
	size_t bytes = field_bytes(array->field->element);
	struct value element =
		stored_value(array->field->element, array->data + index * bytes, bytes);

	inherit(&element, array, index * IGREC_ARG_MSG_PARTS);
	if (counts_filled(array))
		element.filled = value_bits(element.data + MESSAGE_BYTES_AT, 4);
	return element;
}

struct result event_result(enum arch arch, const struct event *event)
{
	const struct syscall_descriptor *call;
	const struct field *field = &number_field;
	struct result result = {.kind = RESULT_VALUE};

	call = syscall_of(arch, event->nr, event->compat);
	if (call && call->result.type)
		field = &call->result;
	if (call && event->result >= 0 && event_layout(arch, event)->result)
		field = event_layout(arch, event)->result;
	if (event->result < 0 && event->result >= -ERRNO_MAX) {
		result.error = (int)-event->result;
		result.kind = result.error >= ERESTARTSYS &&
					      result.error <= ERESTART_RESTARTBLOCK &&
					      result.error != ENOIOCTLCMD
				      ? RESULT_RESTART
				      : RESULT_ERRNO;
	}
	result.value = value_plain(field, (uint64_t)event->result);
	return result;
}
