/* SPDX-License-Identifier: Apache-2.0 */
/* Records to text: columns, lines in strace's syntax, JSON. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "tests/unit/replay/rendered.h"

/* ---- a small story in every format --------------------------------------------------------- */

static struct snapshot *story(void)
{
	static const struct igrec_signal kill = {
		.signal = 9,
		.target_tgid = 4242,
		.target_ns_tid = 1,
		.sender_tid = 31337,
		.sender_tgid = 31337,
		.sender_ns_tgid = 31337,
		.sender_outside = 1,
		.target_comm = "app",
		.sender_comm = "evil\033[31m",
	};
	static const struct igrec_exec exec = {.old_tid = 4242};
	static const struct igrec_fork fork = {4250, 4242, 7, 1};
	struct sample_tape tape = tape_new();
	struct sample_record record = call_of(&init, "openat", 3 * SECOND, -ENOENT);
	struct sample_record started = {
		.type = IGREC_RECORD_EXEC,
		.lane = IGREC_LANE_START,
		.task = &init,
		.time_ns = TAPE_ZERO - 5 * SECOND,
		.duration_ns = 300000,
		.nr = nr_of("execve"),
		.body = &exec,
		.body_bytes = sizeof(exec),
		.capture = {TEXT(0, "/bin/app"), TEXT(1, "app\0-v\0")},
		.captures = 2,
	};

	sample_add(&tape, &started);
	put_event(&tape, IGREC_RECORD_FORK, &init, 4 * SECOND, 0, &fork, sizeof(fork));
	record.lane = IGREC_LANE_VITAL;
	record.arg[0] = AT_CWD;
	record.arg[1] = 0x1000;
	record.capture[0] = (struct sample_capture)TEXT(1, "/etc/app.conf");
	record.captures = 1;
	sample_add(&tape, &record);
	record = call_of(&init, "mkdirat", 2 * SECOND, -EPERM);
	record.meta = IGREC_META_NO_ENTRY;
	record.arg[0] = AT_CWD;
	sample_add(&tape, &record);
	record = call_of(&thread, "read", 3000, -512);
	record.duration_ns = SECOND;
	record.arg[0] = 5;
	record.arg[1] = 0x2000;
	record.arg[2] = 64;
	sample_add(&tape, &record);
	put_event(&tape, IGREC_RECORD_SIGNAL, &init, 4000, 0, &kill, sizeof(kill));
	put_exit(&tape, &thread, 2000, IGREC_NR_NONE, 9);
	tape.snapshot->lane[IGREC_LANE_FLOW].overwritten = 42;
	tape.snapshot->lane[IGREC_LANE_FLOW].written += 42;
	tape.snapshot->failure.kind = FAILURE_SIGNAL;
	tape.snapshot->failure.signal = 9;
	tape.snapshot->identity.namespace = strdup("shop");
	tape.snapshot->identity.container = strdup("app\nfake");
	return tape.snapshot;
}

static void test_columns(void **state)
{
	static const char *const wanted =
		"        TIME     PID  COMM             SYSCALL           PARAMETERS               "
		"                                 RET           DURATION\n"
		"   -5.000300       1  app              execve            \"/bin/app\", [\"app\", "
		"\"-v\"]                                 0             300us\n"
		"   -4.000000       1  app              <fork>            thread 7\n"
		"   -3.000001       1  app              openat            AT_FDCWD, "
		"\"/etc/app.conf\", O_RDONLY                       -1 ENOENT     1.00us\n"
		"   -2.000000       -  -                <gap>             42 records of lane flow "
		"overwritten\n"
		"   -2.000000       1  app              mkdirat           AT_FDCWD, NULL, 000      "
		"                                 -1 EPERM      (entry not seen)\n"
		"   -0.000004       1  app              <signal>          SIGKILL, SI_USER, sent "
		"by host pid 31337 (evil\\x1b[31m), outside the container\n"
		"   -1.000003       1  worker           read              5, 0x2000, 64            "
		"                                 (in flight)   1.00s\n"
		"   -0.000002       1  worker           <exit>            killed by SIGKILL\n"
		"    0.000000       1  app              <failure>         killed by SIGKILL, sent "
		"by host pid 31337 (evil\\x1b[31m), outside the container\n";
	struct snapshot *snapshot = story();
	struct replay_counts counts;
	AUTO_FREE char *text = render_as(snapshot, REPLAY_COLUMNS, &counts);

	assert_string_equal(text, wanted);
	assert_int_equal(counts.events, 7);
	assert_int_equal(counts.shown, 7);
	assert_false(counts.incomplete);
	snapshot_free(snapshot);
}

