/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of 32-bit programs, as strace prints those; what lies in memory is not on the tape. The
 * numbers come from the headers of these architectures.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "replay/filter.h"
#include "tests/unit/replay/rendered.h"

#define AT_CWD_32 0xffffff9c

static const struct row {
	const char *wanted; /* without "PID TIME" and the padding before "=" */
	enum arch arch;
	uint16_t nr;
	int64_t result;
	uint64_t arg[IGREC_ARGS_MAX];
} rows[] = {
	{"openat(AT_FDCWD, 0x8048000, O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)",
	 ARCH_X86_64,
	 295,
	 -ENOENT,
	 {AT_CWD_32, 0x8048000, 02000000}},
	{"openat(AT_FDCWD, 0x8048000, O_RDWR|O_DIRECT) = 3",
	 ARCH_X86_64,
	 295,
	 3,
	 {AT_CWD_32, 0x8048000, 040002}},
	{"openat(AT_FDCWD, 0x8048000, O_RDWR|O_DIRECTORY) = 3",
	 ARCH_ARM64,
	 322,
	 3,
	 {AT_CWD_32, 0x8048000, 040002}},
	{"read(3, 0xffd01230, 512) = 512", ARCH_X86_64, 3, 512, {3, 0xffd01230, 512, 1, 2, 3}},
	{"read(3, 0xffd01230, 512) = 512", ARCH_ARM64, 3, 512, {3, 0xffd01230, 512, 1, 2, 3}},
	{"close(-1) = -1 EBADF (Bad file descriptor)", ARCH_X86_64, 6, -EBADF, {0xffffffff}},
	{"mmap2(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xf7f2d000",
	 ARCH_X86_64,
	 192,
	 (int32_t)0xf7f2d000,
	 {0, 8192, 3, 0x22, 0xffffffff, 0}},
	{"mmap2(0xf7c00000, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED, 3, 0x1ab000) = 0xf7c00000",
	 ARCH_ARM64,
	 192,
	 (int32_t)0xf7c00000,
	 {0xf7c00000, 4096, 1, 0x12, 3, 0x1ab}},
	{"mmap(0xffd01230) = 0xf7f2d000", ARCH_X86_64, 90, (int32_t)0xf7f2d000, {0xffd01230}},
	{"brk(NULL) = 0x9c65000", ARCH_X86_64, 45, 0x9c65000, {0}},
	{"pread64(3, 0xffd01230, 16, 4294967298) = 0",
	 ARCH_X86_64,
	 180,
	 0,
	 {3, 0xffd01230, 16, 2, 1}},
	{"pread64(3, 0xffd01230, 16, 4294967298) = 0",
	 ARCH_ARM64,
	 180,
	 0,
	 {3, 0xffd01230, 16, 77, 2, 1}},
	{"pread64(3, 0xffd01230, 16, -1) = -1 EINVAL (Invalid argument)",
	 ARCH_X86_64,
	 180,
	 -EINVAL,
	 {3, 0xffd01230, 16, 0xffffffff, 0xffffffff}},
	{"_llseek(3, 4294967298, 0xffd01230, SEEK_SET) = 0",
	 ARCH_X86_64,
	 140,
	 0,
	 {3, 1, 2, 0xffd01230, 0}},
	{"lseek(3, -1, SEEK_END) = 9", ARCH_X86_64, 19, 9, {3, 0xffffffff, 2}},
	{"ftruncate64(3, 4294967296) = 0", ARCH_X86_64, 194, 0, {3, 0, 1}},
	{"ftruncate64(3, 4294967296) = 0", ARCH_ARM64, 194, 0, {3, 77, 0, 1}},
	{"fallocate(3, FALLOC_FL_KEEP_SIZE, 1, 4294967296) = 0",
	 ARCH_X86_64,
	 324,
	 0,
	 {3, 1, 1, 0, 0, 1}},
	{"fcntl64(3, F_GETFD) = 0x1 (flags FD_CLOEXEC)", ARCH_X86_64, 221, 1, {3, 1}},
	{"fcntl64(3, F_SETLK64, 0xffd01230) = 0", ARCH_ARM64, 221, 0, {3, 13, 0xffd01230}},
	{"fstat64(3, 0xffd01230) = 0", ARCH_X86_64, 197, 0, {3, 0xffd01230}},
	{"chown(0x8048000, -1, 1000) = 0", ARCH_X86_64, 182, 0, {0x8048000, 0xffff, 1000}},
	{"chown32(0x8048000, -1, 1000) = 0", ARCH_X86_64, 212, 0, {0x8048000, 0xffffffff, 1000}},
	{"getuid32() = 1000", ARCH_X86_64, 199, 1000, {9, 9, 9}},
	{"execve(0x8048000, 0xffd01230, 0xffd01240) = -1 ENOENT (No such file or directory)",
	 ARCH_X86_64,
	 11,
	 -ENOENT,
	 {0x8048000, 0xffd01230, 0xffd01240}},
	{"clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, "
	 "child_tidptr=0xf7f2d0a8) = 77",
	 ARCH_X86_64,
	 120,
	 77,
	 {0x01200011, 0, 0, 0, 0xf7f2d0a8}},
	{"kill(-1, SIGTERM) = 0", ARCH_X86_64, 37, 0, {0xffffffff, 15}},
	{"rt_sigaction(SIGINT, 0xffd01230, NULL, 8) = 0",
	 ARCH_X86_64,
	 174,
	 0,
	 {2, 0xffd01230, 0, 8}},
	{"rt_sigreturn() = 0", ARCH_X86_64, 173, 0, {1, 2, 3}},
	{"socketcall(SYS_SOCKET, 0xffd01230) = 3", ARCH_X86_64, 102, 3, {1, 0xffd01230}},
	{"socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3", ARCH_X86_64, 359, 3, {2, 1, 0}},
	{"socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3", ARCH_ARM64, 281, 3, {2, 1, 0}},
	{"clock_gettime64(CLOCK_REALTIME, 0xffd01230) = 0", ARCH_X86_64, 403, 0, {0, 0xffd01230}},
	{"poll(0xffd01230, 1, -1) = 0 (Timeout)", ARCH_X86_64, 168, 0, {0xffd01230, 1, 0xffffffff}},
	{"futex_time64(0xf7f2d0a8, FUTEX_WAKE_PRIVATE, 1) = 0",
	 ARCH_X86_64,
	 422,
	 0,
	 {0xf7f2d0a8, 129, 1}},
	{"set_tls(0xf7f2d0a8) = 0", ARCH_ARM64, 501, 0, {0xf7f2d0a8}},
	{"syscall_0x1f3(0x1, 0x2, 0x3, 0, 0, 0) = -1 ENOSYS (Function not implemented)",
	 ARCH_X86_64,
	 499,
	 -ENOSYS,
	 {1, 2, 3}},
};

