/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks a table by rowid.  The writer numbers rows from 1 without gaps, so after a row that
 * SQLite cannot read the walk goes on behind it, as far as the table's checksum row says that
 * there are rows.
 */
#include <errno.h>

#include "replay/table_walk.h"

/* Bounds on the work that a hostile file can cause. */
#define DAMAGED_ROWS_MAX    16
#define UNREADABLE_ROWS_MAX 64

/* What a walk came to. */
struct tally {
	uint64_t rows, damaged, unreadable;
	int64_t last_rowid;
	struct checksum checksum;
	bool ended; /* given up before the end of the table */
};

static const char *name_of(const struct table_walk *walk)
{
	return schema_table_name(walk->table);
}

static int visit_row(const struct table_walk *walk, struct db_stmt *stmt)
{
	int err;

	err = row_read(stmt, walk->table, walk->budget, walk->row);
	if (!err) {
		if (walk->visit)
			err = walk->visit(walk->context, walk->row);
		row_done(walk->table, walk->row);
	}
	return err;
}

static int take_row(const struct table_walk *walk, struct db_stmt *stmt, struct tally *tally,
		    struct dump_faults *faults)
{
	int err;

	if (tally->rows == walk->rows_max || tally->damaged == DAMAGED_ROWS_MAX) {
		dump_faults_add(faults, "table %s: too many%s rows", name_of(walk),
				tally->damaged == DAMAGED_ROWS_MAX ? " damaged" : "");
		tally->ended = true;
		return 0;
	}
	tally->rows++;
	err = visit_row(walk, stmt);
	if (err == 0) {
		row_checksum_add(&tally->checksum, stmt, walk->table, walk->version);
	} else if (err != -ENOMEM) {
		tally->damaged++;
		dump_faults_add(faults, "table %s: row %lld is damaged", name_of(walk),
				(long long)tally->last_rowid);
	}
	return err == -ENOMEM ? err : 0;
}

/* From behind the last row to the end of the table, or to a row that cannot be read: then the
 * error of SQLite. */
static int walk_on(const struct table_walk *walk, struct db_stmt *stmt, struct tally *tally,
		   struct dump_faults *faults)
{
	int err;

	db_again(stmt);
	err = db_bind_int(stmt, ":after", tally->last_rowid);
	while (!err && !tally->ended && (err = db_step(stmt)) == 1) {
		tally->last_rowid = row_rowid(stmt, walk->table);
		err = take_row(walk, stmt, tally, faults);
	}
	return err;
}

/* Steps over a row that cannot be read. */
static void skip_row(const struct table_walk *walk, struct tally *tally, struct dump_faults *faults)
{
	if (tally->unreadable++ == 0)
		dump_faults_add(faults, "table %s: not readable after row %lld: %s", name_of(walk),
				(long long)tally->last_rowid, db_error(walk->db));
	tally->last_rowid++;
	if (!walk->expected || (uint64_t)tally->last_rowid >= walk->expected->rows ||
	    tally->unreadable == UNREADABLE_ROWS_MAX)
		tally->ended = true;
}

static void check_tally(const struct table_walk *walk, const struct tally *tally,
			struct dump_faults *faults)
{
	const struct row_checksum *expected = walk->expected;

	if (tally->ended || tally->damaged || tally->unreadable)
		return;
	if (!expected)
		dump_faults_add(faults, "table %s: its checksum is not there", name_of(walk));
	else if (tally->rows != expected->rows)
		dump_faults_add(faults, "table %s: %llu rows instead of %llu", name_of(walk),
				(unsigned long long)tally->rows,
				(unsigned long long)expected->rows);
	else if (checksum_value(&tally->checksum) != expected->xxh64)
		dump_faults_add(faults, "table %s: wrong checksum", name_of(walk));
}

int table_walk(const struct table_walk *walk, struct dump_faults *faults)
{
	AUTO_DB_STMT struct db_stmt *stmt = NULL;
	struct tally tally = {};
	int err;

	checksum_init(&tally.checksum);
	err = db_take(walk->db, schema_select(walk->table, walk->version), &stmt);
	if (err && err != -ENOMEM) {
		dump_faults_add(faults, "table %s: not readable: %s", name_of(walk),
				db_error(walk->db));
		return 0;
	}
	while (!err && !tally.ended) {
		err = walk_on(walk, stmt, &tally, faults);
		if (err == 0)
			break;
		if (err != -ENOMEM) {
			skip_row(walk, &tally, faults);
			err = 0;
		}
	}
	if (!err && walk->table != SCHEMA_CHECKSUM)
		check_tally(walk, &tally, faults);
	return err;
}
