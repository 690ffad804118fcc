/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file descriptor refers to: a file by the name it was opened with, a socket with the
 * addresses it was given, or something that has only a kind.  Shared by all descriptors that were
 * duplicated or inherited from one another.
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
	struct object_address local, peer;
};

struct object {
	uint32_t references;
	uint64_t changed_ns; /* when a socket's addresses last did */
	bool is_socket;
	union {
		struct object_socket socket;
		struct {
			uint16_t bytes;
			char text[]; /* as it came from the container, unescaped */
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

/*
 * Appends it as strace -y does between < and >: "/etc/passwd", "pipe:[70001]". A socket is
 * PROTOCOL, PROTOCOL:[LOCAL], PROTOCOL:[LOCAL->PEER] as of strace -yy, without what is not known:
 * "TCP:[->10.0.0.1:443]".
 */
void object_text(struct buf *out, const struct object *object);
/* The same between < and >, and what /proc says of a deleted file behind: "</tmp/x>(deleted)". */
void object_text_enclosed(struct buf *out, const struct object *object);

#endif
