/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both directions of the chunk's layout: blocks of a snapshot's lane to raw bytes for the dump's
 * writer, raw bytes to blocks for its reader.  Raw bytes come from a file and are checked.
 */
#include <errno.h>

#include "common/cleanup.h"
#include "dumper/chunk.h"
#include "dumper/row.h"

#define BLOCK_RECORDS_MAX (IGREC_BLOCK_BYTES - IGREC_BLOCK_HEADER_BYTES)

static uint64_t begin_ns(const struct igrec_record *record)
{
	uint64_t took_ns = (uint64_t)record->duration << IGREC_META_SHIFT(record->meta);

	return took_ns < record->time_ns ? record->time_ns - took_ns : 0;
}

void chunk_window_add(struct chunk_window *window, const void *records, size_t bytes)
{
	const char *at = records;
	struct igrec_record record;

	while (bytes >= sizeof(record)) {
		memcpy(&record, at, sizeof(record));
		if (record.bytes < sizeof(record) || record.bytes > bytes)
			return;
		if (window->first_ns == 0 || begin_ns(&record) < window->begin_ns)
			window->begin_ns = begin_ns(&record);
		if (window->first_ns == 0 || record.time_ns < window->first_ns)
			window->first_ns = record.time_ns;
		if (record.time_ns > window->last_ns)
			window->last_ns = record.time_ns;
		at += record.bytes;
		bytes -= record.bytes;
	}
}

static void pack_block(const struct snapshot_lane *lane, const struct snapshot_block *block,
		       struct buf *raw, struct chunk *chunk, struct chunk_window *window)
{
	const struct chunk_block header = {
		.sequence = block->sequence,
		.records = block->records,
		.bytes = block->bytes,
	};
	const unsigned char *records = lane->data + block->offset;

	buf_add(raw, &header, sizeof(header));
	buf_add(raw, records, block->bytes);
	chunk_window_add(window, records, block->bytes);
	if (chunk->blocks == 0)
		chunk->first_block = block->sequence;
	chunk->last_block = block->sequence;
	chunk->records += block->records;
	chunk->blocks++;
}

int chunk_pack(const struct snapshot_lane *lane, size_t first, struct buf *raw, struct chunk *ret)
{
	struct chunk_window window = {};
	struct chunk chunk = {};

	buf_clear(raw);
	for (size_t i = first; i < lane->n_blocks; i++) {
		const struct snapshot_block *block = &lane->blocks[i];
		size_t after = raw->bytes + sizeof(struct chunk_block) + block->bytes;

		if (chunk.blocks > 0 && after > CHUNK_RAW_BYTES)
			break;
		pack_block(lane, block, raw, &chunk, &window);
	}
	if (raw->failed)
		return -ENOMEM;
	chunk.raw_bytes = raw->bytes;
	chunk.first_ns = window.first_ns;
	chunk.last_ns = window.last_ns;
	chunk.begin_ns = window.begin_ns;
	*ret = chunk;
	return (int)chunk.blocks;
}

/* Checks the run of blocks against the row; *ret_bytes is what their records take together. */
static int check_blocks(const struct chunk *chunk, const char *raw, uint64_t after,
			size_t *ret_bytes)
{
	struct chunk_block block = {.sequence = after};
	uint64_t blocks = 0, records = 0;
	size_t at = 0, bytes = 0;

	while (at < chunk->raw_bytes) {
		uint64_t previous = block.sequence;

		if (chunk->raw_bytes - at < sizeof(block))
			return -EUCLEAN;
		memcpy(&block, raw + at, sizeof(block));
		at += sizeof(block);
		if (block.sequence <= previous || block.bytes > BLOCK_RECORDS_MAX ||
		    block.bytes % 8 != 0 || block.bytes > chunk->raw_bytes - at)
			return -EUCLEAN;
		if (blocks++ == 0 && block.sequence != chunk->first_block)
			return -EUCLEAN;
		records += block.records;
		bytes += block.bytes;
		at += block.bytes;
	}
	if (blocks == 0 || blocks != chunk->blocks || records != chunk->records ||
	    block.sequence != chunk->last_block)
		return -EUCLEAN;
	*ret_bytes = bytes;
	return 0;
}

static int lane_grow(struct snapshot_lane *lane, size_t bytes, size_t blocks)
{
	unsigned char *data = realloc(lane->data, lane->bytes + bytes + 1);
	struct snapshot_block *grown;

	if (!data)
		return -ENOMEM;
	lane->data = data;
	grown = reallocarray(lane->blocks, lane->n_blocks + blocks, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	lane->blocks = grown;
	return 0;
}

static void append_block(struct snapshot_lane *lane, const struct chunk_block *block,
			 const char *records)
{
	lane->blocks[lane->n_blocks++] = (struct snapshot_block){
		.sequence = block->sequence,
		.records = block->records,
		.bytes = block->bytes,
		.offset = lane->bytes,
	};
	memcpy(lane->data + lane->bytes, records, block->bytes);
	lane->bytes += block->bytes;
}

int chunk_unpack(const struct chunk *chunk, const void *raw, struct snapshot_lane *lane)
{
	uint64_t last = lane->n_blocks ? lane->blocks[lane->n_blocks - 1].sequence : 0;
	struct chunk_block block;
	size_t bytes;
	int err;

	err = check_blocks(chunk, raw, last, &bytes);
	if (!err)
		err = lane_grow(lane, bytes, chunk->blocks);
	if (err)
		return err;
	for (size_t at = 0; at < chunk->raw_bytes; at += sizeof(block) + block.bytes) {
		memcpy(&block, (const char *)raw + at, sizeof(block));
		append_block(lane, &block, (const char *)raw + at + sizeof(block));
	}
	return 0;
}

uint64_t chunk_checksum(const struct chunk *chunk)
{
	const char *lane = row_lane_name((enum igrec_lane)chunk->lane);
	const uint64_t numbers[] = {
		chunk->seq,	chunk->first_block, chunk->last_block, chunk->blocks,
		chunk->records, chunk->first_ns,    chunk->last_ns,    chunk->raw_bytes,
	};
	struct checksum checksum;

	checksum_init(&checksum);
	row_checksum_bytes(&checksum, 'T', lane, strlen(lane));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		row_checksum_int(&checksum, (int64_t)numbers[i]);
	row_checksum_bytes(&checksum, 'B', chunk->data, chunk->bytes);
	return checksum_value(&checksum);
}
