/* SPDX-License-Identifier: Apache-2.0 */
/* The figures of a dump, and the two ways in which `igrec info` shows them. */
#ifndef CLI_INFO_H
#define CLI_INFO_H

#include "cli/cli.h"
#include "dumper/snapshot.h"
#include "replay/dump.h"
#include "replay/ending.h"

/* What is left of one lane. */
struct info_lane {
	uint64_t records;	    /* on the tape */
	uint64_t missing;	    /* records of damaged parts of the file */
	uint64_t first_ns, last_ns; /* CLOCK_MONOTONIC; 0 without records */
};

struct info {
	const struct dump *dump;
	struct info_lane lane[IGREC_LANES];
	struct ending ending;
	bool has_oom; /* the OOM killer's choice is on the tape */
	struct event oom;
};

/* Reads the tape. dump must outlive info. 0 or -ENOMEM. */
int info_init(struct info *info, const struct dump *dump);

/* file_bytes: the dump file's size; whole_log: all lines of the container's log. CLI_DONE or
 * CLI_FAILED. */
enum cli_status info_print(const struct info *info, uint64_t file_bytes, bool whole_log, FILE *out);
/* The same as an object; NULL if out of memory, which json_write() then reports. */
struct json *info_json(const struct info *info, uint64_t file_bytes);

#endif
