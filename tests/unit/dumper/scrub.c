/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets planted in every place of a snapshot, then looked for in its bytes, in the file that is
 * written of it, and in what is read from that.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/syscall.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "dumper/dump_writer.h"
#include "dumper/scrub.h"
#include "replay/dump.h"
#include "tests/support/must.h"
#include "tests/support/sample_snapshot.h"
#include "tests/support/temp_store.h"

#define SECRET "hunter2-Kq9"
#define DEEP   "vault-file-7.pem"

static const struct sample_task task = {SAMPLE_TGID, SAMPLE_TGID, 1, 1, SAMPLE_COMM};

struct tape {
	struct sample_tape tape;
	uint64_t now_ns;
};

static void add(struct tape *tape, struct sample_record record)
{
	record.lane = IGREC_LANE_VITAL;
	record.task = &task;
	record.time_ns = tape->now_ns;
	tape->now_ns += 1000;
	sample_add(&tape->tape, &record);
}

static void add_write(struct tape *tape, const char *text, uint8_t flags)
{
	add(tape, (struct sample_record){
			  .type = IGREC_RECORD_SYSCALL,
			  .nr = SYS_write,
			  .result = (int64_t)strlen(text),
			  .args = 3,
			  .arg = {1, 0x1000, strlen(text)},
			  .captures = 1,
			  .capture = {{1, flags, text, (uint16_t)strlen(text)}},
		  });
}

static void add_exec(struct tape *tape)
{
	static const char argv[] = "app\0--password\0" SECRET;
	static const struct igrec_exec body = {.old_tid = SAMPLE_TGID};

	add(tape, (struct sample_record){
			  .type = IGREC_RECORD_EXEC,
			  .nr = SYS_execve,
			  .body = &body,
			  .body_bytes = sizeof(body),
			  .captures = 2,
			  .capture = {{0, 0, "/app", 4}, {1, 0, argv, sizeof(argv)}},
		  });
}

/* openat(AT_FDCWD, "vault-file-7.pem") in /srv/keys. */
static void add_open(struct tape *tape)
{
	static const char object[] = DEEP "\0keys\0srv";

	add(tape, (struct sample_record){
			  .type = IGREC_RECORD_SYSCALL,
			  .nr = SYS_openat,
			  .result = 3,
			  .args = 4,
			  .arg = {(uint64_t)AT_FDCWD, 0x2000, O_RDONLY},
			  .captures = 2,
			  .capture = {{1, 0, DEEP, sizeof(DEEP) - 1},
				      {IGREC_ARG_OBJECT, 0, object, sizeof(object)}},
		  });
}

static void add_writev(struct tape *tape)
{
	static const uint64_t vectors[4] = {0x1000, 9, 0x2000, sizeof(SECRET) - 1};
	static const char data[] = "password=" SECRET;

	add(tape,
	    (struct sample_record){
		    .type = IGREC_RECORD_SYSCALL,
		    .nr = SYS_writev,
		    .result = sizeof(data) - 1,
		    .args = 3,
		    .arg = {1, 0x1000, 2},
		    .captures = 2,
		    .capture = {{1, 0, vectors, sizeof(vectors)}, {1, 0, data, sizeof(data) - 1}},
	    });
}

/* A message of which the beginning and the end were captured. */
static void add_ends(struct tape *tape, const char *begin, const char *end)
{
	add(tape, (struct sample_record){
			  .type = IGREC_RECORD_SYSCALL,
			  .nr = SYS_write,
			  .result = 5000,
			  .args = 3,
			  .arg = {2, 0x1000, 5000},
			  .captures = 2,
			  .capture = {{1, IGREC_CAPTURE_TRUNCATED, begin, (uint16_t)strlen(begin)},
				      {IGREC_ARG_TAIL, 0, end, (uint16_t)strlen(end)}},
		  });
}

static char *copy(const char *text)
{
	char *made = strdup(text);

	must(made);
	return made;
}

