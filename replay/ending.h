/* SPDX-License-Identifier: Apache-2.0 */
/* Who ended the process that failed: the signal that did, and what was asked before. */
#ifndef REPLAY_ENDING_H
#define REPLAY_ENDING_H

#include "replay/timeline.h"

/* The order is that of the names. */
enum ending_sender {
	ENDING_FAULT,  /* the kernel, for what the process did */
	ENDING_KERNEL, /* the kernel: OOM killer, a limit, the end of the container's first process
			*/
	ENDING_SELF,
	ENDING_INSIDE,	/* another process of the container */
	ENDING_RUNTIME, /* a program of a container runtime, outside: a stop */
	ENDING_OUTSIDE, /* any other process outside the container */
	ENDING_SENDERS,
};
/* "fault", "kernel", "self", "inside", "runtime", "outside". */
const char *ending_sender_name(enum ending_sender sender);
enum ending_sender ending_sender_of(const struct igrec_signal *signal);

struct ending {
	bool has_signal; /* that it died of, or that its exit status 128 + N tells */
	struct event signal;
	bool has_request; /* it was told to end before, in the last minutes, by another process */
	struct event request;
};

/* What the tape knows of it. */
void ending_of(const struct timeline *timeline, const struct failure *failure, struct ending *ret);

#endif
