/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place where values become text; columns, strace lines and JSON's texts all come from
 * here.  Notation: strace's.  Values that are one number: value_number.c.
 */
#include "replay/value_text.h"

#include <inttypes.h>
#include <string.h>

#include "common/escape.h"
#include "decode/changed.h"
#include "decode/vectors.h"
#include "replay/call_text.h"
#include "replay/netlink_text.h"
#include "replay/number.h"
#include "replay/value_number.h"

static void quoted(struct buf *out, const void *data, size_t bytes, bool truncated)
{
	buf_add_char(out, '"');
	escape_quoted(out, data, bytes);
	buf_add_char(out, '"');
	if (truncated)
		buf_add_text(out, "...");
}

/* Up to the first NUL, as C strings end. */
static size_t string_bytes(const struct value *value)
{
	const void *nul = value->data_bytes ? memchr(value->data, 0, value->data_bytes) : NULL;

	return nul ? (size_t)((const unsigned char *)nul - value->data) : value->data_bytes;
}

/* ---- what holds other values ------------------------------------------------------------- */

/* strace writes inet_pton(..., &sin6_addr) in place of NAME=VALUE. */
static bool has_own_name(const struct field *field)
{
	return field->type == VALUE_IPV6;
}

/* "128 => ", if the call has changed the member. */
static void was_text(struct buf *out, const struct value *value, unsigned index,
		     const struct value *member)
{
	struct value was;

	if (!value_was(value, index, &was) || was.number == member->number)
		return;
	value_text(out, &was);
	buf_add_text(out, " => ");
}

static void struct_text(struct buf *out, const struct value *value)
{
	const char *separator = "";
	bool told = !value->truncated;
	struct value member;

	buf_add_char(out, '{');
	for (unsigned i = 0; i < value->layout->count; i++) {
		if (!struct_member(value, i, &member))
			continue;
		member.objects = value->objects;
		buf_add_text(out, separator);
		if (!has_own_name(member.field)) {
			buf_add_text(out, member.field->name);
			buf_add_char(out, '=');
		}
		was_text(out, value, i, &member);
		value_text(out, &member);
		separator = ", ";
		told |= member.truncated;
	}
	if (!told || value->layout->is_part) {
		buf_add_text(out, separator);
		buf_add_text(out, "...");
	}
	buf_add_char(out, '}');
}

/* "[128 => 16]": one number, before the call and after it. */
static void changed_number_text(struct buf *out, const struct value *value)
{
	struct value after = value_after(value);
	struct value was = array_element(value, 0), is = array_element(&after, 0);

	buf_add_char(out, '[');
	value_text(out, &was);
	if (was.number != is.number && value->event->result >= 0) {
		buf_add_text(out, " => ");
		value_text(out, &is);
	}
	buf_add_char(out, ']');
}

/* strace's -s, which is about arrays too. */
#define ELEMENTS_MAX 32

static void array_text(struct buf *out, const struct value *value)
{
	size_t there = array_elements(value), count = there < ELEMENTS_MAX ? there : ELEMENTS_MAX;
	const char *separator = "";

	if (value->after && count == 1) {
		changed_number_text(out, value);
		return;
	}
	buf_add_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		struct value element = array_element(value, i);

		element.objects = value->objects;
		buf_add_text(out, separator);
		value_text(out, &element);
		separator = ", ";
	}
	if (value->truncated || there > count) {
		buf_add_text(out, separator);
		buf_add_text(out, "...");
	}
	buf_add_char(out, ']');
}

static void pages_text(struct buf *out, const struct value *value)
{
	buf_add_char(out, '[');
	for (size_t page = 0; page < value->data_bytes; page++) {
		buf_add_text(out, page ? ", " : "");
		buf_add_char(out, value->data[page] & 1 ? '1' : '0');
	}
	buf_add_text(out, value->truncated ? ", ...]" : "]");
}

static void nodes_text(struct buf *out, const struct value *value)
{
	buf_add_char(out, '[');
	for (size_t at = 0; at + sizeof(uint64_t) <= value->data_bytes; at += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, value->data + at, sizeof(word));
		buf_printf(out, "%s%#016" PRIx64, at ? ", " : "", word);
	}
	buf_add_text(out, value->truncated ? ", ...]" : "]");
}

static void cpu_set_text(struct buf *out, const struct value *value)
{
	const char *separator = "";

	buf_add_char(out, '[');
	for (size_t cpu = 0; cpu < value->data_bytes * 8; cpu++) {
		if (!(value->data[cpu / 8] >> cpu % 8 & 1))
			continue;
		buf_add_text(out, separator);
		number_unsigned(out, cpu);
		separator = " ";
	}
	if (value->truncated) {
		buf_add_text(out, separator);
		buf_add_text(out, "...");
	}
	buf_add_char(out, ']');
}

