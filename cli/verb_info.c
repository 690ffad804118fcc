/* SPDX-License-Identifier: Apache-2.0 */
/* igrec info: what a dump holds, and what it lost. */
#include <inttypes.h>
#include <sys/stat.h>

#include "cli/dump_options.h"
#include "cli/dumps.h"
#include "cli/info.h"
#include "cli/verbs.h"
#include "common/log.h"

const struct option_spec info_options[] = {DUMP_OPTION_ROWS, {0}};

static enum cli_status show(const struct dump *dump, void *user)
{
	const struct dump_options *options = user;
	struct info info;
	struct stat st = {0};
	enum cli_status status;
	int err = info_init(&info, dump);

	if (err) {
		log_error("cannot read %s: %s", dump_path(dump), strerror(-err));
		return CLI_FAILED;
	}
	stat(dump_path(dump), &st);
	if (options->json)
		status = dumps_put_json(info_json(&info, (uint64_t)st.st_size), stdout);
	else
		status = info_print(&info, (uint64_t)st.st_size, stdout);
	return status;
}

enum cli_status info_run(struct cli *cli, int argc, char **argv)
{
	struct dump_options options;
	int end = dump_options_parse(cli, "info", info_options, argc, argv, &options);

	if (end != OPTIONS_END)
		return options_status(end);
	return cli_finish(stdout, dump_options_each(cli, &options, show, &options));
}
