/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes to one timeline: order, gaps, who a tid was, what was in flight at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "replay/timeline.h"
#include "tests/unit/replay/tape.h"

static struct timeline *read_tape(const struct sample_tape *tape)
{
	struct timeline *timeline = NULL;

	assert_int_equal(timeline_new(tape->snapshot, &timeline), 0);
	return timeline;
}

static void done(struct timeline *timeline, struct sample_tape *tape)
{
	timeline_free(timeline);
	snapshot_free(tape->snapshot);
}

static struct event event_at(const struct timeline *timeline, size_t index)
{
	const struct timeline_entry *entry = timeline_at(timeline, index);
	struct event event;

	assert_int_equal(entry->kind, TIMELINE_EVENT);
	timeline_event(entry, &event);
	return event;
}

static const char *comm_at(const struct timeline *timeline, size_t index)
{
	return timeline_task_of(timeline, timeline_at(timeline, index))->comm;
}

static void test_empty_tape(void **state)
{
	struct sample_tape tape = tape_new();
	struct timeline *timeline = read_tape(&tape);

	assert_int_equal(timeline_count(timeline), 1);
	assert_int_equal(timeline_at(timeline, 0)->kind, TIMELINE_FAILURE);
	assert_int_equal(timeline_zero_ns(timeline), TAPE_ZERO);
	assert_false(timeline_is_incomplete(timeline));
	done(timeline, &tape);
}

/* By the moment they were entered, whatever the lane; a long call stands where it began. */
static void test_lanes_merge_by_time(void **state)
{
	struct sample_tape tape = tape_new();
	struct sample_record slow = call_of(&init, "read", 1 * SECOND, 0);
	struct sample_record open = call_of(&init, "openat", 3 * SECOND, 3);
	struct timeline *timeline;

	slow.duration_ns = 9 * SECOND;
	open.lane = IGREC_LANE_VITAL;
	put_call(&tape, &init, "close", 5 * SECOND, 0);
	sample_add(&tape, &slow);
	sample_add(&tape, &open);
	put_call(&tape, &thread, "getpid", 2 * SECOND, 1);
	timeline = read_tape(&tape);
	assert_int_equal(timeline_count(timeline), 5);
	assert_int_equal(event_at(timeline, 0).nr, nr_of("read"));
	assert_int_equal(event_at(timeline, 1).nr, nr_of("close"));
	assert_int_equal(event_at(timeline, 2).nr, nr_of("openat"));
	assert_int_equal(event_at(timeline, 3).nr, nr_of("getpid"));
	assert_string_equal(comm_at(timeline, 2), "app");
	assert_string_equal(comm_at(timeline, 3), "worker");
	assert_int_equal(timeline_at(timeline, 4)->kind, TIMELINE_FAILURE);
	done(timeline, &tape);
}

static void test_gap_stands_before_the_oldest_left(void **state)
{
	struct sample_tape tape = tape_new();
	struct sample_record vital = call_of(&init, "openat", 8 * SECOND, 3);
	struct timeline *timeline;

	vital.lane = IGREC_LANE_VITAL;
	sample_add(&tape, &vital);
	put_call(&tape, &init, "read", 5 * SECOND, 1);
	put_call(&tape, &init, "read", 4 * SECOND, 1);
	tape.snapshot->lane[IGREC_LANE_FLOW].overwritten = 777;
	tape.snapshot->lane[IGREC_LANE_FLOW].written += 777;
	timeline = read_tape(&tape);
	assert_int_equal(timeline_count(timeline), 5);
	assert_int_equal(event_at(timeline, 0).nr, nr_of("openat"));
	assert_int_equal(timeline_at(timeline, 1)->kind, TIMELINE_OVERWRITTEN);
	assert_int_equal(timeline_at(timeline, 1)->count, 777);
	assert_int_equal(timeline_at(timeline, 1)->lane, IGREC_LANE_FLOW);
	assert_int_equal(timeline_at(timeline, 1)->time_ns, event_at(timeline, 2).time_ns);
	assert_false(timeline_is_incomplete(timeline));
	done(timeline, &tape);
}

