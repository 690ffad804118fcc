/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values -> payloads.  Messages lie in structs, vectors of messages in arrays of them; the address
 * of a message stands beside it.
 */
#include "replay/payload.h"

#include <string.h>

#include "decode/value.h"
#include "decode/vectors.h"

#define DEPTH_MAX 4

struct visit {
	struct payload payload; /* the peer that applies */
	payload_fn fn;
	void *context;
};

static void give(const struct visit *visit, const struct value *data)
{
	struct payload payload = visit->payload;

	payload.data = data->data;
	payload.bytes = data->data_bytes;
	visit->fn(&payload, visit->context);
}

static bool is_sockaddr(const struct value *value)
{
	return value->type == VALUE_STRUCT && value->data && value->layout && value->layout->name &&
	       !strncmp(value->layout->name, "sockaddr", 8);
}

static void note_peer(struct visit *visit, const struct value *value)
{
	if (!is_sockaddr(value))
		return;
	visit->payload.peer = value->data;
	visit->payload.peer_bytes = value->data_bytes;
}

static void visit_value(const struct visit *visit, const struct value *value, unsigned depth);

static void visit_struct(const struct visit *visit, const struct value *value, unsigned depth)
{
	struct visit inner = *visit;
	struct value member;

	for (unsigned i = 0; i < value->layout->count; i++) {
		if (struct_member(value, i, &member))
			note_peer(&inner, &member);
	}
	for (unsigned i = 0; i < value->layout->count; i++) {
		if (struct_member(value, i, &member))
			visit_value(&inner, &member, depth + 1);
	}
}

static void visit_vector(const struct visit *visit, const struct value *iovec)
{
	for (size_t i = 0; i < iovec_count(iovec); i++) {
		struct vector vector = iovec_vector(iovec, i);

		if (vector.captured)
			give(visit, &vector.data);
	}
}

static void visit_value(const struct visit *visit, const struct value *value, unsigned depth)
{
	if ((value->type == VALUE_DATA || value->type == VALUE_SOCKET_DATA) && value->data_bytes) {
		give(visit, value);
	} else if (value->type == VALUE_IOVEC) {
		visit_vector(visit, value);
	} else if (value->type == VALUE_STRUCT && value->layout && depth < DEPTH_MAX) {
		visit_struct(visit, value, depth);
	} else if (value->type == VALUE_ARRAY && depth < DEPTH_MAX) {
		for (size_t i = 0; i < array_elements(value); i++) {
			struct value element = array_element(value, i);

			visit_value(visit, &element, depth + 1);
		}
	}
}

/* Of a struct, or of the first of several. */
static void find_peer(struct visit *visit, const struct value *value, unsigned depth)
{
	struct value member;

	note_peer(visit, value);
	if (visit->payload.peer || depth == DEPTH_MAX)
		return;
	if (value->type == VALUE_ARRAY && array_elements(value)) {
		member = array_element(value, 0);
		find_peer(visit, &member, depth + 1);
	} else if (value->type == VALUE_STRUCT && value->layout) {
		for (unsigned i = 0; i < value->layout->count && !visit->payload.peer; i++) {
			if (struct_member(value, i, &member))
				find_peer(visit, &member, depth + 1);
		}
	}
}

bool payload_peer(enum arch arch, const struct event *event, struct payload *ret)
{
	const struct layout *layout = event_layout(arch, event);
	struct visit visit = {0};

	for (unsigned i = 0; i < layout->count && !visit.payload.peer; i++) {
		struct value value = event_argument(event, layout, i);

		find_peer(&visit, &value, 0);
	}
	*ret = visit.payload;
	return ret->peer;
}

void payload_each(enum arch arch, const struct event *event, payload_fn fn, void *context)
{
	const struct layout *layout = event_layout(arch, event);
	struct visit visit = {.fn = fn, .context = context};

	for (unsigned i = 0; i < layout->count; i++) {
		struct value value = event_argument(event, layout, i);

		note_peer(&visit, &value);
	}
	for (unsigned i = 0; i < layout->count; i++) {
		struct value value = event_argument(event, layout, i);

		visit_value(&visit, &value, 0);
	}
}
