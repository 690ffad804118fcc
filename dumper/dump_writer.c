/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last step of recording: snapshot -> tables and chunks -> one published file.  Runs in a
 * worker thread of igrecd.  All goes into a temporary file of the store in one transaction;
 * any failure throws that file away.
 */
#include <errno.h>
#include <sys/random.h>

#include "common/cleanup.h"
#include "decode/syscall_table.h"
#include "dumper/chunk.h"
#include "dumper/chunk_data.h"
#include "dumper/dump_writer.h"
#include "dumper/lane_whole.h"
#include "dumper/row.h"
#include "dumper/summary.h"

/* Of the records that a dump with larger pages has. Half a page is lost for each chunk then. */
#define LARGE_TAPE_BYTES (2UL << 20)

static int write_dump_row(struct db *db, const struct snapshot *snapshot,
			  const struct dump_origin *origin)
{
	const struct row_dump row = {
		.id = (char *)origin->id,
		.igrec_version = (char *)IGREC_VERSION,
		.arch = (char *)origin->arch,
		.abi_version = origin->abi_version,
		.taken_ns = snapshot->taken_ns,
		.realtime_offset_ns = snapshot->realtime_offset_ns,
		.started_ns = snapshot->started_ns,
		.init_tgid = snapshot->init_tgid,
		.cpus = snapshot->cpus,
		.ring_bytes = snapshot->ring_bytes,
		.payload = snapshot->payload,
		.payload_bytes = snapshot->payload_bytes,
		.truncated = snapshot->truncated,
		.unreadable = snapshot->unreadable,
		.masked = snapshot->masked,
		.log_file = snapshot->log_file,
	};

	return row_write(db, SCHEMA_DUMP, &row);
}

static int write_cause(struct db *db, const struct dump_cause *cause)
{
	struct row_finding row = {.rank = 1};

	if (!cause || !cause->sentence || !cause->sentence[0])
		return 0;
	row.sentence = (char *)cause->sentence;
	row.confidence = (char *)(cause->confidence ? cause->confidence : "");
	row.kind = (char *)(cause->kind ? cause->kind : "");
	row.object = (char *)cause->object;
	return row_write(db, SCHEMA_FINDING, &row);
}

static int write_lane_row(struct db *db, const struct snapshot *snapshot, enum igrec_lane number)
{
	const struct snapshot_lane *lane = &snapshot->lane[number];
	struct chunk_window window = {};
	struct row_lane row = {
		.lane = number,
		.written = lane->written,
		.overwritten = lane->overwritten,
		.overwritten_bytes = lane->overwritten_bytes,
		.dropped = lane->dropped,
		.torn_blocks = lane->torn_blocks,
		.torn_records = lane->torn_records,
		.blocks = lane->n_blocks,
		.whole_ns = lane_whole_since(lane, snapshot->cpus),
	};

	for (size_t i = 0; i < lane->n_blocks; i++) {
		const struct snapshot_block *block = &lane->blocks[i];

		row.records += block->records;
		row.bytes += block->bytes;
		chunk_window_add(&window, lane->data + block->offset, block->bytes);
	}
	row.first_ns = window.first_ns;
	row.last_ns = window.last_ns;
	return row_write(db, SCHEMA_LANE, &row);
}

/* One row for each element of an array. */
static int write_rows(struct db *db, enum schema_table table, const void *rows, size_t count,
		      size_t row_bytes)
{
	int err = 0;

	for (size_t i = 0; i < count && !err; i++)
		err = row_write(db, table, (const char *)rows + i * row_bytes);
	return err;
}

static int write_summary(struct db *db, const struct snapshot *snapshot)
{
	CLEANUP(summary_done) struct summary summary = {};
	int err;

	err = summary_make(snapshot, &summary);
	if (err)
		return err;
	return write_rows(db, SCHEMA_SYSCALL, summary.totals, summary.count,
			  sizeof(*summary.totals));
}

/* What was around the tape. */
static int write_surroundings(struct db *db, const struct snapshot *snapshot)
{
	const struct {
		enum schema_table table;
		const void *rows;
		size_t count, row_bytes;
	} arrays[] = {
		{SCHEMA_TASK, snapshot->tasks, snapshot->n_tasks, sizeof(*snapshot->tasks)},
		{SCHEMA_TASK, snapshot->oom_tasks, snapshot->n_oom_tasks,
		 sizeof(*snapshot->oom_tasks)},
		{SCHEMA_FD, snapshot->fds, snapshot->n_fds, sizeof(*snapshot->fds)},
		{SCHEMA_VITAL, snapshot->vitals, snapshot->n_vitals, sizeof(*snapshot->vitals)},
		{SCHEMA_SAMPLE, snapshot->samples, snapshot->n_samples, sizeof(*snapshot->samples)},
		{SCHEMA_LOG, snapshot->log, snapshot->n_log, sizeof(*snapshot->log)},
	};
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(arrays) && !err; i++)
		err = write_rows(db, arrays[i].table, arrays[i].rows, arrays[i].count,
				 arrays[i].row_bytes);
	return err ? err : write_summary(db, snapshot);
}

static int write_tables(struct db *db, const struct snapshot *snapshot,
			const struct dump_cause *cause, const struct dump_origin *origin)
{
	int err;

	err = write_dump_row(db, snapshot, origin);
	if (!err)
		err = row_write(db, SCHEMA_CONTAINER, &snapshot->identity);
	if (!err)
		err = row_write(db, SCHEMA_FAILURE, &snapshot->failure);
	if (!err)
		err = write_cause(db, cause);
	for (int lane = 0; lane < IGREC_LANES && !err; lane++)
		err = write_lane_row(db, snapshot, (enum igrec_lane)lane);
	return err ? err : write_surroundings(db, snapshot);
}

