/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SQL of a dump file, all of it.  Used by the writer to create and fill the tables and by
 * the reader, which reads a table only if the file holds exactly the text below for it.  So a
 * change of a text here is a new schema version, and the text before it stays.
 */
#include "dumper/schema.h"

static const char *const names[SCHEMA_TABLES] = {
	[SCHEMA_DUMP] = "dump",
	[SCHEMA_CONTAINER] = "container",
	[SCHEMA_FAILURE] = "failure",
	[SCHEMA_FINDING] = "finding",
	[SCHEMA_LANE] = "lane",
	[SCHEMA_TASK] = "task",
	[SCHEMA_FD] = "fd",
	[SCHEMA_VITAL] = "vital",
	[SCHEMA_SAMPLE] = "sample",
	[SCHEMA_LOG] = "log",
	[SCHEMA_SYSCALL] = "syscall",
	[SCHEMA_CHUNK] = "chunk",
	[SCHEMA_CHECKSUM] = "checksum",
};

/* clang-format off */
static const char *const creates[SCHEMA_TABLES] = {
	[SCHEMA_DUMP] =
	"CREATE TABLE dump (id TEXT NOT NULL, igrec_version TEXT NOT NULL,"
	" abi_version INTEGER NOT NULL, arch TEXT NOT NULL, taken_ns INTEGER NOT NULL,"
	" realtime_offset_ns INTEGER NOT NULL, started_ns INTEGER NOT NULL,"
	" init_tgid INTEGER NOT NULL, cpus INTEGER NOT NULL, ring_bytes INTEGER NOT NULL,"
	" payload TEXT NOT NULL, payload_bytes INTEGER NOT NULL, truncated INTEGER NOT NULL,"
	" unreadable INTEGER NOT NULL, masked INTEGER NOT NULL, log_file TEXT) STRICT",
	[SCHEMA_CONTAINER] =
	"CREATE TABLE container (runtime TEXT, container_id TEXT, container TEXT, image TEXT,"
	" pod TEXT, namespace TEXT, pod_uid TEXT, node TEXT, cgroup_path TEXT,"
	" cgroup_id INTEGER NOT NULL, restart INTEGER, image_id TEXT, type TEXT,"
	" sandbox_id TEXT, qos TEXT, static_pod INTEGER NOT NULL) STRICT",
	[SCHEMA_FAILURE] =
	"CREATE TABLE failure (kind TEXT NOT NULL, exit_code INTEGER NOT NULL,"
	" signal INTEGER NOT NULL, core INTEGER NOT NULL, time_ns INTEGER NOT NULL,"
	" tgid INTEGER NOT NULL, ns_tgid INTEGER NOT NULL, comm TEXT NOT NULL,"
	" late INTEGER NOT NULL) STRICT",
	[SCHEMA_FINDING] =
	("CREATE TABLE finding (rank INTEGER NOT NULL, sentence TEXT NOT NULL,"
	 " confidence TEXT NOT NULL, kind TEXT NOT NULL, object TEXT) STRICT"),
	[SCHEMA_LANE] =
	"CREATE TABLE lane (lane TEXT NOT NULL, written INTEGER NOT NULL,"
	" overwritten INTEGER NOT NULL, overwritten_bytes INTEGER NOT NULL,"
	" dropped INTEGER NOT NULL, torn_blocks INTEGER NOT NULL,"
	" torn_records INTEGER NOT NULL, blocks INTEGER NOT NULL, records INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,"
	" whole_ns INTEGER NOT NULL) STRICT",
	[SCHEMA_TASK] =
	"CREATE TABLE task (tgid INTEGER NOT NULL, ns_tgid INTEGER NOT NULL,"
	" parent_tgid INTEGER NOT NULL, uid INTEGER NOT NULL, start_ns INTEGER NOT NULL,"
	" state TEXT NOT NULL, comm TEXT NOT NULL, argv BLOB, exe TEXT, cwd TEXT,"
	" threads INTEGER NOT NULL, rss_bytes INTEGER, at_oom INTEGER NOT NULL) STRICT",
	[SCHEMA_FD] =
	"CREATE TABLE fd (tgid INTEGER NOT NULL, fd INTEGER NOT NULL, target TEXT) STRICT",
	[SCHEMA_VITAL] =
	"CREATE TABLE vital (name TEXT, time_ns INTEGER NOT NULL, value INTEGER NOT NULL) STRICT",
	[SCHEMA_SAMPLE] =
	"CREATE TABLE sample (time_ns INTEGER NOT NULL, memory_bytes INTEGER, limit_hits INTEGER,"
	" pids INTEGER, cpu_ns INTEGER, throttled INTEGER, throttled_ns INTEGER,"
	" read_bytes INTEGER, written_bytes INTEGER) STRICT",
	[SCHEMA_LOG] =
	"CREATE TABLE log (time_ns INTEGER, stream TEXT NOT NULL, text BLOB NOT NULL,"
	" truncated INTEGER NOT NULL) STRICT",
	[SCHEMA_SYSCALL] =
	"CREATE TABLE syscall (nr INTEGER NOT NULL, compat INTEGER NOT NULL,"
	" count INTEGER NOT NULL, errors INTEGER NOT NULL, total_ns INTEGER NOT NULL,"
	" max_ns INTEGER NOT NULL) STRICT",
	[SCHEMA_CHUNK] =
	"CREATE TABLE chunk (lane TEXT NOT NULL, seq INTEGER NOT NULL,"
	" first_block INTEGER NOT NULL, last_block INTEGER NOT NULL, blocks INTEGER NOT NULL,"
	" records INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,"
	" raw_bytes INTEGER NOT NULL, xxh64 INTEGER NOT NULL, data BLOB NOT NULL,"
	" begin_ns INTEGER NOT NULL) STRICT",
	[SCHEMA_CHECKSUM] =
	("CREATE TABLE checksum (name TEXT NOT NULL, rows INTEGER NOT NULL,"
	 " xxh64 INTEGER NOT NULL) STRICT"),
};

