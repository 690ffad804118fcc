/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New cgroups: those that the kernel side gave a ring, and those that found the pool empty and
 * wait for one.
 */
#ifndef RECORDER_ARRIVALS_H
#define RECORDER_ARRIVALS_H

#include "recorder/containers.h"

#define ARRIVALS_WAITING_MAX 256

struct arrivals_counts {
	uint64_t unrecorded;   /* cgroups that found no ring within the memory limit */
	uint64_t missed;       /* cgroups that were gone before a ring was ready for them */
	uint64_t late;	       /* cgroups that waited for a ring and got one */
	uint64_t late_ns_most; /* the longest of these waits, from the cgroup's making */
};

struct arrivals {
	struct containers *containers; /* borrowed; set by the caller, the rest begins as zero */
	struct arrivals_counts counts;
	unsigned n_waiting;
	struct {
		uint64_t cgroup_id;
		uint64_t seen_ns;
		char *path; /* owned */
	} waiting[ARRIVALS_WAITING_MAX];
};
void arrivals_done(struct arrivals *arrivals);

/* Enters the cgroup that an IGREC_NOTICE_CGROUP_NEW tells of, or lets it wait. */
void arrivals_notice(struct arrivals *arrivals, const struct igrec_notice *notice);
/* Serves those that wait with what is in the pool. */
void arrivals_arm(struct arrivals *arrivals);

#endif
