/* SPDX-License-Identifier: Apache-2.0 */
/* Short ways to put records on a tape; used by the tests of this folder. */
#ifndef TESTS_UNIT_REPLAY_TAPE_H
#define TESTS_UNIT_REPLAY_TAPE_H

#include "decode/syscall_table.h"
#include "tests/support/must.h"
#include "tests/support/sample_snapshot.h"

#define SECOND	   1000000000ULL
#define TAPE_ZERO  (1000 * SECOND) /* when the failure is */
#define TAPE_EPOCH 1700000000LL	   /* CLOCK_REALTIME seconds of TAPE_ZERO */

static const struct sample_task init = {4242, 4242, 1, 1, "app"};
static const struct sample_task thread = {4250, 4242, 7, 1, "worker"};
static const struct sample_task child = {4300, 4300, 9, 9, "child"};

static inline uint16_t nr_of(const char *name)
{
	const struct syscall_descriptor *call = syscall_by_name(ARCH_X86_64, name);

	must(call);
	return call->nr;
}

static inline struct sample_tape tape_new(void)
{
	struct sample_tape tape = {.snapshot = calloc(1, sizeof(struct snapshot))};

	must(tape.snapshot);
	tape.snapshot->realtime_offset_ns = (int64_t)(TAPE_EPOCH * SECOND - TAPE_ZERO);
	tape.snapshot->failure = (struct failure){
		.kind = FAILURE_EXIT,
		.exit_code = 1,
		.time_ns = TAPE_ZERO,
		.tgid = init.tgid,
		.ns_tgid = init.ns_tgid,
		.comm = "app",
	};
	return tape;
}

/* A call without captures that took a microsecond and ended `before_ns` before the failure. */
static inline struct sample_record call_of(const struct sample_task *task, const char *name,
					   uint64_t before_ns, int64_t result)
{
	return (struct sample_record){
		.type = IGREC_RECORD_SYSCALL,
		.lane = IGREC_LANE_FLOW,
		.task = task,
		.time_ns = TAPE_ZERO - before_ns,
		.duration_ns = 1000,
		.nr = nr_of(name),
		.result = result,
		.args = syscall_by_name(ARCH_X86_64, name)->args,
	};
}

static inline void put_call(struct sample_tape *tape, const struct sample_task *task,
			    const char *name, uint64_t before_ns, int64_t result)
{
	const struct sample_record record = call_of(task, name, before_ns, result);

	sample_add(tape, &record);
}

static inline void put_event(struct sample_tape *tape, enum igrec_record_type type,
			     const struct sample_task *task, uint64_t before_ns, uint16_t nr,
			     const void *body, size_t bytes)
{
	const struct sample_record record = {
		.type = type,
		.lane = IGREC_LANE_VITAL,
		.task = task,
		.time_ns = TAPE_ZERO - before_ns,
		.nr = nr,
		.body = body,
		.body_bytes = bytes,
	};

	sample_add(tape, &record);
}

static inline void put_exit(struct sample_tape *tape, const struct sample_task *task,
			    uint64_t before_ns, uint16_t nr, int code)
{
	const struct igrec_exit body = {.code = code};

	put_event(tape, IGREC_RECORD_EXIT, task, before_ns, nr, &body, sizeof(body));
}

#endif
