/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A script that goes on after a step failed ends in a later one, for want of what the first should
 * have left.  That the call which failed in the first would have made the file is known; that its
 * arguments name the file is told as that, as they name what is read, too.
 */
#include "explain/earlier_step.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "decode/value.h"

#define STEPS_MAX 32  /* that are looked at, the best first */
#define DEEDS_MAX 256 /* of each */

/* One of the NUL-terminated texts; as it is, or behind a "=" as in of=/tmp/x. */
static bool has_argument(const struct value *argv, const char *text)
{
	size_t bytes = strlen(text);

	for (size_t at = 0; argv->data && at < argv->data_bytes;) {
		const char *argument = (const char *)argv->data + at;
		size_t length = strnlen(argument, argv->data_bytes - at);

		if (length >= bytes && !memcmp(argument + length - bytes, text, bytes) &&
		    (length == bytes || argument[length - bytes - 1] == '='))
			return true;
		at += length + 1;
	}
	return false;
}

static bool creates(const char *name, const struct event *event)
{
	if (!strcmp(name, "open"))
		return event->args > 1 && (event->arg[1] & O_CREAT);
	if (!strcmp(name, "openat"))
		return event->args > 2 && (event->arg[2] & O_CREAT);
	return !strcmp(name, "creat") || !strcmp(name, "mkdir") || !strcmp(name, "mkdirat") ||
	       !strcmp(name, "mknod") || !strcmp(name, "mknodat");
}

bool earlier_step_makes(const struct facts *facts, const struct candidate *step,
			const struct candidate *candidate)
{
	const struct syscall_descriptor *call;
	struct event event;

	if (strcmp(step->object, candidate->object) != 0)
		return false;
	facts_event(facts, &facts->acts[facts->failed[step->last].act], &event);
	call = event.compat ? NULL : syscall_by_number(facts->arch, event.nr);
	return call && creates(call->name, &event);
}

/* Its arguments name what was then missing: to make it, or to read it. */
static bool is_told_of(const struct facts *facts, const struct candidate *step,
		       const struct candidate *candidate)
{
	const struct process *process = &facts->processes.all[step->process];
	unsigned looked_at = 0;

	for (uint32_t i = process->first_deed; i != PROCESS_NONE && looked_at < DEEDS_MAX;
	     i = facts->processes.deeds[i].next) {
		const struct process_deed *deed = &facts->processes.deeds[i];
		struct event event;
		struct value argv;

		looked_at++;
		if (!deed->is_exec)
			continue;
		timeline_event(timeline_at(facts->timeline, deed->entry), &event);
		argv = exec_argv(&event);
		if (has_argument(&argv, candidate->object) ||
		    (candidate->given[0] && has_argument(&argv, candidate->given)))
			return true;
	}
	return false;
}

/* It spoke of the call and ended with an error before the other one failed. */
static bool is_failed_step(const struct facts *facts, const struct candidate *step,
			   const struct candidate *candidate)
{
	const struct process *process;
	uint64_t failed_ns =
		facts_time_ns(facts, facts->acts[facts->failed[candidate->first].act].entry);

	if (step->process == PROCESS_NONE || step->process == candidate->process ||
	    facts_in_chain(facts, step->process) || !step->says_errno)
		return false;
	process = &facts->processes.all[step->process];
	return process->end_ns && process->code && process->end_ns < failed_ns;
}

const struct candidate *earlier_step_of(const struct facts *facts,
					const struct candidates *candidates,
					const struct candidate *candidate)
{
	unsigned looked_at = 0;

	if (candidate->error != ENOENT || candidate->process == PROCESS_NONE ||
	    !facts_in_chain(facts, candidate->process) || !candidate->object[0])
		return NULL;
	for (size_t i = 0; i < candidates->count && looked_at < STEPS_MAX; i++) {
		const struct candidate *step = &candidates->all[i];

		if (!is_failed_step(facts, step, candidate))
			continue;
		looked_at++;
		if (earlier_step_makes(facts, step, candidate) ||
		    is_told_of(facts, step, candidate))
			return step;
	}
	return NULL;
}
