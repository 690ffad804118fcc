/* SPDX-License-Identifier: Apache-2.0 */
/* igrec diff: where two runs of a container part. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cli/dump_options.h"
#include "cli/dumps.h"
#include "cli/pager.h"
#include "cli/verbs.h"
#include "common/log.h"
#include "common/parse.h"
#include "view/diff.h"

enum { DIFF_PREVIOUS, DIFF_NUMBER, DIFF_CONTEXT, DIFF_SETUP, DIFF_JSON, DIFF_NO_PAGER };

const struct option_spec diff_options[] = {
	[DIFF_PREVIOUS] = {"previous", 'p', "N", "of one TARGET: the dump N before the newest"},
	[DIFF_NUMBER] = {"number", 'n', "N", "at most N places where they part; 1 unless set"},
	[DIFF_CONTEXT] = {"context", 'U', "N", "N lines in front of each; 3 unless set"},
	[DIFF_SETUP] = {"setup", 0, NULL, "also what the runtime did before the first exec"},
	[DIFF_JSON] = {"json", 0, NULL, "one JSON object a line"},
	[DIFF_NO_PAGER] = {"no-pager", 0, NULL, "no pager on a terminal"},
	{0},
};

#define NUMBER_MAX  100
#define CONTEXT_MAX 8
#define ROWS_MAX    20

struct diff_request {
	struct target target[2];
	unsigned previous;
	size_t number, context;
	bool setup, json, no_pager;
};

/* ---- the command line -------------------------------------------------------------------- */

static int take_number(const struct option_scan *scan, uint64_t min, uint64_t max, uint64_t *ret)
{
	char wanted[64];

	if (!parse_uint(scan->value, min, max, ret))
		return 0;
	snprintf(wanted, sizeof(wanted), "a whole number from %" PRIu64 " to %" PRIu64, min, max);
	options_refuse(scan, wanted);
	return -EINVAL;
}

static int take_option(struct diff_request *request, const struct option_scan *scan, int option)
{
	uint64_t number = 0;
	int err = 0;

	switch (option) {
	case DIFF_PREVIOUS:
		err = take_number(scan, 0, UINT_MAX - 1, &number);
		request->previous = (unsigned)number;
		return err;
	case DIFF_NUMBER:
		err = take_number(scan, 1, NUMBER_MAX, &number);
		request->number = number;
		return err;
	case DIFF_CONTEXT:
		err = take_number(scan, 0, CONTEXT_MAX, &number);
		request->context = number;
		return err;
	case DIFF_SETUP:
		request->setup = true;
		return 0;
	case DIFF_NO_PAGER:
		request->no_pager = true;
		return 0;
	default:
		request->json = true;
		return 0;
	}
}

static int diff_parse(struct cli *cli, int argc, char **argv, struct diff_request *ret)
{
	struct diff_request request = {.number = 1, .context = 3};
	struct option_scan scan;
	char **args;
	int option;

	options_begin(&scan, cli, "diff", diff_options, argc, argv);
	while ((option = options_next(&scan)) >= 0) {
		if (take_option(&request, &scan, option))
			return OPTIONS_BAD;
	}
	if (option != OPTIONS_END)
		return option;
	option = options_args(&scan, 0, 2, &args);
	if (option < 0)
		return OPTIONS_BAD;
	if (option == 2 && request.previous) {
		log_error("diff: --previous goes with one TARGET");
		return OPTIONS_BAD;
	}
	if (option == 1 && !access(args[0], F_OK)) {
		log_error("diff: %s is one dump alone: name two, or a container", args[0]);
		return OPTIONS_BAD;
	}
	/* Of one container: the run before, and that run. */
	request.target[1] = (struct target){.text = option ? args[option - 1] : NULL,
					    .previous = request.previous};
	request.target[0] = request.target[1];
	if (option == 2)
		request.target[0].text = args[0];
	else
		request.target[0].previous++;
	*ret = request;
	return OPTIONS_END;
}

/* ---- two dumps ----------------------------------------------------------------------------- */

struct run {
	struct dump *dump;
	struct timeline *timeline;
	struct view_query query;
};

static void run_done(struct run *run)
{
	timeline_free(run->timeline);
	dump_free(run->dump);
}

static enum cli_status open_run(struct cli *cli, const struct target *target, bool setup,
				struct run *ret)
{
	AUTO_TARGET_PATHS struct target_paths paths = {0};
	enum cli_status status = target_resolve(cli, target, &paths);

	if (!status)
		status = dumps_open(paths.paths[0], false, &ret->dump);
	if (!status)
		status = dumps_arch(ret->dump, &ret->query.arch);
	if (status)
		return status;
	if (timeline_new(dump_snapshot(ret->dump), &ret->timeline)) {
		log_error("out of memory for %s", dump_path(ret->dump));
		return CLI_FAILED;
	}
	ret->query.timeline = ret->timeline;
	ret->query.hide_setup = !setup;
	return CLI_DONE;
}

/* Of different containers much differs, for no reason that matters. */
static void say_strangers(const struct run *a, const struct run *b)
{
	const char *left = dump_snapshot(a->dump)->identity.container;
	const char *right = dump_snapshot(b->dump)->identity.container;

	if (left && right && strcmp(left, right) != 0)
		log_info("these are runs of different containers");
}

static enum cli_status compare(const struct diff_request *request, const struct run runs[2])
{
	const struct diff_print_options options = {
		.name = {dump_id(runs[0].dump), dump_id(runs[1].dump)},
		.divergences_max = request->number,
		.context = request->context,
		.rows_max = ROWS_MAX,
	};
	struct pager pager = {.out = stdout};
	struct diff diff;
	int err = diff_make(&diff, &runs[0].query, &runs[1].query), closed;

	if (!request->no_pager)
		pager_open(&pager);
	if (!err)
		err = request->json ? diff_print_json(&diff, &options, pager.out)
				    : diff_print(&diff, &options, pager.out);
	diff_done(&diff);
	closed = pager_close(&pager);
	if (!err)
		err = closed;
	if (!err || err == -EPIPE)
		return CLI_DONE;
	log_error("cannot compare %s and %s: %s", dump_path(runs[0].dump), dump_path(runs[1].dump),
		  strerror(-err));
	return CLI_FAILED;
}

enum cli_status diff_run(struct cli *cli, int argc, char **argv)
{
	struct diff_request request;
	struct run runs[2] = {{0}};
	enum cli_status status = CLI_DONE;
	int end = diff_parse(cli, argc, argv, &request);

	if (end != OPTIONS_END)
		return options_status(end);
	for (unsigned i = 0; !status && i < 2; i++)
		status = open_run(cli, &request.target[i], request.setup, &runs[i]);
	if (!status) {
		say_strangers(&runs[0], &runs[1]);
		status = compare(&request, runs);
	}
	for (unsigned i = 0; i < 2 && runs[i].dump; i++) {
		dumps_say_overwritten(runs[i].dump);
		status = cli_worse(status, dumps_check(runs[i].dump));
	}
	for (unsigned i = 0; i < 2; i++)
		run_done(&runs[i]);
	return status;
}
