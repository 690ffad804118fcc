/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hostile_dump DIRECTORY TEXT: writes a dump there whose programs did nothing but mischief: TEXT is
 * their name, what they run, open, write and send.  Prints its path.
 */
#include <errno.h>
#include <sys/syscall.h>

#include "common/cleanup.h"
#include "dumper/dump_writer.h"
#include "storage/store.h"
#include "tests/support/must.h"
#include "tests/support/sample_snapshot.h"

#define BEFORE_END_NS 1000000ULL
#define PATH_BYTES    255
#define ERESTARTSYS   512

static const struct sample_task *mischief(const char *text)
{
	static struct sample_task task = {.tid = 4300, .tgid = 4300, .ns_tid = 9, .ns_tgid = 9};

	task.comm = strndup(text, IGREC_COMM_BYTES - 1);
	must(task.comm);
	return &task;
}

static void run(struct sample_tape *tape, const struct sample_task *task, const char *text,
		uint16_t bytes)
{
	static const struct igrec_exec body = {0};

	sample_add(tape, &(struct sample_record){
				 .type = IGREC_RECORD_EXEC,
				 .lane = IGREC_LANE_VITAL,
				 .task = task,
				 .time_ns = SAMPLE_FAILURE_NS - BEFORE_END_NS,
				 .duration_ns = 1000,
				 .nr = SYS_execve,
				 .body = &body,
				 .body_bytes = sizeof(body),
				 .captures = 2,
				 .capture = {{0, 0, text, bytes}, {1, 0, text, bytes}},
			 });
}

/* A call with the text as its second argument. */
static void call(struct sample_tape *tape, const struct sample_task *task, uint16_t nr,
		 uint64_t first, int64_t result, const char *text, uint16_t bytes)
{
	static uint64_t now_ns = SAMPLE_FAILURE_NS - BEFORE_END_NS / 2;

	now_ns += 2000;
	sample_add(tape, &(struct sample_record){
				 .type = IGREC_RECORD_SYSCALL,
				 .lane = IGREC_LANE_VITAL,
				 .task = task,
				 .time_ns = now_ns,
				 .duration_ns = 1000,
				 .nr = nr,
				 .result = result,
				 .args = 4,
				 .arg = {first, 0x1000, bytes},
				 .captures = 1,
				 .capture = {{1, 0, text, bytes}},
			 });
}

/* Killed while it read. */
static void die(struct sample_tape *tape, const struct sample_task *task)
{
	static const struct igrec_exit killed = {.code = 9, .group_code = 9, .last = 1};

	sample_add(tape, &(struct sample_record){
				 .type = IGREC_RECORD_SYSCALL,
				 .lane = IGREC_LANE_VITAL,
				 .task = task,
				 .time_ns = SAMPLE_FAILURE_NS - 20000,
				 .duration_ns = 400000,
				 .nr = SYS_read,
				 .result = -ERESTARTSYS,
				 .args = 3,
				 .arg = {0, 0x1000, 16},
			 });
	sample_add(tape, &(struct sample_record){
				 .type = IGREC_RECORD_EXIT,
				 .lane = IGREC_LANE_VITAL,
				 .task = task,
				 .time_ns = SAMPLE_FAILURE_NS - 10000,
				 .nr = IGREC_NR_NONE,
				 .body = &killed,
				 .body_bytes = sizeof(killed),
			 });
}

int main(int argc, char **argv)
{
	const struct sample_options options = {.flow_records = 50, .seed = 1};
	const char *text = argc == 3 ? argv[2] : "";
	uint16_t bytes = (uint16_t)strnlen(text, PATH_BYTES);
	struct sample_tape tape = {0};
	const struct sample_task *task;
	AUTO_FREE char *file = NULL;
	struct store *store = NULL;

	if (argc != 3)
		return 2;
	tape.snapshot = sample_snapshot_new(&options);
	task = mischief(text);
	run(&tape, task, text, bytes);
	call(&tape, task, SYS_openat, (uint64_t)-100, -ENOENT, text, bytes);
	call(&tape, task, SYS_openat, (uint64_t)-100, 5, text, bytes);
	call(&tape, task, SYS_write, 2, bytes, text, bytes);
	call(&tape, task, SYS_write, 5, bytes, text, bytes);
	die(&tape, task);
	must(store_open(argv[1], false, &store) == 0);
	must(dump_write(tape.snapshot, &(struct dump_cause){.sentence = text}, store, &file) == 0);
	printf("%s/%s\n", argv[1], file);
	store_close(store);
	snapshot_free(tape.snapshot);
	free((char *)task->comm);
	return 0;
}
