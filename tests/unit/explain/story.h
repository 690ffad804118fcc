/* SPDX-License-Identifier: Apache-2.0 */
/* Tapes of programs that fail, told step by step, and what explain makes of them. */
#ifndef TESTS_UNIT_EXPLAIN_STORY_H
#define TESTS_UNIT_EXPLAIN_STORY_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>

#include "explain/explain.h"
#include "tests/unit/replay/tape.h"

#define MS 1000000ULL
/* A wait status. */
#define EXITED(status) ((status) << 8)

/* Each step a millisecond after the one before. */
struct story {
	struct sample_tape tape;
	uint64_t before_ns; /* the failure */
	const struct sample_task *task;
};

static inline struct story story_new(void)
{
	struct story story = {.tape = tape_new(), .before_ns = 10 * SECOND, .task = &init};
	const struct igrec_exec body = {.old_tid = init.tid};

	put_event(&story.tape, IGREC_RECORD_EXEC, &init, 11 * SECOND, nr_of("execve"), &body,
		  sizeof(body));
	return story;
}

static inline void step(struct story *story, struct sample_record *record)
{
	record->time_ns = TAPE_ZERO - story->before_ns;
	sample_add(&story->tape, record);
	story->before_ns -= MS;
}

/* A call with at most one capture. */
static inline void calls(struct story *story, const char *name, int64_t result, uint64_t arg0,
			 uint64_t arg1, uint64_t arg2, unsigned captured, const void *data,
			 size_t bytes)
{
	struct sample_record record = call_of(story->task, name, 0, result);

	record.arg[0] = arg0;
	record.arg[1] = arg1;
	record.arg[2] = arg2;
	if (data) {
		record.captures = 1;
		record.capture[0] =
			(struct sample_capture){(uint8_t)captured, 0, data, (uint16_t)bytes};
	}
	step(story, &record);
}

static inline void opens(struct story *story, const char *path, int64_t result)
{
	calls(story, "openat", result, (uint64_t)AT_FDCWD, 1, O_RDONLY, 1, path, strlen(path));
}

static inline void runs(struct story *story, const char *path, int64_t result)
{
	calls(story, "execve", result, 1, 1, 1, 0, path, strlen(path));
}

static inline void says(struct story *story, const char *text)
{
	calls(story, "write", (int64_t)strlen(text), 2, 1, strlen(text), 1, text, strlen(text));
}

/* connect or bind. */
static inline void addresses(struct story *story, const char *call, int fd, const char *ip,
			     uint16_t port, int64_t result)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};

	inet_pton(AF_INET, ip, &in.sin_addr);
	calls(story, call, result, (uint64_t)fd, 1, sizeof(in), 1, &in, sizeof(in));
}

static inline void starts(struct story *story, const struct sample_task *task)
{
	const struct igrec_fork body = {task->tid, task->tgid, task->ns_tid, task->ns_tgid};

	put_event(&story->tape, IGREC_RECORD_FORK, story->task, story->before_ns, 0, &body,
		  sizeof(body));
	story->before_ns -= MS;
}

/* A process of one thread ends with a wait status, within a call. */
static inline void ends_in(struct story *story, const struct sample_task *task, const char *call,
			   int code)
{
	const struct igrec_exit body = {.code = code, .group_code = code, .last = 1};

	put_event(&story->tape, IGREC_RECORD_EXIT, task, story->before_ns,
		  call ? nr_of(call) : IGREC_NR_NONE, &body, sizeof(body));
	story->before_ns -= MS;
}

static inline void ends(struct story *story, const struct sample_task *task, int code)
{
	ends_in(story, task, "exit_group", code);
}

/* sender NULL: from outside. */
static inline void is_sent(struct story *story, const struct sample_task *target, int signal,
			   int code, const struct sample_task *sender, uint64_t address)
{
	struct igrec_signal body = {.signal = signal,
				    .code = code,
				    .group = 1,
				    .target_tgid = target->tgid,
				    .target_ns_tid = target->ns_tid,
				    .sender_tid = sender ? sender->tid : 999,
				    .sender_tgid = sender ? sender->tgid : 999,
				    .sender_ns_tgid = sender ? sender->ns_tgid : 0,
				    .sender_outside = !sender,
				    .fault_address = address};

	memcpy(body.sender_comm, sender ? "app" : "runc", sender ? 3 : 4);
	put_event(&story->tape, IGREC_RECORD_SIGNAL, target, story->before_ns, 0, &body,
		  sizeof(body));
	story->before_ns -= MS;
}

/* Explains the story, which ends with it. */
struct told {
	struct snapshot *snapshot;
	struct explanation explanation;
};

static inline struct told story_explain(struct story *story)
{
	struct told told = {.snapshot = story->tape.snapshot};

	must(!explain(told.snapshot, ARCH_X86_64, &told.explanation));
	return told;
}

/* The story ends with the first process, by itself or by a signal. */
static inline struct told end_with(struct story *story, int status)
{
	ends(story, &init, EXITED(status));
	story->tape.snapshot->failure.exit_code = status;
	return story_explain(story);
}

static inline struct told end_by(struct story *story, int signal)
{
	ends_in(story, &init, NULL, signal);
	story->tape.snapshot->failure.kind = FAILURE_SIGNAL;
	story->tape.snapshot->failure.exit_code = 0;
	story->tape.snapshot->failure.signal = signal;
	return story_explain(story);
}

static inline void told_done(struct told *told)
{
	explanation_done(&told->explanation);
	snapshot_free(told->snapshot);
}

/* The best finding; NULL. */
static inline struct finding *best_of(struct told *told)
{
	return told->explanation.findings.count ? &told->explanation.findings.all[0] : NULL;
}

/* Whether any finding is of this kind and about this object; NULL: any. */
static inline bool tells(struct told *told, const char *kind, const char *object)
{
	struct findings *findings = &told->explanation.findings;

	for (size_t i = 0; i < findings->count; i++) {
		if (!strcmp(findings->all[i].kind, kind) &&
		    (!object || !strcmp(buf_text(&findings->all[i].object), object)))
			return true;
	}
	return false;
}

#endif
