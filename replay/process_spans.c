/* SPDX-License-Identifier: Apache-2.0 */
/* Processes, sorted, so that the one of an id and a moment is found by halving. */
#include "replay/process_spans.h"

#include <errno.h>
#include <stdlib.h>

struct process_span {
	uint32_t tgid, process;
	uint64_t start_ns;
};

static int by_tgid(const void *a, const void *b)
{
	const struct process_span *left = a, *right = b;

	if (left->tgid != right->tgid)
		return left->tgid < right->tgid ? -1 : 1;
	return (left->start_ns > right->start_ns) - (left->start_ns < right->start_ns);
}

int process_spans_init(const struct processes *processes, struct process_spans *ret)
{
	struct process_span *spans = calloc(processes->count + 1, sizeof(*spans));

	*ret = (struct process_spans){.all = spans, .count = processes->count};
	if (!spans)
		return -ENOMEM;
	for (size_t i = 0; i < processes->count; i++)
		spans[i] = (struct process_span){processes->all[i].tgid, (uint32_t)i,
						 processes->all[i].start_ns};
	qsort(spans, processes->count, sizeof(*spans), by_tgid);
	return 0;
}

void process_spans_done(struct process_spans *spans)
{
	free(spans->all);
	spans->all = NULL;
}

uint32_t process_spans_find(const struct process_spans *spans, uint32_t tgid, uint64_t time_ns)
{
	size_t low = 0, high = spans->count;

	while (low < high) { /* the first span behind (tgid, time_ns) */
		size_t middle = (low + high) / 2;
		const struct process_span *span = &spans->all[middle];

		if (span->tgid < tgid || (span->tgid == tgid && span->start_ns <= time_ns))
			low = middle + 1;
		else
			high = middle;
	}
	if (low && spans->all[low - 1].tgid == tgid)
		return spans->all[low - 1].process;
	if (low < spans->count && spans->all[low].tgid == tgid)
		return spans->all[low].process;
	return PROCESS_NONE;
}
