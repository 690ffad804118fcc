/* SPDX-License-Identifier: Apache-2.0 */
/* One dump being written by a worker thread. Owns itself from start to the callback's return. */
#ifndef RECORDER_DUMP_JOB_H
#define RECORDER_DUMP_JOB_H

#include <uv.h>

#include "dumper/dump_fit.h"
#include "dumper/mask.h"
#include "recorder/container_log.h"

struct dump_job_result {
	int err; /* of dump_fit_write() */
	struct dump_fit fit;
};

/* Called on the loop's thread when it is done. Snapshot and result are freed after the call. */
typedef void (*dump_job_fn)(void *context, const struct snapshot *snapshot,
			    const struct dump_job_result *result);

struct dump_job_settings {
	uv_loop_t *loop;
	struct store *store;
	const struct container_log_settings *log; /* must outlive the job, as the others */
	const struct mask *mask;
};
/* Takes the snapshot over. Out of memory for the job itself, fn is called with that at once. */
void dump_job_start(const struct dump_job_settings *settings, struct snapshot *snapshot,
		    dump_job_fn fn, void *context);

#endif
