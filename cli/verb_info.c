/* SPDX-License-Identifier: Apache-2.0 */
/* igrec info: what a dump holds, and what it lost. */
#include <inttypes.h>
#include <sys/stat.h>

#include "cli/dump_options.h"
#include "cli/dumps.h"
#include "cli/info.h"
#include "cli/verbs.h"
#include "common/log.h"

enum { INFO_LOG = DUMP_OPTIONS };
const struct option_spec info_options[] = {
	DUMP_OPTION_ROWS,
	[INFO_LOG] = {"log", 0, NULL, "all lines of the container's log that the dump has"},
	{0},
};

struct info_request {
	struct dump_options dumps;
	bool whole_log;
};

static enum cli_status show(const struct dump *dump, void *user)
{
	const struct info_request *request = user;
	struct info info;
	struct stat st = {0};
	enum cli_status status;
	int err = info_init(&info, dump);

	if (err) {
		log_error("cannot read %s: %s", dump_path(dump), strerror(-err));
		return CLI_FAILED;
	}
	stat(dump_path(dump), &st);
	if (request->dumps.json)
		status = dumps_put_json(info_json(&info, (uint64_t)st.st_size), stdout);
	else
		status = info_print(&info, (uint64_t)st.st_size, request->whole_log, stdout);
	return status;
}

static int parse(struct cli *cli, int argc, char **argv, struct info_request *ret)
{
	struct option_scan scan;
	char **args;
	int option;

	*ret = (struct info_request){0};
	options_begin(&scan, cli, "info", info_options, argc, argv);
	while ((option = options_next(&scan)) >= 0) {
		if (option == INFO_LOG)
			ret->whole_log = true;
		else if (dump_options_take(&ret->dumps, &scan, option))
			return OPTIONS_BAD;
	}
	if (option != OPTIONS_END)
		return option;
	option = options_args(&scan, 0, 1, &args);
	if (option < 0)
		return OPTIONS_BAD;
	ret->dumps.target.text = option ? args[0] : NULL;
	return OPTIONS_END;
}

enum cli_status info_run(struct cli *cli, int argc, char **argv)
{
	struct info_request request;
	int end = parse(cli, argc, argv, &request);

	if (end != OPTIONS_END)
		return options_status(end);
	return cli_finish(stdout, dump_options_each(cli, &request.dumps, show, &request));
}