/* A block that was passed over while its writer slept: what is gone lies behind it. */
static void test_gap_behind_a_block_left_over(void **state)
{
	struct sample_tape tape = tape_new();
	struct snapshot_lane *lane = &tape.snapshot->lane[IGREC_LANE_FLOW];
	struct timeline *timeline;

	for (uint64_t i = 0; i < 400; i++)
		put_call(&tape, &init, "getpid", (500 - i) * SECOND, 1);
	assert_true(lane->n_blocks > 2);
	for (size_t i = 1; i < lane->n_blocks; i++)
		lane->blocks[i].sequence += 1000;
	lane->overwritten = 50000;
	lane->written += 50000;
	timeline = read_tape(&tape);
	for (size_t i = 0; i < lane->blocks[0].records; i++)
		assert_int_equal(timeline_at(timeline, i)->kind, TIMELINE_EVENT);
	assert_int_equal(timeline_at(timeline, lane->blocks[0].records)->kind,
			 TIMELINE_OVERWRITTEN);
	done(timeline, &tape);
}

static void test_other_losses(void **state)
{
	static const enum timeline_kind wanted[] = {TIMELINE_TORN, TIMELINE_DROPPED,
						    TIMELINE_MISSING};
	struct sample_tape tape = tape_new();
	struct snapshot_lane *lane = &tape.snapshot->lane[IGREC_LANE_FLOW];
	struct timeline *timeline;

	put_call(&tape, &init, "read", 5 * SECOND, 1);
	lane->torn_records = 3;
	lane->dropped = 4;
	lane->written += 3 + 5;
	timeline = read_tape(&tape);
	assert_int_equal(timeline_count(timeline), 5);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(timeline_at(timeline, i)->kind, wanted[i]);
		assert_int_equal(timeline_at(timeline, i)->count, 3 + i);
	}
	assert_true(timeline_is_incomplete(timeline));
	done(timeline, &tape);
}

static void test_damage_is_an_entry(void **state)
{
	struct sample_tape tape = tape_new();
	struct snapshot_lane *lane = &tape.snapshot->lane[IGREC_LANE_FLOW];
	struct timeline *timeline;
	struct igrec_record first;
	size_t left;

	for (unsigned i = 0; i < 3; i++)
		put_call(&tape, &init, "read", (5 - i) * SECOND, 1);
	memcpy(&first, lane->data, sizeof(first));
	left = lane->bytes - first.bytes;
	memset(lane->data + first.bytes, 0xff, 8);
	timeline = read_tape(&tape);
	assert_int_equal(timeline_count(timeline), 3);
	assert_int_equal(timeline_at(timeline, 1)->kind, TIMELINE_DAMAGED);
	assert_int_equal(timeline_at(timeline, 1)->count, left);
	assert_int_equal(timeline_damaged_bytes(timeline), left);
	assert_true(timeline_is_incomplete(timeline));
	done(timeline, &tape);
}

/* A block that claims bytes which are not there. */
static void test_block_out_of_bounds(void **state)
{
	struct sample_tape tape = tape_new();
	struct snapshot_lane *lane = &tape.snapshot->lane[IGREC_LANE_FLOW];
	struct timeline *timeline;

	put_call(&tape, &init, "read", 5 * SECOND, 1);
	lane->blocks[0].offset = SIZE_MAX - 4;
	timeline = read_tape(&tape);
	assert_int_equal(timeline_count(timeline), 2);
	assert_int_equal(timeline_at(timeline, 0)->kind, TIMELINE_DAMAGED);
	done(timeline, &tape);
}

