/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a golden dump and compares what it says with the checked-in texts: golden_test FORMAT,
 * for example "format1" or "arm64". With IGREC_GOLDEN_UPDATE=1 it writes the texts instead. See
 * README.md.
 */
#include <errno.h>
#include <inttypes.h>

#include "common/cleanup.h"
#include "replay/dump.h"
#include "replay/replay.h"
#include "tests/support/must.h"
#include "tests/support/temp_store.h"

/* What a dump says, in one form. */
struct view {
	const char *name; /* of the file, behind the format's */
	void (*print)(const struct dump *dump, FILE *out, const struct view *view);
	enum replay_format format;
	bool recorded;	  /* on a real kernel: nothing is missing, and set-up is left out */
	const char *comm; /* only what these did; NULL: all */
};

static const char *text_of(const char *text)
{
	return text ? text : "(unknown)";
}

static void print_head(const struct dump *dump, FILE *out)
{
	const struct snapshot *snapshot = dump_snapshot(dump);
	const struct container_identity *identity = &snapshot->identity;
	const struct failure *failure = &snapshot->failure;

	fprintf(out, "dump %s %s igrec %s cause \"%s\"\n", dump_id(dump), dump_arch(dump),
		dump_version(dump), dump_cause(dump));
	fprintf(out,
		"taken %" PRIu64 " offset %" PRId64 " started %" PRIu64
		" init %u cpus %u payload %u %u ring %" PRIu64 " truncated %" PRIu64
		" unreadable %" PRIu64 "\n",
		snapshot->taken_ns, snapshot->realtime_offset_ns, snapshot->started_ns,
		snapshot->init_tgid, snapshot->cpus, snapshot->payload, snapshot->payload_bytes,
		snapshot->ring_bytes, snapshot->truncated, snapshot->unreadable);
	if (snapshot->masked)
		fprintf(out, "masked %" PRIu64 "\n", snapshot->masked);
	fprintf(out, "container %s %s %s %s %s %s %s %s %s %" PRIx64 " restart %" PRId64 "\n",
		text_of(identity->runtime), text_of(identity->container_id),
		text_of(identity->container), text_of(identity->image), text_of(identity->pod),
		text_of(identity->namespace), text_of(identity->pod_uid), text_of(identity->node),
		text_of(identity->cgroup_path), identity->cgroup_id, identity->restart);
	if (identity->type)
		fprintf(out, "in its pod %s %s %s %s static %d\n", identity->type,
			text_of(identity->image_id), text_of(identity->sandbox_id),
			text_of(identity->qos), identity->static_pod);
	fprintf(out,
		"failure %s exit %d signal %d core %d time %" PRIu64 " process %u %u %s late %d\n",
		failure_kind_name(failure->kind), failure->exit_code, failure->signal,
		failure->core, failure->time_ns, failure->tgid, failure->ns_tgid, failure->comm,
		failure->late);
}

static void print_lanes(const struct snapshot *snapshot, FILE *out)
{
	for (int i = 0; i < IGREC_LANES; i++) {
		const struct snapshot_lane *lane = &snapshot->lane[i];

		fprintf(out,
			"lane %d written %" PRIu64 " overwritten %" PRIu64 " %" PRIu64
			" dropped %" PRIu64 " torn %" PRIu64 " %" PRIu64 "\n",
			i, lane->written, lane->overwritten, lane->overwritten_bytes, lane->dropped,
			lane->torn_blocks, lane->torn_records);
		for (size_t b = 0; b < lane->n_blocks; b++)
			fprintf(out, "block %" PRIu64 " records %u bytes %u\n",
				lane->blocks[b].sequence, lane->blocks[b].records,
				lane->blocks[b].bytes);
	}
}

static void print_tasks(const char *name, const struct snapshot_task *tasks, size_t count,
			FILE *out)
{
	for (size_t i = 0; i < count; i++) {
		const struct snapshot_task *task = &tasks[i];

		fprintf(out, "%s %u %u parent %u uid %u start %" PRIu64 " %c %s %s %s argv %zu",
			name, task->tgid, task->ns_tgid, task->parent_tgid, task->uid,
			task->start_ns, task->state, task->comm, text_of(task->exe),
			text_of(task->cwd), task->argv_bytes);
		if (task->threads)
			fprintf(out, " threads %u rss %" PRId64, task->threads, task->rss_bytes);
		for (size_t at = 0; at < task->argv_bytes; at += strlen(task->argv + at) + 1)
			fprintf(out, " \"%s\"", task->argv + at);
		fprintf(out, "\n");
	}
}

static void print_samples(const struct snapshot *snapshot, FILE *out)
{
	for (size_t i = 0; i < snapshot->n_samples; i++) {
		const struct snapshot_sample *sample = &snapshot->samples[i];

		fprintf(out,
			"sample %" PRIu64 " memory %" PRId64 " hits %" PRId64 " pids %" PRId64
			" cpu %" PRId64 " throttled %" PRId64 " %" PRId64 " io %" PRId64 " %" PRId64
			"\n",
			sample->time_ns, sample->memory_bytes, sample->limit_hits, sample->pids,
			sample->cpu_ns, sample->throttled, sample->throttled_ns, sample->read_bytes,
			sample->written_bytes);
	}
}

