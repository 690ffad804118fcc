/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bomb SECONDS: a fork bomb inside whatever limit there is.  Every process forks as fast as it can;
 * the first one kills all others after SECONDS, says how many forks failed for itself, exits
 * with 1.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "facts.h"

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? strtol(argv[1], NULL, 10) : 1);
	struct {
		atomic_long forks, refused;
	} *all =
		mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (all == MAP_FAILED)
		return 98;
	signal(SIGCHLD, SIG_IGN);
	while (time(NULL) < end || getpid() != 1) {
		pid_t pid = fork();

		all->forks += pid > 0;
		all->refused += pid < 0;
	}
	kill(-1, SIGKILL);
	fact("{\"fact\":\"bomb\",\"forks\":%ld,\"refused\":%ld}\n", all->forks, all->refused);
	return 1;
}
