/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a dump holds beside the tape, and what is made of all of it, as tables: one list of columns
 * and one function each.
 */
#include "decode/names.h"
#include "dumper/row.h"
#include "explain/explain.h"
#include "sql/tables.h"
#include "view/rows.h"

static const struct dump *dump_of(const struct view_query *query)
{
	return ((const struct sql_query *)query)->dump;
}

static const struct snapshot *snapshot_of(const struct view_query *query)
{
	return timeline_snapshot(query->timeline);
}

/* -1 is not known. */
static void set_known(struct view_rows *rows, unsigned column, int64_t value)
{
	if (value >= 0)
		rows_set_int(rows, column, value);
}

/* There are no titles: SQL has the names. */
#define COLUMN(column, kind)                                                                       \
	{                                                                                          \
		.name = (column), .title = (column), .type = (kind)                                \
	}

#define TABLE(table_name, words, columns_of_it, function)                                          \
	static const struct view table_##table_name = {                                            \
		.name = #table_name,                                                               \
		.table = #table_name,                                                              \
		.help = (words),                                                                   \
		.columns = (columns_of_it),                                                        \
		.n_columns = sizeof(columns_of_it) / sizeof((columns_of_it)[0]),                   \
		.make = (function),                                                                \
	}

/* ---- dumps -------------------------------------------------------------------------------- */

enum {
	DUMPS_FILE,
	DUMPS_TIME,
	DUMPS_NAMESPACE,
	DUMPS_POD,
	DUMPS_CONTAINER,
	DUMPS_CONTAINER_ID,
	DUMPS_IMAGE,
	DUMPS_RUNTIME,
	DUMPS_NODE,
	DUMPS_POD_UID,
	DUMPS_RESTART,
	DUMPS_KIND,
	DUMPS_EXIT_CODE,
	DUMPS_SIGNAL,
	DUMPS_CAUSE,
	DUMPS_COMPLETE,
	DUMPS_ARCH,
};

static const struct view_column dumps_columns[] = {
	[DUMPS_FILE] = COLUMN("path", VIEW_TEXT),
	[DUMPS_TIME] = COLUMN("time_ns", VIEW_TIME_NS),
	[DUMPS_NAMESPACE] = COLUMN("namespace", VIEW_TEXT),
	[DUMPS_POD] = COLUMN("pod", VIEW_TEXT),
	[DUMPS_CONTAINER] = COLUMN("container", VIEW_TEXT),
	[DUMPS_CONTAINER_ID] = COLUMN("container_id", VIEW_TEXT),
	[DUMPS_IMAGE] = COLUMN("image", VIEW_TEXT),
	[DUMPS_RUNTIME] = COLUMN("runtime", VIEW_TEXT),
	[DUMPS_NODE] = COLUMN("node", VIEW_TEXT),
	[DUMPS_POD_UID] = COLUMN("pod_uid", VIEW_TEXT),
	[DUMPS_RESTART] = COLUMN("restart", VIEW_INT),
	[DUMPS_KIND] = COLUMN("kind", VIEW_TEXT),
	[DUMPS_EXIT_CODE] = COLUMN("exit_code", VIEW_INT),
	[DUMPS_SIGNAL] = COLUMN("signal", VIEW_TEXT),
	[DUMPS_CAUSE] = COLUMN("cause", VIEW_TEXT),
	[DUMPS_COMPLETE] = COLUMN("complete", VIEW_BOOL),
	[DUMPS_ARCH] = COLUMN("arch", VIEW_TEXT),
};

static void set_end(struct view_rows *rows, const struct failure *failure)
{
	rows_set_string(rows, DUMPS_KIND, failure_kind_name(failure->kind));
	if (failure->kind == FAILURE_REQUESTED)
		return;
	if (failure->signal)
		rows_set_string(rows, DUMPS_SIGNAL, signal_name(failure->signal));
	else
		rows_set_int(rows, DUMPS_EXIT_CODE, failure->exit_code);
}

