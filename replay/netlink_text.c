/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of netlink messages.  Notation: strace's: a message that is more than its header is a list
 * of header and what follows, so is an attribute; several of either are a list of these.
 */
#include "replay/netlink_text.h"

#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "decode/netlink.h"
#include "replay/call_text.h"
#include "replay/number.h"
#include "replay/objects.h"
#include "replay/value_text.h"

#define ERROR_BYTES 4 /* of the errno before the message it is about */

bool is_netlink(const struct event *event, const struct objects *objects, unsigned *ret_protocol)
{
	const struct object *object = NULL;

	if (event && event->args && objects)
		object = objects_of_fd(objects, (int)event->arg[0]);
	if (!object || !object->is_socket || object->socket.family != AF_NETLINK ||
	    object->socket.protocol == NETLINK_KOBJECT_UEVENT)
		return false;
	*ret_protocol = object->socket.protocol;
	return true;
}

/* ---- attributes --------------------------------------------------------------------------- */

/* Of netfilter no attributes are known. */
static void unknown_attribute_text(struct buf *out, const struct layout *layout)
{
	if (layout->count < 2)
		return;
	buf_add_text(out, " /* ");
	buf_add_text(out, layout->name);
	buf_add_text(out, "_??? */");
}

static void attribute_header_text(struct buf *out, const struct layout *layout,
				  const struct netlink_attribute *attribute)
{
	buf_add_text(out, "{nla_len=");
	number_unsigned(out, attribute->bytes);
	buf_add_text(out, ", nla_type=");
	if (attribute->is_nested)
		buf_add_text(out, "NLA_F_NESTED|");
	if (attribute->is_net_order)
		buf_add_text(out, "NLA_F_NET_BYTEORDER|");
	if (attribute->name) {
		buf_add_text(out, attribute->name);
	} else {
		number_hex(out, attribute->type);
		unknown_attribute_text(out, layout);
	}
	buf_add_char(out, '}');
}

static void attribute_text(struct buf *out, const struct layout *layout,
			   const struct netlink_attribute *attribute)
{
	if (!attribute->is_whole) {
		value_text(out, &attribute->value);
		return;
	}
	buf_add_text(out, attribute->has_value ? "[" : "");
	attribute_header_text(out, layout, attribute);
	if (!attribute->has_value)
		return;
	buf_add_text(out, ", ");
	value_text(out, &attribute->value);
	buf_add_char(out, ']');
}

void attributes_text(struct buf *out, const struct value *value)
{
	const struct layout *layout = value->layout;
	struct netlink_attribute attribute;
	size_t offset = 0;
	bool many = false;

	while (netlink_attribute_next(value, &offset, &attribute)) {
		bool more = offset < value->data_bytes;

		if (!many && more)
			buf_add_char(out, '[');
		many |= more;
		attribute.value.objects = value->objects;
		attribute_text(out, layout, &attribute);
		if (more)
			buf_add_text(out, ", ");
	}
	if (many)
		buf_add_char(out, ']');
}

/* ---- messages ----------------------------------------------------------------------------- */

static void message_text(struct buf *out, unsigned protocol, const struct netlink_message *message);

static void error_number_text(struct buf *out, int32_t error)
{
	if (error >= 0 || error == INT32_MIN) {
		number_signed(out, error);
		return;
	}
	buf_add_char(out, '-');
	errno_text_short(out, -error);
}

/* Bytes of the message that was refused: its header alone, if the kernel says so. */
static size_t refused_bytes(const struct netlink_message *outer)
{
	size_t left = outer->rest.data_bytes - ERROR_BYTES;
	uint32_t length;

	if (outer->flags & NLM_F_CAPPED)
		return NETLINK_HEADER_BYTES;
	memcpy(&length, outer->rest.data + ERROR_BYTES, sizeof(length));
	if (length < NETLINK_HEADER_BYTES)
		length = NETLINK_HEADER_BYTES;
	return length < left ? length : left;
}

