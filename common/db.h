/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A SQLite database file, written once or read: the one home of sqlite3.
 *
 * Statements come from one table of SQL texts given to db_create() or db_open(); each is prepared
 * when first taken and kept until the end. A taken statement is returned by AUTO_DB_STMT, which
 * resets it and clears what was bound.  A handle belongs to one thread at a time.
 */
#ifndef COMMON_DB_H
#define COMMON_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cleanup.h"

struct db;
struct db_stmt;

/* The texts and their number; they must outlive the handle. */
struct db_statements {
	const char *const *sql;
	size_t count;
};

/*
 * Opens an existing empty file to fill it. No journal, no locks and no sync: the caller syncs
 * the file after db_close() and throws it away when anything failed. 0 or -errno.
 */
int db_create(const char *path, const struct db_statements *statements, struct db **ret);

/*
 * Opens for reading: immutable, no locks, no side files, no triggers, views or extensions.
 * 0; -errno of open; -EBADMSG not SQLite; -EUCLEAN damaged; -ENOMEM.
 */
int db_open(const char *path, const struct db_statements *statements, struct db **ret);
/* The same for a file's contents in memory, which must outlive the handle and may be changed. */
int db_open_image(void *image, size_t bytes, const struct db_statements *statements,
		  struct db **ret);

/* Rows, texts and blobs longer than this are refused from now on: -EFBIG. */
void db_limit_values(struct db *db, size_t bytes);

/* Takes NULL. What was not committed is lost. */
void db_close(struct db *db);

/* SQLite's words for the last error of the handle; valid until its next use. */
const char *db_error(const struct db *db);

/* Runs statements that return no rows. 0 or -errno. */
int db_run(struct db *db, const char *sql);

/* 0 and a statement borrowed until it is given back, or -errno: -EUCLEAN if it does not fit the
 * file's schema. */
int db_take(struct db *db, size_t index, struct db_stmt **ret);
void db_give(struct db_stmt *stmt);

/* Binds a parameter by its name, ":x". Data must live until the statement has run. 0, -errno. */
int db_bind_int(struct db_stmt *stmt, const char *name, int64_t value);
int db_bind_null(struct db_stmt *stmt, const char *name);
/* NULL text or data binds NULL. */
int db_bind_text(struct db_stmt *stmt, const char *name, const char *text, size_t bytes);
int db_bind_blob(struct db_stmt *stmt, const char *name, const void *data, size_t bytes);

/* 1 a row, 0 no more, or -errno. After 0 the statement can be bound and run again. */
int db_step(struct db_stmt *stmt);
/* Makes it ready to run again with what is bound now. */
void db_again(struct db_stmt *stmt);

enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BLOB, DB_REAL };

/* Columns of the current row, from 0. */
enum db_type db_column_type(struct db_stmt *stmt, size_t column);
int64_t db_column_int(struct db_stmt *stmt, size_t column);
/* Text (with a NUL after it) or blob as it stands, borrowed until the next step. NULL if neither
 * or out of memory; an empty one is not NULL. */
const void *db_column_data(struct db_stmt *stmt, size_t column, size_t *ret_bytes);

DEFINE_CLEANUP(db_stmt, struct db_stmt *, db_give)
DEFINE_CLEANUP(db, struct db *, db_close)
#define AUTO_DB_STMT CLEANUP(cleanup_db_stmt)
#define AUTO_DB	     CLEANUP(cleanup_db)

#endif
