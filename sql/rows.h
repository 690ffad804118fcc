/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a view, kept. Texts are valid UTF-8, lists JSON. */
#ifndef SQL_ROWS_H
#define SQL_ROWS_H

#include "common/buf.h"
#include "view/view.h"

struct sql_rows {
	struct view_cell *cells; /* row after row */
	size_t count;
	unsigned n_columns;
	struct buf texts;
};

/* 0 or -ENOMEM. */
int sql_rows_new(const struct view *view, const struct view_query *query, struct sql_rows **ret);
void sql_rows_free(struct sql_rows *rows);

#endif
