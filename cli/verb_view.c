/* SPDX-License-Identifier: Apache-2.0 */
/* igrec view: what a live tool would have shown, from the tape. */
#include <errno.h>
#include <string.h>

#include "cli/dump_options.h"
#include "cli/dumps.h"
#include "cli/filter_options.h"
#include "cli/pager.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/view_print.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "common/parse.h"

enum {
	VIEW_OUTPUT = DUMP_OPTIONS,
	VIEW_FILTER,
	VIEW_FLAGS = VIEW_FILTER + FILTER_OPTIONS,
	VIEW_NUMBER,
	VIEW_SETUP,
	VIEW_DOT,
	VIEW_NO_PAGER,
	VIEW_OPTIONS,
};

#define OUTPUT_WANTED "columns, wide, json or dot"

const struct option_spec view_options[] = {
	DUMP_OPTION_ROWS,
	[VIEW_OUTPUT] = {"output", 'o', "FORMAT", OUTPUT_WANTED},
	FILTER_OPTION_ROWS(VIEW_FILTER),
	[VIEW_FLAGS] = {"flags", 0, "LIST", "with one of these flags: O_WRONLY,O_RDWR"},
	[VIEW_NUMBER] = {"number", 'n', "N", "at most N rows; 0 for all"},
	[VIEW_SETUP] = {"setup", 0, NULL, "also what the runtime did before the first exec"},
	[VIEW_DOT] = {"dot", 0, NULL, "the same as -o dot: a graph for dot(1)"},
	[VIEW_NO_PAGER] = {"no-pager", 0, NULL, "no pager on a terminal"},
	[VIEW_OPTIONS] = {0},
};

static const struct {
	const char *name;
	enum view_format format;
} formats[] = {
	{"columns", VIEW_FORMAT_TABLE},
	{"wide", VIEW_FORMAT_WIDE},
	{"json", VIEW_FORMAT_JSON},
	{"dot", VIEW_FORMAT_DOT},
};

struct view_request {
	const struct view *view;
	struct dump_options common;
	struct filter_options filter;
	enum view_format format;
	const char *flags;
	uint64_t number;
	bool has_number, setup, no_pager;
	/* While it is carried out: */
	struct pager pager;
	bool reader_gone;
};

/* ---- the command line -------------------------------------------------------------------- */

static int take_format(struct view_request *request, const struct option_scan *scan)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!strcmp(scan->value, formats[i].name)) {
			request->format = formats[i].format;
			return 0;
		}
	}
	options_refuse(scan, OUTPUT_WANTED);
	return -EINVAL;
}

static int take_option(struct view_request *request, const struct option_scan *scan, int option)
{
	if (option < DUMP_OPTIONS)
		return dump_options_take(&request->common, scan, option);
	switch (option) {
	case VIEW_OUTPUT:
		return take_format(request, scan);
	case VIEW_FLAGS:
		request->flags = scan->value;
		return 0;
	case VIEW_NUMBER:
		request->has_number = true;
		if (!parse_uint(scan->value, 0, SIZE_MAX, &request->number))
			return 0;
		options_refuse(scan, "a whole number");
		return -EINVAL;
	case VIEW_SETUP:
		request->setup = true;
		return 0;
	case VIEW_DOT:
		request->format = VIEW_FORMAT_DOT;
		return 0;
	case VIEW_NO_PAGER:
		request->no_pager = true;
		return 0;
	default:
		return filter_options_take(&request->filter, scan, option, VIEW_FILTER);
	}
}

static void say_views(const char *name)
{
	char names[256] = "";

	for (size_t i = 0; views[i]; i++) {
		size_t used = strlen(names);

		snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "", views[i]->name);
	}
	log_error("view: there is no view \"%s\"; views are %s", name, names);
}

static int check(const struct view_request *request)
{
	const struct view *view = request->view;

	if (request->flags && view_column_find(view, "flags") < 0) {
		log_error("view: --flags does not go with %s, which has no flags", view->name);
		return -EINVAL;
	}
	if (request->format == VIEW_FORMAT_DOT && view->from == view->to) {
		log_error("view: --dot does not go with %s: its rows are no edges of a graph",
			  view->name);
		return -EINVAL;
	}
	return filter_options_check(&request->filter, "view");
}

