/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A made-up store for the benchmarks of what reads dumps: COUNT dumps of many containers, each with
 * RECORDS records in its flow lane, the same on each run.
 *
 *   bench_store DIRECTORY COUNT RECORDS
 */
#include <stdio.h>

#include "common/cleanup.h"
#include "dumper/dump_writer.h"
#include "tests/support/must.h"
#include "tests/support/sample_snapshot.h"

#define SECOND_NS   1000000000LL
#define CONTAINERS  40
#define RECORDS_MAX 4000000

static void write_one(struct store *store, struct snapshot *snapshot, unsigned number)
{
	char name[32];
	char *pod = snapshot->identity.pod;

	snprintf(name, sizeof(name), "shop-%02u", number % CONTAINERS);
	snapshot->identity.pod = name;
	snapshot->realtime_offset_ns += 7 * SECOND_NS;
	must(dump_write(snapshot, &(struct dump_cause){.sentence = "it read address 0"}, store,
			NULL) == 0);
	snapshot->identity.pod = pod;
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
	unsigned long records = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	struct sample_options options = {.flow_records = records, .seed = 1};
	struct snapshot *snapshot;
	struct store *store;

	if (!count || records > RECORDS_MAX) {
		fprintf(stderr, "usage: bench_store DIRECTORY COUNT RECORDS\n");
		return 2;
	}
	must(store_open(argv[1], true, &store) == 0);
	snapshot = sample_snapshot_new(&options);
	for (unsigned number = 0; number < count; number++)
		write_one(store, snapshot, number);
	snapshot_free(snapshot);
	store_close(store);
	return 0;
}
