/* SPDX-License-Identifier: Apache-2.0 */
/* What descriptors refer to, in the lines that `strace -y` prints for the same calls. */

#include "tests/unit/replay/objects_story.h"

/* ---- one process --------------------------------------------------------------------------- */

static void test_a_file_from_open_to_close(void **state)
{
	struct story story = story_new();

	tell_read(&story, &init, 3);
	tell_open(&story, &init, "/etc/passwd", O_CLOEXEC, 3);
	tell_read(&story, &init, 3);
	TELL(&story, &init, "dup2", 9, {3, 9});
	TELL(&story, &init, "fcntl", 10, {9, F_DUPFD, 10});
	TELL(&story, &init, "close", 0, {3});
	tell_read(&story, &init, 3);
	tell_read(&story, &init, 9);
	tell_read(&story, &init, 10);
	tell_open(&story, &init, "/etc//./group/", 0, 3);
	assert_lines(&story,
		     "1 read(3, 0x2000, 1) = 1\n"
		     "1 openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY|O_CLOEXEC) = 3</etc/passwd>\n"
		     "1 read(3</etc/passwd>, 0x2000, 1) = 1\n"
		     "1 dup2(3</etc/passwd>, 9) = 9</etc/passwd>\n"
		     "1 fcntl(9</etc/passwd>, F_DUPFD, 10) = 10</etc/passwd>\n"
		     "1 close(3</etc/passwd>) = 0\n"
		     "1 read(3, 0x2000, 1) = 1\n"
		     "1 read(9</etc/passwd>, 0x2000, 1) = 1\n"
		     "1 read(10</etc/passwd>, 0x2000, 1) = 1\n"
		     "1 openat(AT_FDCWD, \"/etc//./group/\", O_RDONLY) = 3</etc/group>\n");
}

static void test_dup2_closes_what_was_there(void **state)
{
	struct story story = story_new();

	tell_open(&story, &init, "/a", 0, 3);
	tell_open(&story, &init, "/b", 0, 4);
	TELL(&story, &init, "dup2", 4, {3, 4});
	tell_read(&story, &init, 4);
	TELL(&story, &init, "dup2", 4, {4, 4});
	TELL(&story, &init, "close", -EBADF, {4});
	TELL(&story, &init, "close", -EINTR, {4});
	tell_read(&story, &init, 4);
	TELL(&story, &init, "close_range", 0, {3, UINT32_MAX, 0});
	tell_read(&story, &init, 3);
	assert_lines(&story, "1 openat(AT_FDCWD, \"/a\", O_RDONLY) = 3</a>\n"
			     "1 openat(AT_FDCWD, \"/b\", O_RDONLY) = 4</b>\n"
			     "1 dup2(3</a>, 4</b>) = 4</a>\n"
			     "1 read(4</a>, 0x2000, 1) = 1\n"
			     "1 dup2(4</a>, 4</a>) = 4</a>\n"
			     "1 close(4</a>) = -1 EBADF (Bad file descriptor)\n"
			     "1 close(4</a>) = -1 EINTR (Interrupted system call)\n"
			     "1 read(4, 0x2000, 1) = 1\n"
			     "1 close_range(3, 4294967295, 0) = 0\n"
			     "1 read(3, 0x2000, 1) = 1\n");
}

/* With a flag that only marks what exec is to close. */
static void test_close_range_that_marks(void **state)
{
	struct story story = story_new();

	tell_open(&story, &init, "/a", 0, 3);
	tell_open(&story, &init, "/b", 0, 4);
	TELL(&story, &init, "close_range", 0, {4, UINT32_MAX, 4});
	tell_read(&story, &init, 4);
	tell_exec(&story, &init);
	tell_read(&story, &init, 3);
	tell_read(&story, &init, 4);
	assert_lines(&story, "1 openat(AT_FDCWD, \"/a\", O_RDONLY) = 3</a>\n"
			     "1 openat(AT_FDCWD, \"/b\", O_RDONLY) = 4</b>\n"
			     "1 close_range(4, 4294967295, CLOSE_RANGE_CLOEXEC) = 0\n"
			     "1 read(4</b>, 0x2000, 1) = 1\n"
			     "1 execve(<unreadable>, <unreadable>) = 0\n"
			     "1 read(3</a>, 0x2000, 1) = 1\n"
			     "1 read(4, 0x2000, 1) = 1\n");
}

