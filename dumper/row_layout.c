/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The description of every table's rows, by which dumper/row.c writes, reads and frees them.
 */
#include "dumper/row_layout.h"
#include "common/cleanup.h"
#include "dumper/chunk.h"
#include "dumper/row.h"
#include "dumper/summary.h"

#define FIELD(noun, member, type)                                                                  \
	{                                                                                          \
		":" #member, ROW_FIELD_##type, offsetof(struct noun, member), 0                    \
	}
#define BYTES(noun, member, bytes, type)                                                           \
	{                                                                                          \
		":" #member, ROW_FIELD_##type, offsetof(struct noun, member),                      \
			offsetof(struct noun, bytes)                                               \
	}

static const struct row_field dump_fields[] = {
	FIELD(row_dump, id, WORD),
	FIELD(row_dump, igrec_version, WORD),
	FIELD(row_dump, abi_version, U32),
	FIELD(row_dump, arch, WORD),
	FIELD(row_dump, taken_ns, U64),
	FIELD(row_dump, realtime_offset_ns, I64),
	FIELD(row_dump, started_ns, U64),
	FIELD(row_dump, init_tgid, U32),
	FIELD(row_dump, cpus, U32),
	FIELD(row_dump, ring_bytes, U64),
	FIELD(row_dump, payload, POLICY),
	FIELD(row_dump, payload_bytes, U32),
	FIELD(row_dump, truncated, U64),
	FIELD(row_dump, unreadable, U64),
	/* since version 3 */
	FIELD(row_dump, masked, U64),
	FIELD(row_dump, log_file, TEXT),
};

static const struct row_field container_fields[] = {
	FIELD(container_identity, runtime, TEXT),
	FIELD(container_identity, container_id, TEXT),
	FIELD(container_identity, container, TEXT),
	FIELD(container_identity, image, TEXT),
	FIELD(container_identity, pod, TEXT),
	FIELD(container_identity, namespace, TEXT),
	FIELD(container_identity, pod_uid, TEXT),
	FIELD(container_identity, node, TEXT),
	FIELD(container_identity, cgroup_path, TEXT),
	FIELD(container_identity, cgroup_id, U64),
	FIELD(container_identity, restart, UNKNOWN_I64),
	/* since version 2 */
	FIELD(container_identity, image_id, TEXT),
	FIELD(container_identity, type, TEXT),
	FIELD(container_identity, sandbox_id, TEXT),
	FIELD(container_identity, qos, TEXT),
	FIELD(container_identity, static_pod, BOOL),
};

static const struct row_field failure_fields[] = {
	FIELD(failure, kind, KIND),   FIELD(failure, exit_code, I32), FIELD(failure, signal, I32),
	FIELD(failure, core, BOOL),   FIELD(failure, time_ns, U64),   FIELD(failure, tgid, U32),
	FIELD(failure, ns_tgid, U32), FIELD(failure, comm, COMM),     FIELD(failure, late, BOOL),
};

static const struct row_field finding_fields[] = {
	FIELD(row_finding, rank, U32),
	FIELD(row_finding, sentence, WORD),
	/* since version 2 */
	FIELD(row_finding, confidence, WORD),
	FIELD(row_finding, kind, WORD),
	FIELD(row_finding, object, TEXT),
};

static const struct row_field lane_fields[] = {
	FIELD(row_lane, lane, LANE),
	FIELD(row_lane, written, U64),
	FIELD(row_lane, overwritten, U64),
	FIELD(row_lane, overwritten_bytes, U64),
	FIELD(row_lane, dropped, U64),
	FIELD(row_lane, torn_blocks, U64),
	FIELD(row_lane, torn_records, U64),
	FIELD(row_lane, blocks, U64),
	FIELD(row_lane, records, U64),
	FIELD(row_lane, bytes, U64),
	FIELD(row_lane, first_ns, U64),
	FIELD(row_lane, last_ns, U64),
	/* since version 3 */
	FIELD(row_lane, whole_ns, U64),
};

static const struct row_field task_fields[] = {
	FIELD(snapshot_task, tgid, U32),
	FIELD(snapshot_task, ns_tgid, U32),
	FIELD(snapshot_task, parent_tgid, U32),
	FIELD(snapshot_task, uid, U32),
	FIELD(snapshot_task, start_ns, U64),
	FIELD(snapshot_task, state, CHAR),
	FIELD(snapshot_task, comm, COMM),
	BYTES(snapshot_task, argv, argv_bytes, BLOB),
	FIELD(snapshot_task, exe, TEXT),
	FIELD(snapshot_task, cwd, TEXT),
	/* since version 3 */
	FIELD(snapshot_task, threads, U32),
	FIELD(snapshot_task, rss_bytes, UNKNOWN_I64),
	FIELD(snapshot_task, at_oom, BOOL),
};

