/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TARGET: which dumps a command line means. In this order:
 *   a dump file that exists (text with a slash, or ending in .igrec);
 *   the name of a file in the store;
 *   namespace/pod[/container], or the name of a container or pod;
 *   the same with a workload (storage/workload.h) for the pod;
 *   the first digits of a dump's id;
 *   the first characters, at least 4, of a container's id.
 * The first of these that matches anything counts. No text at all means every dump.
 */
#ifndef CLI_TARGET_H
#define CLI_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"

#define TARGET_CONTAINER_ID_MIN 4

struct target {
	const char *text;  /* NULL: none was given */
	unsigned previous; /* 0: the newest match, 1: the one before, ... */
	bool all;	   /* all matches */
};

/* Paths of dump files, newest first. */
struct target_paths {
	char **paths;
	size_t count;
};
void target_paths_done(struct target_paths *paths);
#define AUTO_TARGET_PATHS __attribute__((cleanup(target_paths_done)))

/*
 * Finds the dumps. CLI_DONE with at least one path; else CLI_NO_MATCH, CLI_USAGE or CLI_FAILED,
 * said on stderr. A choice that was made between different workloads is said there too.
 */
enum cli_status target_resolve(struct cli *cli, const struct target *target,
			       struct target_paths *ret);

/* The same for lists: indexes in list of the matches, newest first. List from cli_list_store(). */
enum cli_status target_filter(const struct store *store, const struct store_list *list,
			      const char *text, size_t **ret_indexes, size_t *ret_count);

/* By what file names say; pure. ret_indexes has room for all entries. Returns how many. */
size_t target_match(const struct store_list *list, const char *text, size_t *ret_indexes);

/* How many different workloads are among these entries: 0, 1 or 2 for more than one. */
unsigned target_workloads(const struct store_list *list, const size_t *indexes, size_t count);

#endif