static void test_paths_below_a_directory(void **state)
{
	struct story story = story_new();

	tell_open(&story, &init, "unknown", 0, 3);
	TELL(&story, &init, "chdir", 0, {0x1000}, 0, "/srv");
	tell_open(&story, &init, "x", 0, 4);
	TELL(&story, &init, "openat", 5, {4, 0x1000}, 1, "y/../z");
	TELL(&story, &init, "openat", 6, {3, 0x1000}, 1, "y");
	TELL(&story, &init, "fchdir", 0, {4});
	tell_open(&story, &init, "./in", 0, 7);
	TELL(&story, &init, "chdir", 0, {0x1000}, 0, "/link",
	     .object = {{IGREC_ARG_OBJECT + IGREC_OBJECT_CWD, 0, "led\0", 4}});
	tell_open(&story, &init, "in", 0, 7);
	TELL(&story, &init, "chroot", 0, {0x1000}, 0, "/jail");
	tell_open(&story, &init, "x", 0, 8);
	TELL(&story, &init, "getcwd", 8, {0x1000, 100}, 0, "/inside", 8);
	tell_open(&story, &init, "x", 0, 9);
	assert_lines(&story, "1 openat(AT_FDCWD, \"unknown\", O_RDONLY) = 3\n"
			     "1 chdir(\"/srv\") = 0\n"
			     "1 openat(AT_FDCWD</srv>, \"x\", O_RDONLY) = 4</srv/x>\n"
			     "1 openat(4</srv/x>, \"y/../z\", O_RDONLY) = 5</srv/x/y/../z>\n"
			     "1 openat(3, \"y\", O_RDONLY) = 6\n"
			     "1 fchdir(4</srv/x>) = 0\n"
			     "1 openat(AT_FDCWD</srv/x>, \"./in\", O_RDONLY) = 7</srv/x/in>\n"
			     "1 chdir(\"/link\") = 0\n"
			     "1 openat(AT_FDCWD</led>, \"in\", O_RDONLY) = 7</led/in>\n"
			     "1 chroot(\"/jail\") = 0\n"
			     "1 openat(AT_FDCWD, \"x\", O_RDONLY) = 8\n"
			     "1 getcwd(\"/inside\", 100) = 8\n"
			     "1 openat(AT_FDCWD</inside>, \"x\", O_RDONLY) = 9</inside/x>\n");
}

static void test_links_to_descriptors(void **state)
{
	struct story story = story_new();

	TELL(&story, &init, "pipe2", 0, {0x1000, 0}, 0, "\3\0\0\0\4\0\0\0", 8);
	tell_open(&story, &init, "/dev/fd/3", 0, 5);
	tell_open(&story, &init, "/proc/self/fd/9", 0, 6);
	tell_open(&story, &init, "/dev/stdout", 0, 7);
	tell_open(&story, &init, "/dev/fd/", 0, 8);
	assert_lines(&story, "1 pipe2([3<pipe>, 4<pipe>], 0) = 0\n"
			     "1 openat(AT_FDCWD, \"/dev/fd/3\", O_RDONLY) = 5<pipe>\n"
			     "1 openat(AT_FDCWD, \"/proc/self/fd/9\", O_RDONLY) = 6\n"
			     "1 openat(AT_FDCWD, \"/dev/stdout\", O_RDONLY) = 7\n"
			     "1 openat(AT_FDCWD, \"/dev/fd/\", O_RDONLY) = 8</dev/fd>\n");
}

static void test_names_are_escaped(void **state)
{
	struct story story = story_new();

	tell_open(&story, &init, "/a<b>\033\n", 0, 3);
	tell_read(&story, &init, 3);
	assert_lines(&story,
		     "1 openat(AT_FDCWD, \"/a<b>\\33\\n\", O_RDONLY) = 3</a\\74b\\76\\33\\n>\n"
		     "1 read(3</a\\74b\\76\\33\\n>, 0x2000, 1) = 1\n");
}

