/* SPDX-License-Identifier: Apache-2.0 */
/* Where -o FILE leads: a new file that is there only if it got whole, or standard output. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/cli.h"

struct output {
	FILE *out;	  /* write here */
	const char *path; /* borrowed; NULL: standard output */
	bool is_new;	  /* made here, so it goes if it does not get whole */
};

/*
 * path: NULL or "-" for standard output. A file that is there is overwritten only with `force`.
 * CLI_DONE or CLI_FAILED, said on stderr.
 */
enum cli_status output_open(const char *path, bool force, struct output *ret);

/*
 * err: what writing to it came to, 0 or -errno; a reader of standard output who left early is no
 * error. CLI_DONE or CLI_FAILED, said on stderr; then a new file is removed.
 */
enum cli_status output_close(struct output *output, int err);

#endif
