/* SPDX-License-Identifier: Apache-2.0 */
/* How failed calls are weighed: what is certain, what was overcome, and that it takes its time. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "tests/unit/explain/story.h"

#define EXITED(status) ((status) << 8)

static struct told end_with(struct story *story, int status)
{
	ends(story, &init, EXITED(status));
	story->tape.snapshot->failure.exit_code = status;
	return story_explain(story);
}

static struct told end_by(struct story *story, int signal)
{
	ends_in(story, &init, NULL, signal);
	story->tape.snapshot->failure.kind = FAILURE_SIGNAL;
	story->tape.snapshot->failure.exit_code = 0;
	story->tape.snapshot->failure.signal = signal;
	return story_explain(story);
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_said_it_and_gave_up_is_certain),
		cmocka_unit_test(a_child_that_ended_the_first_process_is_certain),
		cmocka_unit_test(a_helper_outside_the_chain_is_not_certain),
		cmocka_unit_test(what_a_crash_followed_is_not_certain),
		cmocka_unit_test(what_success_followed_is_not_certain),
		cmocka_unit_test(what_another_said_is_not_certain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
