/* SPDX-License-Identifier: Apache-2.0 */
/* See ending.h. Codes of signals: siginfo's si_code, include/uapi/asm-generic/siginfo.h. */
#include "replay/ending.h"

#include <signal.h>
#include <string.h>

#include "common/cleanup.h"

#define REQUEST_NS (600 * 1000000000ULL) /* the longest grace period that is thought of */

static const char *const names[ENDING_SENDERS] = {
	[ENDING_FAULT] = "fault",   [ENDING_KERNEL] = "kernel",	  [ENDING_SELF] = "self",
	[ENDING_INSIDE] = "inside", [ENDING_RUNTIME] = "runtime", [ENDING_OUTSIDE] = "outside",
};

/* Whose processes outside send signals when a container is stopped; comm has 15 characters. */
static const char *const runtimes[] = {
	"runc",	    "crun", "runsc",   "youki",	 "containerd", "containerd-shim", "conmon",
	"conmonrs", "crio", "dockerd", "podman", "kubelet",    "systemd",
};

const char *ending_sender_name(enum ending_sender sender)
{
	return (unsigned)sender < ENDING_SENDERS ? names[sender] : "?";
}

static bool is_runtime(const char *comm)
{
	size_t length = strnlen(comm, IGREC_COMM_BYTES);

	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		size_t bytes = strlen(runtimes[i]);

		/* "runc:[2:INIT]" and the like */
		if (length >= bytes && !memcmp(comm, runtimes[i], bytes) &&
		    (length == bytes || comm[bytes] == ':' || comm[bytes] == '-'))
			return true;
	}
	return false;
}

static bool is_fault(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE ||
	       signal == SIGTRAP || signal == SIGSYS;
}

enum ending_sender ending_sender_of(const struct igrec_signal *signal)
{
	if (signal->code > 0 && is_fault(signal->signal))
		return ENDING_FAULT; /* SI_KERNEL too: faults of which the CPU tells no more */
	if (signal->code > 0)
		return ENDING_KERNEL;
	if (signal->sender_tgid == signal->target_tgid)
		return ENDING_SELF;
	if (!signal->sender_outside)
		return ENDING_INSIDE;
	return is_runtime(signal->sender_comm) ? ENDING_RUNTIME : ENDING_OUTSIDE;
}

static int ending_signal(const struct failure *failure)
{
	if (failure->signal)
		return failure->signal;
	if (failure->exit_code > 128 && failure->exit_code - 128 < NSIG &&
	    (failure->kind == FAILURE_EXIT || failure->kind == FAILURE_CRASH_LOOP))
		return failure->exit_code - 128;
	return 0;
}

static bool is_request(const struct event *event)
{
	enum ending_sender sender = ending_sender_of(&event->signal);
	int number = event->signal.signal;

	return (number == SIGTERM || number == SIGINT || number == SIGQUIT || number == SIGHUP) &&
	       sender >= ENDING_INSIDE;
}

static bool is_to_failed(const struct timeline_entry *entry, const struct failure *failure,
			 struct event *ret)
{
	if (entry->kind != TIMELINE_EVENT ||
	    IGREC_META_TYPE(timeline_header(entry).meta) != IGREC_RECORD_SIGNAL ||
	    entry->time_ns > failure->time_ns)
		return false;
	timeline_event(entry, ret);
	return ret->signal.target_tgid == failure->tgid;
}

void ending_of(const struct timeline *timeline, const struct failure *failure, struct ending *ret)
{
	int number = ending_signal(failure);

	*ret = (struct ending){0};
	if (failure->kind == FAILURE_REQUESTED)
		return;
	for (size_t i = timeline_count(timeline); i > 0; i--) {
		const struct timeline_entry *entry = timeline_at(timeline, i - 1);
		struct event event;

		if (!is_to_failed(entry, failure, &event))
			continue;
		if (failure->time_ns - entry->time_ns > REQUEST_NS)
			return;
		if (!ret->has_signal && number && event.signal.signal == number) {
			ret->has_signal = true;
			ret->signal = event;
		} else if (!ret->has_request && is_request(&event)) {
			ret->has_request = true;
			ret->request = event;
		}
	}
}
