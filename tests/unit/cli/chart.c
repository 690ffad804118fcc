/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/chart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/cleanup.h"

static void check(const int64_t *values, size_t count, int64_t top, bool blocks, const char *wanted)
{
	struct buf out = {0};

	chart_add(&out, values, count, top, blocks);
	assert_string_equal(buf_text(&out), wanted);
	buf_done(&out);
}

static void heights(void **state)
{
	static const int64_t values[] = {0, 1, 10, 20, 21, 40, 79, 80, -1};

	check(values, ARRAY_SIZE(values), 80, true, " ▁▁▂▃▄██?");
	check(values, ARRAY_SIZE(values), 80, false, " __.:-##?");
}

static void extremes(void **state)
{
	static const int64_t values[] = {0, 1, INT64_MAX, INT64_MIN};

	check(values, 0, 1, true, "");
	check(values, ARRAY_SIZE(values), 1, false, " ##?");
	check(values, ARRAY_SIZE(values), INT64_MAX, false, " _#?");
	check(values, ARRAY_SIZE(values), 0, false, "   ?");
	check(values, ARRAY_SIZE(values), -5, false, "   ?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heights),
		cmocka_unit_test(extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
