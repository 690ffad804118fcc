/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restart_syscall has no arguments; the call that it goes on with is the thread's last one, which
 * ended with ERESTART_RESTARTBLOCK.
 */
#include "replay/restart_text.h"

#include <string.h>

#define ERESTART_RESTARTBLOCK 516 /* include/linux/errno.h */

static bool is_restart(enum arch arch, const struct event *event)
{
	char room[SYSCALL_NAME_BYTES];

	return event->type == IGREC_RECORD_SYSCALL && !event->args &&
	       !strcmp(syscall_name(arch, event->nr, event->compat, room), "restart_syscall");
}

/* The last syscall of the thread before an entry. False if it is not on the tape. */
static bool find_call_before(const struct timeline *timeline, size_t index, uint32_t tid,
			     struct event *ret)
{
	while (index--) {
		const struct timeline_entry *entry = timeline_at(timeline, index);
		struct igrec_record header;

		if (entry->kind != TIMELINE_EVENT)
			continue;
		header = timeline_header(entry);
		if (header.tid != tid || IGREC_META_TYPE(header.meta) != IGREC_RECORD_SYSCALL)
			continue;
		timeline_event(entry, ret);
		return true;
	}
	return false;
}

bool restart_text(struct buf *out, const struct render *render, const struct event *event)
{
	enum arch arch = render->options->arch;
	const char *name = "system call";
	char room[SYSCALL_NAME_BYTES];
	struct event before;

	if (!is_restart(arch, event))
		return false;
	if (find_call_before(render->timeline, render->index, event->tid, &before) &&
	    before.result == -ERESTART_RESTARTBLOCK)
		name = syscall_name(arch, before.nr, before.compat, room);
	buf_add_text(out, "<... resuming interrupted ");
	buf_add_text(out, name);
	buf_add_text(out, " ...>");
	return true;
}
