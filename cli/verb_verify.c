/* SPDX-License-Identifier: Apache-2.0 */
/* igrec verify: whether dumps are whole; if not, what is damaged and what can still be read. */
#include <errno.h>
#include <inttypes.h>

#include "cli/dump_options.h"
#include "cli/dumps.h"
#include "cli/info.h"
#include "cli/verbs.h"
#include "common/buf.h"
#include "common/cleanup.h"
#include "common/escape.h"
#include "common/json.h"
#include "common/log.h"

enum { VERIFY_ALL, VERIFY_JSON };

const struct option_spec verify_options[] = {
	[VERIFY_ALL] = {"all", 'a', NULL, "all dumps that match; without TARGET the whole store"},
	[VERIFY_JSON] = {"json", 0, NULL, "one JSON object per dump"},
	{0},
};

struct verification {
	const char *path;
	const char *state; /* "whole", "damaged", "unreadable" */
	const struct dump_fault *faults;
	size_t n_faults;
	uint64_t records; /* that can be read */
	uint64_t tasks, fds;
};

static enum cli_status put_json(const struct verification *verification)
{
	struct json *object = json_new_object();
	struct json *faults = json_new_array();

	json_add_int(object, "schema", 1);
	json_add_text(object, "file", verification->path);
	json_add_text(object, "state", verification->state);
	json_add_uint(object, "records", verification->records);
	json_add_uint(object, "tasks", verification->tasks);
	json_add_uint(object, "fds", verification->fds);
	for (size_t i = 0; i < verification->n_faults; i++)
		json_add_text(faults, NULL, verification->faults[i].text);
	json_add(object, "faults", faults);
	return dumps_put_json(object, stdout);
}

static void put_text(const char *before, const char *text, const char *after)
{
	struct buf escaped = {0};

	escape_name_text(&escaped, text);
	printf("%s%s%s", before, buf_text(&escaped) ? buf_text(&escaped) : "", after);
	buf_done(&escaped);
}

static void print(const struct verification *verification)
{
	put_text("", verification->path, ": ");
	puts(verification->state);
	for (size_t i = 0; i < verification->n_faults; i++)
		put_text("  ", verification->faults[i].text, "\n");
	if (!strcmp(verification->state, "damaged"))
		printf("  can be read: %" PRIu64 " records, %" PRIu64 " processes, %" PRIu64
		       " open files\n",
		       verification->records, verification->tasks, verification->fds);
}

static void count_readable(const struct dump *dump, struct verification *verification)
{
	const struct snapshot *snapshot = dump_snapshot(dump);
	struct info info;

	verification->tasks = snapshot->n_tasks;
	verification->fds = snapshot->n_fds;
	if (info_init(&info, dump))
		return;
	for (int lane = 0; lane < IGREC_LANES; lane++)
		verification->records += info.lane[lane].records;
}

static enum cli_status verify_one(const char *path, bool json)
{
	AUTO_DUMP struct dump *dump = NULL;
	struct verification verification = {.path = path, .state = "whole"};
	struct dump_fault why = {0};
	enum cli_status status = CLI_DONE;

	if (dump_open(path, &dump, &why)) {
		verification.state = "unreadable";
		verification.faults = &why;
		verification.n_faults = 1;
		status = CLI_FAILED;
	} else {
		if (dump_verify(dump)) {
			verification.state = "damaged";
			status = CLI_FAILED;
		}
		verification.n_faults = dump_faults(dump, &verification.faults);
		count_readable(dump, &verification);
	}
	if (!json)
		print(&verification);
	else if (put_json(&verification))
		return CLI_FAILED;
	return status;
}

static enum cli_status verify_target(struct cli *cli, const char *text, bool all, bool json)
{
	struct target target = {.text = text, .all = all};
	AUTO_TARGET_PATHS struct target_paths paths = {0};
	enum cli_status status = target_resolve(cli, &target, &paths);

	for (size_t i = 0; i < paths.count; i++)
		status = cli_worse(status, verify_one(paths.paths[i], json));
	return status;
}

enum cli_status verify_run(struct cli *cli, int argc, char **argv)
{
	enum cli_status status = CLI_DONE;
	struct option_scan scan;
	bool all = false;
	bool json = false;
	char **args;
	int option, count;

	options_begin(&scan, cli, "verify", verify_options, argc, argv);
	while ((option = options_next(&scan)) >= 0) {
		if (option == VERIFY_ALL)
			all = true;
		else
			json = true;
	}
	if (option != OPTIONS_END)
		return options_status(option);
	count = options_args(&scan, 0, -1, &args);
	for (int i = 0; i < count; i++)
		status = cli_worse(status, verify_target(cli, args[i], all, json));
	if (!count)
		status = verify_target(cli, NULL, true, json);
	return cli_finish(stdout, status);
}