static int make_dumps(const struct view_query *query, struct view_rows *rows)
{
	const struct dump *dump = dump_of(query);
	const struct snapshot *snapshot = snapshot_of(query);
	const struct container_identity *who = &snapshot->identity;
	const struct dump_fault *faults;

	rows_set_string(rows, DUMPS_FILE, dump_path(dump));
	rows_set_time(rows, DUMPS_TIME, snapshot->failure.time_ns);
	rows_set_string(rows, DUMPS_NAMESPACE, who->namespace);
	rows_set_string(rows, DUMPS_POD, who->pod);
	rows_set_string(rows, DUMPS_CONTAINER, who->container);
	rows_set_string(rows, DUMPS_CONTAINER_ID, who->container_id);
	rows_set_string(rows, DUMPS_IMAGE, who->image);
	rows_set_string(rows, DUMPS_RUNTIME, who->runtime);
	rows_set_string(rows, DUMPS_NODE, who->node);
	rows_set_string(rows, DUMPS_POD_UID, who->pod_uid);
	set_known(rows, DUMPS_RESTART, who->restart);
	set_end(rows, &snapshot->failure);
	rows_set_string(rows, DUMPS_CAUSE, dump_cause(dump)[0] ? dump_cause(dump) : NULL);
	rows_set_bool(rows, DUMPS_COMPLETE,
		      !dump_faults(dump, &faults) && !timeline_is_incomplete(query->timeline));
	rows_set_string(rows, DUMPS_ARCH, dump_arch(dump));
	return rows_put(rows);
}
TABLE(dumps, "whose dump it is, and how the container ended", dumps_columns, make_dumps);

/* ---- findings ----------------------------------------------------------------------------- */

enum {
	FINDINGS_RANK,
	FINDINGS_CONFIDENCE,
	FINDINGS_KIND,
	FINDINGS_OBJECT,
	FINDINGS_SENTENCE,
	FINDINGS_EXCLUDED,
	FINDINGS_NEXT,
};

static const struct view_column findings_columns[] = {
	[FINDINGS_RANK] = COLUMN("rank", VIEW_INT),
	[FINDINGS_CONFIDENCE] = COLUMN("confidence", VIEW_TEXT),
	[FINDINGS_KIND] = COLUMN("kind", VIEW_TEXT),
	[FINDINGS_OBJECT] = COLUMN("object", VIEW_TEXT),
	[FINDINGS_SENTENCE] = COLUMN("sentence", VIEW_TEXT),
	[FINDINGS_EXCLUDED] = COLUMN("excluded", VIEW_TEXT),
	[FINDINGS_NEXT] = COLUMN("next_step", VIEW_TEXT),
};

static void set_buf(struct view_rows *rows, unsigned column, const struct buf *text)
{
	if (text->bytes)
		rows_set_text(rows, column, text->data, text->bytes);
}

static int put_finding(const struct finding *finding, size_t rank, struct view_rows *rows)
{
	rows_set_int(rows, FINDINGS_RANK, (int64_t)rank);
	rows_set_string(rows, FINDINGS_CONFIDENCE, confidence_name(finding->confidence));
	rows_set_string(rows, FINDINGS_KIND, finding->kind);
	set_buf(rows, FINDINGS_OBJECT, &finding->object);
	set_buf(rows, FINDINGS_SENTENCE, &finding->sentence);
	set_buf(rows, FINDINGS_EXCLUDED, &finding->excluded);
	set_buf(rows, FINDINGS_NEXT, &finding->next);
	return rows_put(rows);
}

static int make_findings(const struct view_query *query, struct view_rows *rows)
{
	struct explanation explanation;
	int err = explain(snapshot_of(query), query->arch, &explanation);

	if (err)
		return err;
	for (size_t i = 0; !err && i < explanation.findings.count; i++)
		err = put_finding(&explanation.findings.all[i], i + 1, rows);
	explanation_done(&explanation);
	return err;
}
TABLE(findings, "why it ended, as igrec explain tells", findings_columns, make_findings);

/* ---- lanes -------------------------------------------------------------------------------- */

static const struct view_column lanes_columns[] = {
	COLUMN("lane", VIEW_TEXT),	  COLUMN("written", VIEW_INT),
	COLUMN("overwritten", VIEW_INT),  COLUMN("dropped", VIEW_INT),
	COLUMN("torn_records", VIEW_INT), COLUMN("kept_bytes", VIEW_BYTES),
};

