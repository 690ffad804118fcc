/* SPDX-License-Identifier: Apache-2.0 */
/* What was around the tape, for `igrec info`: the cgroup's figures over time, and the log. */
#include <inttypes.h>

#include "cli/chart.h"
#include "cli/info_parts.h"
#include "cli/text.h"
#include "common/buf.h"
#include "common/cleanup.h"
#include "common/escape.h"
#include "replay/memory_figures.h"

#define CHART_MARKS 60

/* ---- samples ---------------------------------------------------------------------------- */

#define FROM(member) offsetof(struct snapshot_sample, member)

static int64_t figure_of(const struct snapshot_sample *sample, size_t offset)
{
	return *(const int64_t *)((const char *)sample + offset);
}

/* Figures of the last samples, one for each mark, and the largest. */
struct series {
	int64_t value[CHART_MARKS]; /* -1 not known */
	size_t count;
	int64_t most; /* -1: none is known */
	int64_t last;
};

static void add_value(struct series *series, int64_t value)
{
	series->value[series->count++] = value;
	series->last = value;
	if (value > series->most)
		series->most = value;
}

static size_t first_mark(const struct snapshot *snapshot)
{
	return snapshot->n_samples > CHART_MARKS ? snapshot->n_samples - CHART_MARKS : 0;
}

/* As it was at each sample. */
static struct series levels(const struct snapshot *snapshot, size_t offset)
{
	struct series series = {.most = -1, .last = -1};

	for (size_t i = first_mark(snapshot); i < snapshot->n_samples; i++)
		add_value(&series, figure_of(&snapshot->samples[i], offset));
	return series;
}

/* How much it grew by in each second, times `unit`; of the first sample that is not known. */
static struct series rates(const struct snapshot *snapshot, size_t offset, double unit)
{
	struct series series = {.most = -1, .last = -1};

	for (size_t i = first_mark(snapshot); i < snapshot->n_samples; i++) {
		const struct snapshot_sample *now = &snapshot->samples[i],
					     *before = i ? now - 1 : now;
		int64_t from = figure_of(before, offset), to = figure_of(now, offset);
		double seconds = (double)(now->time_ns - before->time_ns) / 1e9;

		if (from < 0 || to < from || !(seconds > 0))
			add_value(&series, -1);
		else
			add_value(&series, (int64_t)((double)(to - from) * unit / seconds + 0.5));
	}
	return series;
}

static void print_series(const char *name, const struct series *series, int64_t top,
			 const char *legend, FILE *out)
{
	struct buf bars = {0};

	chart_add(&bars, series->value, series->count, top > series->most ? top : series->most,
		  chart_has_blocks());
	fprintf(out, "%-9s |%s| %s\n", name, buf_text(&bars) ? buf_text(&bars) : "", legend);
	buf_done(&bars);
}

static void print_memory(const struct snapshot *snapshot, FILE *out)
{
	struct series series = levels(snapshot, FROM(memory_bytes));
	struct memory_figures memory;
	struct text last, most;
	char legend[600];

	if (series.most < 0)
		return;
	memory_figures_of(snapshot, &memory);
	if (memory.limit_bytes > 0)
		snprintf(legend, sizeof(legend), "most %s of %s",
			 text_size(&last, (uint64_t)series.most),
			 text_size(&most, (uint64_t)memory.limit_bytes));
	else
		snprintf(legend, sizeof(legend), "most %s, no limit",
			 text_size(&last, (uint64_t)series.most));
	print_series("memory", &series, memory.limit_bytes, legend, out);
}

static void print_cpu(const struct snapshot *snapshot, FILE *out)
{
	struct series used = rates(snapshot, FROM(cpu_ns), 1e-6);
	struct series throttled = rates(snapshot, FROM(throttled_ns), 1e-6);
	char legend[64];

	if (used.most >= 0) {
		snprintf(legend, sizeof(legend), "most %.2f CPUs", (double)used.most / 1000);
		print_series("cpu", &used, 1, legend, out);
	}
	if (throttled.most > 0) {
		snprintf(legend, sizeof(legend), "most %.2f s a second, of all threads",
			 (double)throttled.most / 1000);
		print_series("throttled", &throttled, 1, legend, out);
	}
}

