/* SPDX-License-Identifier: Apache-2.0 */
/* Causes that lie before or beside what failed last, and what only looks like one. */
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

/* The best finding has these words. */
static void expect(struct told *told, const char *kind, const char *words)
{
	assert_non_null(best_of(told));
	assert_string_equal(best_of(told)->kind, kind);
	if (!strstr(explanation_cause(&told->explanation), words))
		fail_msg("%s", explanation_cause(&told->explanation));
	assert_true(best_of(told)->n_evidence > 0 && best_of(told)->next.bytes > 0);
}

static void try_to_connect(struct story *story, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		addresses(story, "connect", 4, "10.0.0.9", 5432, -ECONNREFUSED);
		story->before_ns -= 500 * MS;
	}
}

static void what_was_waited_for_is_told_before_the_kill(void **state)
{
	struct story story = story_new();
	struct told told;

	story.before_ns = 2100 * MS;
	try_to_connect(&story, 4);
	is_sent(&story, &init, SIGKILL, SI_USER, NULL, 0);
	told = end_by(&story, SIGKILL);
	expect(&told, "refused", "10.0.0.9:5432, 4 times");
	assert_true(tells(&told, "killed", "runc"));
	told_done(&told);
}

static void a_server_that_was_stopped_was_killed(void **state)
{
	struct story story = story_new();
	struct told told;

	calls(&story, "listen", 0, 3, 5, 0, 0, NULL, 0);
	story.before_ns = 2100 * MS;
	try_to_connect(&story, 4);
	is_sent(&story, &init, SIGKILL, SI_USER, NULL, 0);
	told = end_by(&story, SIGKILL);
	expect(&told, "killed", "runc");
	told_done(&told);
}

static void a_wait_that_was_killed_is_likely(void **state)
{
	struct story story = story_new();
	struct told told;

	story.before_ns = 5000 * MS;
	addresses(&story, "connect", 4, "10.0.0.9", 5432, -EINPROGRESS);
	says(&story, "db unavailable\n");
	story.before_ns = 2 * MS;
	is_sent(&story, &init, SIGKILL, SI_USER, NULL, 0);
	told = end_by(&story, SIGKILL);
	expect(&told, "timeout", "could not connect to 10.0.0.9:5432");
	assert_int_equal(best_of(&told)->confidence, CONFIDENCE_LIKELY);
	assert_true(tells(&told, "killed", "runc"));
	told_done(&told);
}

/* Connects descriptor 4, sends something and hears nothing. */
static struct story asks_in_vain(int type)
{
	struct story story = story_new();

	story.before_ns = 5000 * MS;
	calls(&story, "socket", 4, AF_INET, (uint64_t)type, 0, 0, NULL, 0);
	addresses(&story, "connect", 4, "10.0.0.9", 5300, 0);
	calls(&story, "sendto", 3, 4, 1, 3, 1, "a:1", 3);
	return story;
}

static struct told is_killed(struct story *story)
{
	story->before_ns = 3 * MS;
	calls(story, "getpid", 1, 0, 0, 0, 0, NULL, 0);
	is_sent(story, &init, SIGKILL, SI_USER, NULL, 0);
	return end_by(story, SIGKILL);
}

static void an_idle_connection_is_no_wait(void **state)
{
	struct story story = asks_in_vain(SOCK_STREAM);
	struct told told = is_killed(&story);

	expect(&told, "timeout", "sent to 10.0.0.9:5300 and got no reply");
	told_done(&told);

	story = asks_in_vain(SOCK_DGRAM | SOCK_CLOEXEC);
	told = is_killed(&story);
	assert_false(tells(&told, "timeout", NULL));
	told_done(&told);

	story = asks_in_vain(SOCK_STREAM);
	calls(&story, "recvfrom", 20, 7, 1, 100, 0, NULL, 0);
	told = is_killed(&story);
	assert_false(tells(&told, "timeout", NULL));
	told_done(&told);

	story = asks_in_vain(SOCK_STREAM);
	calls(&story, "listen", 0, 8, 5, 0, 0, NULL, 0);
	told = is_killed(&story);
	assert_false(tells(&told, "timeout", NULL));
	told_done(&told);
}

static void retries_count_though_the_words_are_others(void **state)
{
	struct story story = story_new();
	struct told told;

	story.before_ns = 2100 * MS;
	try_to_connect(&story, 4);
	says(&story, "error: startup aborted, no migrations\n");
	told = end_with(&story, 1);
	expect(&told, "refused", "10.0.0.9:5432, 4 times");
	told_done(&told);
}

