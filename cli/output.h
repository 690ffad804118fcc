/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where -o FILE leads: standard output, or a file that is there only if it got whole; until then it
 * has another name beside, and what had the name before stays.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/cli.h"

struct output {
	FILE *out;	  /* write here */
	const char *path; /* borrowed; NULL: standard output */
	char *temporary; /* its name until it is whole; NULL: a device or a pipe, written to at once
			  */
	bool force;
};

/*
 * path: NULL or "-" for standard output. A file that is there is replaced only with `force`, and
 * never the dump that it is made of. CLI_DONE, or CLI_FAILED, said on stderr.
 */
enum cli_status output_open(const char *path, const char *dump, bool force, struct output *ret);

/*
 * err: what writing to it came to, 0 or -errno; a reader of standard output who left early is no
 * error. CLI_DONE or CLI_FAILED, said on stderr; then all is as it was before.
 */
enum cli_status output_close(struct output *output, int err);

#endif
