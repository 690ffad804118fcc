/* SPDX-License-Identifier: Apache-2.0 */
/* Dump -> entries, for the formats that are not lines of `igrec replay`. */
#include "export/tape.h"

#include <errno.h>

#include "replay/replay.h"

int tape_open(struct tape *tape, const struct export *export, struct export_counts *counts)
{
	int err;

	*tape = (struct tape){.export = export, .counts = counts};
	err = timeline_new(dump_snapshot(export->dump), &tape->timeline);
	if (err)
		return err;
	counts->incomplete = timeline_is_incomplete(tape->timeline);
	return tape_rewind(tape);
}

void tape_close(struct tape *tape)
{
	objects_free(tape->objects);
	timeline_free(tape->timeline);
	buf_done(&tape->text);
	buf_done(&tape->scratch);
}

int tape_rewind(struct tape *tape)
{
	tape->next = 0;
	tape->counts->records = 0;
	objects_free(tape->objects);
	tape->objects = NULL;
	return objects_new(tape->timeline, tape->export->arch, OBJECT_STYLE_ADDRESS,
			   &tape->objects);
}

bool tape_next(struct tape *tape)
{
	while (tape->next < timeline_count(tape->timeline)) {
		tape->index = tape->next++;
		tape->entry = timeline_at(tape->timeline, tape->index);
		if (tape->export->filter &&
		    !filter_matches(tape->export->filter, tape->timeline, tape->entry))
			continue;
		objects_seek(tape->objects, tape->index);
		tape->task = timeline_task_of(tape->timeline, tape->entry);
		if (tape->entry->kind != TIMELINE_EVENT)
			return true;
		timeline_event(tape->entry, &tape->event);
		tape->counts->records++;
		return true;
	}
	return false;
}

bool tape_is_call(const struct tape *tape)
{
	return tape->entry->kind == TIMELINE_EVENT &&
	       (tape->event.type == IGREC_RECORD_SYSCALL || tape->event.type == IGREC_RECORD_EXEC);
}

uint64_t tape_end_ns(const struct tape *tape)
{
	return tape->entry->kind == TIMELINE_EVENT ? tape->event.end_ns : tape->entry->time_ns;
}

uint64_t tape_begin_ns(const struct tape *tape)
{
	uint64_t begin_ns = timeline_zero_ns(tape->timeline);

	for (size_t i = 0; i < timeline_count(tape->timeline); i++) {
		uint64_t time_ns = timeline_at(tape->timeline, i)->time_ns;

		if (time_ns < begin_ns)
			begin_ns = time_ns;
	}
	return begin_ns;
}

uint64_t tape_real_ns(const struct tape *tape, uint64_t time_ns)
{
	int64_t real_ns;

	if (__builtin_add_overflow((int64_t)time_ns,
				   timeline_snapshot(tape->timeline)->realtime_offset_ns,
				   &real_ns) ||
	    real_ns < 0)
		return 0;
	return (uint64_t)real_ns;
}

int tape_flush_some(struct tape *tape)
{
	if (tape->text.bytes < REPLAY_FLUSH_BYTES && !tape->text.failed)
		return 0;
	return replay_write(&tape->text, tape->export->out);
}

int tape_flush(struct tape *tape)
{
	int err = replay_write(&tape->text, tape->export->out);

	if (err)
		return err;
	errno = 0;
	return fflush(tape->export->out) ? errno ? -errno : -EIO : 0;
}
