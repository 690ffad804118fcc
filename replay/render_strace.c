/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines as of `strace -f -ttt -T -o FILE`, so that eyes and tools trained on it just work.  What
 * strace has no line for is a comment that begins with "#".
 */
#include <signal.h>

#include "replay/call_text.h"
#include "replay/number.h"
#include "replay/render.h"
#include "replay/restart_text.h"
#include "replay/result_note.h"
#include "replay/value_text.h"
#include "replay/words.h"

#define RESULT_COLUMN 40 /* strace's -a */
#define PID_COLUMN    6

static void begin_line(const struct render *render, const struct timeline_task *task,
		       uint64_t time_ns, struct buf *out)
{
	size_t start = out->bytes;

	if (task->ns_tid)
		number_unsigned(out, task->ns_tid);
	else
		buf_add_char(out, '?');
	align_left(out, start, PID_COLUMN - 1);
	buf_add_char(out, ' ');
	number_seconds(out,
		       (int64_t)time_ns + timeline_snapshot(render->timeline)->realtime_offset_ns);
	buf_add_char(out, ' ');
}

/* strace tells the numbers that it does not know in hex, and makes no difference of 32-bit ones. */
static const char *name_of(const struct render *render, const struct event *event,
			   char room[SYSCALL_NAME_BYTES])
{
	enum arch arch = render->options->arch;

	if (syscall_of(arch, event->nr, event->compat))
		return syscall_name(arch, event->nr, event->compat, room);
	snprintf(room, SYSCALL_NAME_BYTES, "syscall_0x%x", event->nr);
	return room;
}

static void call_line(const struct render *render, const struct timeline_entry *entry,
		      const struct timeline_task *task, const struct event *event, struct buf *out)
{
	enum arch arch = render->options->arch;
	struct result result = event_result(arch, event);
	char room[SYSCALL_NAME_BYTES];
	size_t start = out->bytes;

	begin_line(render, task, event->time_ns, out);
	buf_add_text(out, name_of(render, event, room));
	buf_add_char(out, '(');
	if (!restart_text(out, render, event))
		arguments_text(out, arch, event, render->objects);
	if (entry->in_flight && !entry->was_sent_death) {
		buf_add_text(out, " <unfinished ...>) = ?\n");
		return;
	}
	buf_add(out, ") ", 2);
	align_left(out, start, RESULT_COLUMN);
	buf_add(out, "= ", 2);
	result_text(out, &result);
	result_object_text(out, &result, render->objects);
	result_note_text(out, arch, event);
	if (event->entry_seen) {
		buf_add_text(out, " <");
		number_seconds(out, (int64_t)event->duration_ns);
		buf_add_char(out, '>');
	}
	buf_add_char(out, '\n');
}

/* The call that did not return, if there was one, and the end of the thread. */
static void exit_lines(const struct render *render, const struct timeline_task *task,
		       const struct event *event, struct buf *out)
{
	char room[SYSCALL_NAME_BYTES];
	size_t start = out->bytes;

	if (event->nr != IGREC_NR_NONE) {
		begin_line(render, task, event->time_ns, out);
		buf_add_text(out, name_of(render, event, room));
		buf_add_char(out, '(');
		number_signed(out, exit_argument(event));
		buf_add(out, ") ", 2);
		align_left(out, start, RESULT_COLUMN);
		buf_add_text(out, "= ?\n");
	}
	begin_line(render, task, event->time_ns, out);
	buf_add_text(out, "+++ ");
	status_text(out, event->exit.code);
	buf_add_text(out, " +++\n");
}

static void signal_line(const struct render *render, const struct timeline_task *task,
			const struct event *event, struct buf *out)
{
	const struct igrec_signal *signal = &event->signal;

	struct value siginfo;

	begin_line(render, task, event->time_ns, out);
	buf_add_text(out, "--- ");
	signal_text(out, signal->signal);
	if (siginfo_of(render->options->arch, event, &siginfo)) {
		buf_add_char(out, ' ');
		value_text(out, &siginfo);
		buf_add_text(out, " ---\n");
		return;
	}
	buf_add_text(out, " {si_signo=");
	signal_text(out, signal->signal);
	buf_add_text(out, ", si_code=");
	signal_code_text(out, signal->signal, signal->code);
	if (signal->code <= 0) {
		buf_add_text(out, ", si_pid=");
		number_unsigned(out, signal->sender_outside ? 0 : signal->sender_ns_tgid);
	} else if (signal->code != SI_KERNEL && signal_has_address(signal->signal)) {
		buf_add_text(out, ", si_addr=");
		pointer_text(out, signal->fault_address);
	}
	buf_add_text(out, "} ---\n");
}

static void comment_line(const struct render *render, const struct timeline_entry *entry,
			 const struct event *event, struct buf *out)
{
	buf_add_text(out, "# ");
	number_seconds(out, (int64_t)entry->time_ns +
				    timeline_snapshot(render->timeline)->realtime_offset_ns);
	buf_add_char(out, ' ');
	if (entry->kind == TIMELINE_EVENT)
		oom_words(out, render->timeline, event);
	else if (entry->kind == TIMELINE_FAILURE)
		failure_words(out, render->timeline);
	else
		gap_words(out, entry);
	buf_add_char(out, '\n');
}

/* strace shows the beginning of what is too long, and no more. */
static void drop_tail(struct event *event)
{
	/* Nothing else of a write is captured behind it. */
	if (event->captures && event->capture[event->captures - 1].arg == IGREC_ARG_TAIL)
		event->captures--;
}

void render_strace(struct render *render, const struct timeline_entry *entry, struct buf *out)
{
	const struct timeline_task *task = timeline_task_of(render->timeline, entry);
	struct event event;

	if (entry->kind != TIMELINE_EVENT) {
		comment_line(render, entry, NULL, out);
		return;
	}
	timeline_event(entry, &event);
	switch (event.type) {
	case IGREC_RECORD_SYSCALL:
	case IGREC_RECORD_EXEC:
		drop_tail(&event);
		call_line(render, entry, task, &event, out);
		return;
	case IGREC_RECORD_EXIT:
		exit_lines(render, task, &event, out);
		return;
	case IGREC_RECORD_SIGNAL:
		signal_line(render, task, &event, out);
		return;
	case IGREC_RECORD_OOM:
		comment_line(render, entry, &event, out);
		return;
	case IGREC_RECORD_FORK:
		return; /* the clone is a line already */
	}
}
