/* SPDX-License-Identifier: Apache-2.0 */
/* Names of errnos and signals: ours and the C library's agree where both have one. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "decode/names.h"

static void test_errnos_agree_with_libc(void **state)
{
	for (int error = 1; error < 512; error++) {
		const char *theirs = strerrorname_np(error);
		const char *ours = errno_name(error);

		if (!theirs) {
			assert_null(ours);
			continue;
		}
		if (error == ENOTSUP)
			theirs = "EOPNOTSUPP"; /* one number; the kernel's name */
		assert_non_null(ours);
		assert_string_equal(ours, theirs);
		assert_string_equal(errno_text(error), strerrordesc_np(error));
	}
}

static void test_kernel_errnos(void **state)
{
	assert_string_equal(errno_name(512), "ERESTARTSYS");
	assert_string_equal(errno_name(513), "ERESTARTNOINTR");
	assert_string_equal(errno_name(514), "ERESTARTNOHAND");
	assert_string_equal(errno_name(516), "ERESTART_RESTARTBLOCK");
	assert_string_equal(errno_name(524), "ENOTSUPP");
	assert_null(errno_name(0));
	assert_null(errno_name(4000));
	assert_null(errno_name(-1));
	assert_string_equal(errno_text(4000), "");
}

static void test_errno_parse(void **state)
{
	static const struct {
		const char *text;
		int err, number;
	} rows[] = {
		{"ENOENT", 0, ENOENT},	 {"enoent", 0, ENOENT}, {"EWOULDBLOCK", 0, EAGAIN},
		{"ERESTARTSYS", 0, 512}, {"2", 0, 2},		{"ENOSUCH", -EINVAL, 0},
		{"", -EINVAL, 0},	 {"0", -EINVAL, 0},	{"4096", -EINVAL, 0},
		{"2x", -EINVAL, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int number = 0;

		assert_int_equal(errno_parse(rows[i].text, &number), rows[i].err);
		assert_int_equal(number, rows[i].number);
	}
}

static void test_signals(void **state)
{
	for (int signal = 1; signal < 32; signal++) {
		char wanted[32];

		if (signal == SIGSTKFLT || signal == SIGIO)
			continue; /* libc leaves out the one and calls the other SIGPOLL */
		snprintf(wanted, sizeof(wanted), "SIG%s", sigabbrev_np(signal));
		assert_string_equal(signal_name(signal), wanted);
	}
	assert_string_equal(signal_name(SIGIO), "SIGIO");
	assert_string_equal(signal_name(32), "SIGRTMIN");
	assert_string_equal(signal_name(34), "SIGRT_2");
	assert_string_equal(signal_name(64), "SIGRT_32");
	assert_null(signal_name(0));
	assert_null(signal_name(65));
	assert_null(signal_name(-1));
}

static void test_signal_codes(void **state)
{
	assert_string_equal(signal_code_name(SIGTERM, SI_USER), "SI_USER");
	assert_string_equal(signal_code_name(SIGKILL, SI_KERNEL), "SI_KERNEL");
	assert_string_equal(signal_code_name(SIGABRT, SI_TKILL), "SI_TKILL");
	assert_string_equal(signal_code_name(SIGSEGV, SEGV_MAPERR), "SEGV_MAPERR");
	assert_string_equal(signal_code_name(SIGBUS, BUS_ADRERR), "BUS_ADRERR");
	assert_string_equal(signal_code_name(SIGFPE, FPE_INTDIV), "FPE_INTDIV");
	assert_string_equal(signal_code_name(SIGCHLD, CLD_KILLED), "CLD_KILLED");
	assert_string_equal(signal_code_name(SIGSYS, 1), "SYS_SECCOMP");
	assert_null(signal_code_name(SIGTERM, 1));
	assert_null(signal_code_name(SIGSEGV, 99));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errnos_agree_with_libc),
		cmocka_unit_test(test_kernel_errnos),
		cmocka_unit_test(test_errno_parse),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_signal_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
