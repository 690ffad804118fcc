/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel programs tell of descriptors, and names that change. */

#include "tests/unit/replay/objects_story.h"

/* ---- what the kernel saw -------------------------------------------------------------------- */

static void test_a_file_has_the_path_that_was_found(void **state)
{
	struct story story = story_new();

	TELL(&story, &init, "openat", 3, {AT_CWD, 0x1000}, 1, "/lib/x.so",
	     .object = {FOUND("x.so.1\0lib\0usr\0")});
	tell_read(&story, &init, 3);
	TELL(&story, &init, "openat", 4, {AT_CWD, 0x1000}, 1, "relative", .object = {FOUND("")});
	TELL(&story, &init, "openat", 5, {AT_CWD, 0x1000}, 1, "/long",
	     .object = {{0, IGREC_CAPTURE_TRUNCATED, "end\0", 4}});
	/* Without its last NUL it is not what the kernel programs write. */
	TELL(&story, &init, "openat", 6, {AT_CWD, 0x1000}, 1, "/broken", .object = {FOUND("ab")});
	TELL(&story, &init, "openat", 7, {AT_CWD, 0x1000, 020200000}, 1, "/tmp",
	     .object = {FOUND("#2\0tmp\0")});
	tell_read(&story, &init, 7);
	TELL(&story, &init, "openat", 8, {AT_CWD, 0x1000}, 1, "/proc/self/ns/pid_for_children",
	     .object = {INODE("\12\0\0\0")});
	TELL(&story, &init, "pipe2", 0, {0x1000, 0}, 0, "\12\0\0\0\13\0\0\0", 8,
	     .object = {INODE("\13\0\0\0"), INODE("\13\0\0\0")});
	TELL(&story, &init, "openat", 9, {AT_CWD, 0x1000}, 1, "/dev/fd/10",
	     .object = {INODE("\13\0\0\0")});
	TELL(&story, &init, "openat", 12, {AT_CWD, 0x1000}, 1, "/proc/8/fd/10",
	     .object = {INODE("\13\0\0\0")});
	assert_lines(
		&story,
		"1 openat(AT_FDCWD, \"/lib/x.so\", O_RDONLY) = 3</usr/lib/x.so.1>\n"
		"1 read(3</usr/lib/x.so.1>, 0x2000, 1) = 1\n"
		"1 openat(AT_FDCWD, \"relative\", O_RDONLY) = 4</>\n"
		"1 openat(AT_FDCWD, \"/long\", O_RDONLY) = 5</long>\n"
		"1 openat(AT_FDCWD, \"/broken\", O_RDONLY) = 6</broken>\n"
		"1 openat(AT_FDCWD, \"/tmp\", O_RDONLY|O_TMPFILE, 000) = 7</tmp/#2>(deleted)\n"
		"1 read(7</tmp/#2>(deleted), 0x2000, 1) = 1\n"
		"1 openat(AT_FDCWD, \"/proc/self/ns/pid_for_children\", O_RDONLY) = 8<pid:[10]>\n"
		"1 pipe2([10<pipe:[11]>, 11<pipe:[11]>], 0) = 0\n"
		"1 openat(AT_FDCWD, \"/dev/fd/10\", O_RDONLY) = 9<pipe:[11]>\n"
		"1 openat(AT_FDCWD, \"/proc/8/fd/10\", O_RDONLY) = 12\n");
}

static void tell_sockets(struct story *story)
{
	TELL(story, &init, "pipe2", 0, {0x1000, 0}, 0, "\3\0\0\0\4\0\0\0", 8,
	     .object = {INODE("\7\0\0\0"), INODE("\7\0\0\0")});
	TELL(story, &init, "socket", 5, {AF_INET, SOCK_STREAM, 0}, .object = {INODE("\10\0\0\0")});
	TELL(story, &init, "connect", 0, {5, 0x1000, 16}, 1, TEN_443, 16);
	tell_read(story, &init, 5);
	TELL(story, &init, "socketpair", 0, {AF_UNIX, SOCK_DGRAM, 0, 0x1000}, 3, "\6\0\0\0\7\0\0\0",
	     8, .object = {INODE("\11\0\0\0"), INODE("\12\0\0\0")});
	TELL(story, &init, "socket", 8, {AF_UNIX, SOCK_STREAM, 0}, .object = {INODE("\13\0\0\0")});
	TELL(story, &init, "connect", 0, {8, 0x1000, 110}, 1, "\1\0/run/x\0\0", 10);
	tell_read(story, &init, 8);
	TELL(story, &init, "socket", 9, {AF_NETLINK, SOCK_RAW, 0}, .object = {INODE("\14\0\0\0")});
	TELL(story, &init, "bind", 0, {9, 0x1000, 12}, 1, "\20\0\0\0\52\0\0\0\0\0\0\0", 12);
	tell_read(story, &init, 9);
}

