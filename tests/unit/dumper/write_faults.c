/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer when the disk is full, the disk fails, memory runs out, or it is killed, at every
 * single call: afterwards the store holds the old state or the new, and nothing between.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "dumper/dump_writer.h"
#include "replay/dump.h"
#include "tests/support/faults.h"
#include "tests/support/sample_snapshot.h"
#include "tests/support/snapshot_equal.h"
#include "tests/support/temp_store.h"

#define CALLS_MAX 20000 /* far more than a write takes */

struct fixture {
	char *directory;
	struct store *store;
	struct snapshot *snapshot;
};

static int set_up(void **state)
{
	const struct sample_options options = {.flow_records = 40, .seed = 1};
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->directory = temp_directory_new();
	fixture->snapshot = sample_snapshot_new(&options);
	*state = fixture;
	return store_open(fixture->directory, false, &fixture->store);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	store_close(fixture->store);
	snapshot_free(fixture->snapshot);
	temp_directory_remove(fixture->directory);
	free(fixture);
	return 0;
}

static void check_whole(const struct fixture *fixture, const char *file)
{
	AUTO_FREE char *path = NULL;
	struct dump *dump;

	assert_true(asprintf(&path, "%s/%s", fixture->directory, file) > 0);
	assert_int_equal(dump_open(path, &dump, NULL), 0);
	assert_int_equal(dump_verify(dump), 0);
	assert_null(snapshot_difference(dump_snapshot(dump), fixture->snapshot));
	dump_free(dump);
}

/* Checks what is in the store, and empties it. Returns the number of dumps. */
static size_t check_and_empty(const struct fixture *fixture)
{
	struct store_list list;
	size_t count;

	assert_int_equal(store_list(fixture->store, &list), 0);
	for (size_t i = 0; i < list.count; i++) {
		check_whole(fixture, list.entries[i].file);
		assert_int_equal(store_remove(fixture->store, list.entries[i].file), 0);
	}
	count = list.count;
	store_list_done(&list);
	return count;
}

/* Lets each call in turn fail, until a write gets through without meeting the fault. */
static void each_call_fails(const struct fixture *fixture, enum fault_where where)
{
	unsigned nth, failures = 0;
	int err, hit = 1;

	/* SQLite allocates thousands of times; of its later calls some must do. */
	for (nth = 1; hit; nth += nth < 300 ? 1 : 11) {
		AUTO_FREE char *file = NULL;

		assert_true(nth < CALLS_MAX);
		fault_arm(where, FAULT_FAILS, nth);
		err = dump_write(fixture->snapshot, &(struct dump_cause){.sentence = "cause"},
				 fixture->store, &file);
		hit = fault_disarm();
		if (err) {
			failures++;
			assert_true(hit);
			if (err != -EIO && err != -ENOSPC && err != -ENOMEM &&
			    err != -EROFS) /* SQLite opens for reading what it cannot for writing */
				fail_msg("call %u: %s", nth, strerror(-err));
			assert_null(file);
			assert_int_equal(temp_directory_count(fixture->directory), 0);
		} else {
			assert_non_null(file);
			assert_int_equal(check_and_empty(fixture), 1);
		}
	}
	assert_true(failures > 10);
}

static void files_fail(void **state)
{
	each_call_fails(*state, FAULT_IN_FILES);
}

static void memory_fails(void **state)
{
	each_call_fails(*state, FAULT_IN_MEMORY);
}

/* Writes in a child that is killed at the nth call. Returns whether it was. */
static bool killed_at(const struct fixture *fixture, unsigned nth)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		fault_arm(FAULT_IN_FILES, FAULT_KILLS, nth);
		_exit(dump_write(fixture->snapshot, &(struct dump_cause){.sentence = "cause"},
				 fixture->store, NULL)
			      ? 1
			      : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status);
}

static void killed_anywhere(void **state)
{
	const struct fixture *fixture = *state;
	unsigned published = 0, nth;
	bool killed = true;

	for (nth = 1; killed; nth++) {
		size_t dumps;

		assert_true(nth < CALLS_MAX);
		killed = killed_at(fixture, nth);
		dumps = check_and_empty(fixture);
		published += dumps > 0;
		assert_true(dumps <= 1);
		assert_true(store_clean(fixture->store) >= 0);
		assert_int_equal(temp_directory_count(fixture->directory), 0);
	}
	/* Killed between the rename and the end, and not killed at all. */
	assert_true(published >= 2);
	assert_true(nth > 20);
}

/* With a dump already there, a failing writer leaves it as it is. */
static void old_state_stays(void **state)
{
	const struct fixture *fixture = *state;
	AUTO_FREE char *old = NULL;

	assert_int_equal(dump_write(fixture->snapshot, &(struct dump_cause){.sentence = "cause"},
				    fixture->store, &old),
			 0);
	for (unsigned nth = 1; nth < 8; nth++) {
		fault_arm(FAULT_IN_FILES, FAULT_FAILS, nth);
		assert_true(dump_write(fixture->snapshot, &(struct dump_cause){.sentence = "cause"},
				       fixture->store, NULL) < 0);
		fault_disarm();
		assert_int_equal(temp_directory_count(fixture->directory), 1);
		check_whole(fixture, old);
	}
}

/* The reader, too, meets full memory without a crash or a false success. */
static void reader_without_memory(void **state)
{
	const struct fixture *fixture = *state;
	AUTO_FREE char *file = NULL, *path = NULL;
	int err, hit = 1;

	assert_int_equal(dump_write(fixture->snapshot, &(struct dump_cause){.sentence = "cause"},
				    fixture->store, &file),
			 0);
	assert_true(asprintf(&path, "%s/%s", fixture->directory, file) > 0);
	for (unsigned nth = 1; hit; nth++) {
		struct dump *dump = NULL;

		assert_true(nth < CALLS_MAX);
		fault_arm(FAULT_IN_MEMORY, FAULT_FAILS, nth);
		err = dump_open(path, &dump, NULL);
		hit = fault_disarm();
		assert_true(err == 0 || err == -ENOMEM);
		if (!err)
			assert_null(snapshot_difference(dump_snapshot(dump), fixture->snapshot));
		dump_free(dump);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_fail, set_up, tear_down),
		cmocka_unit_test_setup_teardown(memory_fails, set_up, tear_down),
		cmocka_unit_test_setup_teardown(killed_anywhere, set_up, tear_down),
		cmocka_unit_test_setup_teardown(old_state_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reader_without_memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