static void test_wide(void **state)
{
	static const char *const wanted =
		"K8S.NODE          K8S.NAMESPACE   K8S.PODNAME               K8S.CONTAINERNAME     "
		"     TIME  CPU     PID      TID  COMM             LANE   SYSCALL           "
		"PARAMETERS                                                RET           DURATION\n"
		"-                 shop            -                         app\\nfake            "
		" -5.000300    0       1     4242  app              start  execve            "
		"\"/bin/app\", [\"app\", \"-v\"]                                 0             "
		"300us\n";
	struct snapshot *snapshot = story();
	struct replay_counts counts;
	AUTO_FREE char *text = render_as(snapshot, REPLAY_WIDE, &counts);

	assert_memory_equal(text, wanted, strlen(wanted));
	snapshot_free(snapshot);
}

static void test_strace(void **state)
{
	static const char *const wanted =
		"1     1699999994.999700 execve(\"/bin/app\", [\"app\", \"-v\"]) = 0 <0.000300>\n"
		"1     1699999996.999999 openat(AT_FDCWD, \"/etc/app.conf\", O_RDONLY) = -1 ENOENT "
		"(No such file or directory) <0.000001>\n"
		"# 1699999998.000000 42 records of lane flow overwritten\n"
		"1     1699999998.000000 mkdirat(AT_FDCWD, NULL, 000) = -1 EPERM (Operation not "
		"permitted)\n"
		"1     1699999999.999996 --- SIGKILL {si_signo=SIGKILL, si_code=SI_USER, si_pid=0} "
		"---\n"
		"7     1699999998.999997 read(5, 0x2000, 64 <unfinished ...>) = ?\n"
		"7     1699999999.999998 +++ killed by SIGKILL +++\n"
		"# 1700000000.000000 killed by SIGKILL, sent by host pid 31337 (evil\\x1b[31m), "
		"outside the container\n";
	struct snapshot *snapshot = story();
	struct replay_counts counts;
	AUTO_FREE char *text = render_as(snapshot, REPLAY_STRACE, &counts);

	assert_string_equal(text, wanted);
	snapshot_free(snapshot);
}

static void test_exit_group_as_strace_prints_it(void **state)
{
	struct sample_tape tape = tape_new();
	struct replay_counts counts;
	AUTO_FREE char *text = NULL;

	put_exit(&tape, &init, 0, nr_of("exit_group"), 3 << 8);
	text = render_as(tape.snapshot, REPLAY_STRACE, &counts);
	assert_string_equal(text, "1     1700000000.000000 exit_group(3)   = ?\n"
				  "1     1700000000.000000 +++ exited with 3 +++\n"
				  "# 1700000000.000000 exited with 1\n");
	snapshot_free(tape.snapshot);
}

static void test_ends_of_a_message(void **state)
{
	static const char *const wanted[] = {
		[REPLAY_COLUMNS] = "2, \"begin\"...\"end\\n\", 5000",
		[REPLAY_STRACE] = "write(2, \"begin\"..., 5000)",
		[REPLAY_JSON] = "\"value\":\"begin\",\"truncated\":true,\"tail\":\"end\\n\"",
	};

	for (size_t format = 0; format < ARRAY_SIZE(wanted); format++) {
		struct sample_tape tape = tape_new();
		struct sample_record record = call_of(&init, "write", 3 * SECOND, 5000);
		struct replay_counts counts;
		AUTO_FREE char *text = NULL;

		if (!wanted[format]) {
			snapshot_free(tape.snapshot);
			continue;
		}
		record.arg[0] = 2;
		record.arg[1] = 0x1000;
		record.arg[2] = 5000;
		record.captures = 2;
		record.capture[0] = (struct sample_capture)CUT(1, "begin");
		record.capture[1] = (struct sample_capture)TEXT(IGREC_ARG_TAIL, "end\n");
		sample_add(&tape, &record);
		text = render_as(tape.snapshot, format, &counts);
		if (!strstr(text, wanted[format]))
			fail_msg("%s", text);
		snapshot_free(tape.snapshot);
	}
}

static struct json *line_of(const char *text, unsigned number)
{
	struct json *json = NULL;

	while (number--)
		text = strchr(text, '\n') + 1;
	assert_int_equal(json_parse(text, strcspn(text, "\n"), &json), 0);
	return json;
}

static int64_t int_of(const struct json *json, const char *key)
{
	int64_t value = INT64_MIN;

	json_get_int(json, key, &value);
	return value;
}