/* Of version 1, where it differs from 2. */
static const char *const creates_1[SCHEMA_TABLES] = {
	[SCHEMA_CONTAINER] =
	"CREATE TABLE container (runtime TEXT, container_id TEXT, container TEXT, image TEXT,"
	" pod TEXT, namespace TEXT, pod_uid TEXT, node TEXT, cgroup_path TEXT,"
	" cgroup_id INTEGER NOT NULL, restart INTEGER) STRICT",
	[SCHEMA_FINDING] =
	"CREATE TABLE finding (rank INTEGER NOT NULL, sentence TEXT NOT NULL) STRICT",
};

/* Of version 2 and before, where it differs from 3. */
static const char *const creates_2[SCHEMA_TABLES] = {
	[SCHEMA_DUMP] =
	"CREATE TABLE dump (id TEXT NOT NULL, igrec_version TEXT NOT NULL,"
	" abi_version INTEGER NOT NULL, arch TEXT NOT NULL, taken_ns INTEGER NOT NULL,"
	" realtime_offset_ns INTEGER NOT NULL, started_ns INTEGER NOT NULL,"
	" init_tgid INTEGER NOT NULL, cpus INTEGER NOT NULL, ring_bytes INTEGER NOT NULL,"
	" payload TEXT NOT NULL, payload_bytes INTEGER NOT NULL, truncated INTEGER NOT NULL,"
	" unreadable INTEGER NOT NULL) STRICT",
	[SCHEMA_TASK] =
	"CREATE TABLE task (tgid INTEGER NOT NULL, ns_tgid INTEGER NOT NULL,"
	" parent_tgid INTEGER NOT NULL, uid INTEGER NOT NULL, start_ns INTEGER NOT NULL,"
	" state TEXT NOT NULL, comm TEXT NOT NULL, argv BLOB, exe TEXT, cwd TEXT) STRICT",
	[SCHEMA_LANE] =
	"CREATE TABLE lane (lane TEXT NOT NULL, written INTEGER NOT NULL,"
	" overwritten INTEGER NOT NULL, overwritten_bytes INTEGER NOT NULL,"
	" dropped INTEGER NOT NULL, torn_blocks INTEGER NOT NULL,"
	" torn_records INTEGER NOT NULL, blocks INTEGER NOT NULL, records INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL) STRICT",
	[SCHEMA_CHUNK] =
	"CREATE TABLE chunk (lane TEXT NOT NULL, seq INTEGER NOT NULL,"
	" first_block INTEGER NOT NULL, last_block INTEGER NOT NULL, blocks INTEGER NOT NULL,"
	" records INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,"
	" raw_bytes INTEGER NOT NULL, xxh64 INTEGER NOT NULL, data BLOB NOT NULL) STRICT",
};

