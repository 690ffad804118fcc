/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams -> questions and answers.  A program sends a query and receives a response; a name
 * server in the same container does the opposite and is passed over.  All bytes are hostile.
 */
#include "explain/lookups.h"

#include <string.h>

#include "replay/payload.h"

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
		lookup->rcode = (int)message->rcode;
		lookup->answers = message->answers;
		return;
	}
}

static void take_payload(const struct payload *payload, void *context)
{
	const struct finder *finder = context;
	bool sends = finder->act->kind == ACT_SEND || finder->act->kind == ACT_WRITE;
	struct dns_message message;

	if (!dns_parse(payload->data, payload->bytes, &message) || sends == message.is_response)
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
		struct event event;

		if (!may_hold_one(finder.act) || !facts_in_chain(facts, finder.act->process))
			continue;
		facts_event(facts, finder.act, &event);
		if (event.arg[0] <= 2)
			continue;
		payload_each(facts->arch, &event, take_payload, &finder);
	}
}

bool is_name_server(const char *address)
{
	const char *port = strrchr(address, ':');

	return port && !strcmp(port, ":53");
}

const char *lookup_rcode_name(int rcode)
{
	const char *name;

	if (rcode == LOOKUP_UNANSWERED)
		return "no answer";
	name = dns_rcode_name((unsigned)rcode);
	return name ? name : "another error";
}
