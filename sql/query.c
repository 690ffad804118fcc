/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to nothing but the tables of dumps, for one statement. */
#include "sql/query.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "sql/module.h"

#define MEMORY_MAX     (1LL << 30) /* of SQLite: sorting, temporary tables */
#define VALUE_MAX      (64 << 20)  /* bytes of a text */
#define COLUMNS_MAX    500
#define STEPS_OF_CHECK 1000 /* of SQLite's machine, between looks at the clock */

struct query {
	const struct sql_request *request;
	sqlite3 *sqlite;
	struct sql_dumps *dumps;
	sqlite3_stmt *stmt;
	uint64_t deadline_ns; /* CLOCK_MONOTONIC */
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void say(struct sql_error *why, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct sql_error *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
}

/* ---- what is allowed ---------------------------------------------------------------------- */

static bool is_one_of(const char *name, const char *const *names)
{
	for (; name && *names; names++) {
		if (!sqlite3_stricmp(name, *names))
			return true;
	}
	return false;
}

/* Called by SQLite for each thing that a statement does, while it is prepared. */
static int authorize(void *context, int action, const char *first, const char *second,
		     const char *database, const char *source)
{
	static const char *const pragmas[] = {"table_list",  "table_info",    "table_xinfo",
					      "module_list", "function_list", NULL};
	static const char *const functions[] = {"load_extension", "fts3_tokenizer", "sqlite_log",
						NULL};

	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return is_one_of(second, functions) ? SQLITE_DENY : SQLITE_OK;
	case SQLITE_PRAGMA:
		return is_one_of(first, pragmas) ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

/* Called by SQLite every STEPS_OF_CHECK; not 0 ends the statement. */
static int check_time(void *context)
{
	const struct query *query = context;

	return query->deadline_ns && now_ns() > query->deadline_ns;
}

static void set_limits(sqlite3 *sqlite)
{
	static const struct {
		int limit, value;
	} limits[] = {
		{SQLITE_LIMIT_LENGTH, VALUE_MAX},	  {SQLITE_LIMIT_COLUMN, COLUMNS_MAX},
		{SQLITE_LIMIT_EXPR_DEPTH, 200},		  {SQLITE_LIMIT_COMPOUND_SELECT, 50},
		{SQLITE_LIMIT_VDBE_OP, 1000000},	  {SQLITE_LIMIT_ATTACHED, 0},
		{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000}, {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
		{SQLITE_LIMIT_WORKER_THREADS, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		sqlite3_limit(sqlite, limits[i].limit, limits[i].value);
}

/* Tables come into being when they are first named, which is a CREATE TABLE to the authorizer. */
static int connect_tables(sqlite3 *sqlite)
{
	struct sql_table table;
	int code = SQLITE_OK;

	for (size_t i = 0; code == SQLITE_OK && sql_table_at(i, &table); i++) {
		char *text = sqlite3_mprintf("SELECT 1 FROM \"%w\"", table.name);
		sqlite3_stmt *stmt = NULL;

		code = text ? sqlite3_prepare_v2(sqlite, text, -1, &stmt, NULL) : SQLITE_NOMEM;
		sqlite3_finalize(stmt);
		sqlite3_free(text);
	}
	return code;
}

static int open_connection(struct query *query)
{
	int code = sqlite3_open_v2(":memory:", &query->sqlite,
				   SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX,
				   NULL);

	if (code == SQLITE_OK)
		code = sqlite3_exec(query->sqlite, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = module_add_all(query->sqlite, query->dumps);
	if (code == SQLITE_OK)
		code = connect_tables(query->sqlite);
	if (code != SQLITE_OK)
		return code == SQLITE_NOMEM ? -ENOMEM : -EIO;
	sqlite3_hard_heap_limit64(MEMORY_MAX);
	sqlite3_db_config(query->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(query->sqlite, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	set_limits(query->sqlite);
	sqlite3_set_authorizer(query->sqlite, authorize, NULL);
	if (query->request->timeout_ns)
		query->deadline_ns = now_ns() + query->request->timeout_ns;
	sqlite3_progress_handler(query->sqlite, STEPS_OF_CHECK, check_time, query);
	return 0;
}

/* ---- the statement ------------------------------------------------------------------------ */

/* What SQLite says, as an errno. */
static int translate(const struct query *query, int code, struct sql_error *why)
{
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		say(why, "out of memory: the query needs more than %lld MiB", MEMORY_MAX >> 20);
		return -ENOMEM;
	case SQLITE_INTERRUPT:
		say(why, "stopped after the time that --timeout sets");
		return -ETIME;
	case SQLITE_AUTH:
		say(why, "not allowed: only SELECT over the dumps' tables is");
		return -EINVAL;
	default:
		say(why, "%s", sqlite3_errmsg(query->sqlite));
		return query->stmt ? -EIO : -EINVAL;
	}
}

static int prepare(struct query *query, struct sql_error *why)
{
	const char *rest = NULL;
	int code = sqlite3_prepare_v2(query->sqlite, query->request->text, -1, &query->stmt, &rest);
	sqlite3_stmt *second = NULL;

	if (code != SQLITE_OK)
		return translate(query, code, why);
	if (!query->stmt) {
		say(why, "there is no statement in it");
		return -EINVAL;
	}
	/* Comments and spaces give none. */
	code = sqlite3_prepare_v2(query->sqlite, rest, -1, &second, NULL);
	sqlite3_finalize(second);
	if (code != SQLITE_OK || second) {
		say(why, "more than one statement");
		return -EINVAL;
	}
	if (sqlite3_stmt_readonly(query->stmt) && sqlite3_column_count(query->stmt))
		return 0;
	say(why, "not allowed: only SELECT over the dumps' tables is");
	return -EINVAL;
}

static struct sql_value value_at(sqlite3_stmt *stmt, int column)
{
	struct sql_value value = {0};

	switch (sqlite3_column_type(stmt, column)) {
	case SQLITE_INTEGER:
		value.kind = SQL_INT;
		value.number = sqlite3_column_int64(stmt, column);
		break;
	case SQLITE_FLOAT:
		value.kind = SQL_REAL;
		value.real = sqlite3_column_double(stmt, column);
		break;
	case SQLITE_TEXT:
		value.kind = SQL_TEXT;
		value.data = sqlite3_column_text(stmt, column);
		value.bytes = (size_t)sqlite3_column_bytes(stmt, column);
		break;
	case SQLITE_BLOB:
		value.kind = SQL_BLOB;
		value.data = sqlite3_column_blob(stmt, column);
		value.bytes = (size_t)sqlite3_column_bytes(stmt, column);
		break;
	default:
		break;
	}
	return value;
}

static int give_names(const struct query *query, size_t columns)
{
	const char *names[COLUMNS_MAX];

	for (size_t i = 0; i < columns; i++) {
		names[i] = sqlite3_column_name(query->stmt, (int)i);
		if (!names[i])
			return -ENOMEM;
	}
	return query->request->begin(query->request->user, columns, names);
}

static int give_row(const struct query *query, size_t columns)
{
	struct sql_value values[COLUMNS_MAX];

	for (size_t i = 0; i < columns; i++) {
		values[i] = value_at(query->stmt, (int)i);
		if (values[i].kind == SQL_TEXT && !values[i].data)
			return -ENOMEM;
	}
	return query->request->row(query->request->user, columns, values);
}

static int run(struct query *query, struct sql_error *why)
{
	size_t columns = (size_t)sqlite3_column_count(query->stmt);
	int err, code;

	if (columns > COLUMNS_MAX) {
		say(why, "more than %d columns", COLUMNS_MAX);
		return -EINVAL;
	}
	err = give_names(query, columns);
	while (!err && (code = sqlite3_step(query->stmt)) != SQLITE_DONE)
		err = code == SQLITE_ROW ? give_row(query, columns) : translate(query, code, why);
	return err;
}

int sql_query(const struct sql_request *request, struct sql_error *ret_why)
{
	struct query query = {.request = request, .dumps = sql_dumps_new()};
	int err = -ENOMEM;

	say(ret_why, "out of memory");
	if (query.dumps) {
		query.dumps->paths = request->paths;
		query.dumps->count = request->count;
		query.dumps->opened = request->opened;
		query.dumps->user = request->user;
		err = open_connection(&query);
	}
	if (!err)
		err = prepare(&query, ret_why);
	if (!err)
		err = run(&query, ret_why);
	sqlite3_finalize(query.stmt);
	sqlite3_close(query.sqlite);
	sql_dumps_unref(query.dumps);
	return err;
}
