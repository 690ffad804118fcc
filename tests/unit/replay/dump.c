/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dump file from writer to reader: all that goes in comes out, and what is foreign, damaged
 * or cut short is refused or salvaged with a word, never believed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "dumper/dump_writer.h"
#include "replay/dump.h"
#include "storage/dump_name.h"
#include "tests/support/sample_snapshot.h"
#include "tests/support/snapshot_equal.h"
#include "tests/support/temp_store.h"

static const struct sample_options small = {.flow_records = 60, .seed = 1};

struct fixture {
	char *directory;
	char *path;		   /* of a small dump */
	struct snapshot *snapshot; /* what is in it */
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->directory = temp_directory_new();
	fixture->path = sample_dump_new(fixture->directory, small.flow_records);
	fixture->snapshot = sample_snapshot_new(&small);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	temp_directory_remove(fixture->directory);
	snapshot_free(fixture->snapshot);
	free(fixture->path);
	free(fixture);
	return 0;
}

static size_t count_faults(const struct dump *dump)
{
	const struct dump_fault *faults;

	return dump_faults(dump, &faults);
}

static void print_faults(const struct dump *dump)
{
	const struct dump_fault *faults;
	size_t count = dump_faults(dump, &faults);

	for (size_t i = 0; i < count; i++)
		print_message("fault: %s\n", faults[i].text);
}

static void all_comes_back(void **state)
{
	static const unsigned sizes[] = {0, 1, 60, 3000};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const struct sample_options options = {.flow_records = sizes[i], .seed = 1};
		AUTO_FREE char *path = sample_dump_new(fixture->directory, sizes[i]);
		struct snapshot *expected = sample_snapshot_new(&options);
		struct dump_fault why;
		struct dump *dump;

		assert_int_equal(dump_open(path, &dump, &why), 0);
		print_faults(dump);
		assert_int_equal(count_faults(dump), 0);
		assert_null(snapshot_difference(dump_snapshot(dump), expected));
		assert_int_equal(dump_verify(dump), 0);
		dump_free(dump);
		snapshot_free(expected);
	}
}

static void facts_about_the_file(void **state)
{
	struct fixture *fixture = *state;
	struct dump_name name;
	struct dump *dump;

	assert_int_equal(dump_open(fixture->path, &dump, NULL), 0);
	assert_int_equal(dump_name_parse(strrchr(fixture->path, '/') + 1, &name), 0);
	assert_string_equal(dump_id(dump), name.id);
	assert_string_equal(dump_path(dump), fixture->path);
	assert_string_equal(dump_cause(dump), "it read address 0");
	assert_string_equal(dump_version(dump), IGREC_VERSION);
#if defined(__x86_64__)
	assert_string_equal(dump_arch(dump), "x86_64");
#else
	assert_string_equal(dump_arch(dump), "aarch64");
#endif
	dump_free(dump);
}

static void header_alone(void **state)
{
	struct fixture *fixture = *state;
	const struct snapshot *snapshot;
	struct dump *dump;

	assert_int_equal(dump_open_header(fixture->path, &dump, NULL), 0);
	snapshot = dump_snapshot(dump);
	assert_int_equal(count_faults(dump), 0);
	assert_string_equal(snapshot->identity.container, "crash-app");
	assert_int_equal(snapshot->failure.kind, FAILURE_SIGNAL);
	assert_int_equal(snapshot->lane[IGREC_LANE_FLOW].overwritten, SAMPLE_OVERWRITTEN);
	assert_int_equal(snapshot->lane[IGREC_LANE_FLOW].n_blocks, 0);
	assert_int_equal(snapshot->n_tasks, 0);
	assert_string_equal(dump_cause(dump), "it read address 0");
	assert_int_equal(dump_verify(dump), -EINVAL);
	dump_free(dump);
}

/* Unknown strings stay unknown, empty ones empty; a restart count may be unknown. */
static void missing_values(void **state)
{
	struct fixture *fixture = *state;
	struct snapshot *snapshot = fixture->snapshot;
	AUTO_FREE char *file = NULL, *path = NULL;
	struct store *store;
	struct dump *dump;

	container_identity_done(&snapshot->identity);
	snapshot->identity.image = strdup("");
	snapshot->identity.cgroup_id = UINT64_MAX;
	snapshot->failure.exit_code = -1;
	free(snapshot->tasks[0].argv);
	snapshot->tasks[0].argv = NULL;
	snapshot->tasks[0].argv_bytes = 0;
	snapshot->tasks[0].state = '\0';
	assert_int_equal(store_open(fixture->directory, false, &store), 0);
	assert_int_equal(dump_write(snapshot, NULL, store, &file), 0);
	assert_true(asprintf(&path, "%s/%s", fixture->directory, file) > 0);
	assert_int_equal(dump_open(path, &dump, NULL), 0);
	assert_null(snapshot_difference(dump_snapshot(dump), snapshot));
	assert_int_equal(dump_snapshot(dump)->identity.restart, -1);
	assert_null(dump_snapshot(dump)->identity.pod);
	assert_string_equal(dump_cause(dump), "");
	assert_int_equal(dump_verify(dump), 0);
	dump_free(dump);
	store_close(store);
}

