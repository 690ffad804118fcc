/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes, durations, counts and signals as people write them. */
#include "common/parse.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/cleanup.h"

struct row {
	const char *text;
	int err;
	uint64_t value;
};

static const struct row sizes[] = {
	{"0", 0, 0},
	{"4096", 0, 4096},
	{"1B", 0, 1},
	{"512K", 0, 512 << 10},
	{"512k", 0, 512 << 10},
	{"512KiB", 0, 512 << 10},
	{"1MiB", 0, 1 << 20},
	{"1.5G", 0, 3ULL << 29},
	{"16T", 0, 16ULL << 40},
	{"18446744073709551615", 0, UINT64_MAX},
	{"18446744073709551616", -ERANGE, 0},
	{"16777216T", -ERANGE, 0},
	{"", -EINVAL, 0},
	{"K", -EINVAL, 0},
	{"-1", -EINVAL, 0},
	{"+1", -EINVAL, 0},
	{" 1", -EINVAL, 0},
	{"1 ", -EINVAL, 0},
	{"1KB", -EINVAL, 0},
	{"1.K", -EINVAL, 0},
	{"1.5.5K", -EINVAL, 0},
	{"0x10", -EINVAL, 0},
};

static const struct row durations[] = {
	{"0", 0, 0},
	{"10ms", 0, 10000000},
	{"2s", 0, 2000000000},
	{"0.5s", 0, 500000000},
	{"1.000000001s", 0, 1000000001},
	{"1.0000000019s", 0, 1000000001},
	{"5m", 0, 300 * 1000000000ULL},
	{"5min", 0, 300 * 1000000000ULL},
	{"1h", 0, 3600 * 1000000000ULL},
	{"14d", 0, 14 * 86400 * 1000000000ULL},
	{"7ns", 0, 7},
	{"7us", 0, 7000},
	{"213504d", -ERANGE, 0},
	{"2", -EINVAL, 0},
	{"s", -EINVAL, 0},
	{"2 s", -EINVAL, 0},
	{"2weeks", -EINVAL, 0},
};

static void check(int (*parse)(const char *, uint64_t *), const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t value = 77;

		print_message("%s\n", rows[i].text);
		assert_int_equal(parse(rows[i].text, &value), rows[i].err);
		assert_true(value == (rows[i].err ? 77 : rows[i].value));
	}
}

static void test_sizes(void **state)
{
	check(parse_size, sizes, ARRAY_SIZE(sizes));
}

static void test_durations(void **state)
{
	check(parse_duration, durations, ARRAY_SIZE(durations));
}

static void test_uint(void **state)
{
	uint64_t value = 77;

	assert_int_equal(parse_uint("5", 1, 5, &value), 0);
	assert_int_equal(value, 5);
	assert_int_equal(parse_uint("6", 1, 5, &value), -ERANGE);
	assert_int_equal(parse_uint("0", 1, 5, &value), -ERANGE);
	assert_int_equal(parse_uint("5x", 1, 5, &value), -EINVAL);
	assert_int_equal(parse_uint("", 0, 5, &value), -EINVAL);
	assert_int_equal(value, 5);
}

static void test_signals(void **state)
{
	int value = 0;

	assert_int_equal(parse_signal("TERM", &value), 0);
	assert_int_equal(value, SIGTERM);
	assert_int_equal(parse_signal("sigsegv", &value), 0);
	assert_int_equal(value, SIGSEGV);
	assert_int_equal(parse_signal("9", &value), 0);
	assert_int_equal(value, 9);
	assert_int_equal(parse_signal("0", &value), -EINVAL);
	assert_int_equal(parse_signal("65", &value), -EINVAL);
	assert_int_equal(parse_signal("SIG", &value), -EINVAL);
	assert_int_equal(parse_signal("", &value), -EINVAL);
	assert_int_equal(value, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_uint),
		cmocka_unit_test(test_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
