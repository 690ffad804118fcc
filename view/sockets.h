/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections of a tape: each connect and accept, how it went, what was moved through it, and
 * when its last descriptor was closed.
 *
 * A connection is followed by what its descriptors refer to, across dup and fork. Where that is not
 * known, or records may be missing, so are state, bytes and end.
 */
#ifndef VIEW_SOCKETS_H
#define VIEW_SOCKETS_H

#include "view/keys.h"
#include "view/walk.h"

enum socket_state {
	SOCKET_UNKNOWN,
	SOCKET_CONNECTING, /* no call told how it went */
	SOCKET_OPEN,	   /* a call told so, or moved bytes */
	SOCKET_FAILED,
	SOCKET_CLOSED, /* by this side */
};
/* "connecting", "open", "failed", "closed"; NULL: not known. */
const char *socket_state_name(enum socket_state state);

struct connection {
	size_t entry;	/* of the connect or accept */
	bool accepted;	/* else it is a connect */
	bool in_flight; /* the call did not come to an end */
	bool wanted;	/* the filter lets the call through, but for its error */
	int fd;
	struct object *object; /* one reference; NULL: not known */
	struct object_address local, peer;
	uint64_t start_ns, end_ns; /* end: 0 if it is not known */
	uint64_t latency_ns;	   /* of a connect that waited; 0 */
	int error;		   /* of the connect, or the last that was met */
	bool was_made, was_closed;
	bool uncounted; /* a call moved bytes and did not tell how many */
	enum socket_state state;
	/* Valid if `counted`. */
	bool counted;
	uint64_t sent, received;
};

struct sockets {
	struct connection *all; /* in the order of their entries */
	size_t count, room;
	struct keys objects; /* pointers; what is known of these: */
	struct socket_known *known;
	size_t known_room;
	struct socket_closing *closings; /* descriptors that calls under way close */
	size_t n_closings, closings_room;
	bool blind; /* what moves bytes is not all on the tape: io_uring, socketcall */
};

/*
 * To be called for each event of a walk, in order, then sockets_end() once. 0 or -ENOMEM. Whatever
 * they return, sockets_done() is to follow.
 */
int sockets_take(struct sockets *sockets, const struct walk *walk);
void sockets_end(struct sockets *sockets, const struct walk *walk);
void sockets_done(struct sockets *sockets);

/* Walks the whole tape. 0 or -ENOMEM; sockets_done() is to follow. */
int sockets_find(struct sockets *sockets, const struct view_query *query);

/* Whether a connection is TCP's: 1 or 0; -1 if the tape does not tell. */
int connection_is_tcp(const struct connection *connection);
/* AF_*, by the object or else the peer's address; AF_UNSPEC. */
unsigned connection_family(const struct connection *connection);

#endif
