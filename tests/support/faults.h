/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the Nth call of the system fail, or kills the process there.  Linked into a test program,
 * it takes the place of the C library's functions for that program and all its libraries.
 */
#ifndef TESTS_SUPPORT_FAULTS_H
#define TESTS_SUPPORT_FAULTS_H

enum fault_where {
	FAULT_IN_FILES, /* open, write, truncate, chmod, sync, rename, mkdir, statvfs; not unlink */
	FAULT_IN_MEMORY, /* malloc, calloc, realloc */
};

enum fault_action {
	FAULT_FAILS, /* with EIO, and ENOSPC every other time; memory: NULL */
	FAULT_KILLS, /* SIGKILL to itself */
	FAULT_STAYS, /* with ENOSPC, and so does every later call of the kind: the disk is full */
};

/* From now on the nth call (from 1) of this kind is hit, once (but for FAULT_STAYS). One thread
 * only. */
void fault_arm(enum fault_where where, enum fault_action action, unsigned nth);

/* Back to normal. Returns whether the fault was hit. */
int fault_disarm(void);

#endif
