/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader's face: opens a dump file, keeps what was read of it, and verifies the rest on
 * demand.  The first stage of replay.
 */
#include <errno.h>

#include "decode/event.h"
#include "replay/dump.h"
#include "replay/dump_file.h"
#include "replay/dump_tables.h"

struct dump {
	char *path;
	struct dump_file file;
	struct dump_tables tables;
	struct dump_faults faults;
	enum dump_extent extent;
	const struct dump_part *part; /* while it is read; NULL: all */
	bool is_part;
	bool verified;
};

DEFINE_CLEANUP(dump, struct dump *, dump_free)

/* Why the tables could not be read, in a line. */
static void explain(const struct dump *dump, int err, struct dump_fault *ret_why)
{
	if (err == -EPROTONOSUPPORT)
		dump_fault_set(ret_why,
			       "has records of layout %u, this igrec reads up to %d: use a newer "
			       "igrec",
			       dump->tables.head.abi_version, IGREC_ABI_VERSION);
	else if (err == -EUCLEAN && dump->faults.count > 0)
		dump_fault_set(ret_why, "is damaged: %s",
			       dump->faults.list[dump->faults.count - 1].text);
	else
		dump_fault_set(ret_why, "is damaged: %s", db_error(dump->file.db));
}

static int read_tables(struct dump *dump, struct dump_fault *ret_why)
{
	int err;

	err = dump_tables_read(dump->file.db, dump->extent, dump->part, &dump->faults,
			       &dump->tables);
	if (dump->faults.failed)
		err = -ENOMEM;
	if (err == 0 || err == -ENOMEM)
		return err;
	explain(dump, err, ret_why);
	return err == -EPROTONOSUPPORT ? err : -EUCLEAN;
}

static int open_any(const char *path, enum dump_extent extent, const struct dump_part *part,
		    struct dump **ret, struct dump_fault *ret_why)
{
	CLEANUP(cleanup_dump) struct dump *dump = calloc(1, sizeof(*dump));
	int err;

	dump_fault_set(ret_why, "out of memory");
	if (!dump)
		return -ENOMEM;
	dump->extent = extent;
	dump->part = part;
	dump->is_part = part;
	dump->path = strdup(path);
	if (!dump->path)
		return -ENOMEM;
	err = dump_file_open(path, &dump->faults, &dump->file, ret_why);
	if (!err)
		err = read_tables(dump, ret_why);
	if (err)
		return err;
	dump->part = NULL;
	if (extent == DUMP_HEADER)
		dump_file_close(&dump->file);
	*ret = TAKE_PTR(dump);
	return 0;
}

int dump_open(const char *path, struct dump **ret, struct dump_fault *ret_why)
{
	return open_any(path, DUMP_WHOLE, NULL, ret, ret_why);
}

int dump_open_lazily(const char *path, struct dump **ret, struct dump_fault *ret_why)
{
	return open_any(path, DUMP_LAZY, NULL, ret, ret_why);
}

int dump_open_header(const char *path, struct dump **ret, struct dump_fault *ret_why)
{
	return open_any(path, DUMP_HEADER, NULL, ret, ret_why);
}

int dump_open_part(const char *path, const struct dump_part *part, struct dump **ret,
		   struct dump_fault *ret_why)
{
	return open_any(path, DUMP_WHOLE, part, ret, ret_why);
}

void dump_free(struct dump *dump)
{
	if (!dump)
		return;
	dump_tables_done(&dump->tables);
	dump_file_close(&dump->file);
	dump_faults_done(&dump->faults);
	free(dump->path);
	free(dump);
}

const struct snapshot *dump_snapshot(const struct dump *dump)
{
	return dump->tables.snapshot;
}

struct snapshot *dump_snapshot_to_change(struct dump *dump)
{
	return dump->tables.snapshot;
}

uint32_t dump_abi(const struct dump *dump)
{
	return dump->tables.head.abi_version;
}

const char *dump_path(const struct dump *dump)
{
	return dump->path;
}

const char *dump_id(const struct dump *dump)
{
	return dump->tables.head.id;
}

const char *dump_arch(const struct dump *dump)
{
	return dump->tables.head.arch;
}

const char *dump_cause(const struct dump *dump)
{
	return dump->tables.cause ? dump->tables.cause : "";
}

const char *dump_version(const struct dump *dump)
{
	return dump->tables.head.igrec_version;
}

size_t dump_faults(const struct dump *dump, const struct dump_fault **ret)
{
	*ret = dump->faults.list;
	return dump->faults.count;
}

/* ---- verifying -------------------------------------------------------------------------- */

static bool block_is_sound(const unsigned char *records, const struct snapshot_block *block,
			   enum igrec_lane lane)
{
	uint32_t count = 0;
	struct event event;
	int size;

	for (size_t at = 0; at < block->bytes; at += (size_t)size, count++) {
		size = event_parse(records + at, block->bytes - at, lane, &event);
		if (size <= 0)
			return false;
	}
	return count == block->records;
}

static void verify_lane(struct dump *dump, enum igrec_lane number)
{
	const struct snapshot_lane *lane = &dump->tables.snapshot->lane[number];
	uint64_t first = 0;
	size_t bad = 0;

	for (size_t i = 0; i < lane->n_blocks; i++) {
		const struct snapshot_block *block = &lane->blocks[i];

		if (block_is_sound(lane->data + block->offset, block, number))
			continue;
		if (bad++ == 0)
			first = block->sequence;
	}
	if (bad > 0)
		dump_faults_add(&dump->faults,
				"lane %s: %zu blocks hold bytes that are no records, first block "
				"%llu",
				row_lane_name(number), bad, (unsigned long long)first);
}

/* SQLite's check evaluates what the schema says, so it is not run on a foreign one. */
static int verify_database(struct dump *dump)
{
	AUTO_DB_STMT struct db_stmt *stmt = NULL;
	size_t bytes;
	int err;

	if (!dump->tables.whole_schema)
		return 0;
	err = db_take(dump->file.db, SCHEMA_INTEGRITY, &stmt);
	while (!err && (err = db_step(stmt)) == 1) {
		const char *line = db_column_data(stmt, 0, &bytes);

		if (line && strcmp(line, "ok") != 0)
			dump_faults_add(&dump->faults, "database: %.*s", (int)bytes, line);
		err = line ? 0 : -ENOMEM;
	}
	if (err && err != -ENOMEM)
		dump_faults_add(&dump->faults, "database: %s", db_error(dump->file.db));
	return err == -ENOMEM ? err : 0;
}

int dump_verify(struct dump *dump)
{
	int err = 0;

	if (dump->extent != DUMP_WHOLE || dump->is_part)
		return -EINVAL;
	if (!dump->verified) {
		err = verify_database(dump);
		for (int lane = 0; lane < IGREC_LANES; lane++)
			verify_lane(dump, (enum igrec_lane)lane);
	}
	if (err || dump->faults.failed)
		return -ENOMEM;
	dump->verified = true;
	return dump->faults.count ? -EUCLEAN : 0;
}
