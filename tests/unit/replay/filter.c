/* SPDX-License-Identifier: Apache-2.0 */
/* What --last, --syscall, --path ... let through, and what they refuse. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "replay/filter.h"
#include "replay/timeline.h"
#include "tests/unit/replay/tape.h"

struct condition {
	enum filter_key key;
	const char *value;
};

/* Which calls of the tape below are let through, as letters in the order of time. */
static const struct {
	const char *wanted;
	struct condition conditions[2];
} rows[] = {
	{"abcdef", {{FILTER_LAST, "1h"}}},
	{"ef", {{FILTER_LAST, "2500ms"}}},
	{"ef", {{FILTER_SINCE, "-2500ms"}}},
	{"abc", {{FILTER_UNTIL, "-3500ms"}}},
	{"cd", {{FILTER_SINCE, "-4500ms"}, {FILTER_UNTIL, "-2500ms"}}},
	{"ef", {{FILTER_SINCE, "@1699999997.5"}}},
	{"abcef", {{FILTER_PID, "1"}}},
	{"ce", {{FILTER_PID, "7"}}},
	{"cde", {{FILTER_PID, "7,9"}}},
	{"cde", {{FILTER_PID, "7"}, {FILTER_PID, "9"}}},
	{"ce", {{FILTER_COMM, "worker"}}},
	{"", {{FILTER_COMM, "work"}}},
	{"b", {{FILTER_SYSCALL, "openat"}}},
	{"be", {{FILTER_SYSCALL, "openat,futex"}}},
	{"bf", {{FILTER_SYSCALL, "%file"}}},
	{"abcd", {{FILTER_SYSCALL, "read,%network,openat"}}},
	{"b", {{FILTER_PATH, "app.conf"}}},
	{"b", {{FILTER_PATH, "/etc/*.conf"}}},
	{"", {{FILTER_PATH, "*.con"}}},
	{"bf", {{FILTER_PATH, "/etc"}}},
	{"c", {{FILTER_PATH, "/run/db"}}},
	{"bc", {{FILTER_ERRNO, "ENOENT,econnrefused"}}},
	{"bcf", {{FILTER_FAILED, ""}}},
	{"ae", {{FILTER_SLOW, "10ms"}}},
	{"e", {{FILTER_SLOW, "1s"}}},
	{"bcf", {{FILTER_LANE, "vital"}}},
	{"abcdef", {{FILTER_LANE, "vital,flow"}}},
	{"", {{FILTER_LANE, "start"}}},
	{"c", {{FILTER_FAILED, ""}, {FILTER_PID, "7"}}},
};

static void put(struct sample_tape *tape, const struct sample_task *task, const char *name,
		unsigned seconds, int64_t result, uint64_t duration_ns,
		struct sample_capture capture)
{
	struct sample_record record = call_of(task, name, seconds * SECOND, result);

	record.lane = result < 0 ? IGREC_LANE_VITAL : IGREC_LANE_FLOW;
	record.time_ns += duration_ns;
	record.duration_ns = duration_ns;
	record.arg[capture.arg] = 0x1000;
	record.capture[0] = capture;
	record.captures = capture.data ? 1 : 0;
	sample_add(tape, &record);
}

static struct sample_tape make_tape(void)
{
	struct sample_tape tape = tape_new();
	const struct sample_capture none = {0};

	put(&tape, &init, "read", 6, 1, 10000000, none);
	put(&tape, &init, "openat", 5, -ENOENT, 1000,
	    (struct sample_capture){1, 0, "/etc/app.conf", 13});
	put(&tape, &thread, "connect", 4, -ECONNREFUSED, 1000,
	    (struct sample_capture){1, 0, "\1\0/run/db.sock", 14});
	put(&tape, &child, "accept", 3, 4, 1000, none);
	put(&tape, &thread, "futex", 2, 0, SECOND, none);
	put(&tape, &init, "execve", 1, -EACCES, 1000, (struct sample_capture){0, 0, "/etc/run", 8});
	return tape;
}

static void test_what_matches(void **state)
{
	struct sample_tape tape = make_tape();
	struct timeline *timeline = NULL;

	assert_int_equal(timeline_new(tape.snapshot, &timeline), 0);
	assert_int_equal(timeline_count(timeline), 7);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct filter *filter = NULL;
		struct filter_error error;
		char got[8] = "";
		unsigned used = 0;

		assert_int_equal(filter_new(ARCH_X86_64, &filter), 0);
		assert_true(filter_is_empty(filter));
		for (unsigned c = 0; c < 2 && rows[i].conditions[c].value; c++)
			assert_int_equal(filter_add(filter, rows[i].conditions[c].key,
						    rows[i].conditions[c].value, &error),
					 0);
		assert_false(filter_is_empty(filter));
		for (unsigned e = 0; e < 6; e++) {
			if (filter_matches(filter, timeline, timeline_at(timeline, e)))
				got[used++] = (char)('a' + e);
		}
		if (strcmp(got, rows[i].wanted) != 0)
			fail_msg("row %zu: got %s, wanted %s", i, got, rows[i].wanted);
		assert_true(filter_matches(filter, timeline, timeline_at(timeline, 6)));
		filter_free(filter);
	}
	timeline_free(timeline);
	snapshot_free(tape.snapshot);
}

static void test_what_is_refused(void **state)
{
	static const struct {
		enum filter_key key;
		const char *value, *hint;
	} refused[] = {
		{FILTER_LAST, "2", "duration"},
		{FILTER_LAST, "", "duration"},
		{FILTER_SLOW, "fast", "duration"},
		{FILTER_SINCE, "-2", "before the failure"},
		{FILTER_SINCE, "yesterday", "local time"},
		{FILTER_SINCE, "@", "@SECONDS"},
		{FILTER_SINCE, "@12x", "@SECONDS"},
		{FILTER_UNTIL, "2024-05-01T12:00:00.", "local time"},
		{FILTER_PID, "0", "no pid"},
		{FILTER_PID, "init", "no pid"},
		{FILTER_PID, "1,", "commas"},
		{FILTER_SYSCALL, "opnat", "no syscall opnat"},
		{FILTER_SYSCALL, "%net", "no class"},
		{FILTER_SYSCALL, "", "commas"},
		{FILTER_ERRNO, "ENOSUCH", "no errno"},
		{FILTER_LANE, "slow", "start, vital and flow"},
		{FILTER_PATH, "", "empty"},
		{FILTER_COMM, "", "empty"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct filter *filter = NULL;
		struct filter_error error = {0};

		assert_int_equal(filter_new(ARCH_X86_64, &filter), 0);
		assert_int_equal(filter_add(filter, refused[i].key, refused[i].value, &error),
				 -EINVAL);
		if (!strstr(error.text, refused[i].hint))
			fail_msg("row %zu: %s", i, error.text);
		assert_true(filter_is_empty(filter));
		filter_free(filter);
	}
}

/* Names are the architecture's own, and its 32-bit programs'. */
static void test_arm64_has_no_iopl(void **state)
{
	struct filter *filter = NULL;
	struct filter_error error;

	assert_int_equal(filter_new(ARCH_ARM64, &filter), 0);
	assert_int_equal(filter_add(filter, FILTER_SYSCALL, "iopl", &error), -EINVAL);
	assert_non_null(strstr(error.text, "aarch64"));
	assert_int_equal(filter_add(filter, FILTER_SYSCALL, "openat,open", &error), 0);
	filter_free(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_matches),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_arm64_has_no_iopl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
