/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of verbs, in the order in which help shows them. */
#include "cli/verbs.h"

#include <string.h>

static const struct option_spec no_options[] = {{0}};

const struct verb verbs[] = {
	{"ps", "", "containers being recorded now", ps_options, ps_run},
	{"list", "[TARGET]", "dumps, newest first", list_options, list_run},
	{"info", "[TARGET]", "what a dump holds and what it lost", info_options, info_run},
	{"replay", "[TARGET]", "the tape of a dump", replay_options, replay_run},
	{"explain", "[TARGET]", "why the container ended, with the proof", explain_options,
	 explain_run},
	{"summary", "[TARGET]", "counts, errors and times per syscall", summary_options,
	 summary_run},
	{"view", "KIND [TARGET]", "what a live tool would have shown, from the tape", view_options,
	 view_run},
	{"diff", "[A] [B] | [TARGET]", "where two runs of a container part", diff_options,
	 diff_run},
	{"sql", "[TARGET] SELECT", "ask dumps in SQL", sql_options, sql_run},
	{"export", "[TARGET]", "a dump in the format of another tool", export_options, export_run},
	{"report", "[TARGET]", "a dump as one HTML page", report_options, report_run},
	{"dump", "CONTAINER", "snapshot a running container now", dump_options, dump_run},
	{"fetch", "TARGET", "copy a dump to where you are", fetch_options, fetch_run},
	{"gc", "", "remove dumps beyond the limits of retention", gc_options, gc_run},
	{"verify", "[TARGET...]", "check the integrity of dumps", verify_options, verify_run},
	{"scrub", "TARGET", "write a dump once more, without its secrets", scrub_options,
	 scrub_run},
	{"doctor", "", "check kernel, configuration and igrecd", doctor_options, doctor_run},
	{"version", "", "print the version", no_options, version_run},
	{"help", "[VERB]", "help on a verb", no_options, help_run},
	{"completion", "bash", "print a completion script for a shell", no_options, completion_run},
	{0},
};

const struct verb *verb_find(const char *name)
{
	for (const struct verb *verb = verbs; verb->name; verb++) {
		if (!strcmp(verb->name, name))
			return verb;
	}
	return NULL;
}
