/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast replay makes text of a tape: events per second of one core, for each format, from a
 * snapshot in memory to /dev/null.  The cost of formatting one plain line with fprintf stands
 * beside it.
 *
 *   bench_render [EVENTS]      default 1,000,000
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "replay/replay.h"
#include "tests/support/sample_snapshot.h"

#define EVENTS_DEFAULT 1000000
#define EVENTS_MAX     4000000
#define ROUNDS	       5

static const char *const formats[] = {"columns", "wide", "strace", "json"};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* Median of the rounds: events per second; negative errno if it fails. */
static double measure(const struct snapshot *snapshot, const char *format, FILE *out)
{
	struct replay_options options = {.arch = ARCH_X86_64, .fds = REPLAY_FDS_ADDRESSES};
	struct replay_counts counts;
	double rates[ROUNDS];

	if (replay_format_parse(format, &options.format))
		return -EINVAL;
	for (int i = 0; i < ROUNDS; i++) {
		double begin = now_s();
		int err = replay_render(snapshot, &options, out, &counts);

		if (err)
			return err;
		rates[i] = counts.shown / (now_s() - begin);
	}
	qsort(rates, ROUNDS, sizeof(rates[0]), by_value);
	return rates[ROUNDS / 2];
}

static double measure_fprintf(unsigned events, FILE *out)
{
	double begin = now_s();

	for (unsigned i = 0; i < events; i++)
		fprintf(out, "%5d %.6f read(%d, \"%s\"..., %d) = %d <%.6f>\n", 1, i / 1e6, 3,
			"a line of a program's log", 4096, 4096, 0.000012);
	return events / (now_s() - begin);
}

int main(int argc, char **argv)
{
	unsigned long events = argc > 1 ? strtoul(argv[1], NULL, 10) : EVENTS_DEFAULT;
	struct sample_options sample = {.flow_records = events, .seed = 1};
	struct snapshot *snapshot;
	AUTO_FCLOSE FILE *out = fopen("/dev/null", "w");

	if (events < 1 || events > EVENTS_MAX || !out) {
		fprintf(stderr, "usage: bench_render [EVENTS], 1 to %d\n", EVENTS_MAX);
		return 2;
	}
	snapshot = sample_snapshot_new(&sample);
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		double rate = measure(snapshot, formats[i], out);

		if (rate < 0) {
			fprintf(stderr, "bench_render: %s: %s\n", formats[i], strerror(-rate));
			return 1;
		}
		printf("%-8s %10.0f events/s\n", formats[i], rate);
	}
	printf("%-8s %10.0f lines/s, one plain line by fprintf\n", "fprintf",
	       measure_fprintf(events, out));
	snapshot_free(snapshot);
	return 0;
}