static void fd_set_text(struct buf *out, const struct value *value)
{
	struct value fd = {
		.type = VALUE_FD, .is_signed = true, .bytes = 4, .objects = value->objects};
	const char *separator = "";
	int at = -1;

	buf_add_char(out, '[');
	while ((at = fd_set_next(value, at)) >= 0) {
		buf_add_text(out, separator);
		fd.number = (uint64_t)at;
		value_text(out, &fd);
		separator = " ";
	}
	if (value->truncated) {
		buf_add_text(out, separator);
		buf_add_text(out, "...");
	}
	buf_add_char(out, ']');
}

/* An address, and in a comment how many there are: "12 vars", "1 entries". */
static void counted_text(struct buf *out, const struct value *value)
{
	const char *unit = value->field->unit;
	uint32_t count = 0;

	memcpy(&count, value->data, value->data_bytes < 4 ? value->data_bytes : 4);
	pointer_text(out, value->number);
	buf_add_text(out, value->truncated ? " /* at least " : " /* ");
	number_unsigned(out, count);
	buf_add_char(out, ' ');
	buf_add_text(out, unit);
	if (count != 1 && unit[strlen(unit) - 1] != 's')
		buf_add_char(out, 's');
	buf_add_text(out, " */");
}

static void argv_text(struct buf *out, const struct value *value)
{
	const unsigned char *at = value->data, *end = value->data + value->data_bytes;

	buf_add_char(out, '[');
	while (at < end) {
		const unsigned char *nul = memchr(at, 0, (size_t)(end - at));

		if (at != value->data)
			buf_add_text(out, ", ");
		quoted(out, at, (size_t)((nul ? nul : end) - at), !nul && value->truncated);
		at = nul ? nul + 1 : end;
	}
	if (value->truncated && value->data_bytes && !end[-1])
		buf_add_text(out, ", ...");
	buf_add_char(out, ']');
}

/* netlink: the protocol if the vectors are of such a socket's message, else NULL. */
static void vector_text(struct buf *out, const struct vector *vector, const unsigned *netlink)
{
	buf_add_text(out, "{iov_base=");
	if (!vector->captured || !vector->base)
		pointer_text(out, vector->base);
	else if (netlink && vector->data.data_bytes)
		netlink_text(out, *netlink, &vector->data);
	else
		quoted(out, vector->data.data, vector->data.data_bytes, vector->data.truncated);
	buf_add_text(out, ", iov_len=");
	number_unsigned(out, vector->bytes);
	buf_add_char(out, '}');
}

static void iovec_text(struct buf *out, const struct value *value)
{
	size_t count = iovec_count(value);
	unsigned protocol;
	bool netlink = value->arg >= IGREC_ARG_MSG_NAME &&
		       is_netlink(value->event, value->objects, &protocol);

	buf_add_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		struct vector vector = iovec_vector(value, i);

		buf_add_text(out, i ? ", " : "");
		vector_text(out, &vector, netlink ? &protocol : NULL);
	}
	if (value->truncated)
		buf_add_text(out, count ? ", ..." : "...");
	buf_add_char(out, ']');
}

static void control_text(struct buf *out, const struct value *value)
{
	const char *separator = "";
	struct value message;
	size_t offset = 0;

	buf_add_char(out, '[');
	while (control_next(value, &offset, &message)) {
		message.objects = value->objects;
		buf_add_text(out, separator);
		value_text(out, &message);
		separator = ", ";
	}
	if (value->truncated) {
		buf_add_text(out, separator);
		buf_add_text(out, "...");
	}
	buf_add_char(out, ']');
}

/* ---- strings ------------------------------------------------------------------------------ */

static void socket_path_text(struct buf *out, const struct value *value)
{
	if (value->data[0]) {
		quoted(out, value->data, string_bytes(value), false);
		return;
	}
	buf_add_char(out, '@');
	quoted(out, value->data + 1, value->data_bytes - 1, false);
}

static void string_text(struct buf *out, const struct value *value)
{
	quoted(out, value->data, string_bytes(value), value->truncated);
}

static void data_text(struct buf *out, const struct value *value)
{
	quoted(out, value->data, value->data_bytes, value->truncated);
	if (value->tail_bytes)
		quoted(out, value->tail, value->tail_bytes, false);
}

static void socket_data_text(struct buf *out, const struct value *value)
{
	unsigned protocol;

	if (is_netlink(value->event, value->objects, &protocol))
		netlink_text(out, protocol, value);
	else
		data_text(out, value);
}

static void hex_data_text(struct buf *out, const struct value *value)
{
	static const char digits[] = "0123456789abcdef";

	buf_add_char(out, '"');
	for (size_t i = 0; i < value->data_bytes; i++) {
		const char escape[4] = {'\\', 'x', digits[value->data[i] >> 4],
					digits[value->data[i] & 0xf]};

		buf_add(out, escape, sizeof(escape));
	}
	buf_add_text(out, value->truncated ? "\"..." : "\"");
}

static void xattr_text(struct buf *out, const struct value *value)
{
	bool is_string =
		value->data_bytes && !value->truncated && !value->data[value->data_bytes - 1];

	quoted(out, value->data, value->data_bytes - is_string, value->truncated);
}

