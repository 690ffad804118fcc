/* SPDX-License-Identifier: Apache-2.0 */
/* Ends by signals: faults, aborts, kills, hangs, the OOM killer; and starts that never were. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "tests/unit/explain/story.h"

/* call: that it was in for `seconds` seconds, and died in; NULL: in none. */
static struct told end_in(struct story *story, const char *call, unsigned seconds, int signal)
{
	struct sample_record in;

	if (call) {
		in = call_of(&init, call, 0, -512 /* ERESTARTSYS */);
		in.duration_ns = seconds * SECOND;
		story->before_ns = 2 * MS;
		step(story, &in);
	}
	return end_by(story, signal);
}

static void expect(struct told *told, const char *kind, const char *words)
{
	assert_non_null(best_of(told));
	assert_string_equal(best_of(told)->kind, kind);
	if (!strstr(explanation_cause(&told->explanation), words))
		fail_msg("%s", explanation_cause(&told->explanation));
	told_done(told);
}

static void faults_and_aborts(void **state)
{
	struct story story = story_new();
	struct told told;

	is_sent(&story, &init, SIGSEGV, 1 /* SEGV_MAPERR */, &init, 0x10);
	told = end_by(&story, SIGSEGV);
	expect(&told, "crash", "SEGV_MAPERR at 0x10");

	story = story_new();
	says(&story, "app: main.c:7: assertion `x' failed.\n");
	is_sent(&story, &init, SIGABRT, SI_TKILL, &init, 0);
	told = end_by(&story, SIGABRT);
	expect(&told, "abort", "main.c:7");

	/* The first process is not ended by SIGABRT, but by the fault that abort() then makes. */
	story = story_new();
	calls(&story, "tgkill", 0, 1, 1, SIGABRT, 0, NULL, 0);
	is_sent(&story, &init, SIGSEGV, SI_KERNEL, &init, 0);
	told = end_by(&story, SIGSEGV);
	expect(&told, "abort", "SIGABRT");
}

static void kills_name_who(void **state)
{
	struct story story = story_new();
	struct told told;

	is_sent(&story, &init, SIGTERM, SI_USER, NULL, 0);
	is_sent(&story, &init, SIGKILL, SI_USER, NULL, 0);
	told = end_in(&story, "pause", 9, SIGKILL);
	assert_int_equal(best_of(&told)->confidence, CONFIDENCE_CERTAIN);
	expect(&told, "killed", "runc (host pid 999), outside the container; a SIGTERM");

	/* Asked to end, it ended by itself. */
	story = story_new();
	is_sent(&story, &init, SIGTERM, SI_USER, NULL, 0);
	ends(&story, &init, 143 << 8);
	story.tape.snapshot->failure.exit_code = 143;
	told = story_explain(&story);
	expect(&told, "killed", "was told to end by SIGTERM");
}

static void who_asked_is_named_though_the_handler_sends_it_again(void **state)
{
	struct story story = story_new();
	struct told told;

	story.before_ns = 100 * MS;
	opens(&story, "/etc/x", 3); /* it does not hang */
	is_sent(&story, &init, SIGTERM, SI_USER, NULL, 0);
	is_sent(&story, &init, SIGTERM, SI_TKILL, &init, 0);
	told = end_by(&story, SIGTERM);
	expect(&told, "killed", "was killed by SIGTERM from runc");

	/* Long before: it is another matter. */
	story = story_new();
	story.before_ns = 200 * SECOND;
	is_sent(&story, &init, SIGTERM, SI_USER, NULL, 0);
	story.before_ns = 2 * MS;
	is_sent(&story, &init, SIGTERM, SI_TKILL, &init, 0);
	told = end_by(&story, SIGTERM);
	expect(&told, "killed", "which it sent to itself");

	/* A fault is a fault, whoever had sent the same signal before. */
	story = story_new();
	is_sent(&story, &init, SIGSEGV, SI_USER, NULL, 0);
	is_sent(&story, &init, SIGSEGV, 1 /* SEGV_MAPERR */, &init, 0x10);
	told = end_by(&story, SIGSEGV);
	expect(&told, "crash", "SEGV_MAPERR at 0x10");
}

