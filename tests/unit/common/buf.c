/* SPDX-License-Identifier: Apache-2.0 */
/* The growing buffer: what is appended is there, and running out of memory sticks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/buf.h"

static void test_empty(void **state)
{
	struct buf buf = {0};

	assert_string_equal(buf_text(&buf), "");
	assert_int_equal(buf.bytes, 0);
	buf_done(&buf);
}

static void test_appends_in_order(void **state)
{
	struct buf buf = {0};

	buf_add_text(&buf, "one ");
	buf_add(&buf, "two", 3);
	buf_add_char(&buf, ' ');
	buf_printf(&buf, "%d%s", 3, "!");
	assert_string_equal(buf_text(&buf), "one two 3!");
	assert_int_equal(buf.bytes, 10);
	buf_done(&buf);
}

static void test_holds_nul_bytes(void **state)
{
	struct buf buf = {0};

	buf_add(&buf, "a\0b", 3);
	assert_int_equal(buf.bytes, 3);
	assert_memory_equal(buf_text(&buf), "a\0b", 4);
	buf_done(&buf);
}

static void test_grows(void **state)
{
	struct buf buf = {0};

	for (int i = 0; i < 10000; i++)
		buf_printf(&buf, "%04d,", i);
	assert_int_equal(buf.bytes, 50000);
	assert_memory_equal(buf_text(&buf) + 5 * 9999, "9999,", 6);
	buf_done(&buf);
}

/* At every size there is room for the NUL. */
static void test_text_at_every_size(void **state)
{
	struct buf buf = {0};

	for (size_t i = 0; i < 1100; i++) {
		assert_int_equal(strlen(buf_text(&buf)), i);
		buf_add_char(&buf, 'x');
	}
	buf_done(&buf);
}

static void test_clear_keeps_room(void **state)
{
	struct buf buf = {0};

	buf_add_text(&buf, "something");
	buf_clear(&buf);
	assert_int_equal(buf.bytes, 0);
	assert_true(buf.room > 0);
	assert_string_equal(buf_text(&buf), "");
	buf_done(&buf);
}

static void test_failure_sticks_and_changes_nothing(void **state)
{
	static const char byte = 'x';
	volatile size_t impossible = SIZE_MAX / 2; /* not for the compiler to see */
	struct buf buf = {0};

	buf_add_text(&buf, "kept");
	buf_add(&buf, &byte, impossible);
	assert_true(buf.failed);
	buf_add_text(&buf, "too late");
	assert_int_equal(buf.bytes, 4);
	assert_null(buf_text(&buf));
	buf_clear(&buf);
	buf_add_text(&buf, "again");
	assert_string_equal(buf_text(&buf), "again");
	buf_done(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_appends_in_order),
		cmocka_unit_test(test_holds_nul_bytes),
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_text_at_every_size),
		cmocka_unit_test(test_clear_keeps_room),
		cmocka_unit_test(test_failure_sticks_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
