/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of a dump file's tables as C structs, written and read by one description of each table,
 * and the checksum of a table.
 *
 *   table      struct                       from
 *   dump       row_dump                     below
 *   container  container_identity           dumper/snapshot.h
 *   failure    failure                      dumper/snapshot.h
 *   finding    row_finding                  below
 *   lane       row_lane                     below
 *   task       snapshot_task                dumper/snapshot.h
 *   fd         snapshot_fd                  dumper/snapshot.h
 *   vital      snapshot_vital               dumper/snapshot.h
 *   sample     snapshot_sample              dumper/snapshot.h
 *   log        snapshot_log                 dumper/snapshot.h
 *   syscall    syscall_total                dumper/summary.h
 *   chunk      chunk                        dumper/chunk.h
 *   checksum   row_checksum                 below
 *
 * Unsigned 64-bit values are stored as the signed number with the same bits.
 */
#ifndef DUMPER_ROW_H
#define DUMPER_ROW_H

#include "common/checksum.h"
#include "dumper/schema.h"
#include "dumper/snapshot.h"

/* Longer texts and argvs are cut when written and refused when read. */
#define ROW_TEXT_BYTES (64 * 1024 - 1)

struct row_dump {
	char *id;
	char *igrec_version;
	char *arch;
	uint32_t abi_version;
	uint64_t taken_ns;
	int64_t realtime_offset_ns;
	uint64_t started_ns;
	uint32_t init_tgid;
	uint32_t cpus;
	uint64_t ring_bytes;
	uint32_t payload; /* enum igrec_payload_policy */
	uint32_t payload_bytes;
	uint64_t truncated;
	uint64_t unreadable;
	uint64_t masked;
	char *log_file;
};

struct row_finding {
	uint32_t rank; /* 1 is the most probable cause */
	char *sentence;
	char *confidence; /* "" not known, as kind */
	char *kind;
	char *object; /* NULL: none */
};

struct row_lane {
	uint32_t lane; /* enum igrec_lane */
	uint64_t written, overwritten, overwritten_bytes, dropped, torn_blocks, torn_records;
	uint64_t blocks, records, bytes; /* on the tape */
	uint64_t first_ns, last_ns;	 /* of the records on the tape; 0 without any */
	uint64_t whole_ns;		 /* lane_whole_since(); since version 3 */
};

struct row_checksum {
	char *name;
	uint64_t rows;
	uint64_t xxh64;
};

/* "start", "vital", "flow". */
const char *row_lane_name(enum igrec_lane lane);
/* "none", "stdio", "all". */
const char *row_policy_name(enum igrec_payload_policy policy);

/* Adds one row. 0 or -errno. */
int row_write(struct db *db, enum schema_table table, const void *row);

/*
 * Fills *row, zeroed before, from the statement's current row; what it then owns is freed by
 * row_done(). `budget` is the number of bytes that strings and blobs may still take; it goes
 * down. 0; -EUCLEAN a value of a wrong type, out of range or too long; -EFBIG the budget is used
 * up; -ENOMEM. Nothing is owned on failure.
 */
int row_read(struct db_stmt *stmt, enum schema_table table, size_t *budget, void *row);
/* The number of the statement's current row. */
int64_t row_rowid(struct db_stmt *stmt, enum schema_table table);
void row_done(enum schema_table table, void *row);

/* Adds the current row to the checksum of a table of that schema version: every value but a chunk's
 * data, as its type in one byte ('N', 'I', 'T', 'B'), then 8 bytes of value, or 8 bytes of length
 * and the bytes. */
void row_checksum_add(struct checksum *checksum, struct db_stmt *stmt, enum schema_table table,
		      unsigned version);

/* The two kinds of value for other users of the same form. */
void row_checksum_int(struct checksum *checksum, int64_t value);
void row_checksum_bytes(struct checksum *checksum, char type, const void *data, size_t bytes);

#endif
