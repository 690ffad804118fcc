/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wrapper over sqlite3, used by the dump's writer and reader.  SQLite's codes become errno
 * here and nowhere else.  Files are always named by URI, so that no character of a path can be
 * taken for an option.
 */
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>

#include "common/buf.h"
#include "common/db.h"

/*
 * Bounds on what a file can cause, all far above what a dump needs.  WORK_MAX counts instructions
 * of SQLite's machine over the handle's life; reading and verifying the largest dump takes some
 * hundred thousand.
 */
#define SQL_BYTES_MAX (64 * 1024)
#define WORK_STEP     10000
#define WORK_MAX      (500UL * 1000 * 1000)

struct db_stmt {
	sqlite3_stmt *sqlite; /* NULL: not prepared yet */
	struct db *db;
};

struct db {
	sqlite3 *sqlite;
	const struct db_statements *statements;
	struct db_stmt *prepared; /* statements->count of them */
	uint64_t work;		  /* instructions so far, in steps; see WORK_MAX */
};

/* errno of the system call that failed inside SQLite, if one did. */
static int system_errno(sqlite3 *sqlite, int otherwise)
{
	int number = sqlite ? sqlite3_system_errno(sqlite) : 0;

	return number > 0 ? -number : otherwise;
}

static int errno_of(sqlite3 *sqlite, int code)
{
	if (code == SQLITE_IOERR_NOMEM)
		return -ENOMEM;
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_TOOBIG:
		return -EFBIG;
	case SQLITE_NOTADB:
		return -EBADMSG;
	case SQLITE_CORRUPT:
	case SQLITE_ERROR: /* a statement that does not fit the file's schema */
		return -EUCLEAN;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_INTERRUPT:
		return -ETIME;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_MISUSE:
		return -EINVAL;
	default:
		return system_errno(sqlite, -EIO);
	}
}

/* file:PATH?OPTIONS with everything but plain characters written as %XX. */
static int uri_of(const char *path, const char *options, struct buf *ret)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789/._-";
	/* "file://..." would name a host, and a relative path must stay one. */
	const char *prefix = path[0] == '/' ? "file://" : "file:./";

	buf_add_text(ret, prefix);
	for (; *path; path++) {
		if (strchr(plain, *path))
			buf_add_char(ret, *path);
		else
			buf_printf(ret, "%%%02x", (unsigned char)*path);
	}
	buf_add_text(ret, options);
	return buf_text(ret) ? 0 : -ENOMEM;
}

/* Opens any kind of database; *ret can be closed even if this fails. */
static int handle_new(const char *name, int flags, const char *vfs,
		      const struct db_statements *statements, struct db **ret)
{
	AUTO_DB struct db *db = calloc(1, sizeof(*db));
	int code;

	if (!db)
		return -ENOMEM;
	db->statements = statements;
	db->prepared = calloc(statements->count + 1, sizeof(*db->prepared));
	if (!db->prepared)
		return -ENOMEM;
	code = sqlite3_open_v2(name, &db->sqlite, flags | SQLITE_OPEN_NOMUTEX, vfs);
	if (code != SQLITE_OK)
		return errno_of(db->sqlite, code);
	sqlite3_extended_result_codes(db->sqlite, 1);
	*ret = TAKE_PTR(db);
	return 0;
}

static int file_open(const char *path, const char *options, int flags, const char *vfs,
		     const struct db_statements *statements, struct db **ret)
{
	CLEANUP(buf_done) struct buf uri = {};
	int err;

	err = uri_of(path, options, &uri);
	if (err)
		return err;
	return handle_new(buf_text(&uri), flags | SQLITE_OPEN_URI, vfs, statements, ret);
}

int db_create(const char *path, const struct db_statements *statements, struct db **ret)
{
	AUTO_DB struct db *db = NULL;
	int err;

	err = file_open(path, "?mode=rw", SQLITE_OPEN_READWRITE, "unix-none", statements, &db);
	if (!err)
		err = db_run(db, "PRAGMA journal_mode = OFF;"
				 "PRAGMA synchronous = OFF;"
				 "PRAGMA locking_mode = EXCLUSIVE;"
				 "PRAGMA secure_delete = OFF;"
				 "PRAGMA temp_store = MEMORY;");
	if (err)
		return err;
	*ret = TAKE_PTR(db);
	return 0;
}

/* Called by SQLite after each WORK_STEP instructions; not 0 ends the statement: -ETIME. */
static int note_work(void *context)
{
	struct db *db = context;

	db->work += WORK_STEP;
	return db->work > WORK_MAX;
}