/* What is longer than readers accept is cut by the writer. */
static void long_strings(void **state)
{
	struct fixture *fixture = *state;
	struct snapshot *snapshot = fixture->snapshot;
	AUTO_FREE char *file = NULL, *path = NULL;
	struct store *store;
	struct dump *dump;

	free(snapshot->tasks[0].exe);
	snapshot->tasks[0].exe = calloc(1, 200001);
	memset(snapshot->tasks[0].exe, 'x', 200000);
	free(snapshot->tasks[0].argv);
	snapshot->tasks[0].argv = calloc(1, 200000);
	snapshot->tasks[0].argv_bytes = 200000;
	assert_int_equal(store_open(fixture->directory, false, &store), 0);
	assert_int_equal(dump_write(snapshot, NULL, store, &file), 0);
	assert_true(asprintf(&path, "%s/%s", fixture->directory, file) > 0);
	assert_int_equal(dump_open(path, &dump, NULL), 0);
	assert_int_equal(count_faults(dump), 0);
	assert_int_equal(strlen(dump_snapshot(dump)->tasks[0].exe), 65535);
	assert_int_equal(dump_snapshot(dump)->tasks[0].argv_bytes, 65535);
	dump_free(dump);
	store_close(store);
}

static void refused(const char *path, int wanted, const char *text)
{
	struct dump *dump = NULL;
	struct dump_fault why = {""};

	assert_int_equal(dump_open(path, &dump, &why), wanted);
	assert_null(dump);
	if (!strstr(why.text, text))
		fail_msg("\"%s\" does not say \"%s\"", why.text, text);
	assert_int_equal(dump_open_header(path, &dump, NULL), wanted);
}

/* Changes a copy of the dump at one place. */
static void write_changed(const struct fixture *fixture, const char *path, size_t at,
			  const void *data, size_t bytes)
{
	size_t size;
	AUTO_FREE unsigned char *file = file_read(fixture->path, &size);

	memcpy(file + at, data, bytes);
	file_write(path, file, size);
}

static void foreign_files(void **state)
{
	struct fixture *fixture = *state;
	AUTO_FREE char *path = NULL;

	assert_true(asprintf(&path, "%s/foreign", fixture->directory) > 0);
	refused(path, -ENOENT, "No such file");
	refused(fixture->directory, -EISDIR, "directory");
	refused("/dev/null", -EINVAL, "device");
	assert_int_equal(mkfifo(path, 0600), 0);
	refused(path, -EINVAL, "pipe");
	unlink(path);
	file_write(path, "", 0);
	refused(path, -EBADMSG, "empty");
	file_write(path, "{\"a\":1}\n", 8);
	refused(path, -EBADMSG, "not a dump file");
	write_changed(fixture, path, 0, "SQLite format 2", 16);
	refused(path, -EBADMSG, "not a dump file");
	write_changed(fixture, path, 68, "\0\0\0\0", 4);
	refused(path, -EMEDIUMTYPE, "not a dump of igrec");
	write_changed(fixture, path, 60, "\0\0\0\4", 4);
	refused(path, -EPROTONOSUPPORT, "newer igrec");
	write_changed(fixture, path, 16, "\3\1", 2);
	refused(path, -EUCLEAN, "first 100 bytes");
	write_changed(fixture, path, 18, "\2\2", 2);
	refused(path, -EUCLEAN, "first 100 bytes");
}

/* Characters that mean something in a URI, in a shell, or nothing at all. */
static void odd_paths(void **state)
{
	static const char *const names[] = {"a?mode=rw&x=1", "a%41#b",	 "sp ace",
					    "file:x",	     "\xff\xfe", "a'\"b"};
	struct fixture *fixture = *state;
	size_t bytes;
	AUTO_FREE unsigned char *file = file_read(fixture->path, &bytes);
	struct dump *dump;

	assert_int_equal(chdir(fixture->directory), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		file_write(names[i], file, bytes);
		assert_int_equal(dump_open(names[i], &dump, NULL), 0);
		assert_int_equal(count_faults(dump), 0);
		dump_free(dump);
	}
	assert_int_equal(chdir("/"), 0);
}

