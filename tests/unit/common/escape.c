/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes from containers: what reaches a terminal is printable and cannot be mistaken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/buf.h"
#include "common/cleanup.h"
#include "common/escape.h"

struct row {
	const char *bytes;
	size_t count;
	const char *wanted;
};
#define ROW(bytes, wanted)                                                                         \
	{                                                                                          \
		bytes, sizeof(bytes) - 1, wanted                                                   \
	}

/* The texts are what strace 6.1 prints for write(2, BYTES, N). */
static const struct row quoted_rows[] = {
	ROW("", ""),
	ROW("plain text", "plain text"),
	ROW("say \"hi\"", "say \\\"hi\\\""),
	ROW("back\\slash", "back\\\\slash"),
	ROW("\t\n\v\f\r", "\\t\\n\\v\\f\\r"),
	ROW("\0", "\\0"),
	ROW("\0z", "\\0z"),
	ROW("\0"
	    "1",
	    "\\0001"),
	ROW("\0"
	    "9",
	    "\\09"),
	ROW("\033[31m", "\\33[31m"),
	ROW("\177", "\\177"),
	ROW("\303\244", "\\303\\244"),
	ROW("\377\0\377", "\\377\\0\\377"),
};

static const struct row name_rows[] = {
	ROW("", ""),
	ROW("nginx: worker", "nginx: worker"),
	ROW("say \"hi\"", "say \"hi\""),
	ROW("back\\slash", "back\\\\slash"),
	ROW("a\nb\tc", "a\\nb\\tc"),
	ROW("\033]0;title\007", "\\x1b]0;title\\x07"),
	ROW("\177", "\\x7f"),
	ROW("\0", "\\x00"),
	ROW("caf\303\251", "caf\303\251"),
	ROW("\344\270\255\346\226\207", "\344\270\255\346\226\207"),
	ROW("\360\237\220\263", "\360\237\220\263"),
	/* C1 control, in UTF-8 and bare */
	ROW("\302\233m", "\\xc2\\x9bm"),
	ROW("\233m", "\\x9bm"),
	/* right-to-left override, zero width space, byte order mark, soft hyphen, line separator */
	ROW("a\342\200\256b", "a\\xe2\\x80\\xaeb"),
	ROW("\342\200\213", "\\xe2\\x80\\x8b"),
	ROW("\357\273\277", "\\xef\\xbb\\xbf"),
	ROW("\302\255", "\\xc2\\xad"),
	ROW("\342\200\250", "\\xe2\\x80\\xa8"),
	/* isolates, tags, private use, noncharacter */
	ROW("\342\201\246", "\\xe2\\x81\\xa6"),
	ROW("\363\240\201\201", "\\xf3\\xa0\\x81\\x81"),
	ROW("\356\200\200", "\\xee\\x80\\x80"),
	ROW("\357\277\277", "\\xef\\xbf\\xbf"),
	/* no UTF-8: stray, cut short, overlong, surrogate, beyond the last */
	ROW("\200", "\\x80"),
	ROW("\303", "\\xc3"),
	ROW("\342\202", "\\xe2\\x82"),
	ROW("\300\257", "\\xc0\\xaf"),
	ROW("\355\240\200", "\\xed\\xa0\\x80"),
	ROW("\364\220\200\200", "\\xf4\\x90\\x80\\x80"),
	ROW("\377ok", "\\xffok"),
};

static void check(const struct row *rows, size_t count,
		  void (*escape)(struct buf *, const void *, size_t))
{
	struct buf buf = {0};

	for (size_t i = 0; i < count; i++) {
		buf_clear(&buf);
		escape(&buf, rows[i].bytes, rows[i].count);
		assert_string_equal(buf_text(&buf), rows[i].wanted);
	}
	buf_done(&buf);
}

static void test_quoted(void **state)
{
	check(quoted_rows, ARRAY_SIZE(quoted_rows), escape_quoted);
}

static void test_names(void **state)
{
	check(name_rows, ARRAY_SIZE(name_rows), escape_name);
}

/* Whatever the bytes, no control character and no byte above ASCII comes out quoted. */
static void test_every_pair_is_printable(void **state)
{
	struct buf buf = {0};

	for (unsigned pair = 0; pair < 65536; pair++) {
		unsigned char bytes[2] = {pair >> 8, pair & 0xff};

		buf_clear(&buf);
		escape_quoted(&buf, bytes, sizeof(bytes));
		for (size_t i = 0; i < buf.bytes; i++)
			assert_in_range((unsigned char)buf.data[i], 0x20, 0x7e);
		buf_clear(&buf);
		escape_name(&buf, bytes, sizeof(bytes));
		for (size_t i = 0; i < buf.bytes; i++)
			assert_true((unsigned char)buf.data[i] >= 0x20 && buf.data[i] != 0x7f);
	}
	buf_done(&buf);
}

/* For programs: nothing but what is no text is changed. */
static const struct row utf8_rows[] = {
	ROW("", ""),
	ROW("\033[31m\r\n\t\177", "\033[31m\r\n\t\177"),
	ROW("a\0b", "a\xef\xbf\xbd"
		    "b"),
	ROW("\xe2\x82\xac \xe2\x80\xae", "\xe2\x82\xac \xe2\x80\xae"),
	ROW("\xff\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"),
	ROW("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"),
};

static void test_utf8(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(utf8_rows); i++) {
		struct buf buf = {0};

		escape_utf8(&buf, utf8_rows[i].bytes, utf8_rows[i].count);
		assert_string_equal(buf_text(&buf), utf8_rows[i].wanted);
		buf_done(&buf);
	}
}

static void test_csv(void **state)
{
	static const struct {
		const char *bytes, *wanted, *on_terminal;
	} rows[] = {
		{"", "\"\"", "\"\""},
		{"a,b", "\"a,b\"", "\"a,b\""},
		{"\"", "\"\"\"\"", "\"\"\"\""},
		{"say \"hi\"\n", "\"say \"\"hi\"\"\n\"", "\"say \"\"hi\"\"\\n\""},
		{"\033[31m\xff", "\"\033[31m\xef\xbf\xbd\"", "\"\\x1b[31m\\xff\""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf buf = {0};

		escape_csv(&buf, rows[i].bytes, strlen(rows[i].bytes), false);
		assert_string_equal(buf_text(&buf), rows[i].wanted);
		buf_clear(&buf);
		escape_csv(&buf, rows[i].bytes, strlen(rows[i].bytes), true);
		assert_string_equal(buf_text(&buf), rows[i].on_terminal);
		buf_done(&buf);
	}
}

static void test_no_bytes_at_all(void **state)
{
	struct buf buf = {0};

	escape_quoted(&buf, NULL, 0);
	escape_name(&buf, NULL, 0);
	escape_utf8(&buf, NULL, 0);
	assert_string_equal(buf_text(&buf), "");
	buf_done(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quoted),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_every_pair_is_printable),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_no_bytes_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