/* What kind of end it was is the recorder's word: only it sees the restarts. */
static void stops_in_a_loop(void **state)
{
	static const int codes[] = {0, 143};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		struct story story = story_new();
		struct told told;

		if (codes[i]) { /* else its word for the end is not that of the signal */
			opens(&story, "/etc/app.conf", -ENOENT);
			says(&story, "app: cannot open /etc/app.conf: No such file or directory\n");
		}
		is_sent(&story, &init, SIGTERM, SI_USER, NULL, 0);
		ends(&story, &init, codes[i] << 8);
		story.tape.snapshot->failure.kind = FAILURE_CRASH_LOOP;
		story.tape.snapshot->failure.exit_code = codes[i];
		told = story_explain(&story);
		assert_false(tells(&told, "clean-exit", NULL));
		assert_non_null(strstr(buf_text(&best_of(&told)->next), "startup probe"));
		expect(&told, "killed", "was told to end by SIGTERM");
	}
}

/* A program run from outside that ended with a code. */
static void probe(struct story *story, uint32_t tgid, int code)
{
	const struct sample_task task = {tgid, tgid, tgid - 4200, tgid - 4200, "cat"};
	const struct igrec_exec body = {.old_tid = tgid};

	put_event(&story->tape, IGREC_RECORD_EXEC, &task, story->before_ns, nr_of("execve"), &body,
		  sizeof(body));
	story->before_ns -= MS;
	ends(story, &task, code << 8);
}

static struct told killed_after(struct story *story, const int *codes, size_t count)
{
	*story = story_new();
	story->before_ns = 100 * MS;
	opens(story, "/etc/x", 3); /* it does not hang */
	for (size_t i = 0; i < count; i++)
		probe(story, 4300 + (uint32_t)i, codes[i]);
	is_sent(story, &init, SIGKILL, SI_USER, NULL, 0);
	probe(story, 4400, 9); /* too late to be the reason */
	return end_by(story, SIGKILL);
}

static void probes_that_failed_before_the_kill(void **state)
{
	struct story story;
	struct told told;

	told = killed_after(&story, (const int[]){1, 0, 1, 1, 1}, 5);
	assert_non_null(strstr(buf_text(&best_of(&told)->next), "liveness probe"));
	expect(&told, "killed",
	       "before that, cat, run in it from outside, exited with 1, as the 2 times before");
	told = killed_after(&story, (const int[]){0, 3}, 2);
	assert_null(strstr(explanation_cause(&told.explanation), "as the"));
	expect(&told, "killed", "cat, run in it from outside, exited with 3");
	told = killed_after(&story, (const int[]){1, 1, 0}, 3);
	assert_null(strstr(explanation_cause(&told.explanation), "from outside, exited"));
	expect(&told, "killed", "runc (host pid 999), outside the container");
}

static void hangs_are_told_before_the_kill(void **state)
{
	struct story story = story_new();
	struct told told;

	is_sent(&story, &init, SIGKILL, SI_USER, NULL, 0);
	told = end_in(&story, "futex", 5, SIGKILL);
	assert_true(tells(&told, "killed", NULL));
	expect(&told, "hang", "waited in futex");

	story = story_new();
	opens(&story, "/etc/x", 3);
	story.before_ns = 3 * MS;
	is_sent(&story, &init, SIGKILL, SI_USER, NULL, 0);
	told = end_by(&story, SIGKILL);
	expect(&told, "busy-loop", "without a single system call");

	/* A server that waits for clients does not hang. */
	story = story_new();
	is_sent(&story, &init, SIGKILL, SI_USER, NULL, 0);
	told = end_in(&story, "epoll_wait", 5, SIGKILL);
	assert_false(tells(&told, "hang", NULL));
	expect(&told, "killed", "runc");
}

