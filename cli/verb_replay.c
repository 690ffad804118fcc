/* SPDX-License-Identifier: Apache-2.0 */
/* igrec replay: the tape, all of it or what the filter lets through. */
#include "cli/verb_replay.h"

#include <errno.h>
#include <inttypes.h>

#include "cli/dumps.h"
#include "cli/pager.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "replay/tree.h"

enum {
	REPLAY_OUTPUT = DUMP_OPTIONS,
	REPLAY_FILTER,
	REPLAY_SETUP = REPLAY_FILTER + FILTER_OPTIONS,
	REPLAY_FDS,
	REPLAY_NO_FDS,
	REPLAY_TREE,
	REPLAY_THREADS,
	REPLAY_NO_HEADER,
	REPLAY_NO_PAGER,
	REPLAY_OPTIONS,
};

const struct option_spec replay_options[] = {
	DUMP_OPTION_ROWS,
	[REPLAY_OUTPUT] = {"output", 'o', "FORMAT", REPLAY_FORMAT_WANTED},
	FILTER_OPTION_ROWS(REPLAY_FILTER),
	[REPLAY_SETUP] = {"setup", 0, NULL, "also what the runtime did before the first exec"},
	[REPLAY_FDS] = {"fds", 'y', NULL,
			"descriptors as strace -y, twice as strace -yy: 3</etc/passwd>"},
	[REPLAY_NO_FDS] = {"no-fds", 0, NULL, "descriptors as plain numbers"},
	[REPLAY_TREE] = {"tree", 0, NULL, "instead of the tape, the processes: who started whom"},
	[REPLAY_THREADS] = {"threads", 0, NULL, "with --tree: each thread"},
	[REPLAY_NO_HEADER] = {"no-header", 0, NULL, "no line of column names"},
	[REPLAY_NO_PAGER] = {"no-pager", 0, NULL, "no pager on a terminal"},
	[REPLAY_OPTIONS] = {0},
};

/* ---- the command line -------------------------------------------------------------------- */

static int take_option(struct replay_query *query, const struct option_scan *scan, int option)
{
	if (option < DUMP_OPTIONS)
		return dump_options_take(&query->common, scan, option);
	switch (option) {
	case REPLAY_OUTPUT:
		if (!replay_format_parse(scan->value, &query->format))
			return 0;
		options_refuse(scan, REPLAY_FORMAT_WANTED);
		return -EINVAL;
	case REPLAY_SETUP:
		query->setup = true;
		return 0;
	case REPLAY_FDS:
		query->fds =
			query->fds == REPLAY_FDS_NUMBERS ? REPLAY_FDS_INODES : REPLAY_FDS_ADDRESSES;
		query->has_fds = true;
		return 0;
	case REPLAY_NO_FDS:
		query->fds = REPLAY_FDS_NUMBERS;
		query->has_fds = true;
		return 0;
	case REPLAY_TREE:
		query->tree = true;
		return 0;
	case REPLAY_THREADS:
		query->threads = true;
		return 0;
	case REPLAY_NO_HEADER:
		query->no_header = true;
		return 0;
	case REPLAY_NO_PAGER:
		query->no_pager = true;
		return 0;
	default:
		return filter_options_take(&query->filter, scan, option, REPLAY_FILTER);
	}
}

/* A tree is of all processes, and has a form of its own. */
static int check_tree(const struct replay_query *query)
{
	const char *with = NULL;

	if (query->threads && !query->tree) {
		log_error("replay: --threads goes with --tree");
		return -EINVAL;
	}
	if (!query->tree)
		return 0;
	if (query->filter.count)
		with = query->filter.conditions[0].option;
	else if (query->format == REPLAY_WIDE || query->format == REPLAY_STRACE)
		with = "output";
	if (!with)
		return 0;
	log_error("replay: --tree does not go with --%s", with);
	return -EINVAL;
}

int replay_parse(struct cli *cli, int argc, char **argv, struct replay_query *ret)
{
	struct replay_query query = {.common.lazily = true};
	struct option_scan scan;
	char **args;
	int option;

	options_begin(&scan, cli, "replay", replay_options, argc, argv);
	while ((option = options_next(&scan)) >= 0) {
		if (take_option(&query, &scan, option))
			return OPTIONS_BAD;
	}
	if (option != OPTIONS_END)
		return option;
	option = options_args(&scan, 0, 1, &args);
	if (option < 0 || filter_options_check(&query.filter, "replay") || check_tree(&query))
		return OPTIONS_BAD;
	query.common.target.text = option ? args[0] : NULL;
	if (query.common.json)
		query.format = REPLAY_JSON;
	*ret = query;
	return OPTIONS_END;
}

