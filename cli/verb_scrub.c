/* SPDX-License-Identifier: Apache-2.0 */
/* igrec scrub: a dump once more, without the secrets in it. */
#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "cli/dump_options.h"
#include "cli/dumps.h"
#include "cli/verbs.h"
#include "common/cleanup.h"
#include "common/escape.h"
#include "common/json.h"
#include "common/log.h"
#include "common/pattern.h"
#include "dumper/dump_writer.h"
#include "dumper/scrub.h"
#include "dumper/scrub_paths.h"
#include "explain/explain.h"

enum {
	SCRUB_OUT,
	SCRUB_PAYLOADS,
	SCRUB_ARGV,
	SCRUB_PATTERN,
	SCRUB_PATH,
	SCRUB_FORCE,
	SCRUB_JSON,
};

const struct option_spec scrub_options[] = {
	[SCRUB_OUT] = {"out", 'o', "FILE", "the new dump; required"},
	[SCRUB_PAYLOADS] = {"payloads", 0, NULL, "remove what was read, written and logged"},
	[SCRUB_ARGV] = {"argv", 0, NULL, "remove all command lines"},
	[SCRUB_PATTERN] = {"pattern", 'e', "REGEX", "mask what matches, too; again for more"},
	[SCRUB_PATH] = {"path", 0, "PATH", "mask this path and what is below it, or a pattern"},
	[SCRUB_FORCE] = {"force", 'f', NULL, "replace FILE if there is one"},
	[SCRUB_JSON] = {"json", 0, NULL, "what was done, as a JSON object"},
	{0},
};

#define PATHS_MAX 64

struct scrub_query {
	struct target target;
	const char *out;
	const char *paths[PATHS_MAX];
	struct mask *mask; /* owned */
	struct scrub scrub;
	bool force, json;
};

static void query_done(struct scrub_query *query)
{
	mask_free(query->mask);
}

/* ---- command line ----------------------------------------------------------------------- */

static int refuse_pattern(const struct option_scan *scan, int err)
{
	if (err == -ENOMEM)
		log_error("out of memory");
	else if (err == -ENOSPC)
		log_error("scrub: more than %d patterns: run it again on the new dump",
			  MASK_PATTERNS_MAX);
	else
		options_refuse(scan, PATTERN_WANTED);
	return OPTIONS_BAD;
}

static int take_path(struct scrub_query *query, const struct option_scan *scan)
{
	if (query->scrub.n_paths == PATHS_MAX || !scan->value[0]) {
		options_refuse(scan, "one of at most 64 paths");
		return OPTIONS_BAD;
	}
	query->paths[query->scrub.n_paths++] = scan->value;
	return 0;
}

static int take_option(struct scrub_query *query, const struct option_scan *scan, int option)
{
	int err;

	switch (option) {
	case SCRUB_OUT:
		query->out = scan->value;
		return 0;
	case SCRUB_PAYLOADS:
		query->scrub.payloads = true;
		return 0;
	case SCRUB_ARGV:
		query->scrub.argv = true;
		return 0;
	case SCRUB_PATTERN:
		err = mask_add(query->mask, scan->value);
		return err ? refuse_pattern(scan, err) : 0;
	case SCRUB_PATH:
		return take_path(query, scan);
	case SCRUB_FORCE:
		query->force = true;
		return 0;
	default:
		query->json = true;
		return 0;
	}
}

static int scrub_parse(struct cli *cli, int argc, char **argv, struct scrub_query *query)
{
	struct option_scan scan;
	char **args;
	int option;

	options_begin(&scan, cli, "scrub", scrub_options, argc, argv);
	while ((option = options_next(&scan)) >= 0) {
		option = take_option(query, &scan, option);
		if (option < 0)
			return option;
	}
	if (option != OPTIONS_END)
		return option;
	if (options_args(&scan, 1, 1, &args) < 0)
		return OPTIONS_BAD;
	if (!query->out || !query->out[0]) {
		log_error("scrub: -o FILE is missing: name the new dump");
		return OPTIONS_BAD;
	}
	if (!strcmp(query->out, "-")) {
		log_error("scrub: a dump is no text: name a file with -o");
		return OPTIONS_BAD;
	}
	query->target.text = args[0];
	return OPTIONS_END;
}

/* ---- the finding ------------------------------------------------------------------------ */

struct sentence {
	struct buf text, object;
	struct dump_cause cause;
};

static void sentence_done(struct sentence *sentence)
{
	buf_done(&sentence->text);
	buf_done(&sentence->object);
}

static void clean(const struct scrub_query *query, struct literals *literals, struct buf *text)
{
	unsigned char *data = (unsigned char *)text->data;

	if (!text->bytes)
		return;
	mask_text(query->mask, MASK_TEXT, data, text->bytes, NULL, NULL);
	scrub_paths_text(&query->scrub, data, text->bytes, literals);
	literals_cover(literals, data, text->bytes, true);
}

/*
 * What the new dump says of the cause is found anew, from what is left: it can quote nothing else.
 * What a sentence puts together is looked at once more.
 */
static int find_cause(const struct scrub_query *query, const struct snapshot *snapshot,
		      struct literals *literals, struct sentence *ret)
{
	CLEANUP(explanation_done) struct explanation explanation = {0};
	struct finding *best = &explanation.findings.all[0];
	const char *cause;
	int err;

