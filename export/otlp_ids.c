/* SPDX-License-Identifier: Apache-2.0 */
/* Ids of trace and spans, and which process a record belongs to. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/checksum.h"
#include "export/otlp.h"

static uint64_t hash(const struct dump *dump, uint32_t of, uint64_t index)
{
	struct checksum checksum;
	uint64_t value;

	checksum_init(&checksum);
	checksum_add(&checksum, dump_id(dump), strlen(dump_id(dump)));
	checksum_add(&checksum, &dump_snapshot(dump)->taken_ns, sizeof(uint64_t));
	checksum_add(&checksum, &of, sizeof(of));
	checksum_add(&checksum, &index, sizeof(index));
	value = checksum_value(&checksum);
	return value ? value : 1; /* an id of zeros is invalid */
}

void otlp_trace_id(const struct dump *dump, char ret[33])
{
	snprintf(ret, 33, "%016" PRIx64 "%016" PRIx64, hash(dump, UINT32_MAX, 0),
		 hash(dump, UINT32_MAX, 1));
}

void otlp_span_id(const struct dump *dump, enum otlp_span_of of, size_t index, char ret[17])
{
	snprintf(ret, 17, "%016" PRIx64, hash(dump, of, index));
}

/* ---- processes ---------------------------------------------------------------------------- */

struct otlp_process {
	uint32_t tgid, index;
	uint64_t start_ns;
};

static int by_tgid_and_start(const void *a, const void *b)
{
	const struct otlp_process *left = a, *right = b;

	if (left->tgid != right->tgid)
		return left->tgid < right->tgid ? -1 : 1;
	return (left->start_ns > right->start_ns) - (left->start_ns < right->start_ns);
}

int otlp_processes_init(struct otlp *otlp)
{
	int err = processes_init(otlp->tape.timeline, &otlp->processes);
	size_t count = otlp->processes.count;

	if (err)
		return err;
	otlp->by_tgid = calloc(count + 1, sizeof(*otlp->by_tgid));
	if (!otlp->by_tgid)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const struct process *process = &otlp->processes.all[i];

		otlp->by_tgid[i] =
			(struct otlp_process){process->tgid, (uint32_t)i, process->start_ns};
	}
	qsort(otlp->by_tgid, count, sizeof(*otlp->by_tgid), by_tgid_and_start);
	return 0;
}

uint32_t otlp_process_at(const struct otlp *otlp, uint32_t tgid, uint64_t time_ns)
{
	const struct otlp_process wanted = {.tgid = tgid, .start_ns = time_ns};
	size_t low = 0, high = otlp->processes.count;

	/* How many begin no later. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_tgid_and_start(&otlp->by_tgid[middle], &wanted) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!tgid || !low || otlp->by_tgid[low - 1].tgid != tgid)
		return PROCESS_NONE;
	return otlp->by_tgid[low - 1].index;
}
