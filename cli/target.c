/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds dumps by what people type. File names decide as far as they can: they are read anyway,
 * opening every dump of a large store is not free. Only a container's id needs that.
 */
#include "cli/target.h"

#include <errno.h>

#include "cli/text.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "replay/dump.h"
#include "storage/dump_name.h"
#include "storage/workload.h"

void target_paths_done(struct target_paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->paths[i]);
	free(paths->paths);
	*paths = (struct target_paths){0};
}

/* ---- by file name ----------------------------------------------------------------------- */

/* A query as file names would show it. */
struct query {
	const char *text;
	bool parts; /* namespace/pod[/container] in name; else `text` alone */
	bool has_container;
	struct dump_name name; /* without parts: container and pod are both `text` */
};

static int query_split(struct query *query)
{
	AUTO_FREE char *copy = strdup(query->text);
	char *pod, *container;

	if (!copy)
		return -ENOMEM;
	pod = strchr(copy, '/');
	query->parts = pod;
	if (!pod) {
		dump_name_set(&query->name, 0, NULL, copy, copy, NULL, NULL);
		return 0;
	}
	*pod++ = '\0';
	container = strchr(pod, '/');
	query->has_container = container;
	if (container)
		*container++ = '\0';
	dump_name_set(&query->name, 0, copy, pod, container, NULL, NULL);
	return 0;
}

static bool matches_file(const struct query *query, const struct store_entry *entry)
{
	return !strcmp(entry->file, query->text);
}

static bool matches_name(const struct query *query, const struct store_entry *entry)
{
	const struct dump_name *name = &query->name;

	if (query->parts)
		return !strcmp(entry->namespace, name->namespace) &&
		       !strcmp(entry->pod, name->pod) &&
		       (!query->has_container || !strcmp(entry->container, name->container));
	return !strcmp(entry->container, name->container) || !strcmp(entry->pod, name->pod);
}

/* As the name, with a workload for the pod. */
static bool matches_workload(const struct query *query, const struct store_entry *entry)
{
	char workload[DUMP_NAME_ROOM];
	struct store_entry of_workload = *entry;

	workload_of_pod(entry->pod, workload, sizeof(workload));
	of_workload.pod = workload;
	return workload[0] && matches_name(query, &of_workload);
}

static bool matches_id(const struct query *query, const struct store_entry *entry)
{
	return !strncmp(entry->id, query->text, strlen(query->text));
}

size_t target_match(const struct store_list *list, const char *text, size_t *ret_indexes)
{
	bool (*const steps[])(const struct query *, const struct store_entry *) = {
		matches_file, matches_name, matches_workload, matches_id};
	struct query query = {.text = text};
	size_t count = 0;

	if (!text[0] || query_split(&query) < 0)
		return 0;
	for (size_t step = 0; !count && step < ARRAY_SIZE(steps); step++) {
		for (size_t i = 0; i < list->count; i++) {
			if (steps[step](&query, &list->entries[i]))
				ret_indexes[count++] = i;
		}
	}
	return count;
}

unsigned target_workloads(const struct store_list *list, const size_t *indexes, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct store_entry *a = &list->entries[indexes[0]];
		const struct store_entry *b = &list->entries[indexes[i]];

		if (strcmp(a->namespace, b->namespace) != 0 || strcmp(a->pod, b->pod) != 0 ||
		    strcmp(a->container, b->container) != 0)
			return 2;
	}
	return count ? 1 : 0;
}

/* ---- by container id --------------------------------------------------------------------- */

static char *entry_path(const struct store *store, const struct store_entry *entry)
{
	char *path = NULL;

	return asprintf(&path, "%s/%s", store_path(store), entry->file) < 0 ? NULL : path;
}

static bool has_container_id(const struct store *store, const struct store_entry *entry,
			     const char *text)
{
	AUTO_FREE char *path = entry_path(store, entry);
	struct dump *dump = NULL;
	const char *id;
	bool matches;

	if (!path || dump_open_header(path, &dump, NULL))
		return false;
	id = dump_snapshot(dump)->identity.container_id;
	matches = id && !strncmp(id, text, strlen(text));
	dump_free(dump);
	return matches;
}

static size_t match_container_id(const struct store *store, const struct store_list *list,
				 const char *text, size_t *ret_indexes)
{
	size_t count = 0;

	if (strlen(text) < TARGET_CONTAINER_ID_MIN || strchr(text, '/'))
		return 0;
	for (size_t i = 0; i < list->count; i++) {
		if (has_container_id(store, &list->entries[i], text))
			ret_indexes[count++] = i;
	}
	return count;
}

/* ---- both -------------------------------------------------------------------------------- */

static size_t match_everything(const struct store_list *list, size_t *ret_indexes)
{
	for (size_t i = 0; i < list->count; i++)
		ret_indexes[i] = i;
	return list->count;
}

