/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams -> questions and answers.  A program sends a query and receives a response; a name
 * server in the same container does the opposite and is passed over.  All bytes are hostile.
 */
#include "explain/lookups.h"

#include <string.h>

#include "decode/vectors.h"

#define DNS_HEADER   12
#define DNS_RESPONSE 0x8000
#define DNS_OPCODE   0x7800
#define DNS_RCODE    0x000f

struct dns_message {
	uint16_t id, flags, answers, type;
	char name[LOOKUP_NAME_BYTES];
};

static uint16_t read_be16(const unsigned char *data)
{
	return (uint16_t)(data[0] << 8 | data[1]);
}

/* The name of the first question, without compression, which a question has none of. */
static bool read_name(const unsigned char *data, size_t bytes, size_t *offset,
		      char name[LOOKUP_NAME_BYTES])
{
	size_t used = 0;

	while (*offset < bytes && data[*offset]) {
		size_t label = data[*offset];

		if (label > 63 || *offset + 1 + label > bytes ||
		    used + label + 2 > LOOKUP_NAME_BYTES)
			return false;
		if (used)
			name[used++] = '.';
		memcpy(name + used, data + *offset + 1, label);
		used += label;
		*offset += 1 + label;
	}
	name[used] = '\0';
	return (*offset)++ < bytes && used > 0;
}

static bool parse(const unsigned char *data, size_t bytes, struct dns_message *ret)
{
	size_t offset = DNS_HEADER;

	if (bytes < DNS_HEADER + 5)
		return false;
	ret->id = read_be16(data);
	ret->flags = read_be16(data + 2);
	ret->answers = read_be16(data + 6);
	if (read_be16(data + 4) != 1 || (ret->flags & DNS_OPCODE))
		return false;
	if (!read_name(data, bytes, &offset, ret->name) || offset + 4 > bytes)
		return false;
	ret->type = read_be16(data + offset);
	return read_be16(data + offset + 2) == 1; /* IN */
}

/* ---- payloads of a call ------------------------------------------------------------------ */

typedef void (*payload_fn)(const unsigned char *data, size_t bytes, void *context);

static void each_vector(const struct value *iovec, payload_fn fn, void *context)
{
	for (size_t i = 0; i < iovec_count(iovec); i++) {
		struct vector vector = iovec_vector(iovec, i);

		if (vector.captured)
			fn(vector.data.data, vector.data.data_bytes, context);
	}
}

/* Messages lie in structs, vectors of messages in arrays of them. */
static void each_payload(const struct value *value, unsigned depth, payload_fn fn, void *context)
{
	struct value member;

	if ((value->type == VALUE_DATA || value->type == VALUE_SOCKET_DATA) && value->data_bytes) {
		fn(value->data, value->data_bytes, context);
	} else if (value->type == VALUE_IOVEC) {
		each_vector(value, fn, context);
	} else if (value->type == VALUE_STRUCT && value->layout && depth < 4) {
		for (unsigned i = 0; i < value->layout->count; i++) {
			if (struct_member(value, i, &member))
				each_payload(&member, depth + 1, fn, context);
		}
	} else if (value->type == VALUE_ARRAY && depth < 4) {
		for (size_t i = 0; i < array_elements(value); i++) {
			member = array_element(value, i);
			each_payload(&member, depth + 1, fn, context);
		}
	}
}

/* ---- questions and answers ------------------------------------------------------------------ */

struct finder {
	struct lookups *lookups;
	const struct act *act;
};

static void ask(struct lookups *lookups, const struct act *act, const struct dns_message *message)
{
	struct lookup *lookup;

	if (lookups->count == LOOKUPS_MAX) {
		memmove(lookups->all, lookups->all + LOOKUPS_MAX / 2,
			LOOKUPS_MAX / 2 * sizeof(lookups->all[0]));
		lookups->count = LOOKUPS_MAX / 2;
	}
	lookup = &lookups->all[lookups->count++];
	*lookup = (struct lookup){
		.process = act->process,
		.asked = act->entry,
		.id = message->id,
		.type = message->type,
		.rcode = LOOKUP_UNANSWERED,
	};
	memcpy(lookup->name, message->name, sizeof(lookup->name));
}

static void answer(struct lookups *lookups, const struct act *act,
		   const struct dns_message *message)
{
	for (size_t i = lookups->count; i > 0; i--) {
		struct lookup *lookup = &lookups->all[i - 1];

		if (lookup->process != act->process || lookup->id != message->id ||
		    lookup->rcode != LOOKUP_UNANSWERED)
			continue;
		lookup->answered = act->entry;
		lookup->rcode = message->flags & DNS_RCODE;
		lookup->answers = message->answers;
		return;
	}
}

static void take_payload(const unsigned char *data, size_t bytes, void *context)
{
	const struct finder *finder = context;
	bool sends = finder->act->kind == ACT_SEND || finder->act->kind == ACT_WRITE;
	struct dns_message message;

	if (!parse(data, bytes, &message) || sends == !!(message.flags & DNS_RESPONSE))
		return;
	if (sends)
		ask(finder->lookups, finder->act, &message);
	else
		answer(finder->lookups, finder->act, &message);
}

static bool may_hold_one(const struct act *act)
{
	return !act->error && (act->kind == ACT_SEND || act->kind == ACT_RECEIVE ||
			       act->kind == ACT_WRITE || act->kind == ACT_READ);
}

void lookups_find(const struct facts *facts, struct lookups *ret)
{
	ret->count = 0;
	for (size_t i = 0; i < facts->n_acts; i++) {
		struct finder finder = {ret, &facts->acts[i]};
		const struct layout *layout;
		struct event event;

		if (!may_hold_one(finder.act) || !facts_in_chain(facts, finder.act->process))
			continue;
		facts_event(facts, finder.act, &event);
		if (event.arg[0] <= 2)
			continue;
		layout = event_layout(facts->arch, &event);
		for (unsigned j = 0; j < layout->count; j++) {
			struct value value = event_argument(&event, layout, j);

			each_payload(&value, 0, take_payload, &finder);
		}
	}
}

const char *lookup_rcode_name(int rcode)
{
	static const char *const names[] = {"NOERROR",	"FORMERR", "SERVFAIL",
					    "NXDOMAIN", "NOTIMP",  "REFUSED"};

	if (rcode == LOOKUP_UNANSWERED)
		return "no answer";
	return rcode >= 0 && rcode < 6 ? names[rcode] : "another error";
}
