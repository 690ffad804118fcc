/* SPDX-License-Identifier: Apache-2.0 */
/* Between ring and snapshot. The protocol that this is the reading side of: bpf/ring.bpf.h. */
#include "recorder/ring_copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A writer is inside a block for well under a microsecond, unless its CPU was taken away. */
#define REST_TRIES    50
#define REST_PAUSE_NS 20000

static uint64_t load(const __u64 *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static bool is_at_rest(uint64_t reserve, uint64_t commit)
{
	return (uint32_t)reserve == (uint32_t)commit &&
	       (reserve & IGREC_RESERVE_OFFSET_MASK) <= IGREC_BLOCK_BYTES &&
	       (reserve & IGREC_RESERVE_OFFSET_MASK) >= IGREC_BLOCK_HEADER_BYTES;
}

/*
 * Waits for a moment without a writer. False if there was none in about a millisecond.  reserve is
 * read on both sides of commit: a commit of an earlier turn of the block must not be compared with
 * the reserve of this one (tests/model/ring.pml, OLD_READER).
 */
static bool wait_for_rest(const struct igrec_block *block, uint64_t *ret_word)
{
	const struct timespec pause = {.tv_nsec = REST_PAUSE_NS};

	for (int try = 0; try < REST_TRIES; try++) {
		uint64_t commit;

		*ret_word = load(&block->reserve);
		commit = load(&block->commit);
		if (!IGREC_RESERVE_SEQUENCE(*ret_word) ||
		    (is_at_rest(*ret_word, commit) && load(&block->reserve) == *ret_word))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* The full sequence of which a block holds the low 32 bits. */
static uint64_t widen(uint32_t sequence, uint64_t next)
{
	return next - (uint32_t)((uint32_t)next - sequence);
}

static void copy_block(const struct igrec_block *block, const __u64 *next,
		       struct snapshot_lane *lane)
{
	struct snapshot_block *kept = &lane->blocks[lane->n_blocks];
	uint64_t word, after;
	size_t bytes;

	if (!wait_for_rest(block, &word)) {
		lane->torn_blocks++;
		lane->torn_records += IGREC_RESERVE_COUNT(word);
		return;
	}
	if (!IGREC_RESERVE_SEQUENCE(word))
		return;
	bytes = (word & IGREC_RESERVE_OFFSET_MASK) - IGREC_BLOCK_HEADER_BYTES;
	memcpy(lane->data + lane->bytes, block->records, bytes);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	after = load(&block->reserve);
	if (IGREC_RESERVE_SEQUENCE(after) != IGREC_RESERVE_SEQUENCE(word))
		return; /* taken again meanwhile: the kernel has counted it as overwritten */
	*kept = (struct snapshot_block){
		/* Read only now: the block's turn may have begun since the copy of the lane did. */
		.sequence = widen(IGREC_RESERVE_SEQUENCE(word), load(next)),
		.records = IGREC_RESERVE_COUNT(word),
		.bytes = bytes,
		.offset = lane->bytes,
	};
	lane->bytes += bytes;
	lane->n_blocks++;
}

static int by_sequence(const void *a, const void *b)
{
	const struct snapshot_block *left = a, *right = b;

	return (left->sequence > right->sequence) - (left->sequence < right->sequence);
}

/* Blocks that were taken again after they were copied count as overwritten, but are here. */
static uint64_t saved_records(const struct igrec_lane_state *state, const struct igrec_block *ring,
			      const struct snapshot_lane *lane)
{
	uint64_t saved = 0;

	for (size_t i = 0; i < lane->n_blocks; i++) {
		const struct snapshot_block *kept = &lane->blocks[i];
		uint32_t index =
			state->first_block + (kept->sequence - 1 - state->base) % state->blocks;

		if (IGREC_RESERVE_SEQUENCE(load(&ring[index].reserve)) != (uint32_t)kept->sequence)
			saved += kept->records;
	}
	return saved;
}

static int copy_lane(const struct igrec_lane_state *state, const struct igrec_block *ring,
		     struct snapshot_lane *lane)
{
	uint64_t present = 0;

	lane->data = malloc((size_t)state->blocks * IGREC_BLOCK_BYTES);
	lane->blocks = calloc(state->blocks, sizeof(*lane->blocks));
	if (!lane->data || !lane->blocks)
		return -ENOMEM;
	for (uint32_t i = 0; i < state->blocks; i++)
		copy_block(&ring[state->first_block + i], &state->next, lane);
	qsort(lane->blocks, lane->n_blocks, sizeof(*lane->blocks), by_sequence);
	for (size_t i = 0; i < lane->n_blocks; i++)
		present += lane->blocks[i].records;
	lane->overwritten = load(&state->overwritten) - saved_records(state, ring, lane);
	lane->overwritten_bytes = load(&state->overwritten_bytes);
	lane->dropped = load(&state->dropped);
	lane->written = lane->overwritten + present + lane->torn_records;
	return 0;
}

int ring_copy(const struct igrec_slot *slot, const struct igrec_block *ring,
	      struct snapshot_lane ret_lanes[IGREC_LANES])
{
	memset(ret_lanes, 0, sizeof(*ret_lanes) * IGREC_LANES);
	for (int i = 0; i < IGREC_LANES; i++) {
		if (!copy_lane(&slot->lanes[i], ring, &ret_lanes[i]))
			continue;
		for (int done = 0; done <= i; done++) {
			free(ret_lanes[done].data);
			free(ret_lanes[done].blocks);
		}
		memset(ret_lanes, 0, sizeof(*ret_lanes) * IGREC_LANES);
		return -ENOMEM;
	}
	return 0;
}

uint64_t ring_lane_records(const struct igrec_lane_state *lane, const struct igrec_block *ring,
			   uint64_t *ret_oldest_ns)
{
	uint64_t records = 0, oldest = 0;

	for (uint32_t i = 0; i < lane->blocks; i++) {
		const struct igrec_block *block = &ring[lane->first_block + i];
		uint64_t word = load(&block->reserve);
		const struct igrec_record *first = (const void *)block->records;

		if (!IGREC_RESERVE_SEQUENCE(word) || !IGREC_RESERVE_COUNT(word))
			continue;
		records += IGREC_RESERVE_COUNT(word);
		if (!oldest || first->time_ns < oldest)
			oldest = first->time_ns;
	}
	*ret_oldest_ns = oldest;
	return records;
}
