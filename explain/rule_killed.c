/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Someone else ended it: a probe, a stop, a timeout, another process.  If the process hung by then,
 * that is why it was ended, and is told first.
 */
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "common/escape.h"
#include "explain/hang.h"
#include "explain/probes.h"
#include "explain/rules.h"
#include "explain/waiting.h"
#include "explain/words.h"
#include "replay/call_text.h"
#include "replay/ending.h"

#define PASSED_ON_MAX 4
#define PASSED_ON_NS  1000000000ULL
#define STOP_NS	      (60 * 1000000000ULL) /* within which an end follows from a request */

struct kill {
	uint32_t process;
	struct event signal;
	size_t entry;
	bool was_fatal;	       /* it ended the process; else the process ended by itself after it */
	uint32_t passed_on_by; /* PROCESS_NONE: it came from its sender itself */
	size_t passed_on_entry; /* the signal that it sent */
};

/*
 * A supervisor passes signals on: who sent the same one to the sender, shortly before, is who wants
 * the end.
 */
static void find_origin(const struct facts *facts, struct kill *kill)
{
	for (unsigned i = 0; i < PASSED_ON_MAX && !kill->signal.signal.sender_outside; i++) {
		uint32_t sender = facts_process_of(facts, kill->signal.signal.sender_tgid,
						   kill->signal.time_ns);
		struct event origin;
		size_t entry;

		if (sender == PROCESS_NONE ||
		    !facts_told_until(facts, sender, kill->signal.signal.signal,
				      kill->signal.time_ns, &origin, &entry) ||
		    kill->signal.time_ns - origin.time_ns > PASSED_ON_NS)
			return;
		kill->passed_on_by = sender;
		kill->passed_on_entry = kill->entry;
		kill->signal = origin;
		kill->entry = entry;
	}
}

/* One that is sent on purpose, to end a program. */
static bool is_deliberate(int signal)
{
	return signal == SIGKILL || signal == SIGTERM || signal == SIGINT || signal == SIGHUP ||
	       signal == SIGQUIT || signal == SIGALRM || signal == SIGUSR1 || signal == SIGUSR2;
}

static bool is_own(const struct facts *facts, uint32_t process, const struct event *event)
{
	return event->signal.sender_tgid == facts->processes.all[process].tgid &&
	       event->signal.code <= 0;
}

/*
 * What another process sent and ended it.  A handler that has tidied up sends the same signal to
 * its own process: then the request before it is what ended it.
 */
static bool find_fatal(const struct facts *facts, uint32_t process, int death, struct kill *ret)
{
	struct event last;
	size_t entry;

	if (!facts_signal_to(facts, process, death, &last, &entry) ||
	    !facts_told_until(facts, process, death, last.time_ns, &ret->signal, &ret->entry))
		return false;
	return ret->entry == entry || (is_deliberate(death) && is_own(facts, process, &last) &&
				       last.time_ns - ret->signal.time_ns < STOP_NS);
}

/* The signal that ended the process, or after which it ended by itself. */
static bool find_kill(const struct facts *facts, uint32_t process, struct kill *ret)
{
	int death = facts_death_of(facts, process);
	const struct process *of = &facts->processes.all[process];
	uint64_t end_ns = facts_end_ns(facts, process);

	ret->process = process;
	ret->was_fatal = death != 0;
	ret->passed_on_by = PROCESS_NONE;
	if (death ? !find_fatal(facts, process, death, ret)
		  : !facts_told_until(facts, process, 0, end_ns, &ret->signal, &ret->entry))
		return false;
	find_origin(facts, ret);
	if (ret->was_fatal)
		return true;
	/* A program that handles the signal ends soon after. */
	return end_ns - ret->signal.time_ns < STOP_NS && of->end_ns;
}