static void who_hung_is_not_who_was_killed(void **state)
{
	struct story story = story_new();
	struct sample_record in = call_of(&init, "wait4", 0, -512);
	struct told told;

	starts(&story, &child);
	is_sent(&story, &init, SIGKILL, SI_USER, NULL, 0);
	story.before_ns = 2 * MS;
	in.duration_ns = 9 * SECOND;
	step(&story, &in);
	in = call_of(&child, "recvfrom", 0, -512);
	in.arg[0] = 4;
	in.duration_ns = 9 * SECOND;
	story.before_ns = 2 * MS;
	step(&story, &in);
	is_sent(&story, &init, SIGTERM, SI_USER, NULL, 0); /* too late */
	ends_in(&story, &init, NULL, SIGKILL);
	ends_in(&story, &child, NULL, SIGKILL);
	story.tape.snapshot->failure.kind = FAILURE_SIGNAL;
	story.tape.snapshot->failure.exit_code = 0;
	story.tape.snapshot->failure.signal = SIGKILL;
	told = story_explain(&story);
	for (size_t i = 0; i < told.explanation.findings.count; i++)
		assert_null(strstr(buf_text(&told.explanation.findings.all[i].sentence),
				   "had not ended it"));
	assert_non_null(strstr(explanation_cause(&told.explanation), ", until app was killed by"));
	expect(&told, "hang", "child (pid 9) hung: it waited in recvfrom");
}

/* The record of its end is not there, only the recorder's word. */
static void an_end_without_its_record_is_told(void **state)
{
	struct story story = story_new();
	struct told told;

	calls(&story, "bind", -EADDRINUSE, 3, 1, 16, 0, NULL, 0);
	says(&story, "bind: Address already in use\n");
	story.tape.snapshot->failure.kind = FAILURE_SIGNAL;
	story.tape.snapshot->failure.exit_code = 0;
	story.tape.snapshot->failure.signal = SIGTERM;
	told = story_explain(&story);
	for (size_t i = 0; i < told.explanation.findings.count; i++)
		assert_null(strstr(buf_text(&told.explanation.findings.all[i].sentence), " and ;"));
	expect(&told, "address-in-use", "was killed by SIGTERM");
}

static void the_oom_killers_choice(void **state)
{
	const struct igrec_oom body = {.victim_tgid = 4242,
				       .victim_ns_tgid = 1,
				       .trigger_tid = 4242,
				       .victim_comm = "app"};
	struct story story = story_new();
	struct told told;

	put_event(&story.tape, IGREC_RECORD_OOM, &init, story.before_ns, 0, &body, sizeof(body));
	story.before_ns -= MS;
	is_sent(&story, &init, SIGKILL, SI_KERNEL, &init, 0);
	told = end_by(&story, SIGKILL);
	expect(&told, "out-of-memory", "the kernel killed app");
}

static void a_broken_pipe_names_its_object(void **state)
{
	struct story story = story_new();
	struct told told;

	calls(&story, "write", -EPIPE, 1, 1, 2, 1, "y\n", 2);
	is_sent(&story, &init, SIGPIPE, SI_USER, &init, 0);
	told = end_by(&story, SIGPIPE);
	expect(&told, "broken-pipe", "reader was gone");
}

static void a_program_without_x_was_never_started(void **state)
{
	struct story story = {.tape = tape_new(), .before_ns = SECOND, .task = &init};
	struct sample_record look = call_of(&init, "newfstatat", 0, 0);
	unsigned char st[144] = {0};
	const uint32_t mode = 0100644;
	struct told told;

	memcpy(st + 24, &mode, sizeof(mode)); /* st_mode, arch/x86/include/uapi/asm/stat.h */
	look.meta = IGREC_META_SETUP;
	look.arg[0] = (uint64_t)AT_FDCWD;
	look.arg[1] = look.arg[2] = 1;
	look.captures = 2;
	look.capture[0] = (struct sample_capture){1, 0, "/srv/app", 8};
	look.capture[1] = (struct sample_capture){2, 0, st, sizeof(st)};
	step(&story, &look);
	told = story_explain(&story);
	expect(&told, "not-executable", "/srv/app is not executable: its mode is 0644");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_and_aborts),
		cmocka_unit_test(kills_name_who),
		cmocka_unit_test(who_asked_is_named_though_the_handler_sends_it_again),
		cmocka_unit_test(stops_in_a_loop),
		cmocka_unit_test(probes_that_failed_before_the_kill),
		cmocka_unit_test(hangs_are_told_before_the_kill),
		cmocka_unit_test(who_hung_is_not_who_was_killed),
		cmocka_unit_test(an_end_without_its_record_is_told),
		cmocka_unit_test(the_oom_killers_choice),
		cmocka_unit_test(a_broken_pipe_names_its_object),
		cmocka_unit_test(a_program_without_x_was_never_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
