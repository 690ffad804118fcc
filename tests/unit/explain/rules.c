/* SPDX-License-Identifier: Apache-2.0 */
/* Failed calls, messages, name servers and peers: when they are the cause, and when not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
/* After what it needs. */
#include <cmocka.h>

#include "tests/unit/explain/story.h"

static void expect(struct told *told, const char *kind, const char *object,
		   enum confidence confidence)
{
	struct finding *best = best_of(told);

	assert_non_null(best);
	assert_string_equal(best->kind, kind);
	if (object)
		assert_string_equal(buf_text(&best->object), object);
	assert_int_equal(best->confidence, confidence);
	assert_true(best->sentence.bytes > 0 && best->next.bytes > 0 && best->n_evidence > 0);
}

static void what_was_said_of_a_failed_call_is_certain(void **state)
{
	struct story story = story_new();
	struct told told;

	opens(&story, "/etc/ld.so.preload", -ENOENT);
	opens(&story, "/etc/app.conf", -ENOENT);
	says(&story, "app: cannot open /etc/app.conf: No such file or directory\n");
	ends(&story, &init, EXITED(1));
	told = story_explain(&story);
	expect(&told, "missing-file", "/etc/app.conf", CONFIDENCE_CERTAIN);
	assert_false(tells(&told, "missing-file", "/etc/ld.so.preload"));
	assert_non_null(strstr(explanation_cause(&told.explanation), "exited with 1"));
	told_done(&told);
}

static void a_warning_before_other_work_is_not_the_cause(void **state)
{
	struct story story = story_new();
	struct told told;

	opens(&story, "/etc/app.conf", -ENOENT);
	says(&story, "warning: no /etc/app.conf: No such file or directory, using defaults\n");
	for (int i = 0; i < 60; i++)
		opens(&story, "/srv/data", 3);
	addresses(&story, "bind", 4, "0.0.0.0", 80, -EADDRINUSE);
	says(&story, "fatal: bind: Address already in use\n");
	ends(&story, &init, EXITED(1));
	told = story_explain(&story);
	expect(&told, "address-in-use", "0.0.0.0:80", CONFIDENCE_LIKELY);
	for (size_t i = 1; i < told.explanation.findings.count; i++)
		assert_int_not_equal(told.explanation.findings.all[i].confidence,
				     CONFIDENCE_CERTAIN);
	told_done(&told);
}

static void what_succeeded_later_is_not_the_cause(void **state)
{
	struct story story = story_new();
	struct told told;

	opens(&story, "/opt/a/app.conf", -ENOENT);
	opens(&story, "/opt/b/app.conf", 3);
	ends(&story, &init, EXITED(1));
	told = story_explain(&story);
	assert_false(tells(&told, "missing-file", NULL));
	expect(&told, "silent-exit", "", CONFIDENCE_POSSIBLE);
	assert_int_equal(told.explanation.findings.count, 1);
	assert_true(told.explanation.last_acts.n_evidence > 0);
	told_done(&told);
}

static void a_search_tells_all_places(void **state)
{
	struct story story = story_new();
	struct told told;

	opens(&story, "/lib/libgone.so.1", -ENOENT);
	opens(&story, "/usr/lib/libgone.so.1", -ENOENT);
	says(&story, "app: error while loading shared libraries: libgone.so.1: cannot open shared "
		     "object file: No such file or directory\n");
	ends(&story, &init, EXITED(127));
	told = story_explain(&story);
	expect(&told, "library", "libgone.so.1", CONFIDENCE_CERTAIN);
	assert_non_null(strstr(buf_text(&best_of(&told)->excluded),
			       "/lib/libgone.so.1, /usr/lib/libgone.so.1"));
	told_done(&told);
}

static void a_connect_that_did_not_wait_fails_later(void **state)
{
	const int refused = ECONNREFUSED;
	struct story story = story_new();
	struct sample_record option;
	struct told told;

	calls(&story, "socket", 5, AF_INET, SOCK_STREAM, 0, 0, NULL, 0);
	addresses(&story, "connect", 5, "10.0.0.9", 5432, -EINPROGRESS);
	option = call_of(&init, "getsockopt", 0, 0);
	option.arg[0] = 5;
	option.arg[1] = SOL_SOCKET;
	option.arg[2] = SO_ERROR;
	option.captures = 1;
	option.capture[0] = (struct sample_capture){3, 0, &refused, sizeof(refused)};
	step(&story, &option);
	says(&story, "could not connect to 10.0.0.9 port 5432: Connection refused\n");
	ends(&story, &init, EXITED(2));
	told = story_explain(&story);
	expect(&told, "refused", "10.0.0.9:5432", CONFIDENCE_CERTAIN);
	told_done(&told);
}

static void a_call_refused_before_it_began_is_a_filters(void **state)
{
	struct story story = story_new();
	struct sample_record denied = call_of(&init, "mkdir", 0, -EPERM);
	struct told told;

	denied.meta = IGREC_META_NO_ENTRY;
	denied.captures = 1;
	denied.capture[0] = (struct sample_capture){0, 0, "/tmp/new", 8};
	step(&story, &denied);
	says(&story, "mkdir: /tmp/new: Operation not permitted\n");
	ends(&story, &init, EXITED(1));
	told = story_explain(&story);
	expect(&told, "seccomp", "mkdir", CONFIDENCE_CERTAIN);
	told_done(&told);
}

