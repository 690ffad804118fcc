/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts a dump's tables together to a snapshot: each row is checked by its description
 * (dumper/row.h), each table against its checksum (replay/table_walk.h), each chunk against its
 * own.  What does not check out is left out and becomes a fault.  Bounds: the number of rows, the
 * bytes of all texts, the bytes of all chunks packed and unpacked.
 */
#include <errno.h>

#include "dumper/chunk.h"
#include "dumper/summary.h"
#include "replay/dump_tables.h"
#include "replay/table_walk.h"

#define TEXT_BUDGET_BYTES    (64UL << 20)
#define CHUNK_BUDGET_BYTES   (64UL << 20)  /* four times the largest ring */
#define RECORDS_BUDGET_BYTES (128UL << 20) /* unpacked: more than a million records */
#define ROW_BYTES_MAX	     (1UL << 20)   /* of rows that are no chunks */
#define SCHEMA_OBJECTS_MAX   64

union row {
	struct row_dump dump;
	struct container_identity container;
	struct failure failure;
	struct row_finding finding;
	struct row_lane lane;
	struct snapshot_task task;
	struct snapshot_fd fd;
	struct snapshot_vital vital;
	struct snapshot_sample sample;
	struct snapshot_log log;
	struct syscall_total syscall;
	struct chunk chunk;
	struct row_checksum checksum;
};

struct reader {
	struct db *db;
	struct dump_faults *faults;
	struct dump_tables *out;
	unsigned version[SCHEMA_TABLES]; /* whose form the table has; 0: it is not there */
	bool has_checksum[SCHEMA_TABLES];
	struct row_checksum expected[SCHEMA_TABLES]; /* names are not set */
	bool has_head, has_failure, has_container;
	bool has_lane[IGREC_LANES];
	uint32_t next_seq[IGREC_LANES]; /* of chunks */
	size_t text_budget, packed_budget, raw_budget;
	const struct dump_part *part; /* NULL: everything */
	struct dump_unread unread[IGREC_LANES];
};

/* ---- growing arrays --------------------------------------------------------------------- */

/* Makes room for one more element; arrays grow at powers of two. */
static int grow(void *array, size_t count, size_t element_bytes)
{
	void **slot = array;
	void *grown;

	if (count & (count - 1) || (count == 0 && *slot))
		return 0;
	grown = reallocarray(*slot, count ? 2 * count : 1, element_bytes);
	if (!grown)
		return -ENOMEM;
	*slot = grown;
	return 0;
}

/* ---- visitors: one for each table ------------------------------------------------------- */

static bool is_dump_id(const char *id)
{
	return strlen(id) == 12 && strspn(id, "0123456789abcdef") == 12;
}

static int visit_dump(void *context, void *any)
{
	struct reader *reader = context;
	union row *row = any;
	if (reader->has_head || !is_dump_id(row->dump.id))
		return -EUCLEAN;
	reader->has_head = true;
	reader->out->head = row->dump;
	row->dump = (struct row_dump){};
	return 0;
}

static int visit_container(void *context, void *any)
{
	struct reader *reader = context;
	union row *row = any;
	if (reader->has_container)
		return -EUCLEAN;
	reader->has_container = true;
	reader->out->snapshot->identity = row->container;
	row->container = (struct container_identity){};
	return 0;
}

static int visit_failure(void *context, void *any)
{
	struct reader *reader = context;
	union row *row = any;
	if (reader->has_failure)
		return -EUCLEAN;
	reader->has_failure = true;
	reader->out->snapshot->failure = row->failure;
	return 0;
}

static int visit_finding(void *context, void *any)
{
	struct reader *reader = context;
	union row *row = any;
	if (row->finding.rank == 1 && !reader->out->cause)
		reader->out->cause = TAKE_PTR(row->finding.sentence);
	return 0;
}

static int visit_lane(void *context, void *any)
{
	struct reader *reader = context;
	union row *row = any;
	struct snapshot_lane *lane = &reader->out->snapshot->lane[row->lane.lane];

	if (reader->has_lane[row->lane.lane])
		return -EUCLEAN;
	reader->has_lane[row->lane.lane] = true;
	reader->out->lanes[row->lane.lane] = row->lane;
	lane->written = row->lane.written;
	lane->overwritten = row->lane.overwritten;
	lane->overwritten_bytes = row->lane.overwritten_bytes;
	lane->dropped = row->lane.dropped;
	lane->torn_blocks = row->lane.torn_blocks;
	lane->torn_records = row->lane.torn_records;
	return 0;
}

