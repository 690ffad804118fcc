/* SPDX-License-Identifier: Apache-2.0 */
/* igrec gc: what igrecd does on schedule, by hand, telling what goes and why. */
#include <errno.h>
#include <inttypes.h>

#include "cli/dumps.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/log.h"
#include "storage/retention.h"

enum { GC_DRY_RUN, GC_JSON };

const struct option_spec gc_options[] = {
	[GC_DRY_RUN] = {"dry-run", 'n', NULL, "only say what would go"},
	[GC_JSON] = {"json", 0, NULL, "one JSON object per dump"},
	{0},
};

struct collection {
	bool dry_run, json;
	const struct store *store;
	const struct store_list *list;
	struct retention_plan plan;
	size_t removed;
	uint64_t removed_bytes;
};

static int make_plan(const struct config *config, struct collection *collection)
{
	struct retention_limits limits;
	uint64_t available_bytes;
	int err = retention_limits_of(config, collection->store, &limits);

	if (!err)
		err = store_available(collection->store, &available_bytes);
	if (!err)
		err = retention_plan(collection->list, &limits, available_bytes,
				     clock_realtime_ns(), &collection->plan);
	return err;
}

/* Whether it went, or would. */
static bool collect(struct collection *collection, const struct store_entry *entry)
{
	int err = collection->dry_run ? 0 : store_remove(collection->store, entry->file);

	if (err) {
		log_error("cannot remove %s/%s: %s", store_path(collection->store), entry->file,
			  strerror(-err));
		return false;
	}
	collection->removed++;
	collection->removed_bytes += entry->bytes;
	return true;
}

static enum cli_status put_json(const struct collection *collection,
				const struct store_entry *entry, const char *reason)
{
	struct json *object = json_new_object();

	json_add_int(object, "schema", 1);
	json_add_text(object, "id", entry->id);
	json_add_text(object, "file", entry->file);
	json_add_text(object, "reason", reason);
	json_add_uint(object, "bytes", entry->bytes);
	json_add_bool(object, "removed", !collection->dry_run);
	return dumps_put_json(object, stdout);
}

static void add_row(struct table *table, const struct store_entry *entry, const char *reason)
{
	struct text when, who, size;

	table_add(table, (const char *[]){text_time(&when, entry->time_ns), text_entry(&who, entry),
					  reason, text_size(&size, entry->bytes), entry->id});
}

static enum cli_status collect_all(struct collection *collection, struct table *table)
{
	const struct retention_plan *plan = &collection->plan;
	enum cli_status status = CLI_DONE;

	for (size_t i = 0; i < plan->count; i++) {
		const struct store_entry *entry = &collection->list->entries[plan->remove[i]];

		if (!collect(collection, entry))
			status = CLI_FAILED;
		else if (!collection->json)
			add_row(table, entry, plan->reason[i]);
		else if (put_json(collection, entry, plan->reason[i]))
			return CLI_FAILED;
	}
	return status;
}

static enum cli_status run(struct collection *collection)
{
	static const struct table_column columns[] = {{.name = "WHEN"},
						      {"NAMESPACE/POD/CONTAINER", .shrink = true},
						      {.name = "REASON"},
						      {"SIZE", .right = true},
						      {.name = "ID"}};
	struct table *table = NULL;
	enum cli_status status;
	struct text size;
	int err = table_new(columns, ARRAY_SIZE(columns), &table);

	if (err) {
		log_error("out of memory");
		return CLI_FAILED;
	}
	status = collect_all(collection, table);
	if (!collection->json && collection->removed)
		err = table_print(table, stdout);
	table_free(table);
	log_info("%zu of %zu dumps %s, %s", collection->removed, collection->list->count,
		 collection->dry_run ? "would go" : "removed",
		 text_size(&size, collection->removed_bytes));
	if (!err)
		return cli_finish(stdout, status);
	log_error("cannot print what went: %s", strerror(-err));
	return CLI_FAILED;
}

static int parse(struct cli *cli, int argc, char **argv, struct collection *ret)
{
	struct option_scan scan;
	char **args;
	int option;

	options_begin(&scan, cli, "gc", gc_options, argc, argv);
	while ((option = options_next(&scan)) >= 0) {
		if (option == GC_DRY_RUN)
			ret->dry_run = true;
		else
			ret->json = true;
	}
	if (option == OPTIONS_END && options_args(&scan, 0, 0, &args) < 0)
		return OPTIONS_BAD;
	return option;
}

enum cli_status gc_run(struct cli *cli, int argc, char **argv)
{
	struct collection collection = {0};
	AUTO_STORE struct store *store = NULL;
	AUTO_STORE_LIST struct store_list list = {0};
	enum cli_status status;
	int err;
	int end = parse(cli, argc, argv, &collection);

	if (end != OPTIONS_END)
		return options_status(end);
	status = cli_list_store(cli, &store, &list);
	if (status)
		return status;
	collection.store = store;
	collection.list = &list;
	err = make_plan(&cli->config, &collection);
	if (err) {
		log_error("cannot look at the store %s: %s", store_path(store), strerror(-err));
		return CLI_FAILED;
	}
	status = run(&collection);
	retention_plan_done(&collection.plan);
	return status;
}
