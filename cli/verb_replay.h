/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of `igrec replay` that tests look at. */
#ifndef CLI_VERB_REPLAY_H
#define CLI_VERB_REPLAY_H

#include "cli/dump_options.h"
#include "cli/filter_options.h"
#include "replay/replay.h"

struct replay_query {
	struct dump_options common;
	enum replay_format format;
	enum replay_fds fds;
	bool has_fds; /* else as the format has it */
	bool setup, no_header, no_pager;
	bool tree, threads;
	struct filter_options filter;
};

/*
 * OPTIONS_END and the query, or what options_status() takes. Values of conditions are checked
 * here, so that a bad one is refused before any dump is looked for.
 */
int replay_parse(struct cli *cli, int argc, char **argv, struct replay_query *ret);

#endif