/* Reading leaves no journal or other file behind, nor changes the dump. */
static void nothing_is_written(void **state)
{
	struct fixture *fixture = *state;
	size_t before_bytes, after_bytes;
	AUTO_FREE unsigned char *before = file_read(fixture->path, &before_bytes);
	AUTO_FREE unsigned char *after = NULL;
	struct dump *dump;

	assert_int_equal(chmod(fixture->path, 0400), 0);
	assert_int_equal(dump_open(fixture->path, &dump, NULL), 0);
	assert_int_equal(temp_directory_count(fixture->directory), 1);
	assert_int_equal(dump_verify(dump), 0);
	dump_free(dump);
	assert_int_equal(temp_directory_count(fixture->directory), 1);
	after = file_read(fixture->path, &after_bytes);
	assert_int_equal(before_bytes, after_bytes);
	assert_memory_equal(before, after, before_bytes);
}

/* Either a fault is reported, or everything reads as it was written. */
static void check_damaged(const struct fixture *fixture, const char *path, const char *what,
			  size_t at)
{
	const char *difference;
	struct dump *dump;

	if (dump_open(path, &dump, NULL))
		return;
	if (dump_verify(dump) == 0) {
		difference = snapshot_difference(dump_snapshot(dump), fixture->snapshot);
		if (difference)
			fail_msg("%s at %zu: no fault, but the %s changed", what, at, difference);
		assert_string_equal(dump_cause(dump), "it read address 0");
		assert_non_null(strstr(fixture->path, dump_id(dump)));
	}
	dump_free(dump);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Flips a bit in every byte of the file's start and of as many others as the time allows. */
static void flipped_bits(void **state)
{
	struct fixture *fixture = *state;
	const char *all = getenv("IGREC_TEST_EVERY_BYTE");
	size_t bytes, step;
	AUTO_FREE unsigned char *file = file_read(fixture->path, &bytes);
	AUTO_FREE char *path = NULL;
	double end = seconds_now() + 1.5;

	assert_true(asprintf(&path, "%s/flipped", fixture->directory) > 0);
	step = all ? 1 : 17; /* with 1024, no common divisor: meets every place of a page */
	for (size_t at = 0; at < bytes; at += at < 200 ? 1 : step) {
		unsigned char bit = (unsigned char)(1U << at % 8);

		file[at] ^= bit;
		file_write(path, file, bytes);
		file[at] ^= bit;
		check_damaged(fixture, path, "flip", at);
		if (!all && seconds_now() > end)
			break;
	}
	assert_int_equal(temp_directory_count(fixture->directory), 2);
}

/* The small tables come first in the file: a cut behind them costs events only. */
static void cut_short(void **state)
{
	struct fixture *fixture = *state;
	AUTO_FREE char *large = sample_dump_new(fixture->directory, 3000);
	const size_t tables_bytes = 12 * 1024;
	size_t bytes;
	AUTO_FREE unsigned char *file = file_read(large, &bytes);
	struct dump *dump;

	assert_true(bytes > tables_bytes + 8 * 1024);
	for (size_t length = 0; length < bytes; length += 1531) {
		file_write(large, file, length);
		if (dump_open(large, &dump, NULL)) {
			assert_true(length < tables_bytes);
			continue;
		}
		assert_true(count_faults(dump) > 0);
		assert_int_equal(dump_verify(dump), -EUCLEAN);
		if (length >= tables_bytes)
			assert_string_equal(dump_snapshot(dump)->identity.pod,
					    fixture->snapshot->identity.pod);
		dump_free(dump);
	}
}

/* One damaged chunk costs its own records and no others. */
static void salvage(void **state)
{
	struct fixture *fixture = *state;
	AUTO_FREE char *large = sample_dump_new(fixture->directory, 9000);
	const struct sample_options options = {.flow_records = 9000, .seed = 1};
	struct snapshot *whole = sample_snapshot_new(&options);
	const struct snapshot_lane *lane, *flow = &whole->lane[IGREC_LANE_FLOW];
	size_t bytes;
	AUTO_FREE unsigned char *file = file_read(large, &bytes);
	struct dump *dump;

	memset(file + bytes / 2, 0xa5, 64);
	file_write(large, file, bytes);
	assert_int_equal(dump_open(large, &dump, NULL), 0);
	print_faults(dump);
	assert_true(count_faults(dump) > 0);
	lane = &dump_snapshot(dump)->lane[IGREC_LANE_FLOW];
	assert_true(lane->n_blocks < flow->n_blocks);
	assert_true(lane->n_blocks > flow->n_blocks / 2);
	assert_int_equal(lane->blocks[lane->n_blocks - 1].sequence,
			 flow->blocks[flow->n_blocks - 1].sequence);
	assert_int_equal(dump_snapshot(dump)->lane[IGREC_LANE_VITAL].n_blocks,
			 whole->lane[IGREC_LANE_VITAL].n_blocks);
	assert_int_equal(dump_verify(dump), -EUCLEAN);
	dump_free(dump);
	snapshot_free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(facts_about_the_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(header_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(missing_values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(long_strings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(foreign_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(odd_paths, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_is_written, set_up, tear_down),
		cmocka_unit_test_setup_teardown(flipped_bits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cut_short, set_up, tear_down),
		cmocka_unit_test_setup_teardown(salvage, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
