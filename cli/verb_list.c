/* SPDX-License-Identifier: Apache-2.0 */
/* igrec list: the dumps of the store, newest first. */
#include <errno.h>
#include <inttypes.h>

#include "cli/dumps.h"
#include "cli/list_row.h"
#include "cli/table.h"
#include "cli/target.h"
#include "cli/text.h"
#include "cli/verb_list.h"
#include "cli/verbs.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/log.h"
#include "common/parse.h"
#include "storage/dump_name.h"
#include "storage/list_cache.h"

enum { LIST_NUMBER, LIST_SINCE, LIST_NAMESPACE, LIST_KIND, LIST_JSON };

const struct option_spec list_options[] = {
	[LIST_NUMBER] = {"number", 'n', "N", "only the N newest"},
	[LIST_SINCE] = {"since", 0, "TIME",
			"not older than 10m, or a date such as 2024-05-01 12:00"},
	[LIST_NAMESPACE] = {"namespace", 0, "NAME", "of this Kubernetes namespace"},
	[LIST_KIND] = {"kind", 0, "KIND", "of this kind: exit, signal, oom, child-signal, ..."},
	[LIST_JSON] = {"json", 0, NULL, "one JSON object per dump"},
	{0},
};

static int take_option(struct list_query *query, const struct option_scan *scan, int option)
{
	enum failure_kind kind;

	switch (option) {
	case LIST_NUMBER:
		if (!parse_uint(scan->value, 1, SIZE_MAX, &query->number))
			return 0;
		options_refuse(scan, "a whole number from 1");
		return -EINVAL;
	case LIST_SINCE:
		if (!text_parse_time(scan->value, clock_realtime_ns(), &query->since_ns))
			return 0;
		options_refuse(scan, TEXT_TIME_WANTED);
		return -EINVAL;
	case LIST_NAMESPACE:
		query->namespace = scan->value;
		return 0;
	case LIST_KIND:
		query->kind = scan->value;
		if (!failure_kind_parse(scan->value, &kind))
			return 0;
		options_refuse(scan, "one of exit, signal, oom, child-signal, child-oom, "
				     "crash-loop, requested");
		return -EINVAL;
	default:
		query->json = true;
		return 0;
	}
}

int list_parse(struct cli *cli, int argc, char **argv, struct list_query *ret)
{
	struct list_query query = {.number = SIZE_MAX, .since_ns = INT64_MIN};
	struct option_scan scan;
	char **args;
	int option;

	options_begin(&scan, cli, "list", list_options, argc, argv);
	while ((option = options_next(&scan)) >= 0) {
		if (take_option(&query, &scan, option))
			return OPTIONS_BAD;
	}
	if (option != OPTIONS_END)
		return option;
	option = options_args(&scan, 0, 1, &args);
	if (option < 0)
		return OPTIONS_BAD;
	query.target = option ? args[0] : NULL;
	*ret = query;
	return OPTIONS_END;
}

/* Whether anything but a number was asked for. */
static bool is_conditional(const struct list_query *query)
{
	return query->target || query->namespace || query->kind || query->since_ns != INT64_MIN;
}

bool list_wants(const struct list_query *query, const struct store_entry *entry)
{
	struct dump_name name;

	if (entry->time_ns < query->since_ns)
		return false;
	if (query->kind && strcmp(entry->kind, query->kind) != 0)
		return false;
	if (!query->namespace)
		return true;
	dump_name_reduce(query->namespace, name.namespace, sizeof(name.namespace));
	return !strcmp(entry->namespace, name.namespace);
}

enum { COLUMN_WHEN, COLUMN_WHO, COLUMN_RESTART, COLUMN_KIND, COLUMN_ID, COLUMN_CAUSE, COLUMNS };
static const struct table_column columns[COLUMNS] = {
	[COLUMN_WHEN] = {.name = "WHEN"},
	[COLUMN_WHO] = {"NAMESPACE/POD/CONTAINER", .shrink = true},
	[COLUMN_RESTART] = {"RESTART", .right = true},
	[COLUMN_KIND] = {.name = "KIND"},
	[COLUMN_ID] = {.name = "ID"},
	[COLUMN_CAUSE] = {"CAUSE", .shrink = true},
};

#define CAUSE_BYTES_MAX 140 /* of a row that is no JSON */

struct listing {
	const struct list_query *query;
	const struct store *store;
	const struct store_list *list;
	struct list_cache *cache;
	struct table *table; /* NULL: JSON */
	int64_t now_ns;
	enum cli_status status;
};

static void add_row(struct listing *listing, const struct store_entry *entry,
		    const char *const cells_given[COLUMNS])
{
	struct text when;
	const char *cells[COLUMNS];

	memcpy(cells, cells_given, sizeof(cells));
	cells[COLUMN_WHEN] = isatty(STDOUT_FILENO)
				     ? text_recent(&when, entry->time_ns, listing->now_ns)
				     : text_time(&when, entry->time_ns);
	cells[COLUMN_ID] = entry->id;
	table_add(listing->table, cells);
}

/* The first clause of the cause: the rest is for igrec explain. */
static const char *first_clause(const char *cause, struct text *room)
{
	const char *end = strstr(cause, "; ");
	size_t bytes = end ? (size_t)(end - cause) : strlen(cause);

	if (bytes <= CAUSE_BYTES_MAX)
		snprintf(room->text, sizeof(room->text), "%.*s", (int)bytes, cause);
	else
		snprintf(room->text, sizeof(room->text), "%.*s...", CAUSE_BYTES_MAX, cause);
	return room->text;
}

