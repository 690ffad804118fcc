/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs $PAGER, or less, behind a pipe. A reader who leaves early is no error: the broken pipe
 * then just ends the output.
 */
#include "cli/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"

static const char *pager_command(void)
{
	const char *command = getenv("PAGER");

	return command ? command : "command -v less >/dev/null && exec less; exec cat";
}

static void run_pager(const char *command, int input)
{
	dup2(input, STDIN_FILENO);
	signal(SIGPIPE, SIG_DFL);
	/* F: leave if it fits on one screen, R: colours, S: cut long lines, X: leave the screen */
	setenv("LESS", "FRSX", 0);
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

void pager_open(struct pager *pager)
{
	const char *command = pager_command();
	AUTO_CLOSE int input = -1;
	AUTO_CLOSE int output = -1;
	int ends[2];

	*pager = (struct pager){.out = stdout};
	if (!isatty(STDOUT_FILENO) || !command[0] || !strcmp(command, "cat"))
		return;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	input = ends[0];
	output = ends[1];
	fflush(stdout);
	pager->pid = fork();
	if (!pager->pid)
		run_pager(command, input);
	if (pager->pid < 0) {
		pager->pid = 0;
		return;
	}
	pager->out = fdopen(output, "w");
	if (!pager->out) {
		pager->out = stdout;
		return;
	}
	TAKE_FD(output);
	signal(SIGPIPE, SIG_IGN);
}

int pager_close(struct pager *pager)
{
	int err = 0;

	if (fflush(pager->out) || ferror(pager->out))
		err = errno ? -errno : -EIO;
	if (!pager->pid)
		return err;
	if (pager->out != stdout)
		fclose(pager->out);
	while (waitpid(pager->pid, NULL, 0) < 0 && errno == EINTR)
		;
	return err == -EPIPE ? 0 : err;
}
