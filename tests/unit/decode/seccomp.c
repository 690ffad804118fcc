/* SPDX-License-Identifier: Apache-2.0 */
/* The syscalls' numbers and names against libseccomp's, for 32-bit programs, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>
#include <seccomp.h>

#include "common/cleanup.h"
#include "decode/syscall_table.h"

struct table {
	uint32_t seccomp;
	enum arch arch;
	bool compat;
	unsigned at_least; /* calls that both know */
};

static const struct table tables[] = {
	{SCMP_ARCH_X86_64, ARCH_X86_64, false, 350},
	{SCMP_ARCH_X86, ARCH_X86_64, true, 420},
	{SCMP_ARCH_AARCH64, ARCH_ARM64, false, 290},
	{SCMP_ARCH_ARM, ARCH_ARM64, true, 390},
};

/* Private calls of arm, and what their records say for it: tools/gen_syscalls.py. */
#define ARM_PRIVATE	 0xf0000
#define ARM_PRIVATE_HERE 496

static int seccomp_number(const struct table *table, unsigned nr)
{
	if (table->seccomp == SCMP_ARCH_ARM && nr >= ARM_PRIVATE_HERE)
		return (int)(nr - ARM_PRIVATE_HERE + ARM_PRIVATE);
	return (int)nr;
}

/* Where both know a number, it has one name; what libseccomp knows, the table has. */
static void test_numbers(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		const struct table *table = &tables[i];
		unsigned both = 0;

		for (unsigned nr = 0; nr < IGREC_SYSCALLS_MAX; nr++) {
			AUTO_FREE char *theirs = seccomp_syscall_resolve_num_arch(
				table->seccomp, seccomp_number(table, nr));
			const struct syscall_descriptor *ours =
				syscall_of(table->arch, nr, table->compat);

			if (!theirs)
				continue;
			if (!ours || strcmp(ours->name, theirs) != 0)
				fail_msg("%u of table %zu: %s, libseccomp says %s", nr, i,
					 ours ? ours->name : "nothing", theirs);
			both++;
		}
		assert_in_range(both, table->at_least, IGREC_SYSCALLS_MAX);
	}
}

/* The reverse: a name of ours that libseccomp has for the architecture has our number there. */
static void test_names(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		const struct table *table = &tables[i];

		for (unsigned nr = 0; nr < IGREC_SYSCALLS_MAX; nr++) {
			const struct syscall_descriptor *ours =
				syscall_of(table->arch, nr, table->compat);
			int theirs =
				ours ? seccomp_syscall_resolve_name_arch(table->seccomp, ours->name)
				     : __NR_SCMP_ERROR;

			/* Negative: it does not know the call, or not there. */
			if (theirs >= 0 && theirs != seccomp_number(table, nr))
				fail_msg("%s is %u in table %zu, libseccomp says %d", ours->name,
					 nr, i, theirs);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
