/* SPDX-License-Identifier: Apache-2.0 */
/* Two runs compared: what is no difference, where they part, what only one has. */
#include "tests/unit/view/shown.h"

#include "common/json.h"
#include "view/diff.h"

struct pair {
	struct story story[2];
	struct timeline *timeline[2];
	struct diff diff;
};

static void compare(struct pair *pair)
{
	struct view_query query[2];

	for (unsigned i = 0; i < 2; i++) {
		must(!timeline_new(pair->story[i].tape.snapshot, &pair->timeline[i]));
		query[i] = (struct view_query){
			.timeline = pair->timeline[i], .arch = ARCH_X86_64, .hide_setup = true};
	}
	must(!diff_make(&pair->diff, &query[0], &query[1]));
}

static void pair_done(struct pair *pair)
{
	diff_done(&pair->diff);
	for (unsigned i = 0; i < 2; i++) {
		timeline_free(pair->timeline[i]);
		snapshot_free(pair->story[i].tape.snapshot);
	}
}

/* Both runs; pids, addresses and times differ. */
static const struct sample_task inits[] = {{100, 100, 1, 1, "app"}, {900, 900, 1, 1, "app"}};
static const struct sample_task children[] = {{101, 101, 7, 7, "app"}, {950, 950, 12, 12, "app"}};

static struct pair pair_new(void)
{
	struct pair pair = {0};

	for (unsigned i = 0; i < 2; i++) {
		pair.story[i] = story_new();
		pair.story[i].tape.snapshot->failure.tgid = inits[i].tgid;
		pair.story[i].before_ns += i * 33 * MS;
		tell_program(&pair.story[i], &inits[i], "/bin/app", "app\0", 4);
	}
	return pair;
}

static void test_no_difference(void **state)
{
	struct pair pair = pair_new();

	for (unsigned i = 0; i < 2; i++) {
		struct story *story = &pair.story[i];
		const struct sample_task *task = &inits[i];
		char temporary[32], proc[32], message[32];

		snprintf(temporary, sizeof(temporary), "/tmp/x%u", 1234 + i);
		snprintf(proc, sizeof(proc), "/proc/%u/stat", children[i].ns_tgid);
		snprintf(message, sizeof(message), "at 12:34:%u\n", 10 + i);
		tell_open(story, task, temporary, O_CREAT | O_EXCL | O_RDWR, 3);
		TELL(story, task, "unlink", 0, {0x1000 + i}, 0, temporary);
		tell_open(story, task, proc, 0, 4);
		TELL(story, task, "mmap", 0x7f0000000000 + i, {0, 4096, 3, 2, 3, 0});
		for (unsigned j = 0; j < i; j++)
			TELL(story, task, "futex", 0, {0x1000, 0, 0, 0, 0, 0});
		TELL(story, task, "write", 12, {2, 0x1000 + i, 12}, 1, message);
		TELL(story, task, "read", 10 + i, {4, 0x1000 + i, 4096});
		tell_fork(story, task, &children[i], SIGCHLD);
		TELL(story, &children[i], "kill", 0, {inits[i].ns_tgid, SIGUSR1});
		tell_end(story, &children[i], 0);
	}
	compare(&pair);
	assert_int_equal(pair.diff.n_divergences, 0);
	assert_int_equal(pair.diff.matched, 2);
	for (size_t i = 0; i < pair.diff.facts.keys.count; i++) {
		const struct diff_count *count = &pair.diff.facts.counts[i];
		size_t bytes;
		const char *key = keys_at(&pair.diff.facts.keys, (uint32_t)i, &bytes);

		if (bytes == 6 && !memcmp(key + 1, "futex", 5))
			continue;
		assert_int_equal(count->of[0], count->of[1]);
	}
	pair_done(&pair);
}

static const struct divergence *first_of(const struct pair *pair)
{
	assert_true(pair->diff.n_divergences > 0);
	return &pair->diff.divergences[0];
}

/* The parent's wait began before, but tells of the child's end after it. */
static void test_cause_comes_first(void **state)
{
	struct pair pair = pair_new();
	const struct divergence *first;

	for (unsigned i = 0; i < 2; i++) {
		struct story *story = &pair.story[i];
		uint64_t now_ns;

		tell_fork(story, &inits[i], &children[i], SIGCHLD);
		tell_program(story, &children[i], "/bin/tool", "tool\0", 5);
		tell_open(story, &children[i], "/etc/tool.conf", 0, i ? -ENOENT : 3);
		tell_end(story, &children[i], (int)i << 8);
		now_ns = story->before_ns;
		TELL(story, &inits[i], "wait4", children[i].ns_tgid, {(uint64_t)-1, 0x1000, 0, 0},
		     1, i ? "\0\1\0\0" : "\0\0\0\0", 4, .duration_ns = 3 * MS + MS / 2);
		must(story->before_ns < now_ns);
	}
	compare(&pair);
	first = first_of(&pair);
	assert_int_equal(first->from[0], 1);
	assert_int_equal(first->to[1] - first->from[1], 2); /* the open, the end */
	assert_int_equal(pair.diff.n_divergences, 2);	    /* and the wait */
	pair_done(&pair);
}

