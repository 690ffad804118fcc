/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row in the making, for the views alone: cells are set in any order, what is not set is
 * unknown, and rows_put() hands the row over and begins the next one.
 */
#ifndef VIEW_ROWS_H
#define VIEW_ROWS_H

#include "common/buf.h"
#include "view/view.h"

struct view_rows {
	const struct view *view;
	const struct view_query *query;
	view_row_fn row;
	void *user;
	struct view_cell cells[VIEW_COLUMNS_MAX];
	uint32_t is_text; /* 1 << column: of cells whose text is an offset in `texts` so far */
	struct buf texts;
};

void rows_init(struct view_rows *rows, const struct view *view, const struct view_query *query,
	       view_row_fn row, void *user);
void rows_done(struct view_rows *rows);

void rows_set_int(struct view_rows *rows, unsigned column, int64_t value);
/* 0 is not known. */
void rows_set_id(struct view_rows *rows, unsigned column, uint32_t id);
void rows_set_bool(struct view_rows *rows, unsigned column, bool value);
/* CLOCK_MONOTONIC, as in timelines; 0 is not known. */
void rows_set_time(struct view_rows *rows, unsigned column, uint64_t time_ns);
/* Copied. No bytes are an empty text; NULL is not known. */
void rows_set_text(struct view_rows *rows, unsigned column, const void *text, size_t bytes);
void rows_set_string(struct view_rows *rows, unsigned column, const char *text);

/*
 * Texts that are appended piece by piece to what rows_begin_text() gave, until rows_end_text();
 * no other text is set in between. An empty one is not known.
 */
struct buf *rows_begin_text(struct view_rows *rows, unsigned column);
void rows_end_text(struct view_rows *rows, unsigned column);

/* Hands the row over. 0, -ENOMEM, or what the taker returned. */
int rows_put(struct view_rows *rows);
/* Forgets what was set. */
void rows_drop(struct view_rows *rows);

#endif