static void print_log(const struct snapshot *snapshot, FILE *out)
{
	if (snapshot->log_file)
		fprintf(out, "log file %s\n", snapshot->log_file);
	for (size_t i = 0; i < snapshot->n_log; i++) {
		const struct snapshot_log *line = &snapshot->log[i];

		fprintf(out, "log %" PRId64 " %s truncated %d ", line->time_ns, line->stream,
			line->truncated);
		for (size_t at = 0; at < line->text_bytes; at++)
			fprintf(out,
				line->text[at] >= ' ' && line->text[at] <= '~' ? "%c" : "\\%03o",
				(unsigned char)line->text[at]);
		fprintf(out, "\n");
	}
}

static void print_facts(const struct dump *dump, FILE *out, const struct view *view)
{
	const struct snapshot *snapshot = dump_snapshot(dump);

	print_head(dump, out);
	print_lanes(snapshot, out);
	print_tasks("task", snapshot->tasks, snapshot->n_tasks, out);
	print_tasks("oom task", snapshot->oom_tasks, snapshot->n_oom_tasks, out);
	for (size_t i = 0; i < snapshot->n_fds; i++)
		fprintf(out, "fd %u %d %s\n", snapshot->fds[i].tgid, snapshot->fds[i].fd,
			text_of(snapshot->fds[i].target));
	for (size_t i = 0; i < snapshot->n_vitals; i++)
		fprintf(out, "vital %s %" PRIu64 " %" PRId64 "\n",
			text_of(snapshot->vitals[i].name), snapshot->vitals[i].time_ns,
			snapshot->vitals[i].value);
	print_samples(snapshot, out);
	print_log(snapshot, out);
}

static void print_replay(const struct dump *dump, FILE *out, const struct view *view)
{
	struct replay_options options = {.format = view->format, .hide_setup = view->recorded};
	struct filter *filter = NULL;
	struct filter_error error;
	struct replay_counts counts;

	must(arch_parse(dump_arch(dump), &options.arch) == 0);
	if (view->comm) {
		must(filter_new(options.arch, &filter) == 0);
		must(filter_add(filter, FILTER_COMM, view->comm, &error) == 0);
		options.filter = filter;
	}
	must(replay_render(dump_snapshot(dump), &options, out, &counts) == 0);
	must(counts.incomplete == !view->recorded);
	filter_free(filter);
}

static const struct view recorded_views[] = {
	{"facts.txt", print_facts, REPLAY_COLUMNS, true, NULL},
	{"columns.txt", print_replay, REPLAY_COLUMNS, true, NULL},
	{"strace.txt", print_replay, REPLAY_STRACE, true, NULL},
	{"json.txt", print_replay, REPLAY_JSON, true, "arm32"},
};

static const struct view views[] = {
	{"facts.txt", print_facts, REPLAY_COLUMNS, false, NULL},
	{"columns.txt", print_replay, REPLAY_COLUMNS, false, NULL},
	{"wide.txt", print_replay, REPLAY_WIDE, false, NULL},
	{"json.txt", print_replay, REPLAY_JSON, false, NULL},
	{"strace.txt", print_replay, REPLAY_STRACE, false, NULL},
};

static char *path_of(const char *format, const char *name)
{
	char *path = NULL;

	must(asprintf(&path, "%s/%s.%s", GOLDEN_DIRECTORY, format, name) > 0);
	return path;
}

/* Shows the first line that differs. */
static void show_difference(const char *path, const char *got, const char *wanted)
{
	size_t line = 1, start = 0, at = 0;

	for (; got[at] && got[at] == wanted[at]; at++) {
		if (got[at] == '\n') {
			line++;
			start = at + 1;
		}
	}
	fprintf(stderr, "%s, line %zu:\n-%.*s\n+%.*s\n", path, line,
		(int)strcspn(wanted + start, "\n"), wanted + start, (int)strcspn(got + start, "\n"),
		got + start);
}

/* Returns whether the view is as it should be. */
static bool check_view(const struct dump *dump, const struct view *view, const char *format)
{
	AUTO_FREE char *path = path_of(format, view->name);
	AUTO_FREE char *got = NULL, *wanted = NULL;
	size_t got_bytes, wanted_bytes;
	FILE *out = open_memstream(&got, &got_bytes);

	must(out);
	view->print(dump, out, view);
	must(fclose(out) == 0);
	if (getenv("IGREC_GOLDEN_UPDATE")) {
		file_write(path, got, got_bytes);
		return true;
	}
	wanted = (char *)file_read(path, &wanted_bytes);
	wanted[wanted_bytes] = '\0';
	if (strcmp(got, wanted) == 0)
		return true;
	show_difference(path, got, wanted);
	return false;
}

int main(int argc, char **argv)
{
	AUTO_FREE char *path = NULL;
	struct dump_fault why;
	struct dump *dump;
	bool same = true;

	must(argc == 2);
	path = path_of(argv[1], "igrec");
	if (dump_open(path, &dump, &why)) {
		fprintf(stderr, "%s %s\n", path, why.text);
		return 1;
	}
	must(dump_verify(dump) == 0);
	if (strcmp(argv[1], "arm64") == 0) {
		for (size_t i = 0; i < ARRAY_SIZE(recorded_views); i++)
			same &= check_view(dump, &recorded_views[i], argv[1]);
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(views); i++)
			same &= check_view(dump, &views[i], argv[1]);
	}
	dump_free(dump);
	return same ? 0 : 1;
}
