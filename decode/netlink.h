/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of netlink sockets (include/uapi/linux/netlink.h): headers, what follows them, and
 * attributes, by the rows of decode/netlink.tbl.  Made for data that a program was sent or sends,
 * so lengths in it are wishes: everything returned lies within the bytes given.
 */
#ifndef DECODE_NETLINK_H
#define DECODE_NETLINK_H

#include "decode/value.h"

#define NETLINK_HEADER_BYTES 16

struct netlink_message {
	bool is_whole; /* its header is; else `rest` is all there is */
	uint16_t type, flags;
	bool truncated;	      /* it is longer than what there is of it */
	struct value header;  /* VALUE_STRUCT */
	struct value payload; /* VALUE_STRUCT of the whole message: its members in a list */
	struct value rest;    /* VALUE_HEX_DATA: the payload as bytes */
};

/*
 * The message at *offset of what was sent at once, and *offset behind it. False at the end; a
 * message whose length cannot be is the last one. protocol: of the socket, AF_NETLINK's.
 */
bool netlink_next(unsigned protocol, const struct value *data, size_t *offset,
		  struct netlink_message *ret);

/* A member of a payload. False if it is not to be shown; a struct may be cut, see `truncated`. */
bool netlink_member(const struct netlink_message *message, unsigned index, struct value *ret);

struct netlink_attribute {
	bool is_whole; /* its header is */
	bool is_nested, is_net_order;
	uint16_t bytes, type;
	const char *name; /* NULL: unknown */
	bool has_value;
	struct value value; /* VALUE_HEX_DATA if nothing better is known */
};

/* The same for the attributes that a VALUE_ATTRIBUTES holds. */
bool netlink_attribute_next(const struct value *attributes, size_t *offset,
			    struct netlink_attribute *ret);

/* The attributes behind what an error message is about: `rest` of the outer one from `offset` on.
 */
struct value netlink_error_attributes(const struct value *rest, size_t offset);

#endif