/* A program that only one of them ran. */
static void test_process_of_one(void **state)
{
	struct pair pair = pair_new();
	const struct divergence *first;

	for (unsigned i = 0; i < 2; i++) {
		tell_fork(&pair.story[i], &inits[i], &children[i], SIGCHLD);
		tell_program(&pair.story[i], &children[i], i ? "/bin/rm" : "/bin/cp", "x\0", 2);
	}
	compare(&pair);
	assert_int_equal(pair.diff.n_divergences, 2);
	first = first_of(&pair);
	assert_true(!first->thread[0] != !first->thread[1]);
	pair_done(&pair);
}

/* What one tape no longer has, or did not have yet, is no difference. */
static void test_ends_of_tapes(void **state)
{
	struct pair pair = pair_new();

	TELL(&pair.story[0], &inits[0], "chdir", 0, {0x1000}, 0, "/early");
	for (unsigned i = 0; i < 2; i++)
		TELL(&pair.story[i], &inits[i], "chdir", 0, {0x1000}, 0, "/both");
	TELL(&pair.story[1], &inits[1], "chdir", 0, {0x1000}, 0, "/late");
	pair.story[0].tape.snapshot->failure.kind = FAILURE_REQUESTED;
	compare(&pair);
	assert_int_equal(pair.diff.n_divergences, 1);
	pair_done(&pair);
}

static char *printed(struct pair *pair, bool json)
{
	const struct diff_print_options options = {
		.name = {"aaaa", "bbbb"}, .divergences_max = 1, .context = 2, .rows_max = 1};
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	must(out);
	must(!(json ? diff_print_json(&pair->diff, &options, out)
		    : diff_print(&pair->diff, &options, out)));
	fclose(out);
	return text;
}

static void assert_begins(const char *text, const char *wanted)
{
	assert_non_null(text);
	assert_memory_equal(text, wanted, strlen(wanted));
}

static void test_printed(void **state)
{
	struct pair pair = pair_new();
	char *text;

	for (unsigned i = 0; i < 2; i++) {
		TELL(&pair.story[i], &inits[i], "chdir", 0, {0x1000}, 0, "/srv");
		if (i) {
			tell_open(&pair.story[i], &inits[i], "/etc/\x1b[31m", 0, -ENOENT);
			tell_open(&pair.story[i], &inits[i], "/etc/more", 0, -ENOENT);
		}
	}
	compare(&pair);
	text = printed(&pair, false);
	assert_begins(text, "A  aaaa  exited with 1\nB  bbbb  exited with 1\n\n"
			    "The runs part here first: A: app, pid 1; B: app, pid 1\n\n"
			    "     -1.033001       1  app              execve");
	assert_begins(strstr(text, "A "), "A  aaaa");
	assert_begins(strstr(text, "\nA    "), "\nA    (nothing)\nB    -1.031001       1  app  "
					       "            openat            AT_FDCWD</srv>, "
					       "\"/etc/\\33[31m\", O_RDONLY ");
	assert_begins(strstr(text, "\n1 stretch"),
		      "\n1 stretch differs; 1 thread in both\n"
		      "\nonly in B: errors\n       1  openat ENOENT /etc/\\x1b[31m\n"
		      "          and 1 more\n"
		      "\nonly in B: syscalls\n       2  openat\n");
	free(text);
	text = printed(&pair, true);
	assert_non_null(strstr(text, "{\"schema\":1,\"type\":\"diff\",\"a\":{\"id\":\"aaaa\""));
	assert_non_null(strstr(text,
			       "{\"schema\":1,\"type\":\"only\",\"side\":\"b\",\"fact\":"
			       "\"error\",\"value\":\"openat ENOENT /etc/more\",\"times\":1}"));
	assert_null(strchr(text, '\x1b'));
	free(text);
	pair_done(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_difference),  cmocka_unit_test(test_cause_comes_first),
		cmocka_unit_test(test_process_of_one), cmocka_unit_test(test_ends_of_tapes),
		cmocka_unit_test(test_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
