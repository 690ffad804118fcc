/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of records, for both directions of dumper/columns.h and for them alone. */
#ifndef DUMPER_COLUMNS_SHAPE_H
#define DUMPER_COLUMNS_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/igrec_abi.h"
#include "dumper/stream.h"

#define SHAPE_CAPTURES_MAX 16
#define SHAPES_MAX	   4096
#define SHAPE_NO_ROW	   UINT32_MAX

/* What records that look alike have in common; as the column has it, apart from `count`. */
struct shape {
	uint16_t meta; /* without IGREC_META_MARK */
	uint16_t nr;
	uint8_t captures;
	struct {
		uint8_t arg;
		uint8_t flags;
	} capture[SHAPE_CAPTURES_MAX];
	uint32_t first; /* of its rows in what goes by shape */
	uint32_t count; /* records */
};

/* 8-byte words of a mark. */
#define SHAPE_MARK_WORDS (sizeof(struct igrec_mark) / sizeof(uint64_t))
/* Index of the word by which like records are found: of a syscall the first argument. */
#define SHAPE_KEY 1

/* 8-byte words between a record's header and mark, and its captures. -1: not known. */
int shape_words(uint16_t meta);

/* The next shape of the column. 0 or -EUCLEAN. */
int shape_read(struct stream *in, struct shape *ret);

/* Bytes that a capture takes with its header. */
static inline size_t shape_capture_room(size_t bytes)
{
	return (sizeof(struct igrec_capture) + bytes + 7) & ~(size_t)7;
}

/* Which earlier row of a shape a row is told from. */
struct shape_history {
	uint32_t last[256]; /* by the lowest byte of the key */
	uint32_t row;	    /* the next one's number */
};

void shape_history_init(struct shape_history *history);
/* The last row with such a key, else the last row, else SHAPE_NO_ROW. */
uint32_t shape_history_next(struct shape_history *history, uint64_t key);

#endif
