/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of single calls, each with the line that strace prints for it. */
#ifndef TESTS_UNIT_REPLAY_CALL_ROWS_H
#define TESTS_UNIT_REPLAY_CALL_ROWS_H

#include "common/cleanup.h"
#include "tests/unit/replay/rendered.h"

struct call_row {
	const char *wanted; /* without "PID TIME" and the padding before "=" */
	const char *name;
	int64_t result;
	uint64_t arg[IGREC_ARGS_MAX];
	struct sample_capture capture[6];
};

/* "PID TIME " in front and the spaces before "=" go. */
static inline void normalise(char *line)
{
	char *equals, *from = strstr(line, ") ");

	memmove(line, line + strlen("1     1699999999.999998 "), strlen(line) - 23);
	from = strstr(line, ")  ");
	if (!from)
		return;
	equals = strstr(from, "= ");
	memmove(from + 2, equals, strlen(equals) + 1);
}

static inline void check_calls(const struct call_row *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct sample_record record = call_of(&init, calls[i].name, 1000, calls[i].result);
		struct sample_tape tape = tape_new();
		struct replay_counts counts;
		AUTO_FREE char *text = NULL;
		AUTO_FREE char *wanted = NULL;
		char *end;

		memcpy(record.arg, calls[i].arg, sizeof(record.arg));
		memcpy(record.capture, calls[i].capture, sizeof(record.capture));
		while (record.captures < ARRAY_SIZE(calls[i].capture) &&
		       calls[i].capture[record.captures].data)
			record.captures++;
		sample_add(&tape, &record);
		text = render_as(tape.snapshot, REPLAY_STRACE, &counts);
		end = strchr(text, '\n');
		assert_non_null(end);
		*end = '\0';
		normalise(text);
		assert_true(asprintf(&wanted, "%s <0.000001>", calls[i].wanted) > 0);
		assert_string_equal(text, wanted);
		assert_int_equal(counts.shown, 1);
		snapshot_free(tape.snapshot);
	}
}

#endif