static void test_inodes_of_pipes_and_sockets(void **state)
{
	struct story story = story_new();

	tell_sockets(&story);
	assert_lines_with(
		&story, REPLAY_FDS_INODES,
		"1 pipe2([3<pipe:[7]>, 4<pipe:[7]>], 0) = 0\n"
		"1 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 5<socket:[8]>\n"
		"1 connect(5<socket:[8]>, {sa_family=AF_INET, sin_port=htons(443), "
		"sin_addr=inet_addr(\"10.0.0.1\")}, 16) = 0\n"
		"1 read(5<socket:[8]>, 0x2000, 1) = 1\n"
		"1 socketpair(AF_UNIX, SOCK_DGRAM, 0, [6<socket:[9]>, 7<socket:[10]>]) = 0\n"
		"1 socket(AF_UNIX, SOCK_STREAM, 0) = 8<socket:[11]>\n"
		"1 connect(8<socket:[11]>, {sa_family=AF_UNIX, sun_path=\"/run/x\"}, 110) = 0\n"
		"1 read(8<socket:[11]>, 0x2000, 1) = 1\n"
		"1 socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) = 9<socket:[12]>\n"
		"1 bind(9<socket:[12]>, {sa_family=AF_NETLINK, nl_pid=42, nl_groups=00000000}, 12) "
		"= 0\n"
		"1 read(9<socket:[12]>, 0x2000, 1) = 1\n");
}

static void test_addresses_before_inodes(void **state)
{
	struct story story = story_new();

	tell_sockets(&story);
	assert_lines(
		&story,
		"1 pipe2([3<pipe:[7]>, 4<pipe:[7]>], 0) = 0\n"
		"1 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 5<TCP:[8]>\n"
		"1 connect(5<TCP:[8]>, {sa_family=AF_INET, sin_port=htons(443), "
		"sin_addr=inet_addr(\"10.0.0.1\")}, 16) = 0\n"
		"1 read(5<TCP:[->10.0.0.1:443]>, 0x2000, 1) = 1\n"
		"1 socketpair(AF_UNIX, SOCK_DGRAM, 0, [6<UNIX-DGRAM:[9->10]>, "
		"7<UNIX-DGRAM:[10->9]>]) = 0\n"
		"1 socket(AF_UNIX, SOCK_STREAM, 0) = 8<UNIX-STREAM:[11]>\n"
		"1 connect(8<UNIX-STREAM:[11]>, {sa_family=AF_UNIX, sun_path=\"/run/x\"}, 110) = "
		"0\n"
		"1 read(8<UNIX-STREAM:[11->\"/run/x\"]>, 0x2000, 1) = 1\n"
		"1 socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) = 9<NETLINK:[12]>\n"
		"1 bind(9<NETLINK:[12]>, {sa_family=AF_NETLINK, nl_pid=42, nl_groups=00000000}, "
		"12) "
		"= 0\n"
		"1 read(9<NETLINK:[ROUTE:42]>, 0x2000, 1) = 1\n");
}

static void test_the_first_exec_tells_what_is_there(void **state)
{
	const struct igrec_exec exec = {.old_tid = init.tid};
	struct story story = story_new();
	const struct sample_record record = {
		.type = IGREC_RECORD_EXEC,
		.lane = IGREC_LANE_VITAL,
		.task = &init,
		.time_ns = TAPE_ZERO - story.before_ns,
		.nr = nr_of("execve"),
		.body = &exec,
		.body_bytes = sizeof(exec),
		.captures = 4,
		.capture = {{IGREC_ARG_OBJECT, 0, "null\0dev\0", 9},
			    {IGREC_ARG_OBJECT + 1, IGREC_CAPTURE_INODE, "\7\0\0\0", 4},
			    {IGREC_ARG_OBJECT + 2, IGREC_CAPTURE_INODE | IGREC_CAPTURE_SOCKET,
			     "\10\0\0\0", 4},
			    {IGREC_ARG_OBJECT + IGREC_OBJECT_CWD, 0, "srv\0", 4}},
	};

	sample_add(&story.tape, &record);
	story.before_ns -= MS;
	for (int fd = 0; fd < 3; fd++)
		tell_read(&story, &init, fd);
	tell_open(&story, &init, "x", 0, 3);
	assert_lines(&story, "1 execve(<unreadable>, <unreadable>) = 0\n"
			     "1 read(0</dev/null>, 0x2000, 1) = 1\n"
			     "1 read(1<pipe:[7]>, 0x2000, 1) = 1\n"
			     "1 read(2<socket:[8]>, 0x2000, 1) = 1\n"
			     "1 openat(AT_FDCWD</srv>, \"x\", O_RDONLY) = 3</srv/x>\n");
}

