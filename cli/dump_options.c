/* SPDX-License-Identifier: Apache-2.0 */
/* From a command line to opened dumps, for the verbs that look into them. */
#include "cli/dump_options.h"

#include <errno.h>
#include <limits.h>

#include "cli/dumps.h"
#include "common/parse.h"

int dump_options_take(struct dump_options *options, const struct option_scan *scan, int option)
{
	uint64_t number;

	switch (option) {
	case DUMP_PREVIOUS:
		if (parse_uint(scan->value, 0, UINT_MAX, &number)) {
			options_refuse(scan, "a whole number");
			return -EINVAL;
		}
		options->target.previous = (unsigned)number;
		return 0;
	case DUMP_ALL:
		options->target.all = true;
		return 0;
	default:
		options->json = true;
		return 0;
	}
}

int dump_options_parse(struct cli *cli, const char *verb, const struct option_spec *specs, int argc,
		       char **argv, struct dump_options *ret)
{
	struct dump_options options = {0};
	struct option_scan scan;
	char **args;
	int option;

	options_begin(&scan, cli, verb, specs, argc, argv);
	while ((option = options_next(&scan)) >= 0) {
		if (dump_options_take(&options, &scan, option))
			return OPTIONS_BAD;
	}
	if (option != OPTIONS_END)
		return option;
	option = options_args(&scan, 0, 1, &args);
	if (option < 0)
		return OPTIONS_BAD;
	options.target.text = option ? args[0] : NULL;
	*ret = options;
	return OPTIONS_END;
}

enum cli_status cli_worse(enum cli_status a, enum cli_status b)
{
	static const int badness[] = {
		[CLI_DONE] = 0,	  [CLI_NO_MATCH] = 1, [CLI_INCOMPLETE] = 2,
		[CLI_FAILED] = 3, [CLI_USAGE] = 4,
	};

	return badness[a] >= badness[b] ? a : b;
}

enum cli_status dump_options_each(struct cli *cli, const struct dump_options *options,
				  enum cli_status (*show)(const struct dump *dump, void *user),
				  void *user)
{
	AUTO_TARGET_PATHS struct target_paths paths = {0};
	enum cli_status worst = target_resolve(cli, &options->target, &paths);

	for (size_t i = 0; i < paths.count; i++) {
		AUTO_DUMP struct dump *dump = NULL;
		enum cli_status status = dumps_open(paths.paths[i], options->lazily, &dump);

		if (!status)
			status = show(dump, user);
		if (dump)
			status = cli_worse(status, dumps_check(dump));
		worst = cli_worse(worst, status);
	}
	return worst;
}
