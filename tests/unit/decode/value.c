/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments as typed values: widths, captured memory, variants of layouts. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "decode/value.h"

static struct event make_call(const char *name, unsigned args)
{
	const struct syscall_descriptor *call = syscall_by_name(ARCH_X86_64, name);

	assert_non_null(call);
	return (struct event){.type = IGREC_RECORD_SYSCALL, .nr = call->nr, .args = args};
}

static void add_capture(struct event *event, unsigned arg, const void *data, size_t bytes)
{
	event->capture[event->captures++] =
		(struct event_capture){.arg = arg, .bytes = bytes, .data = data};
}

static struct value argument(const struct event *event, unsigned index)
{
	return event_argument(event, event_layout(ARCH_X86_64, event), index);
}

static void test_widths(void **state)
{
	struct event event = make_call("openat", 4);
	struct value value;

	/* Only the low half of a register is an int; the other half is whatever was there. */
	event.arg[0] = 0x12345678ffffff9c;
	event.arg[2] = 0xdead000000000000 | O_CLOEXEC;
	value = argument(&event, 0);
	assert_int_equal(value.type, VALUE_DIRFD);
	assert_int_equal((int64_t)value.number, AT_FDCWD);
	value = argument(&event, 2);
	assert_int_equal(value.type, VALUE_FLAGS);
	assert_int_equal(value.number, O_CLOEXEC);
}

static void test_memory(void **state)
{
	struct event event = make_call("openat", 4);
	struct value value;

	event.arg[1] = 0x1000;
	value = argument(&event, 1);
	assert_int_equal(value.type, VALUE_POINTER);
	assert_int_equal(value.number, 0x1000);

	add_capture(&event, 1, "/etc", 4);
	event.capture[0].truncated = true;
	value = argument(&event, 1);
	assert_int_equal(value.type, VALUE_PATH);
	assert_int_equal(value.data_bytes, 4);
	assert_true(value.truncated);

	event.capture[0].bytes = 0;
	event.capture[0].unreadable = true;
	assert_int_equal(argument(&event, 1).type, VALUE_UNREADABLE);
}

static void test_variants(void **state)
{
	struct event event = make_call("openat", 4);

	assert_int_equal(event_layout(ARCH_X86_64, &event)->count, 3);
	event.arg[2] = O_WRONLY | O_CREAT;
	assert_int_equal(event_layout(ARCH_X86_64, &event)->count, 4);
	event.arg[2] = O_WRONLY | O_TMPFILE;
	assert_int_equal(event_layout(ARCH_X86_64, &event)->count, 4);

	event = make_call("fcntl", 3);
	event.arg[1] = F_SETFL;
	event.arg[2] = O_NONBLOCK;
	assert_int_equal(argument(&event, 2).type, VALUE_FLAGS);
	event.arg[1] = F_GETFL;
	assert_int_equal(event_layout(ARCH_X86_64, &event)->count, 2);
	event.arg[1] = 4242;
	assert_int_equal(argument(&event, 2).type, VALUE_HEX);
}

static void test_struct_members(void **state)
{
	static const unsigned char inet[] = {2, 0, 0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};
	struct event event = make_call("connect", 3);
	struct value value, member;

	event.arg[1] = 0x1000;
	add_capture(&event, 1, inet, sizeof(inet));
	value = argument(&event, 1);
	assert_int_equal(value.type, VALUE_STRUCT);
	assert_int_equal(value.layout->count, 3);
	assert_true(layout_member(value.layout, 1, value.data, value.data_bytes, &member));
	assert_int_equal(member.type, VALUE_PORT);
	assert_true(layout_member(value.layout, 2, value.data, value.data_bytes, &member));
	assert_memory_equal(member.data, inet + 4, 4);

	/* Cut in the middle of the address: it is not shown. */
	assert_false(layout_member(value.layout, 2, value.data, 7, &member));
	/* Too short for the family: the plain layout, without members. */
	event.capture[0].bytes = 1;
	value = argument(&event, 1);
	assert_int_equal(value.layout->count, 2);
	assert_false(layout_member(value.layout, 0, value.data, value.data_bytes, &member));
}

static void test_arrays(void **state)
{
	static const int fds[2] = {3, 4};
	struct event event = make_call("pipe2", 2);
	struct value value;

	event.arg[0] = 0x1000;
	add_capture(&event, 0, fds, sizeof(fds));
	value = argument(&event, 0);
	assert_int_equal(value.type, VALUE_ARRAY);
	assert_int_equal(array_elements(&value), 2);
	assert_int_equal(array_element(&value, 1).number, 4);
	event.capture[0].bytes = 7;
	value = argument(&event, 0);
	assert_int_equal(array_elements(&value), 1);
}

/* wait4 that found nobody leaves the status alone: what was captured there is no status. */
static void test_status_not_written(void **state)
{
	static const int status = 139;
	struct event event = make_call("wait4", 4);

	event.arg[1] = 0x1000;
	add_capture(&event, 1, &status, sizeof(status));
	event.result = 0;
	assert_int_equal(argument(&event, 1).type, VALUE_POINTER);
	event.result = 17;
	assert_int_equal(argument(&event, 1).type, VALUE_ARRAY);
}

static void test_unknown_syscalls(void **state)
{
	struct event event = {.type = IGREC_RECORD_SYSCALL, .nr = 499, .args = 6};

	assert_int_equal(event_layout(ARCH_X86_64, &event)->count, 6);
	assert_int_equal(argument(&event, 5).type, VALUE_HEX);
	event.compat = true;
	assert_int_equal(event_layout(ARCH_X86_64, &event)->count, 6);
	assert_int_equal(argument(&event, 0).type, VALUE_HEX);
	/* Fewer arguments than the syscall has: the record is from another table. */
	event.nr = 3;
	event.args = 1;
	assert_int_equal(event_layout(ARCH_X86_64, &event)->count, 1);
}

static void test_results(void **state)
{
	static const struct {
		const char *name;
		int64_t result;
		enum result_kind kind;
		int error;
		enum value_type type;
	} rows[] = {
		{"openat", 3, RESULT_VALUE, 0, VALUE_FD},
		{"openat", -2, RESULT_ERRNO, ENOENT, VALUE_FD},
		{"read", -512, RESULT_RESTART, 512, VALUE_NUMBER},
		{"futex", -516, RESULT_RESTART, 516, VALUE_NUMBER},
		{"ioctl", -515, RESULT_ERRNO, 515, VALUE_NUMBER},
		{"mmap", 0x7f0000000000, RESULT_VALUE, 0, VALUE_POINTER},
		{"mmap", -4096, RESULT_VALUE, 0, VALUE_POINTER},
		{"lseek", -4096, RESULT_VALUE, 0, VALUE_NUMBER},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct event event = make_call(rows[i].name, 0);
		struct result result;

		event.result = rows[i].result;
		result = event_result(ARCH_X86_64, &event);
		assert_int_equal(result.kind, rows[i].kind);
		assert_int_equal(result.error, rows[i].error);
		assert_int_equal(result.value.type, rows[i].type);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_widths),		 cmocka_unit_test(test_memory),
		cmocka_unit_test(test_variants),	 cmocka_unit_test(test_struct_members),
		cmocka_unit_test(test_arrays),		 cmocka_unit_test(test_status_not_written),
		cmocka_unit_test(test_unknown_syscalls), cmocka_unit_test(test_results),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
