/* SPDX-License-Identifier: Apache-2.0 */
/* One dump being written by a worker thread. Owns itself from start to the callback's return. */
#ifndef RECORDER_DUMP_JOB_H
#define RECORDER_DUMP_JOB_H

#include <uv.h>

#include "dumper/snapshot.h"
#include "storage/store.h"

/*
 * Called on the loop's thread when it is done: err 0 with the file's name, or -errno with NULL.
 * The snapshot is freed after the call.
 */
typedef void (*dump_job_fn)(void *context, const struct snapshot *snapshot, int err,
			    const char *file);

/* Takes the snapshot over, also on failure (-ENOMEM; fn is then not called). */
int dump_job_start(uv_loop_t *loop, struct snapshot *snapshot, struct store *store, dump_job_fn fn,
		   void *context);

#endif
