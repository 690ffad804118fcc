/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a filter: shared by the files that parse and match, for them alone. */
#ifndef REPLAY_FILTER_BUILD_H
#define REPLAY_FILTER_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "replay/filter.h"
#include "replay/timeline_build.h"

#define FILTER_ERRNO_MAX 4095

/* Conditions for which the record has to be looked at. */
#define FILTER_NEEDS_EVENT                                                                         \
	(1U << FILTER_SYSCALL | 1U << FILTER_PATH | 1U << FILTER_ERRNO | 1U << FILTER_FAILED |     \
	 1U << FILTER_SLOW)

struct filter_time {
	bool is_absolute;
	int64_t ns; /* CLOCK_REALTIME, or from the failure on */
};

struct filter {
	enum arch arch;
	uint32_t conditions; /* 1 << enum filter_key for each that was added */
	struct filter_time since, until;
	uint64_t slow_ns;
	uint32_t lanes; /* 1 << enum igrec_lane */
	uint32_t classes;
	uint64_t syscalls[2][IGREC_SYSCALLS_MAX / 64]; /* native, compat: bit per number */
	uint64_t errnos[(FILTER_ERRNO_MAX + 1) / 64];
	uint32_t *pids;
	size_t n_pids, pids_room;
	char **comms;
	size_t n_comms, comms_room;
	char **paths;
	size_t n_paths, paths_room;
};

#endif
