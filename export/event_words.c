/* SPDX-License-Identifier: Apache-2.0 */
/* Entries in the words of replay's renderers, without their columns. */
#include "export/event_words.h"

#include "replay/call_text.h"
#include "replay/words.h"

static void call_words(struct buf *out, enum arch arch, const struct timeline_entry *entry,
		       const struct event *event, const struct objects *objects)
{
	struct result result = event_result(arch, event);
	char room[SYSCALL_NAME_BYTES];

	buf_add_text(out, syscall_name(arch, event->nr, event->compat, room));
	buf_add_char(out, '(');
	arguments_text(out, arch, event, objects);
	if (entry->in_flight) {
		buf_add_text(out, " <unfinished ...>");
		return;
	}
	buf_add_text(out, ") = ");
	result_text(out, &result);
	result_object_text(out, &result, objects);
}

void entry_words(struct buf *out, enum arch arch, const struct timeline *timeline,
		 const struct timeline_entry *entry, const struct event *event,
		 const struct objects *objects)
{
	if (entry->kind == TIMELINE_FAILURE) {
		failure_words(out, timeline);
		return;
	}
	if (entry->kind != TIMELINE_EVENT) {
		gap_words(out, entry);
		return;
	}
	switch (event->type) {
	case IGREC_RECORD_SYSCALL:
	case IGREC_RECORD_EXEC:
		call_words(out, arch, entry, event, objects);
		return;
	case IGREC_RECORD_FORK:
		fork_words(out, timeline_task_of(timeline, entry), event);
		return;
	case IGREC_RECORD_EXIT:
		status_text(out, event->exit.code);
		return;
	case IGREC_RECORD_SIGNAL:
		signal_words(out, event);
		return;
	case IGREC_RECORD_OOM:
		oom_words(out, timeline, event);
		return;
	}
}
