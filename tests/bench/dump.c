/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a tape takes on disk, and how long it takes to get there and back: each dump given is read
 * and written anew, by this program's writer, into a directory beside it that goes away again; and
 * how long it takes to look for secrets in it.
 *
 *   bench_dump DUMP...
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "dumper/dump_writer.h"
#include "dumper/scrub.h"
#include "replay/dump.h"

#define ROUNDS 21

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static double median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof(values[0]), by_value);
	return values[ROUNDS / 2];
}

static uint64_t records_of(const struct snapshot *snapshot)
{
	uint64_t records = 0;

	for (int lane = 0; lane < IGREC_LANES; lane++)
		for (size_t i = 0; i < snapshot->lane[lane].n_blocks; i++)
			records += snapshot->lane[lane].blocks[i].records;
	return records;
}

static bool same_tape(const struct snapshot *a, const struct snapshot *b)
{
	for (int lane = 0; lane < IGREC_LANES; lane++)
		if (a->lane[lane].bytes != b->lane[lane].bytes ||
		    memcmp(a->lane[lane].data, b->lane[lane].data, a->lane[lane].bytes) != 0)
			return false;
	return true;
}

/* Writes it and reads it again; the file is removed. 0 or a negative errno. */
static int round_trip(const struct snapshot *snapshot, struct store *store, double *write_ms,
		      double *read_ms, off_t *bytes)
{
	AUTO_FREE char *file = NULL;
	AUTO_FREE char *path = NULL;
	struct dump *back;
	struct stat info;
	double begin = now_ms();
	int err = dump_write(snapshot, NULL, store, &file);

	*write_ms = now_ms() - begin;
	if (err || asprintf(&path, "%s/%s", store_path(store), file) < 0)
		return err ? err : -ENOMEM;
	begin = now_ms();
	err = dump_open(path, &back, NULL);
	*read_ms = now_ms() - begin;
	if (!err)
		err = stat(path, &info) || !same_tape(snapshot, dump_snapshot(back)) ? -EIO : 0;
	*bytes = info.st_size;
	if (!err)
		dump_free(back);
	store_remove(store, file);
	return err;
}

/* What is masked once is scanned like the rest from then on. */
static double mask_ms(struct dump *dump)
{
	struct mask *mask = mask_new(true);
	double ms[ROUNDS] = {0};

	for (int i = 0; i < ROUNDS && mask; i++) {
		double begin = now_ms();

		scrub_mask(dump_snapshot_to_change(dump), ARCH_HOST, mask);
		ms[i] = now_ms() - begin;
	}
	mask_free(mask);
	return median(ms);
}

static int measure(const char *path, struct store *store)
{
	double write_ms[ROUNDS], read_ms[ROUNDS];
	struct dump_fault why;
	struct dump *dump;
	uint64_t records;
	off_t bytes = 0;
	int err = dump_open(path, &dump, &why);

	if (err) {
		fprintf(stderr, "bench_dump: %s %s\n", path, why.text);
		return 1;
	}
	for (int i = 0; i < ROUNDS && !err; i++)
		err = round_trip(dump_snapshot(dump), store, &write_ms[i], &read_ms[i], &bytes);
	records = records_of(dump_snapshot(dump));
	if (err)
		fprintf(stderr, "bench_dump: %s: %s\n", path, strerror(-err));
	else
		printf("%-32s %8llu %10lld %8.2f %8.1f %8.1f %8.2f\n", path,
		       (unsigned long long)records, (long long)bytes,
		       records ? (double)bytes / records : 0, median(write_ms), median(read_ms),
		       mask_ms(dump));
	dump_free(dump);
	return err ? 1 : 0;
}

int main(int argc, char **argv)
{
	char directory[] = "bench-dump-XXXXXX";
	struct store *store;
	int failed = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: bench_dump DUMP...\n");
		return 2;
	}
	if (!mkdtemp(directory) || store_open(directory, false, &store)) {
		perror(directory);
		return 1;
	}
	printf("%-32s %8s %10s %8s %8s %8s %8s\n", "DUMP", "EVENTS", "BYTES", "/EVENT", "WRITE ms",
	       "READ ms", "MASK ms");
	for (int i = 1; i < argc; i++)
		failed |= measure(argv[i], store);
	store_close(store);
	rmdir(directory);
	return failed;
}
