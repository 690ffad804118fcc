/* SPDX-License-Identifier: Apache-2.0 */
/* The table of views, and those that are a row for each call. */
#include "tests/unit/view/shown.h"

#include "common/json.h"
#include "view/row_json.h"

static void test_table_holds_together(void **state)
{
	for (size_t i = 0; views[i]; i++) {
		const struct view *view = views[i];

		assert_ptr_equal(view_find(view->name), view);
		assert_true(view->n_columns <= VIEW_COLUMNS_MAX);
		assert_true(view->from < view->n_columns && view->to < view->n_columns &&
			    view->label < view->n_columns);
		for (unsigned j = 0; j < view->n_columns; j++) {
			const struct view_column *column = &view->columns[j];
			const char *tail = column->type == VIEW_DURATION_NS ? "_ns"
					   : column->type == VIEW_TIME_NS   ? "time_ns"
									    : "";

			assert_int_equal(view_column_find(view, column->name), j);
			assert_non_null(column->title);
			assert_true(strlen(column->name) >= strlen(tail));
			assert_string_equal(column->name + strlen(column->name) - strlen(tail),
					    tail);
		}
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(views[j]->table, view->table);
	}
	assert_null(view_find("nonsense"));
}

static void test_open(void **state)
{
	struct story story = story_new();

	TELL(&story, &init, "chdir", 0, {0x1000}, 0, "/srv");
	tell_open(&story, &init, "./app.conf", O_CLOEXEC, 3);
	tell_open(&story, &init, "missing", O_RDWR | O_CREAT, -ENOENT);
	TELL(&story, &init, "creat", 4, {0x1000, 0600}, 0, "/new");
	tell_open(&story, &init, "/etc/x", O_DIRECTORY, -EACCES);
	assert_rows_of(story.tape.snapshot, "open", "given", filter_with(FILTER_PATH, "/srv/"),
		       "./app.conf\nmissing\n");
	assert_rows_of(story.tape.snapshot, "open", "given", filter_with(FILTER_ERRNO, "EACCES"),
		       "/etc/x\n");
	assert_rows(&story, "open", "pid comm path given flags mode fd error duration_ns syscall",
		    "1|app|/srv/app.conf|./app.conf|O_RDONLY|O_CLOEXEC|-|3|-|1000|openat\n"
		    "1|app|/srv/missing|missing|O_RDWR|O_CREAT|000|-|ENOENT|1000|openat\n"
		    "1|app|/new|/new|O_WRONLY|O_CREAT|O_TRUNC|0600|4|-|1000|creat\n"
		    "1|app|/etc/x|/etc/x|O_RDONLY|O_DIRECTORY|-|-|EACCES|1000|openat\n");
}

/* A name that the kernel found wins; one from a directory that is not known stays as it was. */
static void test_open_paths(void **state)
{
	struct story story = story_new();

	TELL(&story, &init, "openat", 3, {AT_CWD, 0x1000, 0}, 1, "/link",
	     .object = {FOUND("file\0dir\0")});
	TELL(&story, &init, "openat", -ENOENT, {9, 0x1000, 0}, 1, "beside");
	assert_rows(&story, "open", "path given", "/dir/file|/link\nbeside|beside\n");
}

static void test_exec(void **state)
{
	struct story story = story_new();

	tell_program(&story, &init, "/bin/app", "app\0-x\0", 7);
	TELL(&story, &init, "chdir", 0, {0x1000}, 0, "/srv");
	tell_fork(&story, &init, &child, SIGCHLD);
	tell_program(&story, &child, "/bin/tool", "tool\0a b\0\0", 10);
	tell_end(&story, &child, 3 << 8);
	TELL(&story, &init, "execve", -EACCES, {0x1000, 0x2000, 0}, 0, "/bin/none");
	assert_rows(&story, "exec",
		    "pid parent_pid parent_comm path argv cwd error ended exit_code",
		    "1|-|-|/bin/app|app,-x,|-|-|-|-\n"
		    "9|1|app|/bin/tool|tool,a b,,|/srv|-|exited with 3|3\n"
		    "1|-|-|/bin/none|-|/srv|EACCES|-|-\n");
}

