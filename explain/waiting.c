/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See waiting.h.  Attempts have a rhythm, and the last lies not much longer before the end than two
 * of them lie apart.
 */
#include "explain/waiting.h"

#include <errno.h>
#include <string.h>

#include "explain/routine.h"

#define ATTEMPTS_MIN 3
#define SPAN_NS	     1000000000ULL
#define APART_NS     50000000ULL /* calls that lie closer are the same attempt */
#define SLACK_NS     1500000000ULL
#define LOOKED_AT    64 /* different things, from the last on */

struct attempts {
	uint32_t first, last;
	unsigned count;
	uint64_t longest_ns; /* between two */
};

static uint64_t time_of(const struct facts *facts, uint32_t failed)
{
	return facts_time_ns(facts, facts->acts[facts->failed[failed].act].entry);
}

/* A file is waited for by the process itself: each new child looks for many in vain. */
static bool is_waited_for(const struct failed_call *failed, const struct act *act, uint32_t culprit)
{
	bool of_peer = act->kind == ACT_CONNECT || act->kind == ACT_OPTION;
	bool of_path = act->kind == ACT_LOOK || act->kind == ACT_OPEN;

	if (!failed->object[0] ||
	    routine_is((enum act_kind)act->kind, failed->error, failed->object))
		return false;
	return of_peer || act->kind == ACT_LOCK || act->kind == ACT_BIND ||
	       (of_path && failed->error == ENOENT && act->process == culprit);
}

/* Whether it is the process, or comes from it. */
static bool comes_from(const struct facts *facts, uint32_t process, uint32_t ancestor)
{
	while (process != PROCESS_NONE && process != ancestor) {
		if (facts_start_is_lost(facts, process))
			return facts->chain[0] == ancestor;
		process = facts->processes.all[process].parent;
	}
	return process != PROCESS_NONE;
}

/* The attempts that were like the one at `index`, back from it. */
static void count_attempts(const struct facts *facts, uint32_t index, struct attempts *ret)
{
	const struct failed_call *of = &facts->failed[index];
	uint64_t next_ns = time_of(facts, index);

	*ret = (struct attempts){.first = index, .last = index, .count = 1};
	for (uint32_t i = index; i > 0; i--) {
		const struct failed_call *failed = &facts->failed[i - 1];
		uint64_t at_ns;

		if (failed->error != of->error || strcmp(failed->object, of->object) != 0)
			continue;
		at_ns = time_of(facts, i - 1);
		if (next_ns - at_ns < APART_NS)
			continue;
		if (next_ns - at_ns > ret->longest_ns)
			ret->longest_ns = next_ns - at_ns;
		ret->first = i - 1;
		ret->count++;
		next_ns = at_ns;
	}
}

static bool lasts_to_the_end(const struct facts *facts, const struct attempts *attempts,
			     uint64_t end_ns)
{
	uint64_t last_ns = time_of(facts, attempts->last);

	return attempts->count >= ATTEMPTS_MIN &&
	       last_ns - time_of(facts, attempts->first) >= SPAN_NS &&
	       last_ns + 2 * attempts->longest_ns + SLACK_NS >= end_ns;
}

/* A server that was stopped did not wait for one of its peers alone. */
static bool is_server(const struct facts *facts, uint32_t process)
{
	for (size_t i = 0; i < facts->n_acts; i++) {
		const struct act *act = &facts->acts[i];

		if (act->process == process && !act->error &&
		    (act->kind == ACT_LISTEN || act->kind == ACT_ACCEPT))
			return true;
	}
	return false;
}

bool waiting_find(const struct facts *facts, struct candidate *ret)
{
	uint32_t culprit = facts_culprit(facts);
	uint64_t end_ns = facts_end_ns(facts, culprit);
	unsigned looked_at = 0;

	if (culprit == PROCESS_NONE ||
	    (facts_death_of(facts, culprit) && is_server(facts, culprit)))
		return false;
	for (size_t i = facts->n_failed; i > 0 && looked_at < LOOKED_AT; i--) {
		const struct failed_call *failed = &facts->failed[i - 1];
		const struct act *act = &facts->acts[failed->act];
		struct attempts attempts;

		if (!is_waited_for(failed, act, culprit) ||
		    !comes_from(facts, act->process, culprit))
			continue;
		looked_at++;
		count_attempts(facts, (uint32_t)i - 1, &attempts);
		if (!lasts_to_the_end(facts, &attempts, end_ns))
			continue;
		*ret = (struct candidate){
			.first = attempts.first,
			.last = attempts.last,
			.count = attempts.count,
			.process = act->process,
			.kind = (enum act_kind)act->kind,
			.error = failed->error,
			.object = failed->object,
			.given = failed->given,
			.message = UINT32_MAX,
		};
		return true;
	}
	return false;
}
