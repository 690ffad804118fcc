/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loops of one system call each, for the benchmarks.
 *
 *   bench_calls serve               for each line "KIND BATCHES CALLS [CPU [CGROUP_PROCS]]" on
 *                                   stdin forks a child that joins the cgroup, makes the calls and
 *                                   answers with the ns a call took, by the CPU's and the wall's
 *                                   clock, medians of the batches
 *   bench_calls loop KIND CPU       calls until it is killed
 *   bench_calls fill KIND CALLS [CODE]   makes the calls, prints a line, waits for stdin to end,
 *                                   prints the monotonic clock in ns and exits with CODE
 *   bench_calls threads COUNT       makes threads that wait, prints a line, waits for stdin to end
 *
 * CPU is a number or -1.  The child of `serve` starts from the same state for every variant.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/bench/call_kinds.h"

#define BATCHES_MAX 99

/* ---- measuring ---- */

static int by_value(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* With that of the children it waited for, which are part of what `exec` costs. */
static double cpu_ns(void)
{
	struct timespec own;
	struct rusage children;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	return (own.tv_sec + children.ru_utime.tv_sec + children.ru_stime.tv_sec) * 1e9 +
	       own.tv_nsec + (children.ru_utime.tv_usec + children.ru_stime.tv_usec) * 1e3;
}

static double wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

struct took {
	double cpu_ns, wall_ns; /* of one call */
};

static struct took measure(const struct call_kind *kind, unsigned batches, unsigned calls)
{
	double cpu[BATCHES_MAX], wall[BATCHES_MAX];

	for (unsigned i = 0; i < batches; i++) {
		double cpu_begin = cpu_ns(), wall_begin = wall_ns();

		for (unsigned n = 0; n < calls; n++)
			kind->call();
		wall[i] = (wall_ns() - wall_begin) / calls;
		cpu[i] = (cpu_ns() - cpu_begin) / calls;
	}
	qsort(cpu, batches, sizeof(cpu[0]), by_value);
	qsort(wall, batches, sizeof(wall[0]), by_value);
	return (struct took){cpu[batches / 2], wall[batches / 2]};
}

static void pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static int join_cgroup(const char *procs)
{
	AUTO_CLOSE int fd = open(procs, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, "0", 1) != 1 ? -errno : 0;
}

struct order {
	char kind[32], procs[400];
	unsigned batches, calls;
	int cpu;
};

/* In the child: the calls' output goes to /dev/null. */
static int obey_in_child(const struct order *order, struct took *ret)
{
	const struct call_kind *kind = call_kind_find(order->kind);
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (!kind || null < 0 || dup2(null, STDOUT_FILENO) < 0)
		return 1;
	pin(order->cpu);
	if (order->procs[0] && join_cgroup(order->procs))
		return 1;
	*ret = measure(kind, order->batches, order->calls);
	return 0;
}

/* Answers when the child is gone, so that its cgroup is empty then. */
static void obey(const struct order *order, struct took *shared)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(obey_in_child(order, shared));
	if (child < 0 || waitpid(child, &status, 0) < 0 || status)
		printf("failed\n");
	else
		printf("%.3f %.3f\n", shared->cpu_ns, shared->wall_ns);
	fflush(stdout);
}

static int serve(void)
{
	struct took *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char line[512];

	if (shared == MAP_FAILED)
		return 1;
	while (fgets(line, sizeof(line), stdin)) {
		struct order order = {.cpu = -1};

		if (sscanf(line, "%31s %u %u %d %399s", order.kind, &order.batches, &order.calls,
			   &order.cpu, order.procs) < 3 ||
		    order.batches < 1 || order.batches > BATCHES_MAX || !order.calls)
			return 2;
		obey(&order, shared);
	}
	return 0;
}

/* ---- loads ---- */

static void wait_for_end_of_stdin(void)
{
	char byte;

	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static int loop(const char *name, int cpu)
{
	const struct call_kind *kind = call_kind_find(name);

	if (!kind)
		return 2;
	pin(cpu);
	for (;;)
		kind->call();
}

static int fill(const char *name, unsigned calls, int code)
{
	const struct call_kind *kind = call_kind_find(name);
	struct timespec now;
	char text[32];
	int bytes;

	if (!kind)
		return 2;
	for (unsigned i = 0; i < calls; i++)
		kind->call();
	wait_for_end_of_stdin();
	clock_gettime(CLOCK_MONOTONIC, &now);
	bytes = snprintf(text, sizeof(text), "%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
	return write(STDOUT_FILENO, text, bytes) == bytes ? code : 1;
}

static void *wait_forever(void *nothing)
{
	for (;;)
		pause();
	return nothing;
}

static int threads(unsigned count)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
	for (unsigned i = 0; i < count; i++) {
		int err = pthread_create(&thread, &attributes, wait_forever, NULL);

		if (err) {
			fprintf(stderr, "bench_calls: thread %u: %s\n", i, strerror(err));
			return 1;
		}
	}
	wait_for_end_of_stdin();
	return 0;
}

static int number(const char *text)
{
	return strtol(text, NULL, 10);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	call_kinds_init();
	if (argc == 2 && !strcmp(mode, "serve"))
		return serve();
	if (argc == 4 && !strcmp(mode, "loop"))
		return loop(argv[2], number(argv[3]));
	if (argc >= 4 && !strcmp(mode, "fill"))
		return fill(argv[2], number(argv[3]), argc > 4 ? number(argv[4]) : 0);
	if (argc == 3 && !strcmp(mode, "threads"))
		return threads(number(argv[2]));
	fprintf(stderr, "usage: bench_calls serve | loop KIND CPU | fill KIND CALLS [CODE] | "
			"threads COUNT\n");
	return 2;
}
