/* SPDX-License-Identifier: Apache-2.0 */
/* What descriptors refer to, in the lines that `strace -y` prints for the same calls. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "replay/replay.h"
#include "tests/unit/replay/tape.h"

#define AT_CWD ((uint64_t)AT_FDCWD)
#define MS     1000000ULL

/* Each call a millisecond after the one before, unless the test moves the clock. */
struct story {
	struct sample_tape tape;
	uint64_t before_ns; /* the failure */
	enum igrec_lane lane;
};

static struct story story_new(void)
{
	return (struct story){
		.tape = tape_new(),
		.before_ns = SECOND,
		.lane = IGREC_LANE_FLOW,
	};
}

struct call {
	const char *name;
	int64_t result;
	uint64_t arg[IGREC_ARGS_MAX];
	uint8_t text_arg;
	const char *text;
	uint16_t text_bytes; /* 0: as long as the text is */
	uint64_t duration_ns;
	struct sample_capture object[2]; /* what IGREC_ARG_OBJECT + n say */
};

#define INODE(number)                                                                              \
	{                                                                                          \
		0, IGREC_CAPTURE_INODE, number, 4                                                  \
	}
#define FOUND(components)                                                                          \
	{                                                                                          \
		0, 0, components, sizeof(components) - 1                                           \
	}

static void tell(struct story *story, const struct sample_task *task, const struct call *call)
{
	struct sample_record record = call_of(task, call->name, story->before_ns, call->result);

	record.lane = story->lane;
	memcpy(record.arg, call->arg, sizeof(record.arg));
	if (call->duration_ns)
		record.duration_ns = call->duration_ns;
	if (call->text) {
		record.captures = 1;
		record.capture[0] = (struct sample_capture){
			call->text_arg, 0, call->text,
			call->text_bytes ? call->text_bytes : (uint16_t)strlen(call->text)};
	}
	for (uint8_t i = 0; i < 2 && call->object[i].data; i++) {
		struct sample_capture *capture = &record.capture[record.captures++];

		*capture = call->object[i];
		capture->arg = (uint8_t)(capture->arg ? capture->arg : IGREC_ARG_OBJECT + i);
	}
	sample_add(&story->tape, &record);
	story->before_ns -= MS;
}
#define TELL(story, task, ...) tell(story, task, &(struct call){.name = __VA_ARGS__})

static void tell_open(struct story *story, const struct sample_task *task, const char *path,
		      uint64_t flags, int fd)
{
	TELL(story, task, "openat", fd, {AT_CWD, 0x1000, flags}, 1, path);
}

static void tell_read(struct story *story, const struct sample_task *task, int fd)
{
	TELL(story, task, "read", 1, {(uint64_t)fd, 0x2000, 1});
}

static void tell_fork(struct story *story, const struct sample_task *parent,
		      const struct sample_task *born, uint64_t flags)
{
	const struct igrec_fork fork = {born->tid, born->tgid, born->ns_tid, born->ns_tgid};

	put_event(&story->tape, IGREC_RECORD_FORK, parent, story->before_ns, 0, &fork,
		  sizeof(fork));
	story->before_ns -= MS;
	TELL(story, parent, "clone", born->ns_tid, {flags}, .duration_ns = 2 * MS);
}

static void tell_exec(struct story *story, const struct sample_task *task)
{
	const struct igrec_exec exec = {.old_tid = task->tid};

	put_event(&story->tape, IGREC_RECORD_EXEC, task, story->before_ns, nr_of("execve"), &exec,
		  sizeof(exec));
	story->before_ns -= MS;
}

/* ---- looking ------------------------------------------------------------------------------ */

/* "PID NAME(ARGUMENTS) = RESULT" of the lines of calls, without times and padding. */
static void shorten(char *text)
{
	char *to = text;

	for (char *line = text, *next; *line; line = next) {
		char *end = strchr(line, '\n'), *equals, *closed;
		size_t head = strcspn(line, " ");

		next = end + 1;
		*end = '\0';
		if (line[0] == '#' || strstr(line, "+++") || !strchr(line, '('))
			continue;
		closed = strstr(line, " <0.");
		if (closed)
			*closed = '\0';
		equals = strstr(line, ")  ");
		if (equals) {
			const char *result = strchr(equals, '=');

			memmove(equals + 2, result, strlen(result) + 1);
		}
		memmove(to, line, head);
		to += head;
		line = strchr(strchr(line, '.'), ' ');
		memmove(to, line, strlen(line));
		to += strlen(line);
		*to++ = '\n';
	}
	*to = '\0';
}

