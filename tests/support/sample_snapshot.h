/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made-up snapshots for tests, with records as the kernel programs write them, and the means to
 * make others record by record.  Everything is the same on each run. Out of memory aborts.
 */
#ifndef TESTS_SUPPORT_SAMPLE_SNAPSHOT_H
#define TESTS_SUPPORT_SAMPLE_SNAPSHOT_H

#include "dumper/snapshot.h"

/* Facts of sample_snapshot_new() that tests may rely on. */
#define SAMPLE_FAILURE_NS   1000000000000ULL	   /* CLOCK_MONOTONIC */
#define SAMPLE_REALTIME_NS  1795304800123000000LL  /* of the failure */
#define SAMPLE_FILE_TIME    "20261121T234640.123Z" /* of the failure, in the file's name */
#define SAMPLE_TGID	    4242		   /* the container's init, in it pid 1 */
#define SAMPLE_THREAD	    4250		   /* a second thread, in it tid 7 */
#define SAMPLE_COMM	    "crash-app"
#define SAMPLE_MISSING_FILE "/etc/app.conf" /* openat failed with ENOENT, vital lane */
#define SAMPLE_LOG_FILE	    "/var/log/pods/shop_crash-app-7d4b9c6f5-x2x7q_0b0c6b7e/crash-app/3.log"
#define SAMPLE_SAMPLES	    12	 /* 5 s apart, the last one at the failure */
#define SAMPLE_OVERWRITTEN  1234 /* records of the flow lane */

struct sample_options {
	unsigned flow_records; /* in the flow lane, 60 to 150 bytes each */
	unsigned seed;	       /* varies durations and payloads */
};

/*
 * A container "crash-app" in namespace "shop", pod "crash-app-7d4b9c6f5-x2x7q": the runtime's
 * setup, exec, a failing openat, a refused connect, flow, SIGSEGV at address 0, exit. To be freed
 * with snapshot_free().
 */
struct snapshot *sample_snapshot_new(const struct sample_options *options);

/* ---- record by record ------------------------------------------------------------------- */

/* Puts records into a snapshot's lanes, in blocks, with marks as the kernel programs set them. */
struct sample_tape {
	struct snapshot *snapshot;
	uint32_t marked[IGREC_LANES][64]; /* tids marked in the lane's last block */
	unsigned n_marked[IGREC_LANES];
};

struct sample_task {
	uint32_t tid, tgid, ns_tid, ns_tgid;
	const char *comm;
};

struct sample_capture {
	uint8_t arg, flags;
	const void *data;
	uint16_t bytes;
};

struct sample_record {
	enum igrec_record_type type;
	enum igrec_lane lane;
	const struct sample_task *task;
	uint64_t time_ns; /* when it ended */
	uint64_t duration_ns;
	uint16_t meta; /* IGREC_META_SETUP, _NO_ENTRY, _COMPAT */
	uint16_t nr;
	int64_t result; /* syscalls only, as are the arguments */
	unsigned args;
	uint64_t arg[IGREC_ARGS_MAX];
	const void *body; /* the others: struct igrec_fork and so on */
	size_t body_bytes;
	struct sample_capture capture[6];
	unsigned captures;
};

void sample_add(struct sample_tape *tape, const struct sample_record *record);

#endif
