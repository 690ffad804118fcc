/* SPDX-License-Identifier: Apache-2.0 */
/* The generated tables: every row of both architectures is sound, and drives what BPF captures. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "decode/syscall_info.h"
#include "decode/syscall_table.h"

static void check_layout(const struct layout *layout, const char *call);

static void check_field(const struct field *field, const char *call)
{
	if (!field->name || field->type >= VALUE_UNREADABLE)
		fail_msg("%s: field without name or type", call);
	if ((field->type == VALUE_FLAGS || field->type == VALUE_ENUM) &&
	    (!field->set || !field->set->count || !field->set->unknown))
		fail_msg("%s %s: no set", call, field->name);
	if (field->type == VALUE_ARRAY && !field->element)
		fail_msg("%s %s: no element", call, field->name);
	if (field->type != VALUE_STRUCT)
		return;
	if (!field->layout || !field->layout->bytes)
		fail_msg("%s %s: no struct", call, field->name);
	check_layout(field->layout, call);
}

static void check_layout(const struct layout *layout, const char *call)
{
	if (layout->n_variants && layout->key >= layout->count && layout->key != FIELD_RESULT)
		fail_msg("%s: no such key", call);
	for (unsigned i = 0; i < layout->count; i++)
		check_field(&layout->fields[i], call);
	for (unsigned i = 0; i < layout->n_variants; i++)
		check_layout(layout->variants[i].layout, call);
}

static void check_rule(const struct igrec_capture_rule *rule, const struct syscall_descriptor *call)
{
	if (rule->kind == IGREC_CAPTURE_NONE || rule->kind > IGREC_CAPTURE_STRINGS)
		fail_msg("%s: rule of no kind", call->name);
	if (rule->kind == IGREC_CAPTURE_BLOCKED)
		return;
	if (rule->arg >= call->args || rule->length_arg >= call->args)
		fail_msg("%s: rule for an argument that it does not have", call->name);
	if (rule->unit < 1 || rule->unit > IGREC_CAPTURE_PAYLOAD_BYTES)
		fail_msg("%s: rule of %u bytes", call->name, rule->unit);
}

/* Rooms that a rule takes: those behind it are of no kind. */
static unsigned rooms_of(enum igrec_capture_kind kind)
{
	switch (kind) {
	case IGREC_CAPTURE_IOVEC:
	case IGREC_CAPTURE_IOVEC_RESULT:
		return 2;
	case IGREC_CAPTURE_MSGHDR:
		return IGREC_CAPTURE_RULES;
	default:
		return 1;
	}
}

static void check_rules(const struct syscall_descriptor *call)
{
	unsigned i = 0;

	while (i < call->rules) {
		unsigned rooms = rooms_of(call->rule[i].kind);

		check_rule(&call->rule[i], call);
		for (unsigned behind = 1; behind < rooms; behind++)
			assert_int_equal(call->rule[i + behind].kind, IGREC_CAPTURE_NONE);
		i += rooms;
	}
	assert_int_equal(i, call->rules);
}

static void test_every_row(void **state)
{
	for (int table = 0; table < 2 * ARCHES; table++) {
		enum arch arch = table / 2;
		bool compat = table % 2;
		unsigned count = 0;

		for (unsigned nr = 0; nr < IGREC_SYSCALLS_MAX; nr++) {
			const struct syscall_descriptor *call = syscall_of(arch, nr, compat);

			if (!call)
				continue;
			count++;
			assert_int_equal(call->nr, nr);
			assert_ptr_equal(syscall_named(arch, call->name, compat), call);
			assert_true(strlen(call->name) < SYSCALL_NAME_BYTES);
			for (unsigned i = 0; i < call->arguments.count; i++)
				assert_in_range(call->arguments.fields[i].argument, 0,
						IGREC_ARGS_MAX - 1);
			check_layout(&call->arguments, call->name);
			assert_in_range(call->rules, 0, IGREC_CAPTURE_RULES);
			check_rules(call);
		}
		assert_in_range(count, 320, IGREC_SYSCALLS_MAX - 1);
	}
}

/* The headers that this is compiled with know some of the numbers, too. */
static void test_numbers(void **state)
{
	static const struct {
		const char *name;
		int x86_64, arm64;
	} rows[] = {
		{"read", 0, 63},
		{"write", 1, 64},
		{"openat", 257, 56},
		{"execve", 59, 221},
		{"exit_group", 231, 94},
		{"connect", 42, 203},
		{"clone3", 435, 435},
		{"futex_waitv", 449, 449},
		{"open", 2, -1},
		{"fchmodat2", 452, 452},
		{"mseal", 462, 462},
		{"arch_prctl", 158, -1},
		{"file_getattr", 468, 468},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const int wanted[ARCHES] = {rows[i].x86_64, rows[i].arm64};

		for (int arch = 0; arch < ARCHES; arch++) {
			const struct syscall_descriptor *call = syscall_by_name(arch, rows[i].name);

			assert_int_equal(call ? call->nr : -1, wanted[arch]);
		}
	}
	assert_string_equal(syscall_by_number(ARCH_HOST, SYS_openat)->name, "openat");
	assert_string_equal(syscall_by_number(ARCH_HOST, SYS_getrandom)->name, "getrandom");
}

