/* SPDX-License-Identifier: Apache-2.0 */
/* The options of verbs that look into one dump: TARGET, which of its matches, JSON or not. */
#ifndef CLI_DUMP_OPTIONS_H
#define CLI_DUMP_OPTIONS_H

#include "cli/options.h"
#include "cli/target.h"

/* The first rows of such a verb's table; its own follow from DUMP_OPTIONS on. */
enum { DUMP_PREVIOUS, DUMP_ALL, DUMP_JSON, DUMP_OPTIONS };
#define DUMP_OPTION_ROWS                                                                           \
	[DUMP_PREVIOUS] = {"previous", 'p', "N", "the dump N before the newest that matches"},     \
	[DUMP_ALL] = {"all", 'a', NULL, "all dumps that match, newest first"},                     \
	[DUMP_JSON] = {"json", 0, NULL, "one JSON object a line"}

struct dump_options {
	struct target target;
	bool json;
	bool lazily; /* set by the verb: dump_open_lazily() will do */
};

/* Takes one of the rows above. 0, or -EINVAL, said on stderr. */
int dump_options_take(struct dump_options *options, const struct option_scan *scan, int option);

/* Reads the whole line of a verb that has no other rows. OPTIONS_END, _BAD or _HELP. */
int dump_options_parse(struct cli *cli, const char *verb, const struct option_spec *specs, int argc,
		       char **argv, struct dump_options *ret);

struct dump;
/*
 * Calls `show` for each dump that is meant. The worst status: CLI_FAILED, then CLI_INCOMPLETE,
 * then CLI_NO_MATCH of some; damage is said on stderr.
 */
enum cli_status dump_options_each(struct cli *cli, const struct dump_options *options,
				  enum cli_status (*show)(const struct dump *dump, void *user),
				  void *user);

/* The worse of two. */
enum cli_status cli_worse(enum cli_status a, enum cli_status b);

#endif