static void set_limits(sqlite3 *sqlite)
{
	static const struct {
		int limit, value;
	} limits[] = {
		{SQLITE_LIMIT_SQL_LENGTH, SQL_BYTES_MAX},
		{SQLITE_LIMIT_COLUMN, 100},
		{SQLITE_LIMIT_EXPR_DEPTH, 100},
		{SQLITE_LIMIT_COMPOUND_SELECT, 4},
		{SQLITE_LIMIT_VDBE_OP, 100000},
		{SQLITE_LIMIT_FUNCTION_ARG, 8},
		{SQLITE_LIMIT_ATTACHED, 0},
		{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
		{SQLITE_LIMIT_VARIABLE_NUMBER, 100},
		{SQLITE_LIMIT_TRIGGER_DEPTH, 1},
		{SQLITE_LIMIT_WORKER_THREADS, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		sqlite3_limit(sqlite, limits[i].limit, limits[i].value);
}

/* Nothing in the file may run code, or run for long. */
static int make_defensive(struct db *db)
{
	static const struct {
		int option, value;
	} settings[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},
		{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
		{SQLITE_DBCONFIG_ENABLE_VIEW, 0},
		{SQLITE_DBCONFIG_DQS_DML, 0},
		{SQLITE_DBCONFIG_DQS_DDL, 0},
		{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		sqlite3_db_config(db->sqlite, settings[i].option, settings[i].value, NULL);
	set_limits(db->sqlite);
	sqlite3_progress_handler(db->sqlite, WORK_STEP, note_work, db);
	return db_run(db, "PRAGMA cache_size = -256;" /* KiB: pages are read once */
			  "PRAGMA cell_size_check = ON;"
			  "PRAGMA mmap_size = 0;"
			  "PRAGMA temp_store = MEMORY;");
}

int db_open(const char *path, const struct db_statements *statements, struct db **ret)
{
	AUTO_DB struct db *db = NULL;
	int err;

	err = file_open(path, "?mode=ro&immutable=1", SQLITE_OPEN_READONLY, NULL, statements, &db);
	if (!err)
		err = make_defensive(db);
	if (err)
		return err;
	*ret = TAKE_PTR(db);
	return 0;
}

int db_open_image(void *image, size_t bytes, const struct db_statements *statements,
		  struct db **ret)
{
	AUTO_DB struct db *db = NULL;
	int err;

	err = handle_new(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL, statements,
			 &db);
	if (err)
		return err;
	err = errno_of(db->sqlite,
		       sqlite3_deserialize(db->sqlite, "main", image, (sqlite3_int64)bytes,
					   (sqlite3_int64)bytes, SQLITE_DESERIALIZE_READONLY));
	if (!err)
		err = make_defensive(db);
	if (err)
		return err;
	*ret = TAKE_PTR(db);
	return 0;
}

void db_limit_values(struct db *db, size_t bytes)
{
	sqlite3_limit(db->sqlite, SQLITE_LIMIT_LENGTH, (int)bytes);
}

void db_close(struct db *db)
{
	if (!db)
		return;
	for (size_t i = 0; db->prepared && i < db->statements->count; i++)
		sqlite3_finalize(db->prepared[i].sqlite);
	sqlite3_close(db->sqlite);
	free(db->prepared);
	free(db);
}

const char *db_error(const struct db *db)
{
	return sqlite3_errmsg(db->sqlite);
}

int db_run(struct db *db, const char *sql)
{
	return errno_of(db->sqlite, sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL));
}

int db_take(struct db *db, size_t index, struct db_stmt **ret)
{
	struct db_stmt *stmt = &db->prepared[index];
	int code;

	if (!stmt->sqlite) {
		code = sqlite3_prepare_v3(db->sqlite, db->statements->sql[index], -1,
					  SQLITE_PREPARE_PERSISTENT, &stmt->sqlite, NULL);
		if (code != SQLITE_OK)
			return errno_of(db->sqlite, code);
		stmt->db = db;
	}
	*ret = stmt;
	return 0;
}

void db_give(struct db_stmt *stmt)
{
	sqlite3_reset(stmt->sqlite);
	sqlite3_clear_bindings(stmt->sqlite);
}

int db_bind_int(struct db_stmt *stmt, const char *name, int64_t value)
{
	int at = sqlite3_bind_parameter_index(stmt->sqlite, name);

	return errno_of(stmt->db->sqlite, sqlite3_bind_int64(stmt->sqlite, at, value));
}

int db_bind_null(struct db_stmt *stmt, const char *name)
{
	int at = sqlite3_bind_parameter_index(stmt->sqlite, name);

	return errno_of(stmt->db->sqlite, sqlite3_bind_null(stmt->sqlite, at));
}

int db_bind_text(struct db_stmt *stmt, const char *name, const char *text, size_t bytes)
{
	int at = sqlite3_bind_parameter_index(stmt->sqlite, name);

	return errno_of(stmt->db->sqlite, sqlite3_bind_text64(stmt->sqlite, at, text, bytes,
							      SQLITE_STATIC, SQLITE_UTF8));
}

int db_bind_blob(struct db_stmt *stmt, const char *name, const void *data, size_t bytes)
{
	int at = sqlite3_bind_parameter_index(stmt->sqlite, name);

	return errno_of(stmt->db->sqlite,
			sqlite3_bind_blob64(stmt->sqlite, at, data, bytes, SQLITE_STATIC));
}

int db_step(struct db_stmt *stmt)
{
	int code = sqlite3_step(stmt->sqlite);

	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		sqlite3_reset(stmt->sqlite);
	return errno_of(stmt->db->sqlite, code);
}

void db_again(struct db_stmt *stmt)
{
	sqlite3_reset(stmt->sqlite);
}

enum db_type db_column_type(struct db_stmt *stmt, size_t column)
{
	switch (sqlite3_column_type(stmt->sqlite, (int)column)) {
	case SQLITE_INTEGER:
		return DB_INT;
	case SQLITE_TEXT:
		return DB_TEXT;
	case SQLITE_BLOB:
		return DB_BLOB;
	case SQLITE_FLOAT:
		return DB_REAL;
	default:
		return DB_NULL;
	}
}

int64_t db_column_int(struct db_stmt *stmt, size_t column)
{
	return sqlite3_column_int64(stmt->sqlite, (int)column);
}

const void *db_column_data(struct db_stmt *stmt, size_t column, size_t *ret_bytes)
{
	int type = sqlite3_column_type(stmt->sqlite, (int)column);
	const void *data;

	if (type == SQLITE_TEXT)
		data = sqlite3_column_text(stmt->sqlite, (int)column);
	else if (type == SQLITE_BLOB)
		data = sqlite3_column_blob(stmt->sqlite, (int)column);
	else
		return NULL;
	*ret_bytes = (size_t)sqlite3_column_bytes(stmt->sqlite, (int)column);
	if (!data && *ret_bytes == 0 && type == SQLITE_BLOB)
		data = "";
	return data;
}
