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

struct ring_writer {
	struct igrec_slot *slot;
	struct cursor *cursor;
	void *ring;
	__u32 index; /* of the slot */
};

static __always_inline bool ring_open(struct ring_writer *w, struct igrec_slot *slot, __u32 index)
{
	w->slot = slot;
	w->index = index;
	w->ring = bpf_map_lookup_elem(&rings, &index);
	w->cursor = bpf_map_lookup_elem(&cursors, &index);
	return w->ring && w->cursor;
}

#ifdef IGREC_LEGACY
#include "ring_legacy.bpf.h"
#else

#define RING_TAKE_TRIES 4

/* Makes the block of a ticket this CPU's; false if a writer is still inside. */
static __always_inline bool ring_claim(struct igrec_lane_state *lane, struct igrec_block *block,
				       __u32 sequence)
{
	__u64 old = *(volatile __u64 *)&block->reserve;
	__u32 commit = *(volatile __u64 *)&block->commit;
	__u64 fresh = ((__u64)sequence << 32) | IGREC_BLOCK_HEADER_BYTES;

	if ((__u32)old != commit ||
	    __sync_val_compare_and_swap(&block->reserve, old, fresh) != old) {
		__sync_fetch_and_add(&lane->skipped, 1);
		return false;
	}
	__sync_fetch_and_add(&block->commit, (__u64)(__u32)fresh - (__u32)old);
	if (old >> 32) {
		__sync_fetch_and_add(&lane->overwritten, IGREC_RESERVE_COUNT(old));
		__sync_fetch_and_add(&lane->overwritten_bytes,
				     (old & IGREC_RESERVE_OFFSET_MASK) - IGREC_BLOCK_HEADER_BYTES);
	}
	return true;
}

/*
 * Takes the lane's next block for this CPU and points its cursor there. 0 if the start lane is
 * full or the blocks that were tried were busy. A function of its own, so that the verifier looks
 * at it once.
 */
__noinline __weak int ring_take(__u32 slot_index, __u32 lane_index)
{
	struct igrec_slot *slot = bpf_map_lookup_elem(&slots, &slot_index);
	struct cursor *cursor = bpf_map_lookup_elem(&cursors, &slot_index);
	void *ring = bpf_map_lookup_elem(&rings, &slot_index);
	struct igrec_lane_state *lane;

	if (!slot || !cursor || !ring || lane_index >= IGREC_LANES)
		return 0;
	lane = &slot->lanes[lane_index];
	if (!lane->blocks)
		return 0;
	for (int try = 0; try < RING_TAKE_TRIES; try++) {
		__u64 ticket = __sync_fetch_and_add(&lane->next, 1) - lane->base;
		__u32 index = lane->first_block + ticket % lane->blocks;
		__u32 sequence = ticket + lane->base + 1;
		struct igrec_block *block;

		if (lane_index == IGREC_LANE_START && ticket >= lane->blocks) {
			slot->start_full = 1;
			return 0;
		}
		block = bpf_map_lookup_elem(ring, &index);
		if (!block)
			return 0;
		if (!ring_claim(lane, block, sequence))
			continue;
		cursor->block[lane_index] = index;
		cursor->sequence[lane_index] = sequence;
		return 1;
	}
	return 0;
}

/* The block that this CPU's cursor points to, if it has room for `most` bytes, is still its own,
 * and is no older than half the lane: what is written to an older one is overwritten soon. */
static __always_inline struct igrec_block *ring_current(struct ring_writer *w, __u32 lane_index,
							__u32 most)
{
	struct igrec_lane_state *lane = &w->slot->lanes[lane_index];
	__u32 index = w->cursor->block[lane_index];
	__u32 sequence = w->cursor->sequence[lane_index];
	struct igrec_block *block = bpf_map_lookup_elem(w->ring, &index);
	__u64 word;

	if (!block || !sequence)
		return NULL;
	word = *(volatile __u64 *)&block->reserve;
	if (IGREC_RESERVE_SEQUENCE(word) != sequence ||
	    (word & IGREC_RESERVE_OFFSET_MASK) + most > IGREC_BLOCK_BYTES ||
	    (__u32)lane->next - sequence > lane->blocks / 2)
		return NULL;
	return block;
}

/* The current block, or else a fresh one; NULL as ring_take(). */
static __always_inline struct igrec_block *ring_block(struct ring_writer *w, __u32 lane_index,
						      __u32 most)
{
	struct igrec_block *block = ring_current(w, lane_index, most);

	if (block)
		return block;
	if (!ring_take(w->index, lane_index))
		return NULL;
	return bpf_map_lookup_elem(w->ring, &w->cursor->block[lane_index]);
}

/* Gives back what ring_reserve() took. Somebody who reserved behind it meanwhile keeps his place:
 * then the block stays torn. */
static __always_inline void ring_undo(struct igrec_block *block, __u64 old, __u64 amount)
{
	__sync_val_compare_and_swap(&block->reserve, old + amount, old);
}

/*
 * Takes `bytes` (a multiple of 8, at most the constant `most`) of a block that ring_block()
 * found. Returns where they begin; NULL if a program that interrupted this one was faster.
 */
static __always_inline void *ring_reserve(struct igrec_block *block, __u32 bytes, const __u32 most,
					  __u64 *ret_word)
{
	__u64 amount = IGREC_RESERVE_RECORD + bytes;
	__u64 old = __sync_fetch_and_add(&block->reserve, amount);
	__u64 offset = old & IGREC_RESERVE_OFFSET_MASK;

	if (offset > IGREC_BLOCK_BYTES - most) {
		ring_undo(block, old, amount);
		return NULL;
	}
	*ret_word = old + amount;
	return (void *)block + offset;
}

/*
 * In the flow lane a plain add does: only sys_exit writes there, and the kernel never runs a
 * program within itself on one CPU. Nobody else adds to `commit` before the block is taken again,
 * which this writer's open reservation prevents.
 */
static __always_inline void ring_commit(struct igrec_block *block, __u32 lane_index, __u32 bytes)
{
	volatile __u64 *commit = &block->commit;

	if (lane_index == IGREC_LANE_FLOW)
		*commit += IGREC_RESERVE_RECORD + bytes;
	else
		__sync_fetch_and_add(&block->commit, IGREC_RESERVE_RECORD + bytes);
}

/*
 * A record needed only `used` of its reserved bytes: the rest goes back unless somebody reserved
 * behind it meanwhile. Returns the size that the record has now.
 */
static __always_inline __u32 ring_shrink(struct igrec_block *block, __u64 word, __u32 bytes,
					 __u32 used)
{
	if (__sync_val_compare_and_swap(&block->reserve, word, word - (bytes - used)) != word)
		return bytes;
	return used;
}

#endif
#endif
