/* SPDX-License-Identifier: Apache-2.0 */
/* igrec report: a dump as one HTML page. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/dump_options.h"
#include "cli/dumps.h"
#include "cli/info.h"
#include "cli/output.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"
#include "common/parse.h"
#include "report/report.h"

enum {
	REPORT_OUTPUT = DUMP_OPTIONS,
	REPORT_FORCE,
	REPORT_EVENTS,
	REPORT_SETUP,
};

const struct option_spec report_options[] = {
	DUMP_OPTION_ROWS,
	[REPORT_OUTPUT] = {"output", 'o', "FILE",
			   "write there, - is standard output; as the dump's file, with .html, "
			   "unless set"},
	[REPORT_FORCE] = {"force", 'f', NULL, "overwrite a file that is there"},
	[REPORT_EVENTS] = {"events", 'n', "N",
			   "at most the last N events; 20000 unless set, 0: all"},
	[REPORT_SETUP] = {"setup", 0, NULL, "also what the runtime did before the first exec"},
	{0},
};

#define EVENTS_SHOWN 20000 /* some 3 MB */

struct report_query {
	struct dump_options common;
	const char *output; /* NULL: named as the dump */
	uint64_t events;
	bool force;
	bool setup;
};

/* ---- the command line ---------------------------------------------------------------------- */

static int take_option(struct report_query *query, const struct option_scan *scan, int option)
{
	if (option < DUMP_OPTIONS)
		return dump_options_take(&query->common, scan, option);
	switch (option) {
	case REPORT_OUTPUT:
		query->output = scan->value;
		return 0;
	case REPORT_FORCE:
		query->force = true;
		return 0;
	case REPORT_SETUP:
		query->setup = true;
		return 0;
	default:
		if (!parse_uint(scan->value, 0, UINT32_MAX, &query->events))
			return 0;
		options_refuse(scan, "a whole number");
		return -EINVAL;
	}
}

static int report_parse(struct cli *cli, int argc, char **argv, struct report_query *ret)
{
	struct report_query query = {.events = EVENTS_SHOWN};
	struct option_scan scan;
	char **args;
	int option;

	options_begin(&scan, cli, "report", report_options, argc, argv);
	while ((option = options_next(&scan)) >= 0) {
		if (take_option(&query, &scan, option))
			return OPTIONS_BAD;
	}
	if (option != OPTIONS_END)
		return option;
	option = options_args(&scan, 0, 1, &args);
	if (option < 0)
		return OPTIONS_BAD;
	if (query.common.target.all && query.output) {
		log_error(
			"report: --all writes a file for each dump: it does not go with --output");
		return OPTIONS_BAD;
	}
	query.common.target.text = option ? args[0] : NULL;
	*ret = query;
	return OPTIONS_END;
}

/* ---- the file ------------------------------------------------------------------------------ */

/* The dump's name with another ending, for the working directory. */
static char *name_of_page(const struct dump *dump)
{
	const char *path = dump_path(dump), *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t bytes = strlen(name);
	char *page;

	if (bytes > 6 && !strcmp(name + bytes - 6, ".igrec"))
		bytes -= 6;
	return asprintf(&page, "%.*s.html", (int)bytes, name) < 0 ? NULL : page;
}

static void say_written(const struct output *output, const struct report_counts *counts)
{
	if (output->path)
		log_info("wrote %s", output->path);
	if (counts->left_out)
		log_info("%zu older events are not on the page: --events 0 has them",
			 counts->left_out);
}

/* ---- one dump ------------------------------------------------------------------------------ */

static enum cli_status write_page(const struct report_query *query, const struct dump *dump,
				  struct report *report)
{
	AUTO_FREE char *name = NULL;
	const char *path = query->output ? query->output : query->common.json ? "-" : NULL;
	struct report_counts counts = {0};
	struct output output;
	enum cli_status status;

	if (!path)
		path = name = name_of_page(dump);
	if (!path) {
		log_error("out of memory");
		return CLI_FAILED;
	}
	status = output_open(path, dump_path(dump), query->force, &output);
	if (status)
		return status;
	status = output_close(&output, report_write(report, output.out, &counts));
	if (status)
		return status;
	say_written(&output, &counts);
	return counts.incomplete ? CLI_INCOMPLETE : CLI_DONE;
}

static enum cli_status show(const struct dump *dump, void *user)
{
	const struct report_query *query = user;
	const struct snapshot *snapshot = dump_snapshot(dump);
	const struct container_identity *who = &snapshot->identity;
	struct report report = {
		.snapshot = snapshot,
		.events = query->events,
		.setup = query->setup,
		.data_only = query->common.json,
	};
	enum cli_status status;
	struct stat st = {0};
	struct json *object;
	struct text workload;
	struct info info;

	if (arch_parse(dump_arch(dump), &report.arch)) {
		log_error("%s was recorded on %s, whose syscalls this igrec does not know",
			  dump_path(dump), dump_arch(dump));
		return CLI_FAILED;
	}
	if (info_init(&info, dump)) {
		log_error("out of memory");
		return CLI_FAILED;
	}
	stat(dump_path(dump), &st);
	report.info = object = info_json(&info, (uint64_t)st.st_size);
	report.title = text_workload(&workload, who->namespace, who->pod, who->container);
	status = write_page(query, dump, &report);
	json_free(object);
	return status;
}

enum cli_status report_run(struct cli *cli, int argc, char **argv)
{
	struct report_query query;
	int end = report_parse(cli, argc, argv, &query);

	if (end != OPTIONS_END)
		return options_status(end);
	return dump_options_each(cli, &query.common, show, &query);
}
