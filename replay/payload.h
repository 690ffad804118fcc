/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes that a call sent, received, read or wrote, as far as they were captured. */
#ifndef REPLAY_PAYLOAD_H
#define REPLAY_PAYLOAD_H

#include "decode/event.h"
#include "decode/syscall_table.h"

/*
 * One run of bytes: a buffer, a vector, a message. peer is the struct sockaddr that the call gives
 * with it; NULL without.
 */
struct payload {
	const unsigned char *data;
	size_t bytes;
	const unsigned char *peer;
	size_t peer_bytes;
};

typedef void (*payload_fn)(const struct payload *payload, void *context);

/* The first address that a call gives a message, or got with one. False if there is none. */
bool payload_peer(enum arch arch, const struct event *event, struct payload *ret);

/* Calls fn for each of a syscall's payloads, in their order. */
void payload_each(enum arch arch, const struct event *event, payload_fn fn, void *context);

#endif
