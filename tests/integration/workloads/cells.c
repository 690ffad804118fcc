/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers without a runtime, as many as one likes at once: run by the test itself, as root.
 *   cells COUNT PREFIX   for each i a cgroup PREFIX<i>, and in it a first process in a pid
 * namespace of its own that opens /cell/<i> and waits; says "ready"; with the end of stdin all of
 * them exit with 1 + i % 100; waits for them, removes the cgroups cells again TIMES MS CGROUP   the
 * same cgroup and container, TIMES times, one every MS ms
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "facts.h"

#define CELLS_MAX 1000
#define WAIT_FD	  0 /* what a cell waits at: the end of stdin */

/* The container's program. */
static int cell(long i, const char *wait)
{
	char path[64], byte;

	snprintf(path, sizeof(path), "/cell/%ld", i);
	open(path, O_RDONLY);
	if (wait[0] == '1' && read(WAIT_FD, &byte, 1) < 0)
		return 99;
	return (int)(1 + i % 100);
}

static void enter(const char *cgroup)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		_exit(97);
	close(fd);
}

/* What a runtime does: enter the cgroup, make the namespace, start the program as its first
 * process. The middle process ends as that does. */
static pid_t start(const char *cgroup, long i, const char *wait)
{
	char number[24];
	pid_t pid = fork();
	int status;

	if (pid)
		return pid;
	snprintf(number, sizeof(number), "%ld", i);
	if (unshare(CLONE_NEWPID))
		_exit(96);
	pid = fork();
	if (pid == 0) {
		enter(cgroup);
		execl("/proc/self/exe", "cell", "cell", number, wait, NULL);
		_exit(95);
	}
	if (waitpid(pid, &status, 0) != pid)
		_exit(94);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 93);
}

static int ended(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int remove_cgroup(const char *path)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	/* Its last process may not be off it yet. */
	for (int try = 0; try < 1000; try++) {
		if (!rmdir(path))
			return 0;
		nanosleep(&pause, NULL);
	}
	return -errno;
}

static int many(long count, const char *prefix)
{
	static pid_t pids[CELLS_MAX];
	char path[512];
	int wrong = 0;

	for (long i = 0; i < count && i < CELLS_MAX; i++) {
		snprintf(path, sizeof(path), "%s%ld", prefix, i);
		if (mkdir(path, 0755))
			return 92;
		pids[i] = start(path, i, "1");
	}
	fact_ready();
	for (long i = 0; i < count && i < CELLS_MAX; i++)
		wrong += ended(pids[i]) != 1 + i % 100;
	fact("{\"fact\":\"ended\",\"wrong\":%d}\n", wrong);
	for (long i = 0; i < count && i < CELLS_MAX; i++) {
		snprintf(path, sizeof(path), "%s%ld", prefix, i);
		wrong += remove_cgroup(path) != 0;
	}
	return wrong != 0;
}

static int again(long times, long ms, const char *cgroup)
{
	struct timespec next;
	int wrong = 0;

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (long i = 0; i < times; i++) {
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		next.tv_nsec += ms * 1000000;
		next.tv_sec += next.tv_nsec / 1000000000;
		next.tv_nsec %= 1000000000;
		if (mkdir(cgroup, 0755))
			return 91;
		wrong += ended(start(cgroup, i, "0")) != 1 + i % 100;
		wrong += remove_cgroup(cgroup) != 0;
	}
	fact("{\"fact\":\"ended\",\"wrong\":%d}\n", wrong);
	return wrong != 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "cell"))
		return cell(strtol(argv[2], NULL, 10), argv[3]);
	if (argc == 5 && !strcmp(argv[1], "again"))
		return again(strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10), argv[4]);
	return argc == 3 ? many(strtol(argv[1], NULL, 10), argv[2]) : 2;
}
