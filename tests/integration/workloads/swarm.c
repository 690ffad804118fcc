/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swarm N: N children one after the other, each opens a path of its own and exits; every tenth
 * has a thread. Says how many there were, then exits with 1.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "facts.h"

static void *nothing(void *arg)
{
	return arg;
}

static void child(long i)
{
	char path[64];
	pthread_t thread;

	snprintf(path, sizeof(path), "/swarm/%ld", i);
	open(path, O_RDONLY);
	if (i % 10 == 0 && !pthread_create(&thread, NULL, nothing, NULL))
		pthread_join(thread, NULL);
	_exit(0);
}

int main(int argc, char **argv)
{
	long children = argc > 1 ? strtol(argv[1], NULL, 10) : 100;

	for (long i = 0; i < children; i++) {
		pid_t pid = fork();

		if (pid == 0)
			child(i);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			return 98;
	}
	fact("{\"fact\":\"children\",\"pid\":1,\"tid\":1,\"count\":%ld}\n", children);
	return 1;
}
