/* SPDX-License-Identifier: Apache-2.0 */
/* Failed calls that another call makes up for, or explains away. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "decode/value.h"
#include "explain/candidates_build.h"
#include "explain/says.h"

#define RECOVERY_ACTS 200000

const char *candidate_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static bool path_has_base(enum arch arch, const struct event *event, const char *base)
{
	const struct layout *layout;
	struct value value = {0};

	if (event->type == IGREC_RECORD_EXEC) {
		value = exec_file(event);
	} else {
		layout = event_layout(arch, event);
		for (unsigned i = 0; i < layout->count; i++) {
			value = event_argument(event, layout, i);
			if (value.type == VALUE_PATH)
				break;
		}
	}
	if (value.type != VALUE_PATH || value.data_bytes < strlen(base))
		return false;
	if (memcmp(value.data + value.data_bytes - strlen(base), base, strlen(base)) != 0)
		return false;
	return value.data_bytes == strlen(base) ||
	       value.data[value.data_bytes - strlen(base) - 1] == '/';
}

bool candidate_is_recovered(const struct facts *facts, const struct candidate *candidate)
{
	const char *base = candidate_base(candidate->object);
	size_t first = facts_first_after(facts, entry_of(facts, candidate->last));
	size_t end = facts->n_acts < first + RECOVERY_ACTS ? facts->n_acts : first + RECOVERY_ACTS;

	if (!is_path_act(candidate->kind) || !base[0])
		return false;
	for (size_t i = first; i < end; i++) {
		const struct act *act = &facts->acts[i];
		struct event event;

		if (act->process != candidate->process || act->error || act->in_flight ||
		    !is_path_act((enum act_kind)act->kind))
			continue;
		/* That it is there does not help one who may not open it. */
		if (act->kind == ACT_LOOK && candidate->error != ENOENT)
			continue;
		/* A shell reads what it could not run, to tell why. */
		if (candidate->kind == ACT_EXEC && act->kind != ACT_EXEC)
			continue;
		facts_event(facts, act, &event);
		if (path_has_base(facts->arch, &event, base))
			return true;
	}
	return false;
}

bool candidate_exists(const struct facts *facts, const struct candidate *candidate)
{
	const char *base = candidate_base(candidate->object);

	for (size_t i = 0; base[0] && i < facts->n_acts; i++) {
		const struct act *act = &facts->acts[i];
		struct event event;

		if (act->process != candidate->process || act->error ||
		    (act->kind != ACT_LOOK && act->kind != ACT_OPEN))
			continue;
		facts_event(facts, act, &event);
		if (path_has_base(facts->arch, &event, base))
			return true;
	}
	return false;
}

bool candidate_is_variant(const struct facts *facts, const struct candidates *candidates,
			  const struct candidate *candidate)
{
	struct candidate stem = *candidate;
	char path[256];
	char *dot;

	if (candidate->error != ENOENT || !is_path_act(candidate->kind) ||
	    (size_t)snprintf(path, sizeof(path), "%s", candidate->object) >= sizeof(path))
		return false;
	dot = strrchr(candidate_base(path), '.');
	if (!dot)
		return false;
	*dot = '\0';
	if (!strchr(candidate_base(path), '.'))
		return false;
	stem.object = path;
	if (candidate_exists(facts, &stem))
		return true;
	if (candidate->says_object)
		return false;
	for (size_t i = 0; i < candidates->count; i++) {
		const struct candidate *other = &candidates->all[i];

		if (other->process == candidate->process && other->error == ENOENT &&
		    !strcmp(other->object, path))
			return true;
	}
	return false;
}

static bool is_removal(const struct facts *facts, const struct candidate *candidate)
{
	const struct syscall_descriptor *call;
	struct event event;

	if (candidate->kind != ACT_CHANGE || candidate->error != ENOENT)
		return false;
	facts_event(facts, &facts->acts[facts->failed[candidate->last].act], &event);
	call = event.compat ? NULL : syscall_by_number(facts->arch, event.nr);
	return call && (!strcmp(call->name, "unlink") || !strcmp(call->name, "unlinkat") ||
			!strcmp(call->name, "rmdir"));
}

bool candidate_is_tidying(const struct facts *facts, const struct candidates *candidates,
			  const struct candidate *candidate)
{
	uint32_t entry = entry_of(facts, candidate->first);

	if (!is_removal(facts, candidate))
		return false;
	for (size_t i = 0; i < candidates->count; i++) {
		const struct candidate *other = &candidates->all[i];

		if (other != candidate && other->process == candidate->process &&
		    !strcmp(other->object, candidate->object))
			return true;
	}
	for (size_t i = 0; i < facts->n_messages; i++) {
		const struct message *message = &facts->messages[i];

		if (message->last_entry < entry && facts_in_chain(facts, message->process) &&
		    message->tone >= TONE_ERROR)
			return true;
	}
	return false;
}
