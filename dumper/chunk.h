/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chunks: the ring blocks of one lane, packed for a dump file.  Raw, a chunk is a run of blocks,
 * each a struct chunk_block and then its records as bpf/igrec_abi.h lays them out.
 */
#ifndef DUMPER_CHUNK_H
#define DUMPER_CHUNK_H

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "dumper/snapshot.h"

/* A chunk is closed when the next block would take it beyond this. docs/dump-format.md has the
 * measurement behind it. */
#define CHUNK_RAW_BYTES (256 * 1024)
#define CHUNK_RAW_MAX	(16 * 1024 * 1024) /* larger ones are refused by readers */

struct chunk_block {
	uint64_t sequence; /* in its lane, from 1 */
	uint32_t records;
	uint32_t bytes; /* of the records, a multiple of 8 */
};
_Static_assert(sizeof(struct chunk_block) == 16, "chunk block");

/* A row of the table "chunk". */
struct chunk {
	uint32_t lane;			  /* enum igrec_lane */
	uint32_t seq;			  /* from 0 in each lane */
	uint64_t first_block, last_block; /* sequences */
	uint32_t blocks;
	uint64_t records;
	uint64_t first_ns, last_ns; /* lowest and highest time_ns of its records, 0 without any */
	uint64_t raw_bytes;
	uint64_t xxh64; /* chunk_checksum() */
	void *data;	/* chunk_data.h */
	size_t bytes;
	uint64_t begin_ns; /* none of its records began before; since version 3, not in xxh64 */
};

/*
 * Packs blocks of the lane, from index `first` on, into `raw` (emptied before) and describes
 * them in *ret, all but lane, seq, checksum and data. Returns how many blocks went in, at least
 * one while there is one, or -ENOMEM.
 */
int chunk_pack(const struct snapshot_lane *lane, size_t first, struct buf *raw, struct chunk *ret);

/*
 * Appends a raw chunk's blocks to the lane's data and blocks. 0; -EUCLEAN if it is no run of
 * blocks, differs from what `chunk` says of it, or does not follow the lane's last block;
 * -ENOMEM. The lane is unchanged on failure.
 */
int chunk_unpack(const struct chunk *chunk, const void *raw, struct snapshot_lane *lane);

/* Over the row's values apart from the checksum itself, in the form of row_checksum_add(). */
uint64_t chunk_checksum(const struct chunk *chunk);

/* The time window of a run of records. */
struct chunk_window {
	uint64_t first_ns, last_ns; /* lowest and highest time_ns; 0 in both: none yet */
	uint64_t begin_ns;	    /* the lowest time at which one began */
};
void chunk_window_add(struct chunk_window *window, const void *records, size_t bytes);

#endif
