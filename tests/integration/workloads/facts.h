/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a workload tells the test what it did: one JSON object a line on stdout, one write(2) each.
 * The tape of the same run must show it.
 */
#ifndef WORKLOAD_FACTS_H
#define WORKLOAD_FACTS_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

__attribute__((format(printf, 1, 2))) static inline void fact(const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	int length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (write(STDOUT_FILENO, line, (size_t)length) != length)
		_exit(99);
}

/* A finished call, straight after it: errno must be its own. `text` is its path, "" if none. */
static inline void fact_call(const char *syscall, const char *text, long result)
{
	const char *error = result < 0 ? strerrorname_np(errno) : "";

	fact("{\"fact\":\"call\",\"pid\":%d,\"tid\":%d,\"syscall\":\"%s\",\"text\":\"%s\","
	     "\"ret\":%ld,\"errno\":\"%s\"}\n",
	     getpid(), gettid(), syscall, text, result, error);
}

static inline void fact_process(const char *what, pid_t pid, pid_t tid)
{
	fact("{\"fact\":\"%s\",\"pid\":%d,\"tid\":%d}\n", what, pid, tid);
}

/* The last line before the workload waits: the test may go on. */
static inline void fact_ready(void)
{
	fact("{\"fact\":\"ready\",\"pid\":%d,\"tid\":%d}\n", getpid(), gettid());
}

#endif
