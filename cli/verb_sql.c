/* SPDX-License-Identifier: Apache-2.0 */
/* igrec sql: dumps as tables, and one SELECT over them. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/dump_options.h"
#include "cli/dumps.h"
#include "cli/sql_print.h"
#include "cli/verbs.h"
#include "common/cleanup.h"
#include "common/escape.h"
#include "common/log.h"
#include "common/parse.h"

enum { SQL_OUTPUT = DUMP_OPTIONS, SQL_TIMEOUT, SQL_TABLES, SQL_OPTIONS };

#define OUTPUT_WANTED "table, csv or json"

const struct option_spec sql_options[] = {
	DUMP_OPTION_ROWS,
	[SQL_OUTPUT] = {"output", 'o', "FORMAT", OUTPUT_WANTED},
	[SQL_TIMEOUT] = {"timeout", 0, "TIME", "give up after so long; 60s unless set, 0: never"},
	[SQL_TABLES] = {"tables", 0, NULL, "instead of a query, the tables and their columns"},
	[SQL_OPTIONS] = {0},
};

#define TIMEOUT_NS (60 * 1000000000ULL)

struct query {
	struct dump_options common;
	enum sql_format format;
	uint64_t timeout_ns;
	const char *text;
	bool tables;
	/* While it is carried out: */
	struct sql_print *print;
	size_t rows;
	bool printing_failed;
	struct buf seen; /* ids of the dumps of which that was said, each with its NUL */
	enum cli_status worst;
};

/* ---- the command line --------------------------------------------------------------------- */

static int take_format(struct query *query, const struct option_scan *scan)
{
	static const char *const names[] = {
		[SQL_FORMAT_TABLE] = "table", [SQL_FORMAT_CSV] = "csv", [SQL_FORMAT_JSON] = "json"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(scan->value, names[i])) {
			query->format = (enum sql_format)i;
			return 0;
		}
	}
	options_refuse(scan, OUTPUT_WANTED);
	return -EINVAL;
}

static int take_option(struct query *query, const struct option_scan *scan, int option)
{
	if (option < DUMP_OPTIONS)
		return dump_options_take(&query->common, scan, option);
	if (option == SQL_OUTPUT)
		return take_format(query, scan);
	if (option == SQL_TABLES) {
		query->tables = true;
		return 0;
	}
	if (!parse_duration(scan->value, &query->timeout_ns))
		return 0;
	options_refuse(scan, PARSE_DURATION_WANTED);
	return -EINVAL;
}

static int sql_parse(struct cli *cli, int argc, char **argv, struct query *ret)
{
	struct query query = {.timeout_ns = TIMEOUT_NS};
	struct option_scan scan;
	char **args;
	int option;

	options_begin(&scan, cli, "sql", sql_options, argc, argv);
	while ((option = options_next(&scan)) >= 0) {
		if (take_option(&query, &scan, option))
			return OPTIONS_BAD;
	}
	if (option != OPTIONS_END)
		return option;
	option = options_args(&scan, query.tables ? 0 : 1, query.tables ? 0 : 2, &args);
	if (option < 0)
		return OPTIONS_BAD;
	if (option == 1 && !query.tables && !access(args[0], F_OK)) {
		log_error("sql: there is no query: igrec sql %s \"SELECT ...\"", args[0]);
		return OPTIONS_BAD;
	}
	query.common.target.text = option == 2 ? args[0] : NULL;
	query.text = option ? args[option - 1] : NULL;
	if (query.common.json)
		query.format = SQL_FORMAT_JSON;
	*ret = query;
	return OPTIONS_END;
}

/* ---- the query ---------------------------------------------------------------------------- */

/* Tells what a dump lacks, once, however often the query opens it or a part of it. */
static void check_dump(void *user, const struct dump *dump)
{
	struct query *query = user;
	const char *id = dump_id(dump);
	enum cli_status status;

	for (size_t at = 0; at < query->seen.bytes; at += strlen(query->seen.data + at) + 1) {
		if (!strcmp(query->seen.data + at, id))
			return;
	}
	status = dumps_check(dump);
	if (status)
		buf_add(&query->seen, id, strlen(id) + 1);
	query->worst = cli_worse(query->worst, status);
}

