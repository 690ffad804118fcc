/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns of chunks and the numbers in them: all comes back byte by byte, what would not is kept as
 * it is, and columns that are damaged are refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "dumper/chunk.h"
#include "dumper/chunk_data.h"
#include "tests/support/sample_snapshot.h"

static const uint64_t numbers[] = {
	0,
	1,
	2,
	3,
	63,
	64,
	127,
	128,
	16383,
	16384,
	32767,
	32768,
	65535,
	65536,
	1U << 31,
	UINT32_MAX,
	1ULL << 32,
	1ULL << 62,
	INT64_MAX,
	1ULL << 63,
	UINT64_MAX - 32768,
	UINT64_MAX - 32767,
	UINT64_MAX - 1,
	UINT64_MAX,
};

/* ---- numbers ---------------------------------------------------------------------------- */

static void varints(void **state)
{
	CLEANUP(buf_done) struct buf out = {};
	struct stream in;
	uint64_t back;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		assert_true(stream_unfold(stream_fold(numbers[i])) == numbers[i]);
		stream_put(&out, numbers[i]);
	}
	in = (struct stream){(unsigned char *)out.data, out.bytes};
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		assert_true(stream_get(&in, &back));
		assert_true(back == numbers[i]);
	}
	assert_false(stream_get(&in, &back));
}

static void no_varints(void **state)
{
	static const struct {
		const char *bytes;
		size_t count;
	} cases[] = {
		{"", 0},
		{"\x80", 1},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff", 9},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10}, /* bit 64 */
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x01", 11},
	};
	uint64_t back;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stream in = {(const unsigned char *)cases[i].bytes, cases[i].count};

		assert_false(stream_get(&in, &back));
	}
}

static void words(void **state)
{
	CLEANUP(buf_done) struct buf out = {};
	struct stream in;
	uint64_t back;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		for (size_t e = 0; e < ARRAY_SIZE(numbers); e++)
			stream_put_word(&out, numbers[i], numbers[e]);
	in = (struct stream){(unsigned char *)out.data, out.bytes};
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		for (size_t e = 0; e < ARRAY_SIZE(numbers); e++) {
			assert_true(stream_get_word(&in, numbers[e], &back));
			assert_true(back == numbers[i]);
		}
	assert_false(stream_get_word(&in, 0, &back));
}

static void magnitudes(void **state)
{
	CLEANUP(buf_done) struct buf out = {}, low = {};
	struct bits_out bits = {.out = &low};
	struct stream in;
	struct bits_in bits_in;
	uint64_t back;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		stream_put_number(&out, &bits, numbers[i]);
	bits_out_end(&bits);
	assert_int_equal(out.bytes, ARRAY_SIZE(numbers));
	in = (struct stream){(unsigned char *)out.data, out.bytes};
	bits_in = (struct bits_in){.in = {(unsigned char *)low.data, low.bytes}};
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		assert_true(stream_get_number(&in, &bits_in, &back));
		assert_true(back == numbers[i]);
	}
	assert_int_equal(bits_in.in.left, 0);
	in = (struct stream){(const unsigned char *)"\x80", 1};
	assert_false(stream_get_number(&in, &bits_in, &back));
	in = (struct stream){(const unsigned char *)"\x7f", 1};
	assert_false(stream_get_number(&in, &bits_in, &back));
}

/* ---- there and back --------------------------------------------------------------------- */

static const struct sample_task task = {4300, 4300, 9, 9, "child"};

/* A tape with every type of record, and with what no kernel program writes. */
static struct snapshot *sample(unsigned flow_records)
{
	const struct sample_options options = {.flow_records = flow_records, .seed = 5};
	struct snapshot *snapshot = sample_snapshot_new(&options);
	struct sample_tape tape = {.snapshot = snapshot};
	const struct igrec_oom oom = {.victim_tgid = 9, .victim_comm = "child"};
	struct sample_record record = {
		.type = IGREC_RECORD_OOM,
		.lane = IGREC_LANE_FLOW,
		.task = &task,
		.time_ns = 12345,
		.body = &oom,
		.body_bytes = sizeof(oom),
	};

	sample_add(&tape, &record);
	record = (struct sample_record){
		.type = IGREC_RECORD_SYSCALL,
		.lane = IGREC_LANE_FLOW,
		.task = &task,
		.time_ns = UINT64_MAX,
		.duration_ns = UINT64_MAX >> 8,
		.nr = 0xffff,
		.result = INT64_MIN,
		.args = 6,
		.arg = {UINT64_MAX, 1, UINT64_MAX, 0, 1ULL << 63, 7},
		.captures = 2,
		.capture = {{200, 255, "abc", 3}, {0, 0, NULL, 0}},
	};
	sample_add(&tape, &record);
	record.time_ns = 0;
	record.duration_ns = 0;
	record.args = 0;
	record.captures = 0;
	record.meta = IGREC_META_NO_ENTRY;
	sample_add(&tape, &record);
	return snapshot;
}

static void assert_back(const struct buf *raw, const struct chunk_packer *packer)
{
	AUTO_FREE char *back = malloc(raw->bytes);

	assert_int_equal(chunk_data_unpack(packer->data.data, packer->data.bytes, back, raw->bytes),
			 0);
	assert_memory_equal(back, raw->data, raw->bytes);
}

