/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all verbs share: exit statuses, the global options, and the configuration and store that
 * these lead to. Functions that return a cli_status have said on stderr what was wrong.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "common/config.h"
#include "storage/store.h"

enum cli_status {
	CLI_DONE = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_NO_MATCH = 3,
	CLI_INCOMPLETE = 4, /* done, but the data is incomplete */
};

/* Global options. Strings are borrowed from argv. */
struct cli {
	const char *config_path;
	const char *store_path;
	const char *socket_path;
	struct config config; /* valid once cli_load_config() was successful */
	bool config_loaded;
};

/* Reads the configuration once; the global options come over it. CLI_DONE or CLI_FAILED. */
enum cli_status cli_load_config(struct cli *cli);

/* Its last step alone, for who has filled config without it. */
enum cli_status cli_override_config(struct cli *cli);

/* Opens the store of the configuration and lists it, newest first. The list is to be given to
 * store_list_done(). */
enum cli_status cli_list_store(struct cli *cli, struct store **ret, struct store_list *ret_list);

/* Flushes data that was written to out; returns status, or CLI_FAILED if not all got out. */
enum cli_status cli_finish(FILE *out, enum cli_status status);

static inline void cli_cleanup_store(struct store **store)
{
	store_close(*store);
}
#define AUTO_STORE	__attribute__((cleanup(cli_cleanup_store)))
#define AUTO_STORE_LIST __attribute__((cleanup(store_list_done)))

#endif