static struct sample_record record_of(const struct row *row)
{
	struct sample_record record = {
		.type = IGREC_RECORD_SYSCALL,
		.lane = IGREC_LANE_FLOW,
		.task = &init,
		.time_ns = TAPE_ZERO - SECOND,
		.meta = IGREC_META_COMPAT,
		.nr = row->nr,
		.result = row->result,
		.args = IGREC_ARGS_MAX,
	};

	memcpy(record.arg, row->arg, sizeof(record.arg));
	return record;
}

static __attribute__((noinline)) char *render(const struct sample_tape *tape, enum arch arch,
					      enum replay_format format,
					      const struct filter *filter)
{
	const struct replay_options options = {.arch = arch, .format = format, .filter = filter};
	struct replay_counts counts;
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	assert_non_null(out);
	assert_int_equal(replay_render(tape->snapshot, &options, out, &counts), 0);
	fclose(out);
	return text;
}

/* The first line's call, with one space before "=". */
static void cut_to_call(char *text)
{
	char *start = text, *padding, *equals;

	for (int words = 0; words < 2; words++)
		start += strcspn(start, " ") + strspn(start + strcspn(start, " "), " ");
	memmove(text, start, strlen(start) + 1);
	text[strcspn(text, "\n")] = '\0';
	equals = strstr(text, " = ");
	assert_non_null(equals);
	padding = equals;
	while (padding > text && padding[-1] == ' ')
		padding--;
	memmove(padding, equals, strlen(equals) + 1);
	equals = strstr(text, " <0.");
	if (equals)
		*equals = '\0';
}

static void test_lines(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sample_tape tape = tape_new();
		const struct sample_record record = record_of(&rows[i]);
		AUTO_FREE char *text = NULL;

		sample_add(&tape, &record);
		text = render(&tape, rows[i].arch, REPLAY_STRACE, NULL);
		cut_to_call(text);
		assert_string_equal(text, rows[i].wanted);
		snapshot_free(tape.snapshot);
	}
}

static void test_marks(void **state)
{
	struct sample_tape tape = tape_new();
	const struct sample_record record = record_of(&rows[0]);
	AUTO_FREE char *columns = NULL, *json = NULL;

	sample_add(&tape, &record);
	put_call(&tape, &init, "getppid", SECOND / 2, 0);
	columns = render(&tape, ARCH_X86_64, REPLAY_COLUMNS, NULL);
	json = render(&tape, ARCH_X86_64, REPLAY_JSON, NULL);
	assert_non_null(strstr(columns, "(32-bit)"));
	assert_null(strstr(strstr(columns, "getppid"), "(32-bit)"));
	assert_non_null(strstr(json, "\"syscall\":\"openat\""));
	assert_non_null(strstr(json, "\"compat\":true"));
	assert_null(strstr(strstr(json, "getppid"), "\"compat\""));
	snapshot_free(tape.snapshot);
}

/* A name is that of both tables, and of either alone. */
static void test_filter(void **state)
{
	static const struct {
		const char *wanted;
		bool compat, native;
	} cases[] = {
		{"openat", true, true},				   /* 295 and 257 */
		{"mmap2", false, false}, {"preadv", false, false}, /* natively 295 */
		{"%file", true, true},	 {"%network", false, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sample_tape tape = tape_new();
		const struct sample_record record = record_of(&rows[0]);
		struct filter_error error;
		struct filter *filter = NULL;
		AUTO_FREE char *text = NULL;

		sample_add(&tape, &record);
		put_call(&tape, &init, "openat", SECOND / 2, 7);
		assert_int_equal(filter_new(ARCH_X86_64, &filter), 0);
		assert_int_equal(filter_add(filter, FILTER_SYSCALL, cases[i].wanted, &error), 0);
		text = render(&tape, ARCH_X86_64, REPLAY_STRACE, filter);
		assert_int_equal(strstr(text, "ENOENT") != NULL, cases[i].compat);
		assert_int_equal(strstr(text, "= 7") != NULL, cases[i].native);
		filter_free(filter);
		snapshot_free(tape.snapshot);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