/* What is known of most socket options is their size alone. */
static void option_text(struct buf *out, const struct value *value)
{
	int32_t number;

	if (!value->data_bytes) {
		pointer_text(out, value->number);
		return;
	}
	if (value->data_bytes != sizeof(number)) {
		quoted(out, value->data, value->data_bytes, value->truncated);
		return;
	}
	memcpy(&number, value->data, sizeof(number));
	buf_add_char(out, '[');
	number_signed(out, number);
	buf_add_char(out, ']');
}

/* The capture was made when the call was over. */
static bool offset_before_text(struct buf *out, const struct value *value, int64_t *ret_after)
{
	if (value->data_bytes != sizeof(*ret_after))
		return false;
	memcpy(ret_after, value->data, sizeof(*ret_after));
	buf_add_char(out, '[');
	number_signed(out, (int64_t)((uint64_t)*ret_after - value->filled));
	buf_add_char(out, ']');
	return true;
}

static void offset_text(struct buf *out, const struct value *value)
{
	int64_t after;

	if (!offset_before_text(out, value, &after))
		pointer_text(out, value->number);
}

static void moved_offset_text(struct buf *out, const struct value *value)
{
	int64_t after;

	if (!offset_before_text(out, value, &after)) {
		pointer_text(out, value->number);
		return;
	}
	if (!value->filled)
		return;
	buf_add_text(out, " => [");
	number_signed(out, after);
	buf_add_char(out, ']');
}

static void mask32_text(struct buf *out, const struct value *value)
{
	buf_printf(out, "%#08x", (unsigned)value->number);
}

static void unreadable_text(struct buf *out, const struct value *value)
{
	buf_add_text(out, "<unreadable>");
}

typedef void (*text_fn)(struct buf *out, const struct value *value);

static const text_fn texts[VALUE_TYPES] = {
	[VALUE_NUMBER] = number_text,
	[VALUE_HEX] = hex_text,
	[VALUE_MODE] = mode_text,
	[VALUE_FILE_MODE] = file_mode_text,
	[VALUE_POINTER] = address_text,
	[VALUE_FD] = fd_text,
	[VALUE_DIRFD] = dirfd_text,
	[VALUE_ID] = id_text,
	[VALUE_DEVICE] = device_text,
	[VALUE_SIGNAL] = signal_number_text,
	[VALUE_WAIT_STATUS] = wait_status_text,
	[VALUE_FLAGS] = flags_text,
	[VALUE_ENUM] = enum_text,
	[VALUE_TOLD_ENUM] = told_enum_text,
	[VALUE_IOCTL] = ioctl_text,
	[VALUE_NOTED_FLAGS] = noted_flags_text,
	[VALUE_NOTED_ENUM] = noted_enum_text,
	[VALUE_CAPABILITIES] = flags_text,
	[VALUE_TICKS] = ticks_text,
	[VALUE_TIME] = time_text,
	[VALUE_NOTED_TIME] = noted_time_text,
	[VALUE_IOPRIO] = ioprio_text,
	[VALUE_NOTED_IOPRIO] = noted_ioprio_text,
	[VALUE_TIMESTAMP] = timestamp_text,
	[VALUE_CHANGED] = changed_text,
	[VALUE_KERNEL_VERSION] = kernel_version_text,
	[VALUE_PORT] = port_text,
	[VALUE_NET_LONG] = net_long_text,
	[VALUE_IPV4] = ipv4_text,
	[VALUE_IPV6] = ipv6_text,
	[VALUE_MAC] = mac_text,
	[VALUE_IP] = ip_text,
	[VALUE_INTERFACE] = interface_text,
	[VALUE_SOCKET_PATH] = socket_path_text,
	[VALUE_SIGNAL_SET] = signal_set_text,
	[VALUE_STRING] = string_text,
	[VALUE_PATH] = string_text,
	[VALUE_DATA] = data_text,
	[VALUE_SOCKET_DATA] = socket_data_text,
	[VALUE_HEX_DATA] = hex_data_text,
	[VALUE_XATTR] = xattr_text,
	[VALUE_OPTION] = option_text,
	[VALUE_OFFSET] = offset_text,
	[VALUE_MOVED_OFFSET] = moved_offset_text,
	[VALUE_MASK32] = mask32_text,
	[VALUE_IOVEC] = iovec_text,
	[VALUE_STRUCT] = struct_text,
	[VALUE_ARRAY] = array_text,
	[VALUE_PAGES] = pages_text,
	[VALUE_CPU_SET] = cpu_set_text,
	[VALUE_FD_SET] = fd_set_text,
	[VALUE_NODES] = nodes_text,
	[VALUE_COUNTED] = counted_text,
	[VALUE_ATTRIBUTES] = attributes_text,
	[VALUE_CONTROL] = control_text,
	[VALUE_ARGV] = argv_text,
	[VALUE_UNREADABLE] = unreadable_text,
};

void value_text(struct buf *out, const struct value *value)
{
	texts[value->type](out, value);
}
