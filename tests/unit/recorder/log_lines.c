/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logs as containerd 1.6, Docker 20.10 and Podman 4.3 write them, and as no one should.
 */
#include "recorder/log_lines.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/cleanup.h"

#define T1    "2026-11-21T23:46:40.123456789Z"
#define T1_NS 1795304800123456789

static struct log_lines *lines;
static struct snapshot *snapshot;

static int begin(void **state)
{
	snapshot = calloc(1, sizeof(*snapshot));
	return 0;
}

static int end(void **state)
{
	snapshot_free(snapshot);
	log_lines_free(lines);
	lines = NULL;
	return 0;
}

static void start_within(enum log_format format, size_t most_lines, size_t most_bytes,
			 int64_t since_ns, int64_t until_ns)
{
	lines = log_lines_new(format, most_lines, most_bytes, since_ns, until_ns);
	assert_non_null(lines);
}

static void start(enum log_format format, size_t most_lines, size_t most_bytes, int64_t since_ns)
{
	start_within(format, most_lines, most_bytes, since_ns, INT64_MAX);
}

static void add(const char *text)
{
	log_lines_add(lines, text, strlen(text));
}

static void finish(size_t wanted)
{
	assert_int_equal(log_lines_move(lines, snapshot), 0);
	assert_int_equal(snapshot->n_log, wanted);
}

static void check(size_t index, const char *stream, const char *text)
{
	const struct snapshot_log *line = &snapshot->log[index];

	assert_string_equal(line->stream, stream);
	assert_int_equal(line->text_bytes, strlen(text));
	assert_memory_equal(line->text, text, strlen(text));
}

static void cri(void **state)
{
	start(LOG_CRI, 10, 1000, 0);
	add(T1 " stdout F listening on :8080\n" T1 " stderr F  two  spaces \n" T1 " stdout F \n" T1
	       " stdout F\n" T1 " stderr F:tag=1 tagged\n");
	finish(5);
	check(0, "stdout", "listening on :8080");
	check(1, "stderr", " two  spaces ");
	check(2, "stdout", "");
	check(3, "stdout", "");
	check(4, "stderr", "tagged");
	assert_int_equal(snapshot->log[0].time_ns, T1_NS);
	assert_false(snapshot->log[0].truncated);
}

/* Parts of both streams may alternate; the last one was not ended. */
static void cri_parts(void **state)
{
	start(LOG_CRI, 10, 1000, 0);
	add(T1 " stdout P one, \n2026-11-21T23:46:41Z stderr P err\n" T1 " stdout P two, \n" T1
	       " stderr F or\n" T1 " stdout F three\n" T1 " stdout P unend");
	add("");
	finish(3);
	check(0, "stderr", "error");
	check(1, "stdout", "one, two, three");
	check(2, "stdout", "unend");
	assert_int_equal(snapshot->log[0].time_ns, 1795304801000000000);
	assert_int_equal(snapshot->log[1].time_ns, T1_NS);
}

/* A line's parts on both sides of a rotation. */
static void files_go_on(void **state)
{
	start(LOG_CRI, 10, 1000, 0);
	add(T1 " stdout F before\n" T1 " stdout P begun in N.log.20261121-234640, \n");
	add(T1 " stdout F ended in N.log\n");
	finish(2);
	check(1, "stdout", "begun in N.log.20261121-234640, ended in N.log");
}

static void json(void **state)
{
	start(LOG_JSON, 10, 1000, 0);
	add("{\"log\":\"hello \\\"w\\u00f6rld\\\"\\n\",\"stream\":\"stdout\",\"time\":\"" T1 "\"}\n"
	    "{\"log\":\"a part, \",\"stream\":\"stderr\",\"time\":\"" T1 "\"}\n"
	    "{\"log\":\"\\u001b[31mNUL\\u0000.\\n\",\"stream\":\"stdout\"}\n"
	    "{\"log\":\"and the rest\\n\",\"stream\":\"stderr\",\"time\":\"" T1 "\"}\n"
	    "{\"log\":\"\\n\",\"stream\":\"stdout\",\"time\":\"" T1 "\"}\n");
	finish(4);
	check(0, "stdout", "hello \"w\xc3\xb6rld\"");
	assert_int_equal(snapshot->log[0].time_ns, T1_NS);
	assert_int_equal(snapshot->log[1].text_bytes, 10);
	assert_memory_equal(snapshot->log[1].text, "\x1b[31mNUL\0.", 10);
	assert_int_equal(snapshot->log[1].time_ns, -1);
	check(2, "stderr", "a part, and the rest");
	check(3, "stdout", "");
}

