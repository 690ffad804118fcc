/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as a failure: wait statuses in, kinds out. */
#include "recorder/failure.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/cleanup.h"

#define EXITED(code)   ((code) << 8)
#define KILLED(signal) (signal)
#define CORE	       0x80

static const struct failure_policy all = {
	.kinds = ~0ULL,
	.stop_signals = 1ULL << SIGTERM | 1ULL << SIGINT,
	.child_signals = 1ULL << SIGSEGV | 1ULL << SIGABRT,
};

static const struct judged {
	const char *name;
	struct failure_end end;
	bool failed;
	enum failure_kind kind;
	int exit_code, signal;
	bool core;
} judged[] = {
	{"init exits 0", {EXITED(0), true, false}, .failed = false},
	{"init exits 7", {EXITED(7), true, false}, true, FAILURE_EXIT, .exit_code = 7},
	{"init exits 255", {EXITED(255), true, false}, true, FAILURE_EXIT, .exit_code = 255},
	{"init segfaults",
	 {KILLED(SIGSEGV) | CORE, true, false},
	 true,
	 FAILURE_SIGNAL,
	 .signal = SIGSEGV,
	 .core = true},
	{"init is killed", {KILLED(SIGKILL), true, false}, true, FAILURE_SIGNAL, .signal = SIGKILL},
	{"init is the OOM victim",
	 {KILLED(SIGKILL), true, true},
	 true,
	 FAILURE_OOM,
	 .signal = SIGKILL},
	{"a victim that exited by itself first",
	 {EXITED(3), true, true},
	 true,
	 FAILURE_EXIT,
	 .exit_code = 3},
	{"child exits 1", {EXITED(1), false, false}, .failed = false},
	{"child segfaults",
	 {KILLED(SIGSEGV), false, false},
	 true,
	 FAILURE_CHILD_SIGNAL,
	 .signal = SIGSEGV},
	{"child is killed by its parent", {KILLED(SIGKILL), false, false}, .failed = false},
	{"child breaks a pipe", {KILLED(SIGPIPE), false, false}, .failed = false},
	{"child is the OOM victim",
	 {KILLED(SIGKILL), false, true},
	 true,
	 FAILURE_CHILD_OOM,
	 .signal = SIGKILL},
};

static void judges_ends(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(judged); i++) {
		const struct judged *want = &judged[i];
		struct failure got = {0};

		print_message("%s\n", want->name);
		assert_int_equal(failure_judge(&all, &want->end, &got), want->failed);
		if (!want->failed)
			continue;
		assert_int_equal(got.kind, want->kind);
		assert_int_equal(got.exit_code, want->exit_code);
		assert_int_equal(got.signal, want->signal);
		assert_int_equal(got.core, want->core);
	}
}

static void unwanted_kinds_are_no_failures(void **state)
{
	struct failure_policy policy = all;
	struct failure failure;
	struct failure_end end = {EXITED(1), true, false};

	policy.kinds = 1ULL << FAILURE_SIGNAL;
	assert_false(failure_judge(&policy, &end, &failure));
	end.wait_status = KILLED(SIGSEGV);
	assert_true(failure_judge(&policy, &end, &failure));
}

/* A snapshot whose vital lane holds signal records. */
struct tape {
	struct {
		struct igrec_record header;
		struct igrec_signal signal;
	} records[4];
	struct snapshot_block block;
	struct snapshot snapshot;
};

static void tape_init(struct tape *tape, int fatal)
{
	memset(tape, 0, sizeof(*tape));
	tape->snapshot.failure =
		(struct failure){.kind = FAILURE_SIGNAL, .signal = fatal, .tgid = 100};
	tape->snapshot.lane[IGREC_LANE_VITAL] = (struct snapshot_lane){
		.data = (unsigned char *)tape->records,
		.blocks = &tape->block,
		.n_blocks = 1,
	};
}

static void tape_add(struct tape *tape, int signal, uint32_t target, bool outside)
{
	unsigned n = tape->block.records++;

	tape->records[n].header = (struct igrec_record){
		.bytes = sizeof(tape->records[n]),
		.meta = IGREC_RECORD_SIGNAL,
		.time_ns = 1000 + n,
		.tid = target,
	};
	tape->records[n].signal = (struct igrec_signal){
		.signal = signal, .target_tgid = target, .sender_outside = outside};
	tape->block.bytes += sizeof(tape->records[n]);
	tape->snapshot.lane[IGREC_LANE_VITAL].bytes = tape->block.bytes;
}