/* The mark of a block is gone with its beginning; fork and other blocks still tell. */
static void test_tasks_from_elsewhere(void **state)
{
	const struct igrec_fork fork = {child.tid, child.tgid, child.ns_tid, child.ns_tgid};
	const struct sample_task renamed = {4250, 4242, 7, 1, "renamed"};
	struct sample_tape tape = tape_new();
	struct timeline *timeline;

	put_event(&tape, IGREC_RECORD_FORK, &init, 9 * SECOND, 0, &fork, sizeof(fork));
	put_call(&tape, &init, "close", 9 * SECOND, 0);
	/* The next three have no mark: as if the block had been marked for them before. */
	tape.marked[IGREC_LANE_FLOW][1] = child.tid;
	tape.marked[IGREC_LANE_FLOW][2] = thread.tid;
	tape.marked[IGREC_LANE_FLOW][3] = 999;
	tape.n_marked[IGREC_LANE_FLOW] = 4;
	put_call(&tape, &child, "getpid", 8 * SECOND, 9);
	put_call(&tape, &thread, "getpid", 7 * SECOND, 1);
	put_call(&tape, &(struct sample_task){999, 999, 99, 99, "lost"}, "getpid", 6 * SECOND, 1);
	/* Two sightings of the thread in another lane: before and after. */
	put_exit(&tape, &thread, 8 * SECOND, IGREC_NR_NONE, 0);
	tape.n_marked[IGREC_LANE_VITAL] = 0;
	put_exit(&tape, &renamed, 5 * SECOND, IGREC_NR_NONE, 0);
	timeline = read_tape(&tape);
	assert_int_equal(timeline_count(timeline), 8);
	assert_int_equal(event_at(timeline, 2).tid, child.tid);
	assert_string_equal(comm_at(timeline, 2), "app"); /* its parent's */
	assert_int_equal(timeline_task_of(timeline, timeline_at(timeline, 2))->ns_tgid, 9);
	assert_int_equal(event_at(timeline, 4).tid, thread.tid);
	assert_string_equal(comm_at(timeline, 4), "worker");
	assert_string_equal(comm_at(timeline, 5), "");
	assert_int_equal(timeline_task_of(timeline, timeline_at(timeline, 5))->tid, 999);
	assert_int_equal(timeline_task_of(timeline, timeline_at(timeline, 5))->ns_tid, 0);
	assert_string_equal(comm_at(timeline, 6), "renamed");
	done(timeline, &tape);
}

static void put_blocked(struct sample_tape *tape, const struct sample_task *task,
			uint64_t before_ns, int64_t result)
{
	struct sample_record record = call_of(task, "read", before_ns, result);

	record.duration_ns = 2 * SECOND;
	sample_add(tape, &record);
}

static void test_in_flight_at_the_end(void **state)
{
	struct sample_tape tape = tape_new();
	struct timeline *timeline;

	put_blocked(&tape, &thread, 3000, -512);
	put_blocked(&tape, &init, 2500, -516);
	put_call(&tape, &child, "getpid", 2000, 9);
	put_exit(&tape, &thread, 1500, IGREC_NR_NONE, 9);
	put_exit(&tape, &init, 0, IGREC_NR_NONE, 9);
	timeline = read_tape(&tape);
	assert_int_equal(timeline_count(timeline), 6);
	assert_int_equal(event_at(timeline, 0).tid, child.tid);
	for (unsigned i = 1; i < 5; i++)
		assert_int_equal(event_at(timeline, i).tid, i % 2 ? init.tid : thread.tid);
	assert_true(timeline_at(timeline, 1)->in_flight);
	assert_true(timeline_at(timeline, 2)->in_flight);
	assert_int_equal(event_at(timeline, 3).type, IGREC_RECORD_EXIT);
	assert_int_equal(event_at(timeline, 4).type, IGREC_RECORD_EXIT);
	done(timeline, &tape);
}

static void test_not_in_flight(void **state)
{
	struct sample_tape tape = tape_new();
	struct timeline *timeline;

	/* Interrupted, but it went on. */
	put_blocked(&tape, &thread, 9 * SECOND, -512);
	put_call(&tape, &thread, "rt_sigreturn", 8 * SECOND, 0);
	put_exit(&tape, &thread, 7 * SECOND, IGREC_NR_NONE, 9);
	/* Interrupted, and a handler called exit. */
	put_blocked(&tape, &init, 6 * SECOND, -4);
	put_exit(&tape, &init, 6 * SECOND - 1000, nr_of("exit_group"), 0);
	timeline = read_tape(&tape);
	for (size_t i = 0; i < timeline_count(timeline); i++)
		assert_false(timeline_at(timeline, i)->in_flight);
	done(timeline, &tape);
}