/* What has not the form is kept as it is: it may say something. */
static void other_bytes(void **state)
{
	static const char *const raw[] = {
		"no time at all",
		T1,
		T1 " stdout",
		T1 " stdout X text",
		T1 " stdout Full text",
		"2026-13-21T23:46:40Z stdout F month 13",
		"2026-11-21 23:46:40Z stdout F no T",
		"{\"log\":\"JSON\\n\",\"stream\":\"stdout\"}",
		"",
	};

	start(LOG_CRI, 20, 10000, 0);
	for (size_t i = 0; i < ARRAY_SIZE(raw); i++) {
		char line[64];

		snprintf(line, sizeof(line), "%s\n", raw[i]);
		add(line);
	}
	finish(ARRAY_SIZE(raw));
	for (size_t i = 0; i < ARRAY_SIZE(raw); i++) {
		check(i, "", raw[i]);
		assert_int_equal(snapshot->log[i].time_ns, -1);
	}
}

static void bounds(void **state)
{
	char text[64];

	start(LOG_CRI, 3, 20, 0);
	for (int i = 0; i < 9; i++) {
		snprintf(text, sizeof(text), T1 " stdout F %d\n", i);
		log_lines_add(lines, text, strlen(text));
	}
	add(T1 " stdout F 0123456789ABC\n");
	add(T1 " stdout F 0123456\n");
	finish(2); /* 13 + 7 bytes */
	check(0, "stdout", "0123456789ABC");
	check(1, "stdout", "0123456");
}

static void long_lines_are_cut(void **state)
{
	static char part[3000];

	memset(part, 'x', sizeof(part));
	start(LOG_CRI, 3, 100000, 0);
	for (int i = 0; i < 3; i++) {
		char line[4000];
		int bytes = snprintf(line, sizeof(line), T1 " stdout %c %.*s\n", i < 2 ? 'P' : 'F',
				     (int)sizeof(part), part);

		log_lines_add(lines, line, (size_t)bytes);
	}
	add(T1 " stdout F short\n");
	assert_int_equal(log_lines_move(lines, snapshot), 0);
	assert_int_equal(snapshot->log[snapshot->n_log - 2].text_bytes, LOG_LINE_BYTES_MAX);
	assert_true(snapshot->log[snapshot->n_log - 2].truncated);
	assert_int_equal(snapshot->log[snapshot->n_log - 1].text_bytes, 5);
	assert_false(snapshot->log[snapshot->n_log - 1].truncated);
}

/* Docker and Podman go on in the same file when a container is started again. */
static void older_lines_are_left_out(void **state)
{
	start(LOG_CRI, 10, 1000, T1_NS);
	add("2026-11-21T23:46:40.123456788Z stdout F of the run before\n" T1 " stdout F of this\n"
	    "who knows when\n");
	finish(2);
	check(0, "stdout", "of this");
	check(1, "", "who knows when");
}

static void younger_lines_are_left_out(void **state)
{
	start_within(LOG_CRI, 1, 1000, 0, T1_NS);
	add(T1 " stdout F of this\n2026-11-22T23:46:40.123456789Z stdout F of the next run\n");
	finish(1);
	check(0, "stdout", "of this");
}

static void times(void **state)
{
	static const struct {
		const char *text;
		int64_t wanted; /* -1: refused */
	} cases[] = {
		{"1970-01-01T00:00:00Z", 0},
		{T1, T1_NS},
		{"2026-11-22T01:46:40.5+02:00", 1795304800500000000},
		{"2026-11-21T18:16:40.000000001-05:30", 1795304800000000001},
		{"2024-02-29T12:00:00Z", 1709208000000000000},
		{"2026-11-21T23:46:40", -1},
		{"2026-11-21T23:46:40.Z", -1},
		{"2026-11-21T23:46:40.1234567890Z", -1},
		{"2026-11-21T24:00:00Z", -1},
		{"1969-12-31T23:59:59Z", -1},
		{"1970-01-01T00:00:00+00:01", -1},
		{"1970-01-01T00:01:00+00:01", 0},
		{"9999-12-31T23:59:59Z", -1},
		{"2026-11-21T23:46:40Z ", -1},
		{"2026-11-21T23:46:40+2:00", -1},
		{"", -1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t got = -1;
		int err = log_time_parse(cases[i].text, strlen(cases[i].text), &got);

		assert_int_equal(err, cases[i].wanted < 0 ? -EINVAL : 0);
		assert_int_equal(got, cases[i].wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(cri, begin, end),
		cmocka_unit_test_setup_teardown(cri_parts, begin, end),
		cmocka_unit_test_setup_teardown(files_go_on, begin, end),
		cmocka_unit_test_setup_teardown(json, begin, end),
		cmocka_unit_test_setup_teardown(other_bytes, begin, end),
		cmocka_unit_test_setup_teardown(bounds, begin, end),
		cmocka_unit_test_setup_teardown(long_lines_are_cut, begin, end),
		cmocka_unit_test_setup_teardown(older_lines_are_left_out, begin, end),
		cmocka_unit_test_setup_teardown(younger_lines_are_left_out, begin, end),
		cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
