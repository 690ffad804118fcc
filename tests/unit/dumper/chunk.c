/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chunks: packing and unpacking, and raw bytes that are no run of blocks.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "dumper/chunk.h"
#include "tests/support/sample_snapshot.h"

static struct snapshot *sample(unsigned flow_records)
{
	const struct sample_options options = {.flow_records = flow_records, .seed = 7};

	return sample_snapshot_new(&options);
}

static void lane_done(struct snapshot_lane *lane)
{
	free(lane->data);
	free(lane->blocks);
}

static void assert_same_blocks(const struct snapshot_lane *a, const struct snapshot_lane *b)
{
	assert_int_equal(a->n_blocks, b->n_blocks);
	assert_int_equal(a->bytes, b->bytes);
	for (size_t i = 0; i < a->n_blocks; i++) {
		assert_int_equal(a->blocks[i].sequence, b->blocks[i].sequence);
		assert_int_equal(a->blocks[i].records, b->blocks[i].records);
		assert_int_equal(a->blocks[i].bytes, b->blocks[i].bytes);
		assert_memory_equal(a->data + a->blocks[i].offset, b->data + b->blocks[i].offset,
				    a->blocks[i].bytes);
	}
}

static void there_and_back(void **state)
{
	struct snapshot *snapshot = sample(20000);
	const struct snapshot_lane *lane = &snapshot->lane[IGREC_LANE_FLOW];
	struct snapshot_lane back = {};
	struct buf raw = {};
	struct chunk chunk;
	size_t first = 0, chunks = 0;
	int blocks;

	while (first < lane->n_blocks) {
		blocks = chunk_pack(lane, first, &raw, &chunk);
		assert_true(blocks > 0);
		assert_int_equal(chunk.blocks, blocks);
		assert_int_equal(chunk.raw_bytes, raw.bytes);
		assert_true(raw.bytes <= CHUNK_RAW_BYTES);
		assert_int_equal(chunk.first_block, lane->blocks[first].sequence);
		assert_true(chunk.first_ns > 0 && chunk.first_ns < chunk.last_ns);
		assert_int_equal(chunk_unpack(&chunk, raw.data, &back), 0);
		first += (size_t)blocks;
		chunks++;
	}
	assert_true(chunks > 3);
	assert_same_blocks(lane, &back);
	/* The same chunk once more does not follow. */
	assert_int_equal(chunk_unpack(&chunk, raw.data, &back), -EUCLEAN);
	assert_same_blocks(lane, &back);
	lane_done(&back);
	buf_done(&raw);
	snapshot_free(snapshot);
}

static void no_run_of_blocks(void **state)
{
	enum { SEQUENCE = 0, RECORDS = 8, BYTES = 12 };
	static const struct {
		size_t at;
		uint32_t value;
	} changes[] = {
		{SEQUENCE, 0}, {SEQUENCE, 24}, {RECORDS, 9999},	    {BYTES, 0xffffffff}, {BYTES, 0},
		{BYTES, 4096}, {BYTES, 12},    {BYTES, 0x80000000}, {SEQUENCE, 0xffff},
	};
	struct snapshot *snapshot = sample(100);
	struct snapshot_lane back = {};
	struct buf raw = {};
	struct chunk chunk;

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		assert_true(chunk_pack(&snapshot->lane[IGREC_LANE_FLOW], 0, &raw, &chunk) > 1);
		memcpy(raw.data + changes[i].at, &changes[i].value, 4);
		assert_int_equal(chunk_unpack(&chunk, raw.data, &back), -EUCLEAN);
	}
	assert_true(chunk_pack(&snapshot->lane[IGREC_LANE_FLOW], 0, &raw, &chunk) > 1);
	for (chunk.raw_bytes = 0; chunk.raw_bytes < raw.bytes; chunk.raw_bytes++)
		assert_int_equal(chunk_unpack(&chunk, raw.data, &back), -EUCLEAN);
	assert_int_equal(back.n_blocks, 0);
	buf_done(&raw);
	snapshot_free(snapshot);
}

/* The checksum covers every value of the row. */
static void checksum_sees_all(void **state)
{
	char data[] = "packed";
	const struct chunk chunk = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, data, sizeof(data), 10};
	uint64_t sum = chunk_checksum(&chunk);

	for (int field = 0; field < 11; field++) {
		struct chunk changed = chunk;
		char other[] = "packes";

		switch (field) {
		case 0:
			changed.lane = 2;
			break;
		case 1:
			changed.seq++;
			break;
		case 2:
			changed.first_block++;
			break;
		case 3:
			changed.last_block++;
			break;
		case 4:
			changed.blocks++;
			break;
		case 5:
			changed.records++;
			break;
		case 6:
			changed.first_ns++;
			break;
		case 7:
			changed.last_ns++;
			break;
		case 8:
			changed.raw_bytes++;
			break;
		case 9:
			changed.data = other;
			break;
		default:
			changed.bytes--;
		}
		assert_int_not_equal(chunk_checksum(&changed), sum);
	}
}

static void window(void **state)
{
	struct igrec_record records[3] = {
		{.bytes = sizeof(struct igrec_record), .time_ns = 50},
		{.bytes = sizeof(struct igrec_record), .time_ns = 20},
		{.bytes = 7, .time_ns = 1}, /* no record: ends the search */
	};
	struct chunk_window window = {};

	records[0].duration = 35;
	chunk_window_add(&window, records, 0);
	assert_int_equal(window.first_ns, 0);
	chunk_window_add(&window, records, sizeof(records));
	assert_int_equal(window.first_ns, 20);
	assert_int_equal(window.last_ns, 50);
	assert_int_equal(window.begin_ns, 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(no_run_of_blocks),
		cmocka_unit_test(checksum_sees_all),
		cmocka_unit_test(window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
