/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of text for people: the one home of libsmartcols. Cells are given unescaped; what a
 * terminal could act upon is escaped here.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

/* A longer table is printed in parts of so many rows, each as wide as it needs, to bound memory. */
#define TABLE_PART_ROWS 10000

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table_column {
	const char *name;
	bool right;   /* aligned to the right */
	bool shrink;  /* may be cut on a narrow terminal */
	bool escaped; /* its cells are, already */
};

struct table;

/* columns is borrowed until table_free(). 0 or -ENOMEM. */
int table_new(const struct table_column *columns, size_t count, struct table **ret);
void table_free(struct table *table);

/* One row of `count` cells, copied; NULL shows as "-". Out of memory is reported by table_print().
 */
void table_add(struct table *table, const char *const *cells);

/*
 * Prints all rows under a line of names; on a terminal no wider than it, else uncut. 0, -ENOMEM,
 * or -errno of writing.
 */
int table_print(struct table *table, FILE *out);

#endif
