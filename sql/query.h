/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One SELECT over dumps, as `igrec sql` runs it: nothing can be written, attached or loaded, and
 * neither time nor memory is without bound.
 */
#ifndef SQL_QUERY_H
#define SQL_QUERY_H

#include "sql/dumps.h"

enum sql_kind { SQL_NULL, SQL_INT, SQL_REAL, SQL_TEXT, SQL_BLOB };

struct sql_value {
	enum sql_kind kind;
	int64_t number;
	double real;
	const void *data; /* text or blob; valid during the call */
	size_t bytes;
};

struct sql_request {
	const char *const *paths; /* dumps */
	size_t count;
	const char *text;
	uint64_t timeout_ns; /* 0: none */
	sql_dump_fn *opened;
	/* Called once, with the names of the columns, before the first row, if any. Another result
	 * than 0 of one of these ends the query. */
	int (*begin)(void *user, size_t columns, const char *const *names);
	int (*row)(void *user, size_t columns, const struct sql_value *values);
	void *user;
};

struct sql_error {
	char text[512]; /* what SQLite or a table said, as it came */
};

/*
 * 0; -EINVAL: the text is no single SELECT, or is refused; -EIO: it failed; -ETIME; -ENOMEM, also
 * of its bound; with *ret_why filled; or what begin or row returned.
 */
int sql_query(const struct sql_request *request, struct sql_error *ret_why);

#endif
