/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who the container is and how it ended, under the names that OpenTelemetry's conventions give
 * such facts; those that it has no name for begin with "igrec.".
 */
#ifndef EXPORT_CONTAINER_FACTS_H
#define EXPORT_CONTAINER_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include "replay/dump.h"

struct container_fact {
	const char *name;
	const char *text; /* NULL: a number; not NUL-terminated */
	size_t bytes;
	int64_t number;
};

/* Calls `take` for each fact that is known, in the same order each time. */
void container_facts(const struct dump *dump,
		     void (*take)(void *user, const struct container_fact *fact), void *user);

#endif
