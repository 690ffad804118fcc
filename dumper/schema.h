/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of a dump file, schema versions 1 to 3: names and SQL.  docs/dump-format.md says what
 * the columns mean; dumper/row.h moves rows between them and C structs.
 */
#ifndef DUMPER_SCHEMA_H
#define DUMPER_SCHEMA_H

#include "common/db.h"

#define SCHEMA_APPLICATION_ID 0x49475243 /* "IGRC", PRAGMA application_id */
#define SCHEMA_VERSION	      3		 /* PRAGMA user_version; of what is written */

/* In the order in which they are created and filled: what matters most comes first in the file. */
enum schema_table {
	SCHEMA_DUMP,	  /* one row */
	SCHEMA_CONTAINER, /* one row */
	SCHEMA_FAILURE,	  /* one row */
	SCHEMA_FINDING,
	SCHEMA_LANE, /* one row for each lane */
	SCHEMA_TASK,
	SCHEMA_FD,
	SCHEMA_VITAL,
	SCHEMA_SAMPLE,
	SCHEMA_LOG,
	SCHEMA_SYSCALL,
	SCHEMA_CHUNK,
	SCHEMA_CHECKSUM, /* one row for each table above */
	SCHEMA_TABLES,
};

const char *schema_table_name(enum schema_table table);
/* The text exactly as sqlite_schema.sql of a file of that version holds it; NULL if that version
 * lacks the table. A later version has the columns of the earlier ones, and maybe more behind
 * them. */
const char *schema_create_sql(enum schema_table table, unsigned version);
/* The statement that reads rows by rowid, from behind :after on. Columns are those of
 * SCHEMA_VERSION, what the file's version has not being empty; the last is the rowid. */
size_t schema_select(enum schema_table table, unsigned version);

/* The statements of writer and reader, for db_create() and db_open(). */
extern const struct db_statements schema_statements;

/* Statements by their index. */
#define SCHEMA_INSERT(table) ((size_t)(table))
#define SCHEMA_SELECT(table) ((size_t)SCHEMA_TABLES + (size_t)(table)) /* see schema_select() */
enum schema_statement {
	SCHEMA_SELECT_CONTAINER_1 = 2 * SCHEMA_TABLES,
	SCHEMA_SELECT_FINDING_1,
	SCHEMA_SELECT_DUMP_2,
	SCHEMA_SELECT_TASK_2,
	SCHEMA_SELECT_LANE_2,
	SCHEMA_SELECT_CHUNK_2,
	SCHEMA_OBJECTS,	  /* type, name, sql of everything in the file */
	SCHEMA_INTEGRITY, /* SQLite's own check: one row "ok", or lines of what is wrong */
	SCHEMA_STATEMENTS,
};

/* Page size, identity and all tables, inside a transaction that is left open. Large files are read
 * faster with larger pages. 0 or -errno. */
int schema_create(struct db *db, bool large);

#endif
