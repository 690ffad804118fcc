/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copying a ring.  The writing side here follows the protocol of bpf/ring.bpf.h in C, with one
 * thread per CPU; every record carries its writer, a rising number and a checksum over both, so
 * that a torn or mixed record cannot pass.
 */
#include "recorder/ring_copy.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BLOCKS	     16
#define WRITERS	     4
#define RECORDS_EACH 300000
#define SNAPSHOTS    200

struct payload {
	struct igrec_record header;
	uint64_t writer, number, sum;
	uint64_t filler[3];
};
#define PAYLOAD_MAX sizeof(struct payload)

static struct igrec_block *ring;
static struct igrec_slot slot;
static uint64_t dropped;

static uint64_t sum_of(const struct payload *record)
{
	return (record->writer * 0x9e3779b97f4a7c15ULL) ^ (record->number * 0xc2b2ae3d27d4eb4fULL);
}

static struct igrec_lane_state *flow(void)
{
	return &slot.lanes[IGREC_LANE_FLOW];
}

static bool claim(struct igrec_block *block, uint32_t sequence)
{
	uint64_t old = __atomic_load_n(&block->reserve, __ATOMIC_SEQ_CST);
	uint32_t commit = __atomic_load_n(&block->commit, __ATOMIC_SEQ_CST);
	__u64 expected = old;
	uint64_t fresh = (uint64_t)sequence << 32 | IGREC_BLOCK_HEADER_BYTES;

	if ((uint32_t)old != commit ||
	    !__atomic_compare_exchange_n(&block->reserve, &expected, fresh, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST))
		return false;
	__atomic_fetch_add(&block->commit, (uint64_t)(uint32_t)fresh - (uint32_t)old,
			   __ATOMIC_SEQ_CST);
	if (old >> 32)
		__atomic_fetch_add(&flow()->overwritten, IGREC_RESERVE_COUNT(old),
				   __ATOMIC_SEQ_CST);
	return true;
}

static struct igrec_block *take(uint32_t *ret_sequence)
{
	for (int try = 0; try < 4; try++) {
		uint64_t ticket = __atomic_fetch_add(&flow()->next, 1, __ATOMIC_SEQ_CST);
		struct igrec_block *block = &ring[flow()->first_block + ticket % flow()->blocks];

		*ret_sequence = ticket + 1;
		if (claim(block, *ret_sequence))
			return block;
	}
	return NULL;
}

static bool has_room(struct igrec_block *block, uint32_t sequence)
{
	uint64_t word = block ? __atomic_load_n(&block->reserve, __ATOMIC_SEQ_CST) : 0;

	return block && IGREC_RESERVE_SEQUENCE(word) == sequence &&
	       (word & IGREC_RESERVE_OFFSET_MASK) + PAYLOAD_MAX <= IGREC_BLOCK_BYTES;
}

static void *reserve(struct igrec_block *block, uint32_t bytes)
{
	uint64_t add = IGREC_RESERVE_RECORD + bytes;
	uint64_t old = __atomic_fetch_add(&block->reserve, add, __ATOMIC_SEQ_CST);

	if ((old & IGREC_RESERVE_OFFSET_MASK) + PAYLOAD_MAX > IGREC_BLOCK_BYTES) {
		__atomic_fetch_sub(&block->reserve, add, __ATOMIC_SEQ_CST);
		return NULL;
	}
	return (char *)block + (old & IGREC_RESERVE_OFFSET_MASK);
}

