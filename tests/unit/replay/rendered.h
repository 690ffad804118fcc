/* SPDX-License-Identifier: Apache-2.0 */
/* Captures in a row, and a snapshot as text; for the tests of the renderers. */
#ifndef TESTS_UNIT_REPLAY_RENDERED_H
#define TESTS_UNIT_REPLAY_RENDERED_H

#include <stdio.h>

#include "replay/replay.h"
#include "tests/unit/replay/tape.h"

#define AT_CWD ((uint64_t)AT_FDCWD)

/* Not inlined: gcc 12 would take what open_memstream() points `text` at for `text` itself. */
static __attribute__((noinline, unused)) char *
render_as(const struct snapshot *snapshot, enum replay_format format, struct replay_counts *ret)
{
	const struct replay_options options = {.arch = ARCH_X86_64, .format = format};
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	assert_non_null(out);
	assert_int_equal(replay_render(snapshot, &options, out, ret), 0);
	fclose(out);
	return text;
}

#define TEXT(arg, text)                                                                            \
	{                                                                                          \
		arg, 0, text, sizeof(text) - 1                                                     \
	}
#define CUT(arg, text)                                                                             \
	{                                                                                          \
		arg, IGREC_CAPTURE_TRUNCATED, text, sizeof(text) - 1                               \
	}
#define UNREADABLE(arg)                                                                            \
	{                                                                                          \
		arg, IGREC_CAPTURE_UNREADABLE, "", 0                                               \
	}

#endif
