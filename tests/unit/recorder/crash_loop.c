/* SPDX-License-Identifier: Apache-2.0 */
/* Containers that end with status 0, or are stopped, again and again, and those that only seem to.
 */
#include "recorder/crash_loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SECOND 1000000000ULL

static struct crash_loops loops;

static int set_up(void **state)
{
	loops = (struct crash_loops){.limit = 3, .window_ns = 600 * SECOND};
	return 0;
}

/* An end at `second` of a container that had run for one second. */
static bool note_how(enum crash_loop_how how, uint64_t key, uint64_t second, int64_t restart)
{
	struct crash_loop_end end = {
		.how = how,
		.key = key,
		.started_ns = (second - 1) * SECOND,
		.ended_ns = second * SECOND,
		.restart = restart,
	};

	return crash_loop_note(&loops, &end);
}

static bool note(uint64_t key, uint64_t second, int64_t restart)
{
	return note_how(CRASH_LOOP_DONE, key, second, restart);
}

static void told_at_the_limit_and_when_doubled(void **state)
{
	static const char told[] = "..T..T.....T...........T";

	for (size_t i = 0; i < sizeof(told) - 1; i++)
		assert_int_equal(note(1, 100 + 30 * i, (int64_t)i), told[i] == 'T');
}

static void restart_0_begins_anew(void **state)
{
	for (int i = 0; i < 10; i++)
		assert_false(note(1, 100 + 2 * i, 0));
}

static void jobs_are_no_loop(void **state)
{
	for (int i = 0; i < 10; i++)
		assert_false(note(1, 100 + 60 * i, -1)); /* each minute, by the same name */
	assert_false(note(2, 1000, -1));
	assert_false(note(2, 1002, -1));
	assert_true(note(2, 1004, -1));
}

static void slow_ends_are_no_loop(void **state)
{
	for (int i = 0; i < 10; i++)
		assert_false(note(1, 1000 + 700 * i, i + 1));
}

static void stops_are_one_where_restarts_are_counted(void **state)
{
	for (int i = 0; i < 10; i++)
		assert_false(note_how(CRASH_LOOP_STOPPED, 1, 100 + 2 * i, -1));
	assert_false(note_how(CRASH_LOOP_STOPPED, 2, 100, 0));
	assert_false(note_how(CRASH_LOOP_DONE, 2, 110, 1)); /* of either kind */
	assert_true(note_how(CRASH_LOOP_STOPPED, 2, 120, 2));
	loops.limit = 1;
	assert_false(note_how(CRASH_LOOP_STOPPED, 3, 100, 0)); /* a deletion, for all we know */
	assert_true(note_how(CRASH_LOOP_STOPPED, 3, 110, 1));
}

static void containers_are_apart(void **state)
{
	for (int i = 0; i < 2; i++)
		for (uint64_t key = 1; key < 100; key++)
			assert_false(note(key, 100 + 10 * i, i));
	assert_true(note(50, 130, 2));
}

static void the_table_is_bounded(void **state)
{
	for (uint64_t key = 1; key < 10000; key++)
		assert_false(note(key, 100 + key, 0));
	assert_int_equal(loops.count, CRASH_LOOPS_MAX);
	assert_false(note(9999, 10101, 1));
	assert_true(note(9999, 10102, 2));
}

static void can_be_off(void **state)
{
	loops.limit = 0;
	for (int i = 0; i < 10; i++)
		assert_false(note(1, 100 + i, i));
	assert_int_equal(loops.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(told_at_the_limit_and_when_doubled, set_up),
		cmocka_unit_test_setup(restart_0_begins_anew, set_up),
		cmocka_unit_test_setup(jobs_are_no_loop, set_up),
		cmocka_unit_test_setup(slow_ends_are_no_loop, set_up),
		cmocka_unit_test_setup(stops_are_one_where_restarts_are_counted, set_up),
		cmocka_unit_test_setup(containers_are_apart, set_up),
		cmocka_unit_test_setup(the_table_is_bounded, set_up),
		cmocka_unit_test_setup(can_be_off, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