struct earlier {
	uint64_t flags; /* of the open that failed in the step */
	const char *argument;
	size_t argument_bytes;
	bool in_child; /* the file is missed by another child, whose end ends the first process */
};

/* A step fails on a file that the program behind it then does not find. */
static struct told after_a_step(const struct earlier *earlier)
{
	static const char path[] = "/opt/app.ini", other[] = "/opt/other.ini";
	static const struct sample_task second = {4310, 4310, 10, 10, "second"};
	const struct igrec_exec body = {.old_tid = init.tid}, of_child = {.old_tid = child.tid};
	const char *failed = earlier->argument ? other : path;
	struct story story = story_new();
	struct sample_record exec = {
		.type = IGREC_RECORD_EXEC,
		.lane = IGREC_LANE_VITAL,
		.task = &child,
		.nr = nr_of("execve"),
		.body = &of_child,
		.body_bytes = sizeof(of_child),
		.captures = 2,
		.capture = {{0, 0, "/bin/cp", 7},
			    {1, 0, earlier->argument, (uint16_t)earlier->argument_bytes}},
	};

	starts(&story, &child);
	if (earlier->argument)
		step(&story, &exec);
	story.task = &child;
	calls(&story, "openat", -EROFS, (uint64_t)AT_FDCWD, 1, earlier->flags, 1, failed,
	      strlen(failed));
	says(&story, "cp: cannot open the file: Read-only file system\n");
	ends(&story, &child, EXITED(1));
	story.task = &init;
	if (earlier->in_child) {
		starts(&story, &second);
		story.task = &second;
	} else {
		put_event(&story.tape, IGREC_RECORD_EXEC, &init, story.before_ns, nr_of("execve"),
			  &body, sizeof(body));
		story.before_ns -= MS;
	}
	opens(&story, path, -ENOENT);
	says(&story, "app: /opt/app.ini: No such file or directory\n");
	if (earlier->in_child)
		ends(&story, &second, EXITED(2));
	story.task = &init;
	return end_with(&story, 2);
}

static void an_earlier_step_is_the_cause(void **state)
{
	struct told told = after_a_step(&(struct earlier){.flags = O_WRONLY | O_CREAT});

	expect(&told, "read-only",
	       "should have made /opt/app.ini, which app then did not find, and it exited with 2");
	assert_true(tells(&told, "missing-file", "/opt/app.ini"));
	told_done(&told);
}

static void an_earlier_steps_end_leads_on(void **state)
{
	struct told told =
		after_a_step(&(struct earlier){.flags = O_WRONLY | O_CREAT, .in_child = true});

	expect(&told, "read-only", "second (pid 10) then did not find, and it exited with 2; app");
	told_done(&told);
}

static void an_earlier_step_may_have_read_the_file(void **state)
{
	static const char argv[] = "cp\0/opt/app.ini\0/opt/other.ini";
	struct told told = after_a_step(&(struct earlier){
		.flags = O_WRONLY | O_CREAT, .argument = argv, .argument_bytes = sizeof(argv)});

	expect(&told, "read-only", "its arguments name /opt/app.ini, which app then did not find");
	assert_null(strstr(explanation_cause(&told.explanation), "should have made"));
	told_done(&told);
}

static void an_earlier_step_that_only_reads_is_no_cause(void **state)
{
	struct told told = after_a_step(&(struct earlier){.flags = O_RDONLY});

	expect(&told, "missing-file", "/opt/app.ini");
	assert_null(strstr(explanation_cause(&told.explanation), "should have made"));
	told_done(&told);
}

static void an_earlier_step_about_other_files_is_no_cause(void **state)
{
	static const char argv[] = "cp\0/opt/x.ini\0/opt/other.ini";
	struct told told = after_a_step(&(struct earlier){
		.flags = O_WRONLY | O_CREAT, .argument = argv, .argument_bytes = sizeof(argv)});

	expect(&told, "missing-file", "/opt/app.ini");
	assert_null(strstr(explanation_cause(&told.explanation), "its arguments"));
	told_done(&told);
}

static void tidying_up_is_no_cause(void **state)
{
	struct story story = story_new();
	struct told told;

	says(&story, "error: line 3 of the rules is wrong\n");
	calls(&story, "unlink", -ENOENT, 1, 0, 0, 0, "/tmp/app.tmp", 12);
	says(&story, "could not delete /tmp/app.tmp: No such file or directory\n");
	told = end_with(&story, 1);
	assert_false(tells(&told, "missing-file", NULL));
	told_done(&told);
}

