/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies and names of a snapshot's parts, and the count of its syscalls.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/syscall.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "dumper/snapshot.h"
#include "dumper/summary.h"
#include "tests/support/sample_snapshot.h"

static void kinds(void **state)
{
	enum failure_kind kind;

	for (int i = 0; i < FAILURE_KINDS; i++) {
		assert_int_equal(failure_kind_parse(failure_kind_name((enum failure_kind)i), &kind),
				 0);
		assert_int_equal(kind, i);
	}
	assert_int_equal(failure_kind_parse("crash", &kind), -EINVAL);
	assert_int_equal(failure_kind_parse("", &kind), -EINVAL);
	assert_string_equal(failure_kind_name(FAILURE_CHILD_OOM), "child-oom");
	assert_string_equal(failure_kind_name((enum failure_kind)77), "unknown");
}

static void identities(void **state)
{
	struct container_identity from = {
		.container = (char *)"app",
		.cgroup_path = (char *)"/x",
		.cgroup_id = 5,
		.restart = 2,
	};
	struct container_identity copy;

	assert_int_equal(container_identity_copy(&from, &copy), 0);
	assert_string_equal(copy.container, "app");
	assert_ptr_not_equal(copy.container, from.container);
	assert_string_equal(copy.cgroup_path, "/x");
	assert_null(copy.pod);
	assert_int_equal(copy.cgroup_id, 5);
	assert_int_equal(copy.restart, 2);
	container_identity_done(&copy);
	assert_null(copy.container);
	snapshot_free(NULL);
}

static const struct sample_task task = {10, 10, 1, 1, "t"};

static void add(struct sample_tape *tape, enum igrec_lane lane, uint16_t nr, int64_t result,
		uint64_t duration_ns, uint16_t meta)
{
	const struct sample_record record = {
		.type = IGREC_RECORD_SYSCALL,
		.lane = lane,
		.task = &task,
		.time_ns = 1000000,
		.duration_ns = duration_ns,
		.meta = meta,
		.nr = nr,
		.result = result,
	};

	sample_add(tape, &record);
}

static void counts_syscalls(void **state)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	struct sample_tape tape = {.snapshot = snapshot};
	struct summary summary;

	add(&tape, IGREC_LANE_FLOW, 5, 0, 100, 0);
	add(&tape, IGREC_LANE_VITAL, 5, -ENOENT, 300, 0);
	add(&tape, IGREC_LANE_START, 5, -4096, 50, 0); /* a pointer, not an errno */
	add(&tape, IGREC_LANE_FLOW, 5, -1, 7, IGREC_META_COMPAT);
	add(&tape, IGREC_LANE_FLOW, 3, 9, 0, IGREC_META_NO_ENTRY);
	add(&tape, IGREC_LANE_FLOW, 60000, 0, 1, 0);
	assert_int_equal(summary_make(snapshot, &summary), 0);
	assert_int_equal(summary.count, 4);
	assert_int_equal(summary.totals[0].nr, 3);
	assert_int_equal(summary.totals[0].total_ns, 0);
	assert_int_equal(summary.totals[1].nr, 5);
	assert_false(summary.totals[1].compat);
	assert_int_equal(summary.totals[1].count, 3);
	assert_int_equal(summary.totals[1].errors, 1);
	assert_int_equal(summary.totals[1].total_ns, 450);
	assert_int_equal(summary.totals[1].max_ns, 300);
	assert_true(summary.totals[2].compat);
	assert_int_equal(summary.totals[2].count, 1);
	assert_int_equal(summary.totals[3].nr, IGREC_SYSCALLS_MAX);
	summary_done(&summary);
	snapshot_free(snapshot);
}

static void counts_what_is_sound(void **state)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	struct sample_tape tape = {.snapshot = snapshot};
	struct summary summary;

	add(&tape, IGREC_LANE_FLOW, 5, 0, 100, 0);
	add(&tape, IGREC_LANE_FLOW, 6, 0, 100, 0);
	snapshot->lane[IGREC_LANE_FLOW].blocks[0].bytes -= 8;
	assert_int_equal(summary_make(snapshot, &summary), 0);
	assert_int_equal(summary.count, 1);
	summary_done(&summary);
	snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(identities),
		cmocka_unit_test(counts_syscalls),
		cmocka_unit_test(counts_what_is_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