static int make_lanes(const struct view_query *query, struct view_rows *rows)
{
	int err = 0;

	for (int i = 0; !err && i < IGREC_LANES; i++) {
		const struct snapshot_lane *lane = &snapshot_of(query)->lane[i];
		const uint64_t figures[] = {lane->written, lane->overwritten, lane->dropped,
					    lane->torn_records, lane->bytes};

		rows_set_string(rows, 0, row_lane_name((enum igrec_lane)i));
		for (unsigned at = 0; at < sizeof(figures) / sizeof(figures[0]); at++)
			rows_set_int(rows, at + 1, (int64_t)figures[at]);
		err = rows_put(rows);
	}
	return err;
}
TABLE(lanes, "records written and lost, by lane of the ring", lanes_columns, make_lanes);

/* ---- tasks and their descriptors ---------------------------------------------------------- */

enum {
	TASKS_PID,
	TASKS_HOST_PID,
	TASKS_PARENT,
	TASKS_COMM,
	TASKS_ARGV,
	TASKS_EXE,
	TASKS_CWD,
	TASKS_UID,
	TASKS_STATE,
	TASKS_THREADS,
	TASKS_RSS,
	TASKS_AT_OOM,
};

static const struct view_column tasks_columns[] = {
	[TASKS_PID] = COLUMN("pid", VIEW_INT),
	[TASKS_HOST_PID] = COLUMN("host_pid", VIEW_INT),
	[TASKS_PARENT] = COLUMN("parent_host_pid", VIEW_INT),
	[TASKS_COMM] = COLUMN("comm", VIEW_TEXT),
	[TASKS_ARGV] = COLUMN("argv", VIEW_LIST),
	[TASKS_EXE] = COLUMN("exe", VIEW_TEXT),
	[TASKS_CWD] = COLUMN("cwd", VIEW_TEXT),
	[TASKS_UID] = COLUMN("uid", VIEW_INT),
	[TASKS_STATE] = COLUMN("state", VIEW_TEXT),
	[TASKS_THREADS] = COLUMN("threads", VIEW_INT),
	[TASKS_RSS] = COLUMN("rss_bytes", VIEW_BYTES),
	[TASKS_AT_OOM] = COLUMN("at_oom", VIEW_BOOL),
};

static int put_task(const struct snapshot_task *task, struct view_rows *rows)
{
	rows_set_id(rows, TASKS_PID, task->ns_tgid);
	rows_set_id(rows, TASKS_HOST_PID, task->tgid);
	rows_set_id(rows, TASKS_PARENT, task->parent_tgid);
	rows_set_string(rows, TASKS_COMM, task->comm);
	rows_set_text(rows, TASKS_ARGV, task->argv, task->argv_bytes);
	rows_set_string(rows, TASKS_EXE, task->exe);
	rows_set_string(rows, TASKS_CWD, task->cwd);
	rows_set_int(rows, TASKS_UID, task->uid);
	if (task->state)
		rows_set_text(rows, TASKS_STATE, &task->state, 1);
	rows_set_id(rows, TASKS_THREADS, task->threads);
	set_known(rows, TASKS_RSS, task->rss_bytes);
	rows_set_bool(rows, TASKS_AT_OOM, task->at_oom);
	return rows_put(rows);
}

static int make_tasks(const struct view_query *query, struct view_rows *rows)
{
	const struct snapshot *snapshot = snapshot_of(query);
	int err = 0;

	for (size_t i = 0; !err && i < snapshot->n_tasks; i++)
		err = put_task(&snapshot->tasks[i], rows);
	for (size_t i = 0; !err && i < snapshot->n_oom_tasks; i++)
		err = put_task(&snapshot->oom_tasks[i], rows);
	return err;
}
TABLE(tasks, "processes that still stood when the dump was made", tasks_columns, make_tasks);

static const struct view_column descriptors_columns[] = {
	COLUMN("host_pid", VIEW_INT),
	COLUMN("fd", VIEW_INT),
	COLUMN("target", VIEW_TEXT),
};

