/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text, and alignment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "replay/number.h"

static void test_durations(void **state)
{
	static const struct {
		uint64_t ns;
		const char *wanted;
	} rows[] = {
		{0, "0ns"},
		{999, "999ns"},
		{1000, "1.00us"},
		{1234, "1.23us"},
		{12345, "12.3us"},
		{123456, "123us"},
		{999999, "999us"},
		{1000000, "1.00ms"},
		{9999999, "9.99ms"},
		{59000000000, "59.0s"},
		{3600000000000, "3600s"},
		{UINT64_MAX, "18446744073s"},
	};
	struct buf buf = {0};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		buf_clear(&buf);
		number_duration(&buf, rows[i].ns);
		assert_string_equal(buf_text(&buf), rows[i].wanted);
	}
	buf_done(&buf);
}

static void test_seconds(void **state)
{
	static const struct {
		int64_t ns;
		const char *wanted;
	} rows[] = {
		{0, "0.000000"},
		{1999, "0.000001"},
		{-1999, "-0.000001"},
		{1700000000123456789, "1700000000.123456"},
		{INT64_MIN, "-9223372036.854775"},
	};
	struct buf buf = {0};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		buf_clear(&buf);
		number_seconds(&buf, rows[i].ns);
		assert_string_equal(buf_text(&buf), rows[i].wanted);
	}
	buf_done(&buf);
}

static void test_bases(void **state)
{
	struct buf buf = {0};

	number_signed(&buf, INT64_MIN);
	buf_add_char(&buf, ' ');
	number_unsigned(&buf, UINT64_MAX);
	buf_add_char(&buf, ' ');
	number_hex(&buf, 0);
	buf_add_char(&buf, ' ');
	number_hex(&buf, 0xdeadbeef);
	buf_add_char(&buf, ' ');
	number_octal(&buf, 0, 3);
	buf_add_char(&buf, ' ');
	number_octal(&buf, 07, 3);
	buf_add_char(&buf, ' ');
	number_octal(&buf, 0644, 3);
	assert_string_equal(buf_text(&buf),
			    "-9223372036854775808 18446744073709551615 0 0xdeadbeef 000 007 0644");
	buf_done(&buf);
}

static void test_alignment(void **state)
{
	struct buf buf = {0};

	buf_add_text(&buf, "ab");
	align_left(&buf, 0, 4);
	buf_add_text(&buf, "cd");
	align_right(&buf, 4, 5);
	align_right(&buf, 4, 3);
	assert_string_equal(buf_text(&buf), "ab     cd");
	buf_clear(&buf);
	align_left(&buf, 0, 200);
	assert_int_equal(buf.bytes, 200);
	buf_done(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_bases),
		cmocka_unit_test(test_alignment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
