/* SPDX-License-Identifier: Apache-2.0 */
/* igrec dump: asks igrecd for a snapshot of a container that runs. */
#include "cli/client.h"
#include "cli/verbs.h"
#include "common/json.h"
#include "common/log.h"

enum { DUMP_VERB_JSON };

const struct option_spec dump_options[] = {
	[DUMP_VERB_JSON] = {"json", 0, NULL, "id, file and path as a JSON object"},
	{0},
};

struct answer {
	bool json;
	bool seen;
};

static enum cli_status take(const struct json *object, void *user)
{
	struct answer *answer = user;
	const char *path = json_get_text(object, "path");

	if (!path) {
		log_error(
			"igrecd's answer names no file: are igrec and igrecd of the same version?");
		return CLI_FAILED;
	}
	answer->seen = true;
	if (!answer->json) {
		puts(path);
		return CLI_DONE;
	}
	return client_put(object);
}

enum cli_status dump_run(struct cli *cli, int argc, char **argv)
{
	struct answer answer = {0};
	struct option_scan scan;
	enum cli_status status;
	char **args;
	int option;

	options_begin(&scan, cli, "dump", dump_options, argc, argv);
	while ((option = options_next(&scan)) >= 0)
		answer.json = true;
	if (option != OPTIONS_END)
		return options_status(option);
	if (options_args(&scan, 1, 1, &args) < 0)
		return CLI_USAGE;
	status = client_request(cli, "dump", args[0], take, &answer);
	if (!status && !answer.seen) {
		log_error("igrecd made no dump of \"%s\": see its log", args[0]);
		return CLI_FAILED;
	}
	return cli_finish(stdout, status);
}
