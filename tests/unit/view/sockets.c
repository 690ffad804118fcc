/* SPDX-License-Identifier: Apache-2.0 */
/* Connections: their state, bytes and ends, and what is not claimed of them. */
#include "tests/unit/view/shown.h"

#define COLUMNS "operation peer state error sent_bytes received_bytes duration_ns"

static void tell_connect(struct story *story, int fd, int64_t result)
{
	TELL(story, &init, "socket", fd, {AF_INET, SOCK_STREAM, 0});
	TELL(story, &init, "connect", result, {(uint64_t)fd, 0x1000, 16}, 1, TEN_443, 16);
}

static void tell_send(struct story *story, const struct sample_task *task, int fd, int64_t bytes)
{
	TELL(story, task, "sendto", bytes, {(uint64_t)fd, 0x1000, 500, 0, 0, 0});
}

static void test_whole_life(void **state)
{
	struct story story = story_new();

	tell_connect(&story, 3, 0);
	tell_send(&story, &init, 3, 100);
	TELL(&story, &init, "recvfrom", 40, {3, 0x1000, 500, MSG_PEEK, 0, 0});
	TELL(&story, &init, "recvfrom", 40, {3, 0x1000, 500, 0, 0, 0});
	TELL(&story, &init, "read", 2, {3, 0x1000, 500});
	TELL(&story, &init, "close", 0, {3});
	tell_send(&story, &init, 3, 7); /* not this one any more */
	assert_rows(&story, "tcp", COLUMNS " latency_ns local",
		    "connect|10.0.0.1:443|closed|-|100|42|5001000|1000|-\n");
}

/* It is closed when its last descriptor is: those of dup and of a child count. */
static void test_last_descriptor(void **state)
{
	struct story story = story_new();

	tell_connect(&story, 3, 0);
	TELL(&story, &init, "dup", 9, {3});
	tell_fork(&story, &init, &child, SIGCHLD);
	TELL(&story, &init, "close", 0, {3});
	TELL(&story, &init, "close", 0, {9});
	tell_send(&story, &child, 3, 5);
	assert_rows_of(story.tape.snapshot, "tcp", COLUMNS, NULL,
		       "connect|10.0.0.1:443|open|-|5|0|-\n");
	TELL(&story, &child, "dup2", 3, {0, 3});
	TELL(&story, &child, "getpid", 9, {0});
	assert_rows_of(story.tape.snapshot, "tcp", COLUMNS, NULL,
		       "connect|10.0.0.1:443|open|-|5|0|-\n"); /* 9 of the child */
	tell_end(&story, &child, 0);
	TELL(&story, &init, "getpid", 1, {0});
	assert_rows(&story, "tcp", "state sent_bytes", "closed|5\n");
}

static void test_outcomes(void **state)
{
	static const char refused[] = "\157\0\0\0", none[] = "\0\0\0\0";
	struct story story = story_new();

	tell_connect(&story, 3, -ECONNREFUSED);
	tell_connect(&story, 4, -EINPROGRESS);
	TELL(&story, &init, "getsockopt", 0, {4, SOL_SOCKET, SO_ERROR, 0x1000, 0x2000}, 3, refused,
	     4);
	tell_connect(&story, 5, -EINPROGRESS);
	TELL(&story, &init, "getsockopt", 0, {5, SOL_SOCKET, SO_ERROR, 0x1000, 0x2000}, 3, none, 4);
	tell_connect(&story, 6, -EINPROGRESS);
	tell_connect(&story, 7, -EINPROGRESS);
	TELL(&story, &init, "connect", -EALREADY, {7, 0x1000, 16}, 1, TEN_443, 16);
	TELL(&story, &init, "connect", -ETIMEDOUT, {7, 0x1000, 16}, 1, TEN_443, 16);
	tell_connect(&story, 8, 0);
	tell_send(&story, &init, 8, -ECONNRESET);
	assert_rows_of(story.tape.snapshot, "tcp", "fd", filter_with(FILTER_ERRNO, "ECONNREFUSED"),
		       "3\n4\n");
	assert_rows(&story, "tcp", "fd state error latency_ns",
		    "3|failed|ECONNREFUSED|-\n4|failed|ECONNREFUSED|-\n5|open|-|-\n"
		    "6|connecting|-|-\n7|failed|ETIMEDOUT|-\n8|open|ECONNRESET|1000\n");
}