static void test_bind_and_signal(void **state)
{
	struct igrec_signal sent = {.signal = SIGTERM,
				    .code = SI_USER,
				    .sender_tgid = 77,
				    .sender_ns_tgid = 5,
				    .sender_comm = "sh"};
	const struct igrec_signal fault = {
		.signal = SIGSEGV, .code = 1, .sender_tgid = 4242, .fault_address = 0x10};
	struct story story = story_new();

	TELL(&story, &init, "socket", 3, {AF_INET, SOCK_STREAM, 0});
	TELL(&story, &init, "bind", -EADDRINUSE, {3, 0x1000, 16}, 1, LOOPBACK_80, 16);
	TELL(&story, &init, "bind", 0, {8, 0x1000, 16}, 1, ANY_80, 16);
	put_event(&story.tape, IGREC_RECORD_SIGNAL, &child, story.before_ns, 0, &sent,
		  sizeof(sent));
	put_event(&story.tape, IGREC_RECORD_SIGNAL, &init, story.before_ns - MS, 0, &fault,
		  sizeof(fault));
	assert_rows_of(story.tape.snapshot, "bind", "protocol address fd error", NULL,
		       "TCP|127.0.0.1:80|3|EADDRINUSE\n-|0.0.0.0:80|8|-\n");
	assert_rows(&story, "signal", "pid signal code sender_pid sender_comm fault_address",
		    "9|SIGTERM|SI_USER|5|sh|-\n1|SIGSEGV|SEGV_MAPERR|-|-|0x10\n");
}

static void test_mount(void **state)
{
	struct story story = story_new();

	TELL(&story, &init, "umount2", -EPERM, {0x1000, 2}, 0, "/mnt");
	assert_rows(&story, "mount", "syscall source target fs_type flags error",
		    "umount2|-|/mnt|-|MNT_DETACH|EPERM\n");
}

static void test_syscalls(void **state)
{
	struct story story = story_new();

	TELL(&story, &init, "read", 5, {3, 0x1000, 5}, .duration_ns = 3000);
	TELL(&story, &init, "read", -EAGAIN, {3, 0x1000, 5}, .duration_ns = 1000);
	TELL(&story, &child, "read", -EAGAIN, {3, 0x1000, 5}, .duration_ns = 2000);
	TELL(&story, &init, "read", -EIO, {3, 0x1000, 5}, .duration_ns = 2000);
	TELL(&story, &init, "getpid", 1, {0}, .duration_ns = 9000);
	assert_rows_of(story.tape.snapshot, "syscalls", "syscall calls",
		       filter_with(FILTER_PID, "9"), "read|1\n");
	assert_rows(&story, "syscalls", "syscall calls errors total_ns mean_ns max_ns errnos",
		    "getpid|1|0|9000|9000|9000|-\n"
		    "read|4|3|8000|2000|3000|EAGAIN:2,EIO:1,\n");
}

static void test_file(void **state)
{
	struct story story = story_new();

	tell_open(&story, &init, "/data", O_RDWR, 3);
	TELL(&story, &init, "dup", 7, {3});
	TELL(&story, &init, "pread64", 100, {7, 0x1000, 200, 0});
	TELL(&story, &init, "write", 30, {3, 0x1000, 30});
	TELL(&story, &init, "write", -ENOSPC, {3, 0x1000, 30});
	TELL(&story, &init, "fsync", 0, {3}, .duration_ns = 5000);
	tell_open(&story, &init, "/other", O_RDONLY, 4);
	TELL(&story, &init, "read", 10, {99, 0x1000, 10}); /* of what is not known */
	assert_rows(&story, "file",
		    "pid path opens reads writes read_bytes write_bytes total_ns errors",
		    "1|/data|1|1|2|100|30|9000|1\n1|/other|1|0|0|0|0|1000|0\n");
}

static void test_io_slowest_first(void **state)
{
	struct story story = story_new();

	tell_open(&story, &init, "/data", O_RDWR, 3);
	for (unsigned i = 0; i < 1500; i++) {
		TELL(&story, &init, "read", 8, {3, 0x1000, 8}, .duration_ns = 10000 + i);
		story.before_ns += MS / 2;
	}
	TELL(&story, &init, "fsync", 0, {3}, .duration_ns = 50000);
	TELL(&story, &init, "futex", 0, {0x1000, 0, 0}, .duration_ns = 90000);
	{
		struct shown shown = {.view = view_find("io"), .columns = "syscall bytes object"};
		struct view_query query = {.arch = ARCH_X86_64};
		struct timeline *timeline = NULL;
		const char *text, *first = "fsync|-|/data\nread|8|/data\n";
		size_t lines = 0;

		must(!timeline_new(story.tape.snapshot, &timeline));
		query.timeline = timeline;
		must(!view_each(shown.view, &query, show_row, &shown));
		text = buf_text(&shown.text);
		assert_memory_equal(text, first, strlen(first));
		for (; *text; text++)
			lines += *text == '\n';
		assert_int_equal(lines, 1000);
		buf_done(&shown.text);
		timeline_free(timeline);
	}
	snapshot_free(story.tape.snapshot);
}

