/* SPDX-License-Identifier: Apache-2.0 */
/* igrec ps: what igrecd records now. */
#include <inttypes.h>

#include "cli/client.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"

enum { PS_JSON };

const struct option_spec ps_options[] = {
	[PS_JSON] = {"json", 0, NULL, "one JSON object per container, and one of the node"},
	{0},
};

static const struct table_column columns[] = {
	{"NAMESPACE/POD/CONTAINER", .shrink = true},
	{"ID", .shrink = true},
	{.name = "RUNTIME"},
	{"RECORDS/S", .right = true},
	{"START", .right = true},
	{"VITAL", .right = true},
	{"FLOW", .right = true},
	{"OVERWRITTEN", .right = true},
	{"DROPPED", .right = true},
};

struct listing {
	bool json;
	struct table *table;
	size_t containers;
};

static uint64_t get_uint(const struct json *object, const char *key)
{
	int64_t value = 0;

	return json_get_int(object, key, &value) || value < 0 ? 0 : (uint64_t)value;
}

static const char *window(const struct json *lanes, const char *name, struct text *to)
{
	uint64_t window_ns = get_uint(json_get(lanes, name), "window_ns");

	return window_ns ? text_duration(to, window_ns) : NULL;
}

static uint64_t sum(const struct json *lanes, const char *key)
{
	return get_uint(json_get(lanes, "start"), key) + get_uint(json_get(lanes, "vital"), key) +
	       get_uint(json_get(lanes, "flow"), key);
}

/* Records a second of the time that an overwriting lane covers. */
static double lane_rate(const struct json *lanes, const char *name)
{
	const struct json *lane = json_get(lanes, name);
	uint64_t written = get_uint(lane, "written");
	uint64_t overwritten = get_uint(lane, "overwritten");
	uint64_t window_ns = get_uint(lane, "window_ns");

	if (!window_ns || overwritten > written)
		return 0;
	return (double)(written - overwritten) * 1e9 / (double)window_ns;
}

static void add_row(struct table *table, const struct json *object)
{
	const struct json *lanes = json_get(object, "lanes");
	const char *id = json_get_text(object, "container_id");
	struct text who, rate, short_id, t[5];

	snprintf(rate.text, sizeof(rate.text), "%.1f",
		 lane_rate(lanes, "vital") + lane_rate(lanes, "flow"));
	snprintf(short_id.text, sizeof(short_id.text), "%.12s", id ? id : "-");
	table_add(table, (const char *[]){
				 text_workload(&who, json_get_text(object, "namespace"),
					       json_get_text(object, "pod"),
					       json_get_text(object, "container")),
				 short_id.text,
				 json_get_text(object, "runtime"),
				 rate.text,
				 window(lanes, "start", &t[0]),
				 window(lanes, "vital", &t[1]),
				 window(lanes, "flow", &t[2]),
				 text_uint(&t[3], sum(lanes, "overwritten")),
				 text_uint(&t[4], sum(lanes, "dropped")),
			 });
}

/* What the node as a whole lost needs a word each, with what to do. */
static void say_node(const struct json *node)
{
	static const struct {
		const char *key, *text;
	} losses[] = {
		{"no_ring", "containers came while no ring was ready: raise ring.pool or "
			    "ring.memory-limit"},
		{"notices_dropped", "notices were lost: igrecd had no CPU time for too long"},
		{"no_task", "threads could not be tracked: their syscalls are not recorded"},
		{"dumps_failed", "dumps could not be written: see igrecd's log"},
		{"dumps_smaller", "dumps lack records, as the disk was full: free space there"},
		{"failures_skipped", "failures found no memory for a snapshot: raise "
				     "failure.snapshot-memory"},
	};
	struct text size;

	log_info("%" PRIu64 " of %" PRIu64 " rings of %s in use, %" PRIu64 " ready",
		 get_uint(node, "rings"), get_uint(node, "rings_max"),
		 text_size(&size, get_uint(node, "ring_bytes")), get_uint(node, "pool"));
	for (size_t i = 0; i < ARRAY_SIZE(losses); i++) {
		uint64_t count = get_uint(node, losses[i].key);

		if (count)
			log_warning("%" PRIu64 " %s", count, losses[i].text);
	}
}

static enum cli_status take(const struct json *object, void *user)
{
	struct listing *listing = user;
	const char *type = json_get_text(object, "type");
	bool node = type && !strcmp(type, "node");

	if (!node)
		listing->containers++;
	if (listing->json)
		return client_put(object);
	if (node)
		say_node(object);
	else
		add_row(listing->table, object);
	return CLI_DONE;
}

static enum cli_status finish(const struct listing *listing)
{
	int err = 0;

	if (!listing->json && listing->containers)
		err = table_print(listing->table, stdout);
	else if (!listing->containers)
		log_info("no container is recorded now");
	if (!err)
		return cli_finish(stdout, CLI_DONE);
	log_error("cannot print the list: %s", strerror(-err));
	return CLI_FAILED;
}

enum cli_status ps_run(struct cli *cli, int argc, char **argv)
{
	struct listing listing = {0};
	struct option_scan scan;
	enum cli_status status;
	char **args;
	int option;

	options_begin(&scan, cli, "ps", ps_options, argc, argv);
	while ((option = options_next(&scan)) >= 0)
		listing.json = true;
	if (option != OPTIONS_END)
		return options_status(option);
	if (options_args(&scan, 0, 0, &args) < 0)
		return CLI_USAGE;
	if (table_new(columns, ARRAY_SIZE(columns), &listing.table)) {
		log_error("out of memory");
		return CLI_FAILED;
	}
	status = client_request(cli, "ps", NULL, take, &listing);
	if (!status)
		status = finish(&listing);
	table_free(listing.table);
	return status;
}
