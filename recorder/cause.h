/* SPDX-License-Identifier: Apache-2.0 */
/* The cause of a failure, for the list of dumps. */
#ifndef RECORDER_CAUSE_H
#define RECORDER_CAUSE_H

#include "dumper/snapshot.h"

/*
 * The sentence of the best finding, to be freed; NULL if there is none, or if it could not be had
 * within a second and CAUSE_MEMORY_BYTES of memory. Works in a process of its own, so that nothing
 * that a tape holds can endanger its dump. Not for the loop's thread: it waits.
 */
char *cause_find(const struct snapshot *snapshot);

#define CAUSE_MEMORY_BYTES (96UL << 20)

#endif