static void assert_lines_with(struct story *story, enum replay_fds fds, const char *wanted)
{
	const struct replay_options options = {
		.arch = ARCH_X86_64, .format = REPLAY_STRACE, .fds = fds};
	struct replay_counts counts;
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	assert_non_null(out);
	assert_int_equal(replay_render(story->tape.snapshot, &options, out, &counts), 0);
	fclose(out);
	shorten(text);
	assert_string_equal(text, wanted);
	free(text);
	snapshot_free(story->tape.snapshot);
}

static void assert_lines(struct story *story, const char *wanted)
{
	assert_lines_with(story, REPLAY_FDS_ADDRESSES, wanted);
}

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

#define LOOPBACK_80 "\2\0\0\120\177\0\0\1\0\0\0\0\0\0\0\0"
#define ANY_80	    "\2\0\0\120\0\0\0\0\0\0\0\0\0\0\0\0"
#define TEN_443	    "\2\0\1\273\12\0\0\1\0\0\0\0\0\0\0\0"

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
	assert_lines(&story, "1 openat(AT_FDCWD, \"/a\", O_RDONLY) = 3</a>\n"
			     "9 chroot(\"/jail\") = 0\n"
			     "9 unlink(\"/a\") = 0\n"
			     "1 read(3</a>, 0x2000, 1) = 1\n");
}

/* ---- several tasks --------------------------------------------------------------------------- */

static void test_a_child_inherits_and_goes_its_way(void **state)
{
	struct story story = story_new();

	TELL(&story, &init, "chdir", 0, {0x1000}, 0, "/srv");
	tell_open(&story, &init, "/a", 0, 3);
	tell_fork(&story, &init, &child, 17);
	TELL(&story, &child, "close", 0, {3});
	tell_open(&story, &child, "b", 0, 3);
	tell_read(&story, &init, 3);
	tell_read(&story, &child, 3);
	assert_lines(&story, "1 chdir(\"/srv\") = 0\n"
			     "1 openat(AT_FDCWD</srv>, \"/a\", O_RDONLY) = 3</a>\n"
			     "1 clone(child_stack=NULL, flags=SIGCHLD) = 9\n"
			     "9 close(3</a>) = 0\n"
			     "9 openat(AT_FDCWD</srv>, \"b\", O_RDONLY) = 3</srv/b>\n"
			     "1 read(3</a>, 0x2000, 1) = 1\n"
			     "9 read(3</srv/b>, 0x2000, 1) = 1\n");
}

static void test_threads_share(void **state)
{
	struct story story = story_new();

	tell_fork(&story, &init, &thread,
		  CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD);
	tell_open(&story, &thread, "/a", 0, 3);
	tell_read(&story, &init, 3);
	TELL(&story, &thread, "unshare", 0, {CLONE_FILES});
	TELL(&story, &thread, "close", 0, {3});
	tell_read(&story, &init, 3);
	tell_read(&story, &thread, 3);
	assert_lines(&story, "1 clone(child_stack=NULL, "
			     "flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 7\n"
			     "7 openat(AT_FDCWD, \"/a\", O_RDONLY) = 3</a>\n"
			     "1 read(3</a>, 0x2000, 1) = 1\n"
			     "7 unshare(CLONE_FILES) = 0\n"
			     "7 close(3</a>) = 0\n"
			     "1 read(3</a>, 0x2000, 1) = 1\n"
			     "7 read(3, 0x2000, 1) = 1\n");
}

static void test_exec_closes_what_is_marked(void **state)
{
	struct story story = story_new();

	tell_open(&story, &init, "/stays", 0, 3);
	tell_open(&story, &init, "/goes", O_CLOEXEC, 4);
	tell_open(&story, &init, "/unmarked", O_CLOEXEC, 5);
	tell_open(&story, &init, "/marked", 0, 6);
	TELL(&story, &init, "fcntl", 0, {5, F_SETFD, 0});
	TELL(&story, &init, "ioctl", 0, {6, FIOCLEX});
	TELL(&story, &init, "dup", 7, {4});
	tell_exec(&story, &init);
	for (int fd = 3; fd <= 7; fd++)
		tell_read(&story, &init, fd);
	{
		char *text = NULL;
		size_t bytes;
		const struct replay_options options = {
			.arch = ARCH_X86_64, .format = REPLAY_STRACE, .fds = REPLAY_FDS_ADDRESSES};
		struct replay_counts counts;
		FILE *out = open_memstream(&text, &bytes);

		assert_int_equal(replay_render(story.tape.snapshot, &options, out, &counts), 0);
		fclose(out);
		assert_non_null(strstr(text, "read(3</stays>,"));
		assert_non_null(strstr(text, "read(4,"));
		assert_non_null(strstr(text, "read(5</unmarked>,"));
		assert_non_null(strstr(text, "read(6,"));
		assert_non_null(strstr(text, "read(7</goes>,"));
		free(text);
		snapshot_free(story.tape.snapshot);
	}
}