static void what_was_to_be_removed_is_a_cause_alone(void **state)
{
	struct story story = story_new();
	struct told told;

	calls(&story, "unlink", -ENOENT, 1, 0, 0, 0, "/srv/old", 8);
	says(&story, "rm: cannot remove '/srv/old': No such file or directory\n");
	told = end_with(&story, 1);
	expect(&told, "missing-file", "could not remove /srv/old");
	told_done(&told);
}

static void a_signal_that_was_passed_on_has_an_origin(void **state)
{
	struct story story = story_new();
	struct told told;

	starts(&story, &child);
	is_sent(&story, &init, SIGTERM, SI_USER, NULL, 0);
	is_sent(&story, &child, SIGTERM, SI_USER, &init, 0);
	ends_in(&story, &child, NULL, SIGTERM);
	told = end_with(&story, 143);
	expect(&told, "killed",
	       "from runc (host pid 999), outside the container, passed on by app");
	assert_string_equal(buf_text(&best_of(&told)->object), "runc");
	told_done(&told);
}

static void a_later_request_hides_no_origin(void **state)
{
	struct story story = story_new();
	struct told told;

	starts(&story, &child);
	is_sent(&story, &init, SIGTERM, SI_USER, NULL, 0);
	is_sent(&story, &child, SIGTERM, SI_USER, &init, 0);
	ends_in(&story, &child, NULL, SIGTERM);
	is_sent(&story, &init, SIGTERM, SI_USER, NULL, 0);
	told = end_with(&story, 143);
	expect(&told, "killed",
	       "from runc (host pid 999), outside the container, passed on by app");
	told_done(&told);
}

static void an_alarm_has_no_sender(void **state)
{
	struct story story = story_new();
	struct told told;

	is_sent(&story, &init, SIGALRM, SI_TIMER, NULL, 0);
	told = end_by(&story, SIGALRM);
	expect(&told, "killed", "an alarm that it had set itself");
	assert_null(strstr(explanation_cause(&told.explanation), "runc"));
	told_done(&told);
}

static void the_first_of_several_errors_is_quoted(void **state)
{
	struct story story = story_new();
	struct told told;

	opens(&story, "/etc/app.conf", 3);
	says(&story, "/etc/app.conf:2: error: \033[?25l\033[31mnumber\033[0m expected\n");
	says(&story, "/etc/app.conf:9: error: stray ':'\n");
	says(&story, "fatal error: could not read config file /etc/app.conf\n");
	told = end_with(&story, 1);
	expect(&told, "config", "\"/etc/app.conf:2: error: number expected\"");
	told_done(&told);
}

static void a_programs_name_is_no_file(void **state)
{
	struct story story = story_new();
	struct told told;

	opens(&story, "/usr/bin/app", 3);
	opens(&story, "/usr/share/zoneinfo/UTC", 3);
	says(&story, "12:00 UTC app: error: unknown flag --x\n");
	told = end_with(&story, 1);
	expect(&told, "message", "unknown flag --x");
	assert_null(strstr(explanation_cause(&told.explanation), "about the file"));
	told_done(&told);
}

static void words_tell_what_to_do(void **state)
{
	struct story story = story_new();
	struct told told;

	says(&story, "FATAL: password authentication failed for user \"x\"\n");
	told = end_with(&story, 1);
	expect(&told, "message", "password authentication failed");
	assert_non_null(strstr(buf_text(&best_of(&told)->next), "the Secret"));
	told_done(&told);
}

static void a_name_that_only_words_tell_of(void **state)
{
	struct story story = story_new();
	struct told told;

	says(&story, "error: dial tcp: lookup builder.ci on 10.0.0.1:53: no such host\n");
	told = end_with(&story, 1);
	expect(&told, "dns", "could not resolve builder.ci");
	told_done(&told);
}

static void modules_and_tables_are_no_hosts(void **state)
{
	static const char *const said[] = {
		"ERROR in ./src/name.js\nModule not found: Error: Can't resolve 'react' in "
		"'/app'\n",
		"Module not found: Error: Can't resolve './x'\n",
		"error: host config: can't resolve './x'\n",
		"error: config: lookup table missing\n",
	};
	struct story story;
	struct told told;

	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		story = story_new();
		says(&story, said[i]);
		told = end_with(&story, 1);
		assert_false(tells(&told, "dns", NULL));
		told_done(&told);
	}
	story = story_new();
	says(&story, "error: unknown host: could not resolve 'db.internal.'\n");
	told = end_with(&story, 1);
	expect(&told, "dns", "could not resolve db.internal; it said");
	told_done(&told);
}

