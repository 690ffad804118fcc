/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of `igrec list` that tests look at. */
#ifndef CLI_VERB_LIST_H
#define CLI_VERB_LIST_H

#include "cli/cli.h"

struct list_query {
	const char *target;
	const char *namespace, *kind; /* NULL: any */
	uint64_t number;
	int64_t since_ns; /* CLOCK_REALTIME */
	bool json;
};

/* OPTIONS_END and the query, or what options_status() takes. */
int list_parse(struct cli *cli, int argc, char **argv, struct list_query *ret);

/* Whether a dump meets the conditions, by its file's name. */
bool list_wants(const struct list_query *query, const struct store_entry *entry);

#endif
