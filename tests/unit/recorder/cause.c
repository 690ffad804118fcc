/* SPDX-License-Identifier: Apache-2.0 */
/* The cause that goes into a dump, found by a process of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
/* After what it needs. */
#include <cmocka.h>

#include "recorder/cause.h"
#include "tests/support/sample_snapshot.h"

static void the_best_finding_comes_back(void **state)
{
	struct snapshot *snapshot =
		sample_snapshot_new(&(struct sample_options){.flow_records = 50});
	struct cause cause;

	cause_find(snapshot, &cause);
	assert_non_null(cause.found.sentence);
	assert_string_equal(cause.found.kind, "crash");
	assert_string_equal(cause.found.confidence, "certain");
	assert_string_equal(cause.found.object, SAMPLE_COMM);
	assert_non_null(strstr(cause.found.sentence, "SIGSEGV"));
	/* No child is left behind. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	snapshot_free(snapshot);
}

static void nothing_is_said_of_a_request(void **state)
{
	struct snapshot *snapshot =
		sample_snapshot_new(&(struct sample_options){.flow_records = 5});
	struct cause cause;

	snapshot->failure.kind = FAILURE_REQUESTED;
	cause_find(snapshot, &cause);
	assert_null(cause.found.sentence);
	snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_finding_comes_back),
		cmocka_unit_test(nothing_is_said_of_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