static int visit_task(void *context, void *any)
{
	struct reader *reader = context;
	union row *row = any;
	struct snapshot *snapshot = reader->out->snapshot;

	struct snapshot_task **tasks = row->task.at_oom ? &snapshot->oom_tasks : &snapshot->tasks;
	size_t *count = row->task.at_oom ? &snapshot->n_oom_tasks : &snapshot->n_tasks;

	if (grow(tasks, *count, sizeof(**tasks)))
		return -ENOMEM;
	(*tasks)[(*count)++] = row->task;
	row->task = (struct snapshot_task){};
	return 0;
}

static int visit_sample(void *context, void *any)
{
	struct reader *reader = context;
	union row *row = any;
	struct snapshot *snapshot = reader->out->snapshot;

	if (grow(&snapshot->samples, snapshot->n_samples, sizeof(*snapshot->samples)))
		return -ENOMEM;
	snapshot->samples[snapshot->n_samples++] = row->sample;
	return 0;
}

static int visit_log(void *context, void *any)
{
	struct reader *reader = context;
	union row *row = any;
	struct snapshot *snapshot = reader->out->snapshot;

	if (!row->log.text)
		return -EUCLEAN;
	if (grow(&snapshot->log, snapshot->n_log, sizeof(*snapshot->log)))
		return -ENOMEM;
	snapshot->log[snapshot->n_log++] = row->log;
	row->log = (struct snapshot_log){};
	return 0;
}

static int visit_fd(void *context, void *any)
{
	struct reader *reader = context;
	union row *row = any;
	struct snapshot *snapshot = reader->out->snapshot;

	if (grow(&snapshot->fds, snapshot->n_fds, sizeof(*snapshot->fds)))
		return -ENOMEM;
	snapshot->fds[snapshot->n_fds++] = row->fd;
	row->fd = (struct snapshot_fd){};
	return 0;
}

static int visit_vital(void *context, void *any)
{
	struct reader *reader = context;
	union row *row = any;
	struct snapshot *snapshot = reader->out->snapshot;

	if (grow(&snapshot->vitals, snapshot->n_vitals, sizeof(*snapshot->vitals)))
		return -ENOMEM;
	snapshot->vitals[snapshot->n_vitals++] = row->vital;
	row->vital = (struct snapshot_vital){};
	return 0;
}

static int visit_checksum(void *context, void *any)
{
	struct reader *reader = context;
	union row *row = any;
	for (int table = 0; table < SCHEMA_CHECKSUM; table++) {
		if (strcmp(row->checksum.name, schema_table_name((enum schema_table)table)) != 0)
			continue;
		if (reader->has_checksum[table])
			return -EUCLEAN;
		reader->has_checksum[table] = true;
		reader->expected[table].rows = row->checksum.rows;
		reader->expected[table].xxh64 = row->checksum.xxh64;
		return 0;
	}
	return -EUCLEAN;
}

static int visit_chunk(void *context, void *any)
{
	struct reader *reader = context;
	union row *row = any;
	struct chunk *chunk = &row->chunk;
	struct dump_chunk_list *chunks = &reader->out->chunks.lane[chunk->lane];
	const char *lane = row_lane_name((enum igrec_lane)chunk->lane);
	uint32_t expected = reader->next_seq[chunk->lane];

	if (chunk_checksum(chunk) != chunk->xxh64) {
		dump_faults_add(reader->faults, "chunk %s/%u: wrong checksum", lane, chunk->seq);
		return 0;
	}
	if (chunk->seq != expected)
		dump_faults_add(reader->faults, "chunk %s/%u: not there or out of order", lane,
				expected);
	reader->next_seq[chunk->lane] = chunk->seq + 1;
	if (chunk->raw_bytes > CHUNK_RAW_MAX || chunk->raw_bytes > reader->raw_budget) {
		dump_faults_add(reader->faults, "chunk %s/%u: too large", lane, chunk->seq);
		return 0;
	}
	reader->raw_budget -= chunk->raw_bytes;
	if (grow(&chunks->list, chunks->count, sizeof(*chunks->list)))
		return -ENOMEM;
	chunks->list[chunks->count++] = *chunk;
	*chunk = (struct chunk){};
	return 0;
}

/* ---- tables ----------------------------------------------------------------------------- */

