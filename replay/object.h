/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file descriptor refers to: a file by its path, a socket with its inode and the addresses
 * it was given, or something that has only a kind.  Shared by all descriptors that were duplicated
 * or inherited from one another.
 */
#ifndef REPLAY_OBJECT_H
#define REPLAY_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

#define OBJECT_ADDRESS_BYTES 128 /* of struct sockaddr that are kept */

struct object_address {
	uint16_t bytes; /* 0: not known */
	unsigned char data[OBJECT_ADDRESS_BYTES];
};

struct object_socket {
	uint32_t family, type, protocol;
	uint32_t inode, peer_inode; /* 0: not known */
	struct object_address local, peer;
};

struct object {
	uint32_t references;
	uint64_t changed_ns; /* when a socket's addresses last did */
	bool is_socket;
	union {
		struct object_socket socket;
		struct {
			char *text; /* as it came from the container, unescaped; no NUL behind */
			uint16_t bytes;
			bool deleted; /* a file that has this name no longer, nor any other */
		} name;
	};
};

#define OBJECT_NAME_BYTES_MAX 1024 /* a longer name is not kept */

/* One reference, for the caller; NULL without memory, or if the name is too long or empty. */
struct object *object_new_name(const void *text, size_t bytes);
struct object *object_new_socket(uint32_t family, uint32_t type, uint32_t protocol);
/* Both take NULL. */
struct object *object_ref(struct object *object);
void object_unref(struct object *object);

/* Whether it is known by a path. NULL is not. */
static inline bool object_is_path(const struct object *object)
{
	return object && !object->is_socket && object->name.text[0] == '/';
}

/* Another name. 0, or -ENOMEM and -E2BIG with the object unchanged. */
int object_rename(struct object *object, const void *text, size_t bytes);

/* How sockets are told. What is not known is told the other way, or left out. */
enum object_style {
	OBJECT_STYLE_INODE,   /* as of strace -y: "socket:[70001]" */
	OBJECT_STYLE_NONE,    /* not at all */
	OBJECT_STYLE_ADDRESS, /* as of strace -yy: "TCP:[10.0.0.2:40000->10.0.0.1:443]" */
};

/*
 * Appends it as strace does between < and >: "/etc/passwd", "pipe:[70001]".  Where only one
 * address of a socket is known: "TCP:[->10.0.0.1:443]"; where none is, the inode: "TCP:[70001]".
 */
void object_text(struct buf *out, const struct object *object, enum object_style style);
/* The same between < and >, and what /proc says of a deleted file behind: "</tmp/x>(deleted)". */
void object_text_enclosed(struct buf *out, const struct object *object, enum object_style style);

/* "TCP", "UDPv6", "UNIX-STREAM"; "socket" of one that has no name. */
const char *object_protocol_name(const struct object_socket *socket);

/* An address alone: "10.0.0.1:443", "\"/run/x\""; nothing if it is not known. */
void object_address_text(struct buf *out, const struct object_address *address);

#endif
