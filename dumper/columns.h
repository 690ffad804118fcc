/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a chunk by what they mean instead of by record, so that zstd finds like beside
 * like: docs/dump-format.md, "Columns".  Blocks that come back from columns are the same, byte by
 * byte.
 */
#ifndef DUMPER_COLUMNS_H
#define DUMPER_COLUMNS_H

#include "dumper/stream.h"

enum column {
	COLUMN_BLOCKS,	  /* a block: sequence, records, CPU */
	COLUMN_SHAPES,	  /* a shape: what is alike in many records */
	COLUMN_ORDER,	  /* a record: its shape, and whether it has a mark */
	COLUMN_TIDS,	  /* a record: its tid */
	COLUMN_MARKS,	  /* a mark: its words */
	COLUMN_GAPS,	  /* from here on in the order of shapes; the time before each record */
	COLUMN_DURATIONS, /* a record: how long it took */
	COLUMN_BITS,	  /* low bits of gaps and durations */
	COLUMN_WORDS,	  /* results and arguments, bodies */
	COLUMN_LENGTHS,	  /* a capture: its bytes */
	COLUMN_CAPTURES,  /* their data */
	COLUMN_GRID,	  /* the clock's step; a time: its residue. Empty: it has no grid */
	COLUMNS,
};

/* Of the 4 bits of a residue: it stands behind them. */
#define RESIDUE_LARGE 15

/* Zero-initialised is empty. */
struct columns {
	struct buf column[COLUMNS]; /* owned; columns_done() */
	uint64_t step;		    /* of struct clock_grid, as far as chunks have told it */
};

/*
 * Takes a run of blocks apart, as chunk_pack() made it. 0; -EBADMSG if not each byte of it would
 * come back: records that this knows nothing of; -ENOMEM. The columns are emptied before.
 */
int columns_pack(const void *raw, size_t bytes, struct columns *columns);
void columns_done(struct columns *columns);

/* Puts the run of blocks together again: exactly `bytes`, or -EUCLEAN, -ENOMEM. */
int columns_unpack(const struct stream columns[COLUMNS], void *raw, size_t bytes);

#endif
