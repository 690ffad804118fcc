/* SPDX-License-Identifier: Apache-2.0 */
/*
 * threads N: N threads, each takes a name and fails to open N paths of its own, then the process
 * exits with 1.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "facts.h"

static int paths;

static void *work(void *arg)
{
	char path[64];

	snprintf(path, sizeof(path), "worker-%ld", (long)arg);
	prctl(PR_SET_NAME, path);
	fact_process("thread", getpid(), gettid());
	for (int i = 0; i < paths; i++) {
		snprintf(path, sizeof(path), "/thread/%ld/path/%d", (long)arg, i);
		fact_call("openat", path, open(path, O_RDONLY));
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[64];

	paths = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 4;
	if (paths > 64)
		paths = 64;
	for (long i = 0; i < paths; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)i))
			return 98;
	for (int i = 0; i < paths; i++)
		pthread_join(threads[i], NULL);
	return 1;
}
