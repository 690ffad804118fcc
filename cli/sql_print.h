/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of a query as a table, CSV or JSON. */
#ifndef CLI_SQL_PRINT_H
#define CLI_SQL_PRINT_H

#include <stdio.h>

#include "sql/query.h"

enum sql_format { SQL_FORMAT_TABLE, SQL_FORMAT_CSV, SQL_FORMAT_JSON };

struct sql_print;

/* 0 or -ENOMEM. */
int sql_print_new(enum sql_format format, FILE *out, struct sql_print **ret);
void sql_print_free(struct sql_print *print);

/* 0, -ENOMEM, -errno of writing. */
int sql_print_begin(struct sql_print *print, size_t columns, const char *const *names);
int sql_print_row(struct sql_print *print, size_t columns, const struct sql_value *values);
/* A table is printed here. */
int sql_print_end(struct sql_print *print);

#endif