/* A child that was killed long before the failure stays where it was. */
static void test_in_flight_earlier(void **state)
{
	struct sample_tape tape = tape_new();
	struct timeline *timeline;

	put_blocked(&tape, &child, 9 * SECOND, -512);
	put_exit(&tape, &child, 9 * SECOND - 1000, IGREC_NR_NONE, 9);
	put_call(&tape, &init, "wait4", 8 * SECOND, 9);
	timeline = read_tape(&tape);
	assert_true(timeline_at(timeline, 0)->in_flight);
	assert_int_equal(event_at(timeline, 0).tid, child.tid);
	assert_int_equal(event_at(timeline, 2).tid, init.tid);
	done(timeline, &tape);
}

/* A tracer sees the end of a call that a signal to the thread itself interrupts. */
static void test_in_flight_of_a_signal(void **state)
{
	struct igrec_signal term = {.signal = 15, .target_tgid = 4242, .target_ns_tid = 1};
	struct sample_tape tape = tape_new();
	struct timeline *timeline;

	put_event(&tape, IGREC_RECORD_SIGNAL, &init, 3000, 0, &term, sizeof(term));
	put_blocked(&tape, &thread, 2500, -512);
	put_blocked(&tape, &init, 2500, -512);
	put_exit(&tape, &thread, 1500, IGREC_NR_NONE, 15);
	put_exit(&tape, &init, 0, IGREC_NR_NONE, 15);
	timeline = read_tape(&tape);
	for (size_t i = 0; i < timeline_count(timeline); i++) {
		const struct timeline_entry *entry = timeline_at(timeline, i);

		if (entry->in_flight)
			assert_int_equal(entry->was_sent_death,
					 event_at(timeline, i).tid == init.tid);
	}
	done(timeline, &tape);
}

/* Of several signals it is the one with the number that killed the process that failed. */
static void test_cause_of_death(void **state)
{
	struct igrec_signal kill = {.signal = 9, .target_tgid = 4242, .target_ns_tid = 1};
	const struct igrec_oom oom = {.victim_tgid = 4242, .victim_ns_tgid = 1};
	struct sample_tape tape = tape_new();
	struct timeline *timeline;
	struct event event;

	tape.snapshot->failure.signal = 9;
	kill.sender_tgid = 1;
	put_event(&tape, IGREC_RECORD_SIGNAL, &init, 3000, 0, &kill, sizeof(kill));
	kill.sender_tgid = 2;
	kill.target_tgid = 5555;
	put_event(&tape, IGREC_RECORD_SIGNAL, &init, 2000, 0, &kill, sizeof(kill));
	kill.sender_tgid = 3;
	kill.target_tgid = 4242;
	kill.signal = 15;
	put_event(&tape, IGREC_RECORD_SIGNAL, &init, 1000, 0, &kill, sizeof(kill));
	timeline = read_tape(&tape);
	assert_true(timeline_death_signal(timeline, &event));
	assert_int_equal(event.signal.sender_tgid, 1);
	assert_false(timeline_oom(timeline, &event));
	timeline_free(timeline);
	put_event(&tape, IGREC_RECORD_OOM, &init, 500, 0, &oom, sizeof(oom));
	timeline = read_tape(&tape);
	assert_true(timeline_oom(timeline, &event));
	done(timeline, &tape);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_tape),
		cmocka_unit_test(test_lanes_merge_by_time),
		cmocka_unit_test(test_gap_stands_before_the_oldest_left),
		cmocka_unit_test(test_gap_behind_a_block_left_over),
		cmocka_unit_test(test_other_losses),
		cmocka_unit_test(test_damage_is_an_entry),
		cmocka_unit_test(test_block_out_of_bounds),
		cmocka_unit_test(test_tasks_from_elsewhere),
		cmocka_unit_test(test_in_flight_at_the_end),
		cmocka_unit_test(test_not_in_flight),
		cmocka_unit_test(test_in_flight_earlier),
		cmocka_unit_test(test_in_flight_of_a_signal),
		cmocka_unit_test(test_cause_of_death),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
