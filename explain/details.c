/* SPDX-License-Identifier: Apache-2.0 */
/* Details of a process, from its own calls and from the snapshot's list. */
#include "explain/details.h"

#include <inttypes.h>
#include <string.h>

#include "decode/value.h"
#include "explain/words.h"

#define PATHS_MAX  64 /* different ones that are counted */
#define PATH_BYTES 128
#define STANDS_OUT 8 /* times that a file must have been opened */

/* What the process last asked for as its own user, or was made. */
static bool last_uid(const struct facts *facts, uint32_t process, uint32_t *ret)
{
	for (size_t i = facts->n_acts; i > 0; i--) {
		const struct act *act = &facts->acts[i - 1];
		const struct syscall_descriptor *call;
		struct event event;

		if (act->process != process || act->error ||
		    (act->kind != ACT_TIDY && act->kind != ACT_PRIVILEGE))
			continue;
		facts_event(facts, act, &event);
		call = syscall_by_number(facts->arch, event.nr);
		if (!call || event.compat)
			continue;
		if (!strcmp(call->name, "geteuid") || !strcmp(call->name, "getuid"))
			*ret = (uint32_t)event.result;
		else if (!strcmp(call->name, "setuid"))
			*ret = (uint32_t)event.arg[0];
		else if (!strcmp(call->name, "setresuid") || !strcmp(call->name, "setreuid"))
			*ret = (uint32_t)event.arg[1];
		else
			continue;
		return true;
	}
	return false;
}

void details_user(struct buf *out, const struct facts *facts, uint32_t process)
{
	uint32_t uid;

	if (process == PROCESS_NONE)
		return;
	if (last_uid(facts, process, &uid))
		buf_printf(out, " as uid %" PRIu32, uid);
	else if (facts->processes.all[process].listed)
		buf_printf(out, " as uid %" PRIu32, facts->processes.all[process].listed->uid);
}

struct path_count {
	char path[PATH_BYTES];
	unsigned count;
};

static void count_path(struct path_count *counts, unsigned *n_counts, const struct value *path)
{
	size_t bytes = path->data_bytes < PATH_BYTES ? path->data_bytes : PATH_BYTES - 1;

	for (unsigned i = 0; i < *n_counts; i++) {
		if (strlen(counts[i].path) == bytes && !memcmp(counts[i].path, path->data, bytes)) {
			counts[i].count++;
			return;
		}
	}
	if (*n_counts == PATHS_MAX)
		return;
	memcpy(counts[*n_counts].path, path->data, bytes);
	counts[*n_counts].path[bytes] = '\0';
	counts[(*n_counts)++].count = 1;
}

void details_open_files(struct buf *out, const struct facts *facts, uint32_t process)
{
	struct path_count counts[PATHS_MAX];
	unsigned n_counts = 0, best = 0;

	for (size_t i = facts->n_acts; i > 0; i--) {
		const struct act *act = &facts->acts[i - 1];
		const struct layout *layout;
		struct event event;

		if (act->process != process || act->kind != ACT_OPEN || act->error)
			continue;
		facts_event(facts, act, &event);
		layout = event_layout(facts->arch, &event);
		for (unsigned j = 0; j < layout->count; j++) {
			struct value value = event_argument(&event, layout, j);

			if (value.type == VALUE_PATH && value.data_bytes)
				count_path(counts, &n_counts, &value);
		}
	}
	for (unsigned i = 1; i < n_counts; i++) {
		if (counts[i].count > counts[best].count)
			best = i;
	}
	if (!n_counts || counts[best].count < STANDS_OUT)
		return;
	buf_printf(out, "; %u of the files that it opened were ", counts[best].count);
	words_object(out, counts[best].path);
}
