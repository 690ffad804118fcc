/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The written file as others see it: its name, its header, its mode; several writers at once.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "dumper/dump_writer.h"
#include "dumper/schema.h"
#include "replay/dump.h"
#include "tests/support/sample_snapshot.h"
#include "tests/support/snapshot_equal.h"
#include "tests/support/temp_store.h"

#define WRITERS 4
#define ROUNDS	5

static const struct sample_options options = {.flow_records = 200, .seed = 3};

static void name_header_and_mode(void **state)
{
	char *directory = temp_directory_new();
	AUTO_FREE char *path = sample_dump_new(directory, 100);
	AUTO_FREE unsigned char *file = NULL;
	struct stat info;
	size_t bytes;

	assert_non_null(strstr(path, "/" SAMPLE_FILE_TIME
				     "_shop_crash-app-7d4b9c6f5-x2x7q_crash-app_signal_"));
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0640);
	file = file_read(path, &bytes);
	assert_memory_equal(file, "SQLite format 3", 16);
	assert_memory_equal(file + 60, "\0\0\0\3", 4);
	assert_memory_equal(file + 68, "IGRC", 4);
	assert_int_equal(temp_directory_count(directory), 1);
	temp_directory_remove(directory);
}

/* schema_create() sets both by text. */
static void constants_agree(void **state)
{
	assert_int_equal(SCHEMA_VERSION, 3);
	assert_int_equal(SCHEMA_APPLICATION_ID, 'I' << 24 | 'G' << 16 | 'R' << 8 | 'C');
}

static void refuses_what_cannot_be(void **state)
{
	struct snapshot *snapshot = sample_snapshot_new(&options);
	char *directory = temp_directory_new();
	struct store *store;

	assert_int_equal(store_open(directory, false, &store), 0);
	snapshot->payload = 77;
	assert_int_equal(dump_write(snapshot, NULL, store, NULL), -EINVAL);
	assert_int_equal(temp_directory_count(directory), 0);
	store_close(store);
	temp_directory_remove(directory);
	snapshot_free(snapshot);
}

static void *write_several(void *context)
{
	struct snapshot *snapshot = sample_snapshot_new(&options);
	intptr_t failed = 0;

	for (int i = 0; i < ROUNDS; i++)
		failed |= dump_write(snapshot, &(struct dump_cause){.sentence = "cause"}, context,
				     NULL);
	snapshot_free(snapshot);
	return (void *)failed;
}

static void several_at_once(void **state)
{
	char *directory = temp_directory_new();
	pthread_t threads[WRITERS];
	struct store_list list;
	struct store *store;
	void *failed;

	assert_int_equal(store_open(directory, false, &store), 0);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_several, store), 0);
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(store_list(store, &list), 0);
	assert_int_equal(list.count, WRITERS * ROUNDS);
	for (size_t i = 0; i < list.count; i++) {
		AUTO_FREE char *path = NULL;
		struct dump *dump;

		assert_true(asprintf(&path, "%s/%s", directory, list.entries[i].file) > 0);
		assert_int_equal(dump_open(path, &dump, NULL), 0);
		assert_int_equal(dump_verify(dump), 0);
		assert_string_equal(dump_id(dump), list.entries[i].id);
		dump_free(dump);
	}
	store_list_done(&list);
	store_close(store);
	temp_directory_remove(directory);
}

/* What an empty snapshot is worth: a dump with nothing on its tape. */
static void nothing_known(void **state)
{
	struct snapshot snapshot = {.identity.restart = -1, .failure.kind = FAILURE_REQUESTED};
	char *directory = temp_directory_new();
	AUTO_FREE char *file = NULL, *path = NULL;
	struct store *store;
	struct dump *dump;

	assert_int_equal(store_open(directory, false, &store), 0);
	assert_int_equal(dump_write(&snapshot, NULL, store, &file), 0);
	assert_int_equal(strncmp(file, "19700101T000000.000Z_-_-_-_requested_", 37), 0);
	assert_true(asprintf(&path, "%s/%s", directory, file) > 0);
	assert_int_equal(dump_open(path, &dump, NULL), 0);
	assert_int_equal(dump_verify(dump), 0);
	assert_null(snapshot_difference(dump_snapshot(dump), &snapshot));
	dump_free(dump);
	store_close(store);
	temp_directory_remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_header_and_mode),	  cmocka_unit_test(constants_agree),
		cmocka_unit_test(refuses_what_cannot_be), cmocka_unit_test(several_at_once),
		cmocka_unit_test(nothing_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