/* A close that has begun may have had its effect; afterwards it is the other thread's open. */
static void test_calls_that_overlap_leave_doubt(void **state)
{
	struct story story = story_new();

	tell_fork(&story, &init, &thread,
		  CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD);
	tell_open(&story, &init, "/a", 0, 3);
	tell_open(&story, &init, "/b", 0, 4);
	story.before_ns -= 10 * MS;
	TELL(&story, &init, "close", 0, {3}, .duration_ns = 8 * MS);
	story.before_ns += 5 * MS;
	tell_read(&story, &thread, 3);
	tell_open(&story, &thread, "/c", 0, 3);
	story.before_ns -= 10 * MS;
	tell_read(&story, &init, 3);
	tell_read(&story, &init, 4);
	assert_lines(&story, "1 clone(child_stack=NULL, "
			     "flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 7\n"
			     "1 openat(AT_FDCWD, \"/a\", O_RDONLY) = 3</a>\n"
			     "1 openat(AT_FDCWD, \"/b\", O_RDONLY) = 4</b>\n"
			     "1 close(3</a>) = 0\n"
			     "7 read(3, 0x2000, 1) = 1\n"
			     "7 openat(AT_FDCWD, \"/c\", O_RDONLY) = 3</c>\n"
			     "1 read(3, 0x2000, 1) = 1\n"
			     "1 read(4</b>, 0x2000, 1) = 1\n");
}

/* ---- what is missing ----------------------------------------------------------------------- */

static void overwrite(struct story *story, enum igrec_lane number)
{
	struct snapshot_lane *lane = &story->tape.snapshot->lane[number];

	lane->overwritten = 10;
	lane->written += 10;
	for (size_t i = 0; i < lane->n_blocks; i++)
		lane->blocks[i].sequence += 40;
	story->tape.snapshot->cpus = 1;
}

/* What was opened before the lane of close is whole may have been closed since. */
static void test_a_gap_is_forgotten_behind(void **state)
{
	struct story story = story_new();

	story.lane = IGREC_LANE_START;
	tell_exec(&story, &init);
	tell_open(&story, &init, "/early", 0, 3);
	tell_read(&story, &init, 3);
	story.lane = IGREC_LANE_VITAL;
	tell_open(&story, &init, "/between", 0, 4);
	story.lane = IGREC_LANE_FLOW;
	tell_read(&story, &init, 3);
	tell_read(&story, &init, 4);
	story.lane = IGREC_LANE_VITAL;
	tell_open(&story, &init, "/late", 0, 5);
	story.lane = IGREC_LANE_FLOW;
	tell_read(&story, &init, 5);
	overwrite(&story, IGREC_LANE_FLOW);
	assert_lines(&story, "1 execve(<unreadable>, <unreadable>) = 0\n"
			     "1 openat(AT_FDCWD, \"/early\", O_RDONLY) = 3</early>\n"
			     "1 read(3</early>, 0x2000, 1) = 1\n"
			     "1 openat(AT_FDCWD, \"/between\", O_RDONLY) = 4</between>\n"
			     "1 read(3, 0x2000, 1) = 1\n"
			     "1 read(4, 0x2000, 1) = 1\n"
			     "1 openat(AT_FDCWD, \"/late\", O_RDONLY) = 5</late>\n"
			     "1 read(5</late>, 0x2000, 1) = 1\n");
}

static void test_losses_at_an_unknown_time_leave_nothing(void **state)
{
	struct story story = story_new();

	tell_open(&story, &init, "/a", 0, 3);
	tell_read(&story, &init, 3);
	story.tape.snapshot->lane[IGREC_LANE_VITAL].dropped = 1;
	assert_lines(&story, "1 openat(AT_FDCWD, \"/a\", O_RDONLY) = 3</a>\n"
			     "1 read(3, 0x2000, 1) = 1\n");
}

static void test_io_uring_ends_knowledge(void **state)
{
	struct story story = story_new();

	tell_open(&story, &init, "/a", 0, 3);
	TELL(&story, &init, "io_uring_setup", 4, {8, 0x1000});
	tell_read(&story, &init, 3);
	tell_open(&story, &init, "/b", 0, 5);
	tell_read(&story, &init, 5);
	assert_lines(&story, "1 openat(AT_FDCWD, \"/a\", O_RDONLY) = 3</a>\n"
			     "1 io_uring_setup(8, 0x1000) = 4<anon_inode:[io_uring]>\n"
			     "1 read(3, 0x2000, 1) = 1\n"
			     "1 openat(AT_FDCWD, \"/b\", O_RDONLY) = 5</b>\n"
			     "1 read(5, 0x2000, 1) = 1\n");
}

