/* SPDX-License-Identifier: Apache-2.0 */
/* Calls whose arguments are structs that few programs use, as strace prints them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "tests/unit/replay/call_rows.h"

#define ZERO8 "\0\0\0\0\0\0\0\0"

static const struct call_row calls[] = {
	{"mount(\"o\", \"/c\", \"overlay\", MS_NOSUID, \"lowerdir=/a\") = 0", "mount", 0,
	 .arg = {0x1000, 0x1400, 0x1800, 2, 0x2000},
	 .capture = {TEXT(0, "o"), TEXT(1, "/c"), TEXT(2, "overlay"), TEXT(4, "lowerdir=/a")}},
	{"mount(\"o\", \"/c\", NULL, MS_REMOUNT, \"size=8k\") = 0", "mount", 0,
	 .arg = {0x1000, 0x1400, 0, 32, 0x2000},
	 .capture = {TEXT(0, "o"), TEXT(1, "/c"), TEXT(4, "size=8k")}},
	{"pselect6(0, NULL, NULL, NULL, NULL, {sigmask=[CHLD], sigsetsize=8}) = -1 EINTR "
	 "(Interrupted system call)",
	 "pselect6", -EINTR, .arg = {0, 0, 0, 0, 0, 0x1000},
	 .capture = {TEXT(5, "\0\40\0\0\0\0\0\0\10\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0")}},
	{"pselect6(0, NULL, NULL, NULL, NULL, {sigmask=NULL, sigsetsize=8}) = -1 EINTR "
	 "(Interrupted system call)",
	 "pselect6", -EINTR, .arg = {0, 0, 0, 0, 0, 0x1000},
	 .capture = {TEXT(5, ZERO8 "\10\0\0\0\0\0\0\0" ZERO8)}},
	{"fsconfig(3, FSCONFIG_SET_STRING, \"size\", \"1m\", 0) = 0", "fsconfig", 0,
	 .arg = {3, 1, 0x1000, 0x2000, 0}, .capture = {TEXT(2, "size"), TEXT(3, "1m")}},
	{"fsconfig(3, FSCONFIG_SET_PATH, \"p\", \"/tmp\", AT_FDCWD) = 0", "fsconfig", 0,
	 .arg = {3, 3, 0x1000, 0x2000, AT_CWD}, .capture = {TEXT(2, "p"), TEXT(3, "/tmp")}},
	{"fsconfig(3, FSCONFIG_SET_BINARY, \"b\", 0x2000, 3) = 0", "fsconfig", 0,
	 .arg = {3, 2, 0x1000, 0x2000, 3}, .capture = {TEXT(2, "b"), TEXT(3, "x")}},
	{"keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0x1000) = 7", "keyctl", 7, .arg = {1, 0x1000}},
	{"keyctl(KEYCTL_READ, 7, \"abc\", 3) = 3", "keyctl", 3, .arg = {11, 7, 0x1000, 3},
	 .capture = {TEXT(2, "abc")}},
	{"keyctl(KEYCTL_MOVE, 7, KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING, "
	 "KEYCTL_MOVE_EXCL) = 0",
	 "keyctl", 0, .arg = {30, 7, 0xfffffffc, 0xfffffffd, 1}},
	{"get_robust_list(0, [0x1000], [24]) = 0", "get_robust_list", 0, .arg = {0, 0x2000, 0x3000},
	 .capture = {TEXT(1, "\0\20\0\0\0\0\0\0"), TEXT(2, "\30\0\0\0\0\0\0\0")}},
	{"move_pages(0, 1, [0x1000], NULL, [0], MPOL_MF_MOVE) = 0", "move_pages", 0,
	 .arg = {0, 1, 0x2000, 0, 0x3000, 2},
	 .capture = {TEXT(2, "\0\20\0\0\0\0\0\0"), TEXT(4, "\0\0\0\0")}},
	{"set_mempolicy(MPOL_LOCAL|MPOL_F_NUMA_BALANCING, NULL, 0) = 0", "set_mempolicy", 0,
	 .arg = {0x2004}},
	{"delete_module(\"m\", O_NONBLOCK) = 0", "delete_module", 0, .arg = {0x1000, 04000},
	 .capture = {TEXT(0, "m")}},
	{"process_madvise(4, [{iov_base=0x1000, iov_len=2}], 1, MADV_COLD, 0) = 2",
	 "process_madvise", 2, .arg = {4, 0x2000, 1, 20},
	 .capture = {TEXT(1, "\0\20\0\0\0\0\0\0\2\0\0\0\0\0\0\0")}},
	{"process_vm_readv(9, [{iov_base=0x1000, iov_len=2}], 1, [{iov_base=NULL, iov_len=1}], 1, "
	 "0) = -1 EFAULT (Bad address)",
	 "process_vm_readv", -EFAULT, .arg = {9, 0x2000, 1, 0x3000, 1},
	 .capture = {TEXT(1, "\0\20\0\0\0\0\0\0\2\0\0\0\0\0\0\0"),
		     TEXT(3, ZERO8 "\1\0\0\0\0\0\0\0")}},
	/* What is captured for any request may be more than there is. */
	{"io_uring_register(8, IORING_REGISTER_FILES, [0, 1], 2) = 0", "io_uring_register", 0,
	 .arg = {8, 2, 0x1000, 2}, .capture = {TEXT(2, "\0\0\0\0\1\0\0\0\2\0\0\0" ZERO8)}},
	{"io_uring_register(8, IORING_REGISTER_PROBE, 0x1000, 4) = 0", "io_uring_register", 0,
	 .arg = {8, 8, 0x1000, 4}, .capture = {TEXT(2, ZERO8)}},
	{"setsockopt(4, SOL_IP, IPT_SO_SET_REPLACE, \"filter\", 6) = 0", "setsockopt", 0,
	 .arg = {4, 0, 64, 0x1000, 6}, .capture = {TEXT(3, "filter")}},
	{"getsockopt(4, SOL_IPV6, IP6T_SO_GET_REVISION_TARGET, \"x\", [1]) = 0", "getsockopt", 0,
	 .arg = {4, 41, 69, 0x1000, 0x2000}, .capture = {TEXT(3, "x"), TEXT(4, "\1\0\0\0")}},
	{"setsockopt(4, SOL_IPV6, IPV6_DONTFRAG, [1], 4) = 0", "setsockopt", 0,
	 .arg = {4, 41, 62, 0x1000, 4}, .capture = {TEXT(3, "\1\0\0\0")}},
	{"setsockopt(4, SOL_IPV6, IPV6_TCLASS, [1], 4) = 0", "setsockopt", 0,
	 .arg = {4, 41, 67, 0x1000, 4}, .capture = {TEXT(3, "\1\0\0\0")}},
	{"setsockopt(4, SOL_SCTP, SCTP_NODELAY, [1], 4) = 0", "setsockopt", 0,
	 .arg = {4, 132, 3, 0x1000, 4}, .capture = {TEXT(3, "\1\0\0\0")}},
	{"setsockopt(4, SOL_SOCKET, SO_ATTACH_FILTER, {len=1, filter=0x2000}, 16) = 0",
	 "setsockopt", 0, .arg = {4, 1, 26, 0x1000, 16},
	 .capture = {TEXT(3, "\1\0\0\0\0\0\0\0\0\40\0\0\0\0\0\0")}},
	{"setsockopt(4, SOL_PACKET, PACKET_RX_RING, {tp_block_size=1, tp_block_nr=2, "
	 "tp_frame_size=3, tp_frame_nr=4}, 16) = 0",
	 "setsockopt", 0, .arg = {4, 263, 5, 0x1000, 16},
	 .capture = {TEXT(3, "\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0")}},
	{"setsockopt(4, SOL_PACKET, PACKET_RX_RING, 0x1000, 28) = 0", "setsockopt", 0,
	 .arg = {4, 263, 5, 0x1000, 28}, .capture = {TEXT(3, "\1\0\0\0")}},
	{"recvfrom(5, \"x\", 8, 0, 0x2000, [0]) = 1", "recvfrom", 1,
	 .arg = {5, 0x1000, 8, 0, 0x2000, 0x3000},
	 .capture = {TEXT(1, "x"), TEXT(4, ""), TEXT(5, "\0\0\0\0")}},
	{"bpf(BPF_MAP_FREEZE, {map_fd=3}, 4) = -1 ENOTSUPP (Unknown error 524)", "bpf", -524,
	 .arg = {22, 0x1000, 4}, .capture = {TEXT(1, "\3\0\0\0")}},
	{"landlock_create_ruleset({handled_access_fs=LANDLOCK_ACCESS_FS_EXECUTE, ...}, 16, 0) = -1 "
	 "E2BIG (Argument list too long)",
	 "landlock_create_ruleset", -E2BIG, .arg = {0x1000, 16},
	 .capture = {TEXT(0, "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0")}},
	{"msgsnd(0, {mtype=1, mtext=\"ab\"}, 2, IPC_NOWAIT) = 0", "msgsnd", 0,
	 .arg = {0, 0x1000, 2, 04000}, .capture = {CUT(1, "\1\0\0\0\0\0\0\0abcd")}},
	{"msgsnd(0, {mtype=1, mtext=\"abcd\"...}, 500, 0) = 0", "msgsnd", 0,
	 .arg = {0, 0x1000, 500}, .capture = {CUT(1, "\1\0\0\0\0\0\0\0abcd")}},
	{"msgrcv(0, {mtype=1, mtext=\"abc\"}, 500, 0, 0) = 3", "msgrcv", 3, .arg = {0, 0x1000, 500},
	 .capture = {CUT(1, "\1\0\0\0\0\0\0\0abcd")}},
	{"set_mempolicy(MPOL_BIND, [0x00000000000001, 0000000000000000], 128) = 0", "set_mempolicy",
	 0, .arg = {2, 0x1000, 128}, .capture = {TEXT(1, "\1\0\0\0\0\0\0\0" ZERO8 ZERO8)}},
	{"time([1795315572 /* 2026-11-22T02:46:12+0000 */]) = 1795315572 "
	 "(2026-11-22T02:46:12+0000)",
	 "time", 1795315572, .arg = {0x1000}, .capture = {TEXT(0, "\x74\x57\x02\x6b\0\0\0\0")}},
	{"ioprio_get(IOPRIO_WHO_PROCESS, 0) = 24583 (IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 7))",
	 "ioprio_get", 24583, .arg = {1}},
	{"syslog(10 /* SYSLOG_ACTION_SIZE_BUFFER */) = 262144", "syslog", 262144, .arg = {10}},
	{"shmget(0x1, 4096, IPC_CREAT|SHM_HUGETLB|0x2000|21<<SHM_HUGE_SHIFT|0600) = 1", "shmget", 1,
	 .arg = {1, 4096, 0x54002a00 | 0600}},
	{"mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE|MAP_HUGETLB|30<<MAP_HUGE_SHIFT, -1, 0) = 0x1000",
	 "mmap", 0x1000, .arg = {0, 4096, 0, 0x78040002, -1UL}},
	{"name_to_handle_at(3, \"x\", {handle_bytes=2, handle_type=1, f_handle=\"\\x01\\xff\"}, "
	 "[9], "
	 "0) = 0",
	 "name_to_handle_at", 0, .arg = {3, 0x1000, 0x2000, 0x3000},
	 .capture = {TEXT(1, "x"), TEXT(2, "\2\0\0\0\1\0\0\0\1\377\3\4"), TEXT(3, "\11\0\0\0")}},
	{"open_by_handle_at(3, {handle_bytes=9, handle_type=1, f_handle=\"\\x01\"...}, O_RDONLY) = "
	 "4",
	 "open_by_handle_at", 4, .arg = {3, 0x1000}, .capture = {TEXT(1, "\11\0\0\0\1\0\0\0\1")}},
	{"ioctl(3, FS_IOC_FIEMAP, {fm_start=0, fm_length=9, fm_flags=FIEMAP_FLAG_SYNC, "
	 "fm_extent_count=1} => {fm_flags=FIEMAP_FLAG_SYNC, fm_mapped_extents=2, ...}) = 0",
	 "ioctl", 0, .arg = {3, 0xc020660b, 0x1000},
	 .capture = {TEXT(2, ZERO8 "\11\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0\1\0\0\0\0\0\0\0")}},
	{"ioctl(3, FS_IOC_FIEMAP, {fm_start=0, fm_length=9, fm_flags=0, fm_extent_count=1}) = -1 "
	 "EOPNOTSUPP (Operation not supported)",
	 "ioctl", -EOPNOTSUPP, .arg = {3, 0xc020660b, 0x1000},
	 .capture = {TEXT(2, ZERO8 "\11\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\1\0\0\0\0\0\0\0")}},
	{"ioctl(3, SIOCGIFHWADDR, {ifr_name=\"lo\", ifr_hwaddr={sa_family=ARPHRD_LOOPBACK, "
	 "sa_data=00:11:22:33:44:ff}}) = 0",
	 "ioctl", 0, .arg = {3, 0x8927, 0x1000},
	 .capture = {TEXT(2, "lo\0\0\0\0\0\0" ZERO8 "\4\3\0\x11\x22\x33\x44\xff" ZERO8 ZERO8)}},
	{"perf_event_open({type=PERF_TYPE_SOFTWARE, size=PERF_ATTR_SIZE_VER0, "
	 "config=PERF_COUNT_SW_CPU_CLOCK, sample_freq=9, sample_type=0, read_format=0, disabled=1, "
	 "freq=1, precise_ip=2 /* requested to have 0 skid */, ...}, -1, 0, -1, "
	 "PERF_FLAG_FD_CLOEXEC) = 3",
	 "perf_event_open", 3, .arg = {0x1000, -1UL, 0, -1UL, 8},
	 .capture = {TEXT(0, "\1\0\0\0\x40\0\0\0" ZERO8 "\11\0\0\0\0\0\0\0" ZERO8 ZERO8
			     "\1\4\1\0\0\0\0\0")}},
	{"bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_ARRAY, key_size=4, value_size=8, "
	 "max_entries=1, "
	 "map_flags=BPF_F_MMAPABLE, inner_map_fd=0}, 24) = 3",
	 "bpf", 3, .arg = {0, 0x1000, 24},
	 .capture = {TEXT(1, "\2\0\0\0\4\0\0\0\10\0\0\0\1\0\0\0\0\4\0\0\0\0\0\0")}},
	{"bpf(BPF_MAP_FREEZE, {map_fd=5}, 4) = 0", "bpf", 0, .arg = {22, 0x1000, 4},
	 .capture = {TEXT(1, "\5\0\0\0")}},
	{"bpf(0x63 /* BPF_??? */, 0x1000, 4) = -1 EINVAL (Invalid argument)", "bpf", -EINVAL,
	 .arg = {99, 0x1000, 4}, .capture = {TEXT(1, "\5\0\0\0")}},
	{"bpf(BPF_MAP_GET_NEXT_ID, {start_id=1, next_id=0 => 9, open_flags=0}, 12) = 0", "bpf", 0,
	 .arg = {12, 0x1000, 12},
	 .capture = {TEXT(1, "\1\0\0\0\11\0\0\0\0\0\0\0"),
		     TEXT(IGREC_ARG_CHANGED + 1, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
						 "\1\0\0\0\11\0\0\0\0\0\0\0\0\0\0\0")}},
	{"name_to_handle_at(3, \"x\", {handle_bytes=0 => 12}, 0x3000, 0) = -1 EOVERFLOW (Value too "
	 "large for defined data type)",
	 "name_to_handle_at", -EOVERFLOW, .arg = {3, 0x1000, 0x2000, 0x3000},
	 .capture = {TEXT(1, "x"), TEXT(2, "\14\0\0\0\0\0\0\0"),
		     TEXT(IGREC_ARG_CHANGED + 2, ZERO8 ZERO8 "\14\0\0\0\0\0\0\0" ZERO8)}},
	{"ptrace(PTRACE_TRACEME) = 0", "ptrace", 0, .arg = {0}},
	{"ptrace(PTRACE_CONT, 7, NULL, SIGTERM) = 0", "ptrace", 0, .arg = {7, 7, 0, 15}},
	{"ioctl(0, TCGETS, {c_iflag=, c_oflag=NL0|CR0|TAB0|BS0|VT0|FF0, c_cflag=B0|CS5, c_lflag=, "
	 "...}) = 0",
	 "ioctl", 0, .arg = {0, 0x5401, 0x1000},
	 .capture = {TEXT(2, ZERO8 ZERO8 ZERO8 ZERO8 "\0\0\0\0")}},
	{"getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0", "getsockopt", 0,
	 .arg = {3, 1, 4, 0x1000, 0x2000},
	 .capture = {TEXT(3, "\157\0\0\0"), TEXT(IGREC_ARG_CHANGED + 4, "\4\0\0\0\4\0\0\0")}},
	{"socket(AF_PACKET, SOCK_RAW, htons(0 /* ETH_P_??? */)) = 3", "socket", 3,
	 .arg = {17, 3, 0}},
	{"signalfd4(-1, [USR1], 8, 0) = 3", "signalfd4", 3, .arg = {-1UL, 0x1000, 8},
	 .capture = {TEXT(1, "\0\2\0\0\0\0\0\0")}},
	{"signalfd4(-1, 0x1000, 9, 0) = -1 EINVAL (Invalid argument)", "signalfd4", -EINVAL,
	 .arg = {-1UL, 0x1000, 9}, .capture = {TEXT(1, "\0\2\0\0\0\0\0\0")}},
	{"mincore(0x1000, 0, []) = -1 EINVAL (Invalid argument)", "mincore", -EINVAL,
	 .arg = {0x1000, 0, 0x2000}},
	{"getxattr(\"/x\", \"user.a\", \"b\", 9) = 2", "getxattr", 2,
	 .arg = {0x1000, 0x1100, 0x1200, 9},
	 .capture = {TEXT(0, "/x"), TEXT(1, "user.a"), TEXT(2, "b\0")}},
	{"restart_syscall(<... resuming interrupted system call ...>) = 0", "restart_syscall", 0,
	 .arg = {0}},
};