static int write_chunk(struct db *db, struct chunk_packer *packer, const struct buf *raw,
		       struct chunk *chunk)
{
	int err;

	err = chunk_data_pack(packer, raw->data, raw->bytes);
	if (err)
		return err;
	chunk->data = packer->data.data;
	chunk->bytes = packer->data.bytes;
	chunk->xxh64 = chunk_checksum(chunk);
	return row_write(db, SCHEMA_CHUNK, chunk);
}

static int write_lane_chunks(struct db *db, struct chunk_packer *packer,
			     const struct snapshot_lane *lane, enum igrec_lane number,
			     struct buf *raw)
{
	struct chunk chunk;
	uint32_t seq = 0;
	int blocks, err;

	for (size_t first = 0; first < lane->n_blocks; first += (size_t)blocks) {
		blocks = chunk_pack(lane, first, raw, &chunk);
		if (blocks < 0)
			return blocks;
		chunk.lane = number;
		chunk.seq = seq++;
		err = write_chunk(db, packer, raw, &chunk);
		if (err)
			return err;
	}
	return 0;
}

static int write_chunks(struct db *db, const struct snapshot *snapshot)
{
	CLEANUP(chunk_packer_done) struct chunk_packer packer;
	CLEANUP(buf_done) struct buf raw = {};
	int err;

	err = chunk_packer_init(&packer);
	for (int lane = 0; lane < IGREC_LANES && !err; lane++)
		err = write_lane_chunks(db, &packer, &snapshot->lane[lane], (enum igrec_lane)lane,
					&raw);
	return err;
}

/* The checksum of a table as it now stands in the file. */
static int write_checksum(struct db *db, enum schema_table table)
{
	struct row_checksum row = {.name = (char *)schema_table_name(table)};
	AUTO_DB_STMT struct db_stmt *stmt = NULL;
	struct checksum checksum;
	int err;

	err = db_take(db, SCHEMA_SELECT(table), &stmt);
	if (!err)
		err = db_bind_int(stmt, ":after", 0);
	if (err)
		return err;
	checksum_init(&checksum);
	while ((err = db_step(stmt)) == 1) {
		row_checksum_add(&checksum, stmt, table, SCHEMA_VERSION);
		row.rows++;
	}
	row.xxh64 = checksum_value(&checksum);
	return err ? err : row_write(db, SCHEMA_CHECKSUM, &row);
}

static int write_file(const char *path, const struct snapshot *snapshot,
		      const struct dump_cause *cause, const struct dump_origin *origin)
{
	AUTO_DB struct db *db = NULL;
	int err;

	err = db_create(path, &schema_statements, &db);
	if (!err)
		err = schema_create(db, snapshot_tape_bytes(snapshot) > LARGE_TAPE_BYTES);
	if (!err)
		err = write_tables(db, snapshot, cause, origin);
	if (!err)
		err = write_chunks(db, snapshot);
	for (int table = 0; table < SCHEMA_CHECKSUM && !err; table++)
		err = write_checksum(db, (enum schema_table)table);
	return err ? err : db_run(db, "COMMIT");
}

static int id_new(char ret[DUMP_ID_LENGTH + 1])
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	snprintf(ret, DUMP_ID_LENGTH + 1, "%012llx",
		 (unsigned long long)(random & 0xffffffffffffULL));
	return 0;
}

void dump_write_name(const struct snapshot *snapshot, const char *id, struct dump_name *ret)
{
	const struct container_identity *identity = &snapshot->identity;

	dump_name_set(ret, (int64_t)snapshot->failure.time_ns + snapshot->realtime_offset_ns,
		      identity->namespace, identity->pod,
		      identity->container ? identity->container : identity->container_id,
		      failure_kind_name(snapshot->failure.kind), id);
}

/* The whole file under a temporary name; there is none on failure. */
static int write_temp(const struct snapshot *snapshot, const struct dump_cause *cause,
		      const struct dump_origin *origin, struct store *store, char **ret_temp)
{
	int err = store_temp_new(store, ret_temp);

	if (err)
		return err;
	err = write_file(*ret_temp, snapshot, cause, origin);
	if (err)
		store_temp_discard(store, *ret_temp);
	return err;
}

int dump_write(const struct snapshot *snapshot, const struct dump_cause *cause, struct store *store,
	       char **ret_file)
{
	char id[DUMP_ID_LENGTH + 1], text[DUMP_NAME_ROOM];
	const struct dump_origin origin = {id, arch_name(ARCH_HOST), IGREC_ABI_VERSION};
	struct dump_name name;
	AUTO_FREE char *file = NULL;
	AUTO_FREE char *temp = NULL;
	int err;

	err = id_new(id);
	if (err)
		return err;
	dump_write_name(snapshot, id, &name);
	dump_name_format(&name, text);
	file = strdup(text);
	if (!file)
		return -ENOMEM;
	err = write_temp(snapshot, cause, &origin, store, &temp);
	if (!err)
		err = store_temp_commit(store, temp, file);
	if (!err && ret_file)
		*ret_file = TAKE_PTR(file);
	return err;
}

int dump_write_copy(const struct snapshot *snapshot, const struct dump_cause *cause,
		    const struct dump_origin *origin, struct store *store, const char *file,
		    bool replace)
{
	AUTO_FREE char *temp = NULL;
	int err = write_temp(snapshot, cause, origin, store, &temp);

	return err ? err : store_temp_commit_copy(store, temp, file, replace);
}
