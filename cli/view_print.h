/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of any view, as people or programs read them: a table, JSON, a graph. Knows columns, no
 * view.
 */
#ifndef CLI_VIEW_PRINT_H
#define CLI_VIEW_PRINT_H

#include <stdio.h>

#include "view/view.h"

enum view_format {
	VIEW_FORMAT_TABLE,
	VIEW_FORMAT_WIDE,
	VIEW_FORMAT_JSON,
	VIEW_FORMAT_DOT, /* for views whose rows are edges */
};

struct view_print_options {
	enum view_format format;
	const char *dump_id;
	/* Rows whose column "flags" has one of these, separated by commas, count; NULL: all. */
	const char *flags;
	size_t rows_max; /* shown; 0: all */
};

struct view_print_counts {
	size_t rows;  /* that matched */
	size_t shown; /* of them */
};

/* 0, -ENOMEM, or -errno of writing (-EPIPE when the reader has gone). */
int view_print(const struct view *view, const struct view_query *query,
	       const struct view_print_options *options, FILE *out, struct view_print_counts *ret);

#endif