enum cli_status target_filter(const struct store *store, const struct store_list *list,
			      const char *text, size_t **ret_indexes, size_t *ret_count)
{
	size_t *indexes = calloc(list->count + 1, sizeof(*indexes));
	size_t count;

	if (!indexes) {
		log_error("out of memory");
		return CLI_FAILED;
	}
	count = text ? target_match(list, text, indexes) : match_everything(list, indexes);
	if (!count && text)
		count = match_container_id(store, list, text, indexes);
	if (!count) {
		free(indexes);
		if (text)
			log_error("no dump matches \"%s\" in %s: run \"igrec list\" to see what is "
				  "there",
				  text, store_path(store));
		else
			log_error("there is no dump in %s", store_path(store));
		return CLI_NO_MATCH;
	}
	*ret_indexes = indexes;
	*ret_count = count;
	return CLI_DONE;
}

/* Which one was taken, where that cannot be told from what was typed. */
static void say_choice(const struct store_list *list, const struct target *target,
		       const size_t *indexes, size_t count)
{
	const struct store_entry *entry = &list->entries[indexes[target->previous]];
	struct text workload, time;

	if (target->text && target_workloads(list, indexes, count) < 2)
		return;
	text_entry(&workload, entry);
	text_time(&time, entry->time_ns);
	if (!target->text)
		log_info("%s dump of the store: %s of %s (id %s)",
			 target->previous ? "an earlier" : "the newest", workload.text, time.text,
			 entry->id);
	else
		log_warning("\"%s\" matches several workloads; this is %s of %s (id %s): name "
			    "namespace/pod/container or an id to choose",
			    target->text, workload.text, time.text, entry->id);
}

static enum cli_status take_paths(const struct store *store, const struct store_list *list,
				  const struct target *target, const size_t *indexes, size_t count,
				  struct target_paths *ret)
{
	size_t first = target->all ? 0 : target->previous;
	size_t wanted = target->all ? count : 1;
	AUTO_TARGET_PATHS struct target_paths taken = {0};

	if (first >= count) {
		log_error("only %zu dump%s match%s%s%s: --previous goes up to %zu", count,
			  count == 1 ? "" : "s", count == 1 ? "es " : " ",
			  target->text ? target->text : "", target->text ? "" : "at all",
			  count - 1);
		return CLI_NO_MATCH;
	}
	taken.paths = calloc(wanted, sizeof(*taken.paths));
	for (size_t i = 0; taken.paths && i < wanted; i++) {
		taken.paths[i] = entry_path(store, &list->entries[indexes[first + i]]);
		if (!taken.paths[i])
			break;
		taken.count++;
	}
	if (taken.count < wanted) {
		log_error("out of memory");
		return CLI_FAILED;
	}
	*ret = taken;
	taken = (struct target_paths){0};
	return CLI_DONE;
}

static bool ends_like_dump(const char *text)
{
	size_t bytes = strlen(text);
	size_t suffix = strlen(STORE_DUMP_SUFFIX);

	return bytes > suffix && !strcmp(text + bytes - suffix, STORE_DUMP_SUFFIX);
}

/* CLI_DONE and the path, CLI_NO_MATCH without a word if text names no file. */
static enum cli_status resolve_file(const struct target *target, struct target_paths *ret)
{
	const char *text = target->text;
	bool dump_like = ends_like_dump(text);
	bool surely = text[0] == '/' || text[0] == '.' || (strchr(text, '/') && dump_like);

	if (!strchr(text, '/') && !dump_like)
		return CLI_NO_MATCH;
	if (access(text, F_OK) < 0) {
		if (!surely)
			return CLI_NO_MATCH;
		log_error("cannot open %s: %s", text, strerror(errno));
		return CLI_FAILED;
	}
	if (target->previous || target->all) {
		log_error("%s is a file: --previous and --all choose in the store", text);
		return CLI_USAGE;
	}
	ret->paths = calloc(1, sizeof(*ret->paths));
	if (ret->paths)
		ret->paths[0] = strdup(text);
	ret->count = ret->paths && ret->paths[0];
	if (ret->count)
		return CLI_DONE;
	log_error("out of memory");
	return CLI_FAILED;
}

enum cli_status target_resolve(struct cli *cli, const struct target *target,
			       struct target_paths *ret)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_STORE_LIST struct store_list list = {0};
	AUTO_FREE size_t *indexes = NULL;
	enum cli_status status = target->text ? resolve_file(target, ret) : CLI_NO_MATCH;
	size_t count = 0;

	if (status != CLI_NO_MATCH)
		return status;
	status = cli_list_store(cli, &store, &list);
	if (!status)
		status = target_filter(store, &list, target->text, &indexes, &count);
	if (!status)
		status = take_paths(store, &list, target, indexes, count, ret);
	if (!status && !target->all)
		say_choice(&list, target, indexes, count);
	return status;
}