/* An errno, the message that it is about, and behind that the reason in words. */
static void error_text(struct buf *out, unsigned protocol, const struct netlink_message *outer)
{
	struct netlink_message message;
	struct value about = outer->rest, reasons;
	size_t offset = 0, behind;
	int32_t error;

	if (about.data_bytes < ERROR_BYTES + NETLINK_HEADER_BYTES) {
		value_text(out, &about);
		return;
	}
	memcpy(&error, about.data, sizeof(error));
	about.data += ERROR_BYTES;
	about.data_bytes = refused_bytes(outer);
	behind = ERROR_BYTES + about.data_bytes;
	buf_add_text(out, behind < outer->rest.data_bytes ? "[{error=" : "{error=");
	error_number_text(out, error);
	buf_add_text(out, ", msg=");
	netlink_next(protocol, &about, &offset, &message);
	if (message.type == NLMSG_ERROR) /* no message is about its like */
		value_text(out, &message.header);
	else
		message_text(out, protocol, &message);
	buf_add_char(out, '}');
	if (behind >= outer->rest.data_bytes)
		return;
	reasons = netlink_error_attributes(&outer->rest, behind);
	buf_add_text(out, ", ");
	value_text(out, &reasons);
	buf_add_char(out, ']');
}

/* A struct that is cut: its first member tells what it is. */
static void cut_struct_text(struct buf *out, const struct value *value)
{
	struct value first;

	buf_add_char(out, '{');
	if (layout_member(value->layout, 0, value->data, value->data_bytes, &first)) {
		buf_add_text(out, first.field->name);
		buf_add_char(out, '=');
		value_text(out, &first);
		buf_add_text(out, ", ");
	}
	buf_add_text(out, "...}");
}

static void payload_text(struct buf *out, const struct netlink_message *message)
{
	const char *separator = "";
	struct value member;

	for (unsigned i = 0; i < message->payload.layout->count; i++) {
		if (!netlink_member(message, i, &member))
			continue;
		buf_add_text(out, separator);
		separator = ", ";
		if (member.type == VALUE_STRUCT && member.data_bytes < member.layout->bytes) {
			cut_struct_text(out, &member);
			return;
		}
		if (member.type == VALUE_STRUCT)
			member.truncated = false;
		value_text(out, &member);
	}
}

/* NLMSG_DONE carries an errno of the dump that it ends. */
static bool is_done_number(const struct netlink_message *message)
{
	return message->type == NLMSG_DONE && message->rest.data_bytes == sizeof(int32_t);
}

static void message_text(struct buf *out, unsigned protocol, const struct netlink_message *message)
{
	int32_t number;

	if (!message->is_whole) {
		value_text(out, &message->rest);
		return;
	}
	if (!message->rest.data_bytes) {
		value_text(out, &message->header);
		return;
	}
	buf_add_char(out, '[');
	value_text(out, &message->header);
	buf_add_text(out, ", ");
	if (message->type == NLMSG_ERROR) {
		error_text(out, protocol, message);
	} else if (is_done_number(message)) {
		memcpy(&number, message->rest.data, sizeof(number));
		number_signed(out, number);
	} else if (message->type < NLMSG_MIN_TYPE) {
		value_text(out, &message->rest);
	} else {
		payload_text(out, message);
	}
	buf_add_char(out, ']');
}

void netlink_text(struct buf *out, unsigned protocol, const struct value *data)
{
	struct netlink_message message;
	size_t offset = 0;
	bool many = false;

	if (!data->data_bytes)
		buf_add_text(out, "\"\"");
	while (netlink_next(protocol, data, &offset, &message)) {
		bool more = offset < data->data_bytes || (data->truncated && !message.truncated);

		if (!many && more)
			buf_add_char(out, '[');
		many |= more;
		message_text(out, protocol, &message);
		if (more)
			buf_add_text(out, offset < data->data_bytes ? ", " : ", ...");
	}
	if (many)
		buf_add_char(out, ']');
}
