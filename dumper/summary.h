/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Syscalls on a tape, counted by number: the table "syscall" of a dump file.
 */
#ifndef DUMPER_SUMMARY_H
#define DUMPER_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dumper/snapshot.h"

struct syscall_total {
	uint32_t nr;
	bool compat;
	uint64_t count;
	uint64_t errors;   /* results -4095 to -1 */
	uint64_t total_ns; /* durations of those whose entry was seen */
	uint64_t max_ns;
};

struct summary {
	struct syscall_total *totals; /* owned; by nr, native before compat */
	size_t count;
};

/* Counts the records of all lanes; what is no record ends its block. 0 or -ENOMEM. */
int summary_make(const struct snapshot *snapshot, struct summary *ret);
void summary_done(struct summary *summary);

#endif
