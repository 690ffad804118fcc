/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running kernel's syscall tracepoints against our table: same number of arguments, same
 * names. Skipped where tracefs cannot be read.
 */
#include <dirent.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "decode/syscall_table.h"

#define TRACEFS "/sys/kernel/tracing"
#define EVENTS	TRACEFS "/events/syscalls"
#define SKIPPED 77

/* Syscalls whose SYSCALL_DEFINE carries another name, as in tools/gen_syscalls.py. */
static const struct {
	const char *tracepoint, *name;
} aliases[] = {
	{"newstat", "stat"},   {"newfstat", "fstat"}, {"newlstat", "lstat"},
	{"newuname", "uname"}, {"umount", "umount2"}, {"sendfile64", "sendfile"},
};

static const char *table_name(const char *tracepoint)
{
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++) {
		if (!strcmp(aliases[i].tracepoint, tracepoint))
			return aliases[i].name;
	}
	return tracepoint;
}

/* "\tfield:const char * filename;\toffset:24;..." -> "filename"; false for other lines. */
static bool field_name(char *line, char **ret)
{
	char *end = strchr(line, ';'), *start;

	if (strncmp(line, "\tfield:", 7) != 0 || !end)
		return false;
	*end = '\0';
	start = strrchr(line, ' ');
	*ret = start ? start + 1 : line;
	return true;
}

static void check_format(const struct syscall_descriptor *call, FILE *format)
{
	bool in_arguments = false;
	unsigned count = 0;
	char line[512], *name;

	while (fgets(line, sizeof(line), format)) {
		if (!field_name(line, &name))
			continue;
		if (!in_arguments) {
			in_arguments = !strcmp(name, "__syscall_nr");
			continue;
		}
		for (unsigned i = 0; i < call->arguments.count; i++) {
			const struct field *field = &call->arguments.fields[i];

			if (field->argument == count && strcmp(name, field->name) != 0)
				fail_msg("%s: argument %u is %s, the table says %s", call->name,
					 count, name, field->name);
		}
		count++;
	}
	if (count != call->args)
		fail_msg("%s: %u arguments, the table says %u", call->name, count, call->args);
}

static void test_table_is_the_kernels(void **state)
{
	AUTO_CLOSEDIR DIR *events = opendir(EVENTS);
	unsigned compared = 0;
	struct dirent *entry;

	assert_non_null(events);
	while ((entry = readdir(events))) {
		AUTO_FCLOSE FILE *format = NULL;
		const struct syscall_descriptor *call;
		char path[512];

		if (strncmp(entry->d_name, "sys_enter_", 10) != 0)
			continue;
		call = syscall_by_name(ARCH_HOST, table_name(entry->d_name + 10));
		if (!call) {
			/* Newer than the table: shown by number until it is generated again. */
			printf("no row for %s\n", entry->d_name + 10);
			continue;
		}
		snprintf(path, sizeof(path), EVENTS "/%s/format", entry->d_name);
		format = fopen(path, "re");
		assert_non_null(format);
		check_format(call, format);
		compared++;
	}
	assert_true(compared > 300);
}

/* tracefs may be unmounted; in a mount namespace of our own that is no one else's business. */
static bool can_read_tracefs(void)
{
	if (!access(EVENTS, R_OK | X_OK))
		return true;
	return !unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("tracefs", TRACEFS, "tracefs", MS_RDONLY, NULL) &&
	       !access(EVENTS, R_OK | X_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_the_kernels),
	};
	const char *strict = getenv("IGREC_TEST_STRICT");

	if (!can_read_tracefs()) {
		fprintf(stderr, "skipped: " EVENTS " cannot be read (needs root)\n");
		return strict && !strcmp(strict, "1") ? 1 : SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
