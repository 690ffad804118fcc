/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sentences about gaps, signals, the OOM killer and the failure.  They say what is on the tape
 * and no more: a sender that was not recorded is not guessed.
 */
#include "replay/words.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "common/escape.h"
#include "replay/call_text.h"
#include "replay/number.h"

const char *lane_name(enum igrec_lane lane)
{
	static const char *const names[IGREC_LANES] = {"start", "vital", "flow"};

	return lane < IGREC_LANES ? names[lane] : "?";
}

static const char *const type_names[] = {
	[IGREC_RECORD_SYSCALL] = "syscall", [IGREC_RECORD_FORK] = "fork",
	[IGREC_RECORD_EXEC] = "exec",	    [IGREC_RECORD_EXIT] = "exit",
	[IGREC_RECORD_SIGNAL] = "signal",   [IGREC_RECORD_OOM] = "oom",
};

const char *entry_type_name(const struct timeline_entry *entry, const struct event *event)
{
	if (entry->kind == TIMELINE_EVENT)
		return type_names[event->type];
	return entry->kind == TIMELINE_FAILURE ? "failure" : "gap";
}

static void add_comm(struct buf *out, const char comm[IGREC_COMM_BYTES])
{
	buf_add_text(out, " (");
	escape_name(out, comm, strnlen(comm, IGREC_COMM_BYTES));
	buf_add_char(out, ')');
}

void gap_words(struct buf *out, const struct timeline_entry *entry)
{
	const char *lane = lane_name(entry->lane);
	const char *records = entry->count == 1 ? "record" : "records";
	uint64_t count = entry->count;

	switch (entry->kind) {
	case TIMELINE_OVERWRITTEN:
		buf_printf(out, "%" PRIu64 " %s of lane %s overwritten", count, records, lane);
		break;
	case TIMELINE_TORN:
		buf_printf(out, "%" PRIu64 " %s of lane %s torn: still being written when copied",
			   count, records, lane);
		break;
	case TIMELINE_DROPPED:
		buf_printf(out,
			   "%" PRIu64 " %s of lane %s dropped: no room in the ring, time unknown",
			   count, records, lane);
		break;
	case TIMELINE_MISSING:
		buf_printf(out,
			   "%" PRIu64 " %s of lane %s missing: this part of the dump is damaged",
			   count, records, lane);
		break;
	default:
		buf_printf(out, "%" PRIu64 " bytes of lane %s damaged", count, lane);
		break;
	}
}

/* Its pid as the container counts; from outside, the host's. */
static void add_sender(struct buf *out, const struct igrec_signal *signal)
{
	buf_add_text(out, signal->sender_outside ? "host pid " : "");
	number_unsigned(out, signal->sender_outside ? signal->sender_tgid : signal->sender_ns_tgid);
	add_comm(out, signal->sender_comm);
	if (signal->sender_outside)
		buf_add_text(out, ", outside the container");
}

/* Faults carry an address, kill(2) and its like a sender. */
static void add_origin(struct buf *out, const struct igrec_signal *signal)
{
	if (signal->code <= 0) {
		buf_add_text(out, ", sent by ");
		add_sender(out, signal);
		return;
	}
	if (signal->code == SI_KERNEL) {
		buf_add_text(out, ", sent by the kernel");
		return;
	}
	buf_add_text(out, ", ");
	signal_code_text(out, signal->signal, signal->code);
	if (signal_has_address(signal->signal)) {
		buf_add_text(out, " at ");
		pointer_text(out, signal->fault_address);
	}
}

void signal_words(struct buf *out, const struct event *event)
{
	const struct igrec_signal *signal = &event->signal;

	signal_text(out, signal->signal);
	buf_add_text(out, ", ");
	if (signal->code <= 0 || signal->code == SI_KERNEL)
		signal_code_text(out, signal->signal, signal->code);
	else
		out->bytes -= out->failed ? 0 : 2;
	add_origin(out, signal);
}

static void add_cgroup(struct buf *out, const struct timeline *timeline)
{
	const char *path = timeline_snapshot(timeline)->identity.cgroup_path;

	if (!path)
		return;
	buf_add_text(out, " in cgroup ");
	escape_name_text(out, path);
}

void oom_words(struct buf *out, const struct timeline *timeline, const struct event *event)
{
	buf_add_text(out, "out of memory");
	add_cgroup(out, timeline);
	buf_add_text(out, ": victim is ");
	number_unsigned(out, event->oom.victim_ns_tgid);
	add_comm(out, event->oom.victim_comm);
	buf_add_text(out, ", memory was asked for by host tid ");
	number_unsigned(out, event->oom.trigger_tid);
	add_comm(out, event->oom.trigger_comm);
}

void fork_words(struct buf *out, const struct timeline_task *parent, const struct event *event)
{
	bool is_thread = event->fork.child_tgid == parent->tgid && parent->tgid;

	buf_add_text(out, is_thread ? "thread " : "process ");
	number_unsigned(out, event->fork.child_ns_tid);
}

static void death_words(struct buf *out, const struct timeline *timeline)
{
	const struct failure *failure = &timeline_snapshot(timeline)->failure;
	struct event event;

	if (!failure->signal) {
		buf_add_text(out, "exited with ");
		number_signed(out, failure->exit_code);
		return;
	}
	buf_add_text(out, "killed by ");
	signal_text(out, failure->signal);
	if (failure->core)
		buf_add_text(out, " (core dumped)");
	if (timeline_oom(timeline, &event)) {
		buf_add_text(out, ": ");
		oom_words(out, timeline, &event);
	} else if (failure->kind == FAILURE_OOM || failure->kind == FAILURE_CHILD_OOM) {
		buf_add_text(out, ": out of memory");
		add_cgroup(out, timeline);
	} else if (timeline_death_signal(timeline, &event)) {
		add_origin(out, &event.signal);
	}
}

void failure_words(struct buf *out, const struct timeline *timeline)
{
	const struct failure *failure = &timeline_snapshot(timeline)->failure;

	if (failure->kind == FAILURE_REQUESTED) {
		buf_add_text(out, "dump requested: nothing failed");
		return;
	}
	if (failure->kind == FAILURE_CHILD_SIGNAL || failure->kind == FAILURE_CHILD_OOM)
		buf_add_text(out, "child process ");
	death_words(out, timeline);
	if (failure->kind == FAILURE_CRASH_LOOP)
		buf_add_text(out, ", and is restarted again and again");
	if (failure->late)
		buf_add_text(out, " (noticed after a restart of igrecd)");
}

int exit_argument(const struct event *event)
{
	int code = (event->exit.code >> 8) & 0xff;

	return (event->exit.given & 0xff) == code ? event->exit.given : code;
}