	if (snapshot->failure.kind == FAILURE_REQUESTED)
		return 0;
	err = explain(snapshot, query->scrub.arch, &explanation);
	if (err || !explanation.findings.count)
		return err;
	cause = explanation_cause(&explanation);
	buf_add_text(&ret->text, cause ? cause : "");
	buf_add(&ret->object, best->object.data, best->object.bytes);
	clean(query, literals, &ret->text);
	clean(query, literals, &ret->object);
	ret->cause = (struct dump_cause){
		.sentence = buf_text(&ret->text),
		.confidence = confidence_name(best->confidence),
		.kind = best->kind,
		.object = ret->object.bytes ? buf_text(&ret->object) : NULL,
	};
	return ret->text.failed || ret->object.failed ? -ENOMEM : 0;
}

/* ---- the new file ----------------------------------------------------------------------- */

/* Directory and name of a path; "." for one without a slash. */
static const char *split_path(const char *path, char **ret_directory)
{
	const char *slash = strrchr(path, '/');
	size_t bytes = slash ? (size_t)(slash - path) : 0;

	*ret_directory = slash ? strndup(path, bytes ? bytes : 1) : strdup(".");
	return slash ? slash + 1 : path;
}

static int write_copy(const struct scrub_query *query, const struct dump *dump,
		      const struct dump_cause *cause)
{
	const struct dump_origin origin = {dump_id(dump), dump_arch(dump), dump_abi(dump)};
	AUTO_FREE char *directory = NULL;
	const char *name = split_path(query->out, &directory);
	AUTO_STORE struct store *store = NULL;
	int err;

	if (!directory)
		return -ENOMEM;
	if (!name[0])
		return -EISDIR;
	err = store_open(directory, false, &store);
	return err ? err
		   : dump_write_copy(dump_snapshot(dump), cause, &origin, store, name,
				     query->force);
}

static enum cli_status say_failed(const char *out, int err)
{
	const char *next = "name another file with -o";

	if (err == -EEXIST)
		next = "name another file with -o, or replace it with --force";
	else if (err == -ENOSPC || err == -EDQUOT)
		next = "free space there";
	else if (err == -ENOMEM)
		next = "free memory";
	log_error("cannot write %s: %s: %s", out, strerror(-err), next);
	return CLI_FAILED;
}

static enum cli_status tell(const struct scrub_query *query, const struct dump *dump,
			    const struct scrub_counts *counts)
{
	struct buf name = {0};
	struct json *object;

	if (query->json) {
		object = json_new_object();
		json_add_int(object, "schema", 1);
		json_add_text(object, "id", dump_id(dump));
		json_add_text(object, "from", dump_path(dump));
		json_add_text(object, "file", query->out);
		json_add_uint(object, "masked", counts->masked);
		json_add_uint(object, "removed", counts->removed);
		return dumps_put_json(object, stdout);
	}
	escape_name_text(&name, query->out);
	printf("%s: %" PRIu64 " secrets masked, %" PRIu64 " parts removed\n",
	       buf_text(&name) ? buf_text(&name) : "", counts->masked, counts->removed);
	buf_done(&name);
	return CLI_DONE;
}

/* What exists is refused before the work. */
static int check_out(const struct scrub_query *query)
{
	struct stat info;

	if (lstat(query->out, &info) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(info.st_mode))
		return -EISDIR;
	return query->force ? 0 : -EEXIST;
}

static enum cli_status scrub_one(struct scrub_query *query, struct dump *dump)
{
	AUTO_FREE struct literals *literals = calloc(1, sizeof(*literals));
	CLEANUP(sentence_done) struct sentence sentence = {0};
	struct snapshot *snapshot = dump_snapshot_to_change(dump);
	enum cli_status status = dumps_check(dump);
	struct scrub_counts counts;
	int err = literals ? 0 : -ENOMEM;

	if (arch_parse(dump_arch(dump), &query->scrub.arch)) {
		log_error("%s is of an architecture that this igrec does not know: use a newer "
			  "igrec",
			  dump_path(dump));
		return CLI_FAILED;
	}
	if (!err)
		err = scrub_snapshot(&query->scrub, snapshot, literals, &counts);
	if (!err)
		err = find_cause(query, snapshot, literals, &sentence);
	if (!err)
		err = write_copy(query, dump, &sentence.cause);
	if (literals && literals->refused)
		log_warning("%zu of the secrets were masked where they were found only: there are "
			    "more than %d",
			    literals->refused, LITERALS_MAX);
	if (literals)
		literals_done(literals);
	if (err)
		return say_failed(query->out, err);
	return cli_worse(status, tell(query, dump, &counts));
}

static enum cli_status scrub_target(struct cli *cli, struct scrub_query *query)
{
	AUTO_TARGET_PATHS struct target_paths paths = {0};
	AUTO_DUMP struct dump *dump = NULL;
	enum cli_status status = target_resolve(cli, &query->target, &paths);
	int err;

	if (!status)
		status = dumps_open(paths.paths[0], false, &dump);
	if (status)
		return status;
	err = check_out(query);
	if (!err && cli_load_config(cli))
		return CLI_FAILED;
	if (!err)
		err = mask_add_list(query->mask, cli->config.mask_patterns);
	return err ? say_failed(query->out, err) : scrub_one(query, dump);
}

enum cli_status scrub_run(struct cli *cli, int argc, char **argv)
{
	CLEANUP(query_done) struct scrub_query query = {.mask = mask_new(true)};
	int end;

	if (!query.mask) {
		log_error("out of memory");
		return CLI_FAILED;
	}
	query.scrub.mask = query.mask;
	query.scrub.paths = query.paths;
	end = scrub_parse(cli, argc, argv, &query);
	if (end != OPTIONS_END)
		return options_status(end);
	return cli_finish(stdout, scrub_target(cli, &query));
}
