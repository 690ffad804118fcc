/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of what is wrong with a dump, filled while it is read.
 */
#ifndef REPLAY_DUMP_FAULTS_H
#define REPLAY_DUMP_FAULTS_H

#include "replay/dump.h"

struct dump_faults {
	struct dump_fault *list; /* owned */
	size_t count;
	bool failed; /* out of memory: the list is not complete */
};

/* Long lists end with a line that says so. Unprintable bytes become "?". */
void dump_faults_add(struct dump_faults *faults, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void dump_faults_done(struct dump_faults *faults);

/* Writes one line; `fault` may be NULL. */
void dump_fault_set(struct dump_fault *fault, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