static void a_childs_failure_is_found(void **state)
{
	struct story story = story_new();
	struct told told;

	starts(&story, &child);
	story.task = &child;
	runs(&story, "/opt/tool", -EACCES);
	says(&story, "sh: /opt/tool: Permission denied\n");
	ends(&story, &child, EXITED(126));
	ends(&story, &init, EXITED(126));
	story.tape.snapshot->failure.exit_code = 126;
	told = story_explain(&story);
	expect(&told, "not-executable", "/opt/tool", CONFIDENCE_CERTAIN);
	assert_non_null(strstr(explanation_cause(&told.explanation), "then exited with 126"));
	told_done(&told);
}

static void last_words_are_a_finding_of_their_own(void **state)
{
	struct story story = story_new();
	struct told told;

	opens(&story, "/etc/app.conf", 3);
	says(&story, "error: unknown setting 'x' in /etc/app.conf:7\n");
	ends(&story, &init, EXITED(1));
	told = story_explain(&story);
	expect(&told, "config", "/etc/app.conf", CONFIDENCE_LIKELY);
	told_done(&told);

	story = story_new();
	says(&story, "Traceback (most recent call last):\n");
	says(&story, "KeyError: 'DATABASE_URL'\n");
	ends(&story, &init, EXITED(1));
	told = story_explain(&story);
	assert_non_null(strstr(explanation_cause(&told.explanation), "DATABASE_URL"));
	told_done(&told);
}

static void put_dns(struct story *story, const char *call, unsigned char flags0,
		    unsigned char flags1)
{
	unsigned char message[] = "\1\2\0\0\0\1\0\0\0\0\0\0\2db\4shop\0\0\1\0\1";

	message[2] = flags0;
	message[3] = flags1;
	calls(story, call, sizeof(message) - 1, 3, 1, sizeof(message) - 1, 1, message,
	      sizeof(message) - 1);
}

static void names_that_do_not_resolve(void **state)
{
	struct story story = story_new();
	struct told told;

	addresses(&story, "connect", 3, "10.96.0.10", 53, 0);
	put_dns(&story, "sendto", 1, 0);
	put_dns(&story, "recvfrom", 0x81, 0x83);
	says(&story, "could not resolve db.shop: Name or service not known\n");
	ends(&story, &init, EXITED(1));
	told = story_explain(&story);
	expect(&told, "dns", "db.shop", CONFIDENCE_CERTAIN);
	assert_non_null(strstr(explanation_cause(&told.explanation), "10.96.0.10:53"));
	assert_non_null(strstr(explanation_cause(&told.explanation), "NXDOMAIN"));
	told_done(&told);

	story = story_new();
	addresses(&story, "connect", 3, "10.96.0.10", 53, 0);
	put_dns(&story, "sendto", 1, 0);
	ends(&story, &init, EXITED(1));
	told = story_explain(&story);
	expect(&told, "dns", "db.shop", CONFIDENCE_LIKELY);
	assert_non_null(strstr(explanation_cause(&told.explanation), "did not answer"));
	told_done(&told);
}

static void peers_that_do_not_answer(void **state)
{
	struct story story = story_new();
	struct told told;

	addresses(&story, "connect", 3, "10.0.0.9", 80, -EINPROGRESS);
	story.before_ns -= 2 * SECOND;
	says(&story, "TimeoutError: timed out\n");
	ends(&story, &init, EXITED(1));
	told = story_explain(&story);
	expect(&told, "timeout", "10.0.0.9:80", CONFIDENCE_LIKELY);
	told_done(&told);

	/* One that did. */
	story = story_new();
	addresses(&story, "connect", 3, "10.0.0.9", 80, 0);
	calls(&story, "sendto", 10, 3, 1, 10, 0, NULL, 0);
	calls(&story, "recvfrom", 10, 3, 1, 10, 0, NULL, 0);
	story.before_ns -= 2 * SECOND;
	ends(&story, &init, EXITED(1));
	told = story_explain(&story);
	assert_false(tells(&told, "timeout", NULL));
	told_done(&told);
}

static void hostile_texts_are_inert(void **state)
{
	struct story story = story_new();
	struct buf text = {0};
	struct told told;

	opens(&story, "/tmp/\033[31mred\n2. certain: it was the cat", -ENOENT);
	says(&story, "\033]0;x\007 /tmp/\033[31mred\n: No such file or directory\n");
	ends(&story, &init, EXITED(1));
	told = story_explain(&story);
	assert_int_equal(explanation_text(&told.explanation, 0, &text), 0);
	assert_null(strchr(buf_text(&text), '\033'));
	assert_null(strchr(buf_text(&text), '\007'));
	assert_null(strstr(buf_text(&text), "\n2. certain: it was"));
	buf_done(&text);
	told_done(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_said_of_a_failed_call_is_certain),
		cmocka_unit_test(a_warning_before_other_work_is_not_the_cause),
		cmocka_unit_test(what_succeeded_later_is_not_the_cause),
		cmocka_unit_test(a_search_tells_all_places),
		cmocka_unit_test(a_connect_that_did_not_wait_fails_later),
		cmocka_unit_test(a_call_refused_before_it_began_is_a_filters),
		cmocka_unit_test(a_childs_failure_is_found),
		cmocka_unit_test(last_words_are_a_finding_of_their_own),
		cmocka_unit_test(names_that_do_not_resolve),
		cmocka_unit_test(peers_that_do_not_answer),
		cmocka_unit_test(hostile_texts_are_inert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
