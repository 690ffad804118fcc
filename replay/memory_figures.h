/* SPDX-License-Identifier: Apache-2.0 */
/* What a snapshot's figures say of memory, whichever version of cgroups they are from. */
#ifndef REPLAY_MEMORY_FIGURES_H
#define REPLAY_MEMORY_FIGURES_H

#include "dumper/snapshot.h"

/* As much or more is no limit: version 2 says "max", version 1 the highest number of whole pages.
 */
#define MEMORY_NO_LIMIT (INT64_MAX / 2)

/* -1 where it is not known. */
struct memory_figures {
	int64_t limit_bytes; /* also if there is none */
	int64_t usage_bytes; /* when the figures were read first: at the OOM kill, if there was one
			      */
	int64_t peak_bytes;
	int64_t oom_kills;
};

void memory_figures_of(const struct snapshot *snapshot, struct memory_figures *ret);

#endif
