/* SPDX-License-Identifier: Apache-2.0 */
/* One dump being written by a worker thread. Owns itself from start to the callback's return. */
#ifndef RECORDER_DUMP_JOB_H
#define RECORDER_DUMP_JOB_H

#include <uv.h>

#include "dumper/dump_fit.h"
#include "dumper/mask.h"

struct dump_job_result {
	int err; /* of dump_fit_write() */
	struct dump_fit fit;
};

/* Called on the loop's thread when it is done. Snapshot and result are freed after the call. */
typedef void (*dump_job_fn)(void *context, const struct snapshot *snapshot,
			    const struct dump_job_result *result);

/* Takes the snapshot over. mask: borrowed. Out of memory for the job itself, fn is called with that
 * at once. */
void dump_job_start(uv_loop_t *loop, struct snapshot *snapshot, const struct mask *mask,
		    struct store *store, dump_job_fn fn, void *context);

#endif
