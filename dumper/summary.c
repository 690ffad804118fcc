/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts a snapshot's syscalls by number when it becomes a dump, so that lists and searches over
 * many dumps need not unpack them.
 */
#include <errno.h>

#include "common/cleanup.h"
#include "decode/event.h"
#include "dumper/summary.h"

#define ERRNO_MAX 4095 /* MAX_ERRNO, include/linux/err.h */

/* Indexed by number, then native and compat; the last number is for all that are out of range. */
struct counts {
	struct syscall_total totals[IGREC_SYSCALLS_MAX + 1][2];
	size_t used;
};

static void count_event(struct counts *counts, const struct event *event)
{
	size_t nr = event->nr < IGREC_SYSCALLS_MAX ? event->nr : IGREC_SYSCALLS_MAX;
	struct syscall_total *total = &counts->totals[nr][event->compat];

	if (total->count++ == 0)
		counts->used++;
	if (event->result < 0 && event->result >= -ERRNO_MAX)
		total->errors++;
	total->total_ns += event->duration_ns;
	if (event->duration_ns > total->max_ns)
		total->max_ns = event->duration_ns;
}

static void count_block(struct counts *counts, const unsigned char *records, size_t bytes,
			enum igrec_lane lane)
{
	struct event event;
	int size;

	for (size_t at = 0; at < bytes; at += (size_t)size) {
		size = event_parse(records + at, bytes - at, lane, &event);
		if (size <= 0)
			return;
		if (event.type == IGREC_RECORD_SYSCALL)
			count_event(counts, &event);
	}
}

static int collect(const struct counts *counts, struct summary *ret)
{
	struct syscall_total *totals = calloc(counts->used + 1, sizeof(*totals));
	size_t count = 0;

	if (!totals)
		return -ENOMEM;
	for (size_t i = 0; i < 2 * (IGREC_SYSCALLS_MAX + 1); i++) {
		const struct syscall_total *total = &counts->totals[i / 2][i % 2];

		if (total->count == 0)
			continue;
		totals[count] = *total;
		totals[count].nr = (uint32_t)(i / 2);
		totals[count].compat = i % 2;
		count++;
	}
	*ret = (struct summary){totals, count};
	return 0;
}

int summary_make(const struct snapshot *snapshot, struct summary *ret)
{
	AUTO_FREE struct counts *counts = calloc(1, sizeof(*counts));

	if (!counts)
		return -ENOMEM;
	for (int i = 0; i < IGREC_LANES; i++) {
		const struct snapshot_lane *lane = &snapshot->lane[i];

		for (size_t b = 0; b < lane->n_blocks; b++)
			count_block(counts, lane->data + lane->blocks[b].offset,
				    lane->blocks[b].bytes, (enum igrec_lane)i);
	}
	return collect(counts, ret);
}

void summary_done(struct summary *summary)
{
	free(summary->totals);
	*summary = (struct summary){};
}
