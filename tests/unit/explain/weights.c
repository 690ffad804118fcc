/* SPDX-License-Identifier: Apache-2.0 */
/* How failed calls are weighed: what is certain, what was overcome, and that it takes its time. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
/* After what it needs. */
#include <cmocka.h>

#include "tests/unit/explain/story.h"

static const struct finding *finding_of(struct told *told, const char *kind)
{
	struct findings *findings = &told->explanation.findings;

	for (size_t i = 0; i < findings->count; i++) {
		if (!strcmp(findings->all[i].kind, kind))
			return &findings->all[i];
	}
	return NULL;
}

static void expect_confidence(struct told *told, const char *kind, enum confidence confidence)
{
	assert_non_null(finding_of(told, kind));
	assert_int_equal(finding_of(told, kind)->confidence, confidence);
}

static void expect_not_certain(struct told *told, const char *kind)
{
	const struct finding *finding = finding_of(told, kind);

	assert_true(!finding || finding->confidence != CONFIDENCE_CERTAIN);
}

/* ---- certain --------------------------------------------------------------------------------- */

static void cannot_bind(struct story *story)
{
	addresses(story, "bind", 4, "0.0.0.0", 80, -EADDRINUSE);
	says(story, "[emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\n");
}

static void who_said_it_and_gave_up_is_certain(void **state)
{
	struct story story = story_new();
	struct told told;

	cannot_bind(&story);
	told = end_with(&story, 1);
	expect_confidence(&told, "address-in-use", CONFIDENCE_CERTAIN);
	told_done(&told);
}

static void a_child_that_ended_the_first_process_is_certain(void **state)
{
	struct story story = story_new();
	struct told told;

	starts(&story, &child);
	story.task = &child;
	cannot_bind(&story);
	ends(&story, &child, EXITED(1));
	story.task = &init;
	told = end_with(&story, 1);
	expect_confidence(&told, "address-in-use", CONFIDENCE_CERTAIN);
	told_done(&told);
}

static void a_helper_outside_the_chain_is_not_certain(void **state)
{
	struct story story = story_new();
	struct told told;

	starts(&story, &child);
	story.task = &child;
	cannot_bind(&story);
	ends(&story, &child, EXITED(1));
	story.task = &init;
	for (int i = 0; i < 20; i++)
		opens(&story, "/srv/data", 3);
	told = end_with(&story, 3);
	expect_not_certain(&told, "address-in-use");
	told_done(&told);
}

static void what_a_crash_followed_is_not_certain(void **state)
{
	struct story story = story_new();
	struct told told;

	cannot_bind(&story);
	told = end_by(&story, SIGSEGV);
	expect_not_certain(&told, "address-in-use");
	told_done(&told);
}

static void what_success_followed_is_not_certain(void **state)
{
	struct story story = story_new();
	struct told told;

	cannot_bind(&story);
	told = end_with(&story, 0);
	expect_not_certain(&told, "address-in-use");
	told_done(&told);
}

static void what_another_said_is_not_certain(void **state)
{
	struct story story = story_new();
	struct told told;

	starts(&story, &child);
	addresses(&story, "bind", 4, "0.0.0.0", 80, -EADDRINUSE);
	story.task = &child;
	says(&story, "[emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\n");
	story.task = &init;
	told = end_with(&story, 1);
	expect_not_certain(&told, "address-in-use");
	told_done(&told);
}

/* ---- waited for ------------------------------------------------------------------------------ */

static void is_refused(struct story *story, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		addresses(story, "connect", 4, "10.0.0.9", 5432, -ECONNREFUSED);
		story->before_ns -= 500 * MS;
	}
}

static void what_came_in_the_end_was_not_waited_for(void **state)
{
	struct story story = story_new();
	struct told told;

	story.before_ns = 4600 * MS;
	is_refused(&story, 5);
	addresses(&story, "connect", 4, "10.0.0.9", 5432, 0);
	story.before_ns -= 1900 * MS;
	told = end_with(&story, 1);
	assert_null(finding_of(&told, "refused"));
	told_done(&told);
}