static void test_names_of_unknown(void **state)
{
	char room[SYSCALL_NAME_BYTES];

	assert_string_equal(syscall_name(ARCH_X86_64, 499, false, room), "syscall_499");
	assert_string_equal(syscall_name(ARCH_X86_64, 499, true, room), "compat_syscall_499");
	assert_string_equal(syscall_name(ARCH_X86_64, 5, true, room), "open");
	assert_string_equal(syscall_name(ARCH_ARM64, 192, true, room), "mmap2");
	assert_string_equal(syscall_name(ARCH_ARM64, 65535, false, room), "syscall_65535");
	assert_string_equal(syscall_name(ARCH_ARM64, 56, false, room), "openat");
	assert_null(syscall_by_number(ARCH_X86_64, IGREC_SYSCALLS_MAX));
	assert_null(syscall_by_name(ARCH_X86_64, "opnat"));
}

static void test_arches(void **state)
{
	enum arch arch = ARCHES;

	assert_int_equal(arch_parse("aarch64", &arch), 0);
	assert_int_equal(arch, ARCH_ARM64);
	assert_string_equal(arch_name(arch), "aarch64");
	assert_int_equal(arch_parse("arm64", &arch), 0);
	assert_int_equal(arch_parse("x86_64", &arch), 0);
	assert_int_equal(arch, ARCH_X86_64);
	assert_int_equal(arch_parse("riscv64", &arch), -EINVAL);
}

static void test_lanes(void **state)
{
	static const char *const vital[] = {"execve", "openat",	 "connect", "bind",
					    "listen", "accept4", "clone",   "kill",
					    "setuid", "mount",	 "seccomp", "unlinkat"};
	static const char *const flow[] = {"read",  "write", "futex", "epoll_wait",   "mmap",
					   "close", "brk",   "lseek", "clock_gettime"};

	for (size_t i = 0; i < ARRAY_SIZE(vital); i++)
		assert_true(syscall_by_name(ARCH_X86_64, vital[i])->vital);
	for (size_t i = 0; i < ARRAY_SIZE(flow); i++) {
		const struct syscall_descriptor *call = syscall_by_name(ARCH_X86_64, flow[i]);

		if (call)
			assert_false(call->vital);
	}
}

static void test_classes(void **state)
{
	static const struct {
		const char *name;
		unsigned classes;
	} rows[] = {
		{"openat", SYSCALL_CLASS_FILE | SYSCALL_CLASS_DESC},
		{"mkdir", SYSCALL_CLASS_FILE},
		{"read", SYSCALL_CLASS_DESC},
		{"connect", SYSCALL_CLASS_NETWORK | SYSCALL_CLASS_DESC},
		{"socket", SYSCALL_CLASS_NETWORK | SYSCALL_CLASS_DESC},
		{"execve", SYSCALL_CLASS_PROCESS | SYSCALL_CLASS_FILE},
		{"kill", SYSCALL_CLASS_PROCESS | SYSCALL_CLASS_SIGNAL},
		{"brk", SYSCALL_CLASS_MEMORY},
		{"shmget", SYSCALL_CLASS_IPC},
		{"getpid", 0},
	};
	unsigned class = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(syscall_by_name(ARCH_X86_64, rows[i].name)->classes,
				 rows[i].classes);
	assert_int_equal(syscall_class_parse("network", &class), 0);
	assert_int_equal(class, SYSCALL_CLASS_NETWORK);
	assert_int_equal(syscall_class_parse("net", &class), -EINVAL);
}

