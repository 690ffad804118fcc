/* SPDX-License-Identifier: Apache-2.0 */
/* See memory_figures.h. Files: Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst. */
#include "replay/memory_figures.h"

#include <string.h>

#include "common/cleanup.h"

static const struct figure {
	const char *name;
	size_t offset;
	bool first; /* of several, the first one counts, else the last */
} figures[] = {
	{"memory.max", offsetof(struct memory_figures, limit_bytes), false},
	{"memory.limit_in_bytes", offsetof(struct memory_figures, limit_bytes), false},
	{"memory.current", offsetof(struct memory_figures, usage_bytes), true},
	{"memory.usage_in_bytes", offsetof(struct memory_figures, usage_bytes), true},
	{"memory.peak", offsetof(struct memory_figures, peak_bytes), false},
	{"memory.max_usage_in_bytes", offsetof(struct memory_figures, peak_bytes), false},
	{"memory.events:oom_kill", offsetof(struct memory_figures, oom_kills), false},
	{"memory.oom_control:oom_kill", offsetof(struct memory_figures, oom_kills), false},
};

void memory_figures_of(const struct snapshot *snapshot, struct memory_figures *ret)
{
	*ret = (struct memory_figures){-1, -1, -1, -1};
	for (size_t i = 0; i < snapshot->n_vitals; i++) {
		const struct snapshot_vital *vital = &snapshot->vitals[i];

		for (size_t f = 0; f < ARRAY_SIZE(figures) && vital->name; f++) {
			int64_t *value = (int64_t *)((char *)ret + figures[f].offset);

			if (!strcmp(vital->name, figures[f].name) &&
			    (*value < 0 || !figures[f].first))
				*value = vital->value;
		}
	}
	if (ret->limit_bytes >= MEMORY_NO_LIMIT)
		ret->limit_bytes = -1;
}