static void plant_in_tables(struct snapshot *snapshot)
{
	static const char argv[] = "app\0--token=" SECRET;

	free(snapshot->tasks[0].argv);
	snapshot->tasks[0].argv = malloc(sizeof(argv));
	must(snapshot->tasks[0].argv);
	memcpy(snapshot->tasks[0].argv, argv, sizeof(argv));
	snapshot->tasks[0].argv_bytes = sizeof(argv);
	free(snapshot->fds[0].target);
	snapshot->fds[0].target = copy("/srv/keys/" DEEP);
	free(snapshot->fds[1].target);
	snapshot->fds[1].target = copy("/run/" SECRET); /* found elsewhere only */
	free(snapshot->log[0].text);
	snapshot->log[0].text = copy("started with password=" SECRET);
	snapshot->log[0].text_bytes = strlen(snapshot->log[0].text);
}

static struct snapshot *planted_new(void)
{
	static const struct sample_options options = {.flow_records = 40, .seed = 5};
	struct snapshot *snapshot = sample_snapshot_new(&options);
	struct tape tape = {.tape.snapshot = snapshot, .now_ns = SAMPLE_FAILURE_NS - 20000000};

	must(snapshot->n_log > 0);
	add_exec(&tape);
	add_open(&tape);
	add_write(&tape, "token=" SECRET "\n", 0);
	add_writev(&tape);
	/* Split within the name, and within the value. */
	add_write(&tape, "\npass", 0);
	add_write(&tape, "word=hun", 0);
	add_write(&tape, "ter2-Kq9\n", 0);
	add_write(&tape, "postgres://app:" SECRET "@db/\n", 0);
	/* Named nowhere near; the second is cut. */
	add_write(&tape, "I know " SECRET " by heart", 0);
	add_write(&tape, "opened /srv/keys/" DEEP ", hunter2-", IGREC_CAPTURE_TRUNCATED);
	plant_in_tables(snapshot);
	return snapshot;
}

static size_t count_in(const void *data, size_t bytes, const char *text)
{
	const char *at = data, *end = at + bytes;
	size_t count = 0;

	while ((at = memmem(at, (size_t)(end - at), text, strlen(text))) != NULL) {
		count++;
		at++;
	}
	return count;
}

/* In all lanes, and in the tables that plant_in_tables() wrote to. */
static size_t count_text(const struct snapshot *snapshot, const char *text)
{
	const struct snapshot_task *process = &snapshot->tasks[0];
	size_t count = process->argv ? count_in(process->argv, process->argv_bytes, text) : 0;

	for (int lane = 0; lane < IGREC_LANES; lane++)
		for (size_t i = 0; i < snapshot->lane[lane].n_blocks; i++)
			count += count_in(snapshot->lane[lane].data +
						  snapshot->lane[lane].blocks[i].offset,
					  snapshot->lane[lane].blocks[i].bytes, text);
	for (size_t i = 0; i < snapshot->n_fds; i++)
		count += count_in(snapshot->fds[i].target, strlen(snapshot->fds[i].target), text);
	for (size_t i = 0; i < snapshot->n_log; i++)
		count += count_in(snapshot->log[i].text, snapshot->log[i].text_bytes, text);
	return count;
}

static void igrecd_masks_what_patterns_find(void **state)
{
	struct snapshot *snapshot = planted_new();
	struct mask *mask = mask_new(true);

	assert_int_equal(count_text(snapshot, SECRET), 8);
	scrub_mask(snapshot, ARCH_HOST, mask);
	/* argv twice, token, writev, the split one, the URL, the log. */
	assert_int_equal(snapshot->masked, 7);
	assert_int_equal(count_text(snapshot, SECRET), 2); /* no pattern is about these */
	assert_int_equal(count_text(snapshot, "word=***"), 3);
	assert_int_equal(count_text(snapshot, "ter2-Kq9"), 2);
	assert_int_equal(count_text(snapshot, "--password"), 1);
	mask_free(mask);
	snapshot_free(snapshot);
}

