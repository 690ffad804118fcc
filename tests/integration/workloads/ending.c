/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ending MODE [ARG...]: fails to open its configuration, then ends (or stays) in the way asked for.
 *   exit CODE [MS]   exits, after so many milliseconds
 *   silent CODE exits, and says nothing on stdout
 *   serve CODE  waits for SIGTERM, then exits
 *   busy MS     computes for about so many milliseconds, exits with 1
 *   segv        writes to address 0
 *   abort       abort(3)
 *   trace       writes a message of 100 numbered lines to stderr at once, exits with 1
 *   oom         takes memory until it is killed
 *   read [CODE] waits in a read of stdin, then exits
 *   pipe        waits in a read of a pipe that nobody writes to
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "facts.h"

#define MISSING "/etc/app/config.yaml"

static void take_memory_until_killed(void)
{
	for (;;) {
		char *chunk = malloc(1 << 20);

		if (!chunk)
			exit(98);
		memset(chunk, 1, 1 << 20);
	}
}

static void write_trace(void)
{
	char text[100 * 12];
	char *end = text;

	for (int i = 0; i < 100; i++)
		end += sprintf(end, "line no. %02d\n", i);
	(void)!write(STDERR_FILENO, text, (size_t)(end - text));
}

static void compute(long ms)
{
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += ms / 1000;
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
}

static void wait_in_pipe(void)
{
	int ends[2];
	char byte;

	if (pipe(ends))
		exit(98);
	fact("{\"fact\":\"blocked\",\"pid\":%d,\"tid\":%d,\"syscall\":\"read\",\"fd\":%d}\n",
	     getpid(), gettid(), ends[0]);
	fact_ready();
	(void)!read(ends[0], &byte, 1);
}

static void wait_for_sigterm(void)
{
	sigset_t term;
	int got;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	fact_ready();
	sigwait(&term, &got);
}

static void wait_in_stdin(void)
{
	char byte;

	fact_ready();
	(void)!read(STDIN_FILENO, &byte, 1);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	if (!strcmp(mode, "silent") && !freopen("/dev/null", "w", stdout))
		return 98;
	fact_call("openat", MISSING, open(MISSING, O_RDONLY));
	if (!strcmp(mode, "serve"))
		wait_for_sigterm();
	if (!strcmp(mode, "exit"))
		usleep(argc > 3 ? (useconds_t)strtol(argv[3], NULL, 10) * 1000 : 0);
	if (!strcmp(mode, "exit") || !strcmp(mode, "silent") || !strcmp(mode, "serve"))
		return (int)strtol(argc > 2 ? argv[2] : "0", NULL, 10);
	if (!strcmp(mode, "busy")) {
		compute(argc > 2 ? strtol(argv[2], NULL, 10) : 0);
		return 1;
	}
	if (!strcmp(mode, "trace")) {
		write_trace();
		return 1;
	}
	if (!strcmp(mode, "segv"))
		*(volatile int *)0 = 1;
	if (!strcmp(mode, "abort"))
		abort();
	if (!strcmp(mode, "oom"))
		take_memory_until_killed();
	if (!strcmp(mode, "read")) {
		wait_in_stdin();
		return (int)strtol(argc > 2 ? argv[2] : "0", NULL, 10);
	}
	if (!strcmp(mode, "pipe"))
		wait_in_pipe();
	return 0;
}
