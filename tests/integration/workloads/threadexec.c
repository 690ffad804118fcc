/* SPDX-License-Identifier: Apache-2.0 */
/* threadexec ARG...: a thread other than the first runs ARG..., taking over the process's id. */
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "facts.h"

static void *run(void *args)
{
	char **argv = args;

	fact_process("thread", getpid(), gettid());
	fact_call("openat", "/before/exec", open("/before/exec", O_RDONLY));
	execv(argv[0], argv);
	_exit(98);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc < 2 || pthread_create(&thread, NULL, run, argv + 1))
		return 2;
	for (;;)
		pause();
}
