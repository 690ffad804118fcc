/* SPDX-License-Identifier: Apache-2.0 */
/* Files of verbs that make one of a dump. */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

/* A tape has what its container read and wrote: not for all users of the machine. */
#define FILE_MODE 0640

static int refuse(const char *path, const char *why)
{
	log_error("cannot write %s: %s", path, why);
	return -1;
}

/* A new file beside `path`. A descriptor, or -1, said. */
static int make_temporary(const char *path, char **ret_name)
{
	AUTO_FREE char *name = NULL;
	mode_t mask = umask(0);
	int fd;

	umask(mask);
	if (asprintf(&name, "%s.XXXXXX", path) < 0) {
		name = NULL;
		return refuse(path, strerror(ENOMEM));
	}
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return refuse(path, strerror(errno));
	fchmod(fd, FILE_MODE & ~mask);
	*ret_name = TAKE_PTR(name);
	return fd;
}

static bool is_same_file(const struct stat *st, const char *other)
{
	struct stat of_other;

	return !stat(other, &of_other) && of_other.st_dev == st->st_dev &&
	       of_other.st_ino == st->st_ino;
}

static int open_file(struct output *output, const char *dump)
{
	const char *path = output->path;
	struct stat st;
	int fd;

	if (!path[0])
		return refuse("a file without a name", "name one with --output");
	if (stat(path, &st))
		return make_temporary(path, &output->temporary);
	if (S_ISDIR(st.st_mode))
		return refuse(path, "it is a directory; name a file in it");
	if (!S_ISREG(st.st_mode)) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		return fd < 0 ? refuse(path, strerror(errno)) : fd;
	}
	if (is_same_file(&st, dump))
		return refuse(path, "it is the dump itself; name another file");
	if (output->force)
		return make_temporary(path, &output->temporary);
	log_error("%s exists: use --force to overwrite it, or another --output", path);
	return -1;
}

static void give_up(struct output *output)
{
	if (output->temporary)
		unlink(output->temporary);
	free(output->temporary);
	output->temporary = NULL;
}

enum cli_status output_open(const char *path, const char *dump, bool force, struct output *ret)
{
	int fd;

	*ret = (struct output){.out = stdout, .force = force};
	if (!path || !strcmp(path, "-"))
		return CLI_DONE;
	ret->path = path;
	fd = open_file(ret, dump);
	if (fd < 0)
		return CLI_FAILED;
	ret->out = fdopen(fd, "w");
	if (ret->out)
		return CLI_DONE;
	refuse(path, strerror(errno));
	close(fd);
	give_up(ret);
	return CLI_FAILED;
}

/* Some file systems do not know RENAME_NOREPLACE; that the name was free was seen at the beginning.
 */
static int take_name(const struct output *output)
{
	if (!renameat2(AT_FDCWD, output->temporary, AT_FDCWD, output->path,
		       output->force ? 0 : RENAME_NOREPLACE))
		return 0;
	if (errno == EINVAL && !rename(output->temporary, output->path))
		return 0;
	return -errno;
}

enum cli_status output_close(struct output *output, int err)
{
	if (!output->path && err == -EPIPE)
		return CLI_DONE;
	errno = 0;
	if (output->path ? fclose(output->out) : fflush(output->out))
		err = err ? err : errno ? -errno : -EIO;
	if (!err && output->temporary)
		err = take_name(output);
	if (err) {
		log_error("cannot write %s: %s", output->path ? output->path : "the output",
			  strerror(-err));
		give_up(output);
		return CLI_FAILED;
	}
	free(output->temporary);
	output->temporary = NULL;
	return CLI_DONE;
}
