/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors of several tasks, and of tapes that lack something. */
#include <linux/sched.h>
#include <sys/ioctl.h>

#include "tests/unit/replay/objects_story.h"

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

/* What is open, the ring too, is known until something is submitted; what is opened then, again. */
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
	tell_open(&story, &init, "/b", 0, 5);
	tell_read(&story, &init, 5);
	assert_lines(&story, "1 openat(AT_FDCWD, \"/a\", O_RDONLY) = 3</a>\n"
			     "1 io_uring_setup(8, {flags=0, sq_thread_cpu=0, sq_thread_idle=0, "
			     "sq_entries=0, cq_entries=0, features=0}) = 4<anon_inode:[io_uring]>\n"
			     "1 read(3</a>, 0x2000, 1) = 1\n"
			     "1 io_uring_enter(4<anon_inode:[io_uring]>, 0, 1, 0, NULL, 0) = 0\n"
			     "1 io_uring_enter(4<anon_inode:[io_uring]>, 1, 1, 0, NULL, 0) = 1\n"
			     "1 read(3, 0x2000, 1) = 1\n"
			     "1 openat(AT_FDCWD, \"/b\", O_RDONLY) = 5</b>\n"
			     "1 read(5</b>, 0x2000, 1) = 1\n");
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
