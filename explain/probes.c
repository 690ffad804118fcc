/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See probes.h.  The kubelet has a container stopped right after the failure that was one too many,
 * so the last one counts only if it was not long before; a grace period may lie in between.
 */
#include "explain/probes.h"

#include <string.h>

#define NOT_LONG_NS (60 * 1000000000ULL)

/* It came into the container from outside, ran a program there, and ended before. */
static bool is_guest(const struct facts *facts, uint32_t index, uint64_t before_ns)
{
	const struct process *process = &facts->processes.all[index];
	const struct snapshot *snapshot = facts->snapshot;

	if (process->parent != PROCESS_NONE || process->is_setup || process->failed ||
	    process->tgid == snapshot->init_tgid || !process->end_ns ||
	    process->end_ns > before_ns || process->first_deed == PROCESS_NONE ||
	    facts_start_is_lost(facts, index))
		return false;
	for (uint32_t i = process->first_deed; i != PROCESS_NONE;
	     i = facts->processes.deeds[i].next)
		if (facts->processes.deeds[i].is_exec)
			return true;
	return false;
}

static bool is_same_program(const struct facts *facts, uint32_t a, uint32_t b)
{
	return !strcmp(facts_comm(facts, a), facts_comm(facts, b));
}

/* The guest that ended last, or the last that ended well and is like `like`. PROCESS_NONE. */
static uint32_t last_guest(const struct facts *facts, uint64_t before_ns, uint32_t like)
{
	uint32_t last = PROCESS_NONE;

	for (uint32_t i = 0; i < facts->processes.count; i++) {
		const struct process *process = &facts->processes.all[i];

		if (!is_guest(facts, i, before_ns) ||
		    (like != PROCESS_NONE && (process->code || !is_same_program(facts, i, like))))
			continue;
		if (last == PROCESS_NONE || process->end_ns > facts->processes.all[last].end_ns)
			last = i;
	}
	return last;
}

void probes_before(const struct facts *facts, uint64_t time_ns, struct probes *ret)
{
	uint32_t last = last_guest(facts, time_ns, PROCESS_NONE), good;
	uint64_t since_ns;

	*ret = (struct probes){.process = last};
	if (last == PROCESS_NONE || !facts->processes.all[last].code ||
	    time_ns - facts->processes.all[last].end_ns > NOT_LONG_NS)
		return;
	good = last_guest(facts, time_ns, last);
	since_ns = good == PROCESS_NONE ? 0 : facts->processes.all[good].end_ns;
	for (uint32_t i = 0; i < facts->processes.count; i++) {
		const struct process *process = &facts->processes.all[i];

		ret->failed += is_guest(facts, i, time_ns) && process->code &&
			       process->end_ns > since_ns && is_same_program(facts, i, last);
	}
}
