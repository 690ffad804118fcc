/* SPDX-License-Identifier: Apache-2.0 */
/* What a call is about, in the container's own words: a path, an address, a descriptor's object. */
#ifndef REPLAY_CALL_OBJECT_H
#define REPLAY_CALL_OBJECT_H

#include "decode/event.h"
#include "replay/objects.h"

/* Zero-initialised before call_object_find(). */
struct call_object {
	struct buf given;		/* as the call gave it: path or address */
	const struct object *directory; /* of a relative path; NULL: not known, or none */
	const struct object *object;	/* of a descriptor */
	bool has_path, has_address;
};

/* Looks at the arguments; what it finds is valid until the objects are moved on. */
void call_object_find(enum arch arch, const struct event *event, const struct objects *objects,
		      struct call_object *ret);
void call_object_done(struct call_object *call);

/*
 * The path, made absolute where the directory is known; or the address; or what the descriptor
 * refers to: a socket by its peer, else its own address. Unescaped; nothing if none is known.
 */
void call_object_text(struct buf *out, const struct call_object *call);

/*
 * A struct sockaddr: "10.0.0.1:443", an IPv4 address in IPv6's clothes as the IPv4 address that it
 * is, a Unix socket by its path, "@name" if that is abstract. Unescaped.
 */
void call_address_text(struct buf *out, const void *data, size_t bytes);

/* What getsockopt(SO_ERROR) fetched: the result of a connect that did not wait; 0: none. */
int call_socket_error(const struct event *event);

#endif
