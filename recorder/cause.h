/* SPDX-License-Identifier: Apache-2.0 */
/* The cause of a failure, for the list of dumps. */
#ifndef RECORDER_CAUSE_H
#define RECORDER_CAUSE_H

#include "dumper/dump_writer.h"

struct cause {
	struct dump_cause found; /* its sentence is NULL if nothing was found; lies in text */
	char text[4096];
};

/*
 * Fills the best finding; nothing if there is none, or if it could not be had within a second and
 * CAUSE_MEMORY_BYTES of memory. Works in a process of its own, so that nothing that a tape holds
 * can endanger its dump. Not for the loop's thread: it waits.
 */
void cause_find(const struct snapshot *snapshot, struct cause *ret);

#define CAUSE_MEMORY_BYTES (96UL << 20)

#endif