static int begin(void *user, size_t columns, const char *const *names)
{
	struct query *query = user;

	return sql_print_begin(query->print, columns, names);
}

static int put_row(void *user, size_t columns, const struct sql_value *values)
{
	struct query *query = user;
	int err = sql_print_row(query->print, columns, values);

	query->rows++;
	query->printing_failed = err;
	return err;
}

static enum cli_status judge(const struct query *query, int err, const struct sql_error *why)
{
	CLEANUP(buf_done) struct buf words = {};

	if (err == -EPIPE)
		return CLI_DONE;
	if (err && query->printing_failed) {
		log_error("cannot write the output: %s", strerror(-err));
		return CLI_FAILED;
	}
	if (err) {
		escape_name_text(&words, why->text);
		log_error("sql: %s", buf_text(&words) ? buf_text(&words) : "out of memory");
		return err == -EINVAL ? CLI_USAGE : CLI_FAILED;
	}
	return query->rows ? query->worst : cli_worse(CLI_NO_MATCH, query->worst);
}

static enum cli_status finish(struct query *query, int err, const struct sql_error *why)
{
	if (!err) {
		err = sql_print_end(query->print);
		query->printing_failed = err;
	}
	return judge(query, err, why);
}

static enum cli_status run_query(struct query *query, const struct target_paths *paths)
{
	const struct sql_request request = {
		.paths = (const char *const *)paths->paths,
		.count = paths->count,
		.text = query->text,
		.timeout_ns = query->timeout_ns,
		.opened = check_dump,
		.begin = begin,
		.row = put_row,
		.user = query,
	};
	struct sql_error why;
	int err = sql_query(&request, &why);

	return finish(query, err, &why);
}

/* ---- the tables --------------------------------------------------------------------------- */

static const char *type_name(enum view_type type)
{
	static const char *const names[] = {
		[VIEW_TEXT] = "text",	 [VIEW_LIST] = "list",	 [VIEW_INT] = "integer",
		[VIEW_BOOL] = "bool",	 [VIEW_BYTES] = "bytes", [VIEW_DURATION_NS] = "ns",
		[VIEW_TIME_NS] = "time",
	};

	return names[type];
}

static struct sql_value text_value(const char *text)
{
	return (struct sql_value){.kind = SQL_TEXT, .data = text, .bytes = strlen(text)};
}

static int put_table(struct query *query, const struct sql_table *table)
{
	struct sql_column column = {.name = "dump", .type = VIEW_TEXT};
	int err = 0;

	for (unsigned i = 0; !err && column.name; i++) {
		const struct sql_value values[] = {text_value(table->name), text_value(column.name),
						   text_value(type_name(column.type)),
						   text_value(table->help)};

		err = put_row(query, ARRAY_SIZE(values), values);
		if (!sql_column_at(table, i, &column))
			column.name = NULL;
	}
	return err;
}

static enum cli_status show_tables(struct query *query)
{
	static const char *const names[] = {"table", "column", "type", "help"};
	struct sql_error why = {"out of memory"};
	struct sql_table table;
	int err = begin(query, ARRAY_SIZE(names), names);

	for (size_t i = 0; !err && sql_table_at(i, &table); i++)
		err = put_table(query, &table);
	return finish(query, err, &why);
}

enum cli_status sql_run(struct cli *cli, int argc, char **argv)
{
	AUTO_TARGET_PATHS struct target_paths paths = {0};
	enum cli_status status;
	struct query query;
	int end = sql_parse(cli, argc, argv, &query);

	if (end != OPTIONS_END)
		return options_status(end);
	status = query.tables ? CLI_DONE : target_resolve(cli, &query.common.target, &paths);
	if (status)
		return status;
	if (sql_print_new(query.format, stdout, &query.print)) {
		log_error("out of memory");
		return CLI_FAILED;
	}
	status = query.tables ? show_tables(&query) : run_query(&query, &paths);
	sql_print_free(query.print);
	buf_done(&query.seen);
	return status;
}