static void test_accept(void **state)
{
	struct story story = story_new();

	TELL(&story, &init, "socket", 3, {AF_INET, SOCK_STREAM, 0});
	TELL(&story, &init, "bind", 0, {3, 0x1000, 16}, 1, LOOPBACK_80, 16);
	TELL(&story, &init, "accept4", 4, {3, 0x1000, 0x2000, 0}, 1, TEN_443, 16);
	TELL(&story, &init, "accept4", -EAGAIN, {3, 0x1000, 0x2000, 0});
	TELL(&story, &init, "read", 9, {4, 0x1000, 500});
	assert_rows_of(story.tape.snapshot, "deps", "source target direction times received_bytes",
		       NULL, "10.0.0.1|app|accept|1|9\n");
	assert_rows(&story, "tcp", "operation local peer state received_bytes",
		    "accept|127.0.0.1:80|10.0.0.1:443|open|9\n");
}

/* Other protocols are no TCP; of a descriptor that is not known it is not known. */
static void test_what_is_tcp(void **state)
{
	struct story story = story_new();

	TELL(&story, &init, "socket", 3, {AF_INET, SOCK_DGRAM, 0});
	TELL(&story, &init, "connect", 0, {3, 0x1000, 16}, 1, TEN_443, 16);
	TELL(&story, &init, "connect", 0, {9, 0x1000, 16}, 1, TEN_443, 16);
	TELL(&story, &init, "connect", -ENOENT, {8, 0x1000, 9}, 1, "\1\0/run/x", 9);
	assert_rows(&story, "tcp", "fd protocol " COLUMNS, "9|-|connect|10.0.0.1:443|-|-|-|-|-\n");
}

/* What is there are its youngest blocks. */
static void overwrite(struct snapshot_lane *lane)
{
	lane->overwritten = 10;
	lane->written += 10;
	for (size_t i = 0; i < lane->n_blocks; i++)
		lane->blocks[i].sequence += 40;
}

/* Without a number of bytes, or where records are missing, there are no sums. */
static void test_nothing_is_guessed(void **state)
{
	struct story story = story_new();

	tell_connect(&story, 3, 0);
	TELL(&story, &init, "sendmmsg", 2, {3, 0x1000, 2, 0});
	assert_rows_of(story.tape.snapshot, "tcp", COLUMNS, NULL,
		       "connect|10.0.0.1:443|open|-|-|-|-\n");
	snapshot_free(story.tape.snapshot);
	story = story_new();
	story.lane = IGREC_LANE_VITAL;
	tell_connect(&story, 3, 0);
	story.lane = IGREC_LANE_FLOW;
	tell_send(&story, &init, 3, 100);
	TELL(&story, &init, "close", 0, {3});
	assert_rows_of(story.tape.snapshot, "tcp", COLUMNS, NULL,
		       "connect|10.0.0.1:443|closed|-|100|0|2001000\n");
	overwrite(&story.tape.snapshot->lane[IGREC_LANE_FLOW]);
	story.tape.snapshot->cpus = 1;
	assert_rows_of(story.tape.snapshot, "tcp", COLUMNS, NULL,
		       "connect|10.0.0.1:443|-|-|-|-|-\n");
	snapshot_free(story.tape.snapshot);
	story = story_new();
	tell_connect(&story, 3, 0);
	TELL(&story, &init, "io_uring_setup", 4, {8, 0x1000});
	assert_rows(&story, "tcp", COLUMNS, "connect|10.0.0.1:443|-|-|-|-|-\n");
}

static void test_deps(void **state)
{
	struct story story = story_new();

	tell_connect(&story, 3, 0);
	tell_send(&story, &init, 3, 10);
	tell_connect(&story, 4, -ECONNREFUSED);
	TELL(&story, &init, "socket", 5, {AF_INET, SOCK_DGRAM, 0});
	TELL(&story, &init, "sendto", 20, {5, 0x1000, 20, 0, 0x2000, 16}, 4, LOOPBACK_80, 16);
	assert_rows(
		&story, "deps",
		"source target direction protocol times failed sent_bytes received_bytes errors",
		"app|10.0.0.1:443|connect|TCP|2|1|10|0|ECONNREFUSED,\n"
		"app|127.0.0.1:80|datagrams|UDP|1|0|20|-|-\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_life),  cmocka_unit_test(test_last_descriptor),
		cmocka_unit_test(test_outcomes),    cmocka_unit_test(test_accept),
		cmocka_unit_test(test_what_is_tcp), cmocka_unit_test(test_nothing_is_guessed),
		cmocka_unit_test(test_deps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