static void term_from_outside_is_a_stop(void **state)
{
	struct tape tape;

	tape_init(&tape, SIGTERM);
	tape_add(&tape, SIGTERM, 100, true);
	assert_true(failure_is_stop(&all, &tape.snapshot));
}

static void term_from_inside_is_a_failure(void **state)
{
	struct tape tape;

	tape_init(&tape, SIGTERM);
	tape_add(&tape, SIGTERM, 100, false);
	assert_false(failure_is_stop(&all, &tape.snapshot));
}

static void the_last_signal_of_the_process_counts(void **state)
{
	struct tape tape;

	tape_init(&tape, SIGTERM);
	tape_add(&tape, SIGTERM, 100, true);
	tape_add(&tape, SIGTERM, 100, false);
	tape_add(&tape, SIGTERM, 200, true);
	tape_add(&tape, SIGUSR1, 100, true);
	assert_false(failure_is_stop(&all, &tape.snapshot));
}

static void an_exit_that_tells_of_the_signal_is_a_stop(void **state)
{
	struct tape tape;

	tape_init(&tape, 0);
	tape.snapshot.failure.kind = FAILURE_EXIT;
	tape.snapshot.failure.exit_code = 128 + SIGTERM;
	assert_false(failure_is_stop(&all, &tape.snapshot)); /* nobody sent it */
	tape_add(&tape, SIGTERM, 100, true);
	assert_true(failure_is_stop(&all, &tape.snapshot));
	tape.snapshot.failure.exit_code = 1;
	assert_false(failure_is_stop(&all, &tape.snapshot));
	tape.snapshot.failure.exit_code = 128 + SIGKILL;
	assert_false(failure_is_stop(&all, &tape.snapshot));
}

static void a_kill_is_never_a_stop(void **state)
{
	struct tape tape;

	tape_init(&tape, SIGKILL);
	tape_add(&tape, SIGKILL, 100, true);
	assert_false(failure_is_stop(&all, &tape.snapshot));
}

static void an_unknown_sender_is_no_stop(void **state)
{
	struct tape tape;

	tape_init(&tape, SIGTERM);
	assert_false(failure_is_stop(&all, &tape.snapshot));
}

static void limits_hold_within_a_window(void **state)
{
	struct failure_limit limit = {.window_ns = 1000, .limit = 2};

	assert_true(failure_limit_take(&limit, 5000));
	assert_true(failure_limit_take(&limit, 5001));
	assert_false(failure_limit_take(&limit, 4999)); /* told late by another CPU */
	assert_false(failure_limit_take(&limit, 5999));
	assert_int_equal(limit.refused, 2);
	assert_true(failure_limit_take(&limit, 6000));
}

static void no_limit_refuses_nothing(void **state)
{
	struct failure_limit limit = {.window_ns = 1000};

	for (int i = 0; i < 100; i++)
		assert_true(failure_limit_take(&limit, 5000));
}

static void limits_go_by_key(void **state)
{
	struct failure_limits limits = {.window_ns = 1000, .limit = 1};

	for (uint64_t key = 0; key < FAILURE_LIMITS_MAX; key++) {
		assert_true(failure_limit_take(failure_limits_of(&limits, key), 5000 + key));
		assert_false(failure_limit_take(failure_limits_of(&limits, key), 5000 + key));
	}
	/* One more takes the place of the one that began first, and of no other. */
	assert_true(failure_limit_take(failure_limits_of(&limits, 1 << 20), 5500));
	assert_false(failure_limit_take(failure_limits_of(&limits, 1), 5500));
	assert_true(failure_limit_take(failure_limits_of(&limits, 0), 5500));
	assert_int_equal(limits.count, FAILURE_LIMITS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_ends),
		cmocka_unit_test(unwanted_kinds_are_no_failures),
		cmocka_unit_test(term_from_outside_is_a_stop),
		cmocka_unit_test(term_from_inside_is_a_failure),
		cmocka_unit_test(the_last_signal_of_the_process_counts),
		cmocka_unit_test(an_exit_that_tells_of_the_signal_is_a_stop),
		cmocka_unit_test(a_kill_is_never_a_stop),
		cmocka_unit_test(an_unknown_sender_is_no_stop),
		cmocka_unit_test(limits_hold_within_a_window),
		cmocka_unit_test(no_limit_refuses_nothing),
		cmocka_unit_test(limits_go_by_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
