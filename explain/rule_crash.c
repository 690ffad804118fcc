/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signal that the process brought upon itself: a fault, an abort, a limit, a pipe without
 * reader, a system call that a seccomp filter kills for.
 */
#include <signal.h>
#include <string.h>

#include "decode/names.h"
#include "explain/rules.h"
#include "explain/words.h"
#include "replay/call_text.h"
#include "replay/words.h"

/* A failed call that the program spoke of explains more than that it then aborted. */
#define SCORE_TELLING 60

static const struct {
	int signal;
	const char *kind, *why, *next;
} crashes[] = {
	{SIGSEGV, "crash", "it used memory that is not there or not its own",
	 "get a core dump or a debugger on the program; the last calls tell what it was doing"},
	{SIGBUS, "crash",
	 "memory behind a mapping could not be had: a mapped file is shorter than its mapping, or "
	 "its filesystem is full",
	 "look at the files that it maps, and at /dev/shm and other tmpfs of the container"},
	{SIGILL, "crash", "it met an instruction that this CPU does not have",
	 "compare the CPU that the image was built for with the node's (lscpu)"},
	{SIGFPE, "crash", "it divided by zero, or overflowed a division",
	 "get a core dump or a debugger on the program"},
	{SIGTRAP, "crash", "it met a trap instruction: a failed check, or a debugger's",
	 "look at the last message of the program"},
	{SIGABRT, "abort", "it gave up by itself: abort(), as a failed assertion does",
	 "the message names the check that failed"},
	{SIGSYS, "seccomp", "a seccomp filter kills for this system call",
	 "look at the container's securityContext.seccompProfile (docker: --security-opt seccomp)"},
	{SIGPIPE, "broken-pipe", "it wrote to a pipe or socket whose reader was gone",
	 "look at who should have read and why that ended"},
	{SIGXFSZ, "file-size", "a file would have become larger than its limit",
	 "look at ulimit -f of the container"},
	{SIGXCPU, "cpu-limit", "it used more CPU time than its limit",
	 "look at ulimit -t of the container"},
};

/* The number of the system call that a filter killed for: si_syscall, behind si_call_addr. */
static void name_denied_call(struct buf *out, const struct facts *facts, const struct event *event)
{
	const struct event_capture *siginfo = event_capture_of(event, 0);
	char room[SYSCALL_NAME_BYTES];
	int nr;

	if (!siginfo || siginfo->bytes < 28)
		return;
	memcpy(&nr, siginfo->data + 24, sizeof(nr));
	if (nr >= 0)
		buf_add_text(out, syscall_name(facts->arch, (unsigned)nr, false, room));
}

/* What the write that found no reader was about. */
static const struct failed_call *last_broken_pipe(const struct facts *facts, uint32_t process)
{
	for (size_t i = facts->n_failed; i > 0; i--) {
		const struct failed_call *failed = &facts->failed[i - 1];

		if (failed->error == 32 /* EPIPE */ && facts->acts[failed->act].process == process)
			return failed;
	}
	return NULL;
}

static void name_object(struct finding *finding, const struct facts *facts, uint32_t process,
			const struct event *signal)
{
	const struct failed_call *failed;

	switch (signal->signal.signal) {
	case SIGSYS:
		name_denied_call(&finding->object, facts, signal);
		return;
	case SIGPIPE:
		failed = last_broken_pipe(facts, process);
		if (failed) {
			buf_add_text(&finding->object, failed->object);
			finding_add_evidence(finding, facts->acts[failed->act].entry);
		}
		return;
	default:
		buf_add_text(&finding->object, facts_comm(facts, process));
	}
}

/* What the process did last: where in its work it was. */
static void add_last_acts(struct finding *finding, const struct facts *facts, uint32_t process)
{
	unsigned added = 0;

	for (size_t i = facts->n_acts; i > 0 && added < 4; i--) {
		if (facts->acts[i - 1].process != process)
			continue;
		finding_add_evidence(finding, facts->acts[i - 1].entry);
		added++;
	}
}

static void write_sentence(struct finding *finding, const struct facts *facts, uint32_t process,
			   const struct event *signal, int death, const char *why)
{
	const struct message *said = facts_last_words(facts, process);
	struct buf *out = &finding->sentence;

	words_process(out, facts, process);
	buf_add_text(out, " was killed by ");
	if (signal->signal.signal == SIGABRT)
		buf_add_text(out, "SIGABRT");
	else if (death == SIGABRT)
		buf_printf(out, "SIGABRT (as process 1, in the end by %s)",
			   signal_name(signal->signal.signal));
	else
		signal_words(out, signal);
	buf_add_text(out, ": ");
	buf_add_text(out, why);
	if (signal->signal.signal == SIGSYS && finding->object.bytes) {
		buf_add_text(out, ", ");
		words_object(out, buf_text(&finding->object));
	}
	if (said) {
		buf_add_text(out, "; it had said ");
		words_quote(out, said);
		finding_add_evidence(finding, said->last_entry);
	}
	words_chain(out, facts, process);
}

/*
 * SIGABRT does not end a process 1 without a handler: abort() then ends it by a fault. So a fault
 * right after a SIGABRT to itself is that.
 */
static bool is_abort_of_init(const struct facts *facts, uint32_t process, uint32_t tid,
			     size_t fault)
{
	size_t entry;
	struct event signal;
	unsigned between = 0;

	if (facts->processes.all[process].ns_tgid != 1)
		return false;
	for (size_t i = facts_first_after(facts, (uint32_t)fault); i > 0 && between < 8; i--) {
		const struct act *act = &facts->acts[i - 1];

		if (act->process != process)
			continue;
		facts_event(facts, act, &signal);
		if (signal.tid != tid)
			continue;
		between++;
		if (act->kind != ACT_KILL)
			continue;
		entry = signal.args == 3 ? 2 : 1; /* tgkill(2), kill(2) */
		return signal.args > entry && signal.arg[entry] == SIGABRT;
	}
	return false;
}

static bool told_by_a_call(const struct candidates *candidates)
{
	return candidates->count && candidates->all[0].score >= SCORE_TELLING &&
	       candidates->all[0].says_errno;
}

void rule_crash(const struct facts *facts, const struct candidates *candidates,
		struct findings *findings)
{
	uint32_t process = facts_culprit(facts);
	int death = facts_death_of(facts, process);
	struct finding *finding;
	struct event signal;
	size_t entry;
	bool is_told;

	if (!death || !facts_signal_to(facts, process, death, &signal, &entry))
		return;
	/* From another process: rule_killed(). */
	if (signal.signal.code <= 0 &&
	    signal.signal.sender_tgid != facts->processes.all[process].tgid)
		return;
	if ((death == SIGSEGV || death == SIGILL || death == SIGTRAP) &&
	    is_abort_of_init(facts, process, signal.tid, entry))
		death = SIGABRT;
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
		if (crashes[i].signal != death)
			continue;
		is_told = death == SIGABRT && told_by_a_call(candidates);
		finding = findings_add(findings, crashes[i].kind,
				       is_told ? CONFIDENCE_LIKELY : CONFIDENCE_CERTAIN,
				       is_told ? 40 : 100);
		if (!finding)
			return;
		name_object(finding, facts, process, &signal);
		finding_add_evidence(finding, entry);
		write_sentence(finding, facts, process, &signal, death, crashes[i].why);
		add_last_acts(finding, facts, process);
		buf_add_text(&finding->next, crashes[i].next);
	}
}