static void what_came_to_a_child_was_not_waited_for(void **state)
{
	struct story story = story_new();
	struct told told;

	story.before_ns = 4600 * MS;
	is_refused(&story, 5);
	starts(&story, &child);
	story.task = &child;
	addresses(&story, "connect", 4, "10.0.0.9", 5432, 0);
	ends(&story, &child, 0);
	story.task = &init;
	story.before_ns -= 1900 * MS;
	told = end_with(&story, 1);
	assert_null(finding_of(&told, "refused"));
	told_done(&told);
}

static void what_came_to_another_peer_does_not_count(void **state)
{
	struct story story = story_new();
	struct told told;

	story.before_ns = 2700 * MS;
	is_refused(&story, 5);
	addresses(&story, "connect", 4, "10.0.0.8", 5432, 0);
	told = end_with(&story, 1);
	assert_non_null(finding_of(&told, "refused"));
	told_done(&told);
}

static void looks_for(struct story *story, const char *path, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		opens(story, path, -ENOENT);
		story->before_ns -= 500 * MS;
	}
}

static void a_file_that_was_looked_for_by_the_way_was_not_waited_for(void **state)
{
	struct story story = story_new();
	struct told told;

	story.before_ns = 2200 * MS;
	looks_for(&story, "/srv/override", 4);
	says(&story, "error: bad token in line 3\n");
	told = end_with(&story, 1);
	expect_confidence(&told, "message", CONFIDENCE_LIKELY);
	expect_confidence(&told, "missing-file", CONFIDENCE_POSSIBLE);
	told_done(&told);
}

static void a_file_that_came_was_not_waited_for(void **state)
{
	struct story story = story_new();
	struct told told;

	story.before_ns = 2200 * MS;
	looks_for(&story, "/srv/ready", 4);
	opens(&story, "/srv/ready", 3);
	told = end_with(&story, 1);
	assert_null(finding_of(&told, "missing-file"));
	told_done(&told);
}

static void a_file_that_was_waited_for_is_told(void **state)
{
	struct story story = story_new();
	struct told told;

	story.before_ns = 2200 * MS;
	looks_for(&story, "/srv/ready", 4);
	says(&story, "error: timed out\n");
	told = end_with(&story, 1);
	expect_confidence(&told, "missing-file", CONFIDENCE_LIKELY);
	told_done(&told);
}

static void several_processes_have_tried(void **state)
{
	static const struct sample_task tools[] = {{4301, 4301, 10, 10, "nc"},
						   {4302, 4302, 11, 11, "nc"},
						   {4303, 4303, 12, 12, "nc"},
						   {4304, 4304, 13, 13, "nc"}};
	struct story story = story_new();
	const struct finding *finding;
	struct told told;

	story.before_ns = 2200 * MS;
	for (unsigned i = 0; i < 4; i++) {
		story.task = &init;
		starts(&story, &tools[i]);
		story.task = &tools[i];
		is_refused(&story, 1);
		ends(&story, &tools[i], EXITED(1));
	}
	story.task = &init;
	is_sent(&story, &init, SIGKILL, SI_USER, NULL, 0);
	told = end_by(&story, SIGKILL);
	finding = finding_of(&told, "refused");
	assert_non_null(finding);
	if (!strstr(buf_text(&best_of(&told)->sentence),
		    "processes of app, the last nc (pid 13), could not connect to "
		    "10.0.0.9:5432, 4 times"))
		fail_msg("%s", buf_text(&best_of(&told)->sentence));
	told_done(&told);
}

/* ---- last before ----------------------------------------------------------------------------- */

static void a_call_about_nothing_is_not_like_every_other(void **state)
{
	struct story story = story_new();
	const struct finding *finding;
	struct told told;

	calls(&story, "connect", -ECONNREFUSED, 4, 1, 16, 0, NULL, 0);
	addresses(&story, "connect", 5, "10.0.0.9", 80, -ETIMEDOUT);
	says(&story, "error: startup aborted\n");
	told = end_with(&story, 1);
	finding = finding_of(&told, "timeout");
	assert_non_null(finding);
	assert_non_null(strstr(buf_text((struct buf *)&finding->sentence), "it said"));
	finding = finding_of(&told, "refused");
	assert_true(!finding || !strstr(buf_text((struct buf *)&finding->sentence), "it said"));
	told_done(&told);
}

/* ---- time ------------------------------------------------------------------------------------ */

#define CPU_SECONDS 10 /* not what it takes, but far below what squares would */

