/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the golden dump of the current format: golden_make_dump DIRECTORY.  Its tape has every
 * type of record and every flag. See README.md.
 */
#include <signal.h>
#include <sys/syscall.h>

#include "common/cleanup.h"
#include "dumper/dump_writer.h"
#include "tests/support/must.h"
#include "tests/support/sample_snapshot.h"

#define BEFORE_NS(ns) (SAMPLE_FAILURE_NS - (ns))

static const struct sample_task child = {4300, 4300, 9, 9, "child \"\x1b[31m"};

static void add_syscalls(struct sample_tape *tape)
{
	static const char part[] = "GET / HTTP/1.1\r\n";
	struct sample_record record = {
		.type = IGREC_RECORD_SYSCALL,
		.lane = IGREC_LANE_FLOW,
		.task = &child,
		.time_ns = BEFORE_NS(900000),
		.duration_ns = 7ULL << 32, /* does not fit the field: shifted */
		.nr = SYS_write,
		.result = 4000,
		.args = 3,
		.arg = {2, 0x7ffe12345678, 4000},
		.captures = 1,
		.capture = {{1, IGREC_CAPTURE_TRUNCATED, part, sizeof(part) - 1}},
	};

	sample_add(tape, &record);
	record.time_ns = BEFORE_NS(800000);
	record.nr = SYS_openat;
	record.result = -14;
	record.duration_ns = 0;
	record.meta = IGREC_META_NO_ENTRY;
	record.lane = IGREC_LANE_VITAL;
	record.args = 4;
	record.arg[2] = 0x80000241;
	record.capture[0] = (struct sample_capture){1, IGREC_CAPTURE_UNREADABLE, NULL, 0};
	sample_add(tape, &record);
	record.time_ns = BEFORE_NS(700000);
	record.nr = 499; /* a number that has no name */
	record.meta = 0;
	record.captures = 0;
	sample_add(tape, &record);
	record.time_ns = BEFORE_NS(600000);
	record.nr = 11;
	record.meta = IGREC_META_COMPAT;
	sample_add(tape, &record);
}

static void add_events(struct sample_tape *tape)
{
	const struct igrec_oom oom = {
		.victim_tgid = 4300,
		.victim_ns_tgid = 9,
		.trigger_tid = SAMPLE_TGID,
		.victim_comm = "child",
		.trigger_comm = SAMPLE_COMM,
	};
	const struct igrec_signal killed = {
		.signal = SIGKILL,
		.code = SI_USER,
		.group = 1,
		.target_tgid = 4300,
		.target_ns_tid = 9,
		.sender_tid = 777,
		.sender_tgid = 777,
		.sender_outside = 1,
		.target_comm = "child",
		.sender_comm = "kubelet",
	};
	struct sample_record record = {
		.type = IGREC_RECORD_OOM,
		.lane = IGREC_LANE_VITAL,
		.task = &child,
		.time_ns = BEFORE_NS(500000),
		.body = &oom,
		.body_bytes = sizeof(oom),
	};

	sample_add(tape, &record);
	record.type = IGREC_RECORD_SIGNAL;
	record.time_ns = BEFORE_NS(400000);
	record.body = &killed;
	record.body_bytes = sizeof(killed);
	sample_add(tape, &record);
}

static void set_pod(struct container_identity *identity)
{
	identity->image_id = strdup("sha256:0f1e2d3c4b5a");
	identity->type = strdup("container");
	identity->sandbox_id = strdup("7b0e11d2a9f4");
	identity->qos = strdup("burstable");
	identity->static_pod = true;
	must(identity->image_id && identity->type && identity->sandbox_id && identity->qos);
}

int main(int argc, char **argv)
{
	const struct sample_options options = {.flow_records = 40, .seed = 42};
	struct snapshot *snapshot = sample_snapshot_new(&options);
	struct sample_tape tape = {.snapshot = snapshot};
	AUTO_FREE char *file = NULL;
	struct store *store = NULL;

	must(argc == 2);
	add_syscalls(&tape);
	add_events(&tape);
	snapshot->lane[IGREC_LANE_FLOW].torn_blocks = 1;
	snapshot->lane[IGREC_LANE_FLOW].torn_records = 5;
	snapshot->lane[IGREC_LANE_FLOW].written += 5;
	snapshot->lane[IGREC_LANE_VITAL].dropped = 2;
	snapshot->masked = 3;
	set_pod(&snapshot->identity);
	must(store_open(argv[1], false, &store) == 0);
	must(dump_write(snapshot, &(struct dump_cause){.sentence = "it read address 0"}, store,
			&file) == 0);
	printf("%s/%s\n", argv[1], file);
	store_close(store);
	snapshot_free(snapshot);
	return 0;
}
