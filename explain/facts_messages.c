/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What processes wrote to stdout and stderr, put together from writes that each hold a piece of a
 * line.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decode/vectors.h"
#include "explain/facts_build.h"

#define GAP		  " ... " /* what of a message was not captured */
#define MESSAGE_BYTES_MAX 1024	  /* a longer line begins a new message */

/* What the call wrote, as far as it was captured. False for other calls. */
static bool written_text(enum arch arch, const struct event *event, struct value *ret)
{
	const struct layout *layout;

	if (event->args < 1 || (event->arg[0] != STDOUT_FILENO && event->arg[0] != STDERR_FILENO))
		return false;
	layout = event_layout(arch, event);
	for (unsigned i = 0; i < layout->count; i++) {
		struct value value = event_argument(event, layout, i);

		if (value.type == VALUE_DATA && value.data_bytes) {
			*ret = value;
			return true;
		}
		if (value.type == VALUE_IOVEC && iovec_payload(&value, ret))
			return ret->data_bytes > 0;
	}
	return false;
}

/* The message that the text goes on with; NULL if it begins one. */
static struct message *unfinished(struct facts *facts, uint32_t process, bool is_error)
{
	for (size_t i = facts->n_messages; i > 0 && facts->n_messages - i < 8; i--) {
		struct message *message = &facts->messages[i - 1];

		if (message->process != process || message->is_error != is_error)
			continue;
		if (!message->bytes || message->truncated ||
		    message->text[message->bytes - 1] == '\n' ||
		    message->bytes >= MESSAGE_BYTES_MAX)
			return NULL;
		return message;
	}
	return NULL;
}

static void drop_half(struct facts *facts)
{
	size_t half = facts->n_messages / 2;

	for (size_t i = 0; i < half; i++) {
		facts->text_bytes -= facts->messages[i].bytes;
		free(facts->messages[i].text);
	}
	facts->n_messages -= half;
	memmove(facts->messages, facts->messages + half,
		facts->n_messages * sizeof(*facts->messages));
}

static struct message *new_message(struct facts *facts, const struct act *act, bool is_error)
{
	struct message *message;

	if (facts->n_messages == FACTS_MESSAGES_MAX)
		drop_half(facts);
	if (facts->n_messages == facts->messages_room) {
		size_t room = facts->messages_room ? facts->messages_room * 2 : 64;
		struct message *grown = reallocarray(facts->messages, room, sizeof(*grown));

		if (!grown)
			return NULL;
		facts->messages = grown;
		facts->messages_room = room;
	}
	message = &facts->messages[facts->n_messages];
	*message = (struct message){
		.first_entry = act->entry, .process = act->process, .is_error = is_error};
	message->text = malloc(1);
	if (!message->text)
		return NULL;
	message->text[0] = '\0';
	facts->n_messages++;
	return message;
}

/* Drops a terminal's colours, ESC [ ... letter, that the message got at its end. */
static void drop_colours(struct message *message, size_t from)
{
	size_t kept = from;

	for (size_t i = from; i < message->bytes; i++) {
		if (message->text[i] == '\033' && message->text[i + 1] == '[') {
			i += 2;
			i += strspn(message->text + i, "0123456789;?");
			if (!message->text[i])
				break;
			continue;
		}
		message->text[kept++] = message->text[i];
	}
	message->text[kept] = '\0';
	message->bytes = kept;
}

static int append_bytes(struct facts *facts, struct message *message, const void *data,
			size_t bytes)
{
	size_t before = message->bytes;
	const char *from = data;
	char *grown;

	if (facts->text_bytes + bytes > FACTS_TEXT_MAX)
		return 0;
	grown = realloc(message->text, message->bytes + bytes + 1);
	if (!grown)
		return -ENOMEM;
	message->text = grown;
	for (size_t i = 0; i < bytes; i++)
		grown[message->bytes++] = from[i] ? from[i] : ' ';
	grown[message->bytes] = '\0';
	drop_colours(message, before);
	facts->text_bytes += message->bytes - before;
	return 0;
}

static int append(struct facts *facts, struct message *message, const struct value *text)
{
	int err = append_bytes(facts, message, text->data, text->data_bytes);

	message->truncated = text->truncated;
	message->has_end = !text->truncated || text->tail_bytes;
	if (!err && text->tail_bytes)
		err = append_bytes(facts, message, GAP, strlen(GAP));
	if (!err && text->tail_bytes)
		err = append_bytes(facts, message, text->tail, text->tail_bytes);
	return err;
}

int facts_add_message(struct facts *facts, const struct event *event, const struct act *act)
{
	bool is_error = event->arg[0] == STDERR_FILENO;
	struct message *message;
	struct value text;

	if (act->kind != ACT_WRITE && act->kind != ACT_SEND)
		return 0;
	if (!written_text(facts->arch, event, &text))
		return 0;
	message = unfinished(facts, act->process, is_error);
	if (!message)
		message = new_message(facts, act, is_error);
	if (!message)
		return -ENOMEM;
	message->last_entry = act->entry;
	return append(facts, message, &text);
}
