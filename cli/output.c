/* SPDX-License-Identifier: Apache-2.0 */
/* Files of verbs that make one of a dump. */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

/* A tape has what its container read and wrote: not for all users of the machine. */
#define FILE_MODE 0640

enum cli_status output_open(const char *path, bool force, struct output *ret)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC;
	struct output output = {.out = stdout};
	int fd;

	*ret = output;
	if (!path || !strcmp(path, "-"))
		return CLI_DONE;
	output.path = path;
	fd = open(path, flags | O_EXCL, FILE_MODE);
	output.is_new = fd >= 0;
	if (fd < 0 && errno == EEXIST && force)
		fd = open(path, flags | O_TRUNC, FILE_MODE);
	output.out = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (output.out) {
		*ret = output;
		return CLI_DONE;
	}
	if (errno == EEXIST)
		log_error("%s exists: use --force to overwrite it, or another --output", path);
	else
		log_error("cannot write %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return CLI_FAILED;
}

enum cli_status output_close(struct output *output, int err)
{
	if (!output->path && err == -EPIPE)
		return CLI_DONE;
	errno = 0;
	if (output->path ? fclose(output->out) : fflush(output->out))
		err = err ? err : errno ? -errno : -EIO;
	if (!err)
		return CLI_DONE;
	log_error("cannot write %s: %s", output->path ? output->path : "the output",
		  strerror(-err));
	if (output->is_new)
		unlink(output->path);
	return CLI_FAILED;
}