static void show(struct listing *listing, const struct store_entry *entry,
		 const struct list_row *row)
{
	struct text cause;

	if (!row->complete && !listing->status)
		listing->status = CLI_INCOMPLETE;
	if (listing->table) {
		add_row(listing, entry,
			(const char *[COLUMNS]){
				[COLUMN_WHO] = row->who,
				[COLUMN_RESTART] = row->restart,
				[COLUMN_KIND] = row->kind,
				[COLUMN_CAUSE] =
					row->cause ? first_clause(row->cause, &cause) : NULL,
			});
		return;
	}
	fwrite(row->json, 1, row->json_bytes, stdout);
	putchar('\n');
}

static void put_unreadable(struct listing *listing, const struct store_entry *entry,
			   const struct dump_fault *why)
{
	struct json *object = json_new_object();

	json_add_int(object, "schema", 1);
	json_add_text(object, "id", entry->id);
	json_add_text(object, "file", entry->file);
	json_add_int(object, "time_ns", entry->time_ns);
	json_add_text(object, "namespace", entry->namespace[0] ? entry->namespace : NULL);
	json_add_text(object, "pod", entry->pod[0] ? entry->pod : NULL);
	json_add_text(object, "container", entry->container[0] ? entry->container : NULL);
	json_add_text(object, "kind", entry->kind);
	json_add_bool(object, "complete", false);
	json_add_uint(object, "bytes", entry->bytes);
	json_add_text(object, "error", why->text);
	if (dumps_put_json(object, stdout))
		listing->status = CLI_FAILED;
}

static void list_unreadable(struct listing *listing, const struct store_entry *entry,
			    const struct dump_fault *why)
{
	struct text workload, cause;

	listing->status = CLI_INCOMPLETE;
	if (!listing->table) {
		put_unreadable(listing, entry, why);
		return;
	}
	snprintf(cause.text, sizeof(cause.text), "%.200s", why->text);
	add_row(listing, entry,
		(const char *[COLUMNS]){
			[COLUMN_WHO] = text_entry(&workload, entry),
			[COLUMN_KIND] = entry->kind,
			[COLUMN_CAUSE] = cause.text,
		});
}

/* The row of a dump that the cache does not know, into `packed`. 0, -ENOENT, or an error, told. */
static int read_row(struct listing *listing, size_t index, struct buf *packed)
{
	const struct store_entry *entry = &listing->list->entries[index];
	struct dump_fault why = {"out of memory"};
	AUTO_DUMP struct dump *dump = NULL;
	AUTO_FREE char *path = NULL;
	int err;

	if (asprintf(&path, "%s/%s", store_path(listing->store), entry->file) < 0)
		path = NULL;
	err = path ? dump_open_header(path, &dump, &why) : -ENOMEM;
	if (!err)
		err = list_row_pack(dump, entry->bytes, packed);
	if (err && err != -ENOENT) /* gone: retention took it meanwhile */
		list_unreadable(listing, entry, &why);
	if (!err)
		list_cache_put(listing->cache, index, packed->data, packed->bytes);
	return err;
}

static void list_one(struct listing *listing, size_t index)
{
	const struct store_entry *entry = &listing->list->entries[index];
	CLEANUP(buf_done) struct buf packed = {};
	struct list_row row;
	size_t bytes;
	const char *kept = list_cache_get(listing->cache, index, &bytes);

	if ((kept && list_row_unpack(kept, bytes, &row)) ||
	    (!read_row(listing, index, &packed) &&
	     list_row_unpack(packed.data, packed.bytes, &row)))
		show(listing, entry, &row);
}

static enum cli_status finish(struct listing *listing, uint64_t listed)
{
	int err = 0;

	if (!listed && is_conditional(listing->query)) {
		log_error("no dump matches: run \"igrec list\" without conditions");
		return CLI_NO_MATCH;
	}
	if (!listed) {
		log_info("no dumps yet");
		return CLI_DONE;
	}
	if (listing->table)
		err = table_print(listing->table, stdout);
	if (err) {
		log_error("cannot print the list: %s", strerror(-err));
		return CLI_FAILED;
	}
	if (listing->status == CLI_INCOMPLETE)
		log_warning("some dumps are incomplete or cannot be read: run \"igrec verify\"");
	return cli_finish(stdout, listing->status);
}

static enum cli_status list_matches(struct listing *listing, const size_t *indexes, size_t count)
{
	uint64_t listed = 0;

	if (count &&
	    list_cache_open(listing->store, listing->list, list_row_maker(), &listing->cache)) {
		log_error("out of memory");
		return CLI_FAILED;
	}

	for (size_t i = 0; i < count && listed < listing->query->number; i++) {
		if (!list_wants(listing->query, &listing->list->entries[indexes[i]]))
			continue;
		list_one(listing, indexes[i]);
		listed++;
	}
	if (listing->cache)
		list_cache_save(listing->cache);
	return finish(listing, listed);
}

enum cli_status list_run(struct cli *cli, int argc, char **argv)
{
	struct list_query query;
	AUTO_STORE struct store *store = NULL;
	AUTO_STORE_LIST struct store_list list = {0};
	struct listing listing = {.query = &query, .list = &list, .now_ns = clock_realtime_ns()};
	AUTO_FREE size_t *indexes = NULL;
	size_t count = 0;
	enum cli_status status;
	int end = list_parse(cli, argc, argv, &query);

	if (end != OPTIONS_END)
		return options_status(end);
	if (!query.json && table_new(columns, COLUMNS, &listing.table)) {
		log_error("out of memory");
		return CLI_FAILED;
	}
	status = cli_list_store(cli, &store, &list);
	if (!status && (list.count || query.target))
		status = target_filter(store, &list, query.target, &indexes, &count);
	listing.store = store;
	if (!status)
		status = list_matches(&listing, indexes, count);
	list_cache_close(listing.cache);
	table_free(listing.table);
	return status;
}