static void *write_many(void *argument)
{
	uint64_t writer = (uintptr_t)argument;
	struct igrec_block *block = NULL;
	uint32_t sequence = 0;

	for (uint64_t n = 0; n < RECORDS_EACH; n++) {
		uint32_t bytes = PAYLOAD_MAX - 8 * (n % 3);
		struct payload record = {.writer = writer, .number = n};
		void *place;

		if (!has_room(block, sequence))
			block = take(&sequence);
		place = block ? reserve(block, bytes) : NULL;
		if (!place) {
			__atomic_fetch_add(&dropped, 1, __ATOMIC_SEQ_CST);
			block = NULL;
			continue;
		}
		record.header.bytes = bytes;
		record.header.meta = IGREC_RECORD_SYSCALL;
		record.header.time_ns = n + 1;
		record.sum = sum_of(&record);
		memcpy(place, &record, bytes);
		__atomic_fetch_add(&block->commit, IGREC_RESERVE_RECORD + bytes, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void set_up(void)
{
	ring = aligned_alloc(4096, BLOCKS * sizeof(*ring));
	assert_non_null(ring);
	memset(ring, 0, BLOCKS * sizeof(*ring));
	memset(&slot, 0, sizeof(slot));
	dropped = 0;
	slot.lanes[IGREC_LANE_START] = (struct igrec_lane_state){.first_block = 0, .blocks = 2};
	slot.lanes[IGREC_LANE_VITAL] = (struct igrec_lane_state){.first_block = 2, .blocks = 4};
	slot.lanes[IGREC_LANE_FLOW] = (struct igrec_lane_state){.first_block = 6, .blocks = 10};
}

static void free_lanes(struct snapshot_lane lanes[IGREC_LANES])
{
	for (int i = 0; i < IGREC_LANES; i++) {
		free(lanes[i].data);
		free(lanes[i].blocks);
	}
}

/* Walks every record of the copy; returns how many, all of them genuine. */
static uint64_t check_records(const struct snapshot_lane *lane)
{
	uint64_t records = 0, sequence = 0;

	for (size_t i = 0; i < lane->n_blocks; i++) {
		const struct snapshot_block *block = &lane->blocks[i];
		uint32_t at = 0, in_block = 0;

		assert_true(block->sequence > sequence);
		sequence = block->sequence;
		while (at < block->bytes) {
			const struct payload *record =
				(const void *)(lane->data + block->offset + at);

			assert_in_range(record->header.bytes, 56, PAYLOAD_MAX);
			assert_true(record->sum == sum_of(record));
			at += record->header.bytes;
			in_block++;
		}
		assert_int_equal(at, block->bytes);
		assert_int_equal(in_block, block->records);
		records += in_block;
	}
	return records;
}

static void an_empty_ring_gives_empty_lanes(void **state)
{
	struct snapshot_lane lanes[IGREC_LANES];

	set_up();
	assert_int_equal(ring_copy(&slot, ring, lanes), 0);
	for (int i = 0; i < IGREC_LANES; i++) {
		assert_int_equal(lanes[i].n_blocks, 0);
		assert_int_equal(lanes[i].written, 0);
	}
	free_lanes(lanes);
	free(ring);
}

static void counters_add_up_at_rest(void **state)
{
	struct snapshot_lane lanes[IGREC_LANES];
	uint64_t oldest;

	set_up();
	write_many((void *)1);
	assert_int_equal(ring_copy(&slot, ring, lanes), 0);
	assert_int_equal(lanes[IGREC_LANE_FLOW].written, RECORDS_EACH);
	assert_int_equal(check_records(&lanes[IGREC_LANE_FLOW]) +
				 lanes[IGREC_LANE_FLOW].overwritten,
			 RECORDS_EACH);
	assert_int_equal(ring_lane_records(flow(), ring, &oldest),
			 RECORDS_EACH - lanes[IGREC_LANE_FLOW].overwritten);
	assert_int_equal(oldest, lanes[IGREC_LANE_FLOW].overwritten + 1);
	free_lanes(lanes);
	free(ring);
}

static void a_block_with_a_writer_inside_is_torn(void **state)
{
	struct snapshot_lane lanes[IGREC_LANES];

	set_up();
	ring[6].reserve = 1ULL << 32 | IGREC_RESERVE_RECORD | (IGREC_BLOCK_HEADER_BYTES + 64);
	ring[6].commit = IGREC_BLOCK_HEADER_BYTES;
	flow()->next = 1;
	assert_int_equal(ring_copy(&slot, ring, lanes), 0);
	assert_int_equal(lanes[IGREC_LANE_FLOW].n_blocks, 0);
	assert_int_equal(lanes[IGREC_LANE_FLOW].torn_blocks, 1);
	assert_int_equal(lanes[IGREC_LANE_FLOW].torn_records, 1);
	free_lanes(lanes);
	free(ring);
}

static void copies_under_contention_are_genuine(void **state)
{
	pthread_t threads[WRITERS];
	struct snapshot_lane lanes[IGREC_LANES];
	uint64_t present;

	set_up();
	for (uintptr_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_many, (void *)i), 0);
	for (int i = 0; i < SNAPSHOTS; i++) {
		assert_int_equal(ring_copy(&slot, ring, lanes), 0);
		check_records(&lanes[IGREC_LANE_FLOW]);
		free_lanes(lanes);
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(ring_copy(&slot, ring, lanes), 0);
	present = check_records(&lanes[IGREC_LANE_FLOW]);
	assert_int_equal(lanes[IGREC_LANE_FLOW].torn_blocks, 0);
	assert_int_equal(present + lanes[IGREC_LANE_FLOW].overwritten + dropped,
			 (uint64_t)WRITERS * RECORDS_EACH);
	free_lanes(lanes);
	free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_ring_gives_empty_lanes),
		cmocka_unit_test(counters_add_up_at_rest),
		cmocka_unit_test(a_block_with_a_writer_inside_is_torn),
		cmocka_unit_test(copies_under_contention_are_genuine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
