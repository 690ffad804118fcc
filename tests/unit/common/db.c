/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wrapper over SQLite: statements, types, codes, and what a reader must not be able to do.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/db.h"

enum { INSERT, SELECT, WRONG, COUNT };

static const char *const sql[] = {
	[INSERT] = "INSERT INTO t VALUES (:i, :t, :b)",
	[SELECT] = "SELECT i, t, b FROM t ORDER BY rowid",
	[WRONG] = "SELECT x FROM nowhere",
	[COUNT] = "SELECT count(*) FROM t",
};
static const struct db_statements statements = {sql, ARRAY_SIZE(sql)};

static int make(void **state)
{
	static char path[] = "/tmp/igrec-db-XXXXXX";
	struct db *db;

	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	close(mkostemp(path, O_CLOEXEC));
	*state = path;
	if (db_create(path, &statements, &db))
		return -1;
	assert_int_equal(db_run(db, "BEGIN; CREATE TABLE t (i INTEGER, t TEXT, b BLOB) STRICT"), 0);
	for (int i = 0; i < 3; i++) {
		AUTO_DB_STMT struct db_stmt *stmt = NULL;

		assert_int_equal(db_take(db, INSERT, &stmt), 0);
		assert_int_equal(db_bind_int(stmt, ":i", INT64_MIN + i), 0);
		if (i == 1) {
			assert_int_equal(db_bind_text(stmt, ":t", "t\xff", 2), 0);
			assert_int_equal(db_bind_blob(stmt, ":b", "\0b", 2), 0);
		}
		if (i == 2)
			assert_int_equal(db_bind_blob(stmt, ":b", "", 0), 0);
		assert_int_equal(db_step(stmt), 0);
	}
	assert_int_equal(db_run(db, "COMMIT"), 0);
	db_close(db);
	return 0;
}

static int drop(void **state)
{
	return unlink(*state);
}

static void values_come_back(void **state)
{
	AUTO_DB struct db *db = NULL;
	AUTO_DB_STMT struct db_stmt *stmt = NULL;
	size_t bytes;

	assert_int_equal(db_open(*state, &statements, &db), 0);
	assert_int_equal(db_take(db, SELECT, &stmt), 0);
	assert_int_equal(db_step(stmt), 1);
	assert_int_equal(db_column_type(stmt, 0), DB_INT);
	assert_int_equal(db_column_int(stmt, 0), INT64_MIN);
	assert_int_equal(db_column_type(stmt, 1), DB_NULL);
	assert_null(db_column_data(stmt, 1, &bytes));
	assert_int_equal(db_step(stmt), 1);
	assert_memory_equal(db_column_data(stmt, 1, &bytes), "t\xff", 3);
	assert_int_equal(bytes, 2);
	assert_memory_equal(db_column_data(stmt, 2, &bytes), "\0b", 2);
	assert_int_equal(bytes, 2);
	/* What the previous row bound was cleared when its statement was given back. */
	assert_int_equal(db_step(stmt), 1);
	assert_int_equal(db_column_type(stmt, 1), DB_NULL);
	assert_int_equal(db_column_type(stmt, 2), DB_BLOB);
	assert_non_null(db_column_data(stmt, 2, &bytes));
	assert_int_equal(bytes, 0);
	assert_int_equal(db_step(stmt), 0);
}

static void errors(void **state)
{
	AUTO_DB struct db *db = NULL;
	struct db_stmt *stmt = NULL;

	assert_int_equal(db_open("/nonexistent/x", &statements, &db), -ENOENT);
	assert_int_equal(db_create("/nonexistent/x", &statements, &db), -ENOENT);
	assert_null(db);
	assert_int_equal(db_open(*state, &statements, &db), 0);
	assert_int_equal(db_take(db, WRONG, &stmt), -EUCLEAN);
	assert_non_null(strstr(db_error(db), "nowhere"));
	assert_null(stmt);
}

static void readers_cannot_write(void **state)
{
	static const char *const attempts[] = {
		"INSERT INTO t VALUES (1, NULL, NULL)",
		"DELETE FROM t",
		"DROP TABLE t",
		"PRAGMA user_version = 5",
		"ATTACH DATABASE '/tmp/igrec-attached' AS other",
		"SELECT load_extension('x')",
		"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = ''",
	};
	AUTO_DB struct db *db = NULL;

	assert_int_equal(db_open(*state, &statements, &db), 0);
	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++) {
		if (db_run(db, attempts[i]) == 0)
			fail_msg("a reader could: %s", attempts[i]);
	}
	assert_int_equal(access("/tmp/igrec-attached", F_OK), -1);
}

static void limits_values(void **state)
{
	AUTO_DB struct db *db = NULL;
	AUTO_DB_STMT struct db_stmt *stmt = NULL;

	assert_int_equal(db_open(*state, &statements, &db), 0);
	db_limit_values(db, 100);
	assert_int_equal(db_run(db, "SELECT zeroblob(100)"), 0);
	assert_int_equal(db_run(db, "SELECT zeroblob(101)"), -EFBIG);
	assert_int_equal(db_take(db, COUNT, &stmt), 0);
	assert_int_equal(db_step(stmt), 1);
	assert_int_equal(db_column_int(stmt, 0), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values_come_back, make, drop),
		cmocka_unit_test_setup_teardown(errors, make, drop),
		cmocka_unit_test_setup_teardown(readers_cannot_write, make, drop),
		cmocka_unit_test_setup_teardown(limits_values, make, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
