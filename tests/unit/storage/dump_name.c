/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File names of dumps, both directions.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "storage/dump_name.h"

#define TIME_NS 1795304800123456789LL
#define ID	"0123456789ab"
#define X10	"xxxxxxxxxx"
#define X100	X10 X10 X10 X10 X10 X10 X10 X10 X10 X10

static void formats(void **state)
{
	static const struct {
		const char *namespace, *pod, *container, *kind, *wanted;
	} cases[] = {
		{"shop", "cart-7d4b", "app", "exit",
		 "20261121T234640.123Z_shop_cart-7d4b_app_exit_" ID ".igrec"},
		{NULL, NULL, "my_app", "oom", "20261121T234640.123Z_-_-_my-app_oom_" ID ".igrec"},
		{"", "", "", "signal", "20261121T234640.123Z_-_-_-_signal_" ID ".igrec"},
		{"a/../b", "$(x)", "\xc3\xa9 \n\"", "child-oom",
		 "20261121T234640.123Z_a-..-b_--x-_-----_child-oom_" ID ".igrec"},
		{"-", "_", "--", "exit", "20261121T234640.123Z_-_-_--_exit_" ID ".igrec"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dump_name name, back;
		char file[DUMP_NAME_ROOM];

		dump_name_set(&name, TIME_NS, cases[i].namespace, cases[i].pod, cases[i].container,
			      cases[i].kind, ID);
		dump_name_format(&name, file);
		assert_string_equal(file, cases[i].wanted);
		assert_int_equal(dump_name_parse(file, &back), 0);
		assert_int_equal(back.time_ns, TIME_NS - TIME_NS % 1000000);
		assert_string_equal(back.namespace, name.namespace);
		assert_string_equal(back.pod, name.pod);
		assert_string_equal(back.container, name.container);
		assert_string_equal(back.kind, name.kind);
		assert_string_equal(back.id, ID);
	}
}

static void long_texts_keep_both_ends(void **state)
{
	struct dump_name name, back;
	char file[DUMP_NAME_ROOM];

	dump_name_set(&name, INT64_MAX, X100 "-last", "first-" X100 "-last", X100, "crash-loop",
		      ID);
	dump_name_format(&name, file);
	assert_true(strlen(file) <= 255);
	assert_int_equal(strncmp(name.pod, "first-", 6), 0);
	assert_non_null(strstr(name.pod, "xx-last"));
	assert_non_null(strstr(name.pod, ".."));
	assert_int_equal(strlen(name.pod), sizeof(name.pod) - 1);
	assert_int_equal(dump_name_parse(file, &back), 0);
	assert_string_equal(back.pod, name.pod);
}

static void reduces_as_in_names(void **state)
{
	char reduced[12];

	dump_name_reduce("a_b", reduced, sizeof(reduced));
	assert_string_equal(reduced, "a-b");
	dump_name_reduce(NULL, reduced, sizeof(reduced));
	assert_string_equal(reduced, "");
	dump_name_reduce("12345678901", reduced, sizeof(reduced));
	assert_string_equal(reduced, "12345678901");
	dump_name_reduce("123456789012", reduced, sizeof(reduced));
	assert_string_equal(reduced, "123456..012");
}

static void sorts_by_time(void **state)
{
	static const int64_t times[] = {-5, 999999, 1000000, 86400000000000, TIME_NS, INT64_MAX};
	char before[DUMP_NAME_ROOM] = "", file[DUMP_NAME_ROOM];
	struct dump_name name;

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		dump_name_set(&name, times[i], "n", "p", i % 2 ? "a" : "b", "exit",
			      i % 2 ? "000000000000" : "000000000001");
		dump_name_format(&name, file);
		if (times[i] > 999999)
			assert_true(strcmp(before, file) < 0);
		memcpy(before, file, sizeof(before));
	}
}

static void refuses(void **state)
{
	static const char *const files[] = {
		"",
		".igrec",
		"x.igrec",
		"20261121T234640.123Z_s_p_c_exit_" ID,
		"20261121T234640.123Z_s_p_c_exit_" ID ".igrec.tmp",
		"20261121T234640.123Z_s_p_c_exit_" ID "_x.igrec",
		"20261121T234640.123Z_s_p_c_" ID ".igrec",
		"20261121T234640.123Z_s_p__exit_" ID ".igrec",
		"20261121T234640.123Z_s_p_c_-_" ID ".igrec",
		"20261121T234640.123Z_s_p_c_exit_0123456789aB.igrec",
		"20261121T234640.123Z_s_p_c_exit_0123456789a.igrec",
		"20261121T234640.123_s_p_c_exit_" ID ".igrec",
		"20261321T234640.123Z_s_p_c_exit_" ID ".igrec",
		"20260230T234640.123Z_s_p_c_exit_" ID ".igrec",
		"20261121T250000.123Z_s_p_c_exit_" ID ".igrec",
		"22630101T000000.000Z_s_p_c_exit_" ID ".igrec",
		"19591121T234640.123Z_s_p_c_exit_" ID ".igrec",
		" 0261121T234640.123Z_s_p_c_exit_" ID ".igrec",
		"20261121T234640.123Z_s b_p_c_exit_" ID ".igrec",
		"20261121T234640.123Z_" X100 "_p_c_exit_" ID ".igrec",
		"____________________.igrec",
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct dump_name name;

		if (dump_name_parse(files[i], &name) != -EINVAL)
			fail_msg("\"%s\" was taken for a dump", files[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),
		cmocka_unit_test(long_texts_keep_both_ends),
		cmocka_unit_test(reduces_as_in_names),
		cmocka_unit_test(sorts_by_time),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