static void test_what_bpf_gets(void **state)
{
	static struct igrec_syscall_info info[IGREC_SYSCALLS_MAX];
	const struct igrec_capture_rule *rule;

	syscall_info_fill(info);
	assert_int_equal(info[SYS_openat].args, 4);
	assert_int_equal(info[SYS_openat].vital, 1);
	assert_int_equal(info[SYS_openat].rules, 1);
	assert_int_equal(info[SYS_openat].rule[0].kind, IGREC_CAPTURE_STRING);
	assert_int_equal(info[SYS_openat].rule[0].arg, 1);
	rule = info[SYS_read].rule;
	assert_int_equal(rule->kind, IGREC_CAPTURE_RESULT);
	assert_int_equal(rule->flags,
			 IGREC_CAPTURE_ON_SUCCESS | IGREC_CAPTURE_IS_PAYLOAD | IGREC_CAPTURE_ON_FD);
	/* What is no descriptor is not taken for one: KEYCTL_UPDATE is 2, and the data a secret. */
	assert_int_equal(info[SYS_keyctl].rule[0].flags, IGREC_CAPTURE_IS_PAYLOAD);
	assert_int_equal(info[SYS_msgsnd].rule[0].flags, IGREC_CAPTURE_IS_PAYLOAD);
	assert_int_equal(info[SYS_read].payload_only, 1);
	assert_int_equal(info[SYS_writev].payload_only, 0);
	assert_int_equal(info[SYS_sendto].payload_only, 0);
	rule = info[SYS_sendto].rule;
	assert_int_equal(rule[0].kind, IGREC_CAPTURE_ARG);
	assert_int_equal(rule[0].length_arg, 2);
	assert_int_equal(rule[0].flags, IGREC_CAPTURE_IS_PAYLOAD | IGREC_CAPTURE_ON_SOCKET);
	assert_int_equal(rule[1].kind, IGREC_CAPTURE_ARG);
	assert_int_equal(rule[1].arg, 4);
	assert_int_equal(rule[1].length_arg, 5);
	assert_int_equal(rule[1].flags, 0);
	rule = info[SYS_accept4].rule;
	assert_int_equal(rule->kind, IGREC_CAPTURE_POINTER);
	assert_int_equal(rule->length_arg, 2);
	assert_int_equal(rule->flags, IGREC_CAPTURE_ON_SUCCESS);
	rule = info[SYS_writev].rule;
	assert_int_equal(rule[0].kind, IGREC_CAPTURE_ARG);
	assert_int_equal(rule[0].unit, 16);
	assert_int_equal(rule[1].kind, IGREC_CAPTURE_IOVEC);
	assert_int_equal(rule[1].length_arg, 2);
	assert_int_equal(info[IGREC_SYSCALLS_MAX - 1].args, IGREC_ARGS_MAX);
	assert_int_equal(info[IGREC_SYSCALLS_MAX - 1].rules, 0);
}

/* For 32-bit programs: nothing that has a long or a pointer in it. */
static void test_what_bpf_gets_for_compat(void **state)
{
	static struct igrec_syscall_info info[IGREC_SYSCALLS_MAX];
	unsigned openat;

	syscall_info_fill_compat(info);
	for (unsigned nr = 0; nr < IGREC_SYSCALLS_MAX; nr++) {
		assert_int_equal(info[nr].changed, 0);
		for (unsigned i = 0; i < info[nr].rules; i++) {
			enum igrec_capture_kind kind = info[nr].rule[i].kind;

			assert_true(kind == IGREC_CAPTURE_STRING || kind == IGREC_CAPTURE_FIXED ||
				    kind == IGREC_CAPTURE_ARG || kind == IGREC_CAPTURE_RESULT ||
				    kind == IGREC_CAPTURE_POINTER || kind == IGREC_CAPTURE_STRINGS);
		}
	}
	openat = syscall_named(ARCH_HOST, "openat", true)->nr;
	assert_int_equal(info[openat].args, 4);
	assert_int_equal(info[openat].vital, 1);
	assert_int_equal(info[openat].rules, 1);
	assert_int_equal(info[openat].rule[0].kind, IGREC_CAPTURE_STRING);
}

/* The kernel programs keep what these pointed to at the call in IGREC_CHANGED_MAX places. */
static void test_changed_arguments_have_places(void **state)
{
	for (int arch = 0; arch < ARCHES; arch++) {
		for (unsigned nr = 0; nr < IGREC_SYSCALLS_MAX; nr++) {
			const struct syscall_descriptor *call = syscall_by_number(arch, nr);
			unsigned places = 0;

			for (unsigned arg = 0; call && arg < IGREC_ARGS_MAX; arg++) {
				unsigned place = 1U << arg % IGREC_CHANGED_MAX;

				if (!(call->changed & 1U << arg))
					continue;
				if (places & place)
					fail_msg("%s: two changed arguments share a place",
						 call->name);
				places |= place;
			}
		}
	}
}

/* Calls that take a path keep its bytes: no path is only a pointer. */
static void test_every_path_is_captured(void **state)
{
	for (int arch = 0; arch < ARCHES; arch++) {
		for (unsigned nr = 0; nr < IGREC_SYSCALLS_MAX; nr++) {
			const struct syscall_descriptor *call = syscall_by_number(arch, nr);

			for (unsigned i = 0; call && i < call->arguments.count; i++) {
				bool captured = false;

				for (unsigned r = 0; r < call->rules; r++)
					captured |= call->rule[r].arg ==
						    call->arguments.fields[i].argument;
				if (call->arguments.fields[i].type == VALUE_PATH && !captured)
					fail_msg("%s: path is not captured", call->name);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_names_of_unknown),
		cmocka_unit_test(test_arches),
		cmocka_unit_test(test_lanes),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_what_bpf_gets),
		cmocka_unit_test(test_what_bpf_gets_for_compat),
		cmocka_unit_test(test_changed_arguments_have_places),
		cmocka_unit_test(test_every_path_is_captured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
