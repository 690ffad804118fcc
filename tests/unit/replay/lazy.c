/* SPDX-License-Identifier: Apache-2.0 */
/* A dump whose chunks are unpacked as they are needed tells what one does that was read at once. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/syscall.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "dumper/dump_writer.h"
#include "replay/dump.h"
#include "replay/replay.h"
#include "replay/snapshot_source.h"
#include "replay/timeline.h"
#include "tests/support/sample_snapshot.h"
#include "tests/support/temp_store.h"

#define RECORDS	 12000
#define SECOND	 1000000000ULL
#define DEATH_NS (SAMPLE_FAILURE_NS - 100)

/* What the tape has that is found out from behind. */
enum {
	LONG_CALL = 1, /* begins first, ends last */
	IN_FLIGHT = 2, /* a thread dies in a call that began first */
	STRANGER = 4,  /* an early signal to a thread that is seen late */
	CLOSED = 8,    /* a listed descriptor is closed in the middle */
	NO_LIST = 16,  /* no descriptors are listed */
	NO_START = 32, /* the container's first exec is not on the tape */
	KINDS = 64,
};

static const struct sample_task main_task = {SAMPLE_TGID, SAMPLE_TGID, 1, 1, SAMPLE_COMM};
static const struct sample_task idle_task = {4260, SAMPLE_TGID, 8, 1, "idle"};
static const struct sample_task late_task = {4270, SAMPLE_TGID, 9, 1, "late"};

static void add_call(struct sample_tape *tape, const struct sample_task *task, unsigned nr,
		     uint64_t end_ns, uint64_t took_ns, int64_t result)
{
	sample_add(tape, &(struct sample_record){
				 .type = IGREC_RECORD_SYSCALL,
				 .lane = IGREC_LANE_FLOW,
				 .task = task,
				 .time_ns = end_ns,
				 .duration_ns = took_ns,
				 .nr = (uint16_t)nr,
				 .result = result,
				 .args = 1,
				 .arg = {1},
			 });
}

static void add_in_flight(struct sample_tape *tape)
{
	const struct igrec_exit body = {.code = SIGKILL, .group_code = SIGSEGV};

	add_call(tape, &idle_task, SYS_epoll_wait, DEATH_NS - 50, 28 * SECOND, -512);
	sample_add(tape, &(struct sample_record){
				 .type = IGREC_RECORD_EXIT,
				 .lane = IGREC_LANE_VITAL,
				 .task = &idle_task,
				 .time_ns = DEATH_NS,
				 .nr = IGREC_NR_NONE,
				 .body = &body,
				 .body_bytes = sizeof(body),
			 });
}

static void add_stranger(struct sample_tape *tape)
{
	const struct igrec_signal body = {
		.signal = SIGURG, .target_tgid = SAMPLE_TGID, .sender_tid = SAMPLE_TGID};
	const struct sample_task unknown = {late_task.tid, SAMPLE_TGID, 0, 0, ""};

	/* As if it had been: so it gets no mark. */
	tape->marked[IGREC_LANE_VITAL][tape->n_marked[IGREC_LANE_VITAL]++] = unknown.tid;
	sample_add(tape, &(struct sample_record){
				 .type = IGREC_RECORD_SIGNAL,
				 .lane = IGREC_LANE_VITAL,
				 .task = &unknown,
				 .time_ns = SAMPLE_FAILURE_NS - 28 * SECOND,
				 .body = &body,
				 .body_bytes = sizeof(body),
			 });
	add_call(tape, &late_task, SYS_getppid, DEATH_NS - 10, 5, 0);
}

static void close_listed(struct snapshot *snapshot)
{
	struct snapshot_lane *lane = &snapshot->lane[IGREC_LANE_FLOW];
	struct snapshot_block *block = &lane->blocks[lane->n_blocks / 2];
	struct igrec_record record;

	for (size_t at = block->offset;; at += record.bytes) {
		memcpy(&record, lane->data + at, sizeof(record));
		if (IGREC_META_ARGS(record.meta) != 3)
			continue;
		record.nr = SYS_close;
		memcpy(lane->data + at, &record, sizeof(record));
		return;
	}
}

static struct snapshot *tape_new(int kind)
{
	const struct sample_options options = {.flow_records = RECORDS, .seed = 3};
	struct snapshot *snapshot = sample_snapshot_new(&options);
	struct sample_tape tape = {.snapshot = snapshot};

	if (kind & LONG_CALL)
		add_call(&tape, &main_task, SYS_wait4, DEATH_NS - 60, 28 * SECOND, 7);
	if (kind & IN_FLIGHT)
		add_in_flight(&tape);
	if (kind & STRANGER)
		add_stranger(&tape);
	if (kind & CLOSED)
		close_listed(snapshot);
	if (kind & NO_LIST) {
		for (size_t i = 0; i < snapshot->n_fds; i++)
			free(snapshot->fds[i].target);
		snapshot->n_fds = 0;
	}
	if (kind & NO_START)
		snapshot->lane[IGREC_LANE_START].n_blocks = 0;
	return snapshot;
}