static const struct row_field fd_fields[] = {
	FIELD(snapshot_fd, tgid, U32),
	FIELD(snapshot_fd, fd, I32),
	FIELD(snapshot_fd, target, TEXT),
};

static const struct row_field vital_fields[] = {
	FIELD(snapshot_vital, name, TEXT),
	FIELD(snapshot_vital, time_ns, U64),
	FIELD(snapshot_vital, value, I64),
};

static const struct row_field sample_fields[] = {
	FIELD(snapshot_sample, time_ns, U64),
	FIELD(snapshot_sample, memory_bytes, UNKNOWN_I64),
	FIELD(snapshot_sample, limit_hits, UNKNOWN_I64),
	FIELD(snapshot_sample, pids, UNKNOWN_I64),
	FIELD(snapshot_sample, cpu_ns, UNKNOWN_I64),
	FIELD(snapshot_sample, throttled, UNKNOWN_I64),
	FIELD(snapshot_sample, throttled_ns, UNKNOWN_I64),
	FIELD(snapshot_sample, read_bytes, UNKNOWN_I64),
	FIELD(snapshot_sample, written_bytes, UNKNOWN_I64),
};

static const struct row_field log_fields[] = {
	FIELD(snapshot_log, time_ns, UNKNOWN_I64),
	FIELD(snapshot_log, stream, WORD),
	BYTES(snapshot_log, text, text_bytes, BLOB),
	FIELD(snapshot_log, truncated, BOOL),
};

static const struct row_field syscall_fields[] = {
	FIELD(syscall_total, nr, U32),	     FIELD(syscall_total, compat, BOOL),
	FIELD(syscall_total, count, U64),    FIELD(syscall_total, errors, U64),
	FIELD(syscall_total, total_ns, U64), FIELD(syscall_total, max_ns, U64),
};

static const struct row_field chunk_fields[] = {
	FIELD(chunk, lane, LANE),
	FIELD(chunk, seq, U32),
	FIELD(chunk, first_block, U64),
	FIELD(chunk, last_block, U64),
	FIELD(chunk, blocks, U32),
	FIELD(chunk, records, U64),
	FIELD(chunk, first_ns, U64),
	FIELD(chunk, last_ns, U64),
	FIELD(chunk, raw_bytes, U64),
	FIELD(chunk, xxh64, U64),
	BYTES(chunk, data, bytes, DATA),
	/* since version 3 */
	FIELD(chunk, begin_ns, U64),
};

static const struct row_field checksum_fields[] = {
	FIELD(row_checksum, name, WORD),
	FIELD(row_checksum, rows, U64),
	FIELD(row_checksum, xxh64, U64),
};

#define LAYOUT(fields, noun) LAYOUT_GREW(fields, noun, 0)
/* With the numbers of fields in versions 1, 2 and so on. */
#define LAYOUT_GREW(fields, noun, ...)                                                             \
	{                                                                                          \
		fields, ARRAY_SIZE(fields), {0, __VA_ARGS__}, sizeof(struct noun)                  \
	}

static const struct row_layout layouts[SCHEMA_TABLES] = {
	[SCHEMA_DUMP] = LAYOUT_GREW(dump_fields, row_dump, 14, 14),
	[SCHEMA_CONTAINER] = LAYOUT_GREW(container_fields, container_identity, 11),
	[SCHEMA_FAILURE] = LAYOUT(failure_fields, failure),
	[SCHEMA_FINDING] = LAYOUT_GREW(finding_fields, row_finding, 2),
	[SCHEMA_LANE] = LAYOUT_GREW(lane_fields, row_lane, 12, 12),
	[SCHEMA_TASK] = LAYOUT_GREW(task_fields, snapshot_task, 10, 10),
	[SCHEMA_FD] = LAYOUT(fd_fields, snapshot_fd),
	[SCHEMA_VITAL] = LAYOUT(vital_fields, snapshot_vital),
	[SCHEMA_SAMPLE] = LAYOUT(sample_fields, snapshot_sample),
	[SCHEMA_LOG] = LAYOUT(log_fields, snapshot_log),
	[SCHEMA_SYSCALL] = LAYOUT(syscall_fields, syscall_total),
	[SCHEMA_CHUNK] = LAYOUT_GREW(chunk_fields, chunk, 11, 11),
	[SCHEMA_CHECKSUM] = LAYOUT(checksum_fields, row_checksum),
};

const struct row_layout *row_layout_of(enum schema_table table)
{
	return &layouts[table];
}