static void a_message_with_a_gap(void **state)
{
	static const struct sample_options options = {.flow_records = 4, .seed = 5};
	struct snapshot *snapshot = sample_snapshot_new(&options);
	struct tape tape = {.tape.snapshot = snapshot, .now_ns = SAMPLE_FAILURE_NS - 20000000};
	struct mask *mask = mask_new(true);

	must(mask);
	add_ends(&tape, "starts; password=hun",
		 "ter2-Kq9 went wrong\n"); /* what is between: gone */
	add_ends(&tape, "-----BEGIN PRIVATE KEY-----\nAAAA",
		 "QQQQ\nRRRR\n-----END PRIVATE KEY-----\n");
	add_ends(&tape, "GET / ", "tion: Basic QWxhZGRpbg== and so on\n");
	add_ends(&tape, "{", "word\":\"hun,ter2\",\"level\":\"error\"}\n");
	add_ends(&tape, "many lines", "AAAASSSS\nTTTT\n-----END PRIVATE KEY-----\nits end\n");
	add_ends(&tape, "a trace", "ine 7\nErrno 2: token=abcdefgh\n");
	scrub_mask(snapshot, ARCH_HOST, mask);
	assert_int_equal(count_text(snapshot, "starts; password=***"), 1);
	assert_int_equal(count_text(snapshot, "******** went wrong\n"), 1);
	assert_int_equal(count_text(snapshot, "AAAA") + count_text(snapshot, "RRRR"), 0);
	assert_int_equal(count_text(snapshot, "************************ and so on\n"), 1);
	assert_int_equal(count_text(snapshot, "*,\"level\":\"error\"}\n"), 1);
	assert_int_equal(count_text(snapshot, "SSSS") + count_text(snapshot, "TTTT"), 0);
	assert_int_equal(count_text(snapshot, "-----END PRIVATE KEY-----\nits end\n"), 1);
	assert_int_equal(count_text(snapshot, "*** 7\nErrno 2: token=********\n"), 1);
	mask_free(mask);
	snapshot_free(snapshot);
}

static struct scrub_counts scrubbed(struct snapshot *snapshot, struct scrub scrub)
{
	struct literals *literals = calloc(1, sizeof(*literals));
	struct mask *mask = mask_new(true);
	struct scrub_counts counts;

	must(literals && mask);
	scrub.mask = mask;
	scrub.arch = ARCH_HOST;
	assert_int_equal(scrub_snapshot(&scrub, snapshot, literals, &counts), 0);
	literals_done(literals);
	free(literals);
	mask_free(mask);
	return counts;
}

/* Writes it under a name of its own, and reads it back whole. */
static struct dump *written(const struct snapshot *snapshot, const char *directory)
{
	const struct dump_origin origin = {"0123456789ab", "x86_64", IGREC_ABI_VERSION};
	AUTO_FREE char *path = NULL;
	struct dump_fault why = {};
	struct store *store;
	struct dump *dump;

	assert_int_equal(store_open(directory, false, &store), 0);
	assert_int_equal(dump_write_copy(snapshot, NULL, &origin, store, "new", false), 0);
	assert_int_equal(dump_write_copy(snapshot, NULL, &origin, store, "new", false), -EEXIST);
	assert_int_equal(dump_write_copy(snapshot, NULL, &origin, store, "new", true), 0);
	assert_int_equal(dump_write_copy(snapshot, NULL, &origin, store, "../new", true), -EINVAL);
	assert_int_equal(temp_directory_count(directory), 1);
	store_close(store);
	must(asprintf(&path, "%s/new", directory) > 0);
	if (dump_open(path, &dump, &why))
		fail_msg("%s", why.text);
	assert_int_equal(dump_verify(dump), 0);
	assert_string_equal(dump_id(dump), origin.id);
	return dump;
}

