/* SPDX-License-Identifier: Apache-2.0 */
/* Who started whom. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "replay/tree.h"
#include "tests/unit/replay/tape.h"

static const struct sample_task grandchild = {4400, 4400, 12, 12, "leaf"};

static void put_fork(struct sample_tape *tape, const struct sample_task *parent,
		     const struct sample_task *born, uint64_t before_ns)
{
	const struct igrec_fork fork = {born->tid, born->tgid, born->ns_tid, born->ns_tgid};

	put_event(tape, IGREC_RECORD_FORK, parent, before_ns, 0, &fork, sizeof(fork));
}

static void put_exec(struct sample_tape *tape, const struct sample_task *task, uint64_t before_ns,
		     const char *file)
{
	static const struct igrec_exec exec = {0};
	struct sample_record record = {
		.type = IGREC_RECORD_EXEC,
		.lane = IGREC_LANE_VITAL,
		.task = task,
		.time_ns = TAPE_ZERO - before_ns,
		.duration_ns = 1000,
		.nr = nr_of("execve"),
		.body = &exec,
		.body_bytes = sizeof(exec),
		.captures = 2,
		.capture = {{0, 0, file, (uint16_t)strlen(file)}, {1, 0, "prog\0-v", 8}},
	};

	sample_add(tape, &record);
}

static void put_end(struct sample_tape *tape, const struct sample_task *task, uint64_t before_ns,
		    int code)
{
	const struct igrec_exit body = {.code = code, .group_code = code, .last = 1};

	put_event(tape, IGREC_RECORD_EXIT, task, before_ns, IGREC_NR_NONE, &body, sizeof(body));
}

static void list_process(struct snapshot *snapshot)
{
	snapshot->tasks = calloc(1, sizeof(*snapshot->tasks));
	assert_non_null(snapshot->tasks);
	snapshot->n_tasks = 1;
	snapshot->tasks[0] = (struct snapshot_task){
		.tgid = 4500,
		.ns_tgid = 15,
		.parent_tgid = 4242,
		.comm = "old",
		.argv = strdup("old"),
		.argv_bytes = 4,
	};
}

/* init starts a thread and a child; the child starts another and dies by a signal. */
static struct snapshot *story(void)
{
	static const struct sample_task runtime = {4242, 4242, 1, 1, "runc:[2:INIT]"};
	static const struct sample_task helper = {4200, 4200, 3, 3, "runc:[1:CHILD]"};
	struct sample_record setup = call_of(&runtime, "getppid", 10 * SECOND, 0);
	struct sample_tape tape = tape_new();

	setup.meta = IGREC_META_SETUP;
	sample_add(&tape, &setup);
	setup.task = &helper;
	sample_add(&tape, &setup);
	put_exec(&tape, &init, 9 * SECOND, "/bin/app");
	put_fork(&tape, &init, &thread, 8 * SECOND);
	put_fork(&tape, &init, &child, 7 * SECOND);
	put_call(&tape, &child, "getppid", 6 * SECOND, 0);
	put_exec(&tape, &child, 5 * SECOND, "/bin/child\n");
	put_fork(&tape, &child, &grandchild, 4 * SECOND);
	put_call(&tape, &grandchild, "getppid", 3900000000, 0);
	put_end(&tape, &grandchild, 3 * SECOND, 2 << 8);
	put_end(&tape, &child, 2 * SECOND, SIGSEGV | 0x80);
	put_exit(&tape, &thread, SECOND, IGREC_NR_NONE, 1 << 8);
	put_end(&tape, &init, 0, 1 << 8);
	list_process(tape.snapshot);
	return tape.snapshot;
}

static char *render(const struct tree_options *options, struct tree_counts *ret)
{
	struct snapshot *snapshot = story();
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	assert_non_null(out);
	assert_int_equal(tree_render(snapshot, options, out, ret), 0);
	fclose(out);
	snapshot_free(snapshot);
	return text;
}

static void test_tree(void **state)
{
	static const char *const wanted =
		"     STARTED         ENDED     PID  PROCESS\n"
		"           -      0.000000       1  app, 1 more thread, exited with 1  <failure>\n"
		"   -9.000001                          exec \"/bin/app\", [\"prog\", \"-v\"]\n"
		"   -7.000000     -2.000000       9    child, killed by SIGSEGV (core dumped)\n"
		"   -6.000001                            called child\n"
		"   -5.000001                            exec \"/bin/child\\n\", [\"prog\", "
		"\"-v\"]\n"
		"   -4.000000     -3.000000      12      leaf, exited with 2\n"
		"   -3.900001                              called leaf\n"
		"           -             -      15    old, still there when the dump was made\n"
		"                                        runs [\"old\"]\n"
		"    0.000000  <failure> exited with 1\n";
	const struct tree_options options = {.hide_setup = true};
	struct tree_counts counts;
	AUTO_FREE char *text = render(&options, &counts);

	assert_string_equal(text, wanted);
	assert_int_equal(counts.processes, 4);
	assert_false(counts.incomplete);
}

static void test_threads(void **state)
{
	const struct tree_options options = {.threads = true, .no_header = true};
	struct tree_counts counts;
	AUTO_FREE char *text = render(&options, &counts);

	assert_non_null(strstr(text, "   -8.000000     -1.000000       7    thread worker, exited "
				     "with 1\n"));
	assert_non_null(strstr(text, "runc:[1:CHILD]"));
	assert_int_equal(counts.processes, 5);
}

static struct json *line_of(const char *text, const char *comm)
{
	struct json *json = NULL;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		assert_int_equal(json_parse(line, strcspn(line, "\n"), &json), 0);
		if (!strcmp(json_get_text(json, "comm"), comm))
			return json;
		json_free(json);
	}
	fail_msg("no process %s", comm);
	return NULL;
}

static void test_json(void **state)
{
	const struct tree_options options = {.json = true, .threads = true};
	struct tree_counts counts;
	AUTO_FREE char *text = render(&options, &counts);
	struct json *json = line_of(text, "child"), *changes;
	int64_t number = -1;

	assert_int_equal(json_get_int(json, "parent_pid", &number), 0);
	assert_int_equal(number, 1);
	assert_int_equal(json_get_int(json, "signal", &number), 0);
	assert_int_equal(number, SIGSEGV);
	assert_true(json_get_bool(json, "core"));
	assert_false(json_get_bool(json, "failed"));
	changes = json_get(json, "changes");
	assert_string_equal(json_get_text(json_at(changes, 0), "comm"), "child");
	assert_string_equal(json_get_text(json_at(changes, 1), "filename"), "/bin/child\n");
	json_free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
