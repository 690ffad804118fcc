/* SPDX-License-Identifier: Apache-2.0 */
/* exec ARG...: forks a child that runs ARG..., then one whose execve fails; exits with 1. */
#include <sys/wait.h>
#include <unistd.h>

#include "facts.h"

static void child(char **args)
{
	pid_t pid = fork();

	if (pid == 0) {
		fact("{\"fact\":\"exec\",\"pid\":%d,\"tid\":%d,\"text\":\"%s\"}\n", getpid(),
		     gettid(), args[0]);
		execv(args[0], args);
		fact_call("execve", args[0], -1);
		_exit(127);
	}
	if (waitpid(pid, NULL, 0) != pid)
		_exit(98);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	child(argv + 1);
	child((char *[]){"/not/a/program", "with", "arguments", NULL});
	return 1;
}