static void who_says_nothing_leaves_a_status(void **state)
{
	struct story story = story_new();
	struct told told;

	addresses(&story, "connect", 4, "10.0.0.9", 80, 0);
	told = end_with(&story, 22);
	expect(&told, "silent-exit", "the last that it connected to was 10.0.0.9:80");
	assert_int_equal(best_of(&told)->confidence, CONFIDENCE_POSSIBLE);
	told_done(&told);
}

static void the_last_peer_is_one_that_was_reached(void **state)
{
	struct story story = story_new();
	struct told told;

	addresses(&story, "connect", 4, "10.0.0.9", 5300, 0);
	addresses(&story, "connect", 5, "10.0.0.1", 53, 0);
	addresses(&story, "connect", 5, "10.0.0.8", 0, 0);
	addresses(&story, "connect", 6, "10.0.0.7", 80, -EINTR);
	told = end_with(&story, 22);
	expect(&told, "silent-exit", "; the last that it connected to was 10.0.0.9:5300");
	assert_non_null(strstr(explanation_cause(&told.explanation), "no message of it is on"));
	assert_non_null(strstr(buf_text(&best_of(&told)->next), "look up exit status 22"));
	told_done(&told);

	story = story_new();
	addresses(&story, "connect", 4, "10.0.0.9", 80, -EINPROGRESS);
	told = end_with(&story, 22);
	expect(&told, "silent-exit", "; the last that it tried to reach was 10.0.0.9:80");
	told_done(&told);
}

static void a_status_is_that_of_who_is_spoken_of(void **state)
{
	struct story story = story_new();
	struct told told;

	starts(&story, &child);
	ends(&story, &child, EXITED(124));
	told = end_with(&story, 3);
	expect(&told, "silent-exit", "exited with 124");
	assert_non_null(strstr(buf_text(&best_of(&told)->next), "timeout(1)"));
	told_done(&told);
}

static void who_was_told_to_end_is_not_silent(void **state)
{
	struct story story = story_new();
	struct told told;

	is_sent(&story, &init, SIGTERM, SI_USER, NULL, 0);
	told = end_with(&story, 3);
	assert_false(tells(&told, "silent-exit", NULL));
	told_done(&told);
}

static void what_was_gone_on_from_is_not_the_cause(void **state)
{
	struct story story = story_new();
	struct told told;

	addresses(&story, "connect", 4, "10.0.0.9", 6379, -ECONNREFUSED);
	says(&story, "cache 10.0.0.9:6379: Connection refused\n");
	for (int i = 0; i < 20; i++)
		opens(&story, "/srv/data", 3);
	says(&story, "/srv/app.js:7\n  x.y\n\nTypeError: x is undefined\n");
	told = end_with(&story, 1);
	expect(&told, "exception", "TypeError: x is undefined");
	told_done(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_waited_for_is_told_before_the_kill),
		cmocka_unit_test(a_server_that_was_stopped_was_killed),
		cmocka_unit_test(a_wait_that_was_killed_is_likely),
		cmocka_unit_test(an_idle_connection_is_no_wait),
		cmocka_unit_test(retries_count_though_the_words_are_others),
		cmocka_unit_test(an_earlier_step_is_the_cause),
		cmocka_unit_test(an_earlier_steps_end_leads_on),
		cmocka_unit_test(an_earlier_step_may_have_read_the_file),
		cmocka_unit_test(an_earlier_step_that_only_reads_is_no_cause),
		cmocka_unit_test(an_earlier_step_about_other_files_is_no_cause),
		cmocka_unit_test(tidying_up_is_no_cause),
		cmocka_unit_test(what_was_to_be_removed_is_a_cause_alone),
		cmocka_unit_test(a_signal_that_was_passed_on_has_an_origin),
		cmocka_unit_test(a_later_request_hides_no_origin),
		cmocka_unit_test(an_alarm_has_no_sender),
		cmocka_unit_test(the_first_of_several_errors_is_quoted),
		cmocka_unit_test(a_programs_name_is_no_file),
		cmocka_unit_test(words_tell_what_to_do),
		cmocka_unit_test(a_name_that_only_words_tell_of),
		cmocka_unit_test(modules_and_tables_are_no_hosts),
		cmocka_unit_test(who_says_nothing_leaves_a_status),
		cmocka_unit_test(the_last_peer_is_one_that_was_reached),
		cmocka_unit_test(a_status_is_that_of_who_is_spoken_of),
		cmocka_unit_test(who_was_told_to_end_is_not_silent),
		cmocka_unit_test(what_was_gone_on_from_is_not_the_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
