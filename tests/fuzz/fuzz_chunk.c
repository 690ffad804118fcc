/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an unpacked chunk, behind the checksums that keep other targets out: its row,
 * its blocks, their records.
 */
#include "common/cleanup.h"
#include "decode/event.h"
#include "dumper/chunk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Keeps the compiler from leaving out the reads that made the value. */
static void use(unsigned value)
{
	__asm__ volatile("" : : "r"(value));
}

/* Reads every captured byte of a block. */
static unsigned parse_block(const unsigned char *records, size_t bytes, enum igrec_lane lane)
{
	struct event event;
	unsigned sum = 0;
	int size;

	for (size_t at = 0; at < bytes; at += (size_t)size) {
		size = event_parse(records + at, bytes - at, lane, &event);
		if (size <= 0)
			break;
		for (unsigned c = 0; c < event.captures; c++) {
			for (size_t i = 0; i < event.capture[c].bytes; i++)
				sum += event.capture[c].data[i];
		}
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct snapshot_lane lane = {};
	struct chunk chunk;

	if (bytes < sizeof(chunk))
		return 0;
	memcpy(&chunk, data, sizeof(chunk));
	chunk.raw_bytes = bytes - sizeof(chunk);
	if (chunk_unpack(&chunk, data + sizeof(chunk), &lane) == 0) {
		for (size_t i = 0; i < lane.n_blocks; i++)
			use(parse_block(lane.data + lane.blocks[i].offset, lane.blocks[i].bytes,
					IGREC_LANE_FLOW));
	}
	free(lane.data);
	free(lane.blocks);
	return 0;
}