static void limit_cpu(void)
{
	struct rlimit limit;
	struct rusage used;

	must(!getrusage(RUSAGE_SELF, &used) && !getrlimit(RLIMIT_CPU, &limit));
	limit.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec + CPU_SECONDS);
	must(!setrlimit(RLIMIT_CPU, &limit));
}

static struct story long_story_new(void)
{
	struct story story = {.tape = tape_new(), .before_ns = 300 * SECOND, .task = &init};
	const struct igrec_exec body = {.old_tid = init.tid};

	put_event(&story.tape, IGREC_RECORD_EXEC, &init, 301 * SECOND, nr_of("execve"), &body,
		  sizeof(body));
	return story;
}

static void a_flood_of_failures_takes_its_time(void **state)
{
	struct story story = long_story_new();
	struct told told;
	char text[64];

	limit_cpu();
	for (int i = 0; i < 80000; i++)
		opens(&story, "/srv/data", 3);
	for (int i = 0; i < 500; i++) {
		snprintf(text, sizeof(text), "/srv/%d/app%d.conf", i, i);
		opens(&story, text, -EACCES);
	}
	/* Each of them may be what "error" is about; the routine ones between are passed over. */
	for (int i = 0; i < 18000; i++) {
		snprintf(text, sizeof(text), "/usr/lib/cargo/%d/x", i);
		opens(&story, text, -ENOENT);
		if (i % 18 == 0)
			addresses(&story, "connect", 4, "10.0.0.9", (uint16_t)(1000 + i),
				  -ETIMEDOUT);
	}
	for (int i = 0; i < 256; i++) {
		snprintf(text, sizeof(text), "error: no luck, %d\n", i);
		says(&story, text);
	}
	story.before_ns = MS;
	told = end_with(&story, 1);
	assert_non_null(best_of(&told));
	told_done(&told);
}

static void a_flood_of_retries_takes_its_time(void **state)
{
	struct story story = long_story_new();
	struct told told;

	limit_cpu();
	for (int i = 0; i < 100000; i++)
		addresses(&story, "connect", 4, "10.0.0.9", (uint16_t)(1000 + i % 1000),
			  -ECONNREFUSED);
	story.before_ns = MS;
	told = end_with(&story, 1);
	assert_non_null(best_of(&told));
	told_done(&told);
}

static void a_flood_of_children_takes_its_time(void **state)
{
	struct story story = long_story_new();
	struct told told;

	limit_cpu();
	for (uint32_t i = 0; i < 10000; i++) {
		struct sample_task task = {10000 + i, 10000 + i, 100 + i, 100 + i, "sh"};

		story.task = &init;
		starts(&story, &task);
		for (int k = 0; k < 4; k++)
			opens(&story, "/srv/data", 3);
		story.task = &task;
		addresses(&story, "connect", 4, "10.0.0.9", 5432, -ECONNREFUSED);
		opens(&story, "/srv/data", -ENOENT);
		says(&story, "error: not yet\n");
		ends(&story, &task, EXITED(1));
	}
	story.task = &init;
	story.before_ns = MS;
	told = end_with(&story, 1);
	assert_non_null(best_of(&told));
	told_done(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_said_it_and_gave_up_is_certain),
		cmocka_unit_test(a_child_that_ended_the_first_process_is_certain),
		cmocka_unit_test(a_helper_outside_the_chain_is_not_certain),
		cmocka_unit_test(what_a_crash_followed_is_not_certain),
		cmocka_unit_test(what_success_followed_is_not_certain),
		cmocka_unit_test(what_another_said_is_not_certain),
		cmocka_unit_test(what_came_in_the_end_was_not_waited_for),
		cmocka_unit_test(what_came_to_a_child_was_not_waited_for),
		cmocka_unit_test(what_came_to_another_peer_does_not_count),
		cmocka_unit_test(a_file_that_was_looked_for_by_the_way_was_not_waited_for),
		cmocka_unit_test(a_file_that_came_was_not_waited_for),
		cmocka_unit_test(a_file_that_was_waited_for_is_told),
		cmocka_unit_test(several_processes_have_tried),
		cmocka_unit_test(a_call_about_nothing_is_not_like_every_other),
		cmocka_unit_test(a_flood_of_failures_takes_its_time),
		cmocka_unit_test(a_flood_of_retries_takes_its_time),
		cmocka_unit_test(a_flood_of_children_takes_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