static void add_sender(struct buf *out, const struct event *event)
{
	const struct igrec_signal *signal = &event->signal;

	escape_name(out, signal->sender_comm, strnlen(signal->sender_comm, IGREC_COMM_BYTES));
	if (signal->sender_outside)
		buf_printf(out, " (host pid %" PRIu32 "), outside the container",
			   signal->sender_tgid);
	else
		buf_printf(out, " (pid %" PRIu32 ") in the container", signal->sender_ns_tgid);
}

static void add_kill(struct buf *out, const struct facts *facts, const struct kill *kill)
{
	buf_add_text(out, kill->was_fatal ? " was killed by " : " was told to end by ");
	signal_text(out, kill->signal.signal.signal);
	buf_add_text(out, " from ");
	add_sender(out, &kill->signal);
	if (kill->passed_on_by != PROCESS_NONE) {
		buf_add_text(out, ", passed on by ");
		words_process(out, facts, kill->passed_on_by);
	}
	if (!kill->was_fatal) {
		words_end_after(out, ", and ", facts, kill->process);
		buf_add_char(out, ' ');
		words_duration(out, facts_end_ns(facts, kill->process) - kill->signal.time_ns);
		buf_add_text(out, " later");
	}
}

/* A SIGTERM that came before a SIGKILL and was not heeded. */
static void add_unheeded(struct finding *finding, const struct facts *facts,
			 const struct kill *kill)
{
	struct event term;
	size_t entry;

	if (kill->signal.signal.signal != SIGKILL ||
	    !facts_signal_to(facts, kill->process, SIGTERM, &term, &entry) ||
	    term.time_ns > kill->signal.time_ns)
		return;
	buf_add_text(&finding->sentence, "; a SIGTERM ");
	words_duration(&finding->sentence, kill->signal.time_ns - term.time_ns);
	buf_add_text(&finding->sentence, " before had not ended it");
	finding_add_evidence(finding, entry);
}

/* A probe that failed too often, or someone who looked at it from outside. */
static bool add_probes(struct finding *finding, const struct facts *facts, const struct kill *kill)
{
	const struct igrec_signal *signal = &kill->signal.signal;
	struct probes probes;
	size_t exit;

	if (ending_sender_of(signal) != ENDING_RUNTIME)
		return false;
	probes_before(facts, kill->signal.time_ns, &probes);
	if (!probes.failed)
		return false;
	buf_add_text(&finding->sentence, "; before that, ");
	escape_name_text(&finding->sentence, facts_comm(facts, probes.process));
	buf_add_text(&finding->sentence, ", run in it from outside, ");
	words_end(&finding->sentence, facts, probes.process);
	if (probes.failed > 1)
		buf_printf(&finding->sentence, ", as the %u times before", probes.failed - 1);
	if (facts_exit_of(facts, probes.process, &exit))
		finding_add_evidence(finding, exit);
	return true;
}

/* Kubernetes starts again what a probe had stopped, and never what somebody deleted. */
static const char *next_step(const struct facts *facts, const struct kill *kill, bool probed)
{
	if (facts->snapshot->failure.kind == FAILURE_CRASH_LOOP)
		return "it is stopped and started again in the same pod, which is what a failing "
		       "liveness or startup probe does: look at the pod's events "
		       "(kubectl describe pod)";
	if (probed)
		return "look whether that is the pod's liveness probe (kubectl describe pod), and "
		       "run it by hand";
	if (kill->signal.signal.sender_outside)
		return "look at the pod's events (kubectl describe pod): liveness probe, eviction, "
		       "preemption or a stop";
	return "look at what the sender is for: a timeout, a supervisor, a script";
}

static void propose_kill(const struct facts *facts, const struct kill *kill,
			 enum confidence confidence, int score, struct findings *findings)
{
	struct finding *finding = findings_add(findings, "killed", confidence, score);
	size_t exit;
	bool probed;

