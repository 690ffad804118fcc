/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The steps of ring.bpf.h where BPF has no atomic operations that return a value: a program locks
 * the block that it writes to.  Whoever finds a block locked, by another CPU or by the program that
 * it interrupts, takes the next one.
 */
#ifndef RING_LEGACY_BPF_H
#define RING_LEGACY_BPF_H

#define RING_TAKE_TRIES 8

/* Begins the block's next turn; it is locked. Its lock stands beside `commit`, where nobody looks.
 */
static __always_inline void ring_claim(struct igrec_lane_state *lane, struct igrec_block *block,
				       __u32 sequence, __u32 lock)
{
	__u64 old = block->reserve;

	*(volatile __u64 *)&block->reserve = (__u64)sequence << 32 | IGREC_BLOCK_HEADER_BYTES;
	*(volatile __u64 *)&block->commit = (__u64)lock << 32 | IGREC_BLOCK_HEADER_BYTES;
	if (old >> 32) {
		__sync_fetch_and_add(&lane->overwritten, IGREC_RESERVE_COUNT(old));
		__sync_fetch_and_add(&lane->overwritten_bytes,
				     (old & IGREC_RESERVE_OFFSET_MASK) - IGREC_BLOCK_HEADER_BYTES);
	}
}

/*
 * Takes the lane's next block for this CPU, points its cursor there and returns its index + 1; it
 * is locked. 0 if the start lane is full or the blocks that were tried were busy.
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
		__u64 next = *(volatile __u64 *)&lane->next;
		__u64 ticket = next - lane->base;
		__u32 index = lane->first_block + ticket % lane->blocks;
		__u32 lock = lock_of_block(slot_index, index);
		struct igrec_block *block;

		if (lane_index == IGREC_LANE_START && ticket >= lane->blocks) {
			slot->start_full = 1;
			return 0;
		}
		block = bpf_map_lookup_elem(ring, &index);
		if (!block)
			return 0;
		if (!lock_enter(lock)) {
			__sync_fetch_and_add(&lane->next, 1);
			__sync_fetch_and_add(&lane->skipped, 1);
			continue;
		}
		if (*(volatile __u64 *)&lane->next != next) { /* the ticket is another's */
			lock_leave(lock);
			continue;
		}
		__sync_fetch_and_add(&lane->next, 1);
		ring_claim(lane, block, next + 1, lock);
		cursor->block[lane_index] = index;
		cursor->sequence[lane_index] = next + 1;
		return index + 1;
	}
	return 0;
}

/* The block that this CPU's cursor points to, as in ring.bpf.h, and locked. */
static __always_inline struct igrec_block *ring_current(struct ring_writer *w, __u32 lane_index,
							__u32 most)
{
	struct igrec_lane_state *lane = &w->slot->lanes[lane_index];
	__u32 index = w->cursor->block[lane_index];
	__u32 sequence = w->cursor->sequence[lane_index];
	struct igrec_block *block = bpf_map_lookup_elem(w->ring, &index);
	__u64 word;

	if (!block || !sequence || !lock_enter(lock_of_block(w->index, index)))
		return NULL;
	word = *(volatile __u64 *)&block->reserve;
	if (IGREC_RESERVE_SEQUENCE(word) == sequence &&
	    (word & IGREC_RESERVE_OFFSET_MASK) + most <= IGREC_BLOCK_BYTES &&
	    (__u32)lane->next - sequence <= lane->blocks / 2)
		return block;
	lock_leave(lock_of_block(w->index, index));
	return NULL;
}

/* The current block, or else a fresh one, locked; NULL as ring_take(). */
static __always_inline struct igrec_block *ring_block(struct ring_writer *w, __u32 lane_index,
						      __u32 most)
{
	struct igrec_block *block = ring_current(w, lane_index, most);
	__u32 index;

	if (block)
		return block;
	index = ring_take(w->index, lane_index);
	if (!index--)
		return NULL;
	return bpf_map_lookup_elem(w->ring, &index);
}

/* Takes `bytes` of the locked block. */
static __always_inline void *ring_reserve(struct igrec_block *block, __u32 bytes, const __u32 most,
					  __u64 *ret_word)
{
	__u64 old = *(volatile __u64 *)&block->reserve;
	__u64 offset = old & IGREC_RESERVE_OFFSET_MASK;

	if (offset > IGREC_BLOCK_BYTES - most) {
		lock_leave(block->commit >> 32);
		return NULL;
	}
	*ret_word = old + IGREC_RESERVE_RECORD + bytes;
	*(volatile __u64 *)&block->reserve = *ret_word;
	return (void *)block + offset;
}

static __always_inline void ring_commit(struct igrec_block *block, __u32 lane_index, __u32 bytes)
{
	__u32 lock = block->commit >> 32;

	__sync_fetch_and_add(&block->commit, IGREC_RESERVE_RECORD + bytes);
	lock_leave(lock);
}

/* A record needed only `used` of its reserved bytes: the rest goes back. */
static __always_inline __u32 ring_shrink(struct igrec_block *block, __u64 word, __u32 bytes,
					 __u32 used)
{
	*(volatile __u64 *)&block->reserve = word - (bytes - used);
	return used;
}

#endif