static void test_process(void **state)
{
	struct story story = story_new();

	tell_program(&story, &init, "/bin/app", "app\0", 4);
	tell_fork(&story, &init, &child, SIGCHLD);
	tell_open(&story, &child, "/x", 0, -ENOENT);
	TELL(&story, &init, "wait4", -512, {(uint64_t)-1, 0, 0, 0});
	TELL(&story, &thread, "getpid", 1, {0});
	assert_rows(&story, "process", "pid parent_pid depth comm last_syscall last_call failed",
		    "1|-|0|app|wait4|wait4(-1, NULL, 0, NULL)|1\n"
		    "9|1|1|child|openat|openat(AT_FDCWD, \"/x\", O_RDONLY)|0\n");
}

static void test_setup_is_hidden(void **state)
{
	struct story story = story_new();
	struct sample_record record = call_of(&init, "openat", 2 * SECOND, 3);

	record.meta = IGREC_META_SETUP;
	sample_add(&story.tape, &record);
	assert_rows_of(story.tape.snapshot, "open", "fd", NULL, "3\n"); /* there is nothing else */
	tell_program(&story, &init, "/bin/app", "app\0", 4);
	assert_rows(&story, "open", "fd", "");
}

static int add_json(void *user, const struct view_cell *cells)
{
	struct json *object = json_new_object();

	row_json(object, view_find("open"), cells, 100);
	must(!json_write(object, user));
	json_free(object);
	return 0;
}

static void test_json(void **state)
{
	struct story story = story_new();
	struct view_query query = {.arch = ARCH_X86_64};
	struct timeline *timeline = NULL;
	struct buf text = {0};

	tell_open(&story, &init, "/a\x1b[\xff", 0, -ENOENT);
	must(!timeline_new(story.tape.snapshot, &timeline));
	query.timeline = timeline;
	must(!view_each(view_find("open"), &query, add_json, &text));
	assert_string_equal(
		buf_text(&text),
		"{\"time_ns\":1699999998999999000,\"rel_ns\":1699999998999998900,\"pid\":1,"
		"\"tid\":1,\"host_pid\":4242,\"comm\":\"app\",\"path\":\"/a\\u001b[\uFFFD\","
		"\"given\":\"/a\\u001b[\uFFFD\",\"flags\":\"O_RDONLY\",\"mode\":null,\"fd\":null,"
		"\"error\":\"ENOENT\",\"duration_ns\":1000,\"syscall\":\"openat\"}");
	buf_done(&text);
	timeline_free(timeline);
	snapshot_free(story.tape.snapshot);
}

static int stop(void *user, const struct view_cell *cells)
{
	++*(int *)user;
	return -EPIPE;
}

static void test_taker_ends_it(void **state)
{
	struct story story = story_new();
	struct view_query query = {.arch = ARCH_X86_64};
	struct timeline *timeline = NULL;

	tell_open(&story, &init, "/a", O_RDWR, 3);
	TELL(&story, &init, "socket", 4, {AF_INET, SOCK_STREAM, 0});
	TELL(&story, &init, "connect", 0, {4, 0x1000, 16}, 1, TEN_443, 16);
	tell_open(&story, &init, "/b", O_RDWR, 5);
	must(!timeline_new(story.tape.snapshot, &timeline));
	query.timeline = timeline;
	for (size_t i = 0; views[i]; i++) {
		int rows = 0;
		int err = view_each(views[i], &query, stop, &rows);

		assert_int_equal(err, rows ? -EPIPE : 0);
		assert_true(rows <= 1);
	}
	timeline_free(timeline);
	snapshot_free(story.tape.snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_holds_together),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_open_paths),
		cmocka_unit_test(test_exec),
		cmocka_unit_test(test_bind_and_signal),
		cmocka_unit_test(test_mount),
		cmocka_unit_test(test_syscalls),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_io_slowest_first),
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_setup_is_hidden),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_taker_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