	if (!finding)
		return;
	buf_add(&finding->object, kill->signal.signal.sender_comm,
		strnlen(kill->signal.signal.sender_comm, IGREC_COMM_BYTES));
	words_process(&finding->sentence, facts, kill->process);
	add_kill(&finding->sentence, facts, kill);
	add_unheeded(finding, facts, kill);
	probed = add_probes(finding, facts, kill);
	words_chain(&finding->sentence, facts, kill->process);
	finding_add_evidence(finding, kill->entry);
	if (kill->passed_on_by != PROCESS_NONE)
		finding_add_evidence(finding, kill->passed_on_entry);
	if (facts_exit_of(facts, kill->process, &exit))
		finding_add_evidence(finding, exit);
	buf_add_text(&finding->next, next_step(facts, kill, probed));
}

/* ---- hung ------------------------------------------------------------------------------------ */

static const char *hang_kind_name(enum hang_kind kind)
{
	return kind == HANG_BUSY || kind == HANG_LOOP ? "busy-loop" : "hang";
}

static void add_hang(struct buf *out, const struct facts *facts, struct hang *hang)
{
	char room[SYSCALL_NAME_BYTES];
	struct event event;

	if (hang->has_entry)
		timeline_event(timeline_at(facts->timeline, hang->entry), &event);
	if (hang->kind == HANG_DEADLOCK)
		buf_printf(out,
			   " hung: its %u thread%s waited in futex, for locks or each other, "
			   "for at least ",
			   hang->threads, hang->threads == 1 ? "" : "s");
	else if (hang->kind == HANG_BUSY)
		buf_add_text(out, " computed without a single system call for ");
	else if (hang->kind == HANG_WAITING)
		buf_printf(out, " hung: it waited in %s",
			   syscall_name(facts->arch, event.nr, event.compat, room));
	else
		buf_printf(out, " repeated the same few calls, such as %s, without a pause",
			   syscall_name(facts->arch, event.nr, event.compat, room));
	if (hang->kind == HANG_WAITING && hang->object.bytes) {
		buf_add_text(out, " on ");
		words_object(out, buf_text(&hang->object));
	}
	if (hang->kind == HANG_WAITING)
		buf_add_text(out, " for ");
	if (hang->kind != HANG_LOOP)
		words_duration(out, hang->since_ns);
}

static bool propose_hang(const struct facts *facts, const struct kill *kill, uint32_t process,
			 struct findings *findings)
{
	struct finding *finding;
	struct hang hang;

	if (hang_of(facts, process, &hang) || hang.kind == HANG_NONE) {
		hang_done(&hang);
		return false;
	}
	finding = findings_add(findings, hang_kind_name(hang.kind), CONFIDENCE_LIKELY, 95);
	if (finding) {
		buf_add(&finding->object, hang.object.data, hang.object.bytes);
		words_process(&finding->sentence, facts, process);
		add_hang(&finding->sentence, facts, &hang);
		buf_add_text(&finding->sentence, ", until ");
		if (process == kill->process)
			buf_add_text(&finding->sentence, "it");
		else
			words_process(&finding->sentence, facts, kill->process);
		add_kill(&finding->sentence, facts, kill);
		add_probes(finding, facts, kill);
		if (hang.has_entry)
			finding_add_evidence(finding, hang.entry);
		finding_add_evidence(finding, kill->entry);
		buf_add_text(&finding->next,
			     hang.kind == HANG_DEADLOCK || hang.kind == HANG_WAITING
				     ? "igrec replay --last 10s shows what each thread was in"
				     : "profile the program (perf top, a debugger) where it loops");
	}
	hang_done(&hang);
	return finding != NULL;
}

/* The process that was killed, or a child that it only waited for. */
static uint32_t who_hung(const struct facts *facts, uint32_t killed)
{
	for (uint32_t child = facts->processes.all[killed].first_child; child != PROCESS_NONE;
	     child = facts->processes.all[child].sibling) {
		const struct process *of = &facts->processes.all[child];

		if (of->end_ns ? of->end_ns >= facts_end_ns(facts, killed) : of->listed != NULL)
			return child;
	}
	return killed;
}