static const struct {
	int (*visit)(void *context, void *row); /* see struct table_walk */
	uint64_t rows_max;
	bool in_header;
} plans[SCHEMA_TABLES] = {
	[SCHEMA_DUMP] = {visit_dump, 1, true},
	[SCHEMA_CONTAINER] = {visit_container, 1, true},
	[SCHEMA_FAILURE] = {visit_failure, 1, true},
	[SCHEMA_FINDING] = {visit_finding, 1024, true},
	[SCHEMA_LANE] = {visit_lane, IGREC_LANES, true},
	[SCHEMA_TASK] = {visit_task, 1 << 20, false},
	[SCHEMA_FD] = {visit_fd, 1 << 20, false},
	[SCHEMA_VITAL] = {visit_vital, 1 << 20, false},
	[SCHEMA_SAMPLE] = {visit_sample, 1 << 16, false},
	[SCHEMA_LOG] = {visit_log, 1 << 16, false},
	[SCHEMA_SYSCALL] = {NULL, 4096, false},
	[SCHEMA_CHUNK] = {visit_chunk, 1 << 16, false},
	[SCHEMA_CHECKSUM] = {visit_checksum, SCHEMA_TABLES, true},
};

/* Whether a file of that version has the table. Its table dump tells the version, as far as that
 * matters here. */
static bool is_of_file(const struct reader *reader, enum schema_table table)
{
	unsigned version = reader->version[SCHEMA_DUMP];

	return !version || schema_create_sql(table, version);
}

static int read_table(struct reader *reader, enum schema_table table)
{
	union row row;
	const struct table_walk walk = {
		.db = reader->db,
		.table = table,
		.version = reader->version[table],
		.rows_max = plans[table].rows_max,
		.expected = reader->has_checksum[table] ? &reader->expected[table] : NULL,
		.budget = table == SCHEMA_CHUNK ? &reader->packed_budget : &reader->text_budget,
		.row = &row,
		.visit = plans[table].visit,
		.context = reader,
	};

	if (!reader->version[table] && !is_of_file(reader, table))
		return 0;
	if (!reader->version[table]) {
		dump_faults_add(reader->faults, "table %s: not there, or of another form",
				schema_table_name(table));
		return 0;
	}
	return table_walk(&walk, reader->faults);
}

/* ---- the whole -------------------------------------------------------------------------- */

static bool column_is(struct db_stmt *stmt, size_t column, const char *text)
{
	size_t bytes;
	const char *data = db_column_data(stmt, column, &bytes);

	return data && bytes == strlen(text) && memcmp(data, text, bytes) == 0;
}

/* The version whose form the table has, the newest first; 0 if none. */
static unsigned form_of(struct db_stmt *stmt, enum schema_table table)
{
	unsigned version = SCHEMA_VERSION;

	for (; version; version--) {
		const char *form = schema_create_sql(table, version);

		if (form && column_is(stmt, 2, form))
			break;
	}
	return version;
}

/* Notes which of our tables is there in exactly our form. */
static bool know_object(struct reader *reader, struct db_stmt *stmt)
{
	for (int i = 0; i < SCHEMA_TABLES; i++) {
		enum schema_table table = (enum schema_table)i;

		if (reader->version[i] || !column_is(stmt, 0, "table") ||
		    !column_is(stmt, 1, schema_table_name(table)))
			continue;
		reader->version[i] = form_of(stmt, table);
		return reader->version[i];
	}
	return false;
}

static int read_schema(struct reader *reader)
{
	AUTO_DB_STMT struct db_stmt *stmt = NULL;
	int known = 0, unknown = 0, wanted = 0, err;

	err = db_take(reader->db, SCHEMA_OBJECTS, &stmt);
	if (err)
		return err;
	while ((err = db_step(stmt)) == 1 && known + unknown < SCHEMA_OBJECTS_MAX) {
		if (know_object(reader, stmt))
			known++;
		else
			unknown++;
	}
	if (unknown > 0)
		dump_faults_add(reader->faults, "%d tables or other objects that no dump has",
				unknown);
	for (int table = 0; table < SCHEMA_TABLES; table++)
		wanted += is_of_file(reader, (enum schema_table)table);
	reader->out->whole_schema = known == wanted && unknown == 0;
	return err < 0 ? err : 0;
}

