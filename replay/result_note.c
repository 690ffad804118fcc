/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notes behind results, by the note that the syscall's table row names.  Notation: strace's, see
 * value_text.c.
 */
#include "replay/result_note.h"

#include <poll.h>
#include <string.h>

#include "common/cleanup.h"
#include "decode/changed.h"
#include "replay/number.h"
#include "replay/value_text.h"

/* One file of poll's that is ready, in the terms of the struct's table row: fd, events. */
static void ready_text(struct buf *out, const struct layout *layout, const struct pollfd *ready)
{
	struct value events = {
		.type = VALUE_FLAGS,
		.number = (uint16_t)ready->revents,
		.bytes = sizeof(ready->revents),
		.field = &layout->fields[1],
	};

	buf_add_text(out, "{fd=");
	number_signed(out, ready->fd);
	buf_add_text(out, ", revents=");
	value_text(out, &events);
	buf_add_char(out, '}');
}

static void poll_text(struct buf *out, const struct value *files)
{
	const char *separator = "";

	buf_add_char(out, '[');
	for (size_t i = 0; i < array_elements(files); i++) {
		struct value element = array_element(files, i);
		struct pollfd ready;

		memcpy(&ready, element.data, sizeof(ready));
		if (!ready.revents || element.layout->count < 2)
			continue;
		buf_add_text(out, separator);
		ready_text(out, element.layout, &ready);
		separator = ", ";
	}
	if (files->truncated) {
		buf_add_text(out, separator);
		buf_add_text(out, "...");
	}
	buf_add_char(out, ']');
}

/* What there is to say, in parentheses: each part but the first has a comma in front. */
struct note {
	struct buf *out;
	const struct event *event;
	const struct layout *layout;
	bool any;
};

static void next_part(struct note *note)
{
	buf_add_text(note->out, note->any ? ", " : " (");
	note->any = true;
}

/* Descriptors in a set as the call left it, at most `left`. Returns how many. */
static int64_t add_set(struct note *note, const struct value *set, const char *label, int64_t left)
{
	int64_t count = 0;

	for (int fd = -1; count < left && (fd = fd_set_next(set, fd)) >= 0; count++) {
		if (count) {
			buf_add_char(note->out, ' ');
		} else {
			next_part(note);
			buf_add_text(note->out, label);
		}
		number_signed(note->out, fd);
	}
	if (count)
		buf_add_char(note->out, ']');
	return count;
}

static void add_sets(struct note *note)
{
	static const char *const labels[] = {"in [", "out [", "except ["};
	int64_t left = note->event->result;

	for (unsigned i = 0; i < ARRAY_SIZE(labels); i++) {
		struct value set = event_argument(note->event, note->layout, i + 1);

		if (set.type != VALUE_FD_SET || !set.after)
			continue;
		set = value_after(&set);
		left -= add_set(note, &set, labels[i], left);
	}
}

static void add_files(struct note *note)
{
	struct value files = event_argument(note->event, note->layout, 0);

	if (files.type != VALUE_ARRAY)
		return;
	next_part(note);
	poll_text(note->out, &files);
}

static void add_left(struct note *note)
{
	for (unsigned i = 0; i < note->layout->count; i++) {
		const struct field *field = &note->layout->fields[i];
		struct value time;

		if (!field->both || field->type != VALUE_STRUCT)
			continue;
		time = event_argument(note->event, note->layout, i);
		if (!time.after)
			continue;
		next_part(note);
		buf_add_text(note->out, "left ");
		time = value_after(&time);
		value_text(note->out, &time);
	}
}

void result_note_text(struct buf *out, enum arch arch, const struct event *event)
{
	struct note note = {.out = out, .event = event};
	const struct syscall_descriptor *call;

	if (event->type != IGREC_RECORD_SYSCALL || event->result < 0)
		return;
	call = syscall_of(arch, event->nr, event->compat);
	if (!call || call->note == RESULT_NOTE_NONE)
		return;
	if (event->result == 0) {
		buf_add_text(out, " (Timeout)");
		return;
	}
	note.layout = event_layout(arch, event);
	if (call->note == RESULT_NOTE_POLL)
		add_files(&note);
	if (call->note == RESULT_NOTE_SELECT)
		add_sets(&note);
	if (call->note != RESULT_NOTE_TIMEOUT)
		add_left(&note);
	if (note.any)
		buf_add_char(out, ')');
}