/* Who ends by itself after a request did not hang. */
static bool find_hang(const struct facts *facts, const struct kill *kill, struct findings *findings)
{
	uint32_t child = who_hung(facts, kill->process);

	return propose_hang(facts, kill, kill->process, findings) ||
	       (child != kill->process && propose_hang(facts, kill, child, findings));
}

/* SIGKILL of the kernel's own, and no OOM killer on the tape. */
static void propose_kernel(const struct facts *facts, uint32_t process, struct findings *findings)
{
	struct finding *finding;
	struct event signal;
	size_t entry;

	if (facts_death_of(facts, process) != SIGKILL ||
	    !facts_signal_to(facts, process, SIGKILL, &signal, &entry) ||
	    signal.signal.code != SI_KERNEL)
		return;
	finding = findings_add(findings, "killed", CONFIDENCE_LIKELY, 60);
	if (!finding)
		return;
	buf_add_text(&finding->object, "kernel");
	words_process(&finding->sentence, facts, process);
	buf_add_text(&finding->sentence, " was killed by SIGKILL from the kernel: a limit of CPU "
					 "time (ulimit -t), the OOM killer of a kernel that does "
					 "not tell, or the end of the container's first process");
	finding_add_evidence(finding, entry);
	buf_add_text(&finding->next, "look at the node's kernel log (dmesg), and at ulimit -t and "
				     "-H of the container");
}

/* A signal that no program sends itself by mistake: raise(), kill -9 $$. */
static bool propose_own(const struct facts *facts, uint32_t process, struct findings *findings)
{
	int death = facts_death_of(facts, process);
	struct finding *finding;
	struct event signal;
	size_t entry;

	if (!is_deliberate(death) || !facts_signal_to(facts, process, death, &signal, &entry))
		return false;
	if (death == SIGALRM ? signal.signal.code != SI_KERNEL && signal.signal.code != SI_TIMER
			     : !is_own(facts, process, &signal))
		return false;
	finding = findings_add(findings, "killed", CONFIDENCE_CERTAIN, 90);
	if (!finding)
		return true;
	buf_add_text(&finding->object, facts_comm(facts, process));
	words_process(&finding->sentence, facts, process);
	buf_add_text(&finding->sentence, " was killed by ");
	signal_text(&finding->sentence, death);
	buf_add_text(&finding->sentence, death == SIGALRM ? ": an alarm that it had set itself"
							  : ", which it sent to itself");
	words_chain(&finding->sentence, facts, process);
	finding_add_evidence(finding, entry);
	buf_add_text(&finding->next, "look where the program sends itself that signal, and why");
	return true;
}

void rule_killed(const struct facts *facts, const struct candidates *candidates,
		 struct findings *findings)
{
	enum confidence confidence = CONFIDENCE_CERTAIN;
	struct candidate waiting;
	struct kill kill;
	int score = 90;
	unsigned i = facts->n_chain;

	while (i > 0 && !find_kill(facts, facts->chain[i - 1], &kill))
		i--;
	if (!i && facts_culprit(facts) != PROCESS_NONE &&
	    propose_own(facts, facts_culprit(facts), findings))
		return;
	if (!i) {
		if (facts->snapshot->failure.kind == FAILURE_SIGNAL)
			propose_kernel(facts, facts_culprit(facts), findings);
		return;
	}
	if (kill.was_fatal && (find_hang(facts, &kill, findings) || waiting_find(facts, &waiting) ||
			       unanswered_is_waited_for(facts, kill.process))) {
		confidence = CONFIDENCE_LIKELY;
	} else if (!kill.was_fatal &&
		   facts->snapshot->failure.exit_code != 128 + kill.signal.signal.signal) {
		/* It may have ended for another reason. */
		confidence = CONFIDENCE_LIKELY;
		score = 75;
	}
	propose_kill(facts, &kill, confidence, score, findings);
}
