/* SPDX-License-Identifier: Apache-2.0 */
/* igrec fetch: a copy of a dump, as a file or on stdout: what `kubectl exec` and ssh carry away. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "cli/dump_options.h"
#include "cli/dumps.h"
#include "cli/verbs.h"
#include "common/cleanup.h"
#include "common/log.h"

enum { FETCH_PREVIOUS, FETCH_OUTPUT };

const struct option_spec fetch_options[] = {
	[FETCH_PREVIOUS] = {"previous", 'p', "N", "the dump N before the newest that matches"},
	[FETCH_OUTPUT] = {"output", 'o', "FILE",
			  "the copy; - is stdout; without it, the dump's own name, here"},
	{0},
};

/* 0 or -errno. */
static int copy(int from, int to)
{
	char buffer[65536];
	ssize_t got;

	while ((got = read(from, buffer, sizeof(buffer))) > 0) {
		for (ssize_t done = 0; done < got;) {
			ssize_t put = write(to, buffer + done, got - done);

			if (put < 0)
				return -errno;
			done += put;
		}
	}
	return got < 0 ? -errno : 0;
}

static enum cli_status to_stdout(const char *path, int from)
{
	int err;

	if (isatty(STDOUT_FILENO)) {
		log_error("a dump is no text: send it into a file, or name one with --output");
		return CLI_USAGE;
	}
	err = copy(from, STDOUT_FILENO);
	if (!err)
		return CLI_DONE;
	log_error("cannot copy %s: %s", path, strerror(-err));
	return CLI_FAILED;
}

/* A file that is there is left alone; one that is not whole does not stay. */
static enum cli_status to_file(const char *path, int from, const char *output)
{
	AUTO_CLOSE int to = open(output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	int err;

	if (to < 0) {
		log_error("cannot make %s: %s; name another with --output", output,
			  strerror(errno));
		return CLI_FAILED;
	}
	err = copy(from, to);
	if (!err && fsync(to) < 0 && errno != EINVAL && errno != EROFS)
		err = -errno;
	if (err) {
		unlink(output);
		log_error("cannot copy %s to %s: %s", path, output, strerror(-err));
		return CLI_FAILED;
	}
	puts(output);
	return CLI_DONE;
}

static bool is_dump(const char *path)
{
	struct dump_fault why;
	struct dump *dump;
	int err = dump_open_header(path, &dump, &why);

	if (err)
		log_error("%s: %s", path, why.text);
	else
		dump_free(dump);
	return !err;
}

static enum cli_status fetch(const char *path, const char *output)
{
	AUTO_CLOSE int from = open(path, O_RDONLY | O_CLOEXEC);
	const char *slash = strrchr(path, '/');

	if (from >= 0 && !is_dump(path))
		return CLI_FAILED;
	if (from < 0) {
		log_error("cannot open %s: %s", path, strerror(errno));
		return CLI_FAILED;
	}
	if (output && !strcmp(output, "-"))
		return to_stdout(path, from);
	return to_file(path, from, output ? output : slash ? slash + 1 : path);
}

enum cli_status fetch_run(struct cli *cli, int argc, char **argv)
{
	AUTO_TARGET_PATHS struct target_paths paths = {0};
	struct dump_options options = {0};
	struct option_scan scan;
	const char *output = NULL;
	enum cli_status status;
	char **args;
	int option;

	options_begin(&scan, cli, "fetch", fetch_options, argc, argv);
	while ((option = options_next(&scan)) >= 0) {
		if (option == FETCH_OUTPUT)
			output = scan.value;
		else if (dump_options_take(&options, &scan, DUMP_PREVIOUS))
			return CLI_USAGE;
	}
	if (option != OPTIONS_END)
		return options_status(option);
	if (options_args(&scan, 1, 1, &args) < 0)
		return CLI_USAGE;
	options.target.text = args[0];
	status = target_resolve(cli, &options.target, &paths);
	return status ? status : cli_finish(stdout, fetch(paths.paths[0], output));
}