static int make_descriptors(const struct view_query *query, struct view_rows *rows)
{
	const struct snapshot *snapshot = snapshot_of(query);
	int err = 0;

	for (size_t i = 0; !err && i < snapshot->n_fds; i++) {
		rows_set_id(rows, 0, snapshot->fds[i].tgid);
		rows_set_int(rows, 1, snapshot->fds[i].fd);
		rows_set_string(rows, 2, snapshot->fds[i].target);
		err = rows_put(rows);
	}
	return err;
}
TABLE(descriptors, "their open files", descriptors_columns, make_descriptors);

/* ---- the cgroup's figures, the log -------------------------------------------------------- */

static const struct view_column vitals_columns[] = {
	COLUMN("name", VIEW_TEXT),
	COLUMN("time_ns", VIEW_TIME_NS),
	COLUMN("value", VIEW_INT),
};

static int make_vitals(const struct view_query *query, struct view_rows *rows)
{
	const struct snapshot *snapshot = snapshot_of(query);
	int err = 0;

	for (size_t i = 0; !err && i < snapshot->n_vitals; i++) {
		rows_set_string(rows, 0, snapshot->vitals[i].name);
		rows_set_time(rows, 1, snapshot->vitals[i].time_ns);
		rows_set_int(rows, 2, snapshot->vitals[i].value);
		err = rows_put(rows);
	}
	return err;
}
TABLE(vitals, "figures of the cgroup at the end", vitals_columns, make_vitals);

static const struct view_column samples_columns[] = {
	COLUMN("time_ns", VIEW_TIME_NS),	  COLUMN("memory_bytes", VIEW_BYTES),
	COLUMN("limit_hits", VIEW_INT),		  COLUMN("pids", VIEW_INT),
	COLUMN("cpu_ns", VIEW_DURATION_NS),	  COLUMN("throttled", VIEW_INT),
	COLUMN("throttled_ns", VIEW_DURATION_NS), COLUMN("read_bytes", VIEW_BYTES),
	COLUMN("written_bytes", VIEW_BYTES),
};

static int make_samples(const struct view_query *query, struct view_rows *rows)
{
	const struct snapshot *snapshot = snapshot_of(query);
	int err = 0;

	for (size_t i = 0; !err && i < snapshot->n_samples; i++) {
		const struct snapshot_sample *sample = &snapshot->samples[i];
		const int64_t figures[] = {sample->memory_bytes, sample->limit_hits,
					   sample->pids,	 sample->cpu_ns,
					   sample->throttled,	 sample->throttled_ns,
					   sample->read_bytes,	 sample->written_bytes};

		rows_set_time(rows, 0, sample->time_ns);
		for (unsigned at = 0; at < sizeof(figures) / sizeof(figures[0]); at++)
			set_known(rows, at + 1, figures[at]);
		err = rows_put(rows);
	}
	return err;
}
TABLE(samples, "figures of the cgroup over its last minutes", samples_columns, make_samples);

static const struct view_column log_columns[] = {
	COLUMN("time_ns", VIEW_TIME_NS),
	COLUMN("stream", VIEW_TEXT),
	COLUMN("text", VIEW_TEXT),
	COLUMN("truncated", VIEW_BOOL),
};

static int make_log(const struct view_query *query, struct view_rows *rows)
{
	const struct snapshot *snapshot = snapshot_of(query);
	int err = 0;

	for (size_t i = 0; !err && i < snapshot->n_log; i++) {
		const struct snapshot_log *line = &snapshot->log[i];

		set_known(rows, 0, line->time_ns);
		rows_set_string(rows, 1, line->stream);
		rows_set_text(rows, 2, line->text, line->text_bytes);
		rows_set_bool(rows, 3, line->truncated);
		err = rows_put(rows);
	}
	return err;
}
TABLE(log, "the last lines of the container's log", log_columns, make_log);

const struct view *const own_tables[] = {
	&table_dumps,  &table_findings, &table_lanes, &table_tasks, &table_descriptors,
	&table_vitals, &table_samples,	&table_log,   NULL,
};
