/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes what fuzz targets start from: fuzz_seeds NAME DIRECTORY.
 */
#include <unistd.h>

#include "common/cleanup.h"
#include "dumper/chunk.h"
#include "storage/dump_name.h"
#include "tests/support/must.h"
#include "tests/support/sample_snapshot.h"
#include "tests/support/temp_store.h"

static void write_seed(const char *directory, const char *name, const void *data, size_t bytes)
{
	AUTO_FREE char *path = NULL;

	must(asprintf(&path, "%s/%s", directory, name) > 0);
	file_write(path, data, bytes);
}

static void seed_dumps(const char *directory)
{
	static const unsigned sizes[] = {0, 50, 1000};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		free(sample_dump_new(directory, sizes[i]));
}

/* The row, then the raw bytes, as fuzz_chunk.c takes them apart. */
static void seed_chunks(const char *directory)
{
	const struct sample_options options = {.flow_records = 30, .seed = 2};
	struct snapshot *snapshot = sample_snapshot_new(&options);

	for (int lane = 0; lane < IGREC_LANES; lane++) {
		struct buf raw = {}, seed = {};
		struct chunk chunk;
		char name[16];

		must(chunk_pack(&snapshot->lane[lane], 0, &raw, &chunk) > 0);
		chunk.lane = (uint32_t)lane;
		buf_add(&seed, &chunk, sizeof(chunk));
		buf_add(&seed, raw.data, raw.bytes);
		snprintf(name, sizeof(name), "lane%d", lane);
		write_seed(directory, name, seed.data, seed.bytes);
		buf_done(&raw);
		buf_done(&seed);
	}
	snapshot_free(snapshot);
}

/* The records of a lane, without anything before them. */
static void seed_records(const char *directory)
{
	const struct sample_options options = {.flow_records = 30, .seed = 2};
	struct snapshot *snapshot = sample_snapshot_new(&options);

	for (int lane = 0; lane < IGREC_LANES; lane++) {
		char name[16];

		snprintf(name, sizeof(name), "lane%d", lane);
		write_seed(directory, name, snapshot->lane[lane].data, snapshot->lane[lane].bytes);
	}
	snapshot_free(snapshot);
}

static void seed_names(const char *directory)
{
	static const char name[] =
		SAMPLE_FILE_TIME "_shop_crash-app-7d4b9c6f5-x2x7q_-_signal_0123456789ab.igrec";

	write_seed(directory, "name", name, sizeof(name) - 1);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*seed)(const char *directory);
	} seeders[] = {
		{"dump", seed_dumps},
		{"chunk", seed_chunks},
		{"dump_name", seed_names},
		{"replay", seed_records},
	};

	must(argc == 3);
	for (size_t i = 0; i < ARRAY_SIZE(seeders); i++) {
		if (strcmp(argv[1], seeders[i].name) == 0)
			seeders[i].seed(argv[2]);
	}
	return 0;
}