static const char *const statements[SCHEMA_STATEMENTS] = {
	[SCHEMA_INSERT(SCHEMA_DUMP)] =
	"INSERT INTO dump VALUES (:id, :igrec_version, :abi_version, :arch, :taken_ns,"
	" :realtime_offset_ns, :started_ns, :init_tgid, :cpus, :ring_bytes, :payload,"
	" :payload_bytes, :truncated, :unreadable, :masked, :log_file)",
	[SCHEMA_INSERT(SCHEMA_CONTAINER)] =
	"INSERT INTO container VALUES (:runtime, :container_id, :container, :image, :pod,"
	" :namespace, :pod_uid, :node, :cgroup_path, :cgroup_id, :restart, :image_id, :type,"
	" :sandbox_id, :qos, :static_pod)",
	[SCHEMA_INSERT(SCHEMA_FAILURE)] =
	"INSERT INTO failure VALUES (:kind, :exit_code, :signal, :core, :time_ns, :tgid,"
	" :ns_tgid, :comm, :late)",
	[SCHEMA_INSERT(SCHEMA_FINDING)] =
	"INSERT INTO finding VALUES (:rank, :sentence, :confidence, :kind, :object)",
	[SCHEMA_INSERT(SCHEMA_LANE)] =
	"INSERT INTO lane VALUES (:lane, :written, :overwritten, :overwritten_bytes, :dropped,"
	" :torn_blocks, :torn_records, :blocks, :records, :bytes, :first_ns, :last_ns,"
	" :whole_ns)",
	[SCHEMA_INSERT(SCHEMA_TASK)] =
	"INSERT INTO task VALUES (:tgid, :ns_tgid, :parent_tgid, :uid, :start_ns, :state,"
	" :comm, :argv, :exe, :cwd, :threads, :rss_bytes, :at_oom)",
	[SCHEMA_INSERT(SCHEMA_FD)] = "INSERT INTO fd VALUES (:tgid, :fd, :target)",
	[SCHEMA_INSERT(SCHEMA_VITAL)] = "INSERT INTO vital VALUES (:name, :time_ns, :value)",
	[SCHEMA_INSERT(SCHEMA_SAMPLE)] =
	"INSERT INTO sample VALUES (:time_ns, :memory_bytes, :limit_hits, :pids, :cpu_ns,"
	" :throttled, :throttled_ns, :read_bytes, :written_bytes)",
	[SCHEMA_INSERT(SCHEMA_LOG)] =
	"INSERT INTO log VALUES (:time_ns, :stream, :text, :truncated)",
	[SCHEMA_INSERT(SCHEMA_SYSCALL)] =
	"INSERT INTO syscall VALUES (:nr, :compat, :count, :errors, :total_ns, :max_ns)",
	[SCHEMA_INSERT(SCHEMA_CHUNK)] =
	"INSERT INTO chunk VALUES (:lane, :seq, :first_block, :last_block, :blocks, :records,"
	" :first_ns, :last_ns, :raw_bytes, :xxh64, :data, :begin_ns)",
	[SCHEMA_INSERT(SCHEMA_CHECKSUM)] =
	"INSERT INTO checksum VALUES (:name, :rows, :xxh64)",

	[SCHEMA_SELECT(SCHEMA_DUMP)] =
	"SELECT id, igrec_version, abi_version, arch, taken_ns, realtime_offset_ns, started_ns,"
	" init_tgid, cpus, ring_bytes, payload, payload_bytes, truncated, unreadable, masked,"
	" log_file, rowid FROM dump WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT(SCHEMA_CONTAINER)] =
	"SELECT runtime, container_id, container, image, pod, namespace, pod_uid, node,"
	" cgroup_path, cgroup_id, restart, image_id, type, sandbox_id, qos, static_pod, rowid"
	" FROM container WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT(SCHEMA_FAILURE)] =
	"SELECT kind, exit_code, signal, core, time_ns, tgid, ns_tgid, comm, late"
	", rowid FROM failure WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT(SCHEMA_FINDING)] =
	"SELECT rank, sentence, confidence, kind, object, rowid"
	" FROM finding WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT(SCHEMA_LANE)] =
	"SELECT lane, written, overwritten, overwritten_bytes, dropped, torn_blocks,"
	" torn_records, blocks, records, bytes, first_ns, last_ns, whole_ns, rowid"
	" FROM lane WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT(SCHEMA_TASK)] =
	"SELECT tgid, ns_tgid, parent_tgid, uid, start_ns, state, comm, argv, exe, cwd,"
	" threads, rss_bytes, at_oom, rowid FROM task WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT(SCHEMA_FD)] =
	"SELECT tgid, fd, target, rowid FROM fd WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT(SCHEMA_VITAL)] =
	"SELECT name, time_ns, value, rowid FROM vital WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT(SCHEMA_SAMPLE)] =
	"SELECT time_ns, memory_bytes, limit_hits, pids, cpu_ns, throttled, throttled_ns,"
	" read_bytes, written_bytes, rowid FROM sample WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT(SCHEMA_LOG)] =
	"SELECT time_ns, stream, text, truncated, rowid"
	" FROM log WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT(SCHEMA_SYSCALL)] =
	"SELECT nr, compat, count, errors, total_ns, max_ns, rowid"
	" FROM syscall WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT(SCHEMA_CHUNK)] =
	"SELECT lane, seq, first_block, last_block, blocks, records, first_ns, last_ns,"
	" raw_bytes, xxh64, data, begin_ns, rowid FROM chunk WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT(SCHEMA_CHECKSUM)] =
	"SELECT name, rows, xxh64, rowid FROM checksum WHERE rowid > :after ORDER BY rowid",

	[SCHEMA_SELECT_CONTAINER_1] =
	"SELECT runtime, container_id, container, image, pod, namespace, pod_uid, node,"
	" cgroup_path, cgroup_id, restart, NULL, NULL, NULL, NULL, 0, rowid"
	" FROM container WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT_FINDING_1] =
	"SELECT rank, sentence, '', '', NULL, rowid"
	" FROM finding WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT_DUMP_2] =
	"SELECT id, igrec_version, abi_version, arch, taken_ns, realtime_offset_ns, started_ns,"
	" init_tgid, cpus, ring_bytes, payload, payload_bytes, truncated, unreadable, 0, NULL,"
	" rowid FROM dump WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT_TASK_2] =
	"SELECT tgid, ns_tgid, parent_tgid, uid, start_ns, state, comm, argv, exe, cwd,"
	" 0, NULL, 0, rowid FROM task WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT_LANE_2] =
	"SELECT lane, written, overwritten, overwritten_bytes, dropped, torn_blocks,"
	" torn_records, blocks, records, bytes, first_ns, last_ns, 0, rowid"
	" FROM lane WHERE rowid > :after ORDER BY rowid",
	[SCHEMA_SELECT_CHUNK_2] =
	"SELECT lane, seq, first_block, last_block, blocks, records, first_ns, last_ns,"
	" raw_bytes, xxh64, data, 0, rowid FROM chunk WHERE rowid > :after ORDER BY rowid",

	[SCHEMA_OBJECTS] = "SELECT type, name, sql FROM sqlite_schema ORDER BY rowid",
	[SCHEMA_INTEGRITY] = "PRAGMA integrity_check(8)",
};
/* clang-format on */

