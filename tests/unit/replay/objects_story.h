/* SPDX-License-Identifier: Apache-2.0 */
/* Short ways to tell of calls on descriptors, and to compare with the lines of strace -y. */
#ifndef TESTS_UNIT_REPLAY_OBJECTS_STORY_H
#define TESTS_UNIT_REPLAY_OBJECTS_STORY_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
/* After what it needs. */
#include <cmocka.h>

#include "common/cleanup.h"
#include "replay/replay.h"
#include "tests/unit/replay/tape.h"

#define AT_CWD ((uint64_t)AT_FDCWD)
#define MS     1000000ULL

#define LOOPBACK_80 "\2\0\0\120\177\0\0\1\0\0\0\0\0\0\0\0"
#define ANY_80	    "\2\0\0\120\0\0\0\0\0\0\0\0\0\0\0\0"
#define TEN_443	    "\2\0\1\273\12\0\0\1\0\0\0\0\0\0\0\0"

/* Each call a millisecond after the one before, unless the test moves the clock. */
struct story {
	struct sample_tape tape;
	uint64_t before_ns; /* the failure */
	enum igrec_lane lane;
};

static inline struct story story_new(void)
{
	return (struct story){
		.tape = tape_new(),
		.before_ns = SECOND,
		.lane = IGREC_LANE_FLOW,
	};
}

struct call {
	const char *name;
	int64_t result;
	uint64_t arg[IGREC_ARGS_MAX];
	uint8_t text_arg;
	const char *text;
	uint16_t text_bytes; /* 0: as long as the text is */
	uint64_t duration_ns;
	struct sample_capture object[2]; /* what IGREC_ARG_OBJECT + n say */
};

#define INODE(number)                                                                              \
	{                                                                                          \
		0, IGREC_CAPTURE_INODE, number, 4                                                  \
	}
#define FOUND(components)                                                                          \
	{                                                                                          \
		0, 0, components, sizeof(components) - 1                                           \
	}

static inline void tell(struct story *story, const struct sample_task *task,
			const struct call *call)
{
	struct sample_record record = call_of(task, call->name, story->before_ns, call->result);

	record.lane = story->lane;
	memcpy(record.arg, call->arg, sizeof(record.arg));
	if (call->duration_ns)
		record.duration_ns = call->duration_ns;
	if (call->text) {
		record.captures = 1;
		record.capture[0] = (struct sample_capture){
			call->text_arg, 0, call->text,
			call->text_bytes ? call->text_bytes : (uint16_t)strlen(call->text)};
	}
	for (uint8_t i = 0; i < 2 && call->object[i].data; i++) {
		struct sample_capture *capture = &record.capture[record.captures++];

		*capture = call->object[i];
		capture->arg = (uint8_t)(capture->arg ? capture->arg : IGREC_ARG_OBJECT + i);
	}
	sample_add(&story->tape, &record);
	story->before_ns -= MS;
}
#define TELL(story, task, ...) tell(story, task, &(struct call){.name = __VA_ARGS__})

static inline void tell_open(struct story *story, const struct sample_task *task, const char *path,
			     uint64_t flags, int fd)
{
	TELL(story, task, "openat", fd, {AT_CWD, 0x1000, flags}, 1, path);
}

static inline void tell_read(struct story *story, const struct sample_task *task, int fd)
{
	TELL(story, task, "read", 1, {(uint64_t)fd, 0x2000, 1});
}

static inline void tell_fork(struct story *story, const struct sample_task *parent,
			     const struct sample_task *born, uint64_t flags)
{
	const struct igrec_fork fork = {born->tid, born->tgid, born->ns_tid, born->ns_tgid};

	put_event(&story->tape, IGREC_RECORD_FORK, parent, story->before_ns, 0, &fork,
		  sizeof(fork));
	story->before_ns -= MS;
	TELL(story, parent, "clone", born->ns_tid, {flags}, .duration_ns = 2 * MS);
}

static inline void tell_exec(struct story *story, const struct sample_task *task)
{
	const struct igrec_exec exec = {.old_tid = task->tid};

	put_event(&story->tape, IGREC_RECORD_EXEC, task, story->before_ns, nr_of("execve"), &exec,
		  sizeof(exec));
	story->before_ns -= MS;
}

/* ---- looking ------------------------------------------------------------------------------ */

/* "PID NAME(ARGUMENTS) = RESULT" of the lines of calls, without times and padding. */
static inline void shorten(char *text)
{
	char *to = text;

	for (char *line = text, *next; *line; line = next) {
		char *end = strchr(line, '\n'), *equals, *closed;
		size_t head = strcspn(line, " ");

		next = end + 1;
		*end = '\0';
		if (line[0] == '#' || strstr(line, "+++") || !strchr(line, '('))
			continue;
		closed = strstr(line, " <0.");
		if (closed)
			*closed = '\0';
		equals = strstr(line, ")  ");
		if (equals) {
			const char *result = strchr(equals, '=');

			memmove(equals + 2, result, strlen(result) + 1);
		}
		memmove(to, line, head);
		to += head;
		line = strchr(strchr(line, '.'), ' ');
		memmove(to, line, strlen(line));
		to += strlen(line);
		*to++ = '\n';
	}
	*to = '\0';
}

static inline void assert_lines_with(struct story *story, enum replay_fds fds, const char *wanted)
{
	const struct replay_options options = {
		.arch = ARCH_X86_64, .format = REPLAY_STRACE, .fds = fds};
	struct replay_counts counts;
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	assert_non_null(out);
	assert_int_equal(replay_render(story->tape.snapshot, &options, out, &counts), 0);
	fclose(out);
	shorten(text);
	assert_string_equal(text, wanted);
	free(text);
	snapshot_free(story->tape.snapshot);
}

static inline void assert_lines(struct story *story, const char *wanted)
{
	assert_lines_with(story, REPLAY_FDS_ADDRESSES, wanted);
}

#endif