static void there_and_back(void **state)
{
	static const unsigned sizes[] = {0, 1, 50, 20000};
	CLEANUP(chunk_packer_done) struct chunk_packer packer;
	CLEANUP(buf_done) struct buf raw = {};

	assert_int_equal(chunk_packer_init(&packer), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct snapshot *snapshot = sample(sizes[i]);

		for (int lane = 0; lane < IGREC_LANES; lane++) {
			struct chunk chunk;

			assert_true(chunk_pack(&snapshot->lane[lane], 0, &raw, &chunk) > 0);
			assert_int_equal(columns_pack(raw.data, raw.bytes, &packer.columns), 0);
			assert_int_equal(chunk_data_pack(&packer, raw.data, raw.bytes), 0);
			assert_true(packer.data.bytes < raw.bytes);
			assert_back(&raw, &packer);
		}
		snapshot_free(snapshot);
	}
}

/* The first block of a lane as a raw chunk. */
static void first_block(struct buf *raw)
{
	struct snapshot *snapshot = sample(100);
	struct snapshot_lane *lane = &snapshot->lane[IGREC_LANE_FLOW];
	struct chunk chunk;

	lane->n_blocks = 1;
	assert_int_equal(chunk_pack(lane, 0, raw, &chunk), 1);
	snapshot_free(snapshot);
}

static struct igrec_record *record_of(struct buf *raw, unsigned number)
{
	char *at = raw->data + sizeof(struct chunk_block);

	while (number--)
		at += ((struct igrec_record *)at)->bytes;
	return (struct igrec_record *)at;
}

/* What would not come back is stored as one frame, and so does come back. */
static void kept_as_it_is(void **state)
{
	CLEANUP(chunk_packer_done) struct chunk_packer packer;
	CLEANUP(buf_done) struct buf raw = {};

	assert_int_equal(chunk_packer_init(&packer), 0);
	for (int change = 0; change < 6; change++) {
		struct chunk_block *block;

		first_block(&raw);
		block = (struct chunk_block *)raw.data;
		switch (change) {
		case 0: /* a type that nothing is known of */
			record_of(&raw, 2)->meta |= 0xf;
			break;
		case 1: /* another CPU within the block */
			record_of(&raw, 2)->cpu++;
			break;
		case 2: /* a size that does not fit */
			record_of(&raw, 2)->bytes = 24;
			break;
		case 3:
			record_of(&raw, 2)->bytes = 65528;
			break;
		case 4: /* another number of records */
			block->records++;
			break;
		default: /* more bytes than there are */
			block->bytes += 8;
		}
		assert_int_equal(columns_pack(raw.data, raw.bytes, &packer.columns), -EBADMSG);
		assert_int_equal(chunk_data_pack(&packer, raw.data, raw.bytes), 0);
		assert_back(&raw, &packer);
	}
}

/* ---- damage ----------------------------------------------------------------------------- */

/* Every byte of every column changed or cut off: an error, or blocks of the right size. */
static void damaged_columns(void **state)
{
	CLEANUP(columns_done) struct columns columns = {};
	CLEANUP(buf_done) struct buf raw = {};
	AUTO_FREE char *back = NULL;
	struct stream in[COLUMNS];

	first_block(&raw);
	back = malloc(raw.bytes);
	assert_int_equal(columns_pack(raw.data, raw.bytes, &columns), 0);
	for (int i = 0; i < COLUMNS; i++) {
		buf_add_char(&columns.column[i], 0); /* so that none is NULL */
		in[i] = (struct stream){(unsigned char *)columns.column[i].data,
					columns.column[i].bytes - 1};
	}
	assert_int_equal(columns_unpack(in, back, raw.bytes), 0);
	assert_int_equal(columns_unpack(in, back, raw.bytes - 8), -EUCLEAN);
	for (int i = 0; i < COLUMNS; i++) {
		for (size_t at = 0; at + 1 < columns.column[i].bytes; at++) {
			unsigned char *byte = (unsigned char *)columns.column[i].data + at;

			*byte ^= (unsigned char)(1U << at % 8);
			columns_unpack(in, back, raw.bytes);
			*byte ^= (unsigned char)(1U << at % 8);
		}
		for (; in[i].left; in[i].left--) {
			if (in[i].left + 1 != columns.column[i].bytes)
				assert_int_equal(columns_unpack(in, back, raw.bytes), -EUCLEAN);
		}
		in[i].left = columns.column[i].bytes; /* one byte too many */
		assert_int_equal(columns_unpack(in, back, raw.bytes), -EUCLEAN);
		in[i].left--;
	}
}

static void damaged_frames(void **state)
{
	CLEANUP(chunk_packer_done) struct chunk_packer packer;
	CLEANUP(buf_done) struct buf raw = {};
	AUTO_FREE char *back = NULL;

	first_block(&raw);
	back = malloc(raw.bytes);
	assert_int_equal(chunk_packer_init(&packer), 0);
	assert_int_equal(chunk_data_pack(&packer, raw.data, raw.bytes), 0);
	for (size_t bytes = 0; bytes < packer.data.bytes; bytes++)
		assert_true(chunk_data_unpack(packer.data.data, bytes, back, raw.bytes) < 0);
	buf_add(&packer.data, "behind the last frame", 21);
	assert_true(chunk_data_unpack(packer.data.data, packer.data.bytes, back, raw.bytes) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(varints),	   cmocka_unit_test(no_varints),
		cmocka_unit_test(words),	   cmocka_unit_test(magnitudes),
		cmocka_unit_test(there_and_back),  cmocka_unit_test(kept_as_it_is),
		cmocka_unit_test(damaged_columns), cmocka_unit_test(damaged_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