/* ---- names that change ----------------------------------------------------------------------- */

static void tell_rename(struct story *story, const char *from, const char *to, uint64_t flags)
{
	struct sample_record record = call_of(&init, "renameat2", story->before_ns, 0);
	const uint64_t arg[] = {AT_CWD, 0x1000, AT_CWD, 0x2000, flags};

	memcpy(record.arg, arg, sizeof(arg));
	record.captures = 2;
	record.capture[0] = (struct sample_capture){1, 0, from, (uint16_t)strlen(from)};
	record.capture[1] = (struct sample_capture){3, 0, to, (uint16_t)strlen(to)};
	sample_add(&story->tape, &record);
	story->before_ns -= MS;
}

static void test_names_follow_unlink_and_rename(void **state)
{
	struct story story = story_new();

	for (int fd = 3; fd <= 5; fd++)
		tell_open(&story, &init, (const char *[]){"/a", "/b", "/a"}[fd - 3], 0, fd);
	tell_rename(&story, "/a", "/b", 0);
	for (int fd = 3; fd <= 5; fd++)
		tell_read(&story, &init, fd);
	tell_open(&story, &init, "/a", 0, 6);
	tell_rename(&story, "/a", "/b", 2);
	tell_read(&story, &init, 3);
	tell_read(&story, &init, 6);
	TELL(&story, &init, "unlink", -ENOENT, {0x1000}, 0, "/b");
	TELL(&story, &init, "unlink", 0, {0x1000}, 0, "/b");
	tell_read(&story, &init, 3);
	tell_read(&story, &init, 6);
	assert_lines(&story,
		     "1 openat(AT_FDCWD, \"/a\", O_RDONLY) = 3</a>\n"
		     "1 openat(AT_FDCWD, \"/b\", O_RDONLY) = 4</b>\n"
		     "1 openat(AT_FDCWD, \"/a\", O_RDONLY) = 5</a>\n"
		     "1 renameat2(AT_FDCWD, \"/a\", AT_FDCWD, \"/b\", 0) = 0\n"
		     "1 read(3</b>, 0x2000, 1) = 1\n"
		     "1 read(4</b>(deleted), 0x2000, 1) = 1\n"
		     "1 read(5</b>, 0x2000, 1) = 1\n"
		     "1 openat(AT_FDCWD, \"/a\", O_RDONLY) = 6</a>\n"
		     "1 renameat2(AT_FDCWD, \"/a\", AT_FDCWD, \"/b\", RENAME_EXCHANGE) = 0\n"
		     "1 read(3</a>, 0x2000, 1) = 1\n"
		     "1 read(6</b>, 0x2000, 1) = 1\n"
		     "1 unlink(\"/b\") = -1 ENOENT (No such file or directory)\n"
		     "1 unlink(\"/b\") = 0\n"
		     "1 read(3</a>, 0x2000, 1) = 1\n"
		     "1 read(6</b>(deleted), 0x2000, 1) = 1\n");
}

/* What is "/a" for the one is not for the other. */
static void test_names_of_another_root_are_not_followed(void **state)
{
	struct story story = story_new();

	tell_open(&story, &init, "/a", 0, 3);
	TELL(&story, &child, "chroot", 0, {0x1000}, 0, "/jail");
	TELL(&story, &child, "unlink", 0, {0x1000}, 0, "/a");
	tell_read(&story, &init, 3);
	TELL(&story, &init, "socket", 4, {AF_INET, SOCK_STREAM, 0}, .object = {INODE("\10\0\0\0")});
	TELL(&story, &init, "chroot", 0, {0x1000}, 0, "/jail");
	tell_read(&story, &init, 3);
	tell_read(&story, &init, 4);
	assert_lines(&story, "1 openat(AT_FDCWD, \"/a\", O_RDONLY) = 3</a>\n"
			     "9 chroot(\"/jail\") = 0\n"
			     "9 unlink(\"/a\") = 0\n"
			     "1 read(3</a>, 0x2000, 1) = 1\n"
			     "1 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 4<TCP:[8]>\n"
			     "1 chroot(\"/jail\") = 0\n"
			     "1 read(3, 0x2000, 1) = 1\n"
			     "1 read(4<TCP:[8]>, 0x2000, 1) = 1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_has_the_path_that_was_found),
		cmocka_unit_test(test_inodes_of_pipes_and_sockets),
		cmocka_unit_test(test_addresses_before_inodes),
		cmocka_unit_test(test_the_first_exec_tells_what_is_there),
		cmocka_unit_test(test_names_follow_unlink_and_rename),
		cmocka_unit_test(test_names_of_another_root_are_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