static void test_json_syscall(void **state)
{
	struct snapshot *snapshot = story();
	struct replay_counts counts;
	AUTO_FREE char *text = render_as(snapshot, REPLAY_JSON, &counts);
	struct json *json = line_of(text, 2), *args;

	assert_memory_equal(text, "{\"schema\":1,", 12);
	assert_string_equal(json_get_text(json, "type"), "syscall");
	assert_string_equal(json_get_text(json, "syscall"), "openat");
	assert_int_equal(int_of(json, "time_ns"), (TAPE_EPOCH - 3) * (int64_t)SECOND - 1000);
	assert_int_equal(int_of(json, "rel_ns"), -3 * (int64_t)SECOND - 1000);
	assert_int_equal(int_of(json, "duration_ns"), 1000);
	assert_int_equal(int_of(json, "pid"), 1);
	assert_int_equal(int_of(json, "tid"), 1);
	assert_int_equal(int_of(json, "host_tid"), 4242);
	assert_string_equal(json_get_text(json, "comm"), "app");
	assert_string_equal(json_get_text(json, "lane"), "vital");
	assert_int_equal(int_of(json, "ret"), -ENOENT);
	assert_string_equal(json_get_text(json, "errno"), "ENOENT");
	assert_true(json_get_bool(json, "entry_seen"));
	args = json_get(json, "args");
	assert_string_equal(json_get_text(json_at(args, 0), "name"), "dfd");
	assert_int_equal(int_of(json_at(args, 0), "value"), AT_FDCWD);
	assert_string_equal(json_get_text(json_at(args, 0), "text"), "AT_FDCWD");
	assert_string_equal(json_get_text(json_at(args, 1), "value"), "/etc/app.conf");
	assert_int_equal(int_of(json_at(args, 2), "value"), 0);
	assert_string_equal(json_get_text(json_at(args, 2), "text"), "O_RDONLY");
	assert_null(json_at(args, 3));
	json_free(json);
	snapshot_free(snapshot);
}

static void test_json_of_the_rest(void **state)
{
	static const char *const types[] = {"exec",   "fork",	 "syscall", "gap",    "syscall",
					    "signal", "syscall", "exit",    "failure"};
	struct snapshot *snapshot = story();
	struct replay_counts counts;
	AUTO_FREE char *text = render_as(snapshot, REPLAY_JSON, &counts);
	struct json *lines[ARRAY_SIZE(types)];

	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		lines[i] = line_of(text, i);
		assert_string_equal(json_get_text(lines[i], "type"), types[i]);
		assert_int_equal(int_of(lines[i], "schema"), 1);
	}
	assert_string_equal(json_get_text(lines[0], "filename"), "/bin/app");
	assert_int_equal(int_of(lines[1], "child_tid"), 7);
	assert_int_equal(int_of(lines[3], "overwritten"), 42);
	assert_string_equal(json_get_text(lines[3], "lane"), "flow");
	assert_false(json_get_bool(lines[4], "entry_seen"));
	assert_int_equal(int_of(lines[5], "sender_host_pid"), 31337);
	assert_true(json_get_bool(lines[5], "sender_outside"));
	assert_true(json_get_bool(lines[6], "in_flight"));
	assert_string_equal(json_get_text(lines[6], "errno"), "ERESTARTSYS");
	assert_int_equal(int_of(lines[7], "signal"), 9);
	assert_string_equal(json_get_text(lines[8], "kind"), "signal");
	assert_string_equal(json_get_text(lines[8], "sender_comm"), "evil\033[31m");
	assert_int_equal(int_of(lines[8], "rel_ns"), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++)
		json_free(lines[i]);
	snapshot_free(snapshot);
}

static void test_out_of_memory_names_the_cgroup(void **state)
{
	static const struct igrec_oom oom = {4242, 1, 4250, 0, "app", "worker"};
	struct sample_tape tape = tape_new();
	struct replay_counts counts;
	AUTO_FREE char *text = NULL;

	tape.snapshot->failure.kind = FAILURE_OOM;
	tape.snapshot->failure.signal = 9;
	tape.snapshot->identity.cgroup_path = strdup("/kubepods/pod1/c");
	put_event(&tape, IGREC_RECORD_OOM, &init, 500, 0, &oom, sizeof(oom));
	text = render_as(tape.snapshot, REPLAY_STRACE, &counts);
	assert_non_null(strstr(text,
			       "# 1700000000.000000 killed by SIGKILL: out of memory in cgroup "
			       "/kubepods/pod1/c: victim is 1 (app), memory was asked for by "
			       "host tid 4250 (worker)\n"));
	snapshot_free(tape.snapshot);
}

static void test_write_errors(void **state)
{
	const struct replay_options options = {.arch = ARCH_X86_64};
	AUTO_FCLOSE FILE *full = fopen("/dev/full", "we");
	struct snapshot *snapshot = story();
	struct replay_counts counts;

	assert_non_null(full);
	assert_int_equal(replay_render(snapshot, &options, full, &counts), -ENOSPC);
	snapshot_free(snapshot);
}

static void test_formats(void **state)
{
	enum replay_format format;

	assert_int_equal(replay_format_parse("wide", &format), 0);
	assert_int_equal(format, REPLAY_WIDE);
	assert_int_equal(replay_format_parse("xml", &format), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_strace),
		cmocka_unit_test(test_ends_of_a_message),
		cmocka_unit_test(test_exit_group_as_strace_prints_it),
		cmocka_unit_test(test_json_syscall),
		cmocka_unit_test(test_json_of_the_rest),
		cmocka_unit_test(test_out_of_memory_names_the_cgroup),
		cmocka_unit_test(test_write_errors),
		cmocka_unit_test(test_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
