/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of a verb, read from one table per verb that also makes its help and completion.
 * Global options are accepted before and after the verb.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>

#include "cli/cli.h"

/* A table ends with a row without name. Its index is what options_next() returns. */
struct option_spec {
	const char *name;
	char letter;	   /* 0: none */
	const char *value; /* what the value is called; NULL: takes none */
	const char *help;
};

#define OPTIONS_MAX 40 /* of a verb, with the global ones */

enum {
	OPTIONS_END = -1,  /* all read; see options_args() */
	OPTIONS_BAD = -2,  /* said on stderr */
	OPTIONS_HELP = -3, /* --help was given: the verb's help was printed */
};

struct option_scan {
	struct cli *cli;
	const char *verb; /* NULL: the options before the verb */
	const struct option_spec *specs;
	int argc;
	char **argv; /* argv[0] is the verb */
	struct option longs[OPTIONS_MAX + 1];
	char letters[2 * OPTIONS_MAX + 3];
	const char *option; /* the one returned last, as "--name" */
	const char *value;  /* of it, or NULL */
	char option_text[64];
};

extern const struct option_spec options_global[];

void options_begin(struct option_scan *scan, struct cli *cli, const char *verb,
		   const struct option_spec *specs, int argc, char **argv);

/* Index in specs of the next option, or OPTIONS_*. */
int options_next(struct option_scan *scan);

/*
 * After OPTIONS_END: the arguments that are no options. -1 and a line on stderr if there are
 * fewer than min or more than max (max < 0: any number); else how many.
 */
int options_args(const struct option_scan *scan, int min, int max, char ***ret_args);

/* Says that the value of the last option is refused. */
void options_refuse(const struct option_scan *scan, const char *wanted);

/* What a verb returns when options_next() returned this. */
enum cli_status options_status(int end);

#endif