static int check_head(struct reader *reader)
{
	struct snapshot *snapshot = reader->out->snapshot;
	const struct row_dump *head = &reader->out->head;

	if (!reader->has_head)
		return -EUCLEAN;
	if (head->abi_version > IGREC_ABI_VERSION)
		return -EPROTONOSUPPORT;
	snapshot->taken_ns = head->taken_ns;
	snapshot->realtime_offset_ns = head->realtime_offset_ns;
	snapshot->started_ns = head->started_ns;
	snapshot->init_tgid = head->init_tgid;
	snapshot->cpus = head->cpus;
	snapshot->ring_bytes = head->ring_bytes;
	snapshot->payload = head->payload;
	snapshot->payload_bytes = head->payload_bytes;
	snapshot->truncated = head->truncated;
	snapshot->unreadable = head->unreadable;
	snapshot->masked = head->masked;
	snapshot->log_file = TAKE_PTR(reader->out->head.log_file);
	if (!reader->has_failure)
		snapshot->failure =
			(struct failure){.kind = FAILURE_REQUESTED, .time_ns = head->taken_ns};
	return 0;
}

/* Chunks that are gone with their rows show only here. */
static void check_lanes(struct reader *reader)
{
	for (int i = 0; i < IGREC_LANES; i++) {
		const struct snapshot_lane *lane = &reader->out->snapshot->lane[i];
		const char *name = row_lane_name((enum igrec_lane)i);
		const struct row_lane *row = &reader->out->lanes[i];

		if (!reader->has_lane[i])
			dump_faults_add(reader->faults, "lane %s: its counters are not there",
					name);
		else if (lane->n_blocks + reader->unread[i].blocks != row->blocks ||
			 lane->bytes + reader->unread[i].bytes != row->bytes)
			dump_faults_add(reader->faults, "lane %s: %zu of %llu blocks could be read",
					name, lane->n_blocks, (unsigned long long)row->blocks);
	}
}

/* Whether chunks can stay packed until they are needed: nothing is wrong with the dump, and it
 * tells when their records began. */
static bool can_wait(const struct reader *reader)
{
	return !reader->faults->count && !reader->faults->failed &&
	       reader->version[SCHEMA_CHUNK] >= 3 && reader->version[SCHEMA_LANE] >= 3 &&
	       dump_chunks_are_whole(&reader->out->chunks, reader->out->lanes);
}

static int read_all(struct reader *reader, enum dump_extent extent)
{
	int err;

	/* First, as each of the others is checked against it. */
	err = read_table(reader, SCHEMA_CHECKSUM);
	for (int table = 0; table < SCHEMA_CHECKSUM && !err; table++) {
		if (table == SCHEMA_CHUNK)
			db_limit_values(reader->db, CHUNK_RAW_MAX + ROW_BYTES_MAX);
		if (plans[table].in_header || extent != DUMP_HEADER)
			err = read_table(reader, (enum schema_table)table);
	}
	if (!err)
		err = check_head(reader);
	if (err || extent == DUMP_HEADER)
		return err;
	if (extent == DUMP_LAZY && can_wait(reader))
		return dump_chunks_wait(&reader->out->chunks, reader->out->lanes, reader->faults,
					reader->out->snapshot);
	err = dump_chunks_unpack(&reader->out->chunks, reader->part, reader->faults,
				 reader->out->snapshot, reader->unread);
	if (!err)
		check_lanes(reader);
	return err;
}

int dump_tables_read(struct db *db, enum dump_extent extent, const struct dump_part *part,
		     struct dump_faults *faults, struct dump_tables *ret)
{
	struct reader reader = {
		.db = db,
		.faults = faults,
		.out = ret,
		.part = part,
		.text_budget = TEXT_BUDGET_BYTES,
		.packed_budget = CHUNK_BUDGET_BYTES,
		.raw_budget = RECORDS_BUDGET_BYTES,
	};
	int err;

	*ret = (struct dump_tables){.snapshot = calloc(1, sizeof(*ret->snapshot))};
	if (!ret->snapshot)
		return -ENOMEM;
	ret->snapshot->identity.restart = -1;
	db_limit_values(db, ROW_BYTES_MAX);
	err = read_schema(&reader);
	return err ? err : read_all(&reader, extent);
}

void dump_tables_done(struct dump_tables *tables)
{
	dump_chunks_done(&tables->chunks);
	snapshot_free(tables->snapshot);
	row_done(SCHEMA_DUMP, &tables->head);
	free(tables->cause);
	*tables = (struct dump_tables){};
}
