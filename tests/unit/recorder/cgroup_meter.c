/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cgroups' files as Linux writes them, of both versions, in directories of the test's own; what
 * goes round in the ring of samples.
 */
#include "recorder/cgroup_meter.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "recorder/samples.h"

static char base[] = "/tmp/igrec-meter-XXXXXX";
static struct cgroup_place place;
static struct cgroup_meter meter;

static void put(enum cgroup_hierarchy hierarchy, const char *name, const char *text)
{
	AUTO_FCLOSE FILE *out = NULL;
	char path[256];

	if (!place.directory[hierarchy]) {
		assert_true(asprintf(&place.directory[hierarchy], "%s/%d", base, hierarchy) > 0);
		assert_int_equal(mkdir(place.directory[hierarchy], 0755), 0);
	}
	snprintf(path, sizeof(path), "%s/%s", place.directory[hierarchy], name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int set_up(void **state)
{
	memcpy(base + sizeof(base) - 7, "XXXXXX", 6);
	return mkdtemp(base) ? 0 : -1;
}

static int tear_down(void **state)
{
	cgroup_meter_close(&meter);
	cgroup_place_done(&place);
	return nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct snapshot_sample read_now(uint64_t now_ns)
{
	struct snapshot_sample sample;

	assert_int_equal(cgroup_meter_read(&meter, &place, true, now_ns, &sample), 0);
	assert_int_equal(sample.time_ns, now_ns);
	return sample;
}

static void put_version_2(const char *usage)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "usage_usec %s\nuser_usec 7\nsystem_usec 8\nnr_periods 100\nnr_throttled 40\n"
		 "throttled_usec 123456\nnr_bursts 0\nburst_usec 0\n",
		 usage);
	put(CGROUP_UNIFIED, "cpu.stat", text);
	put(CGROUP_UNIFIED, "memory.current", "41943040\n");
	put(CGROUP_UNIFIED, "memory.events",
	    "low 0\nhigh 3\nmax 17\noom 1\noom_kill 1\noom_group_kill 0\n");
	put(CGROUP_UNIFIED, "pids.current", "12\n");
	put(CGROUP_UNIFIED, "io.stat",
	    "254:0 rbytes=4096 wbytes=100 rios=1 wios=1 dbytes=9 dios=0\n"
	    "254:16 rbytes=1000 wbytes=24 rios=1 wios=1 dbytes=9 dios=0\n");
}

static void version_2(void **state)
{
	struct snapshot_sample sample;

	put_version_2("2500000");
	sample = read_now(7);
	assert_int_equal(sample.memory_bytes, 41943040);
	assert_int_equal(sample.limit_hits, 17);
	assert_int_equal(sample.pids, 12);
	assert_int_equal(sample.cpu_ns, 2500000000);
	assert_int_equal(sample.throttled, 40);
	assert_int_equal(sample.throttled_ns, 123456000);
	assert_int_equal(sample.read_bytes, 5096);
	assert_int_equal(sample.written_bytes, 124);
	assert_int_equal(cgroup_meter_open_files(&meter), 5);
}

/* More devices than are read: of a part there is no sum. */
static void too_many_devices(void **state)
{
	char text[4096] = "";
	struct snapshot_sample sample;

	put_version_2("1");
	for (size_t at = 0; at < 3000; at = strlen(text))
		snprintf(text + at, sizeof(text) - at, "254:%zu rbytes=4096 wbytes=100\n", at);
	put(CGROUP_UNIFIED, "io.stat", text);
	sample = read_now(7);
	assert_int_equal(sample.pids, 12);
	assert_int_equal(sample.read_bytes, -1);
	assert_int_equal(sample.written_bytes, -1);
}

static void version_1(void **state)
{
	struct snapshot_sample sample;

	put(CGROUP_UNIFIED, "cpu.stat", "usage_usec 5\nuser_usec 5\nsystem_usec 0\n");
	put(CGROUP_MEMORY, "memory.usage_in_bytes", "8192\n");
	put(CGROUP_MEMORY, "memory.failcnt", "3\n");
	put(CGROUP_MEMORY, "memory.memsw.failcnt", "4\n");
	put(CGROUP_PIDS, "pids.current", "2\n");
	put(CGROUP_CPU, "cpu.stat", "nr_periods 9\nnr_throttled 2\nthrottled_time 777\n");
	put(CGROUP_IO, "blkio.throttle.io_service_bytes_recursive",
	    "8:0 Read 4096\n8:0 Write 512\n8:0 Sync 4608\n8:0 Async 0\n8:0 Discard 0\n"
	    "8:0 Total 4608\n8:16 Read 1\n8:16 Write 2\nTotal 4611\n");
	sample = read_now(7);
	assert_int_equal(sample.memory_bytes, 8192);
	assert_int_equal(sample.limit_hits, 7);
	assert_int_equal(sample.pids, 2);
	assert_int_equal(sample.cpu_ns, 5000);
	assert_int_equal(sample.throttled, 2);
	assert_int_equal(sample.throttled_ns, 777);
	assert_int_equal(sample.read_bytes, 4097);
	assert_int_equal(sample.written_bytes, 514);
}

static void what_is_not_there(void **state)
{
	struct snapshot_sample sample;

	assert_int_equal(cgroup_meter_read(&meter, &place, true, 7, &sample), -ENOENT);
	put(CGROUP_UNIFIED, "pids.current", "no number\n");
	cgroup_meter_close(&meter);
	sample = read_now(8);
	assert_int_equal(sample.pids, -1);
	assert_int_equal(sample.memory_bytes, -1);
	assert_int_equal(sample.cpu_ns, -1);
	assert_int_equal(sample.written_bytes, -1);
}

/* While it did not run, the CPU time alone is read, but not for ever. */
static void idle(void **state)
{
	put_version_2("1000");
	assert_int_equal(read_now(1).pids, 12);
	put(CGROUP_UNIFIED, "pids.current", "13\n");
	for (int i = 0; i < 5; i++)
		assert_int_equal(read_now(2).pids, 12);
	assert_int_equal(read_now(3).pids, 13);
	put_version_2("1001");
	put(CGROUP_UNIFIED, "pids.current", "14\n");
	assert_int_equal(read_now(4).pids, 14);
}

/* The last reading is whole, and leaves nothing open. */
static void at_the_end(void **state)
{
	struct snapshot_sample sample;

	put_version_2("1000");
	read_now(1);
	cgroup_meter_close(&meter);
	put(CGROUP_UNIFIED, "pids.current", "1\n");
	assert_int_equal(cgroup_meter_read(&meter, &place, false, 2, &sample), 0);
	assert_int_equal(sample.pids, 1);
	assert_int_equal(cgroup_meter_open_files(&meter), 0);
}

static void ring_of_samples(void **state)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	struct samples samples;

	assert_int_equal(samples_init(&samples, 3), 0);
	assert_int_equal(samples_copy(&samples, snapshot), 0);
	assert_int_equal(snapshot->n_samples, 0);
	for (uint64_t i = 1; i <= 5; i++)
		samples_add(&samples, &(struct snapshot_sample){.time_ns = i});
	assert_int_equal(samples_copy(&samples, snapshot), 0);
	assert_int_equal(snapshot->n_samples, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(snapshot->samples[i].time_ns, i + 3);
	samples_done(&samples);
	snapshot_free(snapshot);
	assert_int_equal(samples_init(&samples, 0), 0);
	samples_add(&samples, &(struct snapshot_sample){.time_ns = 1});
	assert_int_equal(samples.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(version_2, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_many_devices, set_up, tear_down),
		cmocka_unit_test_setup_teardown(version_1, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(idle, set_up, tear_down),
		cmocka_unit_test_setup_teardown(at_the_end, set_up, tear_down),
		cmocka_unit_test(ring_of_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