/* ---- the snapshot's list ------------------------------------------------------------------- */

static void list_fds(struct snapshot *snapshot)
{
	static const struct {
		int fd;
		const char *target;
	} list[] = {{0, "/dev/null"}, {1, "pipe:[70001]"}, {3, "/tmp/x (deleted)"}};

	snapshot->fds = calloc(ARRAY_SIZE(list), sizeof(*snapshot->fds));
	assert_non_null(snapshot->fds);
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		snapshot->fds[i] = (struct snapshot_fd){4242, list[i].fd, strdup(list[i].target)};
	snapshot->n_fds = ARRAY_SIZE(list);
}

/* The ring's own descriptor is known until something is submitted. */
static void test_io_uring_without_a_kernel_thread(void **state)
{
	static const char params[40] = {0};
	struct story story = story_new();

	tell_open(&story, &init, "/a", 0, 3);
	TELL(&story, &init, "io_uring_setup", 4, {8, 0x1000}, 1, params, sizeof(params));
	tell_read(&story, &init, 3);
	TELL(&story, &init, "io_uring_enter", 0, {4, 0, 1, 0, 0, 0});
	TELL(&story, &init, "io_uring_enter", 1, {4, 1, 1, 0, 0, 0});
	tell_read(&story, &init, 3);
	assert_lines(&story, "1 openat(AT_FDCWD, \"/a\", O_RDONLY) = 3</a>\n"
			     "1 io_uring_setup(8, {flags=0, sq_thread_cpu=0, sq_thread_idle=0, "
			     "sq_entries=0, cq_entries=0, features=0}) = 4<anon_inode:[io_uring]>\n"
			     "1 read(3</a>, 0x2000, 1) = 1\n"
			     "1 io_uring_enter(4<anon_inode:[io_uring]>, 0, 1, 0, NULL, 0) = 0\n"
			     "1 io_uring_enter(4<anon_inode:[io_uring]>, 1, 1, 0, NULL, 0) = 1\n"
			     "1 read(3, 0x2000, 1) = 1\n");
}

static void test_the_list_holds_back_to_the_last_change(void **state)
{
	struct story story = story_new();

	tell_read(&story, &init, 0);
	tell_read(&story, &init, 3);
	tell_read(&story, &child, 0);
	TELL(&story, &init, "dup2", 1, {8, 1});
	tell_open(&story, &init, "relative", 0, 3);
	tell_read(&story, &init, 1);
	tell_read(&story, &init, 3);
	list_fds(story.tape.snapshot);
	assert_lines(&story, "1 read(0</dev/null>, 0x2000, 1) = 1\n"
			     "1 read(3, 0x2000, 1) = 1\n"
			     "9 read(0, 0x2000, 1) = 1\n"
			     "1 dup2(8, 1) = 1\n"
			     "1 openat(AT_FDCWD, \"relative\", O_RDONLY) = 3\n"
			     "1 read(1<pipe:[70001]>, 0x2000, 1) = 1\n"
			     "1 read(3</tmp/x>, 0x2000, 1) = 1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_from_open_to_close),
		cmocka_unit_test(test_dup2_closes_what_was_there),
		cmocka_unit_test(test_paths_below_a_directory),
		cmocka_unit_test(test_links_to_descriptors),
		cmocka_unit_test(test_names_are_escaped),
		cmocka_unit_test(test_what_has_no_name),
		cmocka_unit_test(test_sockets_and_their_addresses),
		cmocka_unit_test(test_other_families),
		cmocka_unit_test(test_a_file_has_the_path_that_was_found),
		cmocka_unit_test(test_inodes_of_pipes_and_sockets),
		cmocka_unit_test(test_addresses_before_inodes),
		cmocka_unit_test(test_the_first_exec_tells_what_is_there),
		cmocka_unit_test(test_names_follow_unlink_and_rename),
		cmocka_unit_test(test_names_of_another_root_are_not_followed),
		cmocka_unit_test(test_a_child_inherits_and_goes_its_way),
		cmocka_unit_test(test_threads_share),
		cmocka_unit_test(test_exec_closes_what_is_marked),
		cmocka_unit_test(test_calls_that_overlap_leave_doubt),
		cmocka_unit_test(test_a_gap_is_forgotten_behind),
		cmocka_unit_test(test_losses_at_an_unknown_time_leave_nothing),
		cmocka_unit_test(test_io_uring_ends_knowledge),
		cmocka_unit_test(test_io_uring_without_a_kernel_thread),
		cmocka_unit_test(test_the_list_holds_back_to_the_last_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
