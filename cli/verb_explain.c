/* SPDX-License-Identifier: Apache-2.0 */
/* igrec explain: why the container ended, with the lines of the tape that show it. */
#include <errno.h>

#include "cli/dump_options.h"
#include "cli/dumps.h"
#include "cli/info_parts.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "common/escape.h"
#include "common/json.h"
#include "common/log.h"
#include "common/parse.h"
#include "explain/explain.h"

enum { EXPLAIN_NUMBER = DUMP_OPTIONS };

const struct option_spec explain_options[] = {
	DUMP_OPTION_ROWS,
	[EXPLAIN_NUMBER] = {"number", 'n', "N", "at most N findings; 3 unless set"},
	{0},
};

#define FINDINGS_SHOWN 3

struct explain_query {
	struct dump_options common;
	size_t number;
};

static int explain_parse(struct cli *cli, int argc, char **argv, struct explain_query *ret)
{
	struct explain_query query = {.number = FINDINGS_SHOWN};
	struct option_scan scan;
	char **args;
	int option;

	options_begin(&scan, cli, "explain", explain_options, argc, argv);
	while ((option = options_next(&scan)) >= 0) {
		if (option < DUMP_OPTIONS) {
			if (dump_options_take(&query.common, &scan, option))
				return OPTIONS_BAD;
		} else if (parse_uint(scan.value, 1, FINDINGS_MAX, &query.number)) {
			options_refuse(&scan, "a whole number from 1 to 16");
			return OPTIONS_BAD;
		}
	}
	if (option != OPTIONS_END)
		return option;
	option = options_args(&scan, 0, 1, &args);
	if (option < 0)
		return OPTIONS_BAD;
	query.common.target.text = option ? args[0] : NULL;
	*ret = query;
	return OPTIONS_END;
}

static enum cli_status put_json(const struct dump *dump, struct explanation *explanation,
				size_t number)
{
	for (size_t i = 0; i < explanation->findings.count && i < number; i++) {
		struct json *object = json_new_object();

		json_add_int(object, "schema", 1);
		json_add_text(object, "id", dump_id(dump));
		if (explanation_json(explanation, i, object)) {
			json_free(object);
			log_error("out of memory");
			return CLI_FAILED;
		}
		if (dumps_put_json(object, stdout))
			return CLI_FAILED;
	}
	return CLI_DONE;
}

#define LOG_LINES 3

/* What it said is not on the tape. */
static bool is_mute(const struct snapshot *snapshot)
{
	return snapshot->payload == IGREC_PAYLOAD_NONE;
}

static enum cli_status put_text(const struct dump *dump, struct explanation *explanation,
				size_t number)
{
	const struct container_identity *who = &dump_snapshot(dump)->identity;
	struct buf out = {0};
	struct text workload, when;
	int err;

	escape_name_text(&out, text_workload(&workload, who->namespace, who->pod, who->container));
	buf_printf(&out, " of %s, dump %s: ", text_time(&when, dumps_time_ns(dump)), dump_id(dump));
	buf_add(&out, explanation->failure.data, explanation->failure.bytes);
	buf_add_text(&out, "\n\n");
	err = explanation_text(explanation, number, &out);
	if (!err && out.bytes)
		fwrite(out.data, 1, out.bytes, stdout);
	buf_done(&out);
	if (!err && is_mute(dump_snapshot(dump)))
		info_print_log(dump_snapshot(dump), LOG_LINES, stdout);
	if (!err)
		return CLI_DONE;
	log_error("out of memory");
	return CLI_FAILED;
}

static enum cli_status show(const struct dump *dump, void *user)
{
	const struct explain_query *query = user;
	struct explanation explanation;
	enum cli_status status;
	enum arch arch;
	int err;

	if (dumps_arch(dump, &arch))
		return CLI_FAILED;
	err = explain(dump_snapshot(dump), arch, &explanation);
	if (err) {
		log_error("cannot explain %s: %s", dump_path(dump), strerror(-err));
		return CLI_FAILED;
	}
	status = query->common.json ? put_json(dump, &explanation, query->number)
				    : put_text(dump, &explanation, query->number);
	explanation_done(&explanation);
	return status;
}

enum cli_status explain_run(struct cli *cli, int argc, char **argv)
{
	struct explain_query query;
	int end = explain_parse(cli, argc, argv, &query);

	if (end != OPTIONS_END)
		return options_status(end);
	return cli_finish(stdout, dump_options_each(cli, &query.common, show, &query));
}
