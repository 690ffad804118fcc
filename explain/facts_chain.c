/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the process whose end is the failure to the one that began it: a shell that exits with the
 * status of its last command, an entrypoint that gives up because a helper failed.
 */
#include <string.h>
#include <sys/wait.h>

#include "explain/facts_build.h"

/* What a parent may still do between a child's end and its own, and be said to end because of it.
 */
#define PARENT_WORK_MAX 12

static uint32_t failed_process(const struct facts *facts)
{
	const struct processes *processes = &facts->processes;
	uint32_t tgid = facts->snapshot->failure.tgid;

	for (uint32_t i = 0; i < processes->count; i++) {
		if (processes->all[i].failed)
			return i;
	}
	return tgid ? facts_process_of(facts, tgid, timeline_zero_ns(facts->timeline))
		    : PROCESS_NONE;
}

/* The status that a shell gives for a wait status. */
static int shell_status(int code)
{
	return WIFSIGNALED(code) ? 128 + WTERMSIG(code) : WEXITSTATUS(code);
}

/* The moment of the last exec of a process; 0: none is known. */
static uint64_t last_exec_ns(const struct facts *facts, const struct process *process)
{
	uint64_t time_ns = 0;

	for (uint32_t i = process->first_deed; i != PROCESS_NONE;
	     i = facts->processes.deeds[i].next) {
		if (facts->processes.deeds[i].is_exec)
			time_ns = facts->processes.deeds[i].time_ns;
	}
	return time_ns;
}

uint32_t facts_entry_of_work(const struct facts *facts, uint32_t process, unsigned work)
{
	size_t low = 0, high = facts->n_acts;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (facts_work_after(facts, process, facts->acts[middle].entry) > work)
			low = middle + 1;
		else
			high = middle;
	}
	return low < facts->n_acts ? facts->acts[low].entry : UINT32_MAX;
}

/* What is asked of each child, which may be ten thousands: found once. */
struct parent {
	int status;
	uint64_t end_ns, exec_ns;
	uint64_t idle_ns; /* from here on it did hardly anything */
};

static struct parent parent_of(const struct facts *facts, uint32_t process)
{
	const struct process *of = &facts->processes.all[process];
	struct parent parent = {.status = shell_status(of->code),
				.end_ns = facts_end_ns(facts, process),
				.exec_ns = last_exec_ns(facts, of)};

	if (facts_work_after(facts, process, 0) > PARENT_WORK_MAX)
		parent.idle_ns =
			facts_time_ns(facts, facts_entry_of_work(facts, process, PARENT_WORK_MAX));
	return parent;
}

/*
 * Whether the child's end can have ended the parent; how well it fits in *ret_fit. A child from
 * before the parent's last exec is none of that program's, and what ended before did not end it.
 */
static bool ended_by(const struct parent *parent, const struct process *child, int *ret_fit)
{
	if (!child->end_ns || !child->code || child->end_ns > parent->end_ns ||
	    child->end_ns < parent->exec_ns || child->end_ns < parent->idle_ns)
		return false;
	*ret_fit = shell_status(child->code) == parent->status ? 3 : 1;
	if (child->start_ns >= parent->exec_ns)
		*ret_fit += 1;
	return true;
}

/* The child whose end ended it: one with the same status before any other, the last of them. */
static uint32_t fatal_child(const struct facts *facts, uint32_t process)
{
	const struct processes *processes = &facts->processes;
	struct parent parent = parent_of(facts, process);
	uint32_t best = PROCESS_NONE;
	uint64_t last_success_ns = 0;
	int best_fit = 0;

	for (uint32_t i = processes->all[process].first_child; i != PROCESS_NONE;
	     i = processes->all[i].sibling) {
		const struct process *child = &processes->all[i];
		int fit;

		if (child->end_ns && !child->code && child->end_ns > last_success_ns)
			last_success_ns = child->end_ns;
		if (!ended_by(&parent, child, &fit) || fit < best_fit)
			continue;
		if (fit == best_fit && child->end_ns < processes->all[best].end_ns)
			continue;
		best = i;
		best_fit = fit;
	}
	if (best_fit <= 2 && best != PROCESS_NONE && processes->all[best].end_ns < last_success_ns)
		return PROCESS_NONE;
	return best;
}

void facts_find_chain(struct facts *facts)
{
	uint32_t process = failed_process(facts);

	while (process != PROCESS_NONE && facts->n_chain < FACTS_CHAIN_MAX) {
		const struct process *ended = &facts->processes.all[process];

		facts->chain[facts->n_chain++] = process;
		/* Who was killed did not end because of a child. */
		if (ended->end_ns && WIFSIGNALED(ended->code))
			break;
		process = fatal_child(facts, process);
	}
}
