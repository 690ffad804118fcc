/* SPDX-License-Identifier: Apache-2.0 */
/* What calls change in place, as strace prints it, and in JSON. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
/* After what it needs. */
#include <cmocka.h>

#include "tests/unit/replay/call_rows.h"

#define CHANGED(arg, text) TEXT(IGREC_ARG_CHANGED + (arg), text)

#define LOOPBACK_80 "\2\0\0\120\177\0\0\1\0\0\0\0\0\0\0\0"
#define NOTHING_16  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define TWO_SECONDS "\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define A_PART_LEFT "\1\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0"

static const struct call_row calls[] = {
	{"accept4(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}, "
	 "[128 => 16], 0) = 5",
	 "accept4", 5, .arg = {3, 0x1000, 0x2000, 0},
	 .capture = {TEXT(1, LOOPBACK_80), CHANGED(2, "\200\0\0\0\20\0\0\0")}},
	{"accept(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}, "
	 "[16]) = 5",
	 "accept", 5, .arg = {3, 0x1000, 0x2000},
	 .capture = {TEXT(1, LOOPBACK_80), CHANGED(2, "\20\0\0\0\20\0\0\0")}},
	{"accept(3, 0x1000, [128]) = -1 EAGAIN (Resource temporarily unavailable)", "accept",
	 -EAGAIN, .arg = {3, 0x1000, 0x2000}, .capture = {CHANGED(2, "\200\0\0\0\200\0\0\0")}},
	/* The kernel had room for no more of the address. */
	{"getsockname(3, {sa_family=AF_INET, sin_port=htons(80)}, [4 => 16]) = 0", "getsockname", 0,
	 .arg = {3, 0x1000, 0x2000},
	 .capture = {TEXT(1, LOOPBACK_80), CHANGED(2, "\4\0\0\0\20\0\0\0")}},
	{"getsockname(3, 0x1000, [0 => 16]) = 0", "getsockname", 0, .arg = {3, 0x1000, 0x2000},
	 .capture = {TEXT(1, LOOPBACK_80), CHANGED(2, "\0\0\0\0\20\0\0\0")}},
	{"getsockname(3, 0x1000, [1 => 16]) = 0", "getsockname", 0, .arg = {3, 0x1000, 0x2000},
	 .capture = {TEXT(1, LOOPBACK_80), CHANGED(2, "\1\0\0\0\20\0\0\0")}},
	/* The entry was not seen; a tape that is older. */
	{"getsockname(3, {sa_family=AF_INET, sin_port=htons(80), "
	 "sin_addr=inet_addr(\"127.0.0.1\")}, 0x2000) = 0",
	 "getsockname", 0, .arg = {3, 0x1000, 0x2000}, .capture = {TEXT(1, LOOPBACK_80)}},
	{"getsockname(3, {sa_family=AF_INET, sin_port=htons(80), "
	 "sin_addr=inet_addr(\"127.0.0.1\")}, [16]) = 0",
	 "getsockname", 0, .arg = {3, 0x1000, 0x2000},
	 .capture = {TEXT(1, LOOPBACK_80), TEXT(2, "\20\0\0\0")}},
	{"getsockopt(3, SOL_SOCKET, SO_PEERGROUPS, 0x1000, [1024 => 0]) = 0", "getsockopt", 0,
	 .arg = {3, 1, 59, 0x1000, 0x2000},
	 .capture = {TEXT(3, ""), CHANGED(4, "\0\4\0\0\0\0\0\0")}},
	{"select(5, [3 4], NULL, [3], {tv_sec=2, tv_usec=0}) = 2 (in [4], except [3], left "
	 "{tv_sec=1, tv_usec=7})",
	 "select", 2, .arg = {5, 0x1000, 0, 0x2000, 0x3000},
	 .capture = {CHANGED(1, "\30\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				"\20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
		     CHANGED(3, "\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				"\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
		     CHANGED(4, TWO_SECONDS A_PART_LEFT)}},
	{"select(4, [3], NULL, NULL, {tv_sec=2, tv_usec=0}) = 0 (Timeout)", "select", 0,
	 .arg = {4, 0x1000, 0, 0, 0x3000},
	 .capture = {CHANGED(1, "\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" NOTHING_16),
		     CHANGED(4, TWO_SECONDS NOTHING_16)}},
	/* More than is captured: nobody knows of the rest. */
	{"select(200, [127 ...], NULL, NULL, NULL) = 1 (in [127])", "select", 1,
	 .arg = {200, 0x1000},
	 .capture = {CHANGED(1, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\200"
				"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\200")}},
	{"select(4, 0x1000, NULL, NULL, NULL) = 1", "select", 1, .arg = {4, 0x1000}},
	{"ppoll([{fd=3, events=POLLIN}], 1, {tv_sec=2, tv_nsec=0}, NULL, 8) = 1 ([{fd=3, "
	 "revents=POLLIN}], left {tv_sec=1, tv_nsec=7})",
	 "ppoll", 1, .arg = {0x1000, 1, 0x2000, 0, 8},
	 .capture = {TEXT(0, "\3\0\0\0\1\0\1\0"), CHANGED(2, TWO_SECONDS A_PART_LEFT)}},
	{"nanosleep({tv_sec=2, tv_nsec=0}, {tv_sec=1, tv_nsec=7}) = ? ERESTART_RESTARTBLOCK "
	 "(Interrupted by signal)",
	 "nanosleep", -516, .arg = {0x1000, 0x1000},
	 .capture = {TEXT(1, A_PART_LEFT), CHANGED(0, TWO_SECONDS A_PART_LEFT)}},
	{"recvmsg(3, {msg_name=NULL, msg_namelen=110 => 0, msg_iov=NULL, msg_iovlen=0, "
	 "msg_controllen=0, msg_flags=0}, 0) = 0",
	 "recvmsg", 0, .arg = {3, 0x1000},
	 .capture = {TEXT(1, NOTHING_16 NOTHING_16 NOTHING_16 "\0\0\0\0\0\0\0\0"),
		     CHANGED(1, "\0\0\0\0\0\0\0\0\156\0\0\0\0\0\0\0" NOTHING_16)}},
};

static void test_calls_as_strace_prints_them(void **state)
{
	check_calls(calls, ARRAY_SIZE(calls));
}

static void test_json_has_both(void **state)
{
	struct sample_record record = call_of(&init, "accept", 1000, 5);
	struct sample_tape tape = tape_new();
	struct replay_counts counts;
	AUTO_FREE char *text = NULL;

	record.captures = 1;
	record.capture[0] = (struct sample_capture)CHANGED(2, "\200\0\0\0\20\0\0\0");
	record.arg[2] = 0x2000;
	sample_add(&tape, &record);
	text = render_as(tape.snapshot, REPLAY_JSON, &counts);
	assert_non_null(strstr(text, "\"text\":\"[128 => 16]\",\"before\":\"[128]\","
				     "\"after\":\"[16]\""));
	snapshot_free(tape.snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls_as_strace_prints_them),
		cmocka_unit_test(test_json_has_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
