/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From when on a lane misses no record.  The oldest record that is still there is no such moment: a
 * CPU may have put a younger one into a block that is gone.
 */
#include "dumper/lane_whole.h"

#include <stdbool.h>
#include <string.h>

/* CPUs told apart when asking from when on a lane is whole; a node with more needs half a lane. */
#define CPUS_MAX 4096

static bool first_record(const struct snapshot_lane *lane, size_t index, struct igrec_record *ret)
{
	const struct snapshot_block *block = &lane->blocks[index];

	if (block->offset > lane->bytes || lane->bytes - block->offset < sizeof(*ret) ||
	    block->bytes < sizeof(*ret))
		return false;
	memcpy(ret, lane->data + block->offset, sizeof(*ret));
	return true;
}

/*
 * When the last CPU began its first block that is still here, if each has one: a CPU goes from
 * block to block, so what it wrote to overwritten ones is older. UINT64_MAX if one has none.
 */
static uint64_t every_cpu_since(const struct snapshot_lane *lane, size_t first, uint32_t cpus)
{
	uint64_t seen[CPUS_MAX / 64] = {0};
	uint64_t since_ns = 0;
	struct igrec_record record;
	uint32_t count = 0;

	for (size_t i = first; i < lane->n_blocks; i++) {
		if (!first_record(lane, i, &record) || record.cpu >= CPUS_MAX ||
		    seen[record.cpu / 64] & 1ULL << record.cpu % 64)
			continue;
		seen[record.cpu / 64] |= 1ULL << record.cpu % 64;
		count++;
		if (record.time_ns > since_ns)
			since_ns = record.time_ns;
	}
	return count && count >= cpus ? since_ns : UINT64_MAX;
}

/*
 * A CPU leaves a block when half the lane was given out behind it (bpf/ring.bpf.h), so no record
 * of an overwritten block is younger than the middle of those that are here.
 */
uint64_t lane_whole_since(const struct snapshot_lane *lane, uint32_t cpus)
{
	uint64_t last, middle_ns = UINT64_MAX, cpus_ns;
	struct igrec_record record;
	size_t first = 0, middle;

	if (!lane->overwritten)
		return 0;
	if (!lane->n_blocks)
		return UINT64_MAX;
	last = lane->blocks[lane->n_blocks - 1].sequence;
	while (first < lane->n_blocks && lane->blocks[first].sequence + lane->n_blocks <= last)
		first++;
	middle = first;
	while (middle < lane->n_blocks &&
	       lane->blocks[middle].sequence + lane->n_blocks / 2 <= last + 1)
		middle++;
	if (middle < lane->n_blocks && first_record(lane, middle, &record))
		middle_ns = record.time_ns;
	cpus_ns = every_cpu_since(lane, first, cpus);
	return cpus_ns < middle_ns ? cpus_ns : middle_ns;
}