static void print_io(const struct snapshot *snapshot, FILE *out)
{
	static const struct {
		const char *name;
		size_t offset;
	} ways[] = {{"read", FROM(read_bytes)}, {"written", FROM(written_bytes)}};

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct series series = rates(snapshot, ways[i].offset, 1);
		char legend[300];
		struct text most;

		if (series.most <= 0)
			continue;
		snprintf(legend, sizeof(legend), "most %s a second",
			 text_size(&most, (uint64_t)series.most));
		print_series(ways[i].name, &series, 1, legend, out);
	}
}

static void print_pids(const struct snapshot *snapshot, FILE *out)
{
	struct series series = levels(snapshot, FROM(pids));
	char legend[64];

	if (series.most < 0)
		return;
	snprintf(legend, sizeof(legend), "most %" PRId64, series.most);
	print_series("threads", &series, 1, legend, out);
}

void info_print_samples(const struct snapshot *snapshot, FILE *out)
{
	size_t first = first_mark(snapshot);
	struct text covered;

	if (snapshot->n_samples < 2)
		return;
	fprintf(out, "\nThe last %s, in %zu samples:\n",
		text_duration(&covered, snapshot->samples[snapshot->n_samples - 1].time_ns -
						snapshot->samples[first].time_ns),
		snapshot->n_samples - first);
	print_memory(snapshot, out);
	print_cpu(snapshot, out);
	print_pids(snapshot, out);
	print_io(snapshot, out);
}

void info_add_samples(struct json *object, const struct snapshot *snapshot)
{
	static const struct {
		const char *key;
		size_t offset;
	} figures[] = {
		{"memory_bytes", FROM(memory_bytes)},
		{"limit_hits", FROM(limit_hits)},
		{"pids", FROM(pids)},
		{"cpu_ns", FROM(cpu_ns)},
		{"throttled", FROM(throttled)},
		{"throttled_ns", FROM(throttled_ns)},
		{"read_bytes", FROM(read_bytes)},
		{"written_bytes", FROM(written_bytes)},
	};

	json_open_array(object, "samples");
	for (size_t i = 0; i < snapshot->n_samples; i++) {
		const struct snapshot_sample *sample = &snapshot->samples[i];

		json_open_object(object, NULL);
		json_add_int(object, "time_ns",
			     (int64_t)sample->time_ns + snapshot->realtime_offset_ns);
		for (size_t f = 0; f < ARRAY_SIZE(figures); f++) {
			int64_t value = figure_of(sample, figures[f].offset);

			if (value < 0)
				json_add_null(object, figures[f].key);
			else
				json_add_int(object, figures[f].key, value);
		}
		json_close(object);
	}
	json_close(object);
}

/* ---- log -------------------------------------------------------------------------------- */

static void print_log_line(const struct snapshot_log *line, FILE *out)
{
	struct buf text = {0};
	struct text when;

	escape_name(&text, line->text, line->text_bytes);
	fprintf(out, "%s %s %s%s\n",
		line->time_ns < 0 ? "-" : strchr(text_time(&when, line->time_ns), ' ') + 1,
		!strcmp(line->stream, "stderr")	  ? "err"
		: !strcmp(line->stream, "stdout") ? "out"
						  : "-  ",
		buf_text(&text) ? buf_text(&text) : "", line->truncated ? "..." : "");
	buf_done(&text);
}

void info_print_log(const struct snapshot *snapshot, size_t most, FILE *out)
{
	size_t first = snapshot->n_log <= most ? 0 : snapshot->n_log - most;

	if (!snapshot->n_log)
		return;
	fputs("\nLog", out);
	if (first)
		fprintf(out, ", the last %zu of %zu lines (igrec info --log for all)",
			snapshot->n_log - first, snapshot->n_log);
	fputs(":\n", out);
	for (size_t i = first; i < snapshot->n_log; i++)
		print_log_line(&snapshot->log[i], out);
}

void info_add_log(struct json *object, const struct snapshot *snapshot)
{
	json_add_text(object, "log_file", snapshot->log_file);
	json_open_array(object, "log");
	for (size_t i = 0; i < snapshot->n_log; i++) {
		const struct snapshot_log *line = &snapshot->log[i];

		json_open_object(object, NULL);
		if (line->time_ns < 0)
			json_add_null(object, "time_ns");
		else
			json_add_int(object, "time_ns", line->time_ns);
		json_add_text(object, "stream", line->stream);
		json_add_bytes(object, "text", line->text, line->text_bytes);
		json_add_bool(object, "truncated", line->truncated);
		json_close(object);
	}
	json_close(object);
}
