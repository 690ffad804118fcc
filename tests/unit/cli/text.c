/* SPDX-License-Identifier: Apache-2.0 */
/* Figures for people. */
#include "cli/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/cleanup.h"

#define S INT64_C(1000000000)

static void test_duration(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} rows[] = {
		{0, "0ns"},
		{999, "999ns"},
		{1000, "1.0us"},
		{12345678, "12.3ms"},
		{1234000000, "1.234s"},
		{200 * S, "3m20s"},
		{(2 * 3600 + 300) * S, "2h05m"},
	};
	struct text text;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(text_duration(&text, rows[i].ns), rows[i].text);
}

static void test_ago(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{0, "0s ago"},	  {119, "119s ago"},	 {120, "2m ago"}, {7199, "119m ago"},
		{7200, "2h ago"}, {2 * 86400, "2d ago"}, {-5, "in 5s"},	  {90 * 86400, "90d ago"},
	};
	struct text text;
	int64_t now = 1700000000 * S;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(text_ago(&text, now - rows[i].seconds * S, now), rows[i].text);
}

static void test_size(void **state)
{
	struct text text;

	assert_string_equal(text_size(&text, 0), "0 B");
	assert_string_equal(text_size(&text, 1023), "1023 B");
	assert_string_equal(text_size(&text, 512 << 10), "512.0 KiB");
	assert_string_equal(text_size(&text, 3 << 19), "1.5 MiB");
	assert_string_equal(text_size(&text, UINT64_MAX), "16.0 EiB");
}

static void test_failure(void **state)
{
	static const struct {
		struct failure failure;
		const char *text;
	} rows[] = {
		{{.kind = FAILURE_EXIT, .exit_code = 1}, "exit 1"},
		{{.kind = FAILURE_SIGNAL, .signal = 11}, "SIGSEGV"},
		{{.kind = FAILURE_SIGNAL, .signal = 6, .core = true}, "SIGABRT (core dumped)"},
		{{.kind = FAILURE_SIGNAL, .signal = 99}, "signal 99"},
		{{.kind = FAILURE_OOM, .signal = 9}, "OOM"},
		{{.kind = FAILURE_CHILD_SIGNAL, .signal = 7}, "child SIGBUS"},
		{{.kind = FAILURE_CHILD_OOM, .signal = 9}, "child OOM"},
		{{.kind = FAILURE_CRASH_LOOP, .exit_code = 0}, "crash loop"},
		{{.kind = FAILURE_REQUESTED}, "requested"},
	};
	struct text text;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(text_failure(&text, &rows[i].failure), rows[i].text);
}

static void test_workload(void **state)
{
	static char name[400];
	struct text text;

	assert_string_equal(text_workload(&text, "shop", "cart-1", "app"), "shop/cart-1/app");
	assert_string_equal(text_workload(&text, NULL, "", "app"), "app");
	assert_string_equal(text_workload(&text, NULL, NULL, NULL), "");
	memset(name, 'x', sizeof(name) - 1);
	text_workload(&text, name, name, name);
	assert_int_equal(strlen(text.text), sizeof(text.text) - 1);
}

static void test_parse_time(void **state)
{
	int64_t now, parsed;
	struct tm tm = {.tm_year = 124, .tm_mon = 4, .tm_mday = 1, .tm_hour = 12, .tm_isdst = -1};

	now = mktime(&tm) * S;
	assert_int_equal(text_parse_time("10m", now, &parsed), 0);
	assert_int_equal(parsed, now - 600 * S);
	assert_int_equal(text_parse_time("2024-05-01 12:00", now, &parsed), 0);
	assert_int_equal(parsed, now);
	assert_int_equal(text_parse_time("2024-05-01T12:00:30", now, &parsed), 0);
	assert_int_equal(parsed, now + 30 * S);
	assert_int_equal(text_parse_time("11:59", now, &parsed), 0);
	assert_int_equal(parsed, now - 60 * S);
	assert_int_equal(text_parse_time("2024-05-01", now, &parsed), 0);
	assert_int_equal(parsed, now - 12 * 3600 * S);
	assert_int_equal(text_parse_time("", now, &parsed), -EINVAL);
	assert_int_equal(text_parse_time("yesterday", now, &parsed), -EINVAL);
	assert_int_equal(text_parse_time("2024-05-01 12:00 ", now, &parsed), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_duration), cmocka_unit_test(test_ago),
		cmocka_unit_test(test_size),	 cmocka_unit_test(test_failure),
		cmocka_unit_test(test_workload), cmocka_unit_test(test_parse_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
