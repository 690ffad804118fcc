/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking netlink messages apart.  Which struct a message holds is a matter of the tables; here are
 * only the two kinds of lists, messages and attributes, both of which are 4-aligned runs of a
 * header with a length.
 *
 * Invariant: an offset only grows, by at least a header.
 */
#include "decode/netlink.h"

#include <string.h>

#include "decode/tables.h"

#define ALIGNED(n)	       (((n) + 3) & ~(size_t)3)
#define ATTRIBUTE_HEADER_BYTES 4
#define NLMSG_MIN_TYPE	       0x10 /* include/uapi/linux/netlink.h: below are control messages */
#define NLA_F_NESTED	       0x8000
#define NLA_F_NET_BYTEORDER    0x4000

static const struct field hex_field = {
	.name = "", .type = VALUE_HEX_DATA, .bytes = 0, .length = FIELD_NONE};

static const struct netlink_layouts *layouts_of(unsigned protocol)
{
	static const unsigned other = NETLINK_PROTOCOLS - 1;
	const struct netlink_layouts *layouts =
		&netlink_layouts[protocol < NETLINK_PROTOCOLS ? protocol : other];

	return layouts->header ? layouts : &netlink_layouts[other];
}

static struct value struct_at(const struct layout *layout, const unsigned char *data, size_t bytes)
{
	return (struct value){
		.type = VALUE_STRUCT,
		.field = &hex_field,
		.layout = layout_select(layout, data, bytes),
		.data = data,
		.data_bytes = bytes,
	};
}

static struct value hex_at(const unsigned char *data, size_t bytes, bool truncated)
{
	return (struct value){
		.type = VALUE_HEX_DATA,
		.field = &hex_field,
		.data = data,
		.data_bytes = bytes,
		.truncated = truncated,
	};
}

bool netlink_next(unsigned protocol, const struct value *data, size_t *offset,
		  struct netlink_message *ret)
{
	const struct netlink_layouts *layouts = layouts_of(protocol);
	size_t left = data->data_bytes - *offset, bytes;
	const unsigned char *at = data->data + *offset;
	uint32_t length;

	if (!left)
		return false;
	*ret = (struct netlink_message){.rest = hex_at(at, left, data->truncated)};
	if (left < NETLINK_HEADER_BYTES) {
		*offset = data->data_bytes;
		return true;
	}
	memcpy(&length, at, sizeof(length));
	memcpy(&ret->type, at + 4, sizeof(ret->type));
	memcpy(&ret->flags, at + 6, sizeof(ret->flags));
	bytes = length < left ? length : left;
	if (bytes < NETLINK_HEADER_BYTES)
		bytes = NETLINK_HEADER_BYTES;
	ret->is_whole = true;
	ret->truncated = length > left && data->truncated;
	if (ret->type < NLMSG_MIN_TYPE)
		layouts = layouts_of(NETLINK_PROTOCOLS);
	ret->header = struct_at(layouts->header, at, NETLINK_HEADER_BYTES);
	ret->payload = struct_at(layouts->payload, at, bytes);
	ret->rest = hex_at(at + NETLINK_HEADER_BYTES, bytes - NETLINK_HEADER_BYTES, ret->truncated);
	if (length < NETLINK_HEADER_BYTES || ALIGNED(bytes) > left)
		bytes = left;
	*offset += ALIGNED(bytes) < left ? ALIGNED(bytes) : left;
	return true;
}

bool netlink_member(const struct netlink_message *message, unsigned index, struct value *ret)
{
	const struct layout *layout = message->payload.layout;
	const struct field *field = &layout->fields[index];
	const unsigned char *data = message->payload.data;
	size_t bytes = message->payload.data_bytes;

	if (field->type != VALUE_STRUCT && field->type != VALUE_ATTRIBUTES &&
	    field->type != VALUE_HEX_DATA)
		return false;
	if (field->offset >= bytes)
		return false;
	if (field->type != VALUE_STRUCT || bytes - field->offset >= field->layout->bytes) {
		if (!layout_member(layout, index, data, bytes, ret))
			return false;
		ret->truncated = message->truncated;
		return true;
	}
	*ret = struct_at(field->layout, data + field->offset, bytes - field->offset);
	ret->truncated = true;
	return true;
}

static const struct field *attribute_field(const struct layout *layout, uint16_t type)
{
	for (unsigned i = 0; i < layout->count; i++) {
		if (layout->fields[i].offset == type)
			return &layout->fields[i];
	}
	return NULL;
}

struct value netlink_error_attributes(const struct value *rest, size_t offset)
{
	struct value value =
		hex_at(rest->data + offset, rest->data_bytes - offset, rest->truncated);

	value.type = VALUE_ATTRIBUTES;
	value.layout = netlink_error_layout;
	return value;
}

static bool lacks_nul(const struct value *value)
{
	return value->type == VALUE_STRING && !memchr(value->data, 0, value->data_bytes);
}

bool netlink_attribute_next(const struct value *attributes, size_t *offset,
			    struct netlink_attribute *ret)
{
	size_t left = attributes->data_bytes - *offset, bytes;
	const unsigned char *at = attributes->data + *offset;
	const struct field *field;
	uint16_t type;

	if (!left)
		return false;
	*ret = (struct netlink_attribute){.value = hex_at(at, left, attributes->truncated)};
	if (left < ATTRIBUTE_HEADER_BYTES) {
		*offset = attributes->data_bytes;
		return true;
	}
	memcpy(&ret->bytes, at, sizeof(ret->bytes));
	memcpy(&type, at + 2, sizeof(type));
	ret->is_whole = true;
	ret->is_nested = type & NLA_F_NESTED;
	ret->is_net_order = type & NLA_F_NET_BYTEORDER;
	ret->type = type & (uint16_t) ~(NLA_F_NESTED | NLA_F_NET_BYTEORDER);
	field = attribute_field(attributes->layout, ret->type);
	ret->name = field ? field->name : NULL;
	bytes = ret->bytes < left ? ret->bytes : left;
	if (bytes > ATTRIBUTE_HEADER_BYTES) {
		size_t inside = bytes - ATTRIBUTE_HEADER_BYTES;
		bool cut = ret->bytes > left && attributes->truncated;

		ret->has_value = true;
		if (!field || !value_at(field, at + ATTRIBUTE_HEADER_BYTES, inside, &ret->value))
			ret->value = hex_at(at + ATTRIBUTE_HEADER_BYTES, inside, cut);
		ret->value.truncated = cut || lacks_nul(&ret->value);
	}
	if (ret->bytes < ATTRIBUTE_HEADER_BYTES || ALIGNED(bytes) > left)
		bytes = left;
	*offset += ALIGNED(bytes) < left ? ALIGNED(bytes) : left;
	return true;
}
