/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verbs, in one table that drives dispatch, help, completion and the check of the man page.
 * A verb's function gets argv with the verb's name first and returns an exit status.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/cli.h"
#include "cli/options.h"

struct verb {
	const char *name;
	const char *arguments; /* after the options, for the usage line */
	const char *help;      /* one line */
	const struct option_spec *options;
	enum cli_status (*run)(struct cli *cli, int argc, char **argv);
};

extern const struct verb verbs[]; /* ends with a row without name */

/* NULL if there is none of this name. */
const struct verb *verb_find(const char *name);

extern const struct option_spec ps_options[];
extern const struct option_spec list_options[];
extern const struct option_spec info_options[];
extern const struct option_spec replay_options[];
extern const struct option_spec explain_options[];
extern const struct option_spec summary_options[];
extern const struct option_spec view_options[];
extern const struct option_spec diff_options[];
extern const struct option_spec export_options[];
extern const struct option_spec sql_options[];
extern const struct option_spec report_options[];
extern const struct option_spec dump_options[];
extern const struct option_spec fetch_options[];
extern const struct option_spec gc_options[];
extern const struct option_spec verify_options[];
extern const struct option_spec scrub_options[];
extern const struct option_spec doctor_options[];

enum cli_status ps_run(struct cli *cli, int argc, char **argv);
enum cli_status list_run(struct cli *cli, int argc, char **argv);
enum cli_status info_run(struct cli *cli, int argc, char **argv);
enum cli_status replay_run(struct cli *cli, int argc, char **argv);
enum cli_status explain_run(struct cli *cli, int argc, char **argv);
enum cli_status summary_run(struct cli *cli, int argc, char **argv);
enum cli_status view_run(struct cli *cli, int argc, char **argv);
enum cli_status diff_run(struct cli *cli, int argc, char **argv);
enum cli_status export_run(struct cli *cli, int argc, char **argv);
enum cli_status sql_run(struct cli *cli, int argc, char **argv);
enum cli_status report_run(struct cli *cli, int argc, char **argv);
enum cli_status dump_run(struct cli *cli, int argc, char **argv);
enum cli_status fetch_run(struct cli *cli, int argc, char **argv);
enum cli_status gc_run(struct cli *cli, int argc, char **argv);
enum cli_status verify_run(struct cli *cli, int argc, char **argv);
enum cli_status scrub_run(struct cli *cli, int argc, char **argv);
enum cli_status doctor_run(struct cli *cli, int argc, char **argv);
enum cli_status version_run(struct cli *cli, int argc, char **argv);
enum cli_status help_run(struct cli *cli, int argc, char **argv);
enum cli_status completion_run(struct cli *cli, int argc, char **argv);

#endif