static void check_written(const struct snapshot *snapshot, const char *const *gone, size_t count)
{
	char *directory = temp_directory_new();
	struct dump *dump = written(snapshot, directory);
	AUTO_FREE unsigned char *file = NULL;
	size_t bytes;

	file = file_read(dump_path(dump), &bytes);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(count_text(snapshot, gone[i]), 0);
		assert_int_equal(count_text(dump_snapshot(dump), gone[i]), 0);
		assert_int_equal(count_in(file, bytes, gone[i]), 0);
	}
	assert_int_equal(dump_snapshot(dump)->masked, snapshot->masked);
	dump_free(dump);
	temp_directory_remove(directory);
}

static void scrub_covers_what_was_found_everywhere(void **state)
{
	static const char *const gone[] = {SECRET, "hunter2-", "ter2-Kq9"};
	struct snapshot *snapshot = planted_new();
	struct scrub_counts counts = scrubbed(snapshot, (struct scrub){0});

	assert_int_equal(counts.masked, 10);
	assert_int_equal(counts.removed, 0);
	assert_true(count_text(snapshot, DEEP) > 0);
	check_written(snapshot, gone, ARRAY_SIZE(gone));
	snapshot_free(snapshot);
}

static void scrub_covers_paths(void **state)
{
	static const char *const paths[] = {"/srv/keys/"};
	static const char *const gone[] = {SECRET, DEEP, "/srv/keys"};
	struct snapshot *snapshot = planted_new();
	const struct scrub scrub = {.paths = paths, .n_paths = 1};

	scrubbed(snapshot, scrub);
	check_written(snapshot, gone, ARRAY_SIZE(gone));
	assert_true(count_text(snapshot, "/lib/x86_64-linux-gnu/libc.so.6") > 0);
	snapshot_free(snapshot);
}

static uint64_t records_of(const struct snapshot *snapshot)
{
	uint64_t records = 0;

	for (int lane = 0; lane < IGREC_LANES; lane++)
		for (size_t i = 0; i < snapshot->lane[lane].n_blocks; i++)
			records += snapshot->lane[lane].blocks[i].records;
	return records;
}

static void scrub_removes_parts(void **state)
{
	static const char *const gone[] = {SECRET, "by heart", "--password", "--config",
					   "request "};
	struct snapshot *snapshot = planted_new();
	uint64_t records = records_of(snapshot);
	const struct scrub scrub = {.payloads = true, .argv = true};
	struct scrub_counts counts;

	counts = scrubbed(snapshot, scrub);
	assert_true(counts.removed > 10);
	assert_null(snapshot->tasks[0].argv);
	assert_int_equal(snapshot->n_log, 0);
	assert_int_equal(records_of(snapshot), records);
	/* What is neither stays. */
	assert_true(count_text(snapshot, SAMPLE_MISSING_FILE) > 0);
	check_written(snapshot, gone, ARRAY_SIZE(gone));
	snapshot_free(snapshot);
}

static void paths_fit(void **state)
{
	assert_true(scrub_path_fits("/srv", "/srv"));
	assert_true(scrub_path_fits("/srv", "/srv/a"));
	assert_true(scrub_path_fits("/srv/", "/srv/a"));
	assert_true(scrub_path_fits("/", "/a"));
	assert_false(scrub_path_fits("/srv", "/srv2"));
	assert_true(scrub_path_fits("*.pem", "/a/b.pem"));
	assert_false(scrub_path_fits("*.pem", "/a/b.pem2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_with_a_gap),
		cmocka_unit_test(igrecd_masks_what_patterns_find),
		cmocka_unit_test(scrub_covers_what_was_found_everywhere),
		cmocka_unit_test(scrub_covers_paths),
		cmocka_unit_test(scrub_removes_parts),
		cmocka_unit_test(paths_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