static void test_what_has_no_name(void **state)
{
	struct story story = story_new();

	TELL(&story, &init, "pipe2", 0, {0x1000, O_CLOEXEC}, 0, "\3\0\0\0\4\0\0\0", 8);
	TELL(&story, &init, "epoll_create1", 5, {0});
	TELL(&story, &init, "eventfd2", 6, {0, 0});
	tell_read(&story, &init, 3);
	tell_read(&story, &init, 6);
	TELL(&story, &init, "timerfd_create", 7, {1, 0});
	assert_lines(&story, "1 pipe2([3<pipe>, 4<pipe>], O_CLOEXEC) = 0\n"
			     "1 epoll_create1(0) = 5<anon_inode:[eventpoll]>\n"
			     "1 eventfd2(0, 0) = 6<anon_inode:[eventfd]>\n"
			     "1 read(3<pipe>, 0x2000, 1) = 1\n"
			     "1 read(6<anon_inode:[eventfd]>, 0x2000, 1) = 1\n"
			     "1 timerfd_create(CLOCK_MONOTONIC, 0) = 7<anon_inode:[timerfd]>\n");
}

/* ---- sockets ------------------------------------------------------------------------------ */

static void test_sockets_and_their_addresses(void **state)
{
	struct story story = story_new();

	TELL(&story, &init, "socket", 3, {AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0});
	TELL(&story, &init, "shutdown", 0, {3, 0});
	TELL(&story, &init, "connect", -EINPROGRESS, {3, 0x1000, 16}, 1, TEN_443, 16);
	TELL(&story, &init, "shutdown", 0, {3, 0});
	TELL(&story, &init, "connect", -ECONNREFUSED, {3, 0x1000, 16}, 1, TEN_443, 16);
	TELL(&story, &init, "shutdown", 0, {3, 0});
	TELL(&story, &init, "socket", 4, {AF_INET, SOCK_STREAM, 6});
	TELL(&story, &init, "bind", 0, {4, 0x1000, 16}, 1, LOOPBACK_80, 16);
	TELL(&story, &init, "accept4", 5, {4, 0x1000, 0x2000, 0}, 1, TEN_443, 16);
	TELL(&story, &init, "bind", 0, {4, 0x1000, 16}, 1, ANY_80, 16);
	TELL(&story, &init, "accept4", 6, {4, 0x1000, 0x2000, 0}, 1, TEN_443, 16);
	TELL(&story, &init, "shutdown", 0, {5, 0});
	assert_lines(
		&story,
		"1 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3<TCP>\n"
		"1 shutdown(3<TCP>, SHUT_RD) = 0\n"
		"1 connect(3<TCP>, {sa_family=AF_INET, sin_port=htons(443), "
		"sin_addr=inet_addr(\"10.0.0.1\")}, 16) = -1 EINPROGRESS (Operation now in "
		"progress)\n"
		"1 shutdown(3<TCP:[->10.0.0.1:443]>, SHUT_RD) = 0\n"
		"1 connect(3<TCP:[->10.0.0.1:443]>, {sa_family=AF_INET, sin_port=htons(443), "
		"sin_addr=inet_addr(\"10.0.0.1\")}, 16) = -1 ECONNREFUSED (Connection refused)\n"
		"1 shutdown(3<TCP>, SHUT_RD) = 0\n"
		"1 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 4<TCP>\n"
		"1 bind(4<TCP>, {sa_family=AF_INET, sin_port=htons(80), "
		"sin_addr=inet_addr(\"127.0.0.1\")}, 16) = 0\n"
		"1 accept4(4<TCP:[127.0.0.1:80]>, {sa_family=AF_INET, sin_port=htons(443), "
		"sin_addr=inet_addr(\"10.0.0.1\")}, 0x2000, 0) = "
		"5<TCP:[127.0.0.1:80->10.0.0.1:443]>\n"
		"1 bind(4<TCP:[127.0.0.1:80]>, {sa_family=AF_INET, sin_port=htons(80), "
		"sin_addr=inet_addr(\"0.0.0.0\")}, 16) = 0\n"
		"1 accept4(4<TCP:[0.0.0.0:80]>, {sa_family=AF_INET, sin_port=htons(443), "
		"sin_addr=inet_addr(\"10.0.0.1\")}, 0x2000, 0) = 6<TCP:[->10.0.0.1:443]>\n"
		"1 shutdown(5<TCP:[127.0.0.1:80->10.0.0.1:443]>, SHUT_RD) = 0\n");
}

