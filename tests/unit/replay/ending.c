/* SPDX-License-Identifier: Apache-2.0 */
/* Who sent the signal, and what of it counts. */
#include "replay/ending.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "replay/memory_figures.h"
#include "tests/unit/replay/tape.h"

static struct igrec_signal sent(int number, int code, uint32_t from, bool outside, const char *comm)
{
	struct igrec_signal body = {
		.signal = number,
		.code = code,
		.target_tgid = init.tgid,
		.sender_tgid = from,
		.sender_outside = outside,
	};

	memcpy(body.sender_comm, comm, strnlen(comm, IGREC_COMM_BYTES));
	return body;
}

static void senders(void **state)
{
	const uint32_t self = init.tgid;
	const struct {
		struct igrec_signal signal;
		const char *wanted;
	} cases[] = {
		{sent(SIGSEGV, SEGV_MAPERR, self, false, "app"), "fault"},
		{sent(SIGSEGV, SI_KERNEL, self, false, "app"), "fault"},
		{sent(SIGSYS, 1, self, false, "app"), "fault"},
		{sent(SIGKILL, SI_KERNEL, 7, true, "kworker/0:1"), "kernel"},
		{sent(SIGABRT, SI_TKILL, self, false, "app"), "self"},
		{sent(SIGKILL, SI_USER, 4300, false, "runc"), "inside"},
		{sent(SIGKILL, SI_USER, 7, true, "runc"), "runtime"},
		{sent(SIGKILL, SI_USER, 7, true, "runc:[2:INIT]"), "runtime"},
		{sent(SIGTERM, SI_USER, 7, true, "containerd-shim"), "runtime"},
		{sent(SIGKILL, SI_USER, 7, true, "runcible"), "outside"},
		{sent(SIGKILL, SI_USER, 7, true, "bash"), "outside"},
		{sent(SIGKILL, SI_USER, 7, true, ""), "outside"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(ending_sender_name(ending_sender_of(&cases[i].signal)),
				    cases[i].wanted);
}

static void put_signal(struct sample_tape *tape, uint64_t before_ns, struct igrec_signal body)
{
	put_event(tape, IGREC_RECORD_SIGNAL, &init, before_ns, 0, &body, sizeof(body));
}

static struct ending ending_of_tape(struct sample_tape *tape)
{
	struct timeline *timeline = NULL;
	struct ending ending;

	must(!timeline_new(tape->snapshot, &timeline));
	ending_of(timeline, &tape->snapshot->failure, &ending);
	timeline_free(timeline);
	return ending;
}

static void the_last_that_fits(void **state)
{
	struct sample_tape tape = tape_new();
	struct ending ending;

	put_signal(&tape, 9 * SECOND, sent(SIGTERM, SI_USER, 7, true, "first"));
	put_signal(&tape, 5 * SECOND, sent(SIGTERM, SI_USER, 7, true, "runc"));
	put_signal(&tape, 4 * SECOND, sent(SIGUSR1, SI_USER, 7, true, "other"));
	put_signal(&tape, 3 * SECOND, sent(SIGHUP, SI_TKILL, init.tgid, false, "app"));
	put_signal(&tape, SECOND, sent(SIGKILL, SI_USER, 7, true, "runc"));
	tape.snapshot->failure.kind = FAILURE_SIGNAL;
	tape.snapshot->failure.signal = SIGKILL;
	ending = ending_of_tape(&tape);
	assert_true(ending.has_signal && ending.has_request);
	assert_int_equal(ending.signal.signal.signal, SIGKILL);
	assert_int_equal(ending.request.signal.signal, SIGTERM);
	assert_string_equal(ending.request.signal.sender_comm, "runc");
	snapshot_free(tape.snapshot);
}

/* As shells and the JVM tell; and an end that no signal had to do with. */
static void codes(void **state)
{
	struct sample_tape tape = tape_new();
	struct ending ending;

	put_signal(&tape, SECOND, sent(SIGTERM, SI_USER, 7, true, "runc"));
	tape.snapshot->failure.exit_code = 143;
	ending = ending_of_tape(&tape);
	assert_true(ending.has_signal);
	assert_false(ending.has_request);
	tape.snapshot->failure.exit_code = 1;
	ending = ending_of_tape(&tape);
	assert_false(ending.has_signal);
	assert_true(ending.has_request);
	tape.snapshot->failure.tgid++;
	ending = ending_of_tape(&tape);
	assert_false(ending.has_signal || ending.has_request);
	tape.snapshot->failure.tgid--;
	tape.snapshot->failure.kind = FAILURE_REQUESTED;
	ending = ending_of_tape(&tape);
	assert_false(ending.has_signal || ending.has_request);
	snapshot_free(tape.snapshot);
}

static void memory_of(const struct snapshot_vital *vitals, size_t count,
		      struct memory_figures wanted)
{
	const struct snapshot snapshot = {.vitals = (struct snapshot_vital *)vitals,
					  .n_vitals = count};
	struct memory_figures got;

	memory_figures_of(&snapshot, &got);
	assert_memory_equal(&got, &wanted, sizeof(got));
}

static void memory(void **state)
{
	const struct snapshot_vital version_2[] = {
		{(char *)"memory.current", 1, 90}, {(char *)"memory.max", 1, 100},
		{(char *)"memory.peak", 1, 99},	   {NULL, 1, 5},
		{(char *)"memory.current", 2, 10}, {(char *)"memory.max", 2, 200},
		{(char *)"memory.peak", 2, 101},   {(char *)"memory.events:oom_kill", 2, 3},
	};
	const struct snapshot_vital version_1[] = {
		{(char *)"memory.usage_in_bytes", 1, 9},
		{(char *)"memory.limit_in_bytes", 1, 9223372036854771712},
		{(char *)"memory.max_usage_in_bytes", 1, 11},
		{(char *)"memory.oom_control:oom_kill", 1, 0},
	};

	memory_of(version_2, ARRAY_SIZE(version_2), (struct memory_figures){200, 90, 101, 3});
	memory_of(version_1, ARRAY_SIZE(version_1), (struct memory_figures){-1, 9, 11, 0});
	memory_of(NULL, 0, (struct memory_figures){-1, -1, -1, -1});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(senders),
		cmocka_unit_test(the_last_that_fits),
		cmocka_unit_test(codes),
		cmocka_unit_test(memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
