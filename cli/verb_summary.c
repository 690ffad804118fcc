/* SPDX-License-Identifier: Apache-2.0 */
/* igrec summary: per syscall, how often, how often in vain, how long. */
#include <errno.h>

#include "cli/dump_options.h"
#include "cli/dumps.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"
#include "decode/syscall_table.h"
#include "dumper/summary.h"

const struct option_spec summary_options[] = {DUMP_OPTION_ROWS, {0}};

static int by_time(const void *a, const void *b)
{
	const struct syscall_total *x = a;
	const struct syscall_total *y = b;

	if (x->total_ns != y->total_ns)
		return x->total_ns > y->total_ns ? -1 : 1;
	return x->count > y->count ? -1 : x->count < y->count;
}

static enum cli_status put_json(const struct dump *dump, const struct summary *summary,
				enum arch arch)
{
	for (size_t i = 0; i < summary->count; i++) {
		const struct syscall_total *total = &summary->totals[i];
		struct json *object = json_new_object();
		char name[SYSCALL_NAME_BYTES];

		json_add_int(object, "schema", 1);
		json_add_text(object, "id", dump_id(dump));
		json_add_text(object, "syscall",
			      syscall_name(arch, total->nr, total->compat, name));
		json_add_uint(object, "count", total->count);
		json_add_uint(object, "errors", total->errors);
		json_add_uint(object, "total_ns", total->total_ns);
		json_add_uint(object, "max_ns", total->max_ns);
		if (dumps_put_json(object, stdout))
			return CLI_FAILED;
	}
	return CLI_DONE;
}

static enum cli_status print(const struct summary *summary, enum arch arch)
{
	static const struct table_column columns[] = {
		{.name = "SYSCALL"},	  {"CALLS", .right = true}, {"ERRORS", .right = true},
		{"TOTAL", .right = true}, {"MEAN", .right = true},  {"MAX", .right = true},
	};
	struct table *table;
	int err = table_new(columns, ARRAY_SIZE(columns), &table);

	for (size_t i = 0; !err && i < summary->count; i++) {
		const struct syscall_total *total = &summary->totals[i];
		char name[SYSCALL_NAME_BYTES];
		struct text t[5];

		table_add(table, (const char *[]){
					 syscall_name(arch, total->nr, total->compat, name),
					 text_uint(&t[0], total->count),
					 text_uint(&t[1], total->errors),
					 text_duration(&t[2], total->total_ns),
					 text_duration(&t[3], total->total_ns / total->count),
					 text_duration(&t[4], total->max_ns),
				 });
	}
	if (!err)
		err = table_print(table, stdout);
	if (err)
		log_error("cannot print the summary: %s", strerror(-err));
	else
		table_free(table);
	return err ? CLI_FAILED : CLI_DONE;
}

static enum cli_status show(const struct dump *dump, void *user)
{
	const struct dump_options *options = user;
	struct summary summary = {0};
	enum cli_status status;
	enum arch arch;

	if (dumps_arch(dump, &arch))
		return CLI_FAILED;
	if (summary_make(dump_snapshot(dump), &summary)) {
		log_error("out of memory");
		return CLI_FAILED;
	}
	if (summary.count)
		qsort(summary.totals, summary.count, sizeof(*summary.totals), by_time);
	status = options->json ? put_json(dump, &summary, arch) : print(&summary, arch);
	summary_done(&summary);
	dumps_say_overwritten(dump);
	return status;
}

enum cli_status summary_run(struct cli *cli, int argc, char **argv)
{
	struct dump_options options;
	int end = dump_options_parse(cli, "summary", summary_options, argc, argv, &options);

	if (end != OPTIONS_END)
		return options_status(end);
	return cli_finish(stdout, dump_options_each(cli, &options, show, &options));
}