static int view_parse(struct cli *cli, int argc, char **argv, struct view_request *ret)
{
	struct view_request request = {0};
	struct option_scan scan;
	char **args;
	int option;

	options_begin(&scan, cli, "view", view_options, argc, argv);
	while ((option = options_next(&scan)) >= 0) {
		if (take_option(&request, &scan, option))
			return OPTIONS_BAD;
	}
	if (option != OPTIONS_END)
		return option;
	option = options_args(&scan, 1, 2, &args);
	if (option < 0)
		return OPTIONS_BAD;
	request.view = view_find(args[0]);
	if (!request.view) {
		say_views(args[0]);
		return OPTIONS_BAD;
	}
	if (check(&request))
		return OPTIONS_BAD;
	request.common.target.text = option > 1 ? args[1] : NULL;
	if (request.common.json)
		request.format = VIEW_FORMAT_JSON;
	*ret = request;
	return OPTIONS_END;
}

/* ---- the rows ---------------------------------------------------------------------------- */

static enum cli_status judge(const struct view_request *request, const struct dump *dump,
			     const struct timeline *timeline,
			     const struct view_print_counts *counts)
{
	if (counts->shown < counts->rows && !request->has_number)
		log_info("%zu of %zu rows are shown: -n 0 shows all", counts->shown, counts->rows);
	dumps_say_overwritten(dump);
	if (timeline_is_incomplete(timeline))
		return CLI_INCOMPLETE;
	if (counts->rows)
		return CLI_DONE;
	log_error("nothing on the tape of %s is a row of view %s", dump_id(dump),
		  request->view->name);
	return CLI_NO_MATCH;
}

static size_t rows_max(const struct view_request *request)
{
	bool is_for_people =
		request->format == VIEW_FORMAT_TABLE || request->format == VIEW_FORMAT_WIDE;

	if (request->has_number)
		return request->number;
	return is_for_people ? request->view->rows_shown : 0;
}

static enum cli_status print_rows(struct view_request *request, const struct dump *dump,
				  const struct view_query *query)
{
	const struct view_print_options options = {
		.format = request->format,
		.dump_id = dump_id(dump),
		.flags = request->flags,
		.rows_max = rows_max(request),
	};
	struct view_print_counts counts = {0};
	int err = view_print(request->view, query, &options, request->pager.out, &counts);

	if (err == -EPIPE) {
		request->reader_gone = true;
		return CLI_DONE;
	}
	if (!err)
		return judge(request, dump, query->timeline, &counts);
	log_error("cannot show %s: %s", dump_path(dump), strerror(-err));
	return CLI_FAILED;
}

static enum cli_status show(const struct dump *dump, void *user)
{
	struct view_request *request = user;
	struct view_query query = {.hide_setup = !request->setup};
	AUTO_FILTER struct filter *filter = NULL;
	struct timeline *timeline = NULL;
	enum cli_status status;

	if (request->reader_gone)
		return CLI_DONE;
	if (dumps_arch(dump, &query.arch))
		return CLI_FAILED;
	status = filter_options_make(&request->filter, "view", query.arch, &filter);
	if (status)
		return status;
	if (timeline_new(dump_snapshot(dump), &timeline)) {
		log_error("out of memory for %s", dump_path(dump));
		return CLI_FAILED;
	}
	query.filter = filter;
	query.timeline = timeline;
	status = print_rows(request, dump, &query);
	timeline_free(timeline);
	return status;
}

enum cli_status view_run(struct cli *cli, int argc, char **argv)
{
	struct view_request request;
	enum cli_status status;
	int err;
	int end = view_parse(cli, argc, argv, &request);

	if (end != OPTIONS_END)
		return options_status(end);
	request.pager.out = stdout;
	if (!request.no_pager)
		pager_open(&request.pager);
	status = dump_options_each(cli, &request.common, show, &request);
	err = pager_close(&request.pager);
	if (!err || err == -EPIPE)
		return status;
	log_error("cannot write the output: %s", strerror(-err));
	return CLI_FAILED;
}
