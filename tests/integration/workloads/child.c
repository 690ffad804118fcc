/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child segv|oom|sent [CGROUP [N]]: a child dies, the init survives and waits in a read of stdin.
 * Sent: the init kills it with SIGSEGV.
 * With CGROUP (a directory, "" none) the child first makes a cgroup of its own below it and moves
 * there. With N, that many children die, one after the other, 50 ms between.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "facts.h"

static void move_below(const char *parent)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/nested", parent);
	fact_call("mkdir", path, mkdir(path, 0755));
	snprintf(path, sizeof(path), "%s/nested/cgroup.procs", parent);
	int fd = open(path, O_WRONLY);

	fact_call("openat", path, fd);
	fact_call("write", "", write(fd, "0", 1));
}

static void die(const char *how)
{
	fact_call("openat", "/in/the/child", open("/in/the/child", O_RDONLY));
	if (!strcmp(how, "segv"))
		*(volatile int *)0 = 1;
	while (!strcmp(how, "sent"))
		pause();
	for (;;) {
		char *chunk = malloc(1 << 20);

		if (chunk)
			memset(chunk, 1, 1 << 20);
	}
}

static void lose_child(const char *how, const char *cgroup)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (cgroup[0])
			move_below(cgroup);
		die(how);
	}
	if (!strcmp(how, "sent"))
		kill(pid, SIGSEGV);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		exit(98);
	fact("{\"fact\":\"child\",\"pid\":%d,\"tid\":%d,\"status\":%d}\n", pid, pid, status);
}

int main(int argc, char **argv)
{
	long children = argc > 3 ? strtol(argv[3], NULL, 10) : 1;
	char byte;

	if (argc < 2)
		return 2;
	for (long i = 0; i < children; i++) {
		if (i > 0)
			usleep(50000);
		lose_child(argv[1], argc > 2 ? argv[2] : "");
	}
	fact_ready();
	(void)!read(STDIN_FILENO, &byte, 1);
	return 0;
}
