/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child segv|oom [CGROUP]: a child dies, the init survives and waits in a read of stdin.
 * With CGROUP (a directory) the child first makes a cgroup of its own below it and moves there.
 */
#include <fcntl.h>
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
	for (;;) {
		char *chunk = malloc(1 << 20);

		if (chunk)
			memset(chunk, 1, 1 << 20);
	}
}

int main(int argc, char **argv)
{
	int status = 0;
	char byte;
	pid_t pid = fork();

	if (pid == 0) {
		if (argc > 2)
			move_below(argv[2]);
		die(argc > 1 ? argv[1] : "segv");
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 98;
	fact("{\"fact\":\"child\",\"pid\":%d,\"tid\":%d,\"status\":%d}\n", pid, pid, status);
	fact_ready();
	(void)!read(STDIN_FILENO, &byte, 1);
	return 0;
}