/* ---- the tape ----------------------------------------------------------------------------- */

struct player {
	const struct replay_query *query;
	struct pager pager;
	bool colour;
	bool reader_gone;
};

/* no-color.org */
static bool wants_colour(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_color && no_color[0]) && term &&
	       strcmp(term, "dumb") != 0;
}

/* With several dumps, people need to see where one ends; programs get JSON or one dump. */
static void print_title(const struct player *player, const struct dump *dump)
{
	const struct container_identity *who = &dump_snapshot(dump)->identity;
	struct text workload, when;

	if (!player->query->common.target.all || player->query->format == REPLAY_JSON)
		return;
	fflush(player->pager.out);
	log_info("%s: %s of %s", dump_id(dump),
		 text_workload(&workload, who->namespace, who->pod, who->container),
		 text_time(&when, dumps_time_ns(dump)));
}

static enum cli_status judge(struct player *player, const struct dump *dump, int err,
			     const struct replay_counts *counts)
{
	if (err == -EPIPE) {
		player->reader_gone = true;
		return CLI_DONE;
	}
	if (err) {
		log_error("cannot replay %s: %s", dump_path(dump), strerror(-err));
		return CLI_FAILED;
	}
	if (counts->setup)
		log_info("%zu records of the runtime's set-up, before the container's first exec, "
			 "are not shown: --setup shows them",
			 counts->setup);
	if (counts->incomplete)
		return CLI_INCOMPLETE;
	if (counts->shown)
		return CLI_DONE;
	if (counts->events)
		log_error("none of the %zu events on the tape match", counts->events);
	else
		log_error("the tape is empty: igrec info tells what was recorded");
	return CLI_NO_MATCH;
}

static enum replay_fds fds_of(const struct replay_query *query)
{
	if (query->has_fds)
		return query->fds;
	return query->format == REPLAY_STRACE ? REPLAY_FDS_INODES : REPLAY_FDS_ADDRESSES;
}

static enum cli_status play_tree(struct player *player, const struct dump *dump)
{
	const struct replay_query *query = player->query;
	const struct tree_options options = {
		.json = query->format == REPLAY_JSON,
		.threads = query->threads,
		.hide_setup = !query->setup && query->format != REPLAY_JSON,
		.no_header = query->no_header,
	};
	struct tree_counts counts = {0};
	int err;

	print_title(player, dump);
	err = tree_render(dump_snapshot(dump), &options, player->pager.out, &counts);
	if (err == -EPIPE) {
		player->reader_gone = true;
		return CLI_DONE;
	}
	if (err) {
		log_error("cannot replay %s: %s", dump_path(dump), strerror(-err));
		return CLI_FAILED;
	}
	if (counts.incomplete)
		return CLI_INCOMPLETE;
	if (counts.processes)
		return CLI_DONE;
	log_error("no process is on the tape: igrec info tells what was recorded");
	return CLI_NO_MATCH;
}

static enum cli_status play(const struct dump *dump, void *user)
{
	struct player *player = user;
	struct replay_options options = {
		.format = player->query->format,
		.no_header = player->query->no_header,
		.hide_setup = !player->query->setup && player->query->format != REPLAY_JSON,
		.fds = fds_of(player->query),
		.colour = player->colour,
	};
	struct replay_counts counts = {0};
	AUTO_FILTER struct filter *filter = NULL;
	enum cli_status status;
	int err;

	if (player->reader_gone)
		return CLI_DONE;
	if (player->query->tree)
		return play_tree(player, dump);
	if (dumps_arch(dump, &options.arch))
		return CLI_FAILED;
	status = filter_options_make(&player->query->filter, "replay", options.arch, &filter);
	if (status)
		return status;
	options.filter = filter;
	print_title(player, dump);
	err = replay_render(dump_snapshot(dump), &options, player->pager.out, &counts);
	return judge(player, dump, err, &counts);
}

enum cli_status replay_run(struct cli *cli, int argc, char **argv)
{
	struct replay_query query;
	struct player player = {.query = &query, .pager.out = stdout};
	enum cli_status status;
	int err;
	int end = replay_parse(cli, argc, argv, &query);

	if (end != OPTIONS_END)
		return options_status(end);
	player.colour = wants_colour();
	if (!query.no_pager)
		pager_open(&player.pager);
	status = dump_options_each(cli, &query.common, play, &player);
	err = pager_close(&player.pager);
	if (!err || err == -EPIPE)
		return status;
	log_error("cannot write the output: %s", strerror(-err));
	return CLI_FAILED;
}