static char *dump_new(const char *directory, int kind)
{
	struct snapshot *snapshot = tape_new(kind);
	struct store *store;
	char *file, *path;

	assert_int_equal(store_open(directory, false, &store), 0);
	assert_int_equal(dump_write(snapshot, NULL, store, &file), 0);
	assert_true(asprintf(&path, "%s/%s", directory, file) > 0);
	store_close(store);
	snapshot_free(snapshot);
	free(file);
	return path;
}

static char *render(const struct snapshot *snapshot, enum replay_format format,
		    struct replay_counts *ret)
{
	const struct replay_options options = {.arch = ARCH_X86_64,
					       .format = format,
					       .fds = REPLAY_FDS_ADDRESSES,
					       .hide_setup = format == REPLAY_WIDE};
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	assert_int_equal(replay_render(snapshot, &options, out, ret), 0);
	fclose(out);
	return text;
}

static void assert_same_text(const struct dump *at_once, const struct dump *lazily,
			     enum replay_format format)
{
	struct replay_counts counts[2];
	AUTO_FREE char *expected = render(dump_snapshot(at_once), format, &counts[0]);
	AUTO_FREE char *text = render(dump_snapshot(lazily), format, &counts[1]);

	assert_string_equal(text, expected);
	assert_int_equal(counts[0].shown, counts[1].shown);
	assert_int_equal(counts[0].events, counts[1].events);
	assert_int_equal(counts[0].setup, counts[1].setup);
	assert_int_equal(counts[0].incomplete, counts[1].incomplete);
}

static void same_text(void **state)
{
	char *directory = temp_directory_new();

	for (int kind = 0; kind < KINDS; kind = kind < 8 ? kind + 1 : 2 * kind) {
		AUTO_FREE char *path = dump_new(directory, kind);
		struct dump *at_once, *lazily;

		assert_int_equal(dump_open(path, &at_once, NULL), 0);
		assert_int_equal(dump_open_lazily(path, &lazily, NULL), 0);
		assert_non_null(dump_snapshot(lazily)->source);
		assert_same_text(at_once, lazily, REPLAY_JSON);
		assert_same_text(at_once, lazily, REPLAY_WIDE);
		dump_free(at_once);
		dump_free(lazily);
	}
	temp_directory_remove(directory);
}

/* The first entry takes a part of the tape only; where it needs more, all of it. */
static void reads_little(void **state)
{
	char *directory = temp_directory_new();

	for (int kind = 0; kind < KINDS; kind = kind ? 2 * kind : 1) {
		AUTO_FREE char *path = dump_new(directory, kind);
		const struct timeline_entry *entries;
		struct timeline *timeline;
		struct dump *dump;
		size_t first;

		assert_int_equal(dump_open_lazily(path, &dump, NULL), 0);
		assert_int_equal(timeline_open(dump_snapshot(dump), &timeline), 0);
		assert_int_equal(timeline_reach(timeline, 0), 1);
		first = timeline_read_entries(timeline, &entries);
		assert_int_equal(timeline_reach(timeline, SIZE_MAX), 0);
		assert_int_equal(timeline_read_entries(timeline, &entries),
				 timeline_count(timeline));
		if (kind & STRANGER)
			assert_int_equal(first, timeline_count(timeline));
		else
			assert_true(first > 0 && first < 2 * timeline_count(timeline) / 3);
		timeline_free(timeline);
		dump_free(dump);
	}
	temp_directory_remove(directory);
}

/* ---- what cannot be read ------------------------------------------------------------------ */

#define BAD_PART 2

static const struct snapshot_source *sound;

static int load_but_one(void *context, enum igrec_lane lane, size_t part, struct snapshot_lane *ret)
{
	if (lane == IGREC_LANE_FLOW && part == BAD_PART)
		return -EUCLEAN;
	return sound->load(context, lane, part, ret);
}

static void bad_part(void **state)
{
	char *directory = temp_directory_new();
	AUTO_FREE char *path = dump_new(directory, 0);
	struct snapshot_source source;
	struct snapshot snapshot;
	struct replay_counts counts;
	struct dump *dump;
	AUTO_FREE char *text = NULL;
	char missing[64];

	assert_int_equal(dump_open_lazily(path, &dump, NULL), 0);
	snapshot = *dump_snapshot(dump);
	sound = snapshot.source;
	source = *sound;
	source.load = load_but_one;
	snapshot.source = &source;
	assert_true(source.n_parts[IGREC_LANE_FLOW] > BAD_PART + 1);
	text = render(&snapshot, REPLAY_COLUMNS, &counts);
	assert_true(counts.incomplete);
	snprintf(missing, sizeof(missing), "%llu records of lane flow missing",
		 (unsigned long long)source.parts[IGREC_LANE_FLOW][BAD_PART].records);
	assert_non_null(strstr(text, missing));
	assert_non_null(strstr(text, "killed by SIGSEGV"));
	dump_free(dump);
	temp_directory_remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_text),
		cmocka_unit_test(reads_little),
		cmocka_unit_test(bad_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
