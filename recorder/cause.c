/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs explain/ on a snapshot before its dump is written.  A child of igrecd does it and writes the
 * sentence into a pipe: if it crashes, takes too long or too much memory, the dump has no cause,
 * and that is all.
 */
#include "recorder/cause.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "explain/explain.h"
#include "recorder/sandbox.h"

#define CAUSE_MS       1000
#define PART_BYTES_MAX 1000 /* of each text */
#define SNAPSHOT_MAX                                                                               \
	(24UL << 20) /* bytes of records; larger ones take more memory than allowed                \
		      */

/* ---- the child ------------------------------------------------------------------------------- */

/* If memory is short, this process is the one to go. */
static void offer_to_the_oom_killer(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "1000", 4) < 0) {
		/* Then it is as likely to go as igrecd. */
	}
	close(fd);
}

/* A lock goes on for as long as any process has the descriptor: if igrecd is killed now, the next
 * one must not find bpffs locked by this process. */
static void let_go_of_files(int fd)
{
	if (fd > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0U, 0);
}

static unsigned long address_space_bytes(void)
{
	AUTO_FCLOSE FILE *statm = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (!statm || fscanf(statm, "%lu", &pages) != 1)
		return 0;
	return pages * (unsigned long)sysconf(_SC_PAGESIZE);
}

static void limit_itself(void)
{
	unsigned long bytes = address_space_bytes();
	struct rlimit memory = {bytes + CAUSE_MEMORY_BYTES, bytes + CAUSE_MEMORY_BYTES};
	struct rlimit seconds = {2, 2};
	struct rlimit none = {0, 0};

	if (bytes)
		setrlimit(RLIMIT_AS, &memory);
	setrlimit(RLIMIT_CPU, &seconds);
	setrlimit(RLIMIT_CORE, &none);
	offer_to_the_oom_killer();
}

/* Handlers of igrecd's must not run here: they write to its pipes. */
static void forget_signal_handlers(const sigset_t *mask)
{
	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		signal(signal_number, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
}

/* A text and its NUL. */
static void add_part(struct buf *out, const char *text)
{
	buf_add(out, text, strnlen(text, PART_BYTES_MAX));
	buf_add_char(out, '\0');
}

static _Noreturn void explain_to(int fd, const struct snapshot *snapshot, const sigset_t *mask)
{
	struct explanation explanation;
	struct finding *best;
	struct buf out = {0};

	let_go_of_files(fd);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	forget_signal_handlers(mask);
	limit_itself();
	sandbox_drop_capabilities();
	if (explain(snapshot, ARCH_HOST, &explanation) || !explanation.findings.count)
		_exit(1);
	best = &explanation.findings.all[0];
	add_part(&out, explanation_cause(&explanation));
	add_part(&out, confidence_name(best->confidence));
	add_part(&out, best->kind);
	add_part(&out, buf_text(&best->object));
	_exit(!out.failed && write(fd, out.data, out.bytes) == (ssize_t)out.bytes ? 0 : 1);
}

/* ---- igrecd ------------------------------------------------------------------------------ */

/* Reads up to the end. Returns how many bytes; -ETIMEDOUT, -errno. */
static ssize_t read_all(int fd, char *text, size_t room)
{
	int64_t until_ns = (int64_t)clock_monotonic_ns() + CAUSE_MS * 1000000LL;
	size_t bytes = 0;

	while (bytes < room) {
		int64_t left_ns = until_ns - (int64_t)clock_monotonic_ns();
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		ssize_t got;

		if (left_ns <= 0)
			return -ETIMEDOUT;
		if (poll(&ready, 1, (int)(left_ns / 1000000) + 1) <= 0)
			continue;
		got = read(fd, text + bytes, room - bytes);
		if (got < 0)
			return -errno;
		if (!got)
			break;
		bytes += (size_t)got;
	}
	return (ssize_t)bytes;
}

static void end_child(pid_t child)
{
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

/* With all signals blocked until the child has let go of igrecd's handlers. */
static pid_t fork_child(int fd, const struct snapshot *snapshot)
{
	sigset_t all, before;
	pid_t child;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	child = fork();
	if (!child)
		explain_to(fd, snapshot, &before);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return child;
}

/* The four texts that the child wrote; nothing if one is missing. */
static void take_parts(struct cause *cause, size_t bytes)
{
	const char *parts[4], *at = cause->text, *end = cause->text + bytes;

	for (unsigned i = 0; i < ARRAY_SIZE(parts); i++) {
		parts[i] = at;
		at = memchr(at, '\0', (size_t)(end - at));
		if (!at)
			return;
		at++;
	}
	cause->found =
		(struct dump_cause){parts[0], parts[1], parts[2], *parts[3] ? parts[3] : NULL};
}

void cause_find(const struct snapshot *snapshot, struct cause *ret)
{
	int ends[2];
	ssize_t bytes;
	pid_t child;

	ret->found = (struct dump_cause){0};
	if (snapshot->failure.kind == FAILURE_REQUESTED ||
	    snapshot_tape_bytes(snapshot) > SNAPSHOT_MAX)
		return;
	if (pipe2(ends, O_CLOEXEC))
		return;
	child = fork_child(ends[1], snapshot);
	close(ends[1]);
	bytes = child < 0 ? 0 : read_all(ends[0], ret->text, sizeof(ret->text));
	close(ends[0]);
	if (child > 0)
		end_child(child);
	if (bytes > 0)
		take_parts(ret, (size_t)bytes);
}