const struct db_statements schema_statements = {statements, SCHEMA_STATEMENTS};

const char *schema_table_name(enum schema_table table)
{
	return names[table];
}

const char *schema_create_sql(enum schema_table table, unsigned version)
{
	if (version < 3 && (table == SCHEMA_SAMPLE || table == SCHEMA_LOG))
		return NULL;
	if (version < 3 && creates_2[table])
		return creates_2[table];
	return version < 2 && creates_1[table] ? creates_1[table] : creates[table];
}

size_t schema_select(enum schema_table table, unsigned version)
{
	if (version < 2 && table == SCHEMA_CONTAINER)
		return SCHEMA_SELECT_CONTAINER_1;
	if (version < 2 && table == SCHEMA_FINDING)
		return SCHEMA_SELECT_FINDING_1;
	if (version < 3 && table == SCHEMA_DUMP)
		return SCHEMA_SELECT_DUMP_2;
	if (version < 3 && table == SCHEMA_TASK)
		return SCHEMA_SELECT_TASK_2;
	if (version < 3 && table == SCHEMA_LANE)
		return SCHEMA_SELECT_LANE_2;
	if (version < 3 && table == SCHEMA_CHUNK)
		return SCHEMA_SELECT_CHUNK_2;
	return SCHEMA_SELECT(table);
}

int schema_create(struct db *db, bool large)
{
	int err;

	/* The version is 3 here as SCHEMA_VERSION, the identity is SCHEMA_APPLICATION_ID. */
	err = db_run(db, large ? "PRAGMA page_size = 4096" : "PRAGMA page_size = 512");
	if (err)
		return err;
	err = db_run(db, "PRAGMA application_id = 0x49475243;"
			 "PRAGMA user_version = 3;"
			 "BEGIN");
	for (int table = 0; table < SCHEMA_TABLES && !err; table++)
		err = db_run(db, creates[table]);
	return err;
}
