/* SPDX-License-Identifier: Apache-2.0 */
/* igrec export: a dump in the format of another tool, to a file or to an OpenTelemetry receiver. */
#include <errno.h>
#include <string.h>

#include "cli/dump_options.h"
#include "cli/dumps.h"
#include "cli/filter_options.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "export/otlp_post.h"

enum {
	EXPORT_PREVIOUS = DUMP_PREVIOUS,
	EXPORT_FORMAT,
	EXPORT_OUTPUT,
	EXPORT_FORCE,
	EXPORT_TO,
	EXPORT_FILTER,
	EXPORT_OPTIONS = EXPORT_FILTER + FILTER_OPTIONS,
};

const struct option_spec export_options[] = {
	[EXPORT_PREVIOUS] = {"previous", 'p', "N", "the dump N before the newest that matches"},
	[EXPORT_FORMAT] = {"format", 0, "FORMAT", EXPORT_FORMAT_WANTED},
	[EXPORT_OUTPUT] = {"output", 'o', "FILE", "write there instead of to standard output"},
	[EXPORT_FORCE] = {"force", 'f', NULL, "overwrite a file that is there"},
	[EXPORT_TO] = {"to", 0, "URL", "send it to an OpenTelemetry receiver: http://HOST:4318"},
	FILTER_OPTION_ROWS(EXPORT_FILTER),
	[EXPORT_OPTIONS] = {0},
};

struct export_query {
	struct dump_options common;
	struct filter_options filter;
	const struct export_format *format;
	const char *file; /* NULL: standard output */
	const char *url;  /* NULL: to a file */
	bool force;
};

/* ---- the command line --------------------------------------------------------------------- */

static int take_option(struct export_query *query, const struct option_scan *scan, int option)
{
	switch (option) {
	case EXPORT_PREVIOUS:
		return dump_options_take(&query->common, scan, option);
	case EXPORT_FORMAT:
		query->format = export_format_find(scan->value);
		if (query->format)
			return 0;
		options_refuse(scan, EXPORT_FORMAT_WANTED);
		return -EINVAL;
	case EXPORT_OUTPUT:
		query->file = scan->value;
		return 0;
	case EXPORT_FORCE:
		query->force = true;
		return 0;
	case EXPORT_TO:
		query->url = scan->value;
		return 0;
	default:
		return filter_options_take(&query->filter, scan, option, EXPORT_FILTER);
	}
}

/* The signals of a format that a receiver takes; 0 for the other formats. */
static unsigned signals_of(const struct export_format *format)
{
	static const struct {
		const char *name;
		unsigned signals;
	} known[] = {
		{"otlp", OTLP_BIT(OTLP_TRACES) | OTLP_BIT(OTLP_LOGS)},
		{"otlp-traces", OTLP_BIT(OTLP_TRACES)},
		{"otlp-logs", OTLP_BIT(OTLP_LOGS)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!strcmp(known[i].name, format->name))
			return known[i].signals;
	}
	return 0;
}

static int check(struct export_query *query)
{
	if (!query->format)
		query->format = export_format_find(query->url ? "otlp" : "ndjson");
	if (query->url && !signals_of(query->format)) {
		log_error("export: --to takes otlp, otlp-traces or otlp-logs, not %s",
			  query->format->name);
		return -EINVAL;
	}
	if (query->url && query->file) {
		log_error("export: --to does not go with --output");
		return -EINVAL;
	}
	if (query->url && strncmp(query->url, "http://", 7) != 0 &&
	    strncmp(query->url, "https://", 8) != 0) {
		log_error("export: --to: \"%s\" is not http://HOST:PORT or https://HOST",
			  query->url);
		return -EINVAL;
	}
	return filter_options_check(&query->filter, "export");
}

static int export_parse(struct cli *cli, int argc, char **argv, struct export_query *ret)
{
	struct export_query query = {0};
	struct option_scan scan;
	char **args;
	int option;

	options_begin(&scan, cli, "export", export_options, argc, argv);
	while ((option = options_next(&scan)) >= 0) {
		if (take_option(&query, &scan, option))
			return OPTIONS_BAD;
	}
	if (option != OPTIONS_END)
		return option;
	option = options_args(&scan, 0, 1, &args);
	if (option < 0 || check(&query))
		return OPTIONS_BAD;
	query.common.target.text = option ? args[0] : NULL;
	*ret = query;
	return OPTIONS_END;
}

/* ---- one dump ----------------------------------------------------------------------------- */

static enum cli_status judge(const struct export_query *query, const struct dump *dump,
			     const struct export_counts *counts)
{
	if (counts->incomplete)
		return CLI_INCOMPLETE;
	if (counts->records || !query->filter.count)
		return CLI_DONE;
	log_error("no record on the tape of %s matches", dump_id(dump));
	return CLI_NO_MATCH;
}

static enum cli_status write_file(const struct export_query *query, struct export *export)
{
	struct export_counts counts = {0};
	struct output output;
	enum cli_status status =
		output_open(query->file, dump_path(export->dump), query->force, &output);

	if (status)
		return status;
	export->out = output.out;
	export->to_terminal = isatty(fileno(output.out));
	status = output_close(&output, export_dump(export, query->format, &counts));
	return status ? status : judge(query, export->dump, &counts);
}

static enum cli_status post(const struct export_query *query, const struct export *export)
{
	struct export_counts counts = {0};
	struct http_error why = {"out of memory"};

	if (otlp_post(export, query->url, signals_of(query->format), &counts, &why)) {
		log_error("%s", why.text);
		return CLI_FAILED;
	}
	log_info("sent %zu records of dump %s to %s", counts.records, dump_id(export->dump),
		 query->url);
	return judge(query, export->dump, &counts);
}

static enum cli_status show(const struct dump *dump, void *user)
{
	const struct export_query *query = user;
	AUTO_FILTER struct filter *filter = NULL;
	struct export export = {.dump = dump};
	enum cli_status status;

	if (dumps_arch(dump, &export.arch))
		return CLI_FAILED;
	status = filter_options_make(&query->filter, "export", export.arch, &filter);
	if (status)
		return status;
	export.filter = filter;
	return query->url ? post(query, &export) : write_file(query, &export);
}

enum cli_status export_run(struct cli *cli, int argc, char **argv)
{
	struct export_query query;
	int end = export_parse(cli, argc, argv, &query);

	if (end != OPTIONS_END)
		return options_status(end);
	return dump_options_each(cli, &query.common, show, &query);
}
