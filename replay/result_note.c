/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notes behind results, by the note that the syscall's table row names.  Notation: strace's, see
 * value_text.c.
 */
#include "replay/result_note.h"

#include <poll.h>
#include <string.h>

#include "replay/value_text.h"

/* One file of poll's that is ready, in the terms of the struct's table row: fd, events. */
static void ready_text(struct buf *out, const struct value *element, const struct pollfd *ready)
{
	const struct layout *layout = element->layout;
	struct value fd = {
		.type = VALUE_FD,
		.number = (uint64_t)(int64_t)ready->fd,
		.is_signed = true,
		.bytes = sizeof(ready->fd),
		.field = &layout->fields[0],
		.objects = element->objects,
	};
	struct value events = {
		.type = VALUE_FLAGS,
		.number = (uint16_t)ready->revents,
		.bytes = sizeof(ready->revents),
		.field = &layout->fields[1],
	};

	buf_add_text(out, "{fd=");
	value_text(out, &fd);
	buf_add_text(out, ", revents=");
	value_text(out, &events);
	buf_add_char(out, '}');
}

static void poll_text(struct buf *out, const struct value *files)
{
	const char *separator = "";

	buf_add_text(out, " ([");
	for (size_t i = 0; i < array_elements(files); i++) {
		struct value element = array_element(files, i);
		struct pollfd ready;

		memcpy(&ready, element.data, sizeof(ready));
		if (!ready.revents || element.layout->count < 2)
			continue;
		element.objects = files->objects;
		buf_add_text(out, separator);
		ready_text(out, &element, &ready);
		separator = ", ";
	}
	if (files->truncated) {
		buf_add_text(out, separator);
		buf_add_text(out, "...");
	}
	buf_add_text(out, "])");
}

static void poll_note(struct buf *out, enum arch arch, const struct event *event,
		      const struct objects *objects)
{
	struct value files;

	if (event->result == 0) {
		buf_add_text(out, " (Timeout)");
		return;
	}
	files = event_argument(event, event_layout(arch, event), 0);
	files.objects = objects;
	if (files.type == VALUE_ARRAY)
		poll_text(out, &files);
}

void result_note_text(struct buf *out, enum arch arch, const struct event *event,
		      const struct objects *objects)
{
	const struct syscall_descriptor *call;

	if (event->type != IGREC_RECORD_SYSCALL || event->result < 0)
		return;
	call = syscall_of(arch, event->nr, event->compat);
	if (!call)
		return;
	switch (call->note) {
	case RESULT_NOTE_POLL:
		poll_note(out, arch, event, objects);
		return;
	case RESULT_NOTE_TIMEOUT:
		if (event->result == 0)
			buf_add_text(out, " (Timeout)");
		return;
	case RESULT_NOTE_NONE:
		return;
	}
}
