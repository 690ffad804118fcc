/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writing into a ring.  A record is written in three steps: ring_block() finds the block,
 * ring_reserve() takes bytes in it, ring_commit() says that they are written.
 *
 * Reservation is one atomic add, so a program that interrupts another on the same CPU, or a CPU
 * that comes back to a block late, still gets bytes of its own.  A block is only taken again when
 * no writer is inside (reserve and commit agree), so nobody writes into a block of a later turn.
 * The protocol is described in docs/ARCHITECTURE.md.
 */
#ifndef RING_BPF_H
#define RING_BPF_H

#include "maps.bpf.h"

#define RING_TAKE_TRIES 4

struct ring_writer {
	struct igrec_slot *slot;
	struct cursor *cursor;
	void *ring;
};

static __always_inline bool ring_open(struct ring_writer *w, struct igrec_slot *slot, __u32 index)
{
	w->slot = slot;
	w->ring = bpf_map_lookup_elem(&rings, &index);
	w->cursor = bpf_map_lookup_elem(&cursors, &index);
	return w->ring && w->cursor;
}

/* Takes the lane's next block for this CPU; NULL if the start lane is full or all were busy. */
static __always_inline struct igrec_block *ring_take(struct ring_writer *w, __u32 lane_index)
{
	struct igrec_lane_state *lane = &w->slot->lanes[lane_index];
	__u32 blocks = lane->blocks;

	if (!blocks)
		return NULL;
#pragma unroll
	for (int try = 0; try < RING_TAKE_TRIES; try++) {
		__u64 ticket = __sync_fetch_and_add(&lane->next, 1);
		__u32 index = lane->first_block + (ticket - lane->base) % blocks;
		__u32 sequence = ticket + 1;
		struct igrec_block *block;
		__u64 old, fresh;

		if (lane_index == IGREC_LANE_START && ticket - lane->base >= blocks) {
			w->slot->start_full = 1;
			return NULL;
		}
		block = bpf_map_lookup_elem(w->ring, &index);
		if (!block)
			return NULL;
		old = *(volatile __u64 *)&block->reserve;
		fresh = ((__u64)sequence << 32) | IGREC_BLOCK_HEADER_BYTES;
		if ((__u32)old != (__u32) * (volatile __u64 *)&block->commit ||
		    __sync_val_compare_and_swap(&block->reserve, old, fresh) != old) {
			__sync_fetch_and_add(&lane->skipped, 1);
			continue;
		}
		__sync_fetch_and_add(&block->commit, (__u64)(__u32)fresh - (__u32)old);
		if (old >> 32) {
			__sync_fetch_and_add(&lane->overwritten, IGREC_RESERVE_COUNT(old));
			__sync_fetch_and_add(&lane->overwritten_bytes,
					     (old & IGREC_RESERVE_OFFSET_MASK) -
						     IGREC_BLOCK_HEADER_BYTES);
		}
		w->cursor->block[lane_index] = index;
		w->cursor->sequence[lane_index] = sequence;
		return block;
	}
	return NULL;
}

/*
 * The block of this CPU with room for `most` bytes, a fresh one if its own is full, was taken by
 * another CPU since, or is older than half the lane (what is written there would be overwritten
 * soon). NULL as ring_take().
 */
static __always_inline struct igrec_block *ring_block(struct ring_writer *w, __u32 lane_index,
						      __u32 most)
{
	struct igrec_lane_state *lane = &w->slot->lanes[lane_index];
	__u32 index = w->cursor->block[lane_index];
	__u32 sequence = w->cursor->sequence[lane_index];
	struct igrec_block *block = bpf_map_lookup_elem(w->ring, &index);
	__u64 word;

	if (!block)
		return NULL;
	word = *(volatile __u64 *)&block->reserve;
	if (sequence && IGREC_RESERVE_SEQUENCE(word) == sequence &&
	    (word & IGREC_RESERVE_OFFSET_MASK) + most <= IGREC_BLOCK_BYTES &&
	    (__u32)lane->next - sequence <= lane->blocks / 2)
		return block;
	return ring_take(w, lane_index);
}

/*
 * Takes `bytes` (a multiple of 8, at most the constant `most`) of a block that ring_block()
 * found. Returns where they begin; NULL if a program that interrupted this one was faster.
 */
static __always_inline void *ring_reserve(struct igrec_block *block, __u32 bytes, const __u32 most,
					  __u64 *ret_word)
{
	__u64 old = __sync_fetch_and_add(&block->reserve, IGREC_RESERVE_RECORD + bytes);
	__u64 offset = old & IGREC_RESERVE_OFFSET_MASK;

	if (offset > IGREC_BLOCK_BYTES - most) {
		__sync_fetch_and_add(&block->reserve, -(IGREC_RESERVE_RECORD + bytes));
		return NULL;
	}
	*ret_word = old + IGREC_RESERVE_RECORD + bytes;
	return (void *)block + offset;
}

static __always_inline void ring_commit(struct igrec_block *block, __u32 bytes)
{
	__sync_fetch_and_add(&block->commit, IGREC_RESERVE_RECORD + bytes);
}

/*
 * Commits a record of which only `used` of the reserved bytes were needed. The rest goes back
 * unless somebody reserved behind it meanwhile. Returns the size that the record has now.
 */
static __always_inline __u32 ring_shrink(struct igrec_block *block, __u64 word, __u32 bytes,
					 __u32 used)
{
	if (used == bytes ||
	    __sync_val_compare_and_swap(&block->reserve, word, word - (bytes - used)) != word)
		return bytes;
	return used;
}

#endif