static void test_other_families(void **state)
{
	struct story story = story_new();

	TELL(&story, &init, "socket", 3, {AF_UNIX, SOCK_STREAM, 0});
	TELL(&story, &init, "connect", 0, {3, 0x1000, 110}, 1, "\1\0/run/x\0\0", 10);
	tell_read(&story, &init, 3);
	TELL(&story, &init, "socket", 4, {AF_INET6, SOCK_DGRAM, 0});
	TELL(&story, &init, "connect", 0, {4, 0x1000, 28}, 1,
	     "\12\0\0\65\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0", 28);
	tell_read(&story, &init, 4);
	TELL(&story, &init, "socket", 5, {AF_NETLINK, SOCK_RAW, 0});
	TELL(&story, &init, "socketpair", 0, {AF_UNIX, SOCK_STREAM, 0, 0x1000}, 3,
	     "\6\0\0\0\7\0\0\0", 8);
	assert_lines(
		&story,
		"1 socket(AF_UNIX, SOCK_STREAM, 0) = 3<UNIX-STREAM>\n"
		"1 connect(3<UNIX-STREAM>, {sa_family=AF_UNIX, sun_path=\"/run/x\"}, 110) = 0\n"
		"1 read(3<UNIX-STREAM:[->\"/run/x\"]>, 0x2000, 1) = 1\n"
		"1 socket(AF_INET6, SOCK_DGRAM, IPPROTO_IP) = 4<UDPv6>\n"
		"1 connect(4<UDPv6>, {sa_family=AF_INET6, sin6_port=htons(53), "
		"sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \"::1\", &sin6_addr), "
		"sin6_scope_id=0}, 28) = 0\n"
		"1 read(4<UDPv6:[->[::1]:53]>, 0x2000, 1) = 1\n"
		"1 socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) = 5<NETLINK>\n"
		"1 socketpair(AF_UNIX, SOCK_STREAM, 0, [6<UNIX-STREAM>, 7<UNIX-STREAM>]) = 0\n");
}

/* By the command: what bpf(2) makes, and that other results of it are none. */
static void test_bpf(void **state)
{
	struct story story = story_new();

	TELL(&story, &init, "bpf", 3, {0 /* BPF_MAP_CREATE */, 0, 0});
	TELL(&story, &init, "bpf", 4, {15 /* BPF_OBJ_GET_INFO_BY_FD */, 0, 0});
	TELL(&story, &init, "bpf", 5, {13 /* BPF_PROG_GET_FD_BY_ID */, 0, 0});
	TELL(&story, &init, "bpf", 6, {7 /* BPF_OBJ_GET */, 0, 0});
	tell_read(&story, &init, 3);
	tell_read(&story, &init, 5);
	tell_read(&story, &init, 6);
	assert_lines(&story, "1 bpf(BPF_MAP_CREATE, NULL, 0) = 3<anon_inode:bpf-map>\n"
			     "1 bpf(BPF_OBJ_GET_INFO_BY_FD, NULL, 0) = 4\n"
			     "1 bpf(BPF_PROG_GET_FD_BY_ID, NULL, 0) = 5<anon_inode:bpf-prog>\n"
			     "1 bpf(BPF_OBJ_GET, NULL, 0) = 6\n"
			     "1 read(3<anon_inode:bpf-map>, 0x2000, 1) = 1\n"
			     "1 read(5<anon_inode:bpf-prog>, 0x2000, 1) = 1\n"
			     "1 read(6, 0x2000, 1) = 1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bpf),
		cmocka_unit_test(test_a_file_from_open_to_close),
		cmocka_unit_test(test_dup2_closes_what_was_there),
		cmocka_unit_test(test_close_range_that_marks),
		cmocka_unit_test(test_paths_below_a_directory),
		cmocka_unit_test(test_links_to_descriptors),
		cmocka_unit_test(test_names_are_escaped),
		cmocka_unit_test(test_what_has_no_name),
		cmocka_unit_test(test_sockets_and_their_addresses),
		cmocka_unit_test(test_other_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
