/* SPDX-License-Identifier: Apache-2.0 */
/* igrec: finds the verb and runs it. */
#include <locale.h>
#include <string.h>

#include "cli/help.h"
#include "cli/verbs.h"
#include "common/log.h"

enum { MAIN_VERSION };
static const struct option_spec main_options[] = {
	[MAIN_VERSION] = {"version", 'V', NULL, "print the version"},
	{0},
};

int main(int argc, char **argv)
{
	struct cli cli = {0};
	struct option_scan scan;
	const struct verb *verb;
	char **args;
	int option;

	setlocale(LC_CTYPE, "");
	log_init("igrec", LOG_LEVEL_INFO);
	options_begin(&scan, &cli, NULL, main_options, argc, argv);
	option = options_next(&scan);
	if (option == MAIN_VERSION) {
		help_print_version(stdout);
		return cli_finish(stdout, CLI_DONE);
	}
	if (option != OPTIONS_END)
		return options_status(option);
	argc = options_args(&scan, 0, -1, &args);
	if (!argc) {
		help_print(stderr, NULL);
		return CLI_USAGE;
	}
	verb = verb_find(args[0]);
	if (!verb) {
		log_error("there is no verb \"%s\": run \"igrec help\"", args[0]);
		return CLI_USAGE;
	}
	return verb->run(&cli, argc, args);
}
