/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one parser of ring records: bpf/igrec_abi.h's bytes -> struct event.  Everything that reads
 * a tape goes through it, and the bytes may come from a damaged or hostile file.
 *
 * Invariant: the cursor never passes the end of the record, whose size is checked first; what is
 * read through it is copied, so the bytes need no alignment.
 */
#include "decode/event.h"

#include <errno.h>
#include <string.h>

/* Values of igrec_capture.arg above the arguments: parts of what they point to. */
#define PART_FIRST IGREC_ARG_MSG_NAME
#define PART_LAST  IGREC_ARG_TAIL

struct cursor {
	const unsigned char *data;
	size_t left;
};

static bool cursor_take(struct cursor *cursor, void *ret, size_t bytes)
{
	if (cursor->left < bytes)
		return false;
	memcpy(ret, cursor->data, bytes);
	cursor->data += bytes;
	cursor->left -= bytes;
	return true;
}

static bool take_syscall(struct cursor *cursor, unsigned args, struct event *event)
{
	if (args > IGREC_ARGS_MAX || !cursor_take(cursor, &event->result, sizeof(event->result)))
		return false;
	event->args = args;
	return cursor_take(cursor, event->arg, args * sizeof(event->arg[0]));
}

static bool take_body(struct cursor *cursor, unsigned args, struct event *event)
{
	switch (event->type) {
	case IGREC_RECORD_SYSCALL:
		return take_syscall(cursor, args, event);
	case IGREC_RECORD_FORK:
		return cursor_take(cursor, &event->fork, sizeof(event->fork));
	case IGREC_RECORD_EXEC:
		return cursor_take(cursor, &event->exec, sizeof(event->exec));
	case IGREC_RECORD_EXIT:
		return cursor_take(cursor, &event->exit, sizeof(event->exit));
	case IGREC_RECORD_SIGNAL:
		return cursor_take(cursor, &event->signal, sizeof(event->signal));
	case IGREC_RECORD_OOM:
		return cursor_take(cursor, &event->oom, sizeof(event->oom));
	}
	return false;
}

static bool is_capture_arg(unsigned arg)
{
	return arg < IGREC_ARGS_MAX || (arg >= PART_FIRST && arg <= PART_LAST);
}

static bool take_capture(struct cursor *cursor, struct event *event)
{
	struct igrec_capture header;
	struct event_capture *capture;
	size_t padded;

	if (!cursor_take(cursor, &header, sizeof(header)))
		return false;
	if (header.arg == IGREC_CAPTURE_PAD) {
		cursor->left = 0;
		return true;
	}
	if (event->captures == EVENT_CAPTURES_MAX)
		return false;
	padded = ((sizeof(header) + header.bytes + 7) & ~(size_t)7) - sizeof(header);
	if (!is_capture_arg(header.arg) || padded > cursor->left)
		return false;
	capture = &event->capture[event->captures++];
	capture->arg = header.arg;
	capture->truncated = header.flags & IGREC_CAPTURE_TRUNCATED;
	capture->unreadable = header.flags & IGREC_CAPTURE_UNREADABLE;
	capture->inode = header.flags & IGREC_CAPTURE_INODE;
	capture->socket = header.flags & IGREC_CAPTURE_SOCKET;
	capture->bytes = header.bytes;
	capture->data = cursor->data;
	cursor->data += padded;
	cursor->left -= padded;
	return true;
}

/* A duration longer than the clock is a damaged one; the entry is then taken as not seen. */
static void set_times(const struct igrec_record *record, struct event *event)
{
	uint64_t duration_ns = (uint64_t)record->duration << IGREC_META_SHIFT(record->meta);
	bool lasts = event->type == IGREC_RECORD_SYSCALL || event->type == IGREC_RECORD_EXEC;

	event->end_ns = record->time_ns;
	event->entry_seen =
		lasts && !(record->meta & IGREC_META_NO_ENTRY) && duration_ns <= record->time_ns;
	event->duration_ns = event->entry_seen ? duration_ns : 0;
	event->time_ns = event->end_ns - event->duration_ns;
}

int event_parse(const void *data, size_t bytes, enum igrec_lane lane, struct event *ret)
{
	struct igrec_record record;
	struct cursor cursor = {data, bytes};

	if (!cursor_take(&cursor, &record, sizeof(record)))
		return -EBADMSG;
	if (record.bytes < sizeof(record) || record.bytes % 8 || record.bytes > bytes)
		return -EBADMSG;
	cursor.left = record.bytes - sizeof(record);

	ret->type = IGREC_META_TYPE(record.meta);
	ret->lane = lane;
	ret->tid = record.tid;
	ret->cpu = record.cpu;
	ret->nr = record.nr;
	ret->setup = record.meta & IGREC_META_SETUP;
	ret->compat = record.meta & IGREC_META_COMPAT;
	ret->has_mark = record.meta & IGREC_META_MARK;
	ret->args = 0;
	ret->result = 0;
	ret->captures = 0;
	set_times(&record, ret);
	if (ret->has_mark && !cursor_take(&cursor, &ret->mark, sizeof(ret->mark)))
		return -EBADMSG;
	if (!take_body(&cursor, IGREC_META_ARGS(record.meta), ret))
		return -EBADMSG;
	while (record.meta & IGREC_META_CAPTURES && cursor.left) {
		if (!take_capture(&cursor, ret))
			return -EBADMSG;
	}
	return cursor.left ? -EBADMSG : record.bytes;
}

const struct event_capture *event_capture_of(const struct event *event, unsigned arg)
{
	for (unsigned i = 0; i < event->captures; i++) {
		if (event->capture[i].arg == arg)
			return &event->capture[i];
	}
	return NULL;
}

const struct event_capture *event_payload_of(const struct event *event, unsigned arg)
{
	const struct event_capture *vectors = event_capture_of(event, arg);

	if (arg >= IGREC_ARG_MSG_NAME)
		return event_capture_of(event, arg + IGREC_ARG_MSG_DATA - IGREC_ARG_MSG_IOV);
	for (unsigned i = 0; i < event->captures; i++) {
		if (event->capture[i].arg == arg && &event->capture[i] != vectors)
			return &event->capture[i];
	}
	return NULL;
}
