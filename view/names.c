/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payloads -> questions and answers.  A response belongs to the last question of the process with
 * its id, name and type, and from the server that was asked, where both are known.
 */
#include "view/names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/grow.h"
#include "replay/call_object.h"
#include "replay/number.h"
#include "replay/payload.h"

#define TYPE_A	   1
#define TYPE_CNAME 5
#define TYPE_AAAA  28
#define BACK_MAX   4096 /* questions that a response is looked for among */

void names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		free(names->all[i].name);
		free(names->all[i].server);
		free(names->all[i].answers);
	}
	free(names->all);
	*names = (struct names){0};
}

struct taker {
	struct names *names;
	const struct walk *walk;
	int err;
};

/* The other side: whom the call names, else the socket's peer. */
static void server_text(const struct walk *walk, const struct payload *payload, struct buf *out)
{
	const struct object *object = objects_of_fd(walk->objects, (int)walk->event.arg[0]);

	if (payload->peer)
		call_address_text(out, payload->peer, payload->peer_bytes);
	else if (object && object->is_socket)
		call_address_text(out, object->socket.peer.data, object->socket.peer.bytes);
}

static char *keep_text(const struct buf *text)
{
	return text->bytes ? strndup(text->data, text->bytes) : NULL;
}

static int ask(const struct taker *taker, const struct dns_message *message,
	       const struct buf *server)
{
	unsigned except = 1U << FILTER_FAILED | 1U << FILTER_ERRNO | 1U << FILTER_SLOW;
	struct names *names = taker->names;
	struct question *question;

	if (grow_array((void **)&names->all, names->count, &names->room, sizeof(*names->all)))
		return -ENOMEM;
	question = &names->all[names->count++];
	*question = (struct question){
		.asked = taker->walk->index,
		.wanted = walk_wants_except(taker->walk, except),
		.error = taker->walk->error,
		.tgid = taker->walk->task->tgid,
		.id = message->id,
		.type = message->type,
		.asked_ns = taker->walk->event.time_ns,
		.name = strdup(message->name),
		.server = keep_text(server),
	};
	return question->name && (question->server || !server->bytes) ? 0 : -ENOMEM;
}

static struct question *find_question(const struct taker *taker, const struct dns_message *message,
				      const struct buf *server)
{
	const struct names *names = taker->names;
	struct question *best = NULL;

	for (size_t i = names->count; i > 0 && names->count - i < BACK_MAX; i--) {
		struct question *question = &names->all[i - 1];
		bool is_other = server->bytes && question->server &&
				(strlen(question->server) != server->bytes ||
				 memcmp(question->server, server->data, server->bytes) != 0);

		if (question->was_answered || question->tgid != taker->walk->task->tgid ||
		    question->id != message->id || question->type != message->type ||
		    strcasecmp(question->name, message->name) != 0 || is_other)
			continue;
		if (question->server || !server->bytes)
			return question;
		if (!best)
			best = question;
	}
	return best;
}

static bool answer_text(const struct dns_message *message, const struct dns_answer *answer,
			struct buf *out)
{
	char text[INET6_ADDRSTRLEN] = "", name[DNS_NAME_BYTES];

	if (answer->type == TYPE_A && answer->bytes == 4) {
		inet_ntop(AF_INET, answer->data, text, sizeof(text));
		buf_add_text(out, text);
	} else if (answer->type == TYPE_AAAA && answer->bytes == 16) {
		inet_ntop(AF_INET6, answer->data, text, sizeof(text));
		buf_add_text(out, text);
	} else if (answer->type == TYPE_CNAME && dns_answer_name(message, answer, name)) {
		buf_add_text(out, "CNAME ");
		buf_add_text(out, name);
	} else {
		return false;
	}
	buf_add_char(out, '\0');
	return true;
}

static int answer(const struct taker *taker, const struct dns_message *message,
		  const struct buf *server)
{
	struct question *question = find_question(taker, message, server);
	size_t offset = message->answers_at, count = 0;
	struct dns_answer each;
	struct buf texts = {0};
	bool failed;

	if (!question)
		return 0;
	question->was_answered = true;
	question->answered = taker->walk->index;
	question->answered_ns = taker->walk->event.end_ns;
	question->rcode = message->rcode;
	question->counted = message->answers;
	for (; count < message->answers && dns_answer_next(message, &offset, &each); count++)
		answer_text(message, &each, &texts);
	question->cut = count < message->answers;
	failed = texts.failed;
	question->answers = texts.data;
	question->answers_bytes = texts.bytes;
	return failed ? -ENOMEM : 0;
}

static void take_payload(const struct payload *payload, void *context)
{
	struct taker *taker = context;
	bool sends = taker->walk->act == ACT_SEND || taker->walk->act == ACT_WRITE;
	struct dns_message message;
	struct buf server = {0};

	if (taker->err || !dns_parse(payload->data, payload->bytes, &message) ||
	    sends == message.is_response)
		return;
	server_text(taker->walk, payload, &server);
	taker->err = server.failed ? -ENOMEM
		     : sends	   ? ask(taker, &message, &server)
				   : answer(taker, &message, &server);
	buf_done(&server);
}

int names_take(struct names *names, const struct walk *walk)
{
	struct taker taker = {names, walk, 0};
	bool may_hold_one = walk->act == ACT_SEND || walk->act == ACT_RECEIVE ||
			    walk->act == ACT_WRITE || walk->act == ACT_READ;

	/* What is written to stdout is no question. */
	if (!may_hold_one || walk->event.arg[0] <= 2)
		return 0;
	payload_each(walk->query->arch, &walk->event, take_payload, &taker);
	return taker.err;
}

int names_find(struct names *names, const struct view_query *query)
{
	struct walk walk;
	int err = walk_init(&walk, query);

	while (!err && walk_next(&walk))
		err = names_take(names, &walk);
	walk_done(&walk);
	return err;
}

static bool has_answer(const struct question *question, const char *address)
{
	const char *at = question->answers, *end = at + question->answers_bytes;

	for (; at < end; at += strlen(at) + 1) {
		if (!strcmp(at, address))
			return true;
	}
	return false;
}

const char *names_of_address(const struct names *names, const char *address, uint64_t time_ns)
{
	for (size_t i = names->count; i > 0; i--) {
		const struct question *question = &names->all[i - 1];

		if (question->answers && question->answered_ns <= time_ns &&
		    has_answer(question, address))
			return question->name;
	}
	return NULL;
}