static void test_structs_as_strace_prints_them(void **state)
{
	check_calls(calls, ARRAY_SIZE(calls));
}

/* One line of a tape. */
static void assert_line(const struct sample_tape *tape, const char *wanted)
{
	struct replay_counts counts;
	AUTO_FREE char *text = render_as(tape->snapshot, REPLAY_STRACE, &counts);

	if (!strstr(text, wanted))
		fail_msg("%s is not in %s", wanted, text);
}

static void test_restarted_call(void **state)
{
	struct sample_tape tape = tape_new();

	put_call(&tape, &init, "nanosleep", 5000, -516);
	put_call(&tape, &thread, "getpid", 4000, 1);
	put_call(&tape, &init, "restart_syscall", 3000, -516);
	put_call(&tape, &init, "restart_syscall", 2000, 0);
	assert_line(&tape, "restart_syscall(<... resuming interrupted nanosleep ...>) = ? ");
	assert_line(&tape, "restart_syscall(<... resuming interrupted restart_syscall ...>) = 0");
	snapshot_free(tape.snapshot);
}

static void test_execveat(void **state)
{
	static const struct {
		struct sample_capture file;
		const char *wanted;
	} rows[] = {
		{TEXT(0, "/dev/fd/3"), "execveat(3, \"\", [\"a\"], AT_EMPTY_PATH) = 0"},
		{TEXT(0, "/dev/fd/3/b"), "execveat(3, \"b\", [\"a\"], 0) = 0"},
		{TEXT(0, "/bin/b"), "execveat(AT_FDCWD, \"/bin/b\", [\"a\"], 0) = 0"},
		{TEXT(0, "/dev/fd/x"), "execveat(AT_FDCWD, \"/dev/fd/x\", [\"a\"], 0) = 0"},
		{TEXT(0, "/dev/fd/"), "execveat(AT_FDCWD, \"/dev/fd/\", [\"a\"], 0) = 0"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		static const struct igrec_exec exec = {.old_tid = 4242};
		struct sample_tape tape = tape_new();
		struct sample_record started = {
			.type = IGREC_RECORD_EXEC,
			.lane = IGREC_LANE_VITAL,
			.task = &init,
			.time_ns = TAPE_ZERO - 1000,
			.nr = nr_of("execveat"),
			.body = &exec,
			.body_bytes = sizeof(exec),
			.capture = {rows[i].file, TEXT(1, "a\0")},
			.captures = 2,
		};

		sample_add(&tape, &started);
		assert_line(&tape, rows[i].wanted);
		snapshot_free(tape.snapshot);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_structs_as_strace_prints_them),
		cmocka_unit_test(test_restarted_call),
		cmocka_unit_test(test_execveat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
