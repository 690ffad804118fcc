/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way from a snapshot to the store's directory, with room being made on it, when each call in
 * turn fails, or the disk is full from there on, or the process is killed: every dump in the store
 * is whole, what is no dump is gone after the next start, and a failure says so.
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
#include "dumper/dump_fit.h"
#include "replay/dump.h"
#include "tests/support/faults.h"
#include "tests/support/sample_snapshot.h"
#include "tests/support/temp_store.h"

#define CALLS_MAX 20000
#define OLD_DUMPS 3 /* of the same container: repeats, that make room */

struct fixture {
	char *directory;
	struct store *store;
};

static struct snapshot *sample(void)
{
	const struct sample_options options = {.flow_records = 40, .seed = 1};

	return sample_snapshot_new(&options);
}

static int write_one(const struct fixture *fixture, struct dump_fit *ret)
{
	struct snapshot *snapshot = sample();
	int err = dump_fit_write(snapshot, &(struct dump_cause){.sentence = "cause"},
				 fixture->store, ret);

	snapshot_free(snapshot);
	return err;
}

static size_t dumps(const struct fixture *fixture)
{
	struct store_list list;
	size_t count;

	assert_int_equal(store_list(fixture->store, &list), 0);
	for (size_t i = 0; i < list.count; i++) {
		AUTO_FREE char *path = NULL;
		struct dump *dump;

		assert_true(asprintf(&path, "%s/%s", fixture->directory, list.entries[i].file) > 0);
		assert_int_equal(dump_open(path, &dump, NULL), 0);
		assert_int_equal(dump_verify(dump), 0);
		dump_free(dump);
	}
	count = list.count;
	store_list_done(&list);
	return count;
}

static void empty(const struct fixture *fixture)
{
	struct store_list list;

	assert_int_equal(store_list(fixture->store, &list), 0);
	for (size_t i = 0; i < list.count; i++)
		assert_int_equal(store_remove(fixture->store, list.entries[i].file), 0);
	store_list_done(&list);
	assert_int_equal(temp_directory_count(fixture->directory), 0);
}

static void fill(const struct fixture *fixture)
{
	empty(fixture);
	for (int i = 0; i < OLD_DUMPS; i++) {
		struct dump_fit fit;

		assert_int_equal(write_one(fixture, &fit), 0);
		dump_fit_done(&fit);
	}
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->directory = temp_directory_new();
	*state = fixture;
	return store_open(fixture->directory, false, &fixture->store);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	empty(fixture);
	store_close(fixture->store);
	temp_directory_remove(fixture->directory);
	free(fixture);
	return 0;
}

/* What holds after any attempt, whatever became of it. */
static void check(const struct fixture *fixture, const struct dump_fit *fit, int err)
{
	size_t count = dumps(fixture);

	assert_true(err <= 0 && (err == 0) == (fit->file != NULL));
	assert_true(count <= OLD_DUMPS + (err == 0));
	assert_true(count + fit->removed >= OLD_DUMPS + (err == 0));
	assert_int_equal(temp_directory_count(fixture->directory), count);
}

struct plan {
	enum fault_where where;
	enum fault_action action;
	unsigned step; /* between the calls that are tried, after the first forty */
	unsigned failures_least;
};

static void try_each(const struct fixture *fixture, const struct plan *plan)
{
	unsigned failures = 0, smaller = 0;
	int hit = 1;

	for (unsigned nth = 1; hit; nth += nth < 40 ? 1 : plan->step) {
		struct snapshot *snapshot = sample();
		struct dump_fit fit;
		int err;

		fill(fixture);
		assert_true(nth < CALLS_MAX);
		fault_arm(plan->where, plan->action, nth);
		err = dump_fit_write(snapshot, &(struct dump_cause){.sentence = "cause"},
				     fixture->store, &fit);
		hit = fault_disarm();
		snapshot_free(snapshot);
		assert_true(hit || !err);
		check(fixture, &fit, err);
		failures += err != 0;
		smaller += fit.left_out > 0;
		dump_fit_done(&fit);
	}
	assert_in_range(failures, plan->failures_least, CALLS_MAX);
	/* One failed call is met by one more try, not by leaving out. */
	if (plan->action == FAULT_FAILS)
		assert_int_equal(smaller, 0);
}

static void each_call_fails(void **state)
{
	try_each(*state, &(struct plan){FAULT_IN_FILES, FAULT_FAILS, 7, 5});
}

static void full_from_there_on(void **state)
{
	try_each(*state, &(struct plan){FAULT_IN_FILES, FAULT_STAYS, 7, 10});
}

static void memory_fails(void **state)
{
	try_each(*state, &(struct plan){FAULT_IN_MEMORY, FAULT_FAILS, 97, 10});
}

/* Writes in a child that is killed at the nth call. Returns whether it was. */
static bool killed_at(const struct fixture *fixture, unsigned nth)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct snapshot *snapshot = sample();
		struct dump_fit fit;

		fault_arm(FAULT_IN_FILES, FAULT_KILLS, nth);
		_exit(dump_fit_write(snapshot, &(struct dump_cause){.sentence = "cause"},
				     fixture->store, &fit)
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
	bool killed = true;
	unsigned nth;

	fill(fixture);
	for (nth = 1; killed; nth++) {
		assert_true(nth < CALLS_MAX);
		killed = killed_at(fixture, nth);
		assert_true(dumps(fixture) >= OLD_DUMPS);
		assert_true(store_clean(fixture->store) >= 0);
		assert_int_equal(temp_directory_count(fixture->directory), dumps(fixture));
	}
	assert_true(nth > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_call_fails, set_up, tear_down),
		cmocka_unit_test_setup_teardown(full_from_there_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(memory_fails, set_up, tear_down),
		cmocka_unit_test_setup_teardown(killed_anywhere, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
